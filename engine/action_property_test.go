package engine_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/internal/calendar"
)

const tours = `
entity Team { name text; pooled percent = completion(Tour in this week) }
entity Rep {
  name  text
  team  Team?
  active bool?
  seven int = count(Tour in 7d)
  week  percent = completion(Tour in this week)
  prior percent = completion(Tour in last week)
  five  percent = completion(Tour in 5d)
  good  number = avg(Visit.Quality in 10d)
  doubt int = count(Finding where missing(settled) and verdict == "review")
}
entity Shop { name text; tours int = count(Tour); shaky int = count(Visit where not verified(Tour)) }
event Visit { rep Rep; shop Shop; ok bool?; near bool?; note bool? }
action Tour {
  on    Visit
  by    rep
  about shop
  done  ok
  proof {
    place near else review
    paper note else reject unknown note
  }
  target 6 per week distinct shop
}
score Quality of Visit { proof 50% = verified(Tour); rest 50% = near else skip }
`

// tourVisit is one accepted visit, kept in the plainest way.
type tourVisit struct {
	id, rep, shop    string
	at               time.Time
	done, open, near bool
	hasNear, gone    bool
	reviews          []tourReview
}

type tourReview struct {
	id   string
	at   time.Time
	n    int
	pass bool
}

// counted is what the visit counts for: done, and nothing open that the latest review did not pass.
func (v *tourVisit) counted() bool {
	if !v.done || !v.open {
		return v.done
	}
	if len(v.reviews) == 0 {
		return false
	}
	last := slices.MaxFunc(v.reviews, func(a, b tourReview) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.n, b.n))
	})
	return last.pass
}

func (v *tourVisit) quality() float64 {
	proof, near := 0.0, 0.0
	if v.counted() {
		proof = 1
	}
	if v.near {
		near = 1
	}
	if !v.hasNear {
		return proof * 100
	}
	return 50*proof + 50*near
}

// tourIdle is a time in which a rep is not active; without an end it has not ended.
type tourIdle struct{ from, until time.Time }

// toggle begins one or ends it. Times do not overlap, whatever a late record says.
func (o *tourOracle) toggle(rep string, at time.Time, active bool) {
	list := o.idle[rep]
	n := len(list)
	running := n > 0 && list[n-1].until.IsZero()
	switch {
	case active && running:
		list[n-1].until = at
		if at.Before(list[n-1].from) {
			list[n-1].until = list[n-1].from
		}
	case !active && !running:
		if n > 0 && at.Before(list[n-1].until) {
			at = list[n-1].until
		}
		o.idle[rep] = append(list, tourIdle{from: at})
	}
}

// off reports whether somebody owes nothing of a day: its noon is missed.
func (o *tourOracle) off(rep string, day time.Time) bool {
	noon := day.Add(12 * time.Hour)
	for _, x := range o.idle[rep] {
		if !noon.Before(x.from) && (x.until.IsZero() || noon.Before(x.until)) {
			return true
		}
	}
	return o.away[rep+" "+day.Format("2006-01-02")]
}

// tourOracle recounts everything from all records.
type tourOracle struct {
	visits []*tourVisit
	away   map[string]bool // rep and day
	idle   map[string][]tourIdle
	now    time.Time
	n      int
}

type tourRecord struct {
	Type, ID, Rep, Shop, Record, Verdict, Who, From string
	At                                              time.Time
	Ok, Near, Note, Active                          *bool
	Retracted                                       bool
}

func (o *tourOracle) take(line string) {
	var r tourRecord
	if err := json.Unmarshal([]byte(line), &r); err != nil {
		panic(err)
	}
	o.n++
	switch {
	case r.Type == "Visit" && r.Retracted:
		if v := o.visit(r.ID); v != nil {
			v.gone = true
		}
	case r.Type == "Visit":
		v := &tourVisit{id: r.ID, rep: r.Rep, shop: r.Shop, at: r.At, done: r.Ok != nil && *r.Ok,
			hasNear: r.Near != nil, near: r.Near != nil && *r.Near}
		v.open = v.done && !v.near
		o.visits = append(o.visits, v)
	case r.Type == "Review" && r.Retracted:
		for _, v := range o.visits {
			v.reviews = slices.DeleteFunc(v.reviews, func(x tourReview) bool { return x.id == r.ID })
		}
	case r.Type == "Review":
		v := o.visit(strings.TrimPrefix(r.Record, "Visit/"))
		if v != nil && v.open && !v.gone {
			v.reviews = append(v.reviews, tourReview{r.ID, r.At, o.n, r.Verdict == "pass"})
		}
	case r.Type == "Rep":
		o.toggle(r.ID, r.At, *r.Active)
	case r.Type == "Away":
		o.away[r.Who+" "+r.From[:10]] = true
	}
}

