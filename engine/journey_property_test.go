package engine_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
)

// pathPolicy is the journey that the oracle below knows by heart.
const pathPolicy = `
entity Deal { name text; budget int?; ok bool? }
event Call  { deal Deal; good bool }
event Quote { deal Deal; doc text }
event Trip  { deal Deal; ok bool?; near bool? }
action Trial { on Trip; about deal; done ok within 5h; proof { place near } }
journey Path of Deal {
  stage Lead { must Call within 3h; must Trial within 8h; sla 2d }
  stage Demo { entry 2 Quote distinct doc; must count(Call in stage) >= 1; must budget > 5 within 1d }
  stage Skip { entry ok; must 2 Call where good within 36h; must 2 Trial within 20h }
  stage Won  is won
  stage Lost is lost { sla 5h }
}
`

// oracle is a journey as a person would work it out: it keeps every event, counts them anew for
// every question, and looks at every deadline whenever anything happens.
type oracle struct {
	now    time.Time
	events map[string]*deed
	deals  map[string]*dealState
}

type deed struct {
	kind, deal, doc string
	good            bool
	at              time.Time

	ok, near string    // of a trip: "", "true" or "false"
	waits    time.Time // so long `done` waits for what is missing
	flagged  bool      // a review was asked for
	reviews  []tourReview
	of       string // of a review: the trip
}

// counts says what a trip counts for at a moment: "yes", "no", or "may" while it waits or is open.
func (d *deed) counts(now time.Time) string {
	switch {
	case d.ok != "true" && now.Before(d.waits):
		return "may"
	case d.ok != "true":
		return "no"
	case d.near == "true":
		return "yes"
	case len(d.reviews) == 0:
		return "may"
	}
	last := slices.MaxFunc(d.reviews, func(a, b tourReview) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.n, b.n))
	})
	return map[bool]string{true: "yes", false: "no"}[last.pass]
}

type dealState struct {
	stage, before string
	since         time.Time
	budget        int // 0: missing
	ok            string
	dues          []*dueState
}

// dueState is one deadline of the present stay.
type dueState struct {
	rule       string
	by         time.Time
	met, fired bool
	held       bool // passed while what is open may yet meet it
}

var (
	order = []string{"Lead", "Demo", "Skip", "Won"}
	entry = map[string][]string{"Demo": {"Quote"}, "Skip": {"ok"}}
	must  = map[string][]string{"Lead": {"Call", "Trial"}, "Demo": {"calls", "budget"},
		"Skip": {"Good", "Trials"}}
	limit = map[string]time.Duration{"Lead/Call": 3 * time.Hour, "Lead/sla": 48 * time.Hour,
		"Lead/Trial": 8 * time.Hour, "Skip/Trials": 20 * time.Hour,
		"Demo/budget": 24 * time.Hour, "Skip/Good": 36 * time.Hour, "Lost/sla": 5 * time.Hour}
)

// holds asks a requirement of a deal, of what had happened by a moment.
func (o *oracle) holds(id, what string, by time.Time) string {
	d, calls, good, docs := o.deals[id], 0, 0, map[string]bool{}
	trips := map[string]int{}
	for _, e := range o.events {
		switch {
		case e.deal != id || e.at.After(by):
		case e.kind == "Quote":
			docs[e.doc] = true
		case e.kind == "Trip":
			trips[e.counts(o.now)]++
		case e.kind == "Review":
		case what != "calls" || !e.at.Before(d.since):
			calls++
			if e.good {
				good++
			}
		}
	}
	if n := map[string]int{"Trial": 1, "Trials": 2}[what]; n > 0 {
		switch {
		case trips["yes"] >= n:
			return "yes"
		case trips["yes"]+trips["may"] >= n:
			return "may"
		}
		return "no"
	}
	yes := map[string]bool{"Call": calls >= 1, "calls": calls >= 1, "Quote": len(docs) >= 2,
		"Good": good >= 2, "budget": d.budget > 5, "ok": d.ok == "true"}[what]
	return map[bool]string{true: "yes", false: "no"}[yes]
}

