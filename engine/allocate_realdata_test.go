package engine_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/internal/realdata"
)

// peerCase is one case of another product's own tests of its assignment rules.
type peerCase struct {
	Name      string
	New       int
	ClearAll  int            `json:"clear_all_after"`
	Order     []string       `json:"expect_order"`
	Last      string         `json:"last_user"`
	Next      string         `json:"expect_next"`
	Counts    map[string]int `json:"expect_counts"`
	Remove    map[string]int `json:"then_remove_from"`
	ThenNew   int            `json:"then_new"`
	ThenCount map[string]int `json:"then_expect_counts"`
	Weights   map[string]int
	Expect    any
	Days      []struct{ Days, Users []string } `json:"rules"`
}

// peers says each of the product's rules in the language.
var peers = map[string]string{
	"round robin":                            "allocate Note.to to User { by round_robin }",
	"round robin goes on from the last user": "allocate Note.to to User { by round_robin }",
	"load balancing":                         "allocate Note.to to User { by least_open where live }",
	"weighted":                               "allocate Note.to to User { share by candidate.weight }",
	"by field":                               "allocate Note.to to User { where candidate == author }",
	"condition":                              "allocate Note.to to User { where public }",
	"unassign": `allocate Note.to to User { where public; else pool }
rule Unassign on Note { when not public or muted; do { pool } }`,
	"close": `allocate Note.to to User { where public; by least_open where not (content contains "Closed") }`,
	"weekday schedule": `allocate Note.to to User {
  where if weekday(now) in [7, 1, 2] then candidate.team == "a" else candidate.team == "b"
}`,
}

// peer is one rule with its users and the notes that it gives out.
type peer struct {
	*world
	c   *peerCase
	now time.Time
	n   int
}

func (p *peer) tell(rest string) {
	p.now = p.now.Add(time.Minute)
	p.feed(fmt.Sprintf(`{"at":"%s",%s}`, p.now.Format(time.RFC3339), rest))
}

// note is a new note, and who gets it; rest is what else it says.
func (p *peer) note(rest string) string {
	p.n++
	p.tell(fmt.Sprintf(`"type":"Note","id":"n%d"%s`, p.n, rest))
	return p.to(fmt.Sprintf("n%d", p.n))
}

func (p *peer) to(id string) string { return p.field("Note", id, "to") }

// count is who has how many open notes.
func (p *peer) count() map[string]int {
	got := map[string]int{}
	for i := range p.n {
		id := fmt.Sprintf("n%d", i+1)
		if live := p.field("Note", id, "live"); live == "true" {
			got[p.to(id)]++
		}
	}
	return got
}

// TestPeerRules writes the cases of a known product as allocations and holds them to what it expects.
func TestPeerRules(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(realdata.Dir(t, "peer-rules"), "frappe-assignment", "cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		Users []string
		Cases []peerCase
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Cases) != len(peers) {
		t.Fatalf("%d cases, and %d rules", len(all.Cases), len(peers))
	}
	for i := range all.Cases {
		c := &all.Cases[i]
		t.Run(c.Name, func(t *testing.T) {
			policy := `
entity User { team text?; weight int? }
entity Note { to User?; author User?; live bool; public bool; muted bool; content text
  fill live = true; fill public = true; fill muted = false; fill content = "valid" }
` + peers[c.Name]
			p := &peer{world: newWorld(t, check(t, policy), engine.Options{}), c: c,
				now: time.Date(2026, 3, 2, 9, 0, 0, 0, shanghai)}
			for _, u := range all.Users {
				rest := `,"team":"a"`
				if w, ok := c.Weights[u]; ok {
					rest += fmt.Sprintf(`,"weight":%d`, w)
				}
				p.tell(fmt.Sprintf(`"type":"User","id":"%s"%s`, u, rest))
			}
			p.play(t)
		})
	}
}

// play does what the case says and compares.
func (p *peer) play(t *testing.T) {
	c := p.c
	want := func(what string, got, want any) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %v instead of %v", what, got, want)
		}
	}
	switch c.Name {
	case "by field":
		want("the author's", p.note(`,"author":"u2"`), "u2")
	case "condition":
		want("not public", p.note(`,"public":false`), "")
	case "unassign":
		want("public", p.note(""), "u0")
		p.tell(`"type":"Note","id":"n1","public":false`)
		want("no more public", p.to("n1"), "")
		want("it is not lost", p.e.HeldBy("Note.to", "n1").Phase, "pool")
	case "close":
		was := p.note("")
		p.tell(`"type":"Note","id":"n1","content":"Closed"`)
		want("closed", p.to("n1"), was)
		want("it is not open", p.note(""), "u1")
	case "weekday schedule":
		p.tell(`"type":"User","id":"u3","team":"b"`)
		if who := p.note(""); !slices.Contains(c.Days[0].Users, who) { // a Monday
			t.Errorf("Monday is %s's", who)
		}
		p.now = p.now.AddDate(0, 0, 4)
		want("Friday", p.note(""), c.Days[1].Users[0])
	default:
		p.counts(want)
	}
}

func (p *peer) counts(want func(string, any, any)) {
	c := p.c
	if c.Last != "" {
		p.note(`,"to":"` + c.Last + `"`)
		want("next", p.note(""), c.Next)
		return
	}
	var order []string
	for i := range c.New {
		if c.ClearAll > 0 && i == c.ClearAll {
			for k := range i {
				p.tell(fmt.Sprintf(`"type":"Note","id":"n%d","live":false`, k+1))
			}
		}
		order = append(order, p.note(""))
	}
	if c.Order != nil {
		want("in order", order, c.Order)
		return
	}
	want("counts", p.count(), c.Counts)
	for _, who := range slices.Sorted(maps.Keys(c.Remove)) {
		left := c.Remove[who]
		for i := range p.n {
			if id := fmt.Sprintf("n%d", i+1); left > 0 && p.to(id) == who {
				p.tell(fmt.Sprintf(`"type":"Note","id":"%s","live":false`, id))
				left--
			}
		}
	}
	if c.ThenCount != nil {
		for range c.ThenNew {
			p.note("")
		}
		want("counts after", p.count(), c.ThenCount)
	}
}