func (o *tourOracle) visit(id string) *tourVisit {
	for _, v := range o.visits {
		if v.id == id {
			return v
		}
	}
	return nil
}

func weekOf(t time.Time) time.Time {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, shanghai)
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}

// share counts the distinct shops a week in (lo, hi], and what the days that ended then owe.
func (o *tourOracle) share(lo, hi time.Time, reps ...string) (done, due float64) {
	cn := calendar.CN()
	for _, rep := range reps {
		seen := map[string]bool{}
		for _, v := range o.visits {
			if v.rep == rep && !v.gone && v.counted() && v.at.After(lo) && !v.at.After(hi) {
				seen[v.shop+weekOf(v.at).String()] = true
			}
		}
		done += float64(len(seen))
		for d := weekOf(lo).AddDate(0, 0, -7); d.Before(hi); d = d.AddDate(0, 0, 1) {
			end := d.AddDate(0, 0, 1)
			date := calendar.DateOf(d.UnixMicro(), shanghai)
			if !end.After(lo) || end.After(hi) || !cn.IsWorkday(date) || o.off(rep, d) {
				continue
			}
			first := calendar.DateOf(weekOf(d).UnixMicro(), shanghai)
			due += 6 / float64(cn.Workdays(first-1, first+6))
		}
	}
	return done, due
}

func tourPercent(done, due float64) string {
	if due < 1e-9 {
		return "–"
	}
	return fmt.Sprintf("%.6f", min(done/due, 1))
}

func (o *tourOracle) rep(id string) map[string]string {
	week := weekOf(o.now)
	micro := time.Microsecond
	out := map[string]string{}
	out["week"] = tourPercent(o.share(week.Add(-micro), o.now, id))
	// The day that ends when the week begins is not one of the week.
	out["prior"] = tourPercent(o.share(week.AddDate(0, 0, -7).Add(-micro), week.Add(-micro), id))
	out["five"] = tourPercent(o.share(o.now.AddDate(0, 0, -5), o.now, id))
	seven, open, sum, n := 0, 0, 0.0, 0
	for _, v := range o.visits {
		if v.rep != id || v.gone {
			continue
		}
		if v.counted() && v.at.After(o.now.AddDate(0, 0, -7)) && !v.at.After(o.now) {
			seven++
		}
		if v.open && len(v.reviews) == 0 {
			open++
		}
		if v.at.After(o.now.AddDate(0, 0, -10)) && !v.at.After(o.now) {
			sum, n = sum+v.quality(), n+1
		}
	}
	out["seven"], out["doubt"], out["good"] = fmt.Sprint(seven), fmt.Sprint(open), "–"
	if n > 0 {
		out["good"] = fmt.Sprintf("%.6f", sum/float64(n))
	}
	return out
}

