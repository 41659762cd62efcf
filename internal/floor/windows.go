package floor

// Windows keeps, for every customer, counts over 7 and 30 days, the sum of amounts over 90, the
// distinct reps of 30 and the gap since the event before; whether the customer is in the segment
// of 3 inquiries and no order in 7 days, told at the exact second, also when only time passes; and
// for every rep whether the mean visit score was below 60 in two calendar weeks running.
// A window holds the events later than its length ago.
type Windows struct {
	Sums      Sums
	customers []customer
	timers    []timer // a queue: every timer has the same delay
	fired     int
	week      int32
	score     []int32 // by rep, this week
	visits    []int32
	wasLow    []bool
}

type customer struct {
	events                []entry
	from7, from30, from90 int32 // where each window begins in events
	inquiries7, orders7   int32
	distinct30            int32
	amount90              int64
	last                  int32
	in                    bool
	byRep                 []uint16 // events of 30 days by rep
}

type entry struct {
	at     int32
	amount int32
	rep    uint8
	kind   Kind
}

type timer struct{ due, customer int32 }

// NewWindows makes room for that many customers and reps.
func NewWindows(customers, reps int) *Windows {
	w := &Windows{
		customers: make([]customer, customers),
		score:     make([]int32, reps), visits: make([]int32, reps), wasLow: make([]bool, reps),
	}
	arena := make([]uint16, customers*reps)
	for i := range w.customers {
		w.customers[i].last = -1
		w.customers[i].byRep = arena[i*reps : (i+1)*reps : (i+1)*reps]
	}
	return w
}

// Push takes the next event.
func (w *Windows) Push(e *Event) {
	w.advance(e.At)
	c := &w.customers[e.Customer]
	c.expire7(e.At)
	c.expire(e.At)
	c.events = append(c.events, entry{e.At, e.Amount, e.Rep, e.Kind})
	if c.byRep[e.Rep]++; c.byRep[e.Rep] == 1 {
		c.distinct30++
	}
	c.amount90 += int64(e.Amount)
	gap := int64(0)
	if c.last >= 0 {
		gap = int64(e.At - c.last)
	}
	c.last = e.At
	switch e.Kind {
	case Inquiry:
		c.inquiries7++
		w.timers = append(w.timers, timer{e.At + week, e.Customer})
	case Order:
		c.orders7++
		w.timers = append(w.timers, timer{e.At + week, e.Customer})
	default:
		w.score[e.Rep] += int32(e.Score)
		w.visits[e.Rep]++
	}
	n := int32(len(c.events))
	w.Sums.AddFeatures(e.Seq, Features{
		int64(n - c.from7), int64(n - c.from30), c.amount90, int64(c.distinct30), gap,
	})
	w.judge(c, e.Customer, e.At)
}

// Finish lets time pass to the end of the stream.
func (w *Windows) Finish() { w.advance(StreamSeconds + 1) }

// advance fires what is due before now: a customer's window shrinks, a week ends.
func (w *Windows) advance(now int32) {
	for w.fired < len(w.timers) && w.timers[w.fired].due < now {
		t := w.timers[w.fired]
		c := &w.customers[t.customer]
		c.expire7(t.due)
		w.judge(c, t.customer, t.due)
		w.fired++
	}
	if w.fired > 1<<16 && w.fired*2 > len(w.timers) {
		n := copy(w.timers, w.timers[w.fired:])
		w.timers, w.fired = w.timers[:n], 0
	}
	for ended := now / week; w.week < ended; w.week++ {
		for rep := range w.score {
			low := w.visits[rep] > 0 && w.score[rep] < 60*w.visits[rep]
			if low && w.wasLow[rep] {
				w.Sums.AddWeek(int64(rep), int64(w.week))
			}
			w.wasLow[rep] = low
			w.score[rep], w.visits[rep] = 0, 0
		}
	}
}

func (w *Windows) judge(c *customer, id, now int32) {
	if in := c.inquiries7 >= 3 && c.orders7 == 0; in != c.in {
		c.in = in
		w.Sums.AddSegment(id, now, in)
	}
}

func (c *customer) expire7(now int32) {
	for int(c.from7) < len(c.events) && c.events[c.from7].at <= now-week {
		switch c.events[c.from7].kind {
		case Inquiry:
			c.inquiries7--
		case Order:
			c.orders7--
		}
		c.from7++
	}
}

// expire moves the windows that no timer watches; they are looked at only after an event.
func (c *customer) expire(now int32) {
	for int(c.from30) < len(c.events) && c.events[c.from30].at <= now-30*day {
		n := &c.byRep[c.events[c.from30].rep]
		if *n--; *n == 0 {
			c.distinct30--
		}
		c.from30++
	}
	for int(c.from90) < len(c.events) && c.events[c.from90].at <= now-90*day {
		c.amount90 -= int64(c.events[c.from90].amount)
		c.from90++
	}
}
