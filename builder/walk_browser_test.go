//go:build browser

package builder

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/throughline/throughline/runtime/access"
)

// inOrder holds that some stops come one after the other.
func inOrder(t *testing.T, stops []string, want ...string) {
	t.Helper()
	text, at := strings.Join(stops, "\n"), 0
	for _, w := range want {
		i := strings.Index(text[at:], w)
		if i < 0 {
			t.Fatalf("%q is not reached, or out of order:\n%s", w, text)
		}
		at += i + len(w)
	}
}

// TestWalkText goes through the text's page by keys: into the editor, out of it by Escape and Tab in
// both directions, and to all that can be done beside it. Tab within it lays out instead.
func TestWalkText(t *testing.T) {
	s, p := authoring(t)
	s.filing("make", "", "visits.thru").wants(200)
	s.gesture(`{"do":"insert","into":["Sale","Talks"],"index":9,"text":"must Offr"}`)
	was := s.draftNow()
	for _, phone := range []bool{false, true} {
		if phone {
			p.Phone()
		}
		ready(p, "/w/east/text")
		p.Shows(".pane.ready .cm-content")
		p.Shows("#problems [data-do=fix]")
		inOrder(t, p.Walk(t), "Skip to the content", "Undo", "Journey board", "Publish", "policy.thru", "visits.thru",
			"thru.toml", "New file", "Rename file", "Delete file", "Text of policy.thru", "In detail", "F12",
			"Rename", "Lay out", "policy.thru, line", "Mend it")
	}
	p.Size(1200, 800)
	if s.draftNow() != was {
		t.Error("walking through it changed it")
	}
	ready(p, "/w/east/text")
	p.Shows(".pane.ready .cm-content")
	p.Do(chromedp.Focus(chromedp.CSS(".cm-content")))
	p.Keys("\t")
	editorHas(p, "  // A small")
	p.Keys(kb.Escape)
	p.Keys("\t", chromedp.KeyModifiers(chromedp.ModifierShift))
	p.Wait(`document.activeElement.matches("[data-opens=remove-file]")`)
	p.Keys("\t")
	p.Wait(`document.activeElement.matches(".cm-content")`)
	look := s.enrol("au", access.Grant{Role: access.RoleAuditor, Workspace: "east"}).tab(t)
	ready(look, "/w/east/text")
	look.Shows(".pane.ready .cm-content")
	inOrder(t, look.Walk(t), "policy.thru", "Text of policy.thru", "In detail")
}

// TestWalkPublish goes through the page that publishes by keys, as its states are: with others'
// changes, what was asked to be confirmed, nothing; and publishes by them.
func TestWalkPublish(t *testing.T) {
	s, p := authoring(t)
	p.Go("/w/east/publish")
	inOrder(t, p.Walk(t), "Skip to the content", "Publish", "Journey board")
	s.enrol("Bo", everywhere).gesture(`{"do":"insert","into":["Sale","Talks"],"index":9,"text":"must 3 Offer"}`)
	s.gesture(moveCall)
	for _, phone := range []bool{false, true} {
		if phone {
			p.Phone()
		}
		p.Go("/w/east/publish")
		inOrder(t, p.Walk(t), "Skip to the content", "Only my changes", "What changes", "Put it in force", "Begin")
	}
	p.Size(1200, 800)
	p.Go("/w/east/publish?only")
	p.Walk(t)
	p.Do(chromedp.Focus(chromedp.CSS("button[value=publish]")))
	p.Keys(kb.Enter)
	p.Says(".note.good", "in force")
	p.Walk(t)
	s.gesture(`{"do":"insert","into":["Sale","Talks"],"index":9,"text":"must Offr"}`)
	p.Go("/w/east/publish")
	p.Says("main", "It has mistakes")
	inOrder(t, p.Walk(t), "policy.thru, line", "Begin")
}