// ask judges a move and says which requirements are not met.
func (o *oracle) ask(id, to string) (missing []string) {
	d := o.deals[id]
	from := d.stage
	if from == "Lost" {
		from = d.before
	}
	low, high := slices.Index(order, from), slices.Index(order, to)
	for i, g := range order {
		for _, what := range entry[g] {
			if i > low && i <= high && o.holds(id, what, o.now) != "yes" {
				missing = append(missing, "Path."+g+".entry")
			}
		}
		for _, what := range must[g] {
			if i < low || i >= high {
				continue
			}
			switch o.holds(id, what, o.now) {
			case "no":
				missing = append(missing, "Path."+g+".must")
			case "may":
				missing = append(missing, "Path."+g+".must?")
			}
		}
	}
	return missing
}

func (o *oracle) enter(id, stage string) {
	d := o.deals[id]
	if stage == "Lost" && d.stage != "Lost" {
		d.before = cmp.Or(d.stage, "Lead")
	}
	d.stage, d.since, d.dues = stage, o.now, nil
	for k, v := range limit {
		if g, what, _ := strings.Cut(k, "/"); g == stage {
			d.dues = append(d.dues, &dueState{rule: what, by: o.now.Add(v)})
		}
	}
}

// settle looks at every deadline: what counts events is met if they happened by then, whenever that
// became known; what reads the deal is met if it was so at any moment on the way. What is open holds
// a deadline that passes.
func (o *oracle) settle(says func(string)) {
	for _, id := range slices.Sorted(maps.Keys(o.deals)) {
		for _, x := range o.deals[id].dues {
			passed, open := !o.now.Before(x.by), false
			until, was := o.now, x.met
			if passed {
				until = x.by
			}
			switch x.rule {
			case "sla":
			case "budget":
				x.met = x.met || (!passed || o.now.Equal(x.by)) && o.holds(id, x.rule, until) == "yes"
			default:
				holds := o.holds(id, x.rule, until)
				x.met, open = holds == "yes", holds == "may"
			}
			x.held = passed && open
			name := "must"
			if x.rule == "sla" {
				name = "sla"
			}
			switch {
			case passed && !x.met && !open && !x.fired:
				x.fired = true
				says(fmt.Sprintf("%s late Path.%s.%s", id, o.deals[id].stage, name))
			case passed && x.met && !was && x.fired:
				says(fmt.Sprintf("%s in time Path.%s.%s", id, o.deals[id].stage, name))
			}
		}
	}
}

// advance lets time pass, deadline by deadline.
func (o *oracle) advance(to time.Time, says func(string)) {
	for {
		var next time.Time
		for _, d := range o.deals {
			for _, x := range d.dues {
				if !x.met && !x.fired && !x.held && !x.by.After(to) && (next.IsZero() || x.by.Before(next)) {
					next = x.by
				}
			}
		}
		for _, e := range o.events {
			if e.waits.After(o.now) && !e.waits.After(to) && (next.IsZero() || e.waits.Before(next)) {
				next = e.waits
			}
		}
		if next.IsZero() {
			break
		}
		o.now = next
		o.settle(says)
	}
	o.now = to
}

// trip is a run of the oracle and the engine over the same random records.
type trip struct {
	*script
	o      *oracle
	w      *world
	want   []string
	got    []string
	events []string
}

func (p *trip) says(s string) { p.want = append(p.want, s) }

// heard takes down what the engine says of journeys.
func (p *trip) heard(in *engine.Entry, d *decision.Decision) {
	if in.Kind == decision.Record {
		says := d.Record.ID + " " + d.Outcome.String()
		for i := range d.Findings {
			switch f := &d.Findings[i]; {
			case f.Code == "T0669" || f.Code == "T0670":
				says += " " + f.Rule + "?"
			case f.Rule != "" && f.Code < "T0666":
				says += " " + f.Rule
			}
		}
		p.got = append(p.got, says)
	}
	for i := range d.Findings {
		switch f := &d.Findings[i]; f.Code {
		case "T0666", "T0667":
			p.got = append(p.got, strings.TrimPrefix(f.Args[1], "Deal/")+" late "+f.Rule)
		case "T0668":
			p.got = append(p.got, strings.TrimPrefix(f.Args[1], "Deal/")+" in time "+f.Rule)
		}
	}
}

func (p *trip) send(line string) {
	p.lines = append(p.lines, line)
	p.w.decoder.Decode([]byte(line), nil, &p.w.rec)
	in := engine.Entry{Kind: decision.Record, Moment: max(p.w.rec.Received, p.w.e.Now()),
		Record: &p.w.rec, Prior: p.w.prior[p.w.rec.ID]}
	id := strings.Clone(p.w.rec.ID)
	p.w.e.Apply(&in, func(x *engine.Entry, d *decision.Decision) {
		if x.Kind == decision.Record && d.Outcome == decision.Accepted && p.w.prior[id] == nil {
			p.w.prior[id] = &engine.Prior{Row: slices.Clone(d.Row)}
		}
		p.heard(x, d)
	})
}

