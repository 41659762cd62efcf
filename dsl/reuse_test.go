package dsl_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// edited are the policies that the tests below edit: the conformance cases, whose packages import
// each other and use templates, and those of the examples.
func edited(t testing.TB) [][]source.File {
	t.Helper()
	var out [][]source.File
	names, err := filepath.Glob("testdata/check/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no archives", err)
	}
	for _, n := range names {
		data, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		var files []source.File
		for _, f := range txtar.Parse(data).Files {
			if strings.HasSuffix(f.Name, ".thru") {
				files = append(files, source.File{Name: f.Name, Text: string(f.Data)})
			}
		}
		if len(files) > 0 {
			out = append(out, files)
		}
	}
	for _, p := range plantings(t) {
		files, _ := p.plant(nil)
		out = append(out, files)
	}
	return append(out, reaching())
}

// reaching is a policy whose declarations reach each other in every way there is.
func reaching() []source.File {
	return []source.File{{Name: "a.thru", Text: `import sales.*
import near as close
let few = 3
let most = few
choice Size = small "小" | large
entity Shop "店" {
  name  text
  owner Rep
  size  Size
  heat was warmth number = count(Look in 7d) / few
  cool  number = heat + 1
  worth bool = cool > 2 and size == large
}
event Look { shop Shop; rep Rep; n int?; day date }
extend Shop { extra int?; rank number = extra + few }
extend Workspace { theme text?; mood Mood? }
choice Mood = good | bad
entity Chain { name text; boss Boss }
entity Boss { title text }
entity Site { chain Chain }
rule Deep on Site { when chain.boss.title == "x"; do { flag "{chain.name}" } }
rule Theme on Shop { check each week when count(Shop of workspace) > 0; do { flag "x" } }
rule Whole on Workspace { when theme == "x"; do { flag "x" } }
rule Moody on Workspace { when mood == good; do { flag "x" } }
rule Ticked on Look { when has steps; do { flag "x" } }
rule Named on Shop { when size == 小; do { flag "x" } }
rule Other on Rep { when close.Deep > 1; do { flag "x" } }
rule Staged on Shop { when stage == Two; do { flag "x" } }
segment Held(n int) of Shop { when extra > n; enter { pool } }
rule Tier on Rep { when Held == top; do { flag "x" } }
score Glow of Shop { a 40% = heat; b 60% = clamp(rank, 0, 1) }
segment Fine of Shop { pick { Glow > 50 : top; else : low } }
rule Ring on Shop { when worth and Fine == top; do { notify owner "去 {name} {heat}"; set size = large } }
alert Cold of Rep { when count(Look in 7d) < most; for 2d; do { task "补 {name}" for manager due 2wd } }
action Peek { on Look; by rep; about shop; done n > few; target 3 per week; steps { "看"; "问" is n > 0 } }
alert Slow of Rep by action { check each week; when completion(action in this week) < 50%; do { task "{action}" for self due 1wd } }
journey Way of Shop { stage One { must has extra within 3d }; stage Two { entry worth }; stage Won is won }
metric Rate of Shop { value count(Shop where stage == Won); by size; every month }
test "one" {
  given Rep li { name: "li" }
  given Shop s { name: "s", owner: "li", size: small }
  at 2026-03-02T09:00
  Look v { shop: "s", rep: "li", n: 4, day: 2026-03-02 }
  expect v accepted
  expect s.heat > 0
}
use close.Far(most: 2) as Here
`}, {Name: "near/b.thru", Text: `import sales.*
score Deep of Rep { a 100% = if active then 1 else 0 }
rule Far(most int = 1) on Rep { when Deep > most; do { flag "{name}" } }
`}, {Name: "far/c.thru", Text: `import sales.*
let few = 2
score Deep of Rep { a 100% = if active then 1 else 0 }
extend Rep { rank int? }
rule Far(most int = 2) on Rep { when Deep > most; do { flag "{name}" } }
`}}
}

// said is what a checker tells of files that it has seen earlier versions of, against what one tells
// that has seen nothing.
func said(k *dsl.Checker, files []source.File) string {
	p, want := dsl.Check(files, policy.Settings{})
	told, got := k.Diagnose(files, policy.Settings{})
	return cmp.Diff(withoutFiles(want), withoutFiles(got)) + cmp.Diff(p.Files, told)
}

