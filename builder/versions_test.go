package builder

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/access"
)

// TestVersions: every policy that was put in force is told with who, when and what it changed, in
// words and line by line; an older one can be put in force again, with a reason that stays.
func TestVersions(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann := s.enrol("ann", everywhere)
	ann.gesture(`{"do":"set","what":["Sale","Talks","sla 14d"],"index":1,"count":1,"was":"14d","text":"21d"}`)
	ann.post("/w/east/publish", "do", "publish").wants(200, "in force")
	page := ann.get("/w/east/versions").wants(200, "by ann", "published", "the first one",
		"<ins>+    sla  21d</ins>", "<del>-    sla  14d</del>", "14d → 21d")
	page.lacks("Roll back to this version")
	first := strings.Split(strings.Split(page.text, `/w/east/versions?at=`)[2], `"`)[0]
	old := ann.get("/w/east/versions?at="+first).wants(200, "Roll back to this version",
		"What would change now").lacks("means what the one before")
	ann.get("/w/east/log").wants(200, "a policy was put in force").follow(ann, "/log/2").
		wants(200, "published by ann", "14d → 21d", "2  a policy was put in force").lacks("a timer")
	ann.zh("/w/east/log").wants(200, "策略生效").lacks("时间到期")
	hash := strings.Split(strings.Split(old.text, `name="hash" value="`)[1], `"`)[0]
	now := strings.Split(strings.Split(old.text, `name="expect" value="`)[1], `"`)[0]
	ann.post("/w/east/versions", "hash", hash, "expect", strings.Repeat("0", 64)).wants(422)
	ann.post("/w/east/versions", "hash", hash, "expect", now, "why", "Too slow for the sellers").
		wants(200, "It is in force again", "rolled back", "Too slow for the sellers")
	ann.get("/w/east/publish").wants(200, "Nothing to publish") // a draft of nobody's follows
	look := s.enrol("au", access.Grant{Role: access.RoleAuditor, Workspace: "east"})
	look.get("/w/east/versions?at="+first).wants(200, "by ann").lacks("Roll back to")
	look.post("/w/east/versions", "hash", hash).wants(403)
}

// TestReworded: a comment, a label and the name of a file can be put in force by themselves. The
// page says that nothing is decided otherwise and what is another in the text; the version is in the
// list, with its own text, and the one before can be put in force again.
func TestReworded(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann := s.enrol("ann", everywhere)
	first := ann.draftNow()
	ann.rewrite(strings.Replace("// For those who are new.\n"+first, `"首次电话"`, `"第一次电话"`, 1))
	second := ann.draftNow()
	ann.filing("rename", "policy.thru", "sale.thru").wants(200)
	ann.get("/w/east/board").wants(200, ">draft<", "第一次电话").lacks(">as in force<")
	ann.get("/w/east/publish").wants(200, "nothing that is decided changes",
		"<strong>policy.thru → sale.thru</strong>", "<del>-action FirstCall", "Changed by ann", "Put it in force", "Begin the draft anew", "+// For those who are new.").
		lacks("Nothing to publish", "need somebody to decide", "<del>-journey")
	ann.zh("/w/east/publish").wants(200, "含义与当前生效的策略相同", "使其生效")
	ann.post("/w/east/publish", "do", "publish", "expect", strings.Repeat("0", 64)).wants(422, "in force than was expected")
	ann.post("/w/east/publish", "do", "publish").wants(200, "It is in force.", "Nothing to publish")
	ann.get("/w/east/board").wants(200, ">as in force<")
	ann.zh("/w/east").wants(200)

	page := ann.get("/w/east/versions").wants(200, "by ann", "It means what the one before meant",
		"sale.thru", "+// For those who are new.")
	old := strings.ReplaceAll(strings.Split(strings.Split(page.text, `/w/east/versions?at=`)[2], `"`)[0], "&amp;", "&")
	form := ann.get("/w/east/versions?at="+old).wants(200, "Roll back to this version")
	back := between(form.text, `name="hash" value="`, `"`)
	ann.post("/w/east/versions", "hash", back, "expect", back).wants(422)
	ann.post("/w/east/versions", "hash", back, "expect",
		between(form.text, `name="expect" value="`, `"`)).wants(200, "rolled back")
	if got := ann.draftNow(); got != second {
		t.Errorf("rolling back changed a draft before anybody looked:\n%s", got)
	}
	ann.get("/w/east/board").wants(200, ">as in force<", "首次电话")
	if got := ann.draftNow(); got != first {
		t.Errorf("the draft that follows is\n%s", got)
	}
}

// TestOnlyMine: of a draft that two changed one publishes what is theirs, and the other's stays a
// draft; where that cannot be told apart it says who stands in the way.
func TestOnlyMine(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann, bo := s.enrol("ann", everywhere), s.enrol("bo", everywhere)
	ann.gesture(`{"do":"set","what":["Sale","Talks","sla 14d"],"index":1,"count":1,"was":"14d","text":"21d"}`)
	ann.get("/w/east/publish").wants(200).lacks("Only my changes")
	bo.gesture(`{"do":"delete","what":["Sale","Talks","must Offer"]}`)
	ann.get("/w/east/publish").wants(200, "bo changed this draft as well", "publish?only")
	ann.get("/w/east/publish?only").wants(200, "your changes alone", "14d → 21d").
		lacks("− removed")
	ann.post("/w/east/publish?only", "do", "publish").wants(200, "in force", "− removed").
		lacks("14d → 21d")
	bo.get("/w/east/publish").wants(200, "Changed by bo").lacks("Only my changes")
	ann.gesture(`{"do":"insert","into":["Sale","Talks"],"index":9,"text":"must 4 Call"}`)
	bo.gesture(`{"do":"set","what":["Sale","Talks","must 4 Call"],"index":1,"count":1,"was":"4","text":"5"}`)
	bo.get("/w/east/publish?only").wants(200, "cannot be told apart from those of ann")
	bo.post("/w/east/publish?only", "do", "publish").wants(422, "cannot be told apart")
}
