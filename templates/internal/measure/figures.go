package measure

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Limits of the library.
const (
	MostAlike = 0.5  // two templates share less of their step text
	OwnAccept = 0.85 // this part of the templates has an acceptance no other has
	MostOften = 2    // a step sentence is used at most this often
	LeastPack = 8    // templates of a package
	LeastPart = 5    // templates of a package in common, each a part of every industry's work
	MostPack  = 15
	LeastStep = 3 // steps of a template
	MostStep  = 7
)

// Figures are what the library measures.
type Figures struct {
	Templates int
	Industry  map[string]int
	Package   map[string]int
	Closest   Pair    // the two templates most alike
	Accepts   float64 // the part whose acceptance no other has
	Repeated  []Often // sentences used more than once, the most used first
	Short     []string
}

// Pair is two templates and how alike their steps are.
type Pair struct {
	A, B  string
	Alike float64
}

// Often is a step sentence and how often it is used.
type Often struct {
	Step string
	N    int
}

// Measure works the figures out.
func (l *Library) Measure() Figures {
	f := Figures{Templates: len(l.Templates), Industry: map[string]int{}, Package: map[string]int{}}
	accepts, steps := map[string]int{}, map[string]int{}
	for i := range l.Templates {
		t := &l.Templates[i]
		f.Industry[t.Industry]++
		f.Package[t.Package]++
		accepts[t.Accept]++
		for _, s := range t.Steps {
			steps[s]++
		}
		if n := len(t.Steps); n < LeastStep || n > MostStep {
			f.Short = append(f.Short, fmt.Sprintf("%s: %d steps", t.name(), n))
		}
		for k := range l.Templates[:i] {
			if x := Alike(t, &l.Templates[k]); x > f.Closest.Alike {
				f.Closest = Pair{l.Templates[k].name(), t.name(), x}
			}
		}
	}
	own := 0
	for i := range l.Templates {
		if a := l.Templates[i].Accept; a != "" && accepts[a] == 1 {
			own++
		}
	}
	if f.Templates > 0 {
		f.Accepts = float64(own) / float64(f.Templates)
	}
	for _, s := range slices.Sorted(maps.Keys(steps)) {
		if steps[s] > 1 {
			f.Repeated = append(f.Repeated, Often{s, steps[s]})
		}
	}
	slices.SortStableFunc(f.Repeated, func(a, b Often) int { return cmp.Compare(b.N, a.N) })
	return f
}

func (t *Template) name() string { return t.Package + "." + t.Name }

// Faults lists where the figures are beyond the limits.
func (f *Figures) Faults() []string {
	var out []string
	if f.Closest.Alike >= MostAlike {
		out = append(out, fmt.Sprintf("%s and %s share %.0f%% of their steps, want less than %.0f%%",
			f.Closest.A, f.Closest.B, f.Closest.Alike*100, MostAlike*100))
	}
	if f.Accepts < OwnAccept {
		out = append(out, fmt.Sprintf("%.1f%% have an acceptance of their own, want %.0f%%",
			f.Accepts*100, OwnAccept*100))
	}
	for _, o := range f.Repeated {
		if o.N > MostOften {
			out = append(out, fmt.Sprintf("%q is used %d times, want at most %d", o.Step, o.N, MostOften))
		}
	}
	for _, p := range slices.Sorted(maps.Keys(f.Package)) {
		least := LeastPack
		if strings.HasPrefix(p, "common.") {
			least = LeastPart
		}
		if n := f.Package[p]; n < least || n > MostPack {
			out = append(out, fmt.Sprintf("%s has %d templates, want %d to %d", p, n, least, MostPack))
		}
	}
	return append(out, f.Short...)
}

// String is the figures as people read them.
func (f *Figures) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d templates\n", f.Templates)
	for _, i := range slices.Sorted(maps.Keys(f.Industry)) {
		fmt.Fprintf(&b, "  %-12s %4d\n", i, f.Industry[i])
		for _, p := range slices.Sorted(maps.Keys(f.Package)) {
			if strings.HasPrefix(p, i+".") {
				fmt.Fprintf(&b, "    %-24s %2d\n", p, f.Package[p])
			}
		}
	}
	fmt.Fprintf(&b, "most alike: %.1f%% %s, %s\n", f.Closest.Alike*100, f.Closest.A, f.Closest.B)
	fmt.Fprintf(&b, "acceptance of their own: %.1f%%\n", f.Accepts*100)
	fmt.Fprintf(&b, "step sentences used more than once: %d\n", len(f.Repeated))
	return b.String()
}
