package engine_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
)

const givenOut = `
entity Rep { region text; cap int; skill text?; open1 int = count(Lead where live) }
entity Lead { region text; skill text?; owner Rep?; live bool; fill live = true }
event Call { lead Lead; rep Rep }
allocate Lead.owner to Rep {
  where candidate.region == region
  weigh {
    idle 70% = 1 - candidate.open1 / candidate.cap
    fit  30% = candidate.skill == skill
  }
  limit  candidate.open1 < candidate.cap
  accept within 4h
  else   pool for 10h
}
`

// offices is what the policy above means, as plainly as it can be said: everything is worked out
// anew from the lists for every decision.
type offices struct {
	reps  []*officeRep
	leads []*officeLead
	given int
	top   int       // to how many a lead is offered at once
	pause time.Time // the end of the pause that ends last
}

type officeRep struct {
	id, region, skill string
	limit, last       int
	from, until       time.Time // of leave
}

type officeLead struct {
	id, region, skill, owner, phase string
	live, paused                    bool
	until                           time.Time
	among                           []string // whom it is offered to, where several
	lapsed                          []string
	number                          int
}

func (o *offices) rep(id string) *officeRep {
	for _, r := range o.reps {
		if r.id == id {
			return r
		}
	}
	return nil
}

func (o *offices) lead(id string) *officeLead {
	for _, l := range o.leads {
		if l.id == id {
			return l
		}
	}
	return nil
}

func (o *offices) open(r *officeRep) (n int) {
	for _, l := range o.leads {
		if l.owner == r.id && l.live {
			n++
		}
	}
	return n
}

func (o *offices) score(l *officeLead, r *officeRep) float64 {
	x := 70 * max(0, 1-float64(o.open(r))/float64(r.limit))
	if l.skill != "" && l.skill == r.skill {
		x += 30
	}
	return math.Round(x*1e9) / 1e9
}

// fits reports whether somebody may have a lead at all.
func (o *offices) fits(l *officeLead, r *officeRep) bool {
	return r.region == l.region && o.open(r) < r.limit
}

// place gives a lead out, or puts it into the pool.
func (o *offices) place(l *officeLead, at time.Time) {
	if o.pause.After(at) {
		o.pool(l, time.Time{})
		l.paused = true
		return
	}
	var in []*officeRep
	for _, r := range o.reps {
		away := !r.from.After(at.Add(4*time.Hour)) && r.until.After(at)
		if o.fits(l, r) && !away && !slices.Contains(l.lapsed, r.id) {
			in = append(in, r)
		}
	}
	slices.SortFunc(in, func(a, b *officeRep) int {
		if o.before(l, a, b) {
			return -1
		}
		return 1
	})
	switch {
	case in == nil:
		o.pool(l, at.Add(10*time.Hour))
		return
	case o.top > 1 && len(in) > 1:
		l.owner, l.among, l.paused = "", nil, false
		for _, r := range in[:min(o.top, len(in))] {
			l.among = append(l.among, r.id)
		}
	default:
		o.hand(l, in[0])
	}
	l.phase, l.until = "offered", at.Add(4*time.Hour)
}

func (o *offices) before(l *officeLead, a, b *officeRep) bool {
	if x, y := o.score(l, a), o.score(l, b); x != y {
		return x > y
	}
	if a.last != b.last {
		return a.last < b.last
	}
	return a.id < b.id
}

func (o *offices) hand(l *officeLead, r *officeRep) {
	o.given++
	r.last = o.given
	l.owner, l.phase, l.until, l.paused, l.among = r.id, "theirs", time.Time{}, false, nil
}

func (o *offices) pool(l *officeLead, until time.Time) {
	o.given++ // a number of the pool's would do: only the order counts
	l.owner, l.phase, l.until, l.paused, l.number = "", "pool", until, false, o.given
	l.among = nil
}

