package trial

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/internal/calendar"
)

// Tally is what one declaration would have done over a log.
type Tally struct {
	Kind  string // of declaration: rule, alert, segment, journey
	Name  string
	Fired uint64 // a rule fired, an alert opened, somebody entered, a record moved

	// Of alerts and segments: how long each stay was, in microseconds. One that goes on counts up
	// to the end of the log.
	Stays  int
	Open   int // of these still open at the end
	Total  int64
	Median int64
}

// Did is how often a declaration would have made something of one kind happen.
type Did struct {
	Kind decision.EffectKind
	N    uint64
}

// doing is a declaration and a kind of effect of its.
type doing struct {
	rule string
	kind decision.EffectKind
}

// tallies counts what declarations do.
type tallies struct {
	engine *engine.Engine
	day    int64 // in hand
	end    int64 // when it is over; 0: none yet
	fired  map[string]uint64
	days   map[string][]daily
	moved  map[string]uint64 // records on a journey, today
	open   map[stay]int64    // since when
	lasted map[string][]lasting
	did    map[doing][]daily

	travels *travels
}

// daily is how often something fired on one day.
type daily struct {
	day int64
	n   uint64
}

type stay struct {
	name    string
	subject decision.Ref
}

// lasting is how long a stay was, and on which day it began.
type lasting struct{ day, micro int64 }

func newTallies(e *engine.Engine) *tallies {
	return &tallies{engine: e, fired: map[string]uint64{}, days: map[string][]daily{},
		moved: map[string]uint64{}, open: map[stay]int64{}, lasted: map[string][]lasting{},
		did:     map[doing][]daily{},
		travels: newTravels(e)}
}

// until counts what has happened up to a moment, day by day: what falls due on the way to a record
// belongs to its own day.
func (t *tallies) until(moment int64, emit engine.Emit) {
	if t.end == 0 {
		t.begin(moment)
	}
	for moment >= t.end {
		if at, due := t.engine.NextDue(); due && at < t.end {
			t.engine.Advance(t.end-1, emit)
		}
		t.close()
		next := moment
		if at, due := t.engine.NextDue(); due {
			next = min(at, next)
		}
		t.begin(next)
	}
}

// begin makes the day of a moment the one in hand.
func (t *tallies) begin(moment int64) {
	t.day = calendar.DateOf(moment, t.engine.Zone())
	t.end = value.LocalTime((t.day+1)*value.Day, t.engine.Zone())
}

// close ends the day in hand.
func (t *tallies) close() {
	for name, c := range t.engine.Counters() { //tidy:order each has a list of its own
		if n := c.Fired - t.fired[name]; n > 0 {
			t.days[name] = append(t.days[name], daily{t.day, n})
			t.fired[name] = c.Fired
		}
	}
	for name, n := range t.moved { //tidy:order each has a list of its own
		t.days[name] = append(t.days[name], daily{t.day, n})
	}
	clear(t.moved)
}

// move is where a decision has taken its record; on is nil where it has not.
type move struct {
	on       *policy.Journey
	from, to string
}

// saw notes the alerts and segments that a decision opens and ends, and whom it moves.
func (t *tallies) saw(d *decision.Decision) (m move) {
	if m.on, m.from, m.to = t.travels.saw(d); m.on != nil {
		t.moved[m.on.Full]++
	}
	for i := range d.Effects {
		e := &d.Effects[i]
		if e.Effect != nil && !e.Shadow {
			t.does(doing{e.Rule, e.Kind})
		}
		k := stay{e.Rule, e.Subject}
		switch e.State {
		case decision.Open, decision.Enter:
			t.open[k] = d.Moment
		case decision.Resolved, decision.Withdrawn, decision.Leave:
			if since, is := t.open[k]; is {
				t.last(k, since, d.Moment)
				delete(t.open, k)
			}
		}
	}
	return m
}

// does counts one effect on the day in hand.
func (t *tallies) does(k doing) {
	list := t.did[k]
	if n := len(list); n > 0 && list[n-1].day == t.day {
		list[n-1].n++
		return
	}
	t.did[k] = append(list, daily{t.day, 1})
}

func (t *tallies) last(k stay, since, until int64) {
	day := calendar.DateOf(since, t.engine.Zone())
	t.lasted[k.name] = append(t.lasted[k.name], lasting{day, until - since})
}

// all returns the tallies of what happened on the last days up to the log's end; 0 days are all.
// It ends the counting.
func (t *tallies) all(p *policy.Policy, days int64) []Tally {
	t.close()
	from := t.from(days)
	still := map[string]int{}
	for k, since := range t.open { //tidy:order lengths are sorted below
		if calendar.DateOf(since, t.engine.Zone()) >= from {
			still[k.name]++
		}
		t.last(k, since, t.engine.Now())
	}
	clear(t.open)
	var out []Tally
	for _, d := range kind.All(p) {
		if !d.Kind.State {
			continue
		}
		x := Tally{Kind: d.Kind.Word, Name: d.Head.Full, Open: still[d.Head.Full]}
		for _, n := range t.days[x.Name] {
			if n.day >= from {
				x.Fired += n.n
			}
		}
		x.lengths(t.lasted[x.Name], from)
		out = append(out, x)
	}
	slices.SortStableFunc(out, func(a, b Tally) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// from is the first of the last days; 0 days are all.
func (t *tallies) from(days int64) int64 {
	if days > 0 {
		return calendar.DateOf(t.engine.Now(), t.engine.Zone()) - days + 1
	}
	return -1 << 62
}

// made is what each declaration made happen from a day on, by kind.
func (t *tallies) made(from int64) map[string][]Did {
	out := map[string][]Did{}
	for k := decision.Task; k < decision.Alert; k++ {
		for of, days := range t.did { //tidy:order each rule has one of this kind
			n := uint64(0)
			for _, day := range days {
				if day.day >= from {
					n += day.n
				}
			}
			if of.kind == k && n > 0 {
				out[of.rule] = append(out[of.rule], Did{k, n})
			}
		}
	}
	return out
}

// lengths sums up how long stays were. The median of an even count is the mean of the middle two.
func (x *Tally) lengths(all []lasting, from int64) {
	var list []int64
	for _, l := range all {
		if l.day >= from {
			list = append(list, l.micro)
			x.Total += l.micro
		}
	}
	slices.Sort(list)
	x.Stays = len(list)
	if n := len(list); n > 0 {
		x.Median = list[(n-1)/2] + (list[n/2]-list[(n-1)/2])/2
	}
}
