package dsl_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// hostile are texts that are hard on one part of the reader each, n pieces long.
func hostile(n int) map[string]string {
	fields := func(f func(i string) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(f(strings.Repeat("x", i%7+1) + string(rune('a'+i%26))))
		}
		return b.String()
	}
	long := strings.Repeat
	return map[string]string{
		"parentheses":                    "let a = " + long("(", n) + "1" + long(")", n),
		"lists":                          "let a = " + long("[", n) + "1" + long("]", n),
		"not":                            "rule R on A { when " + long("not ", n) + "a }",
		"minus":                          "let a = " + long("-", n) + "1",
		"dots":                           "let a = b" + long(".c", n),
		"sums":                           "let a = 1" + long(" + 1", n),
		"ifs":                            "let a = " + long("if a then ", n) + "1",
		"braces open":                    long("rule R on A { ", n),
		"braces closed":                  long("} ", n),
		"blocks in blocks":               "entity A " + long("{ a ", n) + long("}", n),
		"brackets never closed, by line": long("let a = (\n", n),
		"one long name":                  "let " + long("a", n*10) + " = 1",
		"one long text":                  `let a = "` + long("x", n*10) + `"`,
		"one open text":                  `let a = "` + long("x", n*10),
		"one long number":                "let a = " + long("9", n*10),
		"one long comment":               "//" + long("x", n*10),
		"message parts":                  `rule R on A { do { note "` + long("{a", n) + long("}", n) + `" } }`,
		"many message parts":             `rule R on A { do { note "` + long("{a}", n) + `" } }`,
		"unknown heads":                  long("wat a b\n", n),
		"unknown names":                  "entity A { n int }\n" + long("rule R on B { when m > 1; do { flag } }\n", n/4),
		"unknown fields":                 "entity A {\n" + fields(func(s string) string { return s + " int = " + s + "q\n" }) + "}",
		"one name":                       long("entity A { n int }\n", n),
		"choice values":                  "choice A = a" + long(" | a", n),
		"a cycle":                        "entity A {\n" + fields(func(s string) string { return s + " int = " + s + "\n" }) + "}",
		"records of a test":              "test \"t\" { given A a " + long("{ a: ", n) + long("}", n) + " }",
		"blank lines":                    long("\n", n*10),
		"zero bytes":                     long("\x00", n*10),
		"no text":                        long("\xff", n*10),
	}
}

// TestHostile reads, formats, translates and checks texts that are hard on one part each: nothing
// hangs or breaks, ten times the text takes at worst a hundred times the time, and memory and what
// is told are bounded by the text.
func TestHostile(t *testing.T) {
	small, large := hostile(150), hostile(1500)
	for name := range small {
		a, am := effort(t, name, small[name])
		b, bm := effort(t, name, large[name])
		t.Logf("%-30s %8v %8v  %7d %7d KB of %d KB", name, a, b, am>>10, bm>>10, len(large[name])>>10)
		if b > 100*a+5*time.Second { // a square of it, and the noise of the machine
			t.Errorf("%s: %d KB take %v", name, len(large[name])>>10, b)
		}
		if most := uint64(64<<20 + 4000*len(large[name])); bm > most {
			t.Errorf("%s: %d KB take %d MB", name, len(large[name])>>10, bm>>20)
		}
	}
}

func effort(t *testing.T, name, text string) (time.Duration, uint64) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	files := []source.File{{Name: "a.thru", Text: text}}
	p, diags := dsl.Check(files, policy.Settings{})
	for _, lang := range []string{"", "zh"} {
		syntax.Format(text, syntax.Options{Lang: lang})
	}
	if len(diags) > len(text)+1 {
		t.Errorf("%s: %d diagnostics of %d bytes", name, len(diags), len(text))
	}
	for i, d := range diags {
		if i < 50 {
			source.ReportOf(p.Files, d, "en")
			source.Text(p.Files, d, "zh")
		}
	}
	took := time.Since(began)
	runtime.ReadMemStats(&after)
	return took, after.TotalAlloc - before.TotalAlloc
}
