package trial

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
)

// A Size is who is in a segment as things stand.
type Size struct {
	Of      *policy.Record
	Records int // of the type
	Members []string
	Parts   []SizePart
	Rows    bool // the parts are rows of which one holds; else conditions that must all hold
	Quick   bool // by the conditions at this moment alone, not by who entered and left
	Asked   bool // every record was asked each condition
}

// A SizePart is one condition, or one row, by itself.
type SizePart struct {
	Expr    *policy.Expr // nil: every other record
	Holds   int          // of so many records
	Unknown int          // of so many it cannot be said
	IDs     []string     // the first of those of whom it holds
}

// Bounds on what a size names and asks.
const (
	MostNamed = 50     // ids that a part names
	MostAsked = 20_000 // records of whom each condition is asked; of more only who is in is told
)

// SizeOf says who is in a segment of an engine's policy: as the engine has let them in and out, so
// that what unknown and `check` do is in it. Each condition is also asked by itself.
func SizeOf(e *engine.Engine, s *policy.Segment) *Size {
	x := begun(s.Of, e)
	conds := Conditions(s)
	x.Rows = s.Tiers != nil
	x.Parts = make([]SizePart, len(conds))
	e.Within(s, func(id string, row int) {
		x.Members = append(x.Members, id)
		if x.Rows {
			x.Parts[row].holds(id)
		}
	})
	x.ask(e, conds, func(id string, said []value.Tri) {
		for i, v := range said {
			p := &x.Parts[i]
			switch {
			case v == value.Unknown:
				p.Unknown++
			case v == value.True && !x.Rows:
				p.holds(id)
			}
		}
	})
	return x
}

// SizeIf says who would be in a segment with other conditions than an engine's policy has, if all
// entered at this moment. The conditions are of that policy and read what it keeps; nil is `else`.
func SizeIf(e *engine.Engine, of *policy.Record, conds []*policy.Expr, rows bool) *Size {
	x := begun(of, e)
	x.Rows, x.Quick, x.Parts = rows, true, make([]SizePart, len(conds))
	x.ask(e, conds, func(id string, said []value.Tri) {
		all, first := true, -1
		for i, v := range said {
			p := &x.Parts[i]
			switch {
			case v == value.Unknown:
				p.Unknown++
			case v == value.True && !rows:
				p.holds(id)
			}
			if v != value.False && first < 0 {
				first = i
			}
			all = all && v == value.True
		}
		switch {
		case rows && first >= 0 && said[first] == value.True:
			x.Parts[first].holds(id)
		case rows || !all:
			return // nobody can say that an unknown row before does not hold
		}
		x.Members = append(x.Members, id)
	})
	return x
}

// Conditions are those of a segment, each by itself: its rows, else what must all hold.
func Conditions(s *policy.Segment) (out []*policy.Expr) {
	for _, t := range s.Tiers {
		out = append(out, t.When)
	}
	return Conjuncts(out, s.When)
}

// Conjuncts appends what a condition's topmost `and` joins.
func Conjuncts(out []*policy.Expr, x *policy.Expr) []*policy.Expr {
	if x == nil {
		return out
	}
	if x.Op != policy.OpAnd {
		return append(out, x)
	}
	for _, a := range x.Args {
		out = Conjuncts(out, a)
	}
	return out
}

func begun(of *policy.Record, e *engine.Engine) *Size {
	return &Size{Of: of, Records: len(e.IDs(of))}
}

// ask asks every record each condition, where they are few enough.
func (x *Size) ask(e *engine.Engine, conds []*policy.Expr, hear func(string, []value.Tri)) {
	programs := make([]*engine.Program, len(conds))
	for i, c := range conds {
		x.Parts[i].Expr = c
		if c != nil {
			programs[i] = e.Program(c)
		}
	}
	if x.Asked = x.Records <= MostAsked; !x.Asked {
		return
	}
	said := make([]value.Tri, len(conds))
	for _, id := range e.IDs(x.Of) {
		for i, p := range programs {
			said[i] = value.True
			if p != nil {
				v, _ := p.Ask(x.Of, id) // it is one that the engine named
				said[i] = v.Tri()
			}
		}
		hear(id, said)
	}
}

func (p *SizePart) holds(id string) {
	if p.Holds++; len(p.IDs) < MostNamed {
		p.IDs = append(p.IDs, id)
	}
}
