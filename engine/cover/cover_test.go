package cover_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/cover"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/examples"
	"github.com/throughline/throughline/internal/golden"
)

func check(t testing.TB, text string) *policy.Policy {
	t.Helper()
	p, diags := dsl.Check([]source.File{{Name: "a.thru", Text: text}}, policy.Settings{Name: "shop"})
	for _, d := range diags {
		if d.Code.Severity() == source.Error {
			r := source.ReportOf(p.Files, d, "en")
			t.Fatalf("%s:%d: %s %s", r.File, r.Line, r.Code, r.Message)
		}
	}
	return p
}

func TestGolden(t *testing.T) {
	golden.Run(t, "testdata", func(t *testing.T, c *golden.Case) golden.Outputs {
		p := check(t, c.Input(t, "a.thru"))
		all := trial.Cover(p, trial.Options{Lang: "en"}, nil)
		for _, r := range all.Results {
			if !r.Passed {
				t.Errorf("%s: %s", r.Name, r.Message)
			}
		}
		return golden.Outputs{
			"text": string(all.Cover.AppendText(nil, "en")),
			"zh":   string(all.Cover.AppendText(nil, "zh")),
		}
	})
}

// example loads an example with the files that its tests read.
func example(t testing.TB, name string) (*policy.Policy, trial.Options) {
	t.Helper()
	p, _, err := dsl.Load(examples.Files, name)
	if err != nil {
		t.Fatal(err)
	}
	return p, trial.Options{Lang: "en", Read: func(file string) ([]byte, error) {
		return fs.ReadFile(examples.Files, path.Join(name, file))
	}}
}

// TestLookingChangesNothing runs the examples' tests with and without a probe.
func TestLookingChangesNothing(t *testing.T) {
	for _, name := range examples.Names() {
		p, o := example(t, name)
		plain := trial.All(p, o, nil)
		seen := trial.Cover(p, o, nil)
		if !slices.Equal(plain, seen.Results) {
			t.Errorf("%s: results differ", name)
		}
		if s := seen.Cover.Total(); s.Seen == 0 {
			t.Errorf("%s: nothing was seen of %d", name, s.All)
		}
	}
}

// TestBothBackendsSeeTheSame holds the probe on closures to the probe on the reference machine.
func TestBothBackendsSeeTheSame(t *testing.T) {
	for _, name := range examples.Names() {
		p, o := example(t, name)
		fast := trial.Cover(p, o, nil).Cover.AppendFile(nil)
		o.Engine.Reference = true
		slow := trial.Cover(p, o, nil).Cover.AppendFile(nil)
		if string(fast) != string(slow) {
			t.Errorf("%s: coverage differs between backends:\n%s\n%s", name, fast, slow)
		}
	}
}

