package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/internal/calendar"
)

// streaky has a streak for each of two actions; a person without a goal cannot be judged.
const streaky = `
entity Rep { name text; goal percent? }
event Visit { rep Rep; sku int }
action Shelf { on Visit; by rep; done sku >= 3; target 2 per day }
action Price { on Visit; by rep; done sku in [1, 4]; target 1 per day }
alert Cold of Rep by action {
  check each workday late 3d
  needs count(action in 9d) >= 1
  when  completion(action in this day) < goal
  for   3 in a row
}
`

// shift is what the oracle knows of one person, in the plainest form.
type shift struct {
	zone   *time.Location
	work   *calendar.Calendar
	goal   float64 // -1: none
	visits []*visit
	aways  []*away
	looks  map[string][]seenLook // by action, in order
}

type visit struct {
	id   string
	at   time.Time
	sku  int
	gone bool
}

type away struct {
	id          string
	from, until time.Time
	gone        bool
}

func (s *shift) done(action string, from, to time.Time) (n int) {
	for _, v := range s.visits {
		counts := v.sku >= 3
		if action == "Price" {
			counts = v.sku == 1 || v.sku == 4
		}
		if counts && !v.gone && v.at.After(from) && v.at.Before(to) {
			n++
		}
	}
	return n
}

// judge is what a workday came to: T below the goal, F not below, U it cannot be told, - left out.
func (s *shift) judge(action string, end time.Time) string {
	day := end.Add(-oneDay)
	noon := day.Add(12 * time.Hour)
	for _, a := range s.aways {
		if !a.gone && !noon.Before(a.from) && noon.Before(a.until) {
			return "-"
		}
	}
	due := 2
	if action == "Price" {
		due = 1
	}
	// A look is at the last instant of its day: both windows are whole days, with their first instant.
	n := s.done(action, day.Add(-1), end)
	switch {
	case s.done(action, end.Add(-9*oneDay-1), end) == 0:
		return "-"
	case s.goal < 0:
		return "U"
	case min(1, float64(n)/float64(due)) < s.goal:
		return "T"
	}
	return "F"
}

// open is the state that follows from all days: rest and unknown days are passed over.
func (s *shift) open(action string) bool {
	open, streak := false, 0
	for _, l := range s.looks[action] {
		switch l.verdict {
		case "T":
			if streak++; streak >= 3 {
				open = true
			}
		case "F":
			open, streak = false, 0
		}
	}
	return open
}

// TestStreaksAreWhatTheLogSays compares the streaks of a person and two actions after every record
// with those that follow from all records anew: late, retracted, out of order, leave known too late,
// over a holiday with make-up workdays. Every day that is judged otherwise is told, and no other.
func TestStreaksAreWhatTheLogSays(t *testing.T) {
	p := check(t, streaky)
	work := calendar.NewSet(nil, policy.Settings{Timezone: "Asia/Shanghai", Calendar: "CN"}).For(nil)
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, p, engine.Options{})
		s := &shift{zone: w.e.Zone(), work: work, goal: 1, looks: map[string][]seenLook{}}
		now := time.Date(2026, 4, 26, 9, 0, 0, 0, s.zone)
		end := time.Date(2026, 4, 27, 0, 0, 0, 0, s.zone)
		said := []string{}
		for i := range rapid.IntRange(2, 70).Draw(rt, "records") {
			now = now.Add(time.Duration(rapid.IntRange(1, 18).Draw(rt, "hours")) * time.Hour)
			for ; !end.After(now); end = end.Add(oneDay) {
				if i > 0 && work.IsWorkday(calendar.DateOf(end.Add(-1).UnixMicro(), s.zone)) {
					for _, a := range []string{"Shelf", "Price"} {
						s.looks[a] = append(s.looks[a], seenLook{at: end, verdict: s.judge(a, end)})
					}
				}
			}
			line, touched, from := s.draw(rt, i, now)
			was := w.out.Len()
			w.feed(line)
			said = append(said, line)
			corrected := 0
			for _, a := range touched {
				for k := range s.looks[a] {
					l := &s.looks[a][k]
					if v := s.judge(a, l.at); now.Sub(l.at) <= 3*oneDay && l.at.After(from) && v != l.verdict {
						l.verdict = v
						corrected++
					}
				}
			}
			if n := strings.Count(w.out.String()[was:], "T0693"); n != corrected {
				rt.Fatalf("%d days are corrected, and %d are told: %s\n%s", corrected, n,
					w.out.String()[was:], strings.Join(said, "\n"))
			}
			for _, a := range []string{"Shelf", "Price"} {
				if open := slices.Contains(w.e.OpenAlerts("Cold/"+a), "li"); open != s.open(a) {
					rt.Fatalf("%s is open: %v, and %v\n%s", a, open, s.looks[a], strings.Join(said, "\n"))
				}
			}
		}
	})
}

