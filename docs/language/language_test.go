// Package language_test holds the reference to the program it describes.
package language_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/internal/calendar"
)

// prelude stands before every block that is marked as a fragment. The page says so at its top.
const prelude = "import sales.*\n"

// page is one language's reference, with the words it is written in.
type page struct {
	file, lang string
	blocks     []block
}

// block is one fenced example. The words behind its fence say what it is: `thru` is a file of its
// own, `fragment` stands behind the prelude, `later` is what this version does not run, and
// `ndjson` are records of the policy before it.
type block struct {
	line  int
	marks []string
	text  string
}

func (b block) is(mark string) bool { return slices.Contains(b.marks, mark) }

// pages are all pages of the reference: the English ones first, then the Chinese ones, each by name.
func pages(t *testing.T) []page {
	t.Helper()
	files, err := filepath.Glob("*.md")
	if err != nil || len(files) == 0 {
		t.Fatal("no pages", err)
	}
	var en, zh []page
	for _, f := range files {
		p := page{file: f, lang: "en", blocks: fenced(read(t, f))}
		if strings.HasSuffix(f, ".zh-CN.md") {
			p.lang = "zh"
			zh = append(zh, p)
			continue
		}
		en = append(en, p)
	}
	return append(en, zh...)
}

// named are the two pages of a chapter.
func named(t *testing.T, chapter string) []page {
	t.Helper()
	var out []page
	for _, p := range pages(t) {
		if strings.TrimSuffix(strings.TrimSuffix(p.file, ".md"), ".zh-CN") == chapter {
			out = append(out, p)
		}
	}
	if len(out) != 2 {
		t.Fatalf("%d pages of %s", len(out), chapter)
	}
	return out
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// fenced takes the fenced blocks out of a page.
func fenced(text string) []block {
	var out []block
	in := false
	for i, line := range strings.Split(text, "\n") {
		marks, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && in:
			in = false
		case fence:
			in = true
			out = append(out, block{line: i + 1, marks: strings.Fields(marks)})
		case in:
			out[len(out)-1].text += line + "\n"
		}
	}
	return out
}

// checked checks one example, which may have no errors. It returns the codes that were told.
func checked(t *testing.T, p page, b block) (*policy.Policy, []source.Code) {
	t.Helper()
	text := b.text
	if b.is("fragment") {
		text = prelude + text
	}
	files := []source.File{{Name: fmt.Sprintf("%s:%d", p.file, b.line), Text: text}}
	pol, diags := dsl.Check(files, policy.Settings{Lang: p.lang, Timezone: "Asia/Shanghai"})
	var codes []source.Code
	for _, d := range diags {
		codes = append(codes, d.Code)
		later := strings.HasPrefix(string(d.Code), "T05")
		if d.Code.Severity() == source.Error || !later && d.Code.Severity() == source.Warning {
			r := source.ReportOf(pol.Files, d, "en")
			t.Errorf("%s line %d: %s %s", r.File, r.Line, r.Code, r.Message)
		}
	}
	return pol, codes
}

// TestExamplesAreChecked holds every example to the checker: no mistakes, and a warning that it is
// not run exactly where the page says so.
func TestExamplesAreChecked(t *testing.T) {
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if !b.is("thru") {
				continue
			}
			_, codes := checked(t, p, b)
			waits := slices.ContainsFunc(codes, func(c source.Code) bool {
				return strings.HasPrefix(string(c), "T05")
			})
			if waits != b.is("later") {
				t.Errorf("%s:%d: marked as run later: %v, the checker says %v (%v)",
					p.file, b.line, b.is("later"), waits, codes)
			}
		}
	}
}

// TestExamplesAreInTheOneLayout holds every example to thru fmt in the page's own words.
func TestExamplesAreInTheOneLayout(t *testing.T) {
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if !b.is("thru") {
				continue
			}
			if want := syntax.Format(b.text, syntax.Options{Lang: p.lang}); b.text != want {
				t.Errorf("%s:%d: the example is laid out otherwise:\n%s", p.file, b.line, want)
			}
		}
	}
}

