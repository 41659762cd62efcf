package builder

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/access"
)

// TestCoaching: a case shows what it was about, what luck would have made of it, and the last five
// records; a manager sees those of his team.
func TestCoaching(t *testing.T) {
	s := newDistributor(t, 6)
	root := s.person("root", access.RoleAdmin, "")
	list := root.get("/w/d/coaching").wants(200, "Three days below 60%", "Expected without action")
	sound(t, "coaching", list.text)
	one := list.follow(root, "/case\\?").wants(200, "The last five", "Sign or change it", "/w/d/log/")
	sound(t, "case", one.text)
	one.follow(root, "/log/[0-9]+").wants(200, "What came")
	sound(t, "case", root.zh(one.at).wants(200, "最近五次", "若无人干预").text)
	theirs := "/w/d/case?rule=LowQuality&of=r13"
	manager, deng := s.person("boss", access.RoleManager, "Rep/m3"), s.person("kai", access.RoleRep, "Rep/r13")
	manager.post(theirs, "do", "agree", "rule", "LowQuality", "of", "r13", "said.item", "").wants(422)
	manager.post(theirs, "do", "agree", "rule", "LowQuality", "of", "r13", "said.item",
		"Photograph the shelf before the talk").wants(200, "Photograph the shelf", "0 of 2")
	task := func(of *site) string {
		m := regexp.MustCompile(`name="task" value="([^"]+)"`).FindStringSubmatch(of.get(theirs).text)
		if m == nil {
			t.Fatal("there is nothing to sign")
		}
		return m[1]
	}
	boss := task(manager)
	deng.post(theirs, "do", "sign", "rule", "LowQuality", "of", "r13", "task", task(deng)).wants(200)
	g := manager.post(theirs, "do", "sign", "rule", "LowQuality", "of", "r13", "task", boss).wants(200)
	g.lacks(">Sign<")
	root.get("/w/d/coaching").wants(200, "2 of 2")
	west := s.person("luo", access.RoleManager, "Rep/m3")
	west.get("/w/d/coaching").wants(200).lacks("Qian Jin")
	root.get("/w/d/case?rule=none&of=r1").wants(200, "not open any more")
	rep := s.person("deng", access.RoleRep, "Rep/r13")
	rep.get("/w/d/today").wants(200).lacks("/w/d/coaching")
}

// TestClosedCases: a case that ended stays below the open ones, with what was to be expected beside
// what came, and opens; nothing can be added to it.
func TestClosedCases(t *testing.T) {
	s := newDistributor(t, 26)
	luo := s.person("luo", access.RoleManager, "Rep/m3")
	list := luo.get("/w/d/coaching").wants(200, "Closed cases", "Ended", "Expected without action",
		"Actual since", "Opened")
	sound(t, "coaching", list.text)
	_, closed, _ := strings.Cut(list.text, "Closed cases</h2>")
	figures := regexp.MustCompile(
		`(<td class="number"[^>]*>[0-9.]+%?</td>){3}`)
	if !figures.MatchString(closed) {
		t.Error("a closed case has no figures:", closed)
	}
	m := regexp.MustCompile(`href="(/w/d/case\?[^"]*row=[^"]*)"`).FindStringSubmatch(closed)
	if m == nil {
		t.Fatal("no closed case opens:", closed)
	}
	at := strings.ReplaceAll(m[1], "&amp;", "&")
	luo.get(at).wants(200, "Expected without action", " – 2026-").
		lacks("Sign or change it", ">Add to it<", ">Sign<")
	sound(t, "case", luo.zh(at).wants(200, "若无人干预").text)
	zhou := s.person("zhou", access.RoleManager, "Rep/m2")
	zhou.get(at).wants(200, "not open any more")
	zhou.zh("/w/d/coaching").wants(200).lacks("Deng Kai")
}

// TestExemptions: a check is waived for somebody until a day, and all are closed in one act.
func TestExemptions(t *testing.T) {
	s := newDistributor(t, 2)
	root := s.person("root", access.RoleAdmin, "")
	root.get("/w/d/reviews").wants(200, "Exempt for a time", `value="Distribution.proof.place"`)
	root.post("/w/d/reviews", "do", "waive", "waive-rule", "", "waive-until", "2026-12-10").wants(422)
	root.post("/w/d/reviews", "do", "waive", "waive-rule", "Distribution.proof.place", "waive-whom",
		"Rep/r13", "waive-until", "2026-12-10", "waive-why", "no signal in the valley").
		wants(200, "no signal in the valley", "2026-12-11", "Deng Kai", "Effective distribution · place").
		lacks("Effective distribution.proof")
	west := s.person("luo", access.RoleManager, "Rep/m3")
	west.get("/w/d/reviews").wants(200, "no signal in the valley").lacks("Exempt for a time")
	west.post("/w/d/reviews", "do", "waive", "waive-rule", "Distribution.proof.place", "waive-until",
		"2026-12-10", "waive-why", "x").wants(422)
	root.post("/w/d/reviews", "do", "close", "why", "audit").wants(200).lacks("no signal in the valley")
}

// TestPhotoInReview: a photo that was handed in is kept, and shown beside what is in doubt with what
// was measured of it, to whoever sees its record.
func TestPhotoInReview(t *testing.T) {
	s := newDistributor(t, 1)
	photo, err := os.ReadFile("../runtime/media/testdata/scene.webp")
	if err != nil {
		t.Fatal(err)
	}
	rep := s.person("deng", access.RoleRep, "Rep/r13")
	form := rep.get("/w/d/hand-in/Distribution").wants(200)
	shop := regexp.MustCompile(`<option value="(s[0-9]+)"`).FindStringSubmatch(form.text)[1]
	rep.sendAs("photo", "/w/d/hand-in/Distribution", "shelf.webp", string(photo), "store", shop, "skus",
		"a, b, c", "price_tag", "true", "location.lat", "10", "location.lng", "100").wants(200, "decided")
	west := s.person("luo", access.RoleManager, "Rep/m3")
	page := west.get("/w/d/reviews").wants(200, "<figure class=\"photo\">", "shelf.webp", "KB")
	src := regexp.MustCompile(`<img src="([^"]+)"`).FindStringSubmatch(page.text)[1]
	if g := west.get(src).wants(200); g.text != string(photo) {
		t.Error("the photo is another")
	}
	s.person("zhou", access.RoleManager, "Rep/m2").get("/w/d/reviews").wants(200).lacks(src)
	sound(t, "reviews", page.text)
}