// pass lets everything fall due up to a moment, in order of moments, and there the end of pauses
// first, then leads as they were first heard of.
func (o *offices) pass(to time.Time) {
	for {
		due, resume := (*officeLead)(nil), !o.pause.IsZero() && !o.pause.After(to)
		for _, l := range o.leads {
			if !l.until.IsZero() && !l.until.After(to) && (due == nil || l.until.Before(due.until)) {
				due = l
			}
		}
		switch {
		case resume && (due == nil || !o.pause.After(due.until)):
			o.resume(o.pause)
		case due != nil && due.phase == "offered":
			if due.among == nil {
				due.among = []string{due.owner}
			}
			due.lapsed = append(due.lapsed, due.among...)
			due.among = nil
			o.place(due, due.until)
		case due != nil:
			due.lapsed = nil
			o.place(due, due.until)
		default:
			return
		}
	}
}

func (o *offices) resume(at time.Time) {
	o.pause = time.Time{}
	var list []*officeLead
	for _, l := range o.leads {
		if l.paused {
			list = append(list, l)
		}
	}
	slices.SortFunc(list, func(a, b *officeLead) int { return a.number - b.number })
	for _, l := range list {
		l.paused = false
		o.place(l, at)
	}
}

func (o *offices) accept(l *officeLead, who string) {
	switch {
	case l == nil || l.phase != "offered":
	case slices.Contains(l.among, who):
		o.hand(l, o.rep(who))
		l.lapsed = nil
	case l.owner == who:
		l.phase, l.until, l.lapsed = "theirs", time.Time{}, nil
	}
}

// String is who has what.
func (o *offices) String() string {
	var b strings.Builder
	for _, l := range o.leads {
		fmt.Fprintf(&b, "%s:%s/%s ", l.id, l.phase, l.owner)
	}
	return b.String()
}

// desk plays one random day to the oracle and to an engine.
type desk struct {
	t   *rapid.T
	o   offices
	w   *world
	now time.Time
	n   int
}

func (d *desk) pick(what string, from ...string) string {
	return rapid.SampledFrom(from).Draw(d.t, what)
}

func (d *desk) tell(kind, id, rest string) {
	d.w.feed(fmt.Sprintf(`{"type":"%s","id":"%s","at":"%s"%s}`, kind, id,
		d.now.Format(time.RFC3339), rest))
}

func (d *desk) step() {
	d.now = d.now.Add(time.Duration(rapid.SampledFrom([]int{1, 20, 100, 241, 700}).Draw(d.t, "gap")) *
		time.Minute)
	d.o.pass(d.now)
	d.w.e.Advance(d.now.UnixMicro(), d.w.write)
	d.n++
	id := fmt.Sprintf("x%d", d.n)
	l := fmt.Sprintf("l%d", rapid.IntRange(0, 7).Draw(d.t, "lead"))
	who := d.pick("who", "r0", "r1", "r2", "r3")
	lead := d.o.lead(l)
	switch rapid.IntRange(0, 8).Draw(d.t, "op") {
	case 0, 1, 2:
		d.arrives(l)
	case 3:
		d.tell("Accept", id, `,"record":"Lead/`+l+`","by":"`+who+`"`)
		d.o.accept(lead, who)
	case 4:
		if lead != nil {
			d.tell("Call", id, `,"lead":"`+l+`","rep":"`+who+`"`)
			d.o.accept(lead, who)
		}
	case 5:
		d.tell("Claim", id, `,"record":"Lead/`+l+`","by":"Rep/`+who+`"`)
		if lead != nil && lead.phase == "pool" && d.o.fits(lead, d.o.rep(who)) {
			d.o.hand(lead, d.o.rep(who))
		}
	case 6:
		if lead != nil {
			d.tell("Lead", l, `,"owner":"`+who+`"`)
			if lead.owner != who {
				d.o.hand(lead, d.o.rep(who))
			}
		}
	case 7:
		until := d.now.Add(time.Duration(rapid.IntRange(1, 9).Draw(d.t, "hours")) * time.Hour)
		d.tell("Pause", id, `,"rule":"Lead.owner","by":"x","why":"y","until":"`+
			until.Format(time.RFC3339)+`"`)
		if until.After(d.o.pause) {
			d.o.pause = until
		}
	case 8:
		r := d.o.rep(who)
		if r.from.IsZero() {
			r.from, r.until = d.now.Add(3*time.Hour), d.now.Add(30*time.Hour)
			d.tell("Away", id, `,"who":"`+who+`","from":"`+r.from.Format(time.RFC3339)+`","until":"`+
				r.until.Format(time.RFC3339)+`"`)
		}
	}
}

