package wire

import (
	"encoding/json"
	"testing"
)

// FuzzCommand reads whatever a page may send: a change set fits the text, and then its edits lie in it
// one behind the other, or it is refused.
func FuzzCommand(f *testing.F) {
	for _, s := range []string{`{"do":"edit","sets":[[1,[2,"电"],8]]}`, `{"do":"edit","sets":[[11,[0,"",""]],[12]]}`,
		`{"do":"edit","sets":[[[11]]],"rev":-1}`, `{"do":"move","what":["Sale",null],"index":-7}`,
		`{"sets":[[null],[[]]]}`} {
		f.Add(s, "打📞 call\n结束")
	}
	f.Fuzz(func(t *testing.T, line, text string) {
		var c Command
		if json.Unmarshal([]byte(line), &c) != nil {
			return
		}
		for _, set := range c.Sets {
			edits, err := set.Edits(0, text)
			if err != nil {
				continue
			}
			end := int32(0)
			for _, e := range edits {
				if e.Span.Off < end || e.Span.End < e.Span.Off || int(e.Span.End) > len(text) {
					t.Fatalf("%+v of %q", edits, text)
				}
				end = e.Span.End
			}
		}
	})
}
