package fair

import (
	"fmt"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/engine/slots"
	"github.com/throughline/throughline/engine/trial"
)

// Book is the records of a period that the allocation can depend on, decoded once, to be gone
// through under as many rules as one likes: a slider's every move is a Play.
type Book struct {
	policy   *policy.Policy
	of       *policy.Allocation
	ask      Questions
	decoder  *record.Decoder
	records  []record.Record
	moments  []int64
	theirs   []bool // by record: an event of whoever had, or was offered, what it is about
	from, to int64
	last     int64
	was      *Play
}

// Options say what of a book is counted.
type Options struct {
	Questions
	From, Until int64 // records that came in [From, Until); 0: no bound

	whole bool // nothing is left out, for tests
}

// NewBook reads a log under a policy, and goes through it once as it was.
func NewBook(p *policy.Policy, of *policy.Allocation, log trial.Log, o Options) (*Book, error) {
	b := &Book{policy: p, of: of, ask: o.Questions, from: o.From, to: o.Until}
	e, err := started(p)
	if err != nil {
		return nil, err
	}
	b.decoder = record.NewDecoder(p, e.Zone())
	now := int64(0)
	needs := needed(p, of, &b.ask)
	err = log(func(in trial.Input) error {
		def := record.Defaults{}
		if in.Stamped {
			def = record.Defaults{Received: in.Moment, Stamped: true}
		}
		b.records = append(b.records, record.Record{})
		r := &b.records[len(b.records)-1]
		b.decoder.Decode(in.Line, &def, r)
		switch {
		case in.Stamped:
			now = max(now, in.Moment)
		case r.Received != 0:
			now = max(now, r.Received)
		}
		b.last = now
		if !o.whole && !needs.takes(r, now) {
			b.records = b.records[:len(b.records)-1]
			return nil
		}
		b.moments = append(b.moments, now)
		return nil
	})
	if err != nil {
		return nil, err
	}
	b.theirs = make([]bool, len(b.records))
	b.was = b.run(e, of, true)
	return b, nil
}

// Was is the period as it was.
func (b *Book) Was() *Play { return b.was }

// Records is how many records the book holds: those that nothing asked here reads are left out.
func (b *Book) Records() int { return len(b.records) }

// Last is the moment of the last record.
func (b *Book) Last() int64 { return b.last }

// Play goes through the book under another policy, which has the same types and an allocation of
// the same reference. Records are given out by the rule alone, also those that came with somebody.
// What somebody did about a record is done by whoever has it now, and it closes when it did: what a
// rule changes is who, not how long.
func (b *Book) Play(p *policy.Policy) (*Play, error) {
	i := slices.IndexFunc(p.Allocations, func(a *policy.Allocation) bool {
		return a.Full == b.of.Full
	})
	if i < 0 {
		return nil, fmt.Errorf("play: no allocation is called %s", b.of.Full)
	}
	e, err := started(p)
	if err != nil {
		return nil, err
	}
	return b.run(e, p.Allocations[i], false), nil
}

// started is an engine for a policy without what nobody asks for: rules and alerts that only tell
// people something, and the rows of assignments.
func started(p *policy.Policy) (*engine.Engine, error) {
	for _, a := range p.Aggregates {
		if a.Source != nil && a.Source.Kept { // it counts tasks, alerts or assignments
			return engine.New(p, engine.Options{})
		}
	}
	return engine.New(lean(p), engine.Options{NoAssignments: true})
}

func lean(p *policy.Policy) *policy.Policy {
	x := *p
	x.Alerts, x.Rules = nil, nil
	for _, r := range p.Rules {
		if slices.ContainsFunc(r.Do, func(e *policy.Effect) bool {
			return e.Kind == policy.Set || e.Kind == policy.Assign || e.Kind == policy.Pool
		}) {
			x.Rules = append(x.Rules, r)
		}
	}
	return &x
}

