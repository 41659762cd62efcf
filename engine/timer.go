package engine

// rank orders what is due at one moment: periods close and looks see the instant before it, then
// tasks expire and actions end their wait, then entity rows that time alone changes, then
// conditions, then offers and pools end, then scheduled rules.
type rank uint8

const (
	rankClose rank = iota
	rankLook
	rankTask
	rankDone
	rankRow
	rankWatch
	rankOffer
	rankEvery
)

// timer is one thing that falls due. Every (rank, node, handle) has at most one timer, so moving
// it replaces the older moment and nothing stale is ever fired.
type timer struct {
	at     int64
	rank   rank
	node   int32
	handle int32 // the subject; -1 for looks and schedules
	pos    int32 // its number among the scheduled timers, -1: not scheduled
}

// timers is a heap over (moment, rank, node, id of the subject). Nodes are numbered by qualified
// name, so the order of equal moments depends on nothing else. It is a heap of our own, because
// container/heap goes through an interface and a pointer for every comparison; the moments stand
// in the heap itself, four children to a node, and where a timer is in the heap stands in a list
// of its own: timers lie scattered with their subjects, and moving one must not touch the others.
type timers struct {
	list  []due
	where []int32  // by number: index in list
	all   []*timer // by number
	free  []int32  // numbers to be given again
	id    func(*timer) string
}

type due struct {
	at int64
	n  int32
}

func (q *timers) less(a, b due) bool {
	if a.at != b.at {
		return a.at < b.at
	}
	return q.before(q.all[a.n], q.all[b.n])
}

// before orders timers of one moment.
func (q *timers) before(a, b *timer) bool {
	switch {
	case a.rank != b.rank:
		return a.rank < b.rank
	case a.node != b.node:
		return a.node < b.node
	case a.handle < 0 || b.handle < 0 || a.rank == rankOffer:
		// Records that wait for somebody come in the order in which they were first heard of.
		return a.handle < b.handle
	}
	return q.id(a) < q.id(b)
}

func (q *timers) put(i int, d due) {
	q.list[i] = d
	q.where[d.n] = int32(i)
}

func (q *timers) up(i int) {
	d := q.list[i]
	for i > 0 {
		parent := (i - 1) / 4
		if !q.less(d, q.list[parent]) {
			break
		}
		q.put(i, q.list[parent])
		i = parent
	}
	q.put(i, d)
}

func (q *timers) down(i int) {
	d := q.list[i]
	for {
		child := 4*i + 1
		if child >= len(q.list) {
			break
		}
		for c, end := child+1, min(child+4, len(q.list)); c < end; c++ {
			if q.less(q.list[c], q.list[child]) {
				child = c
			}
		}
		if !q.less(q.list[child], d) {
			break
		}
		q.put(i, q.list[child])
		i = child
	}
	q.put(i, d)
}

// set schedules a timer, or moves it.
func (q *timers) set(t *timer, at int64) {
	if t.pos < 0 {
		q.number(t)
		t.at = at
		q.list = append(q.list, due{at, t.pos})
		q.up(len(q.list) - 1)
		return
	}
	was, i := t.at, int(q.where[t.pos])
	t.at, q.list[i].at = at, at
	switch {
	case at < was:
		q.up(i)
	case at > was:
		q.down(i)
	}
}

func (q *timers) number(t *timer) {
	if n := len(q.free); n > 0 {
		t.pos = q.free[n-1]
		q.free, q.all[t.pos] = q.free[:n-1], t
		return
	}
	t.pos = int32(len(q.all))
	q.all, q.where = append(q.all, t), append(q.where, 0)
}

// stop takes a timer out.
func (q *timers) stop(t *timer) {
	if t.pos < 0 {
		return
	}
	i, last := int(q.where[t.pos]), len(q.list)-1
	moved := q.list[last]
	q.list = q.list[:last]
	q.free, q.all[t.pos] = append(q.free, t.pos), nil
	t.pos = -1
	if i == last {
		return
	}
	q.put(i, moved)
	q.down(i)
	q.up(int(q.where[moved.n]))
}

// next returns the first timer without taking it, or nil.
func (q *timers) next() *timer {
	if len(q.list) == 0 {
		return nil
	}
	return q.all[q.list[0].n]
}