// drawTour is one record.
func drawTour(s *script) string {
	head := func(kind, id string, back ...int) string {
		at := s.now.Add(-time.Duration(s.pick("back", back...)) * time.Hour)
		return fmt.Sprintf(`{"type":"%s","id":"%s","at":"%s","received":"%s"`, kind, id,
			at.Format(time.RFC3339), s.now.Format(time.RFC3339))
	}
	visits := max(len(s.ids["Visit"]), 1)
	switch s.pick("op", 0, 0, 0, 0, 1, 1, 2, 3, 4, 5) {
	case 1:
		return fmt.Sprintf(`%s,"record":"Visit/v%d","verdict":"%s"}`,
			head("Review", s.event("Review"), 0, 0, 5, 30), rapid.IntRange(0, visits-1).Draw(s.t, "visit"),
			[]string{"pass", "fail"}[s.pick("verdict", 0, 0, 1)])
	case 2:
		kind := []string{"Visit", "Review"}[s.pick("what", 0, 1)]
		ids := append([]string{"none"}, s.ids[kind]...)
		return head(kind, rapid.SampledFrom(ids).Draw(s.t, "id"), 0) + `,"retracted":true}`
	case 5:
		return fmt.Sprintf(`%s,"active":%t}`, head("Rep", s.id("r", 2), 0, 0, 40),
			s.pick("active", 0, 0, 1) == 1)
	case 3:
		day := s.now.AddDate(0, 0, s.pick("day", -2, 0, 1))
		return fmt.Sprintf(`%s,"who":"%s","from":"%s","until":"%s"}`,
			head("Away", s.event("Away"), 0), s.id("r", 2), day.Format("2006-01-02T00:00:00+08:00"),
			day.AddDate(0, 0, 1).Format("2006-01-02T00:00:00+08:00"))
	}
	return fmt.Sprintf(`%s,"rep":"%s","shop":"%s"%s}`, head("Visit", s.event("Visit"), 0, 0, 2, 30, 200),
		s.id("r", 2), s.id("s", 3), s.some(`"ok":false`, `"near":false`, `"note":false`, `"note":true`,
			`"ok":true`, `"near":true`))
}

// tours is what the engine gives, by Type/id.field.
func (a *asker) tours() map[string]string {
	out := map[string]string{}
	for i, f := range a.fields {
		for _, id := range a.e.IDs(f.Of) {
			v, _ := a.ask[i].Ask(f.Of, id)
			text := "–"
			switch {
			case !v.Known():
			case f.Type.Kind == value.Int:
				text = fmt.Sprint(v.N)
			default:
				text = fmt.Sprintf("%.6f", v.Float())
			}
			out[f.Of.Name+"/"+id+"."+f.Name] = text
		}
	}
	return out
}

// TestActionsFromAllRecords holds completions, verdicts, reviews, quotas, leave and the scores that
// read them to a recount of all records, after each record and after a snapshot.
func TestActionsFromAllRecords(t *testing.T) {
	p := check(t, tours)
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, p, engine.Options{})
		o := &tourOracle{away: map[string]bool{}, idle: map[string][]tourIdle{}}
		s := &script{t: rt, now: time.Date(2026, 4, 28, 9, 0, 0, 0, shanghai), ids: map[string][]string{}}
		for _, l := range []string{`"type":"Team","id":"t"`, `"type":"Rep","id":"r0","team":"t"`,
			`"type":"Rep","id":"r1","team":"t"`, `"type":"Shop","id":"s0"`, `"type":"Shop","id":"s1"`,
			`"type":"Shop","id":"s2"`} {
			w.feed(`{` + l + `,"name":"x","at":"2026-04-28T08:00:00+08:00"}`)
		}
		ask := newAsker(p, w.e)
		same := func(what string, ask *asker) {
			o.now = time.UnixMicro(w.e.Now()).In(shanghai)
			got := map[string]string{}
			for k, v := range ask.tours() {
				if strings.HasPrefix(k, "Rep/") {
					got[k] = v
				}
			}
			want := map[string]string{}
			for _, r := range []string{"r0", "r1"} {
				for k, v := range o.rep(r) {
					want["Rep/"+r+"."+k] = v
				}
			}
			sameFields(rt, what, got, want)
			pooled := tourPercent(o.share(weekOf(o.now).Add(-time.Microsecond), o.now, "r0", "r1"))
			if g := ask.tours()["Team/t.pooled"]; g != pooled {
				rt.Fatalf("%s: pooled is %s instead of %s", what, g, pooled)
			}
		}
		for i := range rapid.IntRange(1, 40).Draw(rt, "records") {
			s.now = s.now.Add(s.gap())
			l := drawTour(s)
			from := w.out.Len()
			w.feed(l)
			if strings.Contains(w.out.String()[from:], `"outcome":"accepted"`) {
				o.take(l)
			}
			same(fmt.Sprintf("after record %d, %s", i, l), ask)
		}
		z := newWorld(t, p, engine.Options{})
		if err := z.e.Restore(w.e.AppendSnapshot(nil)); err != nil {
			rt.Fatal(err)
		}
		same("restored", newAsker(p, z.e))
	})
}
