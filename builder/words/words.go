// Package words holds every text that the pages say, in both languages side by side. Nothing else
// holds any: components name a text, and the script gets what it needs in the page.
//
// A text with verbs (%s, %d) takes its arguments in the same order in both languages, or numbers
// them (%[2]s). What a number decides on in English is in braces (package plural).
package words

import (
	"fmt"

	"github.com/throughline/throughline/internal/plural"
)

// A Text is what is said, in both languages.
type Text struct{ En, Zh string }

// In is the text in a language.
func (t Text) In(lang string) string {
	if lang == "zh" {
		return t.Zh
	}
	return t.En
}

// With is the text with its arguments.
func (t Text) With(args ...any) Text {
	return Text{plural.Sprintf(t.En, args...), fmt.Sprintf(t.Zh, args...)}
}
