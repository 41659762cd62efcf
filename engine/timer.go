package engine

import "container/heap"

// rank orders what is due at one moment: looks see the instant before it and so come first, then
// entity rows that time alone changes, then conditions, then scheduled rules.
type rank uint8

const (
	rankLook rank = iota
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
// name, so the order of equal moments depends on nothing else.
type timers struct {
	list []*timer
	id   func(*timer) string
}

func (q *timers) Len() int { return len(q.list) }

func (q *timers) Less(i, j int) bool {
	a, b := q.list[i], q.list[j]
	switch {
	case a.at != b.at:
		return a.at < b.at
	case a.rank != b.rank:
		return a.rank < b.rank
	case a.node != b.node:
		return a.node < b.node
	case a.handle < 0 || b.handle < 0:
		return a.handle < b.handle
	}
	return q.id(a) < q.id(b)
}

func (q *timers) Swap(i, j int) {
	q.list[i], q.list[j] = q.list[j], q.list[i]
	q.list[i].pos, q.list[j].pos = int32(i), int32(j)
}

// Push is heap.Interface's; use set.
func (q *timers) Push(x any) {
	t := x.(*timer)
	t.pos = int32(len(q.list))
	q.list = append(q.list, t)
}

// Pop is heap.Interface's; use next and take.
func (q *timers) Pop() any {
	t := q.list[len(q.list)-1]
	q.list = q.list[:len(q.list)-1]
	t.pos = -1
	return t
}

// set schedules a timer, or moves it.
func (q *timers) set(t *timer, at int64) {
	if t.pos >= 0 {
		if t.at != at {
			t.at = at
			heap.Fix(q, int(t.pos))
		}
		return
	}
	t.at = at
	heap.Push(q, t)
}

// stop takes a timer out.
func (q *timers) stop(t *timer) {
	if t.pos >= 0 {
		heap.Remove(q, int(t.pos))
	}
}

// next returns the first timer without taking it, or nil.
func (q *timers) next() *timer {
	if len(q.list) == 0 {
		return nil
	}
	return q.list[0]
}