// arrives is a lead that comes, or is closed.
func (d *desk) arrives(id string) {
	if l := d.o.lead(id); l != nil {
		if l.live {
			l.live = false
			d.tell("Lead", id, `,"live":false`)
		}
		return
	}
	l := &officeLead{id: id, live: true, region: d.pick("region", "a", "b"),
		skill: d.pick("skill", "", "s", "t")}
	d.o.leads = append(d.o.leads, l)
	rest := `,"region":"` + l.region + `"`
	if l.skill != "" {
		rest += `,"skill":"` + l.skill + `"`
	}
	d.tell("Lead", id, rest)
	d.o.place(l, d.now)
}

// TestAllocationAgainstOracle holds who gets what, through offers, lapses, claims, pauses, leave and
// hands, to the plain model above.
func TestAllocationAgainstOracle(t *testing.T) {
	for top, text := range []string{1: "", 2: "top 2 ", 3: "top 3 "} {
		if top > 0 {
			t.Run(fmt.Sprint(top), func(t *testing.T) { againstOffices(t, top, text) })
		}
	}
}

func againstOffices(t *testing.T, top int, text string) {
	p := check(t, strings.Replace(givenOut, "accept ", "accept "+text, 1))
	rapid.Check(t, func(rt *rapid.T) {
		d := &desk{o: offices{top: top}, t: rt, w: newWorld(t, p, engine.Options{}),
			now: time.Date(2026, 3, 2, 9, 0, 0, 0, shanghai)}
		for i := range 4 {
			r := &officeRep{id: fmt.Sprintf("r%d", i), region: d.pick("region", "a", "b"),
				skill: d.pick("skill", "", "s", "t"), limit: rapid.IntRange(1, 3).Draw(rt, "cap")}
			d.o.reps = append(d.o.reps, r)
			rest := fmt.Sprintf(`,"region":"%s","cap":%d`, r.region, r.limit)
			if r.skill != "" {
				rest += `,"skill":"` + r.skill + `"`
			}
			d.tell("Rep", r.id, rest)
		}
		for range rapid.IntRange(1, 40).Draw(rt, "steps") {
			d.step()
			if got, want := d.held(), d.o.String(); got != want {
				rt.Fatalf("at %s\n got %s\nwant %s\n%s", d.now, got, want, d.w.out.String())
			}
		}
	})
}

// held is who has what, as the engine tells it.
func (d *desk) held() string {
	var b strings.Builder
	for _, l := range d.o.leads {
		h := d.w.e.HeldBy("Lead.owner", l.id)
		fmt.Fprintf(&b, "%s:%s/%s ", l.id, h.Phase, d.w.owner(l.id))
	}
	return b.String()
}

// owner is the id that the reference of a lead leads to.
func (w *world) owner(id string) string { return w.field("Lead", id, "owner") }

// field is what a field of an entity says as text; "": it is missing.
func (w *world) field(of, id, name string) string {
	for _, r := range w.e.Policy().Records {
		if r.Full != of {
			continue
		}
		for _, f := range r.Fields {
			if f.Name != name {
				continue
			}
			self := &policy.Expr{Op: policy.OpSelf, Type: policy.Type{Kind: value.Ref, Record: r}}
			v, _ := w.e.Program(&policy.Expr{Op: policy.OpField, Field: f, Type: f.Type,
				Args: []*policy.Expr{self}}).Ask(r, id)
			switch {
			case v.Known() && v.Kind == value.Ref:
				return v.S
			case v.Known():
				return value.Style{}.Text(v)
			}
		}
	}
	return ""
}

