// Package measure tells how good the template library is as a whole: how many templates there are
// of each industry and package, and how much they repeat one another. A template is worth having
// only where its steps and its acceptance are its own.
package measure

import (
	"cmp"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/templates"
)

// Template is one action of a package.
type Template struct {
	Industry string
	Package  string // fmcg.listing
	Name     string
	Label    string
	Steps    []string // in Chinese
	Accept   string   // the acceptance condition as text, layout apart
	Shape    Shape

	grams   []uint64 // of the steps, nouns masked: see Alike
	action  *policy.Action
	version string // of its package
	title   string
}

// Library is all templates with what was wrong in their packages.
type Library struct {
	Templates []Template
	Faults    []string // diagnostics that are not notes
}

// Load reads the embedded library.
func Load() (*Library, error) {
	l := &Library{}
	for _, dir := range templates.Folders() {
		p, diags, err := dsl.Load(templates.Files, dir)
		if err != nil {
			return nil, err
		}
		for _, d := range diags {
			if d.Code.Severity() != source.Note {
				l.Faults = append(l.Faults, dir+": "+string(d.Code)+": "+source.Render(d, "en"))
			}
		}
		l.read(dir, p)
	}
	return l, nil
}

// read takes the templates out of a package.
func (l *Library) read(dir string, p *policy.Policy) {
	industry, _, _ := strings.Cut(dir, "/")
	mask, shape := nouns(p), shapes(p)
	for _, a := range p.Actions {
		if int(a.Span.File) >= p.Own {
			continue // of a package it imports
		}
		t := Template{Industry: industry, Package: p.Package, Name: a.Name, Label: chinese(a.Label),
			action: a, version: p.Settings.Version, title: p.Settings.Title, Shape: *shape[a]}
		for _, s := range a.Steps {
			t.Steps = append(t.Steps, chinese(s.Text))
		}
		if a.Done != nil {
			text := p.Files[a.Done.Span.File].Text
			t.Accept = strings.Join(strings.Fields(text[a.Done.Span.Off:a.Done.Span.End]), " ")
		}
		t.grams = bigrams(mask.Replace(strings.Join(t.Steps, "\n")))
		l.Templates = append(l.Templates, t)
	}
}

func chinese(t policy.Text) string { return cmp.Or(t.Zh, t.Main) }

// nouns replaces what a package's own declarations are called by one sign: two templates that
// differ by these alone are one.
func nouns(p *policy.Policy) *strings.Replacer {
	var words []string
	add := func(t policy.Text) {
		if w := chinese(t); len([]rune(w)) > 1 {
			words = append(words, w)
		}
	}
	for _, r := range p.Records {
		add(r.Label)
		for _, f := range r.Fields {
			add(f.Label)
		}
	}
	for _, c := range p.Choices {
		for _, v := range c.Values {
			add(v.Label)
		}
	}
	slices.SortFunc(words, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b)) // longest first
	})
	var pairs []string
	for _, w := range slices.Compact(words) {
		pairs = append(pairs, w, "N")
	}
	return strings.NewReplacer(pairs...)
}

// bigrams are the pairs of neighbouring signs, sorted and each once; spaces, marks, digits and
// Latin letters count as one sign, since numbers and codes are not what makes a step another.
func bigrams(text string) []uint64 {
	var out []uint64
	last := rune(0)
	for _, r := range text {
		if r < 0x2e80 || r >= 0x3000 && r < 0x3400 || r >= 0xff00 {
			r = '·'
		}
		if last != 0 && (last != '·' || r != '·') {
			out = append(out, uint64(last)<<32|uint64(r))
		}
		last = r
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Alike is the Jaccard similarity of two templates' steps, 0 to 1: what both have of all pairs of
// signs that either has.
func Alike(a, b *Template) float64 {
	both, i, j := 0, 0, 0
	for i < len(a.grams) && j < len(b.grams) {
		switch {
		case a.grams[i] < b.grams[j]:
			i++
		case a.grams[i] > b.grams[j]:
			j++
		default:
			both++
			i++
			j++
		}
	}
	all := len(a.grams) + len(b.grams) - both
	if all == 0 {
		return 0
	}
	return float64(both) / float64(all)
}
