package diff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// Structure finds where two policies differ in more than numbers, as file:line of the new one; "":
// nowhere. What may change are the numbers that the language writes with digits, in the unit that
// they have: 60% into 65%, 7d into 10d, but not into 7wd. Layout and comments are no structure;
// words, names, texts and moments are.
func Structure(old, new *policy.Policy) string {
	byName := func(p *policy.Policy) []source.File {
		return slices.SortedFunc(slices.Values(p.Files), func(a, b source.File) int {
			return cmp.Compare(a.Name, b.Name)
		})
	}
	olds, news := byName(old), byName(new)
	for i, f := range news {
		if i >= len(olds) || olds[i].Name != f.Name {
			return placeOf(f, 0)
		}
		at := len(f.Text)
		if strings.HasSuffix(f.Name, ".thru") {
			at = structure(olds[i].Text, f.Text)
		} else if f.Text != olds[i].Text {
			at = 0
		}
		if at < len(f.Text) || at > len(f.Text) {
			return placeOf(f, min(at, len(f.Text)))
		}
	}
	if len(olds) > len(news) {
		return placeOf(olds[len(news)], 0)
	}
	if old.Settings != new.Settings && len(news) > 0 {
		return placeOf(news[0], 0)
	}
	return ""
}

func placeOf(f source.File, off int) string {
	return fmt.Sprintf("%s:%d", f.Name, f.Position(int32(off)).Line)
}

// structure is where a text differs from an older one in more than numbers: its length where it
// does not, and more than that where it ends early.
func structure(old, new string) int {
	was, is := tokens(old), tokens(new)
	for i, w := range is {
		if i >= len(was) || was[i].text != w.text {
			return w.off
		}
	}
	if len(was) > len(is) {
		return len(new) + 1
	}
	return len(new)
}

// token is a token as it counts for structure.
type token struct {
	text string
	off  int
}

// tokens are the tokens of a text without layout and comments; of numbers, the unit is left.
func tokens(text string) (out []token) {
	line := true // the beginning of a line: line ends before it say nothing
	for _, t := range syntax.Scan(text) {
		s := text[t.Off:t.End]
		switch t.Kind {
		case syntax.KindBlank, syntax.KindComment:
			continue
		case syntax.KindNewline:
			if line {
				continue
			}
			s = "\n"
		case syntax.KindNumber:
			s = "0" + unit(s)
		}
		line = t.Kind == syntax.KindNewline
		out = append(out, token{s, int(t.Off)})
	}
	if n := len(out); n > 0 && out[n-1].text == "\n" {
		out = out[:n-1]
	}
	return out
}

// unit is what is left of a number without its digits: 万 and 亿 are digits too.
func unit(number string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= '０' && r <= '９', strings.ContainsRune("_.．万亿", r):
			return -1
		}
		return r
	}, number)
}
