package engine_test

import (
	"cmp"
	"encoding/json"
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

// facts are the accepted records once more, kept in the plainest way: entities as they are now,
// events as they were when they came.
type facts struct {
	zone   *time.Location
	now    int64
	teams  map[string]*fact
	reps   map[string]*fact
	shops  map[string]*fact
	visits []*fact
	orders []*fact
}

// fact is one record; of an event also what was known of others when it came.
type fact struct {
	id      string
	at      int64 // of an entity: when it was created
	fields  map[string]any
	team    string // of a visit's rep
	atA     bool   // the visited shop was on level A
	removed bool
}

func (f *fact) text(name string) string { s, _ := f.fields[name].(string); return s }

func (f *fact) number(name string) (float64, bool) {
	n, ok := f.fields[name].(float64)
	return n, ok
}

func (f *fact) minutes() int64 { n, _ := f.number("minutes"); return int64(n) }

func moment(text string, zone *time.Location) int64 {
	v, _ := value.ParseText(value.Time, text, zone)
	return v.N
}

// take adds an accepted record.
func (f *facts) take(line string) {
	var m map[string]any
	if err := json.Unmarshal([]byte(line), &m); err != nil {
		panic(err)
	}
	id, at := m["id"].(string), moment(m["at"].(string), f.zone)
	switch m["type"] {
	case "Visit", "Order":
		f.event(m, id, at)
	case "Team":
		merge(f.teams, m, id, at)
	case "Rep":
		merge(f.reps, m, id, at)
	case "Store":
		merge(f.shops, m, id, at)
	}
}

func (f *facts) event(m map[string]any, id string, at int64) {
	list := &f.visits
	if m["type"] == "Order" {
		list = &f.orders
	}
	if m["retracted"] == true {
		for _, x := range *list {
			x.removed = x.removed || x.id == id
		}
		return
	}
	x := &fact{id: id, at: at, fields: m}
	if r := f.reps[x.text("rep")]; r != nil {
		x.team = r.text("team")
	}
	if s := f.shops[x.text("store")]; s != nil {
		x.atA = s.text("level") == "A"
	}
	*list = append(*list, x)
}

func merge(in map[string]*fact, m map[string]any, id string, at int64) {
	if m["deleted"] == true {
		delete(in, id)
		return
	}
	x := in[id]
	if x == nil {
		x = &fact{id: id, at: at, fields: map[string]any{}}
		in[id] = x
	}
	for k, v := range m {
		if v == nil {
			delete(x.fields, k)
		} else {
			x.fields[k] = v
		}
	}
}

// in are the events of a list in (from, to] that a test holds for, by moment, then arrival.
func (f *facts) in(list []*fact, from, to int64, test func(*fact) bool) (out []*fact) {
	for _, x := range list {
		if !x.removed && x.at > from && x.at <= min(to, f.now) && test(x) {
			out = append(out, x)
		}
	}
	slices.SortStableFunc(out, func(a, b *fact) int { return cmp.Compare(a.at, b.at) })
	return out
}

const ever = math.MinInt64

func (f *facts) days(n int64) int64 { return f.now - n*value.Day }

func known(ok bool, v any) string {
	if !ok {
		return "–"
	}
	return fmt.Sprint(v)
}

func sum(list []*fact) (n int64) {
	for _, x := range list {
		n += x.minutes()
	}
	return n
}

func (f *facts) seen(rep string) int {
	return len(f.in(f.visits, f.days(7), f.now, func(v *fact) bool { return v.text("rep") == rep }))
}

func (f *facts) visited(shop string) int {
	return len(f.in(f.visits, f.days(7), f.now, func(v *fact) bool { return v.text("store") == shop }))
}

func (f *facts) owns(rep string) (n int) {
	for _, s := range f.shops {
		if s.at <= f.now && s.text("owner") == rep && s.text("level") == "A" {
			n++
		}
	}
	return n
}

// below are the reps whose chief somebody is; loops among them are lawful.
func (f *facts) below(rep string) (out []string) {
	for _, r := range f.reps {
		if r.at <= f.now && r.text("chief") == rep {
			out = append(out, r.id)
		}
	}
	return out
}

// team is what is right of a team.
func (f *facts) team(t *fact) map[string]string {
	head, busy, owned, shops := 0, 0, 0, 0
	for _, r := range f.reps {
		if r.at <= f.now && r.text("team") == t.id {
			if q, ok := r.number("quota"); ok && q > 5 {
				head++
			}
			busy += f.seen(r.id)
			owned += f.owns(r.id)
		}
	}
	for _, s := range f.shops {
		if o := f.reps[s.text("owner")]; s.at <= f.now && o != nil && o.text("team") == t.id {
			shops++
		}
	}
	mine := func(v *fact) bool { return v.team == t.id }
	return map[string]string{"headcount": fmt.Sprint(head), "busy": fmt.Sprint(busy),
		"owned": fmt.Sprint(owned), "shops": fmt.Sprint(shops),
		"visits": fmt.Sprint(len(f.in(f.visits, f.days(7), f.now, mine)))}
}

// rep is what is right of a rep.
func (f *facts) rep(r *fact) map[string]string {
	mine := func(v *fact) bool { return v.text("rep") == r.id }
	all := f.in(f.visits, ever, f.now, mine)
	distinct, best := map[string]bool{}, 0
	for _, v := range f.in(f.visits, f.days(30), f.now, mine) {
		if v.text("kind") == "site" && v.text("store") != "" {
			distinct[v.text("store")] = true
		}
		if v.atA && v.at > f.days(14) {
			best++
		}
	}
	load, fresh := 0, 0
	for _, s := range f.shops {
		if s.at <= f.now && s.text("owner") == r.id {
			load += f.visited(s.id)
			if s.at > f.days(7) {
				fresh++
			}
		}
	}
	deep := 0
	for _, x := range f.below(r.id) {
		deep += len(f.below(x))
	}
	every := f.in(f.visits, ever, f.now, func(*fact) bool { return true })
	out := map[string]string{"seen": fmt.Sprint(f.seen(r.id)), "ever": fmt.Sprint(sum(all)),
		"shops": fmt.Sprint(len(distinct)), "best": fmt.Sprint(best), "all": fmt.Sprint(len(every)),
		"owns": fmt.Sprint(f.owns(r.id)), "load": fmt.Sprint(load), "fresh": fmt.Sprint(fresh)}
	f.periods(r, mine, out)
	out["below"], out["deep"] = fmt.Sprint(len(f.below(r.id))), fmt.Sprint(deep)
	out["latest"] = known(len(all) > 0, nil)
	if len(all) > 0 {
		out["latest"] = fmt.Sprint(all[len(all)-1].minutes())
	}
	return out
}

// periods are the windows of a rep that do not slide with now.
func (f *facts) periods(r *fact, mine func(*fact) bool, out map[string]string) {
	local := time.UnixMicro(f.now).In(f.zone)
	y, m, d := local.Date()
	monday := time.Date(y, m, d-(int(local.Weekday())+6)%7, 0, 0, 0, 0, f.zone).UnixMicro()
	week := f.in(f.visits, monday-1, f.now, mine)
	out["mean"] = known(len(week) > 0, float64(sum(week))/float64(len(week)))
	this := time.Date(y, m, 1, 0, 0, 0, 0, f.zone).UnixMicro()
	last := time.Date(y, m-1, 1, 0, 0, 0, 0, f.zone).UnixMicro()
	most := int64(-1)
	for _, v := range f.in(f.visits, last-1, this-1, mine) {
		most = max(most, v.minutes())
	}
	out["most"] = known(most >= 0, most)
	var ms []float64
	for _, v := range f.in(f.visits, f.days(10), f.now, mine) {
		ms = append(ms, float64(v.minutes()))
	}
	slices.Sort(ms)
	out["middle"] = "–"
	if n := len(ms); n > 0 {
		out["middle"] = fmt.Sprint((ms[(n-1)/2] + ms[n/2]) / 2)
	}
	out["begun"], out["before"] = "–", "–"
	if r.text("joined") == "" {
		return
	}
	t := moment(r.text("joined"), f.zone)
	if f.now >= t+3*value.Day {
		out["begun"] = fmt.Sprint(len(f.in(f.visits, t, t+3*value.Day, mine)))
	}
	if f.now >= t {
		out["before"] = fmt.Sprint(sum(f.in(f.visits, t-5*value.Day-1, t-1, mine)))
	}
}

// shop is what is right of a shop.
func (f *facts) shop(s *fact) map[string]string {
	mine := func(x *fact) bool { return x.text("store") == s.id }
	paid := 0.0
	for _, o := range f.in(f.orders, f.days(30), f.now, mine) {
		if a, _ := o.number("amount"); o.fields["paid"] == true {
			paid += a
		}
	}
	out := map[string]string{"visits": fmt.Sprint(f.visited(s.id)), "paid": fmt.Sprintf("%.6f", paid),
		"first": "–", "helped": "–", "idle": "–"}
	if o := f.in(f.orders, ever, f.now, mine); len(o) > 0 {
		a, _ := o[0].number("amount")
		out["first"] = fmt.Sprint(a)
	}
	if r := s.text("owner"); r != "" {
		by := f.in(f.visits, ever, f.now, func(v *fact) bool { return v.text("rep") == r })
		out["helped"] = fmt.Sprint(len(by))
	}
	if v := f.in(f.visits, ever, f.now, mine); len(v) > 0 {
		out["idle"] = fmt.Sprint(f.now - v[len(v)-1].at)
	}
	return out
}

// asker asks an engine for every computed field of every entity.
type asker struct {
	e      *engine.Engine
	fields []*policy.Field
	ask    []*engine.Program
}

func newAsker(p *policy.Policy, e *engine.Engine) *asker {
	a := &asker{e: e}
	for _, r := range p.Records {
		if r.Kind != policy.Entity || r.Builtin {
			continue
		}
		self := &policy.Expr{Op: policy.OpSelf, Type: policy.Type{Kind: value.Ref, Record: r}}
		for _, f := range r.Fields {
			if f.Compute == nil || f.Type.Kind == value.Ref {
				continue
			}
			a.fields = append(a.fields, f)
			a.ask = append(a.ask, e.Program(&policy.Expr{Op: policy.OpField, Type: f.Type, Field: f,
				Args: []*policy.Expr{self}}))
		}
	}
	return a
}

// all is what the engine gives, by Type/id.field.
func (a *asker) all() map[string]string {
	out := map[string]string{}
	for i, f := range a.fields {
		for _, id := range a.e.IDs(f.Of) {
			v, _ := a.ask[i].Ask(f.Of, id)
			text := known(v.Known(), v.N)
			if f.Name == "paid" {
				text = fmt.Sprintf("%.6f", v.Float())
			} else if f.Type.Kind == value.Number && v.Known() {
				text = fmt.Sprint(v.Float())
			}
			out[f.Of.Name+"/"+id+"."+f.Name] = text
		}
	}
	return out
}

func (f *facts) all() map[string]string {
	out := map[string]string{}
	put := func(kind string, in map[string]*fact, of func(*fact) map[string]string) {
		for id, x := range in {
			for name, v := range of(x) {
				out[kind+"/"+id+"."+name] = v
			}
		}
	}
	put("Team", f.teams, f.team)
	put("Rep", f.reps, f.rep)
	put("Store", f.shops, f.shop)
	return out
}

// sameFields says which fields differ.
func sameFields(t *rapid.T, what string, got, want map[string]string) {
	var bad []string
	for k, w := range want {
		if got[k] != w {
			bad = append(bad, fmt.Sprintf("%s is %s instead of %s", k, got[k], w))
		}
	}
	slices.Sort(bad)
	if len(bad) > 0 || len(got) != len(want) {
		t.Fatalf("%s: %d fields of %d: %s", what, len(got), len(want), strings.Join(bad, ", "))
	}
}

// TestAggregatesFromAllRecords holds every aggregate of every entity to what a recount of all
// accepted records gives, after each record, and after a snapshot.
func TestAggregatesFromAllRecords(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := quietly(t, rt, schema)
		w := newWorld(t, p, engine.Options{})
		f := &facts{zone: w.e.Zone(), teams: map[string]*fact{}, reps: map[string]*fact{},
			shops: map[string]*fact{}}
		ask := newAsker(p, w.e)
		for i, l := range drawScript(rt, rapid.IntRange(1, 60).Draw(rt, "records")) {
			from := w.out.Len()
			w.play([]string{l})
			if strings.Contains(w.out.String()[from:], `"outcome":"accepted"`) {
				f.take(l)
			}
			f.now = w.e.Now()
			sameFields(rt, fmt.Sprintf("after record %d, %s", i, l), ask.all(), f.all())
		}
		z := newWorld(t, p, engine.Options{})
		if err := z.e.Restore(w.e.AppendSnapshot(nil)); err != nil {
			rt.Fatal(err)
		}
		sameFields(rt, "restored", newAsker(p, z.e).all(), f.all())
	})
}
