package syntax

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/alecthomas/participle/v2/lexer"

	"github.com/throughline/throughline/dsl/source"
)

// sample is a policy that uses every construct of the reference once.
func sample(t testing.TB) string {
	b, err := os.ReadFile("testdata/all.thru")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func parseText(text string) *File { return Parse(0, source.File{Name: "in.thru", Text: text}) }

// tell is a diagnostic in one line.
func tell(f *File, d source.Diagnostic) string {
	in := source.File{Name: f.Name, Text: f.Text}
	at := in.Position(d.Span.Off)
	return fmt.Sprintf("%d:%d %s %q %q | %s", at.Line, at.Col, d.Code, d.Found, d.Want, strings.TrimSpace(in.LineAt(d.Span.Off)))
}

func tellAll(f *File) string {
	var all []string
	for _, d := range f.Diags {
		all = append(all, tell(f, d))
	}
	return strings.Join(all, "\n")
}

func TestSampleIsClean(t *testing.T) {
	if f := parseText(sample(t)); len(f.Diags) > 0 {
		t.Error(tellAll(f))
	}
}

// TestEveryField: the sample fills every field of every line there is a production for, in one of
// the two vocabularies.
func TestEveryField(t *testing.T) {
	filled := map[string]bool{}
	en := sample(t)
	for _, text := range []string{en, Format(en, Options{Lang: "zh"})} {
		for _, l := range parseText(text).Lines {
			markFields(reflect.ValueOf(l), filled)
		}
	}
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(ty reflect.Type) {
		if seen[ty] || ty.PkgPath() != reflect.TypeFor[Tok]().PkgPath() && ty.Kind() == reflect.Struct {
			return
		}
		seen[ty] = true
		switch ty.Kind() {
		case reflect.Pointer, reflect.Slice:
			walk(ty.Elem())
		case reflect.Struct:
			for i := range ty.NumField() {
				if name := ty.Name() + "." + ty.Field(i).Name; ty != tokType && !filled[name] {
					t.Errorf("no %s in the sample", name)
				}
				walk(ty.Field(i).Type)
			}
		}
	}
	all := reflect.TypeFor[productions]()
	for i := range all.NumField() {
		if line := all.Field(i).Type.Elem(); line != reflect.TypeFor[lone]() {
			walk(line)
		}
	}
}

// markFields notes every field of a line and its block that holds something.
func markFields(v reflect.Value, filled map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			markFields(v.Elem(), filled)
		}
	case reflect.Slice:
		for i := range v.Len() {
			markFields(v.Index(i), filled)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.Name == "file" || f.Name == "kids" {
				continue
			}
			if !v.Field(i).IsZero() {
				filled[v.Type().Name()+"."+f.Name] = true
			}
			markFields(v.Field(i), filled)
		}
	}
}

// TestDamagedToken puts a Bad token at every place of every line but its head. What stands before
// is good and a Bad token is never accepted, so a perfect parser fails exactly there.
func TestDamagedToken(t *testing.T) {
	en := sample(t)
	for _, text := range []string{en, Format(en, Options{Lang: "zh"})} {
		damagedTokens(t, text)
	}
}

func damagedTokens(t *testing.T, text string) {
	f := parseText(text)
	if len(f.Diags) > 0 {
		t.Fatal(tellAll(f))
	}
	p := &parser{file: f, grammar: theGrammar(), cache: &Cache{feed: newFeed(256)}}
	places := 0
	var walk func([]*Line)
	walk = func(lines []*Line) {
		for _, l := range lines {
			for i := l.from + 1; i < l.to; i++ {
				if ofKind[f.Tokens[i].Kind] == 0 {
					continue
				}
				places++
				if at := failsAt(p, l, i-l.from); at != i-l.from {
					t.Errorf("bad token for %q told at %d, not %d: %s", f.tokenText(i), at, i-l.from, f.slice(l.Span()))
				}
			}
			walk(l.Body)
		}
	}
	walk(f.Lines)
	if places < 1000 {
		t.Errorf("only %d places", places)
	}
}

// failsAt is where a line fails when one of its tokens is Bad.
func failsAt(p *parser, l *Line, bad int) int {
	w := p.cache.feed
	w.line(p.file, l.from, l.to)
	for i := range w.buf[:w.n] {
		if b := &w.buf[i]; b.Pos.Offset == bad {
			*b = lexer.Token{Type: tBad, Value: "\x01", Pos: b.Pos}
		}
	}
	_, err := p.head(l, l.Block).parse(w.rewind())
	return failedAt(err)
}

