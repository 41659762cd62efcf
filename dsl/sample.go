package dsl

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// The journey of an imported package is a sample: it is in force only where it is used. What the
// package's text reads of it all the same has a plain meaning (reference, section 2): with a
// journey of the workspace's own over the same entity it is that one's, and a stage which that one
// does not have is unknown; with none, no record is in a stage and every record is open.

// sampleOf is the journey over an entity that an imported package's text sees and that is not in
// force; nil where there is none.
func (s *scope) sampleOf(r *policy.Record) *policy.Journey {
	if s.pkg == s.c.own || r == nil {
		return nil
	}
	seen := []*pkg{s.pkg}
	seen = append(seen, s.pkg.bare...)
	for _, p := range s.c.packages { // in order of their paths
		for _, a := range s.pkg.aliases { //tidy:order whether it is among them is the same in any order
			if a.pkg == p && !slices.Contains(seen, p) {
				seen = append(seen, p)
			}
		}
	}
	for _, p := range seen {
		for _, name := range p.order {
			d := p.names[name]
			if d.kind == isJourney && d.of == r && d.journey != nil && p != s.c.own {
				return d.journey
			}
		}
	}
	return nil
}

// sampled reads stage, stage_since or open of an entity that has no journey in force.
func (s *scope) sampled(r *policy.Record, name string, at source.Span) *policy.Expr {
	if s.c.journeys[r] != nil {
		return nil
	}
	j := s.sampleOf(r)
	if j == nil || j.Stage == nil {
		return nil
	}
	switch name {
	case "open":
		return constOf(value.OfBool(true), boolType(), at)
	case "stage":
		return absent(j.Stage.Type, at)
	case "stage_since":
		return absent(j.Since.Type, at)
	}
	return nil
}

// absent is a value of a type that is missing.
func absent(t policy.Type, at source.Span) *policy.Expr {
	t.Maybe = true
	return constOf(value.Value{}, t, at)
}

// otherStage reads the name of a stage that the sample has and the workspace's own journey has not.
func (s *scope) otherStage(want *policy.Type, name string, at source.Span) *policy.Expr {
	if s.pkg == s.c.own {
		return nil
	}
	for r, j := range s.c.journeys { //tidy:order one journey at most has these stages
		if j.Stage == nil || j.Stage.Type.Choice != want.Choice {
			continue
		}
		sample := s.sampleOf(r)
		if sample == nil || sample == j || sample.Stage == nil ||
			valueNamed(sample.Stage.Type.Choice, name) < 0 {
			return nil
		}
		s.noteStage(name, j, at)
		return absent(*want, at)
	}
	return nil
}

// noteStage says once of each stage, where the package is imported, that the workspace's journey
// does not have it.
func (s *scope) noteStage(name string, j *policy.Journey, at source.Span) {
	for _, a := range s.c.own.aliases { //tidy:order what is told is sorted by its place
		if a.pkg == s.pkg {
			s.c.tell(source.StageElsewhere, a.span, s.pkg.path, name, j.Name).Related =
				[]source.Related{{Span: at, Code: source.FirstHere}}
			return
		}
	}
}