// draw makes a record, and says which actions' days from when on it may change.
func (s *shift) draw(rt *rapid.T, i int, now time.Time) (string, []string, time.Time) {
	at := func(t time.Time) string { return t.Format(time.RFC3339) }
	both := []string{"Shelf", "Price"}
	if i == 0 {
		return fmt.Sprintf(`{"type":"Rep","id":"li","at":"%s","name":"L","goal":1}`, at(now)), nil, now
	}
	switch rapid.IntRange(0, 9).Draw(rt, "op") {
	case 0:
		s.goal = rapid.SampledFrom([]float64{-1, 0.5, 1}).Draw(rt, "goal")
		goal := fmt.Sprint(s.goal)
		if s.goal < 0 {
			goal = "null"
		}
		return fmt.Sprintf(`{"type":"Rep","id":"li","at":"%s","goal":%s}`, at(now), goal), nil, now
	case 1:
		day := now.AddDate(0, 0, -rapid.IntRange(0, 4).Draw(rt, "back"))
		a := &away{id: fmt.Sprint("a", i), from: day, until: day.AddDate(0, 0, rapid.IntRange(1, 2).Draw(rt, "days"))}
		s.aways = append(s.aways, a)
		return fmt.Sprintf(`{"type":"Away","id":"%s","at":"%s","who":"li","from":"%s","until":"%s"}`, a.id,
			at(now), at(a.from), at(a.until)), both, time.Time{}
	case 2:
		if n := len(s.aways); n > 0 {
			a := s.aways[rapid.IntRange(0, n-1).Draw(rt, "which")]
			from := time.Time{}
			if a.gone {
				from = now
			}
			a.gone = true
			return fmt.Sprintf(`{"type":"Away","id":"%s","at":"%s","retracted":true}`, a.id, at(now)), both,
				from
		}
	case 3, 4:
		if n := len(s.visits); n > 0 {
			v := s.visits[rapid.IntRange(0, n-1).Draw(rt, "which")]
			from, was := v.at, v.gone
			v.gone = true
			line := fmt.Sprintf(`{"type":"Visit","id":"%s","at":"%s","retracted":true}`, v.id, at(now))
			if was {
				return line, nil, now
			}
			return line, v.counts(), from
		}
	}
	v := &visit{id: fmt.Sprint("v", i), sku: rapid.IntRange(0, 5).Draw(rt, "sku"),
		at: now.Add(-time.Duration(rapid.SampledFrom([]int{0, 0, 0, 3, 20, 30, 50, 80}).Draw(rt, "late")) * time.Hour)}
	s.visits = append(s.visits, v)
	return fmt.Sprintf(`{"type":"Visit","id":"%s","at":"%s","received":"%s","rep":"li","sku":%d}`, v.id, at(v.at),
		at(now), v.sku), v.counts(), v.at
}

// counts are the actions that a visit completes.
func (v *visit) counts() (out []string) {
	if v.sku >= 3 {
		out = append(out, "Shelf")
	}
	if v.sku == 1 || v.sku == 4 {
		out = append(out, "Price")
	}
	return out
}
