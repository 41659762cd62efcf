package diff

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/syntax"
)

// called is a thing that a text of a detail calls by its name.
type called struct {
	kind.Thing
	shared bool // its label is another thing's as well
}

// labels are the names that a policy's things have, by their labels.
type labels map[string][]string

// labelsOf are the labels of a policy, worked out once.
func (d *differ) labelsOf(p *policy.Policy) labels {
	if l := d.labels[p]; l != nil {
		return l
	}
	l := labels{}
	add := func(t kind.Thing) {
		for _, lang := range []string{"en", "zh"} {
			text := labelIn(t.Label, lang)
			same := func(name string) bool { return strings.EqualFold(name, t.Name) } // level Level "级别"
			if text != "" && !slices.ContainsFunc(l[text], same) {
				l[text] = append(l[text], t.Name)
			}
		}
	}
	for _, x := range kind.All(p) {
		add(kind.Of(x.Head))
		for i := range x.Parts {
			for _, t := range append(x.Parts[i].Names, x.Parts[i].Tells...) {
				add(t)
			}
		}
	}
	d.labels[p] = l
	return l
}

// called are the things of a policy that have a label. A name that stands for two of them stays as
// it is: it cannot be told which is meant.
func (d *differ) called(p *policy.Policy, things ...kind.Thing) (out []called) {
	all := d.labelsOf(p)
	for _, t := range things {
		if t.Label == (policy.Text{}) || slices.ContainsFunc(things, func(u kind.Thing) bool {
			return u.Name == t.Name && u.Label != t.Label
		}) || slices.ContainsFunc(out, func(c called) bool { return c.Thing == t }) {
			continue
		}
		shared := func(lang string) bool { return len(all[labelIn(t.Label, lang)]) > 1 }
		out = append(out, called{t, shared("en") || shared("zh")})
	}
	return out
}

// about adds to a detail what its texts call, in the part as it was and as it is; nil: none.
func (d *differ) about(x Detail, was, is *kind.Part) Detail {
	if was != nil {
		x.names, x.olds = d.called(d.old, was.Names...), d.called(d.old, was.Calls()...)
	}
	if is != nil {
		x.names, x.news = d.called(d.new, is.Names...), d.called(d.new, is.Calls()...)
	}
	return x
}

// fullField is a field with the record that it is of.
func fullField(f *policy.Field) kind.Thing {
	in := func(lang string) string {
		of, own := labelIn(f.Of.Label, lang), labelIn(f.Label, lang)
		switch {
		case of == "" && own == "":
			return ""
		case of == "":
			of = f.Of.Name
		case own == "":
			own = f.Name
		}
		return of + "." + own
	}
	return kind.Thing{Name: f.Of.Full + "." + f.Name, Label: policy.Text{En: in("en"), Zh: in("zh")}}
}

// behind is a label with the name behind it, or the name where there is no other label.
func (s *saying) behind(name, label string) string {
	if label == "" || label == name {
		return name
	}
	return fmt.Sprintf(s.called, label, name)
}

// label calls the names in a text by their labels. The name stays behind where it is asked for,
// where the text is nothing else, and where several things have the label.
func (s *saying) label(text, lang string, of []called, behind bool) string {
	if len(of) == 0 {
		return text
	}
	var b strings.Builder
	for _, t := range syntax.Scan(text) {
		word := text[t.Off:t.End]
		i := slices.IndexFunc(of, func(c called) bool { return c.Name == word })
		if t.Kind != syntax.KindWord || i < 0 {
			b.WriteString(word)
			continue
		}
		label := labelIn(of[i].Label, lang)
		switch {
		case label == "" || behind || of[i].shared || word == text:
			word = s.behind(word, label)
		case strings.ContainsFunc(label, func(r rune) bool {
			return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
		}):
			word = "“" + label + "”" // so that it is seen where it ends
		default:
			word = label
		}
		b.WriteString(word)
	}
	return b.String()
}
