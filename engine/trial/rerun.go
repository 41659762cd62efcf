package trial

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/explain"
	"github.com/throughline/throughline/engine/record"
)

// Rerun is one entry of a log that is decided again, as it was or with a fact changed before it:
// what an allocation would have done is not worked out but done.
type Rerun struct {
	Policy *policy.Policy
	Of     *policy.Allocation
	ID     string // of the record that was given out
	State  []byte // a snapshot of the engine before the entry
	Line   []byte // the record that the entry took in; nil: time alone did it
	Moment int64  // of the entry

	tried int
}

// Tried is how often the entry was decided again.
func (r *Rerun) Tried() int { return r.tried }

// engine is a fresh engine in the state before the entry.
func (r *Rerun) engine() (*engine.Engine, error) {
	e, err := engine.New(r.Policy, engine.Options{})
	if err != nil {
		return nil, err
	}
	return e, e.Restore(r.State)
}

// Winner decides again, with records put before the entry, and says who gets what was given out.
func (r *Rerun) Winner(facts ...string) (who string, err error) {
	e, err := r.engine()
	if err != nil {
		return "", err
	}
	who, err = r.run(e, facts)
	return who, err
}

func (r *Rerun) run(e *engine.Engine, facts []string) (who string, err error) {
	r.tried++
	dec := record.NewDecoder(r.Policy, e.Zone())
	var in record.Record
	quiet := func(*engine.Entry, *decision.Decision) {}
	for _, f := range facts {
		dec.Decode([]byte(f), &record.Defaults{Received: e.Now(), Stamped: true}, &in)
		if in.Reject != nil {
			return "", fmt.Errorf("a changed fact is no record: %s", f)
		}
		e.Apply(&engine.Entry{Kind: decision.Record, Moment: e.Now(), Record: &in}, quiet)
	}
	found := false
	look := func(_ *engine.Entry, d *decision.Decision) {
		for i := range d.Accounts {
			a := &d.Accounts[i]
			if !found && a.Rule.Full == r.Of.Full && a.Record.ID == r.ID && !a.Claim {
				if found = true; a.Winner >= 0 {
					who = a.IDs[a.Winner]
				}
			}
		}
	}
	if r.Line == nil {
		e.Advance(r.Moment, look)
		return who, nil
	}
	dec.Decode(r.Line, &record.Defaults{Received: r.Moment, Stamped: true}, &in)
	e.Apply(&engine.Entry{Kind: decision.Record, Moment: r.Moment, Record: &in}, look)
	return who, nil
}

// Moved is what the allocation reads of somebody, before and after.
func (r *Rerun) Moved(who string) (list []explain.Moved, err error) {
	e, err := r.engine()
	if err != nil {
		return nil, err
	}
	for _, f := range r.read(false) {
		list = append(list, explain.Moved{Field: f, Before: r.value(e, f, who)})
	}
	if _, err := r.run(e, nil); err != nil {
		return nil, err
	}
	for i := range list {
		list[i].After = r.value(e, list[i].Field, who)
	}
	return list, nil
}

// read lists the fields of a candidate that the allocation reads: those that are stored, also
// behind computed ones, or those that it names.
func (r *Rerun) read(stored bool) (list []*policy.Field) {
	var look func(x *policy.Expr, self bool)
	look = func(x *policy.Expr, self bool) {
		kind.Visit(x, func(x *policy.Expr) bool {
			if x.Op != policy.OpField || x.Field.Of != r.Of.To || x.Field.System != policy.NotSystem {
				return true
			}
			if b := x.Args[0].Op; b != policy.OpCandidate && !(self && b == policy.OpSelf) {
				return true
			}
			switch {
			case slices.Contains(list, x.Field):
			case stored && x.Field.Compute != nil:
				look(x.Field.Compute, true)
			default:
				list = append(list, x.Field)
			}
			return true
		})
	}
	for _, x := range []*policy.Expr{r.Of.Where, r.Of.Limit, r.Of.Share} {
		if x != nil {
			look(x, false)
		}
	}
	for i := range r.Of.Weigh {
		look(r.Of.Weigh[i].X, false)
	}
	return list
}

func (r *Rerun) value(e *engine.Engine, f *policy.Field, who string) value.Value {
	self := &policy.Expr{Op: policy.OpSelf, Type: policy.Type{Kind: value.Ref, Record: r.Of.To}}
	v, _ := e.Program(&policy.Expr{Op: policy.OpField, Field: f, Type: f.Type,
		Args: []*policy.Expr{self}}).Ask(r.Of.To, who)
	v.S = strings.Clone(v.S) // the engine goes on
	if v.Known() && v.Kind == value.Ref {
		v.S = e.ID(f.Type.Record, v.N)
	}
	return v
}

// mostValues is how many values of others are tried for one field.
const mostValues = 8

// Changes are the facts about somebody with which the record would have been theirs: one of their
// fields as another candidate has it, or the nearest number that does it; or fewer records of
// theirs. Each was decided again.
func (r *Rerun) Changes(who string) (list []explain.Change, err error) {
	e, err := r.engine()
	if err != nil {
		return nil, err
	}
	for _, f := range r.read(true) {
		from := r.value(e, f, who)
		to, ok, err := r.fact(e, f, who, from)
		if err != nil {
			return nil, err
		}
		if ok {
			list = append(list, explain.Change{Field: f, From: from, To: to})
		}
	}
	n, err := r.fewer(e, who)
	if n > 0 {
		list = append(list, explain.Change{Fewer: n})
	}
	return list, err
}

