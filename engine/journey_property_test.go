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
journey Path of Deal {
  stage Lead { must Call within 3h; sla 2d }
  stage Demo { entry 2 Quote distinct doc; must count(Call in stage) >= 1; must budget > 5 within 1d }
  stage Skip { entry ok; must 2 Call where good within 36h }
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
}

var (
	order = []string{"Lead", "Demo", "Skip", "Won"}
	entry = map[string][]string{"Demo": {"Quote"}, "Skip": {"ok"}}
	must  = map[string][]string{"Lead": {"Call"}, "Demo": {"calls", "budget"}, "Skip": {"Good"}}
	limit = map[string]time.Duration{"Lead/Call": 3 * time.Hour, "Lead/sla": 48 * time.Hour,
		"Demo/budget": 24 * time.Hour, "Skip/Good": 36 * time.Hour, "Lost/sla": 5 * time.Hour}
)

// holds asks a requirement of a deal, of what had happened by a moment.
func (o *oracle) holds(id, what string, by time.Time) bool {
	d, calls, good, docs := o.deals[id], 0, 0, map[string]bool{}
	for _, e := range o.events {
		switch {
		case e.deal != id || e.at.After(by):
		case e.kind == "Quote":
			docs[e.doc] = true
		case what != "calls" || !e.at.Before(d.since):
			calls++
			if e.good {
				good++
			}
		}
	}
	return map[string]bool{"Call": calls >= 1, "calls": calls >= 1, "Quote": len(docs) >= 2,
		"Good": good >= 2, "budget": d.budget > 5, "ok": d.ok == "true"}[what]
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
			if i > low && i <= high && !o.holds(id, what, o.now) {
				missing = append(missing, "Path."+g+".entry")
			}
		}
		for _, what := range must[g] {
			if i >= low && i < high && !o.holds(id, what, o.now) {
				missing = append(missing, "Path."+g+".must")
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
// became known; what reads the deal is met if it was so at any moment on the way.
func (o *oracle) settle(says func(string)) {
	for _, id := range slices.Sorted(maps.Keys(o.deals)) {
		for _, x := range o.deals[id].dues {
			passed := !o.now.Before(x.by)
			until, was := o.now, x.met
			if passed {
				until = x.by
			}
			switch x.rule {
			case "sla":
			case "budget":
				x.met = x.met || (!passed || o.now.Equal(x.by)) && o.holds(id, x.rule, until)
			default:
				x.met = o.holds(id, x.rule, until)
			}
			name := "must"
			if x.rule == "sla" {
				name = "sla"
			}
			switch {
			case passed && !x.met && !x.fired:
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
				if !x.met && !x.fired && !x.by.After(to) && (next.IsZero() || x.by.Before(next)) {
					next = x.by
				}
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
			if d.Findings[i].Rule != "" && d.Findings[i].Code < "T0666" {
				says += " " + d.Findings[i].Rule
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
		if len(d.Row) > 0 {
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
	switch p.pick("op", 0, 0, 0, 1, 1, 1, 2, 2, 3) {
	case 0:
		p.deal(p.id("d", 2))
	case 1:
		p.event("Call", fmt.Sprintf(`"good":%v`, rapid.Bool().Draw(p.t, "good")))
	case 2:
		p.event("Quote", fmt.Sprintf(`"doc":"%d"`, p.pick("doc", 1, 2)))
	case 3:
		p.takeBack()
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
	} else {
		p.o.settle(p.says) // what the record says of itself may meet a deadline before it moves
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
	p.events = append(p.events, id)
	p.o.events[id] = f
	p.says(id + " accepted")
	p.o.settle(p.says)
	p.send(fmt.Sprintf(`{"type":"%s","id":"%s","at":"%s","received":"%s","deal":"%s",%s}`, kind, id,
		at.Format(time.RFC3339Nano), p.now.Format(time.RFC3339Nano), deal, rest))
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
