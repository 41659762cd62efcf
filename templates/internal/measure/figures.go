package measure

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/throughline/throughline/templates"
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

	LeastIndustry = 105 // templates of an industry
	LeastCommon   = 60  // of what every industry has
)

// Figures are what the library measures.
type Figures struct {
	Templates int
	Industry  map[string]int
	Package   map[string]int
	Closest   Pair    // the two templates most alike
	Accepts   float64 // the part whose acceptance no other has
	Repeated  []Often // sentences used more than once, the most used first
	Steps     int
	Shapes    map[string]int // how many templates have which of Parts
	Short     []string
}

// A Part is what a template has or has not.
type Part struct {
	Key  string
	All  bool // every template has it
	Has  func(*Shape) bool
	Text templates.Text
}

// Parts are what is counted.
var Parts = []Part{
	{"both", true, func(s *Shape) bool { return s.Both },
		templates.Text{En: "every text in Chinese and English", Zh: "全部文字中英双语"}},
	{"moves", true, func(s *Shape) bool { return s.Moves },
		templates.Text{En: "a metric to move and one line of why", Zh: "有要推动的指标和一句理由"}},
	{"proof", true, func(s *Shape) bool { return s.Proof > 0 },
		templates.Text{En: "proof beside the acceptance", Zh: "验收之外另有凭证"}},
	{"passes", true, func(s *Shape) bool { return s.Passes },
		templates.Text{En: "a test that completes it", Zh: "有完成它的测试"}},
	{"fails", true, func(s *Shape) bool { return s.Fails },
		templates.Text{En: "a test that fails its acceptance or proof", Zh: "有验收或凭证不过的测试"}},
	{"params", false, func(s *Shape) bool { return s.Params > 0 },
		templates.Text{En: "typed parameters with a default and bounds", Zh: "有带默认值和上下限的参数"}},
	{"feedback", false, func(s *Shape) bool { return s.Feedback },
		templates.Text{En: "feedback from history or a next step", Zh: "有历史数字或下一步建议"}},
	{"cadence", false, func(s *Shape) bool { return s.Cadence },
		templates.Text{En: "started by a target or schedule", Zh: "按定额或日程发起"}},
	{"stage", false, func(s *Shape) bool { return s.Stage },
		templates.Text{En: "asked for by a stage of a journey", Zh: "由旅程阶段要求"}},
	{"rule", false, func(s *Shape) bool { return s.Rule },
		templates.Text{En: "ends the task of a rule or alert", Zh: "规则或预警派的任务由它了结"}},
	{"told", false, func(s *Shape) bool { return !s.Cadence && !s.Stage && !s.Rule },
		templates.Text{En: "started by a rule's task that is closed by hand",
			Zh: "由规则派任务发起，任务手工了结"}},
	{"place", false, func(s *Shape) bool { return s.Place },
		templates.Text{En: "proved by a place", Zh: "凭定位"}},
	{"photo", false, func(s *Shape) bool { return s.Photo },
		templates.Text{En: "proved by a photo", Zh: "凭照片"}},
	{"sound", false, func(s *Shape) bool { return s.Sound },
		templates.Text{En: "proved by a recording", Zh: "凭录音"}},
	{"paper", false, func(s *Shape) bool { return s.Paper },
		templates.Text{En: "proved by a document", Zh: "凭文件"}},
	{"words", false, func(s *Shape) bool { return s.Words },
		templates.Text{En: "proved by words that are one's own", Zh: "凭原话不雷同"}},
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
	f := Figures{Templates: len(l.Templates), Industry: map[string]int{},
		Package: map[string]int{}, Shapes: map[string]int{}}
	accepts, steps := map[string]int{}, map[string]int{}
	for i := range l.Templates {
		t := &l.Templates[i]
		f.Industry[t.Industry]++
		f.Package[t.Package]++
		accepts[t.Accept]++
		for _, s := range t.Steps {
			steps[s]++
		}
		f.Steps += len(t.Steps)
		for _, p := range Parts {
			if p.Has(&t.Shape) {
				f.Shapes[p.Key]++
			} else if p.All {
				f.Short = append(f.Short, fmt.Sprintf("%s lacks: %s", t.name(), p.Text.En))
			}
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
	for _, i := range templates.Industries {
		least := LeastIndustry
		if i.ID == "common" {
			least = LeastCommon
		}
		if n := f.Industry[i.ID]; n < least {
			out = append(out, fmt.Sprintf("%s has %d templates, want %d", i.ID, n, least))
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
	for _, p := range Parts {
		fmt.Fprintf(&b, "%s: %d\n", p.Text.En, f.Shapes[p.Key])
	}
	return b.String()
}