// mistakes are one each; planted in one file they give one diagnostic each, at the place.
var mistakes = []struct{ good, bad, at string }{
	{"channel   Channel", "channel   Channel |", ""},
	{"fill skus = []", "fill skus = = []", "="},
	{"employees >= 200                   : 3", "employees >= 200                   3", "3"},
	{"must FirstCall within 4wh", "must FirstCall withn 4wh", "withn"},
	{"sla   14d", "sla   after 14d", "14d"},
	{"done    distinct(skus) >= 3 and", "done    distinct(skus >= 3 and", "("},
	{"else reject unknown review", "else rejct unknown review", "rejct"},
	{"target  20 per week", "target  20 per fortnight", "fortnight"},
	{"scale(hits(note, PainPoints), 0, 3)", "scale(hits(note, PainPoints), , 3)", ","},
	{"when amount >= 100万 and stage", "when amount >= >= 100万 and stage", ">="},
	{"check each workday", "check every workday", "every"},
	{"for   3 in a row", "for   3 in row", "row"},
	{"task \"唤醒\" for owner due 2wd", "task for owner due 2wd", "for"},
	{"limit   candidate.load < 1.2", "limt    candidate.load < 1.2", "limt"},
	{"expect v1 accepted", "expct v1 accepted", "expct"},
	{"at 2026-03-02T18:00", "at 18:00", "18"},
	{"verify after 90d expect", "verify 90d expect", "90d"},
	{"better lower", "better low", "low"},
	{"open 10:00 .. 14:00", "open 10:00 - 14:00", "-"},
	{"{ name: \"王\" }", "{ name \"王\" }", "\"王\""},
}

func TestMistakes(t *testing.T) {
	text := sample(t)
	for _, m := range mistakes {
		if !strings.Contains(text, m.good) {
			t.Fatalf("the sample has no %q", m.good)
		}
		text = strings.Replace(text, m.good, m.bad, 1)
	}
	f := parseText(text)
	if len(f.Diags) != len(mistakes) {
		t.Errorf("%d diagnostics for %d mistakes:\n%s", len(f.Diags), len(mistakes), tellAll(f))
	}
	for _, m := range mistakes {
		found := false
		for _, d := range f.Diags {
			line := source.File{Text: f.Text}.LineAt(d.Span.Off)
			found = found || d.Found == m.at && strings.Contains(line, m.bad)
		}
		if !found {
			t.Errorf("nothing told at %q of %q\n%s", m.at, m.bad, tellAll(f))
		}
	}
}

// TestManyMistakes: a file of 500 mistakes gives 500 diagnostics.
func TestManyMistakes(t *testing.T) {
	var b strings.Builder
	for i := range 500 {
		fmt.Fprintf(&b, "alert A%d of Rep {\n  when count(Visit in 7d) = 0\n  for 2h\n}\n", i)
	}
	if f := parseText(b.String()); len(f.Diags) != 500 {
		t.Errorf("%d diagnostics", len(f.Diags))
	}
}

// TestStrays: bytes of no meaning side by side are one mistake, however many.
func TestStrays(t *testing.T) {
	for _, n := range []int{1, 2, 3000} {
		f := parseText("x { " + strings.Repeat("\x01", n) + " a " + strings.Repeat("\x85", n) + " }")
		if len(f.Diags) != 3 { // x heads nothing
			t.Errorf("%d bytes: %s", n, tellAll(f))
		}
	}
}

// TestDamage damages one token at random. It never panics; damage that is no bracket, quote, sign
// that joins lines or head of a block is told once and in its line.
func TestDamage(t *testing.T) {
	text := sample(t)
	r := rand.New(rand.NewPCG(7, 7))
	tokens := Scan(text)
	by := []string{"", "}", "(", "\"", "if", "== ==", ")", "pick", "{", "]", "[", "1x", "时间"}
	often, most := 0, 0
	var cache Cache
	for range damages(t, 700) {
		k := tokens[r.IntN(len(tokens))]
		if ofKind[k.Kind] == 0 {
			continue
		}
		with := by[r.IntN(len(by))]
		old := text[k.Off:k.End]
		f := cache.Parse(0, source.File{Text: text[:k.Off] + with + text[k.End:]})
		structural := strings.ContainsAny(old, "{}()[];,|=\"`") || strings.ContainsAny(with, "{}()[]\"")
		switch n := len(f.Diags); {
		case structural && n > 8:
			often++
		case !structural && n > 1:
			if most++; most < 5 {
				t.Logf("%q by %q:\n%s", old, with, tellAll(f))
			}
		}
	}
	if most > 12 {
		t.Errorf("%d plain damages were told more than once", most)
	}
	if often > 60 {
		t.Errorf("%d damaged brackets were told more than 8 times", often)
	}
	t.Log(most, "plain damages told more than once;", often, "brackets more than 8 times")
}

// TestFormatDamaged: a file with mistakes is formatted too: formatting again changes nothing, and
// no word or comment is lost.
func TestFormatDamaged(t *testing.T) {
	text := sample(t)
	tokens := Scan(text)
	r := rand.New(rand.NewPCG(5, 5))
	by := []string{"", "}", "(", "\"", "if", "=", ")", "pick", "{", "]", "[", "\n", ";", "\n\n", " // x\n", "or", ","}
	for range damages(t, 120) {
		damaged := text
		for range 1 + r.IntN(3) {
			k := tokens[r.IntN(len(tokens))]
			if int(k.End) <= len(damaged) {
				damaged = damaged[:k.Off] + by[r.IntN(len(by))] + damaged[k.End:]
			}
		}
		damaged = strings.ToValidUTF8(damaged, "")
		out := Format(damaged, Options{})
		if again := Format(out, Options{}); again != out {
			t.Fatalf("formatting again changes this:\n%s\n---\n%s", out, again)
		}
		if a, b := words(parseText(damaged)), words(parseText(out)); a != b {
			t.Fatalf("words are lost:\n%s", damaged)
		}
	}
}

// damages is how many random damages a test makes: fewer in short runs.
func damages(t *testing.T, n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}
