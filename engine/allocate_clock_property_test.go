package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/engine"
)

const clocked = `
entity Customer { name text }
entity Rep { grade int }
entity Lead { customer Customer?; owner Rep?; live bool; fill live = true }
event Call { lead Lead; rep Rep }
allocate Lead.owner to Rep {
  recycle after 5h at most 12h where live
  warn    after 2h { note "two" }
  warn    after 4h { note "four" }
  cool    3h
  same    customer
  else    pool for 2h
}
`

// shop is what the policy above means, as plainly as it can be said.
type shop struct {
	last  map[string]int // by person: number of their last lead
	leads []*shopLead
	given int
	notes map[string]int // how often people were told
}

type shopLead struct {
	id, customer, owner string
	live                bool
	until               time.Time            // when it goes back, or out of the pool
	got                 time.Time            // when its owner got it
	told                []time.Time          // when its owner is to be told
	former              map[string]time.Time // who lost it, and may not have it before
}

var clerks = []string{"r0", "r1", "r2"}

func (s *shop) lead(id string) *shopLead {
	for _, l := range s.leads {
		if l.id == id {
			return l
		}
	}
	return nil
}

// hasOther reports whether somebody has another lead of the same customer.
func (s *shop) hasOther(l *shopLead, who string) bool {
	for _, x := range s.leads {
		if x != l && l.customer != "" && x.customer == l.customer && x.owner == who {
			return true
		}
	}
	return false
}

func (s *shop) place(l *shopLead, at time.Time) {
	var in, known []string
	for _, who := range clerks {
		if l.former[who].After(at) {
			continue
		}
		in = append(in, who)
		if s.hasOther(l, who) {
			known = append(known, who)
		}
	}
	if known != nil {
		in = known
	}
	if in == nil {
		l.owner, l.until = "", at.Add(2*time.Hour)
		return
	}
	best := in[0]
	for _, who := range in {
		if s.last[who] < s.last[best] {
			best = who
		}
	}
	s.hand(l, best, at)
}

func (s *shop) hand(l *shopLead, who string, at time.Time) {
	s.given++
	s.last[who] = s.given
	l.owner, l.got = who, at
	s.restart(l, at)
}

// restart begins the clock of an owner who has just done something, or has just got it.
func (s *shop) restart(l *shopLead, at time.Time) {
	was, most := l.until, l.got.Add(12*time.Hour)
	l.until = at.Add(5 * time.Hour)
	switch {
	case most.After(at):
		if most.Before(l.until) {
			l.until = most
		}
	case was.After(at) && was.Before(l.until):
		l.until = was
	}
	l.told = []time.Time{at.Add(2 * time.Hour), at.Add(4 * time.Hour)}
}

// tell is what an owner is told before a moment: not at it, where the lead goes back then.
func (s *shop) tell(l *shopLead, to time.Time) {
	for l.owner != "" && len(l.told) > 0 && !l.told[0].After(to) && l.told[0].Before(l.until) {
		if l.live {
			s.notes[[]string{"four", "two"}[len(l.told)-1]]++
		}
		l.told = l.told[1:]
	}
}

func (s *shop) lose(l *shopLead, at time.Time) {
	if l.owner != "" {
		l.former[l.owner] = at.Add(3 * time.Hour)
	}
	l.owner = ""
}

// pass lets everything fall due up to a moment, the earliest first, and of one moment leads as they
// were first heard of.
func (s *shop) pass(to time.Time) {
	for {
		var due *shopLead
		for _, l := range s.leads {
			if !l.until.After(to) && (due == nil || l.until.Before(due.until)) {
				due = l
			}
		}
		for _, l := range s.leads {
			s.tell(l, to)
		}
		switch {
		case due == nil:
			return
		case due.owner == "":
			s.place(due, due.until)
		case !due.live: // what is closed does not go back, and is asked again then
			s.restart(due, due.until)
		default:
			s.lose(due, due.until)
			due.until = due.until.Add(2 * time.Hour)
		}
	}
}

