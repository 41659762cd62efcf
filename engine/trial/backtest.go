package trial

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/record"
)

// Difference is one thing that two policies decide differently about one subject at one moment.
type Difference struct {
	Moment  int64
	What    string // outcome, finding, score, task, alert open, …
	Rule    string // qualified, as the new policy calls it; "" of an outcome
	Subject string // Type/id
	Person  string // id of whom the subject is of, where that is known
	Region  string
	Old     string // what the old policy says; "" where it says nothing
	New     string
	InOld   bool
	InNew   bool

	zone *time.Location
}

// Backtest is two policies over the same log.
type Backtest struct {
	Records     int
	From, To    int64 // moments of the first and the last record
	Old, New    []Tally
	Differences int
	First       *Difference // nil: they decide alike
	Rules       []Count     // differences by rule, and so on, by name
	People      []Count
	Regions     []Count
	Reach       Reach

	zone  *time.Location
	names map[string]string // what the new policy calls the old one's declarations
}

// Reach is how much of what was decided a policy would have decided otherwise.
type Reach struct {
	Decisions int // under whichever policy made more of them
	Differ    int // of those: moments of a subject at which something differs
	Subjects  int // that this is about
}

// Percent is the share of decisions that differ.
func (r Reach) Percent() float64 {
	if r.Decisions == 0 {
		return 0
	}
	return 100 * min(1, float64(r.Differ)/float64(r.Decisions))
}

// Count is how many differences have a name in common.
type Count struct {
	Name                     string
	OnlyOld, OnlyNew, Change int
}

// All is the sum.
func (c Count) All() int { return c.OnlyOld + c.OnlyNew + c.Change }

// BacktestOptions say how a backtest is run. The zero value runs it on one goroutine and tells only
// the sums.
type BacktestOptions struct {
	Options
	Each     func(*Difference) error // told every difference, in order
	Progress func(done int)          // told how many records are through
	Both     func(one, other func()) // runs two functions, at once if it likes; nil: in turn
	From     int64                   // what differs before this moment is not told and not counted
	Sides    func(old, new *Side)    // told before anything is decided: what both are, to look at
}

// Side is one of the policies of a backtest while it goes on. It is looked at by the log's own
// goroutine, before the log hands out the next record.
type Side struct{ s *side }

// Engine is the policy's state, to be read only.
func (s *Side) Engine() *engine.Engine { return s.s.engine }

// Made is how many decisions were made from where differences count.
func (s *Side) Made() int { return s.s.made }

// backtestBatch is how many records both policies decide on before they are compared.
const backtestBatch = 1024

// RunBacktest decides on a log under two policies and compares what they say. Nothing is carried
// out, and the result depends on nothing but policies and log: not on goroutines, not on the
// machine. Declarations that were renamed with `was` are the same ones.
func RunBacktest(old, new *policy.Policy, log Log, o BacktestOptions) (*Backtest, error) {
	if o.Both == nil {
		o.Both = func(one, other func()) { one(); other() }
	}
	a, err := newSide(old, log, o.Options, renamed(new))
	if err != nil {
		return nil, err
	}
	b, err := newSide(new, log, o.Options, nil)
	if err != nil {
		return nil, err
	}
	a.from, b.from = o.From, o.From
	if o.Sides != nil {
		o.Sides(&Side{a}, &Side{b})
	}
	a.twin, b.twin = record.NewTwin(a.decoder, b.decoder), record.NewTwin(b.decoder, a.decoder)
	c := &comparison{old: a, new: b, o: &o, sum: &Backtest{zone: b.engine.Zone(), names: a.names},
		rules: counts{}, people: counts{}, regions: counts{}, met: map[met]bool{},
		subjects: map[string]bool{}}
	var batch []Input
	err = log(func(in Input) error {
		if !in.Pause {
			batch = append(batch, in)
		}
		if !in.Pause && len(batch) < backtestBatch {
			return nil
		}
		err := c.batch(batch)
		batch = batch[:0]
		if err == nil && in.Pause {
			err = c.pass(in.Moment)
		}
		return err
	})
	if err == nil && len(batch) > 0 {
		err = c.batch(batch)
	}
	return c.done(), err
}

// comparison is a backtest on its way.
type comparison struct {
	old, new               *side
	o                      *BacktestOptions
	sum                    *Backtest
	rules, people, regions counts
	met                    map[met]bool // what differs
	subjects               map[string]bool
}

// met is a subject at a moment.
type met struct {
	moment  int64
	subject string
}

// pass lets time pass on both sides.
func (c *comparison) pass(to int64) error {
	if c.sum.Records == 0 || to <= max(c.old.end, c.new.end) {
		return nil
	}
	c.o.Both(func() { c.old.pass(to) }, func() { c.new.pass(to) })
	return c.compare()
}

