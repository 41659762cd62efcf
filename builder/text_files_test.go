package builder

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/throughline/throughline/builder/wire"
	"github.com/throughline/throughline/runtime/access"
)

// filing sends the form that does something to a file: by its key, of the draft as it is.
func (s *site) filing(do, key, name string) got {
	s.t.Helper()
	d, err := s.b.desk(s.t.Context(), "east")
	if err != nil {
		s.t.Fatal(err)
	}
	return s.post("/w/east/text", "do", do, "file", key, "draft", d.draft.ID(), do+"-name", name)
}

// inFile opens the socket of the page of a file.
func (s *site) inFile(name string) (k *talker, key string) {
	s.t.Helper()
	page := s.get("/w/east/text?file=" + name).wants(200)
	key = between(page.text, `data-file="`, `"`)
	live := strings.ReplaceAll(between(page.text, `data-live="`, `"`), "&amp;", "&")
	k = s.talk(live + "&rev=" + between(page.text, `data-rev="`, `"`))
	return k, key
}

// files are the names of the draft's files, and what each begins with.
func (s *site) files() string {
	s.t.Helper()
	d, err := s.b.desk(s.t.Context(), "east")
	if err != nil {
		s.t.Fatal(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []string
	for _, f := range d.draft.Files() {
		line, _, _ := strings.Cut(f.Text, "\n")
		out = append(out, f.Name+": "+line)
	}
	return strings.Join(out, " | ")
}

// TestFiles: an author makes, renames and deletes files from the page, and is told what is refused,
// in both languages. One undo takes back each, and says which.
func TestFiles(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann := s.enrol("ann", everywhere)
	was := s.files()
	ann.get("/w/east/text").wants(200, "New file", "Rename policy.thru", "Delete policy.thru")
	ann.filing("make", "", "visits.thru").came("/w/east/text?file=visits.thru").
		wants(200, `aria-current="page">visits.thru`, "Undo", "make the file visits.thru")
	if got := s.files(); got != was+" | visits.thru: " && !strings.Contains(got, "visits.thru: ") {
		t.Error(got)
	}
	for _, c := range []struct{ do, key, name, en, zh string }{
		{"make", "", "", "Give the file a name", "请给文件起名"},
		{"make", "", "visits", "name ends in .thru", "以 .thru 结尾"},
		{"make", "", "../visits.thru", "No file can be called “../visits.thru”", "文件不能叫"},
		{"make", "", "visits.thru", "There is a file visits.thru already", "已有文件 visits.thru"},
		{"rename", "#0", "visits.thru", "There is a file visits.thru already", "已有文件 visits.thru"},
		{"remove", "#9", "", "There is no file", "没有文件"},
		{"explode", "#0", "", "no operation", "没有"},
	} {
		before := s.files()
		g := ann.filing(c.do, c.key, c.name).wants(422, c.en)
		if c.name != "" && !strings.Contains(g.text, `value="`+c.name+`"`) {
			t.Errorf("%s %s: what was written is lost", c.do, c.name)
		}
		ann.post("/settings", "lang", "zh", "to", "/")
		ann.filing(c.do, c.key, c.name).wants(422, c.zh)
		ann.post("/settings", "lang", "en", "to", "/")
		if now := s.files(); now != before {
			t.Errorf("%s %s: %s", c.do, c.name, now)
		}
	}
	ann.post("/w/east/text", "do", "remove", "file", "#0", "draft", "of-yesterday").
		wants(422, "begun anew meanwhile")
	look := s.enrol("au", access.Grant{Role: access.RoleAuditor, Workspace: "east"})
	look.filing("make", "", "mine.thru").wants(403)
	look.get("/w/east/text").wants(200, "visits.thru").lacks("New file", "make-name")

	ann.filing("rename", "#0", "sales/all.thru").came("/w/east/text?file=sales%2Fall.thru")
	ann.get("/w/east/text?file=policy.thru").wants(200, `aria-current="page">sales/all.thru`)
	key := between(ann.get("/w/east/text?file=visits.thru").wants(200).text, `data-file="`, `"`)
	ann.filing("remove", key, "").wants(200).lacks(">visits.thru<")
	ann.filing("remove", "#0", "").wants(422, "A policy has at least one file")
	k, _ := ann.inFile("sales/all.thru")
	for _, step := range []string{"delete the file visits.thru", "rename the file policy.thru → sales/all.thru",
		"make the file visits.thru"} {
		k.say(`{"do":"undo"}`)
		k.told("Undone: " + step)
	}
	if got := s.files(); got != was {
		t.Errorf("%s, was %s", got, was)
	}
	k.say(`{"do":"redo"}`)
	k.told("Done again: make the file visits.thru")
}

// textOf is the text of a file by its key.
func (s *site) textOf(key string) string {
	s.t.Helper()
	d, err := s.b.desk(s.t.Context(), "east")
	if err != nil {
		s.t.Fatal(err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.draft.Files()[d.indexOf(d.nameIn(key))].Text
}

// edits gives a change of a file as its editor does, and waits until it is taken.
func (k *talker) edits(key string, rev int, set []any) {
	k.t.Helper()
	b, err := json.Marshal(map[string]any{"do": "edit", "file": key, "by": "editor", "rev": rev,
		"sets": []any{set}})
	if err != nil {
		k.t.Fatal(err)
	}
	k.say(string(b))
	k.hears("its own change", func(u *wire.Update) bool { return len(u.Changes) > 0 })
}

// TestFilesOfTwoAuthors: whoever writes in a file goes on writing while another renames it; where it
// is deleted they are led to where that is said, and what they wrote comes back with it.
func TestFilesOfTwoAuthors(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann, bo := s.enrol("ann", everywhere), s.enrol("bo", everywhere)
	ann.filing("make", "", "visits.thru").wants(200)
	k, key := bo.inFile("visits.thru")
	rev := 0
	types := func(text string) {
		t.Helper()
		set := []any{[]any{0, text}}
		if units := wire.Units(s.textOf(key)); units > 0 {
			set = append(set, units)
		}
		k.edits(key, rev, set)
		rev++
	}
	types("// visits")
	ann.filing("rename", key, "calls.thru").came("/w/east/text?file=calls.thru")
	k.hears("the new name", func(u *wire.Update) bool {
		html := strings.Join(u.HTML, "")
		return strings.Contains(html, `aria-current="page">calls.thru`) &&
			strings.Contains(html, `<span id="text-label" hidden>Text of calls.thru</span>`)
	})
	types("// 电话 ")
	if got := s.files(); !strings.Contains(got, "calls.thru: // 电话 // visits") {
		t.Error(got)
	}
	ann.filing("make", "", "visits.thru").wants(200) // the name is free: it is another file
	k.say(fmt.Sprintf(`{"do":"caret","file":%q,"rev":%d,"at":2,"index":2}`, key, rev))
	a, _ := ann.inFile("calls.thru")
	a.say(`{"do":"undo"}`)
	a.told("make the file visits.thru")

	ann.filing("remove", key, "").wants(200)
	u := k.hears("that it is gone", func(u *wire.Update) bool { return u.Go != nil })
	if u.Go.Href != "/w/east/text?file=calls.thru" || u.Anew {
		t.Errorf("%+v", u.Go)
	}
	a.hears("that it is gone", func(u *wire.Update) bool { return u.Go != nil })
	k.say(fmt.Sprintf(`{"do":"edit","file":%q,"by":"bo","rev":%d,"sets":[[[0,"late"]]]}`, key, rev))
	k.told("There is no file calls.thru")
	late := bo.talk("/w/east/text/live?file=" + escape(key) + "&rev=1&draft=" + bo.draftID())
	late.hears("that it is gone", func(u *wire.Update) bool { return u.Go != nil })
	bo.get("/w/east/text?file=calls.thru").wants(200, "calls.thru is no longer a file of the draft.",
		"ann deleted it. All that was written in it is kept", "Bring it back")
	k.say(`{"do":"undo"}`)
	k.told("ann has changed the same text since (delete the file calls.thru)")
	bo.filing("restore", key, "").came("/w/east/text?file=calls.thru").wants(200, "// 电话 // visits")
	a.say(`{"do":"undo"}`)
	a.told("bo has changed the same text since (bring back the file calls.thru)")
}

func (s *site) draftID() string {
	d, err := s.b.desk(s.t.Context(), "east")
	if err != nil {
		s.t.Fatal(err)
	}
	return d.draft.ID()
}

// TestFilesWithoutScript: each of the forms has a page of its own, and works as it is.
func TestFilesWithoutScript(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann := s.enrol("ann", everywhere)
	page := ann.get("/w/east/text").wants(200, "<noscript>")
	forms := page.text[strings.Index(page.text, "<noscript>"):]
	for _, x := range []struct{ do, name, then string }{
		{"make", "visits.thru", "/w/east/text?file=visits.thru"},
		{"rename", "calls.thru", "/w/east/text?file=calls.thru"},
		{"remove", "", "/w/east/text?file=policy.thru"},
	} {
		var at string
		for _, link := range strings.Split(forms, `href="`)[1:] {
			if link = link[:strings.IndexByte(link, '"')]; strings.HasSuffix(link, "form="+x.do) {
				at = strings.ReplaceAll(link, "&amp;", "&")
			}
		}
		form := ann.get(at).wants(200, `id="`+x.do+`-form"`)
		if n := strings.Count(form.text, `id="`+x.do+`-form"`); n != 1 {
			t.Errorf("%s: the form is there %d times", x.do, n)
		}
		sound(t, x.do, form.text)
		from := form.text[strings.Index(form.text, `id="`+x.do+`-form"`):]
		g := ann.post("/w/east/text", "do", x.do, "file", between(from, `name="file" value="`, `"`),
			"draft", between(from, `name="draft" value="`, `"`), x.do+"-name", x.name).came(x.then)
		if x.do != "remove" {
			forms = g.text[strings.Index(g.text, "<noscript>"):]
		}
	}
}

// writes sends the form by which one writes without script, as a page has it.
func (s *site) writes(page, text string) got {
	s.t.Helper()
	form := page[strings.Index(page, `id="write-form"`):]
	fields := []string{"do", "write", "text", text}
	for _, name := range []string{"file", "write-name", "draft", "rev"} {
		fields = append(fields, name, html.UnescapeString(between(form, `name="`+name+`" value="`, `"`)))
	}
	return s.sendAs("none", "/w/east/text", "", "", fields...)
}

// typed is what stands in the text area, as a browser takes it.
func typed(page string) string {
	area := page[strings.Index(page, `id="write-text"`):]
	return strings.TrimPrefix(html.UnescapeString(between(area, ">", "</textarea>")), "\n")
}

// TestTextWithoutScript: a text is written in a form that is there without script alone. It is a
// step like any: others see it, undo takes it back, and the problems are told. Where somebody was
// faster nothing is lost, neither theirs nor what was typed.
func TestTextWithoutScript(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann, bo := s.enrol("ann", everywhere), s.enrol("bo", everywhere)
	const at = "/w/east/text?file=policy.thru&form=write"
	page := ann.get("/w/east/text").wants(200, "form=write").lacks(`id="write-form"`)
	page = ann.get(at).wants(200, `id="write-form"`, "Text of the file")
	forms := regexp.MustCompile(`(?s)<noscript>.*?</noscript>`)
	if strings.Contains(forms.ReplaceAllString(page.text, ""), "write-form") ||
		!strings.Contains(page.text, `class="pane needs-script"`) {
		t.Error("the form is not there without script alone, or the editor is there beside it")
	}
	sound(t, "write", page.text)
	was := typed(page.text)
	if was != s.textOf("#0") {
		t.Fatalf("the form has another text: %q", was)
	}
	other := bo.get(at)
	k, _ := bo.inFile("policy.thru")

	is := "\n" + was + "rule Odd on Nothing { when yes }\n"
	g := ann.writes(page.text, strings.ReplaceAll(is, "\n", "\r\n")).came(at)
	g.wants(200, "Nothing").lacks("No problems found")
	k.hears("what was written", func(u *wire.Update) bool { return len(u.Changes) > 0 })
	if got := s.textOf("#0"); got != is || typed(g.text) != is {
		t.Errorf("saved: %q, shown: %q, want %q", got, typed(g.text), is)
	}

	mine := was + "// bo\n"
	g = bo.writes(other.text, mine).wants(422, "Somebody changed this file",
		"rule Odd on Nothing")
	sound(t, "write", g.text)
	if s.textOf("#0") != is || typed(g.text) != mine {
		t.Errorf("in the way of each other: %q is saved, %q is left", s.textOf("#0"), typed(g.text))
	}
	bo.zh(at).wants(200, "文件的文本", "保存")
	bo.writes(g.text, is+"// bo\n").came(at)
	if got := s.textOf("#0"); got != is+"// bo\n" {
		t.Errorf("with both: %q", got)
	}

	// What cannot be saved stays in the form as well: the file goes, the text is too much.
	page = ann.get(at)
	ann.writes(page.text, strings.Repeat("x", 9<<20)).wants(422, "too much text")
	ann.filing("make", "", "b.thru").wants(200)
	ann.filing("remove", "#0", "").wants(200)
	g = ann.writes(page.text, "// mine\n").wants(422, "policy.thru")
	if typed(g.text) != "// mine\n" || strings.Contains(s.textOf("b.thru"), "mine") {
		t.Errorf("of a file that is gone: %q is left, and %q in another", typed(g.text), s.textOf("b.thru"))
	}
}

// TestFilesArePublished: what files came and went is in the difference that is shown, and in force
// when it is published; declarations that others use may go, and the problems say so.
func TestFilesArePublished(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann, bo := s.enrol("ann", everywhere), s.enrol("bo", everywhere)
	ann.filing("make", "", "visits.thru").wants(200)
	ann.get("/w/east/publish").wants(200, "nothing that is decided changes", "visits.thru") // it means nothing
	k, key := ann.inFile("visits.thru")
	bo.filing("rename", "#0", "all.thru").wants(200)
	ann.get("/w/east/publish").wants(200, "nothing that is decided changes", "visits.thru",
		"policy.thru → all.thru").lacks("<del>")
	text := "entity Region {\n  name text?\n}\n"
	k.edits(key, 0, []any{[]any{0, "entity Region {", "  name text?", "}", ""}})
	g := ann.get("/w/east/publish").wants(200, "Region", "Put it in force")
	ann.post("/w/east/publish", "do", "publish", "expect", between(g.text, `name="expect" value="`, `"`)).
		wants(200, "It is in force.")
	p, err := s.b.inForce(t.Context(), "east")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range p.Files {
		if !strings.HasPrefix(f.Name, "std/") {
			names = append(names, f.Name)
		}
		if f.Name == "visits.thru" && f.Text != text {
			t.Errorf("%q", f.Text)
		}
	}
	if got := strings.Join(names, " "); got != "all.thru visits.thru thru.toml" {
		t.Error(got)
	}
	ann.get("/w/east/publish").wants(200, "Nothing to publish")
	ann.get("/w/east/board").wants(200, "as in force")

	ann.filing("remove", key, "").wants(200)
	ann.get("/w/east/publish").wants(200, "Region", "Changed by ann", "Put it in force")
	s.b.desks.mu.Lock() // the server stops, and starts again
	d := s.b.desks.open["east"]
	delete(s.b.desks.open, "east")
	s.b.desks.mu.Unlock()
	d.mu.Lock()
	_ = d.draft.Close()
	d.mu.Unlock()
	if got := s.files(); strings.Contains(got, "visits.thru") || !strings.Contains(got, "all.thru") {
		t.Error(got)
	}
	a := ann.talk("/w/east/board/live")
	a.say(`{"do":"undo"}`)
	a.told("Undone: delete the file visits.thru")
	ann.get("/w/east/publish").wants(200, "Nothing to publish")

	ann.filing("make", "", "more.thru").wants(200)
	k, key = ann.inFile("more.thru")
	k.edits(key, 0, []any{[]any{0, "entity Shop {", "  rep Rep?", "}", ""}})
	ann.filing("remove", "#0", "").wants(200, "mistake", "Rep") // which another file declared
}
