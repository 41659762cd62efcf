package engine

// rank orders what is due at one moment: looks see the instant before it and so come first, then
// tasks expire, then entity rows that time alone changes, then conditions, then scheduled rules.
type rank uint8

const (
	rankLook rank = iota
	rankTask
	rankRow
	rankWatch
	rankEvery
)

// timer is one thing that falls due. Every (rank, node, handle) has at most one timer, so moving
// it replaces the older moment and nothing stale is ever fired.
type timer struct {
	at     int64
	rank   rank
	node   int32
	handle int32 // the subject; -1 for looks and schedules
	pos    int32 // index in the heap, -1: not scheduled
}

// timers is a heap over (moment, rank, node, id of the subject). Nodes are numbered by qualified
// name, so the order of equal moments depends on nothing else. It is a heap of our own, because
// container/heap goes through an interface and a pointer for every comparison; the moments stand
// in the heap itself, four children to a node, so that most comparisons stay in one cache line.
type timers struct {
	list []due
	id   func(*timer) string
}

type due struct {
	at int64
	t  *timer
}

func (q *timers) less(a, b due) bool {
	if a.at != b.at {
		return a.at < b.at
	}
	return q.before(a.t, b.t)
}

// before orders timers of one moment.
func (q *timers) before(a, b *timer) bool {
	switch {
	case a.rank != b.rank:
		return a.rank < b.rank
	case a.node != b.node:
		return a.node < b.node
	case a.handle < 0 || b.handle < 0:
		return a.handle < b.handle
	}
	return q.id(a) < q.id(b)
}

func (q *timers) put(i int, d due) {
	q.list[i] = d
	d.t.pos = int32(i)
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
		for c := child + 1; c < min(child+4, len(q.list)); c++ {
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
		t.at = at
		q.list = append(q.list, due{at, t})
		q.up(len(q.list) - 1)
		return
	}
	was := t.at
	t.at, q.list[t.pos].at = at, at
	switch {
	case at < was:
		q.up(int(t.pos))
	case at > was:
		q.down(int(t.pos))
	}
}

// stop takes a timer out.
func (q *timers) stop(t *timer) {
	if t.pos < 0 {
		return
	}
	i, last := int(t.pos), len(q.list)-1
	moved := q.list[last]
	q.list[last] = due{}
	q.list = q.list[:last]
	t.pos = -1
	if i == last {
		return
	}
	q.put(i, moved)
	q.down(i)
	q.up(int(moved.t.pos))
}

// next returns the first timer without taking it, or nil.
func (q *timers) next() *timer {
	if len(q.list) == 0 {
		return nil
	}
	return q.list[0].t
}