// TestExamplesRun runs the tests that stand in examples.
func TestExamplesRun(t *testing.T) {
	ran := map[string]int{}
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if !b.is("thru") || b.is("later") {
				continue
			}
			pol, _ := checked(t, p, b)
			for _, r := range trial.All(pol, trial.Options{Lang: p.lang}, nil) {
				if ran[p.lang]++; !r.Passed {
					t.Errorf("%s:%d: test %q: %s", p.file, b.line, r.Name, r.Message)
				}
			}
		}
	}
	if ran["en"] == 0 || ran["zh"] != ran["en"] {
		t.Errorf("tests shown by language: %v", ran)
	}
}

// TestRecordsDecode decodes the records of each page against the policy above them.
func TestRecordsDecode(t *testing.T) {
	for _, p := range pages(t) {
		var above *policy.Policy
		for _, b := range p.blocks {
			if b.is("thru") {
				above, _ = checked(t, p, b)
			}
			if b.is("ndjson") {
				decode(t, p, b, above)
			}
		}
	}
}

func decode(t *testing.T, p page, b block, pol *policy.Policy) {
	t.Helper()
	zone, err := calendar.Zone(pol.Settings.Timezone)
	if err != nil {
		t.Fatal(err)
	}
	d := record.NewDecoder(pol, zone)
	var r record.Record
	for i, line := range strings.Split(strings.TrimSpace(b.text), "\n") {
		d.Decode([]byte(line), nil, &r)
		if r.Reject != nil || len(r.Findings) > 0 {
			t.Errorf("%s:%d: %+v %+v", p.file, b.line+1+i, r.Reject, r.Findings)
		}
	}
}

// TestPagesSayTheSame holds both pages to the same headings, tables and examples. Texts for people
// and comments differ; what is left of an example is the same in the words of either page.
func TestPagesSayTheSame(t *testing.T) {
	all := pages(t)
	if len(all)%2 != 0 {
		t.Fatalf("%d pages: one has no twin", len(all))
	}
	for i, en := range all[:len(all)/2] {
		zh := all[len(all)/2+i]
		if want := strings.TrimSuffix(en.file, ".md") + ".zh-CN.md"; zh.file != want {
			t.Fatalf("%s has no twin %s, but there is %s", en.file, want, zh.file)
		}
		sameAs(t, en, zh)
	}
}

func sameAs(t *testing.T, en, zh page) {
	t.Helper()
	if a, b := outline(read(t, en.file)), outline(read(t, zh.file)); !slices.Equal(a, b) {
		t.Errorf("%s and %s differ in structure:\n%s", en.file, zh.file, firstDifference(a, b))
	}
	if len(en.blocks) != len(zh.blocks) {
		t.Errorf("%s: %d examples, but %d in %s", en.file, len(en.blocks), len(zh.blocks), zh.file)
		return
	}
	for i, b := range en.blocks {
		a, z := bare(b, "zh"), bare(zh.blocks[i], "zh")
		if !slices.Equal(b.marks, zh.blocks[i].marks) || b.is("thru") && a != z {
			t.Errorf("%s:%d is not the example of %s:%d:\n%s", zh.file, zh.blocks[i].line,
				en.file, b.line, firstDifference(strings.Split(a, "\n"), strings.Split(z, "\n")))
		}
	}
}

// outline is the shape of a page: headings by level, rows of tables, points of lists.
func outline(text string) []string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "#"):
			level, rest, _ := strings.Cut(line, " ")
			number, _, _ := strings.Cut(rest, " ")
			if !strings.HasSuffix(number, ".") {
				number = ""
			}
			out = append(out, level+number)
		case strings.HasPrefix(line, "| "), strings.HasPrefix(line, "- "),
			strings.HasPrefix(line, "```"):
			out = append(out, line[:1])
		}
	}
	return out
}

