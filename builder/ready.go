package builder

import (
	"slices"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/trial"
)

// Bounds on the conditions that are offered: more are found by writing them.
const (
	mostReady  = 60
	mostValues = 8 // of a choice
)

// readies makes the conditions that a `when` may be given by hand: those that other declarations
// about the same records have, and the plainest about each field and event.
type readies struct {
	p    *policy.Policy
	in   string // the vocabulary of the file
	list []view.Ready
	seen map[string]bool
}

// ready are the conditions offered to a line; nil: it is none that is made of conditions.
func (x *drafting) ready(l *syntax.Line, parts []piece) []view.Ready {
	word := l.Written(0)
	if en := english()[word]; en != "" {
		word = en
	}
	of := x.of
	if word != "when" || of == nil || of.Of == nil || of.Of.Kind != policy.Entity ||
		!slices.Contains([]string{"segment", "alert", "rule"}, of.Kind.Word) {
		return nil
	}
	r := &readies{p: x.policy, in: x.in, seen: map[string]bool{}}
	for _, p := range parts {
		r.seen[p.text(l)] = true
	}
	speak := say.In(x.lang)
	r.others(of, speak)
	r.events(of.Of, speak)
	r.fields(of.Of, speak)
	return r.list[:min(len(r.list), mostReady)]
}

func (r *readies) add(text, from string) {
	if text != "" && !r.seen[text] {
		r.seen[text] = true
		r.list = append(r.list, view.Ready{Text: text, From: from, Find: findable(text, from)})
	}
}

func (r *readies) word(en string) string { return syntax.WordIn(en, "", r.in) }

// others are the conditions of other declarations, as they are written there.
func (r *readies) others(of *kind.Decl, speak say.Speaker) {
	for _, d := range kind.All(r.p) {
		if d.Of != of.Of || d.Head.Full == of.Head.Full || !d.Kind.State {
			continue
		}
		for i := range d.Parts {
			p := &d.Parts[i]
			if p.Expr == nil || p.Role != kind.Condition && p.Role != kind.Row {
				continue
			}
			for _, c := range trial.Conjuncts(nil, p.Expr) {
				if c.Op != policy.OpOr && int(c.Span.File) < len(r.p.Files) && !c.Span.IsZero() {
					r.add(r.p.Files[c.Span.File].Text[c.Span.Off:c.Span.End], speak.Name(d.Head))
				}
			}
		}
	}
}

// fields are the plainest conditions about each field.
func (r *readies) fields(of *policy.Record, speak say.Speaker) {
	for _, f := range of.Fields {
		name := speak.FieldName(f)
		switch {
		case f.System != policy.NotSystem || f.Personal != nil:
		case f.Type.Kind == value.Choice && f.Type.Choice != nil:
			for _, v := range f.Type.Choice.Values[:min(len(f.Type.Choice.Values), mostValues)] {
				r.add(f.Name+" == "+v.Name, name)
			}
		case f.Type.Kind == value.Bool:
			r.add(f.Name, name)
			r.add(r.word("not")+" "+f.Name, name)
		case f.Type.Maybe:
			r.add(r.word("has")+" "+f.Name, name)
		}
	}
}

// events count what happened to a record.
func (r *readies) events(of *policy.Record, speak say.Speaker) {
	month := "30d"
	if r.in == "zh" {
		month = "30天"
	}
	for _, e := range r.p.Records {
		refers := func(f *policy.Field) bool {
			return f.Type.Kind == value.Ref && f.Type.Record == of && f.System == policy.NotSystem
		}
		if e.Kind != policy.Event || e.Builtin || !slices.ContainsFunc(e.Fields, refers) {
			continue
		}
		count := r.word("count") + "(" + e.Name + " " + r.word("in") + " " + month + ")"
		r.add(count+" >= 1", speak.Name(&e.Head))
		r.add(count+" == 0", speak.Name(&e.Head))
	}
}

// joins is where a condition that is offered goes in a line, and what is offered.
func (x *drafting) joins(out *view.Drafted, l *syntax.Line, whole piece) *view.Joins {
	parts := conjuncts(l, whole)
	list := x.ready(l, parts)
	if list == nil {
		return nil
	}
	j := &view.Joins{ID: out.ID + "-j", Join: x.wordOf("and"), Index: whole.from,
		Count: whole.to - whole.from, Was: whole.text(l), List: list,
		Label: words.ReadyFind.With(out.Name).In(x.lang)}
	if j.Now = j.Was; parts == nil { // an "or" binds looser
		j.Now = "(" + j.Was + ")"
	}
	return j
}

func (x *drafting) wordOf(en string) string { return syntax.WordIn(en, "", x.in) }
