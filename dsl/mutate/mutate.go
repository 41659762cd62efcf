// Package mutate makes small changes to a policy's text, one at a time, that its tests should
// notice: a threshold moved, an operator turned, a part of a condition left out, a rule switched
// off. What no test notices is what no test holds.
//
// The changes are edits of the text, so that they can be shown as a person would have made them.
// They are found by walking the parsed lines by reflection: a new construct of the language is
// changed as soon as its line holds expressions and amounts. A change that the checker refuses, or
// that means the same, is no mutant.
package mutate

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
)

// What is the sort of change.
type What uint8

// The sorts of changes.
const (
	Threshold What = iota // a number of a condition or value
	Operator              // a comparison, a connective or a sign of arithmetic
	Function              // min for max, first for last
	Weight                // a weight of a score
	Duration              // how long, how often, how many in a row
	Window                // of an aggregate
	Period                // of a look or a schedule
	Dropped               // a part of a condition, a row, a property, an effect
	Off                   // a declaration switched off
	whats
)

// String is the sort as JSON writes it.
func (w What) String() string {
	return [...]string{"threshold", "operator", "function", "weight", "duration", "window", "period",
		"dropped", "off"}[w]
}

// A Mutant is one change.
type Mutant struct {
	What   What
	Decl   string        // the declaration it stands in, as written
	Place  source.Span   // what is changed
	Around source.Span   // the declaration
	Old    string        // what stands there
	New    string        // what stands there instead; "" where it is left out
	Edits  []source.Edit // in the policy's files
}

// Set is the mutants of one policy. It is not safe for concurrent use.
type Set struct {
	of      *policy.Policy
	files   []source.File // what is checked again
	index   []int         // of files in the policy's Files
	all     []Mutant
	checker dsl.Checker
}

// Of makes the mutants of a policy's own files, in the order of the text. Tests are left alone.
func Of(p *policy.Policy) *Set {
	s := &Set{of: p}
	for i, f := range p.Files {
		if !strings.HasSuffix(f.Name, ".thru") || strings.HasPrefix(f.Name, "std/") {
			continue
		}
		s.files, s.index = append(s.files, f), append(s.index, i)
		if path.Dir(f.Name) == "." {
			s.all = append(s.all, inFile(int32(i), f)...)
		}
	}
	return s
}

// Len is how many changes there are, before the checker has seen them.
func (s *Set) Len() int { return len(s.all) }

// Mutant returns one change.
func (s *Set) Mutant(i int) *Mutant { return &s.all[i] }

// Place returns what a change touches, and the declaration around it.
func (s *Set) Place(i int) (place, around source.Span) { return s.all[i].Place, s.all[i].Around }

// Policy returns the policy with one change; false where it is no policy any more or means the
// same as before.
func (s *Set) Policy(i int) (*policy.Policy, bool) {
	files := slices.Clone(s.files)
	for at, file := range s.index {
		files[at].Text = apply(files[at].Text, s.all[i].Edits, int32(file))
	}
	p, diags := s.checker.Check(files, s.of.Settings)
	if dsl.HasErrors(diags) || bytes.Equal(p.Hash[:], s.of.Hash[:]) {
		return nil, false
	}
	return p, true
}

// apply makes the edits of one file; they do not overlap.
func apply(text string, edits []source.Edit, file int32) string {
	var own []source.Edit
	for _, e := range edits {
		if e.Span.File == file {
			own = append(own, e)
		}
	}
	slices.SortFunc(own, func(a, b source.Edit) int { return int(b.Span.Off - a.Span.Off) })
	for _, e := range own {
		text = text[:e.Span.Off] + e.New + text[e.Span.End:]
	}
	return text
}
