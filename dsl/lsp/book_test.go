package lsp

import (
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl/source"
)

const bookText = `entity Rep "销售" {
  name   text
  region East "华东" | West
}

event Call "电话" {
  rep      Rep
  answered bool
}

// Who calls too little.
alert Quiet of Rep {
  check each workday
  when  count(Call in 7d) < 3
  do    { notify self "{name} calls too little" }
}
`

// opened is a book with a text in two files, and where the mark | stands in the second.
func opened(t *testing.T, more, lang string) (*Book, int32) {
	t.Helper()
	at := strings.Index(more, "|")
	b := NewBook()
	b.Open([]source.File{{Name: "policy.thru", Text: bookText},
		{Name: "thru.toml", Text: "name = \"x\"\n"},
		{Name: "more.thru", Text: strings.Replace(more, "|", "", 1)}}, lang)
	return b, int32(at)
}

// TestBookCompletes: what fits at a place comes first, in the file's own vocabulary, and is found by
// the initials of what is Chinese.
func TestBookCompletes(t *testing.T) {
	for _, c := range []struct{ text, want, find string }{
		{"rule A on Call { when rep.| }", "region", ""},
		{"rule A on Call { when rep.region == | }", "East", "hd"},
		{"rule A on Call { whe| }", "when", ""},
		{"规则 甲 基于 Call { 每当 计数(| }", "Call", "dh"},
		{"alert A of Rep { for 3| }", "3d", ""},
	} {
		b, at := opened(t, c.text, "en")
		list := b.Complete("more.thru", at)
		i := slices.IndexFunc(list, func(s Suggestion) bool { return s.Label == c.want })
		if i < 0 {
			t.Errorf("%s: no %s among %v", c.text, c.want, list)
			continue
		}
		if !strings.Contains(list[i].Find, c.find) {
			t.Errorf("%s: %s is found by %q", c.text, c.want, list[i].Find)
		}
		if list[i].To != at {
			t.Errorf("%s: it stands in place of %d to %d, the caret at %d", c.text, list[i].From,
				list[i].To, at)
		}
	}
	b, _ := opened(t, "|", "en")
	if list := b.Complete("thru.toml", 3); len(list) > 0 {
		t.Error("settings are completed as a policy")
	}
}

// TestBookLooks: what is hovered over, where it is declared, and who names it.
func TestBookLooks(t *testing.T) {
	b, at := opened(t, "rule A on Call { when r|ep.region == West }", "zh")
	text, span := b.Hover("more.thru", at)
	if !strings.Contains(text, "rep Rep") || span.End-span.Off != 3 {
		t.Errorf("%q over %v", text, span)
	}
	spot, ok := b.Definition("more.thru", at)
	if !ok || spot.File != "policy.thru" || !spot.Own || bookText[spot.Off:spot.End] != "rep" {
		t.Errorf("%+v", spot)
	}
	refs := b.References("policy.thru", int32(strings.Index(bookText, "Call")))
	if len(refs) != 2 || refs[1].File != "more.thru" && refs[0].File != "more.thru" {
		t.Errorf("%+v", refs)
	}
	if text, _ := b.Hover("policy.thru", int32(strings.Index(bookText, "each"))); !strings.Contains(text, "每个") {
		t.Errorf("%q", text)
	}
	if folds := b.Folds("policy.thru"); len(folds) != 3 || folds[0] != [2]int{0, 2} {
		t.Errorf("%v", folds)
	}
}

// TestBookChanges: a rename is done in every file and keeps the identity; a wrong one is refused in
// the reader's language; formatting touches what is laid out otherwise and nothing else.
func TestBookChanges(t *testing.T) {
	b, _ := opened(t, "rule A on Call {\n    when rep.region == West\n}\n", "zh")
	list, err := b.Rename("policy.thru", int32(strings.Index(bookText, "Call")), "Phone")
	if err != nil || len(list) != 4 {
		t.Fatalf("%v %v", list, err)
	}
	var put []string
	for _, c := range list {
		put = append(put, c.File+": "+c.New)
	}
	if got := strings.Join(put, ", "); !strings.Contains(got, "more.thru: Phone") ||
		!strings.Contains(got, "policy.thru:  was Call") {
		t.Error(got)
	}
	if _, err := b.Rename("policy.thru", int32(strings.Index(bookText, "Call")), "3"); err == nil ||
		!strings.Contains(err.Error(), "名称") {
		t.Error(err)
	}
	if list := b.Format("more.thru"); len(list) != 1 || !strings.HasPrefix(list[0].New, "  when") {
		t.Errorf("%+v", list)
	}
	if list := b.Format("policy.thru"); len(list) != 0 {
		t.Errorf("%+v", list)
	}
}