// step makes one random record, tells it to both and compares what they say.
func (p *trip) step() {
	p.now = p.now.Add(p.gap())
	p.o.advance(p.now, p.says)
	p.w.e.Advance(p.now.UnixMicro(), p.heard)
	switch p.pick("op", 0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 4, 4, 5, 6, 6) {
	case 0:
		p.deal(p.id("d", 2))
	case 1:
		p.event("Call", fmt.Sprintf(`"good":%v`, rapid.Bool().Draw(p.t, "good")))
	case 2:
		p.event("Quote", fmt.Sprintf(`"doc":"%d"`, p.pick("doc", 1, 2)))
	case 3:
		p.takeBack()
	case 4:
		p.event("Trip", strings.TrimPrefix(p.some(`"ok":true`, `"ok":false`, `"near":true`), ","))
	case 5:
		p.lateValues()
	case 6:
		p.review()
	}
	slices.Sort(p.want)
	slices.Sort(p.got)
	if !slices.Equal(p.want, p.got) {
		p.t.Fatalf("after\n%s\n the engine says %q\n and it should be %q", strings.Join(p.lines, "\n"),
			p.got, p.want)
	}
	p.want, p.got = nil, nil
}

func (p *trip) deal(id string) {
	d := p.o.deals[id]
	fields, to := fmt.Sprintf(`"name":"%d"`, len(p.lines)), ""
	first := d == nil
	if first {
		d = &dealState{since: p.o.now}
		p.o.deals[id] = d
	}
	if b := p.pick("budget", 0, 3, 9); b > 0 {
		d.budget = b
		fields += fmt.Sprintf(`,"budget":%d`, b)
	}
	if b := rapid.SampledFrom([]string{"", "true", "false"}).Draw(p.t, "ok"); b != "" {
		d.ok = b
		fields += `,"ok":` + b
	}
	if to = rapid.SampledFrom(append([]string{"", "Lost"}, order...)).Draw(p.t, "to"); to != "" {
		fields += `,"stage":"` + to + `"`
	}
	from := cmp.Or(d.stage, "Lead")
	says := id + " accepted"
	if first {
		d.stage = from
	}
	switch missing := []string(nil); {
	case to == "" || to == from:
		to = from
	default:
		if missing = p.o.ask(id, to); len(missing) > 0 {
			says, to = strings.Join(append([]string{id, "held"}, missing...), " "), from
		}
	}
	if first || to != from {
		p.o.enter(id, to)
	}
	p.says(says)
	p.o.settle(p.says)
	p.send(fmt.Sprintf("%s,%s}", p.head("Deal", id), fields))
}

// event is a fact about a deal, often one that comes late.
func (p *trip) event(kind, rest string) {
	id := fmt.Sprintf("e%d", len(p.events))
	late := p.pick("late", 0, 0, 0, -30, -300, -3000)
	at := p.now.Add(time.Duration(late) * time.Minute)
	deal := p.id("d", 2)
	f := &deed{kind: kind, deal: deal, at: at, good: strings.Contains(rest, "true"), doc: rest}
	if kind == "Trip" {
		f.take(rest)
		f.waits = at.Add(5 * time.Hour)
		if soon := p.now.Add(time.Microsecond); f.waits.Before(soon) {
			f.waits = soon
		}
	}
	p.events = append(p.events, id)
	p.o.events[id] = f
	p.says(id + " accepted")
	p.o.settle(p.says)
	p.send(strings.TrimSuffix(fmt.Sprintf(`{"type":"%s","id":"%s","at":"%s","received":"%s","deal":"%s",%s`,
		kind, id, at.Format(time.RFC3339Nano), p.now.Format(time.RFC3339Nano), deal, rest), ",") + "}")
}

// take gives a trip values that it lacks.
func (d *deed) take(rest string) (news bool) {
	for field, to := range map[string]*string{"ok": &d.ok, "near": &d.near} {
		for _, v := range []string{"true", "false"} {
			if strings.Contains(rest, `"`+field+`":`+v) && *to == "" {
				*to, news = v, true
			}
		}
	}
	d.flagged = d.ok == "true" && d.near != "true"
	return news
}

