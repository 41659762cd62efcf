package builder

import (
	"regexp"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/access"
)

// TestLab: weights are tried over what came, and put into the draft as one step that can be undone.
func TestLab(t *testing.T) {
	s := newDistributor(t, 5)
	root := s.person("root", access.RoleAdmin, "")
	root.get("/w/d/allocation").wants(200, "/allocation/lab")
	page := root.get("/w/d/allocation/lab?days=30").wants(200, "Leads", `name="w.idle"`, `value="60"`,
		"The rule as it stands", "Gini", "Every record goes to the same person")
	sound(t, "lab", page.text)
	part := root.get("/w/d/allocation/lab/part?days=30&w.idle=0&w.fit=50").wants(200,
		`id="lab-result"`, "100%").lacks("<html", "Every record goes to the same person")
	if !regexp.MustCompile(`[1-9][0-9]* of [0-9]+ records would go to somebody else`).MatchString(part.text) {
		t.Error("nothing moves:", part.text)
	}
	root.get("/w/d/allocation/lab/part?days=30&way=round_robin").wants(200).lacks("Weight of")
	root.get("/w/d/allocation/lab?w.idle=none&days=-1&rule=no&way=x").wants(200, `value="60"`)
	sound(t, "lab", root.zh("/w/d/allocation/lab?w.idle=10").wants(200, "分配实验", "换人").text)

	root.post("/w/d/allocation/lab", "do", "use", "w.idle", "1", "w.fit", "2").
		wants(200, "The weights are in the draft", `value="33"`, `value="67"`)
	files := root.get("/w/d/text?file=leads.thru").wants(200)
	if !strings.Contains(files.text, "idle 33%") || !strings.Contains(files.text, "fit  67%") {
		t.Error("the draft has other weights")
	}
	root.get("/w/d/board").wants(200, "weights of Lead.owner")
	root.get("/w/d/publish").wants(200, "33%")
	root.post("/w/d/allocation/lab", "do", "use", "w.idle", "0", "w.fit", "0").wants(422)

	rep := s.person("deng", access.RoleRep, "Rep/r13")
	rep.get("/w/d/allocation/lab").wants(403)
	rep.get("/w/d/allocation/lab/part").wants(403)
	rep.get("/w/d/allocation").wants(200).lacks("/allocation/lab")
}

// TestPauses: somebody on leave gets nothing until they are back; a manager says so of his own.
func TestPauses(t *testing.T) {
	s := newDistributor(t, 2)
	luo := s.person("luo", access.RoleManager, "Rep/m3")
	luo.get("/w/d/allocation").wants(200, "Everybody gets records.", "Deng Kai").lacks("Qian Jin")
	luo.post("/w/d/allocation", "do", "away", "who", "r13").wants(422, "Say until when.")
	page := luo.post("/w/d/allocation", "do", "away", "who", "r13", "until", "2026-12-04").
		wants(200, "Deng Kai gets nothing until 2026-12-05")
	luo.post("/w/d/allocation", "do", "away", "who", "r2", "until", "2026-12-04").wants(422)
	away := regexp.MustCompile(`name="away" value="([^"]+)"`).FindStringSubmatch(page.text)[1]
	zhou := s.person("zhou", access.RoleManager, "Rep/m2")
	zhou.post("/w/d/allocation", "do", "back", "away", away).wants(422)
	luo.post("/w/d/allocation", "do", "back", "away", "none").wants(422)
	luo.post("/w/d/allocation", "do", "back", "away", away).wants(200, "Everybody gets records.")
	luo.post("/w/d/allocation", "do", "pause", "rule", "Lead.owner", "until", "2026-12-04", "why", "x").
		wants(422)
	root := s.person("root", access.RoleAdmin, "")
	root.post("/w/d/allocation", "do", "pause", "rule", "Lead.owner", "until", "2026-12-04", "why",
		"stocktaking").wants(200, "Nothing is given out until 2026-12-05 00:00: stocktaking")
	root.post("/w/d/allocation", "do", "resume", "rule", "Lead.owner").wants(200).lacks("stocktaking")
	sound(t, "allocation", root.zh("/w/d/allocation").wants(200, "暂停与请假").text)
}
