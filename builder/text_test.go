package builder

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline/throughline/builder/wire"
)

// editing opens the socket of the text's page.
func (s *site) editing() *talker {
	s.t.Helper()
	d, err := s.b.desk(s.t.Context(), "east")
	if err != nil {
		s.t.Fatal(err)
	}
	return s.talk("/w/east/text/live?file=policy.thru&rev=1&draft=" + d.draft.ID())
}

// TestTextAnswers: what is hovered over is explained, in the reader's language; a name leads to its
// declaration, a place to the rule that it is in; what can be folded comes with the diagnostics.
func TestTextAnswers(t *testing.T) {
	s, _ := inspecting(t)
	k := s.editing()
	u := k.hears("folds", func(u *wire.Update) bool { return u.Diags != nil && len(u.Diags.Folds) > 0 })
	if u.Diags.Folds[0][0] != 0 || u.Diags.Folds[0][1] != 2 {
		t.Errorf("%v", u.Diags.Folds)
	}
	say := func(do, in, text string) {
		k.say(fmt.Sprintf(`{"do":%q,"ask":7,"file":"policy.thru","rev":1,"at":%s}`, do, at(in, text)))
	}
	say("hover", inspectorText, "scale(count(Ca")
	u = k.hears("what is told", func(u *wire.Update) bool { return u.Told != nil })
	if !strings.Contains(u.Told.HTML, "event Call") || u.Told.To-u.Told.From != 4 || u.Told.Ask != 7 {
		t.Errorf("%+v", u.Told)
	}
	say("hover", inspectorText, "check ea")
	u = k.hears("what is told", func(u *wire.Update) bool { return u.Told != nil })
	if !strings.Contains(u.Told.HTML, "每个") {
		t.Errorf("%+v", u.Told)
	}
	say("define", inspectorText, "scale(count(Ca")
	u = k.hears("the way", func(u *wire.Update) bool { return u.Go != nil })
	if want := len([]rune(inspectorText[:strings.Index(inspectorText, "Call \"")])); u.Go.At != want {
		t.Errorf("%+v, want %d", u.Go, want)
	}
	say("detail", inspectorText, "scale(count(Ca")
	u = k.hears("the way", func(u *wire.Update) bool { return u.Go != nil })
	if !strings.Contains(u.Go.Href, "rules?what=%5B%22Effort%22") {
		t.Errorf("%+v", u.Go)
	}
	k.say(`{"do":"hover","ask":8,"file":"policy.thru","rev":0,"at":3}`) // of a text that is past
	if u := k.hears("nothing", func(u *wire.Update) bool { return u.Told != nil }); u.Told.HTML != "" {
		t.Errorf("%+v", u.Told)
	}
	k.say(fmt.Sprintf(`{"do":"rename","file":"policy.thru","rev":1,"at":%s,"text":"Phone"}`,
		at(inspectorText, "scale(count(Ca")))
	k.told("rename Phone")
	if text := s.draftNow(); strings.Count(text, "Phone") != 6 || !strings.Contains(text, "event Phone was Call") {
		t.Error(text)
	}
	k.say(`{"do":"undo"}`)
	k.told("Undone: rename Phone")
	s.rewrite(strings.ReplaceAll(inspectorText, "  name text?", "name   text?"))
	k.say(`{"do":"format","file":"policy.thru"}`)
	k.told("lay out policy.thru")
	if !strings.Contains(s.draftNow(), "\n  name text?\n") {
		t.Error(s.draftNow())
	}
}

// TestCarets: who looks at a file sees where the others are, and no longer when they leave.
func TestCarets(t *testing.T) {
	s, _ := inspecting(t)
	a, b := s.editing(), s.enrol("bo", everywhere).editing()
	b.say(`{"do":"caret","file":"policy.thru","rev":1,"at":12,"index":9}`)
	u := a.hears("the other", func(u *wire.Update) bool { return u.Carets != nil && len(u.Carets.List) > 0 })
	if c := u.Carets.List[0]; c.Name != "bo" || c.At != 12 || c.To != 9 {
		t.Errorf("%+v", c)
	}
	b.say(`{"do":"caret","file":"policy.thru","rev":0,"at":1}`) // of a text that is past: not told
	_ = b.l.Close()
	a.hears("nobody", func(u *wire.Update) bool { return u.Carets != nil && len(u.Carets.List) == 0 })
}