// TestBulkIsOneByOne holds a file of leads that come at one moment to the same leads, each with a
// moment of its own.
func TestBulkIsOneByOne(t *testing.T) {
	p := check(t, givenOut)
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(rt, "leads")
		bulk, single := newWorld(t, p, engine.Options{}), newWorld(t, p, engine.Options{})
		for i := range 5 {
			line := fmt.Sprintf(`{"type":"Rep","id":"r%d","at":"2026-03-02T09:00:00+08:00","region":"%s","cap":%d}`,
				i, rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "region"), rapid.IntRange(1, 9).Draw(rt, "cap"))
			bulk.feed(line)
			single.feed(line)
		}
		at := time.Date(2026, 3, 2, 9, 0, 0, 0, shanghai)
		var ids []string
		for i := range n {
			id := fmt.Sprintf("l%d", rapid.IntRange(0, 999).Draw(rt, "id"))
			ids = append(ids, id)
			rest := fmt.Sprintf(`,"region":"%s"}`, rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "region"))
			bulk.feed(fmt.Sprintf(`{"type":"Lead","id":"%s","at":"%s"`, id, at.Format(time.RFC3339)) + rest)
			single.feed(fmt.Sprintf(`{"type":"Lead","id":"%s","at":"%s"`, id,
				at.Add(time.Duration(i)*time.Second).Format(time.RFC3339)) + rest)
		}
		for _, id := range ids {
			if b, s := bulk.owner(id), single.owner(id); b != s {
				rt.Fatalf("%s is %q's in bulk and %q's one by one", id, b, s)
			}
		}
	})
}

// TestOneClaimWins: of two hundred claims of one lead exactly one is taken in.
func TestOneClaimWins(t *testing.T) {
	w := newWorld(t, check(t, givenOut), engine.Options{})
	w.feed(`{"type":"Lead","id":"l","at":"2026-03-02T09:00:00+08:00","region":"a"}`)
	for i := range 200 {
		w.feed(fmt.Sprintf(`{"type":"Rep","id":"r%d","at":"2026-03-02T10:00:00+08:00","region":"a","cap":1}`, i))
	}
	for i := range 200 {
		w.feed(fmt.Sprintf(`{"type":"Claim","id":"c%d","at":"2026-03-02T11:00:00+08:00","record":"Lead/l","by":"r%d"}`,
			i, 199-i))
	}
	if n := strings.Count(w.out.String(), `"type":"Claim"`) - strings.Count(w.out.String(), "T0905"); n != 1 {
		t.Errorf("%d claims were taken in", n)
	}
	if got := w.owner("l"); got != "r199" {
		t.Errorf("the lead is %s's and not the first one's", got)
	}
}

// TestSharesAreExact: over a whole round everybody has exactly their share, whatever the shares are,
// and at no moment anybody is a whole record from it or more where shares are alike.
func TestSharesAreExact(t *testing.T) {
	p := check(t, `
entity Rep { part int }
entity Lead { owner Rep? }
allocate Lead.owner to Rep { share by candidate.part }`)
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, p, engine.Options{})
		parts := rapid.SliceOfN(rapid.IntRange(1, 9), 1, 9).Draw(rt, "parts")
		all := 0
		for i, n := range parts {
			all += n
			w.feed(fmt.Sprintf(`{"type":"Rep","id":"r%d","at":"2026-03-02T09:00:00+08:00","part":%d}`, i, n))
		}
		have := map[string]int{}
		for i := range 3 * all {
			id := fmt.Sprintf("l%d", i)
			w.feed(fmt.Sprintf(`{"type":"Lead","id":"%s","at":"2026-03-02T10:00:00+08:00"}`, id))
			have[w.owner(id)]++
		}
		for i, n := range parts {
			if got := have[fmt.Sprintf("r%d", i)]; got != 3*n {
				rt.Fatalf("r%d has %d of %d instead of %d", i, got, 3*all, 3*n)
			}
		}
	})
}