// bare is an example without texts, comments and columns, in one vocabulary.
func bare(b block, lang string) string {
	text := syntax.Format(b.text, syntax.Options{Lang: lang})
	text = regexp.MustCompile(`"[^"]*"`).ReplaceAllString(text, `""`)
	text = regexp.MustCompile(`//[^\n]*`).ReplaceAllString(text, "//")
	return regexp.MustCompile(` +`).ReplaceAllString(text, " ")
}

func firstDifference(a, b []string) string {
	for i := range max(len(a), len(b)) {
		var x, y string
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			return fmt.Sprintf("at %d: %q, but %q", i, x, y)
		}
	}
	return ""
}

// groups name the parts of the table of words by the word each begins with.
func groups(lang string) [][2]string {
	en := [][2]string{{"package", "files and records"}, {"text", "types"}, {"and", "operators, values"},
		{"when", "clauses"}, {"day", "periods"}, {"journey", "journeys"}, {"action", "actions"},
		{"score", "rules and effects"}, {"metric", "metrics and goals"}, {"test", "tests"},
		{"count", "aggregates"}, {"missing", "functions"}}
	if lang == "en" {
		return en
	}
	for i, name := range []string{"文件与记录", "类型", "运算与值", "子句", "周期", "旅程", "动作",
		"规则与效果", "指标与目标", "测试", "汇总", "函数"} {
		en[i][1] = name
	}
	return en
}

// words is the table of section 13 as the program has it.
func words(lang string) string {
	var out strings.Builder
	next := groups(lang)
	for i, v := range syntax.Vocabulary() {
		switch {
		case len(next) > 0 && v.En == next[0][0]:
			if i > 0 {
				out.WriteString(" |\n")
			}
			out.WriteString("| " + next[0][1] + " | ")
			next = next[1:]
		default:
			out.WriteString(" · ")
		}
		out.WriteString(v.En)
		if v.Role != "" {
			out.WriteString(" ‹" + v.Role + "›")
		}
		out.WriteString(" " + v.Zh)
	}
	out.WriteString(" |\n")
	unit := "units, glued to the number"
	if lang == "zh" {
		unit = "单位，紧贴数字"
	}
	var units []string
	for _, u := range syntax.Units() {
		units = append(units, u.En+" "+u.Zh)
	}
	return out.String() + "| " + unit + " | " + strings.Join(units, " · ") + " |\n"
}

// TestWordsAreTheVocabulary holds the table of words to the program's, in order.
func TestWordsAreTheVocabulary(t *testing.T) {
	for _, p := range named(t, "13-words") {
		if want := words(p.lang); !strings.Contains(read(t, p.file), want) {
			t.Errorf("%s has not the table of words, which is:\n%s", p.file, want)
		}
	}
}

// TestCodesOfWhatIsNotRun holds what the top of the page quotes to what the checker says.
func TestCodesOfWhatIsNotRun(t *testing.T) {
	for _, p := range named(t, "README") {
		text := read(t, p.file)
		for _, q := range []struct {
			code source.Code
			args []string
		}{
			{source.NotRun, []string{"goal", "Bigger"}},
			{source.NeedsNotRun, []string{"rule", "Orphan", "Task"}},
			{source.ReadsLater, []string{"Rep.hot", "Task"}},
			{source.AskNotRun, []string{"Task"}},
			{source.TestNotRun, []string{"Task"}},
		} {
			want := fmt.Sprintf("`%s` %s", q.code, q.code.Message(p.lang, q.args))
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say: %s", p.file, want)
			}
		}
	}
}

// TestContentsNameEveryPage holds each language's list of chapters to the pages that there are.
func TestContentsNameEveryPage(t *testing.T) {
	for _, contents := range named(t, "README") {
		text := read(t, contents.file)
		for _, p := range pages(t) {
			if p.lang == contents.lang && p.file != contents.file && !strings.Contains(text, "]("+p.file+")") {
				t.Errorf("%s does not name %s", contents.file, p.file)
			}
		}
	}
}
