package docs_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	codepages "github.com/throughline/throughline/dsl/source/pages"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/fair"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/internal/golden"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store/mem"
)

// example is what a page shows: a folder, and perhaps records for it or an expression over it.
type example struct {
	fsys    fstest.MapFS
	records []source.File
	history *source.File // what an allocation is held against
	ask     string       // Type: expression
}

// repeated lets an example hold what no page could show: ⟨200 × (⟩ is 200 brackets, ⟨byte ff⟩ a
// byte that is no text.
var repeated = regexp.MustCompile(`⟨(?:(\d+) × ([^⟩]+)|byte ([0-9a-f]{2}))⟩`)

func expand(text string) string {
	return repeated.ReplaceAllStringFunc(text, func(s string) string {
		m := repeated.FindStringSubmatch(s)
		if m[3] != "" {
			b, _ := strconv.ParseUint(m[3], 16, 8)
			return string([]byte{byte(b)})
		}
		n, _ := strconv.Atoi(m[1])
		return strings.Repeat(m[2], n)
	})
}

func exampleOf(files []source.File) *example {
	x := &example{fsys: fstest.MapFS{}}
	for _, f := range files {
		text := expand(f.Text)
		switch ext := filepath.Ext(f.Name); {
		case f.Name == "expression":
			x.ask = strings.TrimSpace(text)
		case f.Name == "history.ndjson":
			x.history = &source.File{Name: f.Name, Text: text}
		case ext == ".ndjson" || ext == ".csv":
			x.records = append(x.records, source.File{Name: f.Name, Text: text})
		default:
			x.fsys[f.Name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	return x
}

// outcome is everything that is told of an example, and the files that the places are in.
type outcome struct {
	files []source.File
	diags []source.Diagnostic
	found []recordFinding
}

// recordFinding is what is told of a record, at its line.
type recordFinding struct {
	file string
	line int
	decision.Finding
	says map[string]string // in the policy's own words, by language; "": nothing
}

func (x *example) run(t *testing.T) *outcome {
	t.Helper()
	p, diags, err := dsl.Load(x.fsys, ".")
	if err != nil {
		t.Fatal(err)
	}
	o := &outcome{files: p.Files, diags: diags}
	if x.ask != "" {
		typ, text, _ := strings.Cut(x.ask, ": ")
		i := slices.IndexFunc(p.Records, func(r *policy.Record) bool { return r.Name == typ })
		if i < 0 {
			t.Fatalf("the expression is asked of %s, which there is not", typ)
		}
		_, more := dsl.Expression(p, p.Records[i], text)
		o.files = append(o.files, source.File{Name: dsl.ExpressionFile, Text: text})
		o.diags = append(o.diags, more...)
	}
	if x.history != nil {
		o.diags = append(o.diags, heldAgainst(t, p, x.history)...)
	}
	if len(x.records) > 0 {
		if dsl.HasErrors(diags) {
			t.Fatalf("the records meet a policy with mistakes: %v", diags)
		}
		o.found = decide(t, p, x.records)
	}
	return o
}

// heldAgainst is what records of the past tell about a policy's first allocation.
func heldAgainst(t *testing.T, p *policy.Policy, f *source.File) []source.Diagnostic {
	t.Helper()
	of := p.Allocations[0]
	expr := func(r *policy.Record, text string) *policy.Expr {
		x, diags := dsl.Expression(p, r, text)
		if len(diags) > 0 {
			t.Fatalf("%s: %v", text, diags)
		}
		return x
	}
	var log []trial.Input
	for line := range strings.Lines(f.Text) {
		log = append(log, trial.Input{Line: []byte(strings.TrimSpace(line))})
	}
	b, err := fair.NewBook(p, of, trial.Slice(log), fair.Options{Questions: fair.Questions{
		Effort: expr(of.Of, "effort"), Open: expr(of.Of, "live"), Team: expr(of.To, "team"),
		Capacity: expr(of.To, "capacity")}})
	if err != nil {
		t.Fatal(err)
	}
	r := fair.NewReport(b.Was(), fair.NewModel(b.Was()), b.Last())
	if d := r.Told(of); d != nil {
		return []source.Diagnostic{*d}
	}
	return nil
}

// today is the clock of the examples with records.
func today() time.Time { return time.Date(2026, 3, 2, 18, 0, 0, 0, time.UTC) }

// decide runs records through a policy as `thru run` does, in the order in which they stand.
func decide(t *testing.T, p *policy.Policy, files []source.File) []recordFinding {
	t.Helper()
	w, err := runtime.OpenLog(new(mem.Log), runtime.Config{Policy: p, Import: true, Now: today})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var out []recordFinding
	seen := w.Last()
	for _, f := range files {
		for _, in := range recordLines(t, p, f) {
			one := [][]byte{in.text}
			err := w.Import(context.Background(), func() ([]byte, error) {
				if len(one) == 0 {
					return nil, io.EOF
				}
				next := one[0]
				one = nil
				return next, nil
			}, nil)
			if err != nil {
				t.Fatal(err)
			}
			var d decision.Decision
			err = w.Entries(seen+1, w.Last(), false, func(l *runtime.Logged) error {
				seen = l.Seq
				if err := l.Decode(&d); err != nil {
					return err
				}
				for _, found := range d.Findings {
					out = append(out, recordFinding{f.Name, in.number, found, said(p, &found)})
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return out
}

// said is a finding that its policy words itself, in both languages.
func said(p *policy.Policy, f *decision.Finding) map[string]string {
	out := map[string]string{}
	for _, lang := range []string{"en", "zh"} {
		if f.Code == source.ProofSays {
			w := decision.NewWriter(p, decision.Options{Zone: time.UTC, Lang: lang})
			out[lang] = string(w.AppendFinding(nil, f))
		}
	}
	return out
}

// recordLine is one record and the line it began on.
type recordLine struct {
	number int
	text   []byte
}

// recordLines are the lines of a file of records, as JSON, by number.
func recordLines(t *testing.T, p *policy.Policy, f source.File) []recordLine {
	t.Helper()
	var out []recordLine
	if filepath.Ext(f.Name) != ".csv" {
		for i, line := range strings.Split(strings.TrimSuffix(f.Text, "\n"), "\n") {
			out = append(out, recordLine{i + 1, []byte(line)})
		}
		return out
	}
	zone, err := calendar.Zone(p.Settings.Timezone)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := record.NewCSV(record.NewDecoder(p, zone), strings.TrimSuffix(f.Name, ".csv"),
		strings.NewReader(f.Text))
	if err != nil {
		t.Fatal(err)
	}
	var r record.Record
	for {
		line, number, err := rows.Next(nil, &r)
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, recordLine{number, bytes.Clone(line)})
	}
}

// text is what a person reads, in one language.
func (o *outcome) text(lang string) string {
	var b strings.Builder
	for _, d := range o.diags {
		b.WriteString(short(source.Text(o.files, d, lang)))
	}
	severity := [...]string{"error", "warning", "note"}
	colon := ": "
	if lang == "zh" {
		severity, colon = [...]string{"错误", "警告", "提示"}, "："
	}
	for _, f := range o.found {
		line := fmt.Sprintf("%s:%d%s%s %s%s%s\n", f.file, f.line, colon,
			severity[f.Code.Severity()], f.Code, colon,
			cmp.Or(f.says[lang], f.Code.Message(lang, f.Args)))
		b.WriteString(short(line))
	}
	return b.String()
}

// short cuts lines that no page could show.
func short(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if r := []rune(line); len(r) > 160 {
			line = string(r[:150]) + "…\n"
		}
		b.WriteString(strings.ToValidUTF8(line, "\uFFFD"))
	}
	return b.String()
}

// codes are the codes of all that is told, and those of the second places.
func (o *outcome) codes() (first, second []source.Code) {
	for _, d := range o.diags {
		first = append(first, d.Code)
		for _, r := range d.Related {
			second = append(second, r.Code)
		}
	}
	for _, f := range o.found {
		first = append(first, f.Code)
	}
	return first, second
}

// fixed are the example's files with all fixes applied; nil where none is offered.
func (o *outcome) fixed() []source.File {
	files := slices.Clone(o.files)
	changed := map[int32]bool{}
	for _, d := range o.diags {
		if d.Fix == nil {
			continue
		}
		edits := slices.Clone(d.Fix.Edits)
		slices.SortStableFunc(edits, func(a, b source.Edit) int { return int(b.Span.Off - a.Span.Off) })
		for _, e := range edits {
			f := &files[e.Span.File]
			f.Text = f.Text[:e.Span.Off] + e.New + f.Text[e.Span.End:]
			changed[e.Span.File] = true
		}
	}
	var out []source.File
	for _, i := range slices.Sorted(maps.Keys(changed)) {
		out = append(out, files[i])
	}
	return out
}

// mend is the example with some of its files replaced.
func mend(files, by []source.File) []source.File {
	out := slices.Clone(files)
	for _, m := range by {
		if i := slices.IndexFunc(out, func(f source.File) bool { return f.Name == m.Name }); i >= 0 {
			out[i] = m
		} else {
			out = append(out, m)
		}
	}
	return out
}

// TestCodePages runs the example of every code's page: it yields exactly that code and nothing
// else, the page says what is told, and nothing is told once it is mended, by the fix where one is
// offered. A code that only names second places comes up beside one other.
func TestCodePages(t *testing.T) {
	golden.Run(t, "../dsl/source/pages", func(t *testing.T, c *golden.Case) golden.Outputs {
		for _, name := range c.Names() {
			c.Section(name)
		}
		p, err := codepages.Of(source.Code(c.Name))
		if err != nil {
			t.Fatal(err)
		}
		if p.Exempt != "" {
			return nil
		}
		got := exampleOf(p.Files).run(t)
		only(t, p.Code, got)
		if !slices.Contains(c.Names(), "told") || !slices.Contains(c.Names(), "told.zh") ||
			len(p.Mended) == 0 {
			t.Error("a page has the sections told, told.zh and mended/…")
		}
		out := golden.Outputs{"told": got.text("en"), "told.zh": got.text("zh")}
		right := got.fixed()
		for _, f := range right {
			out["mended/"+f.Name] = f.Text
		}
		if right == nil {
			right = p.Mended
		}
		after := exampleOf(mend(p.Files, right)).run(t)
		if first, _ := after.codes(); len(run(p.Code, first)) > 0 {
			t.Errorf("mended, it is told:\n%s", after.text("en"))
		}
		return out
	})
}

// run leaves out that this version does not run something, except on the pages about just that: an
// example stays as it is when a later version runs it.
func run(c source.Code, told []source.Code) []source.Code {
	later := func(c source.Code) bool { return strings.HasPrefix(string(c), "T05") }
	if later(c) {
		// What needs something that is not run stands beside it, and that is told too.
		return slices.DeleteFunc(told, func(o source.Code) bool {
			return o != c && (o == source.NotRun || o == source.NeedsNotRun)
		})
	}
	return slices.DeleteFunc(told, later)
}

func only(t *testing.T, c source.Code, o *outcome) {
	t.Helper()
	first, second := o.codes()
	first = run(c, first)
	switch {
	case len(first) != 1,
		first[0] != c && (c.Severity() != source.Note || !slices.Contains(second, c)):
		t.Errorf("the example of %s yields %v:\n%s", c, first, o.text("en"))
	}
}

// TestEveryCodeHasItsPage: go generate has written the pages of all codes, and no others.
func TestEveryCodeHasItsPage(t *testing.T) {
	docs, err := codepages.Documents()
	if err != nil {
		t.Fatal(err)
	}
	there, err := filepath.Glob("codes/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range there {
		if _, ok := docs[filepath.Base(file)]; !ok {
			t.Errorf("%s is the page of no code: run go generate ./dsl/source/pages", file)
		}
	}
	for name, want := range docs {
		text, err := os.ReadFile(filepath.Join("codes", name))
		if err != nil || string(text) != want {
			t.Errorf("codes/%s is not what go generate ./dsl/source/pages writes (%v)", name, err)
		}
	}
}