func (c *comparison) batch(list []Input) error {
	if len(list) == 0 {
		return nil
	}
	c.read(list)
	if c.sum.Records == 0 {
		c.new.rec = &c.new.recs[0]
		c.sum.From = c.new.moment(list[0])
	}
	c.o.Both(func() { c.old.run(list) }, func() { c.new.run(list) })
	c.sum.Records += len(list)
	if c.o.Progress != nil {
		c.o.Progress(c.sum.Records)
	}
	return c.compare()
}

// read decodes a batch once for both sides: each decodes a half, and gives the other a copy where
// both policies read such records alike.
func (c *comparison) read(list []Input) {
	c.old.room(len(list))
	c.new.room(len(list))
	half := len(list) / 2
	c.o.Both(func() { c.old.readFor(c.new, list, 0, half) },
		func() { c.new.readFor(c.old, list, half, len(list)) })
	c.o.Both(c.old.readRest(list), c.new.readRest(list))
}

// compare walks through what both sides say, in one order. What only one says is a difference; two
// things said of the same, and not alike, are one.
func (c *comparison) compare() error {
	olds, news := c.old.facts, c.new.facts
	olds, news = apart(olds, news)
	for len(olds) > 0 || len(news) > 0 {
		var a, b *fact
		switch order := order(olds, news); {
		case order < 0:
			a, olds = &olds[0], olds[1:]
		case order > 0:
			b, news = &news[0], news[1:]
		default:
			a, b, olds, news = &olds[0], &news[0], olds[1:], news[1:]
		}
		if err := c.tell(a, b); err != nil {
			return err
		}
	}
	return nil
}

// order says which side's next fact comes first; 0 where both are about the same.
func order(olds, news []fact) int {
	switch {
	case len(olds) == 0:
		return 1
	case len(news) == 0:
		return -1
	}
	return olds[0].key(&news[0])
}

// apart leaves out what both sides say.
func apart(olds, news []fact) (a, b []fact) {
	i, j := 0, 0
	for i < len(olds) && j < len(news) {
		switch n := olds[i].compare(&news[j]); {
		case n < 0:
			a = append(a, olds[i])
			i++
		case n > 0:
			b = append(b, news[j])
			j++
		default:
			i, j = i+1, j+1
		}
	}
	return append(a, olds[i:]...), append(b, news[j:]...)
}

func (c *comparison) tell(a, b *fact) error {
	d := Difference{InOld: a != nil, InNew: b != nil, zone: c.sum.zone}
	side, f := c.new, b
	if b == nil {
		side, f = c.old, a
	}
	if f.moment < c.o.From {
		return nil
	}
	c.met[met{f.moment, f.of}] = true
	c.subjects[f.of] = true
	d.Moment, d.What, d.Rule, d.Subject = f.moment, f.what, f.rule, f.of
	d.Person, d.Region = side.whose.of(f)
	if a != nil {
		d.Old = a.text()
	}
	if b != nil {
		d.New = b.text()
	}
	if d.What == "outcome" { // the record is there on both sides, and accepted on the silent one
		d.Old, d.New = cmp.Or(d.Old, "accepted"), cmp.Or(d.New, "accepted")
		d.InOld, d.InNew = true, true
	}
	c.sum.Differences++
	if c.sum.First == nil {
		c.sum.First = &d
	}
	c.rules.add(d.Rule, &d)
	c.people.add(d.Person, &d)
	c.regions.add(d.Region, &d)
	if c.o.Each == nil {
		return nil
	}
	return c.o.Each(&d)
}

func (c *comparison) done() *Backtest {
	c.sum.To = max(c.old.end, c.new.end)
	c.sum.Old, c.sum.New = c.old.tally.all(c.old.policy, 0), c.new.tally.all(c.new.policy, 0)
	c.sum.Reach = Reach{max(c.old.made, c.new.made), len(c.met), len(c.subjects)}
	c.sum.Rules, c.sum.People, c.sum.Regions = c.rules.list(), c.people.list(), c.regions.list()
	return c.sum
}

// counts are differences by what they have in common.
type counts map[string]*Count

func (c counts) add(name string, d *Difference) {
	if name == "" {
		return
	}
	n := c[name]
	if n == nil {
		n = &Count{Name: name}
		c[name] = n
	}
	switch {
	case d.InOld && d.InNew:
		n.Change++
	case d.InOld:
		n.OnlyOld++
	default:
		n.OnlyNew++
	}
}

func (c counts) list() []Count {
	var out []Count
	for _, n := range c { //tidy:order sorted below
		out = append(out, *n)
	}
	slices.SortFunc(out, func(a, b Count) int { return strings.Compare(a.Name, b.Name) })
	return out
}
