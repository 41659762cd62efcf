package builder

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/source"
)

// TestBoardDiff: of two boards one is made, on which each card that is not what it was says so; a
// card in another stage has moved, one that says something else of the same thing has changed.
func TestBoardDiff(t *testing.T) {
	text := exampleText(t)
	board := func(text string) []view.Journey {
		k := new(dsl.Checker)
		p, _ := (&Builder{}).checkFiles(k, []source.File{{Name: "policy.thru", Text: text}})
		return boardOf(p, "en")
	}
	for _, c := range []struct{ from, to, says string }{
		{"sla  3d", "sla  3d", ""},
		{"// ", "// more ", ""},
		{"must Offer\n", "must Offer\n    must 2 FirstCall\n", "+ added: In talks › First call"},
		{"    must Offer\n", "", "− removed: In talks › Offer"},
		{"must Offer\n", "must 3 Offer within 5wd\n", "~ changed: In talks › Offer, was “must Offer”"},
		{"sla  14d", "sla  21d", "~ changed: In talks › 21 days, was “sla 14d”"},
		{"    must FirstCall within 4wh\n", "", "− removed: New › First call"},
		{"stage Lost", "stage Gone", "+ added: Lost; − removed: Lost"},
		{"journey Sale", "journey Deal", "+ added: Sale; − removed: Sale"},
	} {
		d := boardDiff(&view.Viewer{Lang: "en"}, board(text), board(strings.Replace(text, c.from, c.to, 1)))
		says := ""
		if d != nil {
			says = strings.Join(d.Says, "; ")
		}
		if says != c.says {
			t.Errorf("%q → %q: %s, want %s", c.from, c.to, says, c.says)
		}
	}
	moved := strings.Replace(text, "    must FirstCall within 4wh\n", "", 1)
	moved = strings.Replace(moved, "must Offer\n", "must Offer\n    must FirstCall within 4wh\n", 1)
	for lang, want := range map[string]string{
		"en": "→ moved here from New: In talks › First call", "zh": "→ 从「New」移来：In talks › First call"} {
		d := boardDiff(&view.Viewer{Lang: lang}, board(text), board(moved))
		if d == nil || len(d.Says) != 1 || d.Says[0] != want {
			t.Errorf("%s: %+v", lang, d)
		}
	}
}
