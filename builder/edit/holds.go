package edit

import (
	"reflect"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// change is what an operation is to do to the lines of the policy, and all it may do.
type change struct {
	gone *syntax.Line // taken out
	put  string       // put in, as the at-th line of into once gone is out
	into block
	at   int
	as   reflect.Type // what the line was that is moved: it must be that where it goes; nil: anything
}

// shape is a line by its words and the lines of its block.
type shape struct {
	own  string
	kids []shape
	line *syntax.Line
}

func shapes(lines []*syntax.Line) []shape {
	out := make([]shape, 0, len(lines))
	for _, l := range lines {
		out = append(out, shape{strings.Join(words(l), "\x00"), shapes(l.Lines()), l})
	}
	return out
}

func same(a, b shape) bool { return a.own == b.own && slices.EqualFunc(a.kids, b.kids, same) }

// holds does the edits and compares what the lines then are with what they are to be. However
// strange the text, nothing beside what was meant changes.
func (t *Text) holds(edits []source.Edit, want change) error {
	what := strings.Join(tokens(want.put), " ")
	if want.gone != nil {
		what = strings.Join(words(want.gone), " ")
	}
	if !apart(edits) {
		return &Refused{Why: WouldChange, What: what}
	}
	after := t.Apply(edits)
	for i, f := range t.trees {
		if after.trees[i].Mended() && !f.Mended() {
			return &Refused{Why: LeftOpen, What: strings.TrimSpace(want.put)}
		}
		got, old := shapes(after.trees[i].Lines), shapes(f.Lines)
		if want.gone != nil && want.gone.File() == f {
			old = taken(old, want.gone)
		}
		if want.put != "" && want.into.file == f {
			var fits bool
			if got, fits = want.takeNew(got, old); !fits {
				return &Refused{Why: DoesNotFit, What: what}
			}
		}
		if !slices.EqualFunc(got, old, same) {
			return &Refused{Why: WouldChange, What: what}
		}
	}
	return nil
}

// taken is the shapes without a line.
func taken(all []shape, l *syntax.Line) []shape {
	out := make([]shape, 0, len(all))
	for _, s := range all {
		if s.line != l {
			s.kids = taken(s.kids, l)
			out = append(out, s)
		}
	}
	return out
}

// takeNew takes what was put in out of the new shapes, if it is there, once and whole. Fits is
// false where it was moved and is now something else.
func (c change) takeNew(got, old []shape) (rest []shape, fits bool) {
	if c.into.head != nil {
		for i, s := range old {
			if i < len(got) && s.line == c.into.head {
				kids, fits := c.takeFrom(got[i].kids, len(s.kids))
				got = slices.Clone(got)
				got[i].kids = kids
				return got, fits
			}
		}
		for i, s := range old {
			if i < len(got) && len(s.kids) > 0 && holdsLine(s, c.into.head) {
				kids, fits := c.takeNew(got[i].kids, s.kids)
				got = slices.Clone(got)
				got[i].kids = kids
				return got, fits
			}
		}
		return got, true
	}
	return c.takeFrom(got, len(old))
}

func holdsLine(s shape, l *syntax.Line) bool {
	return s.line == l || slices.ContainsFunc(s.kids, func(k shape) bool { return holdsLine(k, l) })
}

func (c change) takeFrom(got []shape, old int) ([]shape, bool) {
	n := len(got) - old
	if n < 1 || c.at+n > len(got) {
		return got, true
	}
	put := got[c.at : c.at+n]
	var have []string
	for _, s := range put {
		have = append(have, tokensOf(s.line)...)
	}
	if !slices.Equal(separated(have), separated(tokens(c.put))) {
		return got, true
	}
	rest := slices.Delete(slices.Clone(got), c.at, c.at+n)
	return rest, c.as == nil || reflect.TypeOf(put[0].line.Node) == c.as
}

// tokensOf are the words of a line with its block.
func tokensOf(l *syntax.Line) []string {
	s := l.Whole()
	return tokens(l.File().Text[s.Off:s.End])
}

// separated leaves out what only parts lines.
func separated(words []string) []string {
	return slices.DeleteFunc(words, func(w string) bool { return w == ";" || w == "；" })
}
