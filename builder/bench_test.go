package builder

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/builder/wire"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
)

const benchLines = `{"type":"Rep","id":"li","name":"Li"}
{"type":"Customer","id":"c1","name":"C","owner":"li"}
// the first call
{"type":"Call","id":"a","customer":"c1","rep":"li","answered":true,"note":"wants an offer"}
{"type":"Call","id":"b","customer":"none-such","rep":7}`

// pins pins records from the page of the bench.
func (k *talker) pins(lines, until string) {
	b, _ := json.Marshal(wire.Command{Do: "pin", Text: lines, Was: until})
	k.say(string(b))
}

// TestBench: what is pinned is decided on by the draft as it is written, on an engine of its own: the
// log of the workspace stays as it is. The board shows what a pinned record has and lacks. What is
// pinned is on disk.
func TestBench(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann := s.enrol("ann", everywhere)
	last := func() (n uint64) {
		_ = s.b.use(t.Context(), "east", func(w *runtime.Workspace) error { n = w.Last(); return nil })
		return n
	}
	before := last()
	ann.get("/w/east/bench").wants(200, "Nothing is pinned yet", "nothing is carried out, and the log stays")
	k, board := ann.talk("/w/east/bench/live?bench"), ann.talk("/w/east/board/live")
	shows := func(k *talker, parts ...string) string {
		t.Helper()
		u := k.hears(strings.Join(parts, " and "), func(u *wire.Update) bool {
			all := strings.Join(u.HTML, "")
			for _, p := range parts {
				if !strings.Contains(all, p) {
					return false
				}
			}
			return true
		})
		return strings.Join(u.HTML, "")
	}
	k.pins(benchLines, "")
	html := shows(k, "Customer/c1", "lacks nothing", "accepted", "rejected")
	if !strings.Contains(html, "rep") {
		t.Error(html)
	}
	shows(board, "pinned here: c1", "c1: met")
	k.say(`{"do":"set","what":["Sale","New","must FirstCall within 4wh"],"index":1,"count":1,` +
		`"was":"FirstCall","text":"2 FirstCall"}`)
	shows(k, "lacks", "1/2")
	shows(board, "not met 1/2")
	k.pins(benchLines, "2026-02-05T10:00") // the stage's time is long over by then
	shows(k, "time goes on", "2026-02-05 10:00")
	k.say(`{"do":"insert","into":["Sale","New"],"index":9,"text":"must {"}`)
	k.told("do not match")
	k.say(`{"do":"insert","into":["Sale","New"],"index":9,"text":"must Nonsense"}`)
	shows(k, "it decides once they are mended")
	if now := last(); now != before {
		t.Errorf("the log went on from %d to %d", before, now)
	}
	b, err := os.ReadFile(filepath.Join(s.b.o.Drafts, "east", "bench.json"))
	if err != nil || !strings.Contains(string(b), "wants an offer") {
		t.Error(string(b), err)
	}
	k.pins(strings.Repeat("x", mostPinned+1), "")
	if u := k.told("too much text"); !u.Wrong {
		t.Error("told as done")
	}
	k.pins("not a record\n{\"type\":\"Nope\"}", "not a moment")
	look := s.enrol("au", access.Grant{Role: access.RoleAuditor, Workspace: "east"})
	o := look.talk("/w/east/bench/live?bench")
	o.pins("{}", "")
	o.told("takes the role of an author")
}

// TestBenchTakes: a record of the log is pinned with all that names it.
func TestBenchTakes(t *testing.T) {
	s := newDistributor(t, 1)
	root := s.person("root", access.RoleAdmin, "")
	root.post("/w/d/bench", "record", "Store/none").wants(422, "no such record")
	root.post("/w/d/bench", "record", "Team/t3").wants(200, `&#34;id&#34;:&#34;t3&#34;`, "accepted")
}
