package ask

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
)

// A ToReview is one line of proof that a person has to look at.
type ToReview struct {
	ID, Rule, Record, Person, Strength string
	At                                 int64 // when what it is about happened
}

// Reviews lists what waits for a review, in the order in which it came, as far as it is seen. A
// Review event of its record settles all lines of that.
func (s *Sight) Reviews() (out []ToReview) {
	of := s.types["Finding"]
	if of == nil {
		return nil
	}
	for _, id := range s.e.IDs(of) {
		text := func(name string) string { return s.cell(of, id, name).S }
		if text("verdict") != decision.Said(policy.Review).String() || !s.Sees(of, id) ||
			s.cell(of, id, "settled").Known() {
			continue
		}
		out = append(out, ToReview{ID: id, Rule: text("rule"), Record: text("record"),
			Person: text("person"), Strength: text("strength"), At: s.cell(of, id, "at").N})
	}
	slices.SortStableFunc(out, func(a, b ToReview) int { return int(min(1, max(-1, a.At-b.At))) })
	return out
}

// cell is a field of a row that the engine keeps.
func (s *Sight) cell(of *policy.Record, id, name string) value.Value {
	i := slices.IndexFunc(of.Fields, func(f *policy.Field) bool { return f.Name == name })
	if i < 0 {
		return value.Value{}
	}
	v, _ := s.value(decision.Ref{Type: of, ID: id}, of.Fields[i])
	return v
}

// A Handing is one record that is nobody's yet: it is offered to somebody, or lies in the pool.
type Handing struct {
	Rule   string // the allocation's qualified name
	Record decision.Ref
	engine.Held
	To decision.Ref // whom it is offered to
}

// Handings lists what is offered or can be claimed, by allocation and id. An offer is seen by who
// sees whom it is to; what can be claimed is seen by all, since it is nobody's.
func (s *Sight) Handings() (out []Handing) {
	if !s.view.All && s.person == nil {
		return nil
	}
	for _, a := range s.policy.Allocations {
		for _, id := range s.e.IDs(a.Of) {
			h := Handing{Rule: a.Full, Record: decision.Ref{Type: a.Of, ID: id},
				Held: s.e.HeldBy(a.Full, id)}
			switch h.Phase {
			case "pool", "nobody":
			case "offered":
				if h.To = (decision.Ref{Type: a.To, ID: h.Held.To}); !s.Sees(a.To, h.Held.To) {
					continue
				}
			default:
				continue
			}
			out = append(out, h)
		}
	}
	return out
}