// withoutFiles leaves out what is told of records that no line of a test makes: where a test is
// given a file, an editor, which does not have it, does not say so of a record that may be in it.
func withoutFiles(list []source.Diagnostic) []source.Diagnostic {
	return slices.DeleteFunc(list, func(d source.Diagnostic) bool {
		return d.Code == source.TestNoRecord
	})
}

// meant is the same for the policy that comes back, by the hashes of all that it declares.
func meant(k *dsl.Checker, files []source.File) string {
	p, want := dsl.Check(files, policy.Settings{})
	q, got := k.Check(files, policy.Settings{})
	return cmp.Diff(want, got) + cmp.Diff(hashes(p), hashes(q))
}

// proved is the same for a policy that is loaded, with what is proved of it.
func proved(k *dsl.Checker, files []source.File) string {
	in := fstest.MapFS{}
	for _, f := range files {
		in[f.Name] = &fstest.MapFile{Data: []byte(f.Text)}
	}
	p, want, err := dsl.Load(in, ".")
	q, got, again := k.Load(in, ".")
	return cmp.Diff(err, again) + cmp.Diff(want, got) + cmp.Diff(hashes(p), hashes(q))
}

// hashes are those of all that a policy declares.
func hashes(p *policy.Policy) map[string][3]policy.Hash {
	out := map[string][3]policy.Hash{"": {p.Hash}}
	add := func(kind string, h *policy.Head) {
		out[kind+" "+h.Full] = [3]policy.Hash{h.Hash, h.State, h.Former}
	}
	for _, x := range p.Records {
		add("record", &x.Head)
	}
	for _, x := range p.Choices {
		add("choice", &x.Head)
	}
	for _, x := range p.Actions {
		add("action", &x.Head)
	}
	for _, x := range p.Scores {
		add("score", &x.Head)
	}
	for _, x := range p.Rules {
		add("rule", &x.Head)
	}
	for _, x := range p.Alerts {
		add("alert", &x.Head)
	}
	for _, x := range p.Segments {
		add("segment", &x.Head)
	}
	for _, x := range p.Journeys {
		add("journey", &x.Head)
	}
	for _, x := range p.Metrics {
		add("metric", &x.Head)
	}
	for _, x := range p.Allocations {
		add("allocation", &x.Head)
	}
	return out
}

// edit changes one file as people do while they write: most edits leave most of it right.
func edit(t *rapid.T, text string) string {
	tokens := syntax.Scan(text)
	var words []int
	for i, tok := range tokens {
		if tok.Kind == syntax.KindWord || tok.Kind == syntax.KindNumber || tok.Kind == syntax.KindSign {
			words = append(words, i)
		}
	}
	lines := strings.SplitAfter(text, "\n")
	line := rapid.IntRange(0, len(lines)-1).Draw(t, "line")
	how := rapid.SampledFrom([]string{"swap", "swap", "swap", "swap", "cut", "letter", "letter", "line out",
		"import", "no import", "line twice", "line moved", "half"}).Draw(t, "how")
	if len(words) == 0 {
		how = "line twice"
	}
	switch how {
	case "swap", "cut", "letter":
		tok := tokens[words[rapid.IntRange(0, len(words)-1).Draw(t, "token")]]
		by := ""
		switch how {
		case "swap":
			o := tokens[words[rapid.IntRange(0, len(words)-1).Draw(t, "other")]]
			by = text[o.Off:o.End]
		case "letter":
			by = text[tok.Off:tok.End] + "x"
		}
		return text[:tok.Off] + by + text[tok.End:]
	case "line out":
		lines = slices.Delete(lines, line, line+1)
	case "line twice":
		lines = slices.Insert(lines, line, lines[line])
	case "line moved":
		l := lines[line]
		lines = slices.Delete(lines, line, line+1)
		lines = slices.Insert(lines, rapid.IntRange(0, len(lines)).Draw(t, "to"), l)
	case "import":
		lines = slices.Insert(lines, 0, rapid.SampledFrom([]string{"import near\n", "import near.*\n",
			"import near as close\n", "import far as near\n", "import far.*\n", "import far as close\n",
			"import sales.*\n"}).Draw(t, "package"))
	case "no import":
		i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, "import ") })
		if i >= 0 {
			lines = slices.Delete(lines, i, i+1)
		}
	case "half":
		lines = lines[:line]
	}
	return strings.Join(lines, "")
}

