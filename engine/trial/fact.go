package trial

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
)

// fact is one thing that a decision says, in a form in which two policies' decisions compare. An
// accepted record that nothing else is said of has none, so that most records cost nothing.
type fact struct {
	moment  int64
	what    string // outcome, finding, score, or an effect's kind with its state
	rule    string // by the name that the new policy calls it
	subject decision.Ref
	of      string // the subject, as text
	says    string
	number  float64 // of a score

	person string // the person that an event is of, which only its record knows
}

func (a *fact) compare(b *fact) int {
	return cmp.Or(a.key(b), strings.Compare(a.says, b.says), cmp.Compare(a.number, b.number))
}

// key orders facts by what they are about, whatever they say of it.
func (a *fact) key(b *fact) int {
	return cmp.Or(cmp.Compare(a.moment, b.moment), strings.Compare(a.rule, b.rule),
		strings.Compare(a.of, b.of), strings.Compare(a.what, b.what))
}

// text is what a fact says, for a person.
func (a *fact) text() string {
	if a.what == "score" {
		// More places than anybody means would only show how it was added up.
		return strconv.FormatFloat(math.Round(a.number*1e6)/1e6, 'f', -1, 64)
	}
	return a.says
}

// side is one of the two policies of a backtest.
type side struct {
	*feeder
	policy *policy.Policy
	w      *decision.Writer
	tally  *tallies
	names  names
	whose  *whose
	facts  []fact
	end    int64
	from   int64 // decisions from here on are counted
	made   int   // so many

	recs  []record.Record // of the batch in hand
	apart []bool          // of these, which the other side's decoder could not read for this one
	twin  *record.Twin    // of the other side's records
}

func newSide(p *policy.Policy, log Log, o Options, names names) (*side, error) {
	s := &side{policy: p, names: names}
	f, err := newFeeder(p, log, o.Engine, s.decided)
	if err != nil {
		return nil, err
	}
	s.feeder, s.tally = f, newTallies(f.engine)
	s.w = decision.NewWriter(p, decision.Options{Zone: f.engine.Zone(), Lang: o.Lang})
	s.whose = newWhose(p, f.engine)
	return s, nil
}

// room makes place for the records of a batch.
func (s *side) room(n int) {
	for len(s.recs) < n {
		s.recs = append(s.recs, record.Record{})
	}
	s.apart = append(s.apart[:0], make([]bool, n)...)
}

// readFor decodes some records of a batch, for the other side too.
func (s *side) readFor(other *side, batch []Input, from, to int) {
	for i := from; i < to; i++ {
		s.read(batch[i], &s.recs[i])
		other.apart[i] = !s.twin.Copy(&s.recs[i], &other.recs[i])
	}
}

// readRest decodes what the other side could not read for this one.
func (s *side) readRest(batch []Input) func() {
	return func() {
		for i := range batch {
			if s.apart[i] {
				s.read(batch[i], &s.recs[i])
			}
		}
	}
}

// run decides on a batch of records and collects what is said of them.
func (s *side) run(batch []Input) {
	s.facts = s.facts[:0]
	for i := range batch {
		s.rec = &s.recs[i]
		at := s.moment(batch[i])
		s.tally.until(at, s.emitted)
		s.apply(at)
		s.end = max(s.end, at)
	}
	slices.SortStableFunc(s.facts, func(a, b fact) int { return a.compare(&b) })
}

// pass lets time pass, and collects what falls due.
func (s *side) pass(to int64) {
	s.facts = s.facts[:0]
	s.tally.until(to, s.emitted)
	s.engine.Advance(to, s.emitted)
	s.end = max(s.end, to)
	slices.SortStableFunc(s.facts, func(a, b fact) int { return a.compare(&b) })
}

// decided turns a decision into facts.
func (s *side) decided(_ *engine.Entry, d *decision.Decision) {
	if d.Moment >= s.from {
		s.made++
	}
	moved := s.tally.saw(d)
	if moved.on != nil {
		s.add(d, fact{what: "stage", rule: moved.on.Full, subject: d.Record,
			says: s.names.stage(moved.on, moved.from) + " → " + s.names.stage(moved.on, moved.to)})
	}
	plain := d.Kind != decision.Record || d.Outcome == decision.Accepted
	if plain && len(d.Findings) == 0 && len(d.Scores) == 0 && len(d.Effects) == 0 &&
		len(d.Actions) == 0 {
		return
	}
	if !plain {
		s.add(d, fact{what: "outcome", subject: d.Record, says: d.Outcome.String()})
	}
	for i := range d.Findings {
		f := s.names.finding(d.Findings[i])
		s.add(d, fact{what: "finding", rule: f.Rule, subject: d.Record,
			says: string(f.Code) + " " + string(s.w.AppendFinding(nil, &f))})
	}
	for _, c := range d.Actions {
		if word := completionWord(c); word != "" {
			s.add(d, fact{what: "action", rule: c.Action.Full, subject: d.Record, says: word})
		}
	}
	for i := range d.Scores {
		if x := &d.Scores[i]; x.Known {
			s.add(d, fact{what: "score", rule: x.Score.Full, subject: d.Record, number: x.Value})
		}
	}
	for i := range d.Effects {
		if e := &d.Effects[i]; !e.Shadow {
			s.add(d, fact{what: effectWord(e), rule: e.Rule, subject: e.Subject, says: s.effect(e)})
		}
	}
}

// completionWord is what an event completes of an action; "" of what it does not.
func completionWord(c decision.Completion) string {
	switch {
	case c.Counted == value.True:
		return "verified"
	case c.Done == value.True:
		return "done"
	case c.Counted == value.Unknown:
		return "waiting"
	case c.Done == value.Unknown:
		return "missing"
	}
	return ""
}

func (s *side) add(d *decision.Decision, f fact) {
	f.moment = d.Moment
	f.rule = s.names.of(f.rule)
	if f.subject != (decision.Ref{}) {
		f.of = s.names.ref(f.subject)
	}
	if t := f.subject.Type; t != nil && t.Kind == policy.Event && f.subject == d.Record {
		f.person = s.whose.ofEvent(s.rec)
	}
	s.facts = append(s.facts, f)
}

func effectWord(e *decision.Effect) string {
	if state := e.State.String(); state != "" {
		return e.Kind.String() + " " + state
	}
	return e.Kind.String()
}

// effect is what an effect says beyond its kind, rule and subject.
func (s *side) effect(e *decision.Effect) string {
	b := s.w.AppendMessage(nil, e)
	word := func(w, text string) {
		if len(b) > 0 {
			b = append(b, ' ')
		}
		b = append(append(append(b, w...), ' '), text...)
	}
	for _, f := range e.For {
		word("for", s.names.ref(f))
	}
	if e.Kind == decision.Set && e.Effect != nil && e.Effect.Field != nil {
		f := e.Effect.Field
		word("set", s.names.ref(e.Target)+"."+s.names.field(f)+" = "+
			string(s.w.AppendValue(nil, f.Type, e.Value)))
	}
	if e.Tier != "" {
		word("tier", e.Tier)
	}
	if e.Due != 0 {
		word("due", string(value.AppendTime(nil, e.Due, s.w.Zone())))
	}
	return string(b)
}