// TestFilesMerge runs each test by itself and merges the files: the same as running all at once.
func TestFilesMerge(t *testing.T) {
	p, o := example(t, "pipeline")
	whole := trial.Cover(p, o, nil).Cover
	sum := cover.New(p)
	for _, x := range p.Tests {
		one := trial.Cover(p, o, func(name string) bool { return name == x.Name }).Cover
		if err := sum.Merge(one.AppendFile(nil)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := string(sum.AppendFile(nil)), string(whole.AppendFile(nil)); got != want {
		t.Errorf("merged\n%s\nat once\n%s", got, want)
	}
}

func TestBadFiles(t *testing.T) {
	p := check(t, "entity A { n int }\nrule R on A {\n  when n > 1\n  do { note \"x\" }\n}\n")
	good := string(cover.New(p).AppendFile(nil))
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "no file of coverage"},
		{"another format", "thru coverage 2\n", "no file of coverage"},
		{"another policy", "thru coverage 1\npolicy 00\n", "coverage of another policy"},
		{"no such point", good + "rule \"Q\" \"\" 1 0 0\n", `line 3: the policy has no rule "Q" ""`},
		{"no such kind", good + "ruler \"R\" \"\" 1 0 0\n", "line 3: the policy has no ruler"},
		{"too few numbers", good + "rule \"R\" \"\" 1 0\n", "line 3: a point is a word"},
		{"no number", good + "rule \"R\" \"\" 1 0 -1\n", `line 3: "-1" is no count`},
		{"no names", good + "rule\n", "line 3: a point is a word"},
		{"a good line before a bad one", good + "rule \"R\" \"\" 1 0 0\nx\n", "line 4"},
	} {
		one := cover.New(p)
		err := one.Merge([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		if one.Total().Seen != 0 {
			t.Errorf("%s: something was added", c.name)
		}
	}
	if err := cover.New(p).Merge([]byte("thru coverage 1\npolicy 00\n")); !errors.Is(err, cover.ErrOtherPolicy) {
		t.Errorf("another policy: %v", err)
	}
}

// FuzzMerge: a file is refused, or it adds what writing it again would add.
func FuzzMerge(f *testing.F) {
	p := check(f, "entity A { n int }\nrule R on A {\n  when n > 1 and n < 9\n  do { note \"x\" }\n}\n")
	good := string(cover.New(p).AppendFile(nil))
	f.Add([]byte(good))
	f.Add([]byte(good + "rule \"R\" \"\" 1 0 0\ncondition \"R\" \"when 2\" 18446744073709551615 2 3\n"))
	f.Add([]byte(good + "rule \"R\" \"\" 1 0 0\nrule \"R\" \"\" 18446744073709551615 0 0\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		one := cover.New(p)
		if one.Merge(b) != nil {
			return
		}
		text := one.AppendFile(nil)
		again := cover.New(p)
		if err := again.Merge(text); err != nil {
			t.Fatalf("what was written is refused: %v", err)
		}
		if string(again.AppendFile(nil)) != string(text) {
			t.Errorf("%s is read as %s", text, again.AppendFile(nil))
		}
	})
}

// TestPages looks at the HTML as a browser would: every tag closed, the files' text as it is.
func TestPages(t *testing.T) {
	for _, name := range examples.Names() {
		p, o := example(t, name)
		c := trial.Cover(p, o, nil).Cover
		page := c.AppendHTML(nil, "zh")
		d := xml.NewDecoder(strings.NewReader(string(page)))
		d.Strict, d.AutoClose, d.Entity = false, append(xml.HTMLAutoClose, "meta", "tr", "th", "td"), xml.HTMLEntity
		var text strings.Builder
		pre, spans := false, 0
		for {
			tok, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			switch x := tok.(type) {
			case xml.StartElement:
				pre = pre || x.Name.Local == "pre"
				if pre && x.Name.Local == "span" {
					spans++
				}
			case xml.EndElement:
				pre = pre && x.Name.Local != "pre"
			case xml.CharData:
				if pre {
					text.Write(x)
				}
			}
		}
		if strings.Contains(string(page), "http") {
			t.Errorf("%s: the page asks the network", name)
		}
		for _, f := range p.Files {
			if strings.HasPrefix(f.Name, "rules") && !strings.Contains(text.String(), f.Text) {
				t.Errorf("%s: the text of %s is not on the page as it is", name, f.Name)
			}
		}
		if spans == 0 {
			t.Errorf("%s: nothing is marked", name)
		}
	}
}

func TestJSONIsJSON(t *testing.T) {
	p, o := example(t, "pipeline")
	c := trial.Cover(p, o, nil).Cover
	n := 0
	for line := range strings.Lines(string(c.AppendJSON(nil))) {
		var x map[string]any
		if err := json.Unmarshal([]byte(line), &x); err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != len(c.Points)+1 {
		t.Errorf("%d lines for %d points", n, len(c.Points))
	}
	if fmt.Sprint(c.Total().Percent()) == "0" {
		t.Error("nothing covered")
	}
}