func (s *shop) String() string {
	var b strings.Builder
	for _, l := range s.leads {
		fmt.Fprintf(&b, "%s:%s ", l.id, l.owner)
	}
	return b.String()
}

// TestClocksAgainstOracle holds what goes back for want of work, who may not have it again yet, and
// who goes first for a customer, to the plain model above.
func TestClocksAgainstOracle(t *testing.T) {
	p := check(t, clocked)
	rapid.Check(t, func(rt *rapid.T) {
		s, w := &shop{last: map[string]int{}, notes: map[string]int{}}, newWorld(t, p, engine.Options{})
		now := time.Date(2026, 3, 2, 9, 0, 0, 0, shanghai)
		tell := func(kind, id, rest string) {
			w.feed(fmt.Sprintf(`{"type":"%s","id":"%s","at":"%s"%s}`, kind, id, now.Format(time.RFC3339), rest))
		}
		for _, c := range []string{"c0", "c1"} {
			tell("Customer", c, `,"name":"C"`)
		}
		for _, r := range clerks {
			tell("Rep", r, `,"grade":1`)
		}
		for i := range rapid.IntRange(1, 40).Draw(rt, "steps") {
			gap := rapid.SampledFrom([]int{1, 20, 100, 180, 300, 700}).Draw(rt, "gap")
			now = now.Add(time.Duration(gap) * time.Minute)
			s.pass(now)
			w.e.Advance(now.UnixMicro(), w.write)
			s.step(rt, tell, now, i)
			var got strings.Builder
			for _, l := range s.leads {
				fmt.Fprintf(&got, "%s:%s ", l.id, w.owner(l.id))
			}
			for _, text := range []string{"two", "four"} {
				if n := strings.Count(w.out.String(), `"text":"`+text+`"`); n != s.notes[text] {
					rt.Fatalf("at %s %q was told %d times instead of %d\n%s", now, text, n, s.notes[text],
						w.out.String())
				}
			}
			if got.String() != s.String() {
				rt.Fatalf("at %s\n got %s\nwant %s\n%s", now, got.String(), s, w.out.String())
			}
		}
	})
}

// step does one thing to the shop and tells the engine.
func (s *shop) step(rt *rapid.T, tell func(kind, id, rest string), now time.Time, i int) {
	id := fmt.Sprintf("l%d", rapid.IntRange(0, 4).Draw(rt, "lead"))
	who := rapid.SampledFrom(clerks).Draw(rt, "who")
	l, event := s.lead(id), fmt.Sprintf("x%d", i)
	if l == nil {
		l = &shopLead{id: id, live: true, former: map[string]time.Time{},
			customer: rapid.SampledFrom([]string{"", "c0", "c1"}).Draw(rt, "customer")}
		s.leads = append(s.leads, l)
		rest := ""
		if l.customer != "" {
			rest = `,"customer":"` + l.customer + `"`
		}
		tell("Lead", id, rest)
		s.place(l, now)
		return
	}
	switch rapid.IntRange(0, 4).Draw(rt, "op") {
	case 0:
		tell("Call", event, `,"lead":"`+id+`","rep":"`+who+`"`)
		if l.owner == who {
			s.restart(l, now)
		}
	case 1:
		tell("Claim", event, `,"record":"Lead/`+id+`","by":"`+who+`"`)
		if l.owner == "" && !l.former[who].After(now) {
			s.hand(l, who, now)
		}
	case 2:
		l.live = !l.live
		tell("Lead", id, fmt.Sprintf(`,"live":%t`, l.live))
	case 3:
		tell("Lead", id, `,"owner":"`+who+`"`)
		if l.owner != who {
			s.hand(l, who, now)
		}
	case 4:
		tell("Lead", id, `,"owner":null`)
		if l.owner != "" {
			s.lose(l, now)
			s.place(l, now)
		}
	}
}
