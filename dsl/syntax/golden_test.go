package syntax

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/internal/golden"
)

// TestGolden reads testdata/*.txtar: in.thru is the input; tokens, tree, fmt, zh, en and diag are
// what it scans, parses, formats and translates to, and what is told about it.
func TestGolden(t *testing.T) {
	golden.Run(t, "testdata", func(t *testing.T, c *golden.Case) golden.Outputs {
		in := source.File{Name: "in.thru", Text: unescapeInput(c.Input(t, "in.thru"))}
		f := Parse(0, in)
		zh := Format(in.Text, Options{Lang: "zh"})
		return golden.Outputs{
			"tokens":  printTokens(f),
			"tree":    tree(f.Lines),
			"fmt":     Format(in.Text, Options{}),
			"zh":      zh,
			"en":      Format(zh, Options{Lang: "en"}),
			"diag":    printDiags(in, f.Diags, "en"),
			"diag-zh": printDiags(in, f.Diags, "zh"),
		}
	})
}

// unescapeInput lets an archive hold what an editor would not keep: ␍ for CR, ␣ for a blank at a
// line's end, ␚ for the byte order mark.
func unescapeInput(s string) string {
	return strings.NewReplacer("␍", "\r", "␣", " ", "␚", "\uFEFF").Replace(s)
}

func printTokens(f *File) string {
	kinds := map[Kind]string{KindWord: "word", KindNumber: "number", KindMoment: "moment", KindText: "text",
		KindRaw: "raw", KindSign: "sign", KindComment: "comment", KindBad: "bad"}
	var b strings.Builder
	for i, t := range f.Tokens {
		if name := kinds[t.Kind]; t.Kind == KindSign {
			fmt.Fprintf(&b, "%s %s\n", name, signs[t.sign])
		} else if name != "" {
			fmt.Fprintf(&b, "%s %s\n", name, f.tokenText(i))
		}
	}
	return b.String()
}

func printDiags(in source.File, diags []source.Diagnostic, lang string) string {
	var b strings.Builder
	for _, d := range diags {
		b.WriteString(source.Text([]source.File{in}, d, lang))
	}
	return b.String()
}

// slice is the text of a place.
func (f *File) slice(s source.Span) string { return f.Text[s.Off:s.End] }
