package runtime

// committer makes batches durable, in order, and then answers.
type committer struct {
	w    *Workspace
	log  Log
	todo []chore // snapshots and runs of ids that are being written, the oldest first
}

// run ends after the last batch. Between batches, and while there are none, it writes snapshots,
// a piece at a time.
func (c *committer) run() {
	c.w.ready <- struct{}{}
	for {
		b, open := c.next()
		if !open {
			return
		}
		if b != nil {
			if !c.commit(b) {
				return
			}
			c.w.ready <- struct{}{}
		}
		if len(c.todo) > 0 && !c.piece() {
			return
		}
	}
}

func (c *committer) next() (b *batch, open bool) {
	if len(c.todo) > 0 {
		select {
		case b, open = <-c.w.batches:
			return b, open || c.finish()
		default:
			return nil, true
		}
	}
	b, open = <-c.w.batches
	return b, open
}

// finish writes what is left of a snapshot before the workspace closes.
func (c *committer) finish() bool {
	for len(c.todo) > 0 && c.piece() {
	}
	return false
}

func (c *committer) commit(b *batch) bool {
	if len(b.Rows)+len(b.Redact) > 0 {
		if err := c.log.Append(&b.Batch); err != nil {
			c.w.die(err)
			return false
		}
	}
	for i := range b.inputs {
		if r := b.inputs[i].of; r != nil {
			if r.left--; r.left == 0 {
				r.done <- struct{}{}
			}
		}
	}
	if b.save != nil {
		c.todo = append(c.todo, b.save)
	}
	for b.drain && len(c.todo) > 0 {
		if !c.piece() {
			return false
		}
	}
	if b.barrier != nil {
		close(b.barrier)
	}
	return true
}

// piece writes one piece of a snapshot.
func (c *committer) piece() bool {
	done, err := c.todo[0].piece(c.log)
	if err != nil {
		c.w.die(err)
		return false
	}
	if done {
		c.todo = c.todo[1:]
	}
	return true
}