// lateValues gives a trip that waits what it lacked; for any other it is the record once more.
func (p *trip) lateValues() {
	id, f := p.drawn("late trip", "Trip")
	if f == nil {
		return
	}
	rest := p.some(`"ok":true`, `"near":true`, `"near":false`)
	says := id + " duplicate"
	if f.ok != "true" && p.now.Before(f.at.Add(5*time.Hour)) && f.take(rest) {
		says = id + " accepted"
	}
	p.says(says)
	p.o.settle(p.says)
	p.send(fmt.Sprintf(`{"type":"Trip","id":"%s","at":"%s","received":"%s","deal":"%s"%s}`, id,
		f.at.Format(time.RFC3339Nano), p.now.Format(time.RFC3339Nano), f.deal, rest))
}

// review passes or fails a trip; one that is not open it says nothing about.
func (p *trip) review() {
	of, f := p.drawn("reviewed", "Trip")
	if f == nil {
		return
	}
	id := fmt.Sprintf("e%d", len(p.events))
	v := tourReview{id: id, n: len(p.events), pass: rapid.Bool().Draw(p.t, "pass"),
		at: p.now.Add(time.Duration(p.pick("earlier", 0, 0, -60)) * time.Minute)}
	p.events = append(p.events, id)
	p.o.events[id] = &deed{kind: "Review", of: of, at: v.at}
	if f.flagged {
		f.reviews = append(f.reviews, v)
	}
	p.says(id + " accepted")
	p.o.settle(p.says)
	p.send(fmt.Sprintf(`{"type":"Review","id":"%s","at":"%s","received":"%s","record":"Trip/%s","verdict":"%s"}`,
		id, v.at.Format(time.RFC3339Nano), p.now.Format(time.RFC3339Nano), of,
		map[bool]string{true: "pass", false: "fail"}[v.pass]))
}

// drawn is one of the events of a kind that were not taken back.
func (p *trip) drawn(what, kind string) (string, *deed) {
	var ids []string
	for _, id := range p.events {
		if f := p.o.events[id]; f != nil && f.kind == kind {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return "", nil
	}
	id := rapid.SampledFrom(ids).Draw(p.t, what)
	return id, p.o.events[id]
}

func (p *trip) takeBack() {
	if len(p.events) == 0 {
		return
	}
	id := rapid.SampledFrom(p.events).Draw(p.t, "taken")
	f := p.o.events[id]
	if f == nil {
		return
	}
	delete(p.o.events, id)
	if of := p.o.events[f.of]; of != nil {
		of.reviews = slices.DeleteFunc(of.reviews, func(v tourReview) bool { return v.id == id })
	}
	p.says(id + " accepted")
	p.o.settle(p.says)
	p.send(fmt.Sprintf(`{"type":"%s","id":"%s","at":"%s","received":"%s","retracted":true}`, f.kind,
		id, p.now.Format(time.RFC3339Nano), p.now.Format(time.RFC3339Nano)))
}

// TestJourneyOracle holds guard and deadlines to the oracle, over records that come late, are taken
// back, and move deals about; the engine is put into a snapshot and taken out of it on the way.
func TestJourneyOracle(t *testing.T) {
	p := check(t, pathPolicy)
	var deal *policy.Record
	for _, r := range p.Records {
		if r.Name == "Deal" {
			deal = r
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		x := &trip{script: &script{t: rt, now: time.Date(2026, 2, 25, 9, 0, 0, 0, shanghai)},
			o: &oracle{events: map[string]*deed{}, deals: map[string]*dealState{}},
			w: newWorld(t, p, engine.Options{})}
		for range rapid.IntRange(1, 40).Draw(rt, "records") {
			x.step()
			if rapid.IntRange(0, 5).Draw(rt, "snapshot") == 0 {
				w := newWorld(t, p, engine.Options{})
				if err := w.e.Restore(x.w.e.AppendSnapshot(nil)); err != nil {
					rt.Fatal(err)
				}
				w.prior = x.w.prior
				x.w = w
			}
			for id, d := range x.o.deals {
				if g, _ := x.w.e.StageOf(deal, id); g != d.stage {
					rt.Fatalf("%s is in %s and should be in %s", id, g, d.stage)
				}
			}
		}
	})
}