// run goes through the book on an engine.
func (b *Book) run(e *engine.Engine, a *policy.Allocation, asItWas bool) *Play {
	r := newReader(e, a, &b.ask)
	r.from = b.from
	if b.to != 0 {
		r.until = b.to
	}
	twin := record.NewTwin(b.decoder, record.NewDecoder(e.Policy(), e.Zone()))
	var one record.Record
	emit := r.saw
	for i := range b.records {
		in := &b.records[i]
		if twin.Copy(in, &one) {
			in = &one
			switch {
			case asItWas:
				b.theirs[i] = r.theirs(in)
			case !r.recast(in, b.theirs[i]):
				continue
			}
		}
		e.Apply(&engine.Entry{Kind: decision.Record, Moment: b.moments[i], Record: in}, emit)
	}
	p := r.done()
	p.Records, p.From, p.Until = len(b.records), b.from, b.to
	if b.from != 0 || b.to != 0 {
		p.Cases = slices.DeleteFunc(p.Cases, func(c Case) bool {
			return c.Came < b.from || b.to != 0 && c.Came >= b.to
		})
	}
	return p
}

// holder is the id of whoever has a record.
func (r *reader) holder(id string) (string, bool) {
	i, ok := r.p.byID[id]
	if !ok || r.p.Cases[i].To < 0 {
		return "", false
	}
	return r.p.People[r.p.Cases[i].To].ID, true
}

// theirs reports whether an event is of whoever had what it is about, or was offered it.
func (r *reader) theirs(in *record.Record) bool {
	if in.Type.Builtin && in.Type.Name == "Accept" {
		id, ok := idOf(r.a.Of, in.Text("record"))
		by, _ := idOf(r.a.To, in.Text("by"))
		return ok && r.with(id, by)
	}
	t := r.touches[in.Type]
	if t == nil {
		return false
	}
	for _, its := range t.its {
		for _, f := range t.who {
			if r.with(in.Refs[its.Index], in.Refs[f.Index]) {
				return true
			}
		}
	}
	return false
}

// with reports whether somebody has a record, or is one of several to whom it is offered.
func (r *reader) with(id, who string) bool {
	if has, ok := r.holder(id); ok {
		return has == who
	}
	return slices.Contains(r.offered(id), who)
}

// offered lists to whom a record is offered, where that are several: nobody has it yet.
func (r *reader) offered(id string) []string {
	if r.a.Offer <= 1 {
		return nil
	}
	if h := r.e.HeldBy(r.a.Full, id); h.Phase == "offered" {
		return h.Among
	}
	return nil
}

// does is who does now what somebody did about a record then: whoever has it, else one of those to
// whom it is offered, the same one where he is among them and else the first.
func (r *reader) does(id, was string) (string, bool) {
	if who, ok := r.holder(id); ok {
		return who, true
	}
	list := r.offered(id)
	switch {
	case len(list) == 0:
		return "", false
	case slices.Contains(list, was):
		return was, true
	}
	return list[0], true
}

// recast makes a record what it would be if the rule alone gave out: false, if it would not be.
func (r *reader) recast(in *record.Record, theirs bool) bool {
	switch {
	case in.Type == r.a.Of:
		f := r.a.Field.Index
		in.Named[f>>6] &^= 1 << (f & 63)
		in.Null[f>>6] &^= 1 << (f & 63)
		in.Slots.Clear(f)
		in.Refs[f] = ""
	case in.Type.Builtin && in.Type.Name == "Claim":
		id, ok := idOf(r.a.Of, in.Text("record"))
		if !ok {
			return true
		}
		_, has := r.holder(id)
		return !has // it lies in no pool: nobody has to claim it
	case in.Type.Builtin && in.Type.Name == "Accept":
		id, ok := idOf(r.a.Of, in.Text("record"))
		if !ok || !theirs {
			return true
		}
		by, _ := idOf(r.a.To, in.Text("by"))
		who, has := r.does(id, by)
		setText(in, "by", who)
		return has
	case theirs:
		t := r.touches[in.Type]
		for _, its := range t.its {
			if who, ok := r.does(in.Refs[its.Index], in.Refs[t.who[0].Index]); ok {
				in.Refs[t.who[0].Index] = who
				in.Slots.Mark(t.who[0].Index)
			}
		}
	}
	return true
}

func setText(in *record.Record, name, text string) {
	for i, f := range in.Type.Fields {
		if f.Name == name {
			var s *slots.Slots = &in.Slots
			s.S[in.Layout.Pos[i]] = strings.Clone(text)
			s.Mark(i)
		}
	}
}
