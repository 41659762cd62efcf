package language_test

import (
	"os"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/internal/golden"
)

// TestProofs holds the pages on proofs to what is told of their example.
func TestProofs(t *testing.T) {
	for _, p := range named(t, "proofs") {
		files := []source.File{{Name: "deals.thru", Text: p.blocks[0].text}}
		set, diags := dsl.Check(files, policy.Settings{})
		var told strings.Builder
		for _, d := range append(diags, dsl.Prove(set, diags)...) {
			told.WriteString(source.Text(set.Files, d, p.lang))
		}
		want := p.blocks[1].text
		if got := told.String(); got != want && golden.Update() {
			text := read(t, p.file)
			text = strings.Replace(text, "```told\n"+want+"```", "```told\n"+got+"```", 1)
			if err := os.WriteFile(p.file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		} else if got != want {
			t.Errorf("%s says\n%s\nand told is\n%s", p.file, want, got)
		}
	}
}

// TestExamplesAreSound finds nothing to prove wrong in the examples of the other pages. How many
// flags chance raises is no mistake: the handbook's own thresholds raise some.
func TestExamplesAreSound(t *testing.T) {
	for _, p := range pages(t) {
		if strings.HasPrefix(p.file, "proofs.") {
			continue
		}
		for _, b := range p.blocks {
			if !b.is("thru") {
				continue
			}
			text := b.text
			if b.is("fragment") {
				text = prelude + text
			}
			set, diags := dsl.Check([]source.File{{Name: p.file, Text: text}}, policy.Settings{})
			for _, d := range dsl.Prove(set, diags) {
				if d.Code == source.FlagsByLuck || d.Code == source.FlagsOfNothing {
					continue
				}
				t.Errorf("%s:%d: %s", p.file, b.line, source.Text(set.Files, d, p.lang))
			}
		}
	}
}
