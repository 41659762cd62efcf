package source

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestPosition(t *testing.T) {
	f := File{Text: "\uFEFFa客户b\r\nc\rd\n\ne"}
	at := func(s string) int32 { return int32(strings.Index(f.Text, s)) }
	for _, c := range []struct {
		off  int32
		want Position
	}{
		{0, Position{1, 1}}, {at("a"), Position{1, 1}}, {at("户"), Position{1, 3}}, {at("b"), Position{1, 4}},
		{at("c"), Position{2, 1}}, {at("d"), Position{3, 1}}, {at("e"), Position{5, 1}},
		{int32(len(f.Text)), Position{5, 2}}, {9999, Position{5, 2}}, {-1, Position{1, 1}},
	} {
		if got := f.Position(c.off); got != c.want {
			t.Errorf("offset %d is at %v, want %v", c.off, got, c.want)
		}
	}
	if got := f.LineAt(at("户")); got != "a客户b" {
		t.Errorf("line %q", got)
	}
}

// TestPositionProperty: lines and columns count what stands before, for any text.
func TestPositionProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("ab客\n\r\t")), 0, 40, -1).Draw(t, "text")
		f := File{Text: text}
		line, col := 1, 1
		for i, r := range text {
			if got := f.Position(int32(i)); got != (Position{line, col}) && !(r == '\n' && i > 0 && text[i-1] == '\r') {
				t.Fatalf("%q at %d: %v, want %d:%d", text, i, got, line, col)
			}
			switch {
			case r == '\n' && i > 0 && text[i-1] == '\r':
			case r == '\n' || r == '\r':
				line, col = line+1, 1
			default:
				col++
			}
		}
	})
}

// TestCodes: every code is unlike the others, well formed, and says in both languages the same
// number of things.
func TestCodes(t *testing.T) {
	seen := map[Code]bool{}
	holes := regexp.MustCompile(`\{\d(:type)?\}`)
	sets := func(s string) string {
		all := map[string]bool{}
		for _, m := range holes.FindAllString(s, -1) {
			all[strings.Replace(m, ":type", "", 1)] = true
		}
		var out strings.Builder
		for i := range 10 {
			if k := "{" + string(rune('0'+i)) + "}"; all[k] {
				out.WriteString(k)
			}
		}
		return out.String()
	}
	for _, e := range Codes() {
		if seen[e.Code] {
			t.Errorf("%s stands twice", e.Code)
		}
		seen[e.Code] = true
		if !regexp.MustCompile(`^T0[1-9]\d\d$`).MatchString(string(e.Code)) {
			t.Errorf("%s is no code", e.Code)
		}
		if e.En == "" || e.Zh == "" {
			t.Errorf("%s lacks a language", e.Code)
		}
		if sets(e.En) != sets(e.Zh) {
			t.Errorf("%s: %q and %q do not say the same", e.Code, e.En, e.Zh)
		}
		if got, ok := Lookup(e.Code); !ok || got != e {
			t.Errorf("%s is not found", e.Code)
		}
	}
}

func TestRender(t *testing.T) {
	d := Diagnostic{Code: Unexpected, Found: "wek", Want: []string{"name", "week", "year"}, Near: "week"}
	for lang, want := range map[string]string{
		"en": "this does not fit here; found `wek`; expected a name, `week` or `year`; did you mean `week`?",
		"zh": "此处不合语法；此处是 `wek`；应为 名称、`week` 或 `year`；是否想写 `week`？",
	} {
		if got := Render(d, lang); got != want {
			t.Errorf("%s: %s", lang, got)
		}
	}
	if got := Render(Diagnostic{Code: TooDeep, Args: []string{"200"}}, "en"); got != "this is nested more than 200 deep" {
		t.Error(got)
	}
}