// fact finds a value of a field that would have done.
func (r *Rerun) fact(
	e *engine.Engine, f *policy.Field, who string, from value.Value,
) (to value.Value, ok bool, err error) {
	for _, v := range r.others(e, f, who, from) {
		switch ok, err = r.wins(f, who, v); {
		case err != nil:
			return v, false, err
		case ok:
			return r.nearest(f, who, from, v)
		}
	}
	return to, false, nil
}

// others are the values that are tried: those of other candidates, and for truths the other one.
func (r *Rerun) others(
	e *engine.Engine, f *policy.Field, who string, from value.Value,
) (list []value.Value) {
	add := func(v value.Value) {
		same := func(x value.Value) bool { return x.N == v.N && x.S == v.S }
		if v.Known() && !slices.ContainsFunc(list, same) && !(from.Known() && same(from)) &&
			len(list) < mostValues {
			list = append(list, v)
		}
	}
	if f.Type.Kind == value.Bool {
		add(value.OfBool(true))
		add(value.OfBool(false))
		return list
	}
	for _, id := range e.IDs(r.Of.To) {
		if id != who {
			add(r.value(e, f, id))
		}
	}
	switch f.Type.Kind {
	case value.Int:
		for _, n := range []int64{0, 2 * from.N, 10 * from.N, 1000} {
			add(value.OfWord(value.Int, n))
		}
	case value.Number, value.Percent:
		for _, x := range []float64{0, 2 * from.Float(), 10 * from.Float(), 1000} {
			add(value.OfFloat(f.Type.Kind, x))
		}
	}
	return list
}

// wins decides again with a field changed.
func (r *Rerun) wins(f *policy.Field, who string, v value.Value) (bool, error) {
	w := decision.NewWriter(r.Policy, decision.Options{})
	line := append(value.AppendQuoted([]byte(`{"type":`), r.Of.To.Full), `,"id":`...)
	line = append(value.AppendQuoted(line, who), ',')
	line = append(value.AppendQuoted(line, f.Name), ':')
	if v.Kind == value.Ref {
		line = value.AppendQuoted(line, v.S)
	} else {
		line = w.AppendValueJSON(line, f.Type, v)
	}
	got, err := r.Winner(string(append(line, '}')))
	return got == who, err
}

// nearest halves the way from what a number is to one that does, as long as it does; a number with
// a point is told with two places.
func (r *Rerun) nearest(
	f *policy.Field, who string, from, to value.Value,
) (value.Value, bool, error) {
	unit := int64(1)
	switch f.Type.Kind {
	case value.Int:
	case value.Number, value.Percent:
		unit = 100
	default:
		return to, true, nil
	}
	steps := func(v value.Value) int64 {
		if f.Type.Kind == value.Int {
			return v.N
		}
		return int64(math.Round(v.Float() * float64(unit)))
	}
	at := func(n int64) value.Value {
		if f.Type.Kind == value.Int {
			return value.OfWord(value.Int, n)
		}
		return value.OfFloat(f.Type.Kind, float64(n)/float64(unit))
	}
	if !from.Known() {
		return to, true, nil
	}
	no, yes := steps(from), steps(to)
	for yes-no > 1 || no-yes > 1 {
		mid := no + (yes-no)/2
		ok, err := r.wins(f, who, at(mid))
		if err != nil {
			return to, false, err
		}
		if ok {
			yes, to = mid, at(mid)
		} else {
			no = mid
		}
	}
	return to, true, nil
}

// mostFewer is how many records fewer are tried at most.
const mostFewer = 64

// fewer is how many records fewer, the latest first, would have done; 0: no number would.
func (r *Rerun) fewer(e *engine.Engine, who string) (int, error) {
	self := &policy.Expr{Op: policy.OpSelf, Type: policy.Type{Kind: value.Ref, Record: r.Of.Of}}
	owner := e.Program(&policy.Expr{Op: policy.OpField, Field: r.Of.Field, Type: r.Of.Field.Type,
		Args: []*policy.Expr{self}})
	var facts []string
	ids := e.IDs(r.Of.Of)
	for i := len(ids) - 1; i >= 0 && len(facts) < mostFewer; i-- {
		v, _ := owner.Ask(r.Of.Of, ids[i])
		if v.Known() && e.ID(r.Of.To, v.N) == who && ids[i] != r.ID {
			facts = append(facts, `{"type":`+strconv.Quote(r.Of.Of.Full)+`,"id":`+
				string(value.AppendQuoted(nil, ids[i]))+`,"deleted":true}`)
		}
	}
	wins := func(n int) (bool, error) {
		got, err := r.Winner(facts[:n]...)
		return got == who, err
	}
	if len(facts) == 0 {
		return 0, nil
	}
	if ok, err := wins(len(facts)); !ok || err != nil {
		return 0, err
	}
	no, yes := 0, len(facts)
	for yes-no > 1 {
		mid := (no + yes) / 2
		ok, err := wins(mid)
		if err != nil {
			return 0, err
		}
		if ok {
			yes = mid
		} else {
			no = mid
		}
	}
	return yes, nil
}