// TestDiagnoseAgain edits policies over and over: what is told after each edit is what a checker
// tells that has seen no other text, and the policy means the same. Sometimes an edit is undone.
func TestDiagnoseAgain(t *testing.T) {
	bases := edited(t)
	rapid.Check(t, func(t *rapid.T) {
		files := slices.Clone(bases[rapid.IntRange(0, len(bases)-1).Draw(t, "policy")])
		if rapid.Bool().Draw(t, "the one that reaches") {
			files = slices.Clone(bases[len(bases)-1])
		}
		var k dsl.Checker
		k.Diagnose(files, policy.Settings{})
		last := slices.Clone(files)
		for range rapid.IntRange(1, 10).Draw(t, "edits") {
			was := slices.Clone(files)
			if rapid.IntRange(0, 4).Draw(t, "undo") == 0 {
				files = last
			} else {
				i := rapid.IntRange(0, len(files)-1).Draw(t, "file")
				files[i].Text = edit(t, files[i].Text)
			}
			last = was
			ask := said
			switch rapid.IntRange(0, 7).Draw(t, "for a policy") {
			case 0, 1:
				ask = meant
			case 2:
				ask = proved
			}
			if diff := ask(&k, files); diff != "" {
				t.Fatalf("%s\nin\n%s", diff, files)
			}
		}
	})
}

// TestDiagnoseReaches makes edits after which something is told of a declaration whose own text
// stays: one for each way in which declarations reach each other.
func TestDiagnoseReaches(t *testing.T) {
	for _, c := range []struct{ way, was, becomes, told string }{
		{"a name", "event Look {", "event Lookx {", "heat"},
		{"over a third declaration", "title text", "name text", "rule Deep"},
		{"a field that is added elsewhere", "extra int?", "extras int?", "segment Held"},
		{"a built-in record that is added to", "theme text?", "themes text?", "rule Whole"},
		{"what an added field is of", "= good |", "= best |", "rule Moody"},
		{"a constant of a constant", "let few = 3", `let few = "3"`, "alert Cold"},
		{"a label", `small "小"`, `small "少"`, "rule Named"},
		{"a label that clashes", "let few = 3", "let few = 3\nentity Another \"店\" { name text }", "rule Ring2"},
		{"an import", "near as close", "near as closer", "rule Other"},
		{"a package", "score Deep", "score Deeper", "rule Other"},
		{"a stage", "stage Two", "stage Three", "rule Staged"},
		{"no journey", "journey Way of Shop", "journey Way of Site", "rule Staged"},
		{"a step that is ticked", `"看"; `, "", "rule Ticked"},
		{"an action by its person", "by rep;", "by shop;", "alert Slow"},
		{"a tier", ": top", ": tops", "rule Ring"},
		{"a computed field's type", "cool  number = heat + 1", "cool  text = name", "worth"},
		{"what no engine runs yet", "rule Tier on Rep { when", "rule Tier on Rep { when 1 > 0 and", "rule Tier"},
		{"a record of a test", "entity Shop", "entity Shops", "given Shop"},
	} {
		base := reaching()
		base[0].Text += "rule Ring2 on 店 { when cool > 1; do { flag \"x\" } }\n"
		files := slices.Clone(base)
		for i := range files {
			files[i].Text = strings.Replace(files[i].Text, c.was, c.becomes, 1)
		}
		if slices.Equal(files, base) {
			t.Fatal(c.way, "changes nothing")
		}
		var k, whole dsl.Checker
		for round, f := range [][]source.File{base, files, files, base, files} {
			if diff := said(&k, f) + meant(&whole, f); diff != "" {
				t.Errorf("%s, round %d: %s", c.way, round, diff)
			}
		}
		all, diags := dsl.Check(files, policy.Settings{})
		if !slices.ContainsFunc(diags, func(d source.Diagnostic) bool {
			return strings.Contains(all.Files[d.Span.File].LineAt(d.Span.Off), c.told)
		}) {
			t.Errorf("%s: nothing is told of %q: %v", c.way, c.told, diags)
		}
	}
}

// TestPersonElsewhere: whether tasks are those for a subject or about it hangs on what any effect of
// the policy says.
func TestPersonElsewhere(t *testing.T) {
	texts := []string{`notify owner "x"`, `flag "x"`}
	var k dsl.Checker
	for round := range 4 {
		files := []source.File{{Name: "a.thru", Text: `import sales.*
rule Busy on Rep { check each week when count(Task in 7d) > 3; do { flag "x" } }
rule Tell on Store { when name == "x"; do { ` + texts[round%2] + ` } }
`}}
		if diff := meant(&k, files); diff != "" {
			t.Errorf("round %d: %s", round, diff)
		}
	}
}