func TestText(t *testing.T) {
	files := []File{{}, {Name: "a.thru", Text: "let x = 1\n\t客户 y ?? z and w\n"}}
	off := int32(strings.Index(files[1].Text, "y"))
	d := Diagnostic{Code: CoalesceMixed, Args: []string{"and"}, Span: Span{1, off, off + 6},
		Related: []Related{{Span: Span{1, 4, 5}, Code: FirstLabel}},
		Fix:     &Fix{Edits: []Edit{{Span{1, off, off}, "("}, {Span{1, off + 6, off + 6}, ")"}}}}
	want := "a.thru:2:5: error T0108: beside `and`, `??` needs parentheses\n" +
		"    \t客户 y ?? z and w\n" +
		"    \t     ^^^^^^\n" +
		"a.thru:1:5: note: the first stands here\n" +
		"    let x = 1\n" +
		"        ^\n" +
		"    → 客户 (y ?? z) and w\n"
	if got := Text(files, d, "en"); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	j, err := json.Marshal(ReportOf(files, d, "en"))
	if err != nil {
		t.Fatal(err)
	}
	wantJSON := `{"file":"a.thru","line":2,"col":5,"end_line":2,"end_col":11,"severity":"error","code":"T0108",` +
		"\"message\":\"beside `and`, `??` needs parentheses\",\"fix\":{\"edits\":[" +
		`{"file":"a.thru","line":2,"col":5,"end_line":2,"end_col":5,"new":"("},` +
		`{"file":"a.thru","line":2,"col":11,"end_line":2,"end_col":11,"new":")"}]},` +
		`"related":[{"file":"a.thru","line":1,"col":5,"end_line":1,"end_col":6,"code":"T0120",` +
		`"message":"the first stands here"}]}`
	if string(j) != wantJSON {
		t.Errorf("got  %s\nwant %s", j, wantJSON)
	}
}

// TestTextLong: of a line that is very long the neighbourhood is shown, the caret under its letter.
func TestTextLong(t *testing.T) {
	before, after := strings.Repeat("客", 3000), strings.Repeat("户", 3000)
	f := File{Name: "a.thru", Text: "let " + before + " y " + after}
	off := int32(strings.Index(f.Text, "y"))
	d := Diagnostic{Code: CoalesceMixed, Args: []string{"and"}, Span: Span{0, off, off + 1},
		Fix: &Fix{Edits: []Edit{{Span{0, off, off + 1}, "(y)"}}}}
	_, shown, _ := strings.Cut(Text([]File{f}, d, "en"), "\n")
	lines := strings.Split(shown, "\n")
	for i, want := range []string{" y ", "^", " (y) "} {
		if len(lines[i]) > 600 || !strings.Contains(lines[i], want) || !utf8.ValidString(lines[i]) {
			t.Errorf("line %d: %q", i, lines[i])
		}
	}
	at := strings.Index(lines[0], "y")
	if Columns(lines[0][:at]) != strings.Index(lines[1], "^") {
		t.Errorf("the caret does not stand under y:\n%s", shown)
	}
}

func TestTextNowhere(t *testing.T) {
	if got := Text(nil, Diagnostic{Code: Unexpected}, "en"); !strings.Contains(got, "T0101") {
		t.Error(got)
	}
}

func TestNearest(t *testing.T) {
	words := []string{"when", "where", "while", "do", "客户", "客户名称", "richness", "opportunity",
		"opportunities"}
	for name, want := range map[string]string{
		"wehn": "when", "whre": "where", "dso": "do", "x": "", "wxyz": "", "when": "", "客户名": "客户", "whan": "when",
		"rich": "richness", "oppor": "", "客": "",
	} {
		if got := Nearest(name, words); got != want {
			t.Errorf("nearest of %s is %q, want %q", name, got, want)
		}
	}
}

// TestDistance: the distance is symmetric, 0 only between equals, and one edit is one.
func TestDistance(t *testing.T) {
	word := rapid.StringOfN(rapid.SampledFrom([]rune("ab客")), 0, 6, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := []rune(word.Draw(t, "a")), []rune(word.Draw(t, "b"))
		d := distance(a, b)
		if d != distance(b, a) && d < 4 {
			t.Fatalf("%d and %d", d, distance(b, a))
		}
		if (d == 0) != (string(a) == string(b)) {
			t.Fatalf("%d between %q and %q", d, string(a), string(b))
		}
		if e := distance(a, append([]rune{'x'}, a...)); e != 1 {
			t.Fatalf("%d for one letter more", e)
		}
	})
}
