package syntax

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl/source"
)

// large is about 100 KB of policy. Names differ from copy to copy, so that most lines do.
func large(b testing.TB) string {
	text := sample(b)
	f := parseText(text)
	names := map[int]bool{}
	var walk func([]*Line)
	walk = func(lines []*Line) {
		for _, l := range lines {
			w := rolesOf(l, NoBlock)
			for i := l.from; i < l.to; i++ {
				if f.Tokens[i].Kind == KindWord && !w.keyword(i-l.from) && canon(f.tokenText(i)) == f.tokenText(i) && !hasRow(f.tokenText(i)) {
					names[i] = true
				}
			}
			walk(l.Body)
		}
	}
	walk(f.Lines)
	var all strings.Builder
	for n := range 100_000/len(text) + 1 {
		for i := range f.Tokens {
			all.WriteString(f.tokenText(i))
			if names[i] {
				fmt.Fprint(&all, n)
			}
		}
	}
	return all.String()
}

func hasRow(word string) bool {
	for _, v := range Vocabulary() {
		if v.En == word {
			return true
		}
	}
	return false
}

func start(b *testing.B) string {
	text := large(b)
	if f := parseText(text); len(f.Diags) > 0 {
		b.Fatal(tell(f, f.Diags[0]))
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	return text
}

func BenchmarkScan(b *testing.B) {
	text := start(b)
	for b.Loop() {
		Scan(text)
	}
}

func BenchmarkCut(b *testing.B) {
	text := start(b)
	for b.Loop() {
		cut(&File{Text: text, Tokens: Scan(text)})
	}
}

func BenchmarkParse(b *testing.B) {
	text := start(b)
	for b.Loop() {
		parseText(text)
	}
}

// BenchmarkReparse parses again after one line has changed.
func BenchmarkReparse(b *testing.B) {
	text := start(b)
	var c Cache
	c.Parse(0, source.File{Text: text})
	for i := 0; b.Loop(); i++ {
		c.Parse(0, source.File{Text: strings.Replace(text, "14d", fmt.Sprint(i, "d"), 1)})
	}
}

func BenchmarkFormat(b *testing.B) {
	text := start(b)
	for b.Loop() {
		Format(text, Options{})
	}
}

// BenchmarkProbe parses a file of one line that fails: what a mistake costs.
func BenchmarkProbe(b *testing.B) {
	for b.Loop() {
		parseText("let a = b +")
	}
}
