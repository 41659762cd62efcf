package floor

// Kind is what an event of the stream tells.
type Kind uint8

// A visit has a score, an order an amount.
const (
	Visit Kind = iota
	Inquiry
	Order
)

const (
	day  = 86400
	week = 7 * day
	// StreamSeconds is how long the stream runs; windows are at most as long.
	StreamSeconds = 90 * day
)

// An Event of the stream. No two have the same second.
type Event struct {
	Seq      int32
	At       int32 // second
	Customer int32
	Amount   int32
	Kind     Kind
	Rep      uint8
	Score    uint8 // 0 to 100
}

// Events spreads n events evenly over 90 days, in order of time: 40 % visits, 45 % inquiries, 15 %
// orders, some customers busier than others and mostly with one rep.
func Events(n, customers, reps int) []Event {
	r := random(4242)
	level := make([]int, reps)
	for i := range level {
		level[i] = 50 + r.below(30)
	}
	out := make([]Event, n)
	for i := range out {
		from := int64(i) * StreamSeconds / int64(n)
		to := int64(i+1) * StreamSeconds / int64(n)
		e := &out[i]
		e.Seq, e.At = int32(i), int32(from+int64(r.below(int(to-from))))
		a, b := r.below(customers), r.below(customers)
		e.Customer = int32(max(a, b))
		if r.below(3) == 0 {
			e.Customer = int32(r.below(customers))
		}
		e.Rep = uint8(int(e.Customer) % reps)
		if r.below(5) == 0 {
			e.Rep = uint8(r.below(reps))
		}
		switch k := r.below(100); {
		case k < 40:
			// A rep has good and bad weeks, so that two bad ones in a row occur.
			luck := int(mix(uint64(e.Rep)*1000+uint64(e.At/week)) % 21)
			e.Score = uint8(min(100, max(0, level[e.Rep]-10+luck+r.below(21)-10)))
		case k < 85:
			e.Kind = Inquiry
		default:
			e.Kind, e.Amount = Order, int32(1000+r.below(1_000_000))
		}
	}
	return out
}

// Sums is what a run over the stream comes to: equal sums mean equal results at every event.
type Sums struct {
	// The features after each event, each times the event's weight.
	Count7, Count30, Amount90, Reps30, Gap int64
	// Segment notifications, and a sum over their moments and customers.
	Enter, Leave, Segment int64
	// Alerts about reps, and a sum over their weeks and reps.
	Weeks, Week int64
}

// Features are what is known about a customer after one of its events.
type Features struct {
	Count7   int64 // events in 7 days
	Count30  int64 // events in 30 days
	Amount90 int64 // sum of amounts in 90 days
	Reps30   int64 // distinct reps in 30 days
	Gap      int64 // seconds since the event before
}

// AddFeatures counts what was known after an event.
func (s *Sums) AddFeatures(seq int32, f Features) {
	w := int64(seq%997 + 1)
	s.Count7 += w * f.Count7
	s.Count30 += w * f.Count30
	s.Amount90 += w * f.Amount90
	s.Reps30 += w * f.Reps30
	s.Gap += w * f.Gap
}

// AddSegment counts a customer that enters the segment at a second, or leaves it.
func (s *Sums) AddSegment(customer, at int32, enter bool) {
	h := int64(at) * int64(customer%997+1)
	if enter {
		s.Enter++
		s.Segment += h
	} else {
		s.Leave++
		s.Segment += 2 * h
	}
}

// AddWeek counts an alert about a rep, told at the end of a week.
func (s *Sums) AddWeek(rep, week int64) {
	s.Weeks++
	s.Week += (rep + 1) * (week + 1)
}
