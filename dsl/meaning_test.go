package dsl_test

import (
	"os"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

const shop = `
choice Level = high "高" | low
let Big = 100万
entity Rep "销售" { name text; manager Rep? }
entity Deal "商机" { name text; amount money; level Level; owner Rep; late bool = amount > Big }
event Visit "拜访" { deal Deal; rep Rep = deal.owner; minutes int?; fill minutes = 3 }
score Heat of Deal { a 60% = count(Visit in 7d) / 5; b 40% = if level == high then 1 else 0.5 }
rule Grow on Deal { when Heat > 50 and late; do { notify owner.manager "大单 {name}" } }
alert Cold of Deal { when count(Visit in 7d) == 0; for 3d; do { task "x" for owner due 2wd } }
segment Warm of Deal { when Heat >= 60; enter { note "y" } }
`

func checked(t *testing.T, files ...source.File) *policy.Policy {
	t.Helper()
	p, diags := dsl.Check(files, policy.Settings{})
	for _, d := range diags {
		if d.Code.Severity() == source.Error {
			t.Fatal(source.Text(p.Files, d, "en"))
		}
	}
	return p
}

func one(text string) source.File { return source.File{Name: "a.thru", Text: text} }

// heads are the hashes of all declarations by kind and name.
func heads(p *policy.Policy) map[string]policy.Hash {
	all := map[string]policy.Hash{"": p.Hash}
	for _, x := range p.Records {
		all["record "+x.Full] = x.Hash
	}
	for _, x := range p.Choices {
		all["choice "+x.Full] = x.Hash
	}
	for _, x := range p.Scores {
		all["score "+x.Full] = x.Hash
	}
	for _, x := range p.Rules {
		all["rule "+x.Full] = x.Hash
	}
	for _, x := range p.Alerts {
		all["alert "+x.Full] = x.Hash
	}
	for _, x := range p.Segments {
		all["segment "+x.Full] = x.Hash
	}
	return all
}

// TestMeaningStays: layout, comments, the order of files and lines, the vocabulary and tests are no
// part of what a policy means.
func TestMeaningStays(t *testing.T) {
	want := heads(checked(t, one(shop)))
	lines := strings.Split(strings.TrimSpace(shop), "\n")
	half := len(lines) / 2
	backwards := ""
	for i := len(lines) - 1; i >= 0; i-- {
		backwards += lines[i] + "\n"
	}
	for name, files := range map[string][]source.File{
		"formatted":  {one(syntax.Format(shop, syntax.Options{Lang: "en"}))},
		"in Chinese": {one(syntax.Format(shop, syntax.Options{Lang: "zh"}))},
		"commented":  {one("// A shop.\n\n" + strings.ReplaceAll(shop, "; ", "\n  "))},
		"backwards":  {one(backwards)},
		"two files": {{Name: "z.thru", Text: strings.Join(lines[:half], "\n")},
			{Name: "b.thru", Text: strings.Join(lines[half:], "\n")}},
		"tested":      {one(shop + "test \"x\" { given Rep li { name: \"x\" }; expect li.name == \"x\" }")},
		"label added": {one(strings.Replace(shop, "entity Rep", "entity Rep", 1))},
	} {
		got := heads(checked(t, files...))
		for k, h := range want {
			if got[k] != h {
				t.Errorf("%s: %q means something else", name, k)
			}
		}
	}
}

// TestMeaningChanges: what a declaration reads, directly or not, is part of what it means, and
// nothing else is.
func TestMeaningChanges(t *testing.T) {
	p := checked(t, one(shop))
	before, alert := heads(p), p.Alerts[0].State
	for _, c := range []struct{ name, from, to, changes string }{
		{"a constant", "100万", "200万", "record Deal; rule Grow"},
		{"a threshold", "Heat > 50", "Heat > 51", "rule Grow"},
		{"a weight", "60% = count", "60% = 2 * count", "score Heat; rule Grow; segment Warm"},
		{"a window", "count(Visit in 7d) == 0", "count(Visit in 8d) == 0", "alert Cold"},
		{"a text", "大单", "大大单", "rule Grow"},
		{"a due", "2wd", "3wd", "alert Cold"},
		{"a fill", "fill minutes = 3", "fill minutes = 4", "record Visit"},
		{"a value's place", `high "高" | low`, `low | high "高"`, "choice Level; record Deal; score Heat; rule Grow; segment Warm"},
		{"a mode", "alert Cold of Deal {", "alert Cold of Deal { mode shadow;", "alert Cold"},
	} {
		p := checked(t, one(strings.Replace(shop, c.from, c.to, 1)))
		after := heads(p)
		if kept := p.Alerts[0].State == alert; kept == (c.name == "a window") {
			t.Errorf("%s: the alert keeps its state: %v", c.name, kept)
		}
		if after[""] == before[""] {
			t.Errorf("%s: the policy means the same", c.name)
		}
		for k, h := range before {
			named := strings.Contains("; "+c.changes+";", "; "+k+";")
			if k != "" && named && after[k] == h {
				t.Errorf("%s: %s means the same", c.name, k)
			}
			if k != "" && !named && after[k] != h {
				t.Errorf("%s: %s means something else", c.name, k)
			}
		}
	}
}

// TestRenamesContinue: running state goes on where only names changed, whichever of two renames is
// still written down as `was`; another field of the same kind is another meaning.
func TestRenamesContinue(t *testing.T) {
	const text = `
entity Deal { name text; load number; spare number; calls int = count(Call in 7d) }
event Call { deal Deal; minutes int }
score Heat of Deal { a 100% = load / 9 }
rule Turn on Deal { when load > 3 and calls > 1; do { flag } }
alert Long of Deal { when sum(Call.minutes in 7d) > 9 and Heat > 20; for 2d; do { note "{load}" } }
segment Warm of Deal { when Heat >= 60 or calls == 9 }
journey Path of Deal { stage Lead { must load > 3 within 2d; must 2 Call }; stage Won is won }
`
	policyOf := func(pairs ...string) *policy.Policy {
		return checked(t, one(strings.NewReplacer(pairs...).Replace(text)))
	}
	versions := map[string]*policy.Policy{
		"plain":      policyOf(),
		"field":      policyOf("load number", "burden was load number", "load", "burden"),
		"event":      policyOf("minutes int", "length was minutes int", "minutes", "length"),
		"both":       policyOf("load number", "burden was load number", "minutes int", "length was minutes int", "load", "burden", "minutes", "length"),
		"later":      policyOf("load number", "burden number", "minutes int", "length was minutes int", "load", "burden", "minutes", "length"),
		"types":      policyOf("event Call", "event Talk was Call", "entity Deal", "entity Case was Deal", "(Call", "(Talk", "Call.", "Talk.", "2 Call", "2 Talk", "deal Deal", "deal Case", "of Deal", "of Case", "on Deal", "on Case"),
		"score":      policyOf("score Heat", "score Warmth was Heat", "Heat >", "Warmth >"),
		"other":      policyOf("load > 3", "spare > 3", "load / 9", "spare / 9"),
		"not a name": policyOf("load number", "burden number", "load", "burden"),
	}
	for _, c := range []struct {
		from, to string
		goes     bool
	}{
		{"plain", "field", true}, {"plain", "event", true}, {"plain", "both", true},
		{"field", "both", true}, {"event", "both", true}, {"both", "later", true},
		{"field", "later", true}, {"plain", "types", true}, {"plain", "score", true},
		{"field", "plain", true}, {"plain", "other", false}, {"plain", "not a name", false},
		{"both", "plain", true},
	} {
		was, is := versions[c.from], versions[c.to]
		for _, pair := range [][2]*policy.Head{{&was.Rules[0].Head, &is.Rules[0].Head},
			{&was.Alerts[0].Head, &is.Alerts[0].Head}, {&was.Segments[0].Head, &is.Segments[0].Head},
			{&was.Journeys[0].Head, &is.Journeys[0].Head},
			{&was.Journeys[0].Stages[0].Must[0].Head, &is.Journeys[0].Stages[0].Must[0].Head}} {
			if pair[1].Continues(pair[0]) != c.goes {
				t.Errorf("%s to %s: %s continues: %v", c.from, c.to, pair[0].Full, !c.goes)
			}
		}
	}
}

// TestExpression: an ad-hoc expression means what it would in the policy, and shares its counters.
func TestExpression(t *testing.T) {
	p := checked(t, one(shop))
	var deal, rep *policy.Record
	for _, r := range p.Records {
		switch r.Name {
		case "Deal":
			deal = r
		case "Rep":
			rep = r
		}
	}
	n := len(p.Aggregates)
	for _, c := range []struct {
		of         *policy.Record
		text, want string // the type, or a code
	}{
		{deal, "Heat", "number"}, {deal, "amount", "money"}, {deal, "amount > Big", "bool"},
		{deal, "count(Visit in 7d)", "int old"}, {deal, "count(Visit in 9d)", "int new"},
		{rep, "count(Visit in 7d)", "int new"}, {deal, "owner.manager.name", "text"},
		{deal, "level == high", "bool"}, {deal, "amont", "T0202"}, {deal, "amount +", "T0101"},
		{deal, "level == 高", "bool"}, {deal, "时长", "T0202"}, {rep, "Heat", "T0225"},
		{deal, "", "T0101"},
		{deal, "fresh(name)", "T0460"}, {rep, "count(Assignment)", "int new"},
	} {
		x, diags := dsl.Expression(p, c.of, c.text)
		if c.want[0] == 'T' {
			if x != nil || len(diags) == 0 || string(diags[0].Code) != c.want {
				t.Errorf("%q: got %v, %+v, want %s", c.text, x, diags, c.want)
			}
			continue
		}
		kind, age, _ := strings.Cut(c.want, " ")
		if x == nil {
			t.Errorf("%q: %+v", c.text, diags)
			continue
		}
		if got := dsl.TypeWord(x.Type); got != kind {
			t.Errorf("%q is %s, want %s", c.text, got, kind)
		}
		if age != "" && (x.Agg.ID < n) != (age == "old") {
			t.Errorf("%q: counter %d of %d, want an %s one", c.text, x.Agg.ID, n, age)
		}
	}
	if len(p.Aggregates) != n {
		t.Error("asking changed the policy")
	}
}

// TestManyMistakes: one cause gives one diagnostic, and a file of 500 gives 500.
func TestManyMistakes(t *testing.T) {
	var b strings.Builder
	b.WriteString("entity Rep { name text; n int }\n")
	for range 125 {
		b.WriteString("rule R on Rep { when m > 3; do { flag } }\n"[:0])
	}
	for i := range 125 {
		n := string(rune('a'+i%26)) + string(rune('a'+i/26))
		b.WriteString("rule R" + n + " on Rep {\n when nn > 3\n do { notify name \"{nam}\" when n > \"x\" }\n}\n")
	}
	_, diags := dsl.Check([]source.File{one(b.String())}, policy.Settings{})
	if len(diags) != 500 {
		t.Errorf("%d diagnostics for 500 mistakes", len(diags))
	}
}

// TestSettings: thru.toml is read, and every mistake in it is told at its line.
func TestSettings(t *testing.T) {
	p, diags, err := dsl.Load(os.DirFS("testdata/settings/good"), ".")
	if err != nil || len(diags) != 0 {
		t.Fatal(err, diags)
	}
	if s := p.Settings; s.Timezone != "Europe/Berlin" || s.Calendar != "Shop" || s.Lang != "zh" || s.Title != "店" {
		t.Errorf("got %+v", s)
	}
	p, diags, err = dsl.Load(os.DirFS("testdata/settings/bad"), ".")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range diags {
		r := source.ReportOf(p.Files, d, "en")
		got = append(got, string(r.Code)+" "+strings.Split(p.Files[d.Span.File].Text, "\n")[r.Line-1])
	}
	want := []string{"T0237 titel = \"x\"", "T0238 timezone = \"Asia/Shanghi\"", "T0238 datum = \"wgs\"",
		"T0238 lang = \"de\"",
		"T0238 \"Fmcg\" = \"1.0.0\"", "T0238 \"fmcg.listing\" = \"^1.2\"", "T0238 language = 2"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if _, _, err = dsl.Load(os.DirFS("testdata"), "check"); err == nil {
		t.Error("a folder without policy is no error")
	}
	if _, _, err = dsl.Load(os.DirFS("testdata"), "nowhere"); err == nil {
		t.Error("no folder is no error")
	}
	_, diags, _ = dsl.Load(os.DirFS("testdata/settings/broken"), ".")
	if len(diags) != 1 || diags[0].Code != source.BadSetting {
		t.Errorf("got %+v", diags)
	}
}
