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
	b, _ := json.Marshal(wire.Command{Do: "pin", What: []string{"", ""}, Text: lines, Was: until})
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

// TestBenchInWords: a stage and what a record lacks in it are called as people call them, and so is
// what a journey does where it lacks something.
func TestBenchInWords(t *testing.T) {
	s := newSite(t)
	s.workspace("east")
	ann := s.enrol("ann", everywhere)
	d, err := s.b.desk(t.Context(), "east")
	if err != nil {
		t.Fatal(err)
	}
	d.mu.Lock()
	err = d.pin(pinned{Lines: `{"type":"Customer","id":"c1"}`})
	d.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	d.check()
	ann.get("/w/east/bench").wants(200, ">New<", "lacks First call 0/1")
	ann.zh("/w/east/bench").wants(200, ">新客户<", "缺 首次电话 0/1").lacks("FirstCall 0/1")
	ann.zh("/w/east/board").wants(200, ">未满足时：只提示<").lacks(">unmet warn<")
}

// TestBenchTogether: what two put together on one bench is all there, whoever was faster; what each
// sends says what it comes from.
func TestBenchTogether(t *testing.T) {
	for _, c := range []struct{ what, base, theirs, mine, want string }{
		{"nothing of theirs", "a\nb", "a\nb", "a\nx\nb", "a\nx\nb"},
		{"nothing of mine", "a\nb", "a\nx\nb", "a\nb", "a\nx\nb"},
		{"the same", "a", "a\nx", "a\nx", "a\nx"},
		{"lines apart", "a\nb\nc", "A\nb\nc", "a\nb\nC", "A\nb\nC"},
		{"lines apart, the other way round", "a\nb\nc", "a\nb\nC", "A\nb\nc", "A\nb\nC"},
		{"both at the end", "a", "a\nx", "a\ny", "a\nx\ny"},
		{"both into nothing", "", "x", "y", "x\ny"},
		{"both the same line", "a\nb\nc", "a\nB\nc", "a\nß\nc", "a\nB\nß\nc"},
		{"taken out where the other writes", "a\nb\nc", "a\nc", "a\nB\nc", "a\nB\nc"},
		{"over another's piece", "a\nb\nc\nd", "a\nB\nc\nD", "a\nb\nC\nd", "a\nB\nc\nD\nC"},
		{"goes on in its own line", "a\ny", "a\nx\ny", "a\nyz", "a\nx\nyz"},
		{"all taken out", "a\nb", "", "a\nb\nc", "c"},
	} {
		if got := mergeLines(c.base, c.theirs, c.mine); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
	s := newSite(t)
	s.workspace("east")
	ann, bo := s.enrol("ann", everywhere), s.enrol("bo", everywhere)
	a, b := ann.talk("/w/east/bench/live?bench"), bo.talk("/w/east/bench/live?bench")
	pin := func(k *talker, seen, lines, seenUntil, until string) string {
		t.Helper()
		text, _ := json.Marshal(wire.Command{Do: "pin", Ask: 3, What: []string{seen, seenUntil},
			Text: lines, Was: until})
		k.say(string(text))
		u := k.hears("what is pinned then", func(u *wire.Update) bool { return u.Told != nil })
		if u.Told.Ask != 3 || len(u.HTML) != 1 {
			t.Errorf("%+v", u)
		}
		return u.HTML[0]
	}
	pin(a, "", "// ann", "", "2026-02-05T10:00")
	b.hears("what the other pinned", func(u *wire.Update) bool {
		return strings.Contains(strings.Join(u.HTML, ""), `data-lines="// ann"`)
	})
	if html := pin(b, "", "// bo", "", ""); !strings.Contains(html, "data-lines=\"// ann\n// bo\"") ||
		!strings.Contains(html, `data-until="2026-02-05T10:00"`) {
		t.Error(html)
	}
	bo.post("/w/east/bench", "do", "pin", "seen", "// ann\r\n// bo", "lines", "// ann\r\n// bo is gone",
		"seen-until", "2026-02-05T10:00", "until", "").came("/w/east/bench").
		wants(200, "// ann\n// bo is gone</textarea>", `data-until=""`)
	bo.post("/w/east/bench", "do", "pin", "lines", strings.Repeat("x", mostPinned+1)).
		wants(422, "too much text")
	s.enrol("au", access.Grant{Role: access.RoleAuditor, Workspace: "east"}).
		post("/w/east/bench", "do", "pin", "lines", "mine").wants(403)
	b.say(`{"do":"pin","text":"{}"}`)
	b.told("Load it again")
}

// TestBenchTakes: a record of the log is pinned with all that names it.
func TestBenchTakes(t *testing.T) {
	s := newDistributor(t, 1)
	root := s.person("root", access.RoleAdmin, "")
	root.post("/w/d/bench", "record", "Store/none").wants(422, "no such record")
	root.post("/w/d/bench", "record", "Team/t3").wants(200, `&#34;id&#34;:&#34;t3&#34;`, "accepted")
}
