package engine

import "github.com/throughline/throughline/dsl/policy"

// Known returns the seq of the entry that an event was taken in with, also where it was taken back
// since.
func (e *Engine) Known(r *policy.Record, id string) (seq uint64, ok bool) {
	t := e.events[r.Index]
	if t == nil {
		return 0, false
	}
	seq, _, ok = e.known(t, id)
	return seq &^ takenBack, ok
}

// Remembered is how many ids of events the engine holds in memory.
func (e *Engine) Remembered() (n int) {
	for _, t := range e.events {
		if t != nil {
			n += t.seen.n
		}
	}
	return n
}

// Forget hands out the ids of the events that were taken in since the last time, in no order, with
// the seqs of their entries, and forgets them: from now on Options.Older is asked for them. An id
// is valid until each returns. Of an event that was taken back the id is remembered for good.
func (e *Engine) Forget(each func(r *policy.Record, id string, seq uint64)) {
	for _, t := range e.events {
		if t == nil {
			continue
		}
		left := newIDSet()
		t.seen.each(func(id string, seq uint64) {
			if at := seq &^ takenBack; at > e.forgot {
				each(t.rec, id, at)
			}
			if seq&takenBack != 0 {
				left.set(id, seq)
			}
		})
		t.seen = left
	}
	e.forgot = e.seq
}

// Forgot returns the seq up to which the engine has forgotten ids; 0: it remembers all of them.
func (e *Engine) Forgot() uint64 { return e.forgot }

// Built returns the seq up to which the log was taken in as facts when this engine replaced another
// one; 0: it decided on all of it. The rows of decisions up to there are not this engine's.
func (e *Engine) Built() uint64 { return e.built }

// use notes that an event is taken in with the next entry.
func (e *Engine) use(t *eventType, id string, place claim) {
	t.seen.put(id, e.seq+1, place)
	t.used++
}
