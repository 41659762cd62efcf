package eval_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/engine/slots"
	"github.com/throughline/throughline/internal/calendar"
)

// surface is an event with a field of every kind, and an entity that it refers to.
const surface = `choice Level = low | mid | high
extern risk(note text, amount money) number version 2
extern known(who text) bool version 1
entity Boss {
  name   text
  level  Level?
  parent Boss?
  double number? = 2 * weight
  weight number?
}
event Deal {
  note text?
  count int?
  least int?
  load number?
  share percent?
  amount money?
  cost money?
  paid bool?
  level Level?
  parent Boss?
  day date?
  due date?
  when time?
  then_at time?
  span duration?
  far distance?
  place point?
  ground area?
  pic photo?
  rec audio?
  doc file?
  tags list of text
  nums list of int
  flags list of bool
  lines list of { sku text; facings int? }
}
`

// expressions are what the checker lets through, each with its value for the deal of TestSurface
// and "–" where it is missing there.
const expressions = `
count + 2 | 5
count - least * 2 | -1
count / least | 1.5
count + 2.5 | 5.5
-load + 1 | -1.5
load * load / 0 | –
amount * 0.5 + 10 | 60.00
2 * amount | 200.00
amount / 3 | 33.33
amount / cost | 4
amount * 40% | 40.00
40% * count | 1.2
share * share | 16%
share / share | 1
share - share + 5pp | 5%
(count > 2) + 1 | 2
when - then_at | 1h
when + 30min | 2026-03-02 10:00
30min + when | 2026-03-02 10:00
when - 3wd | 2026-02-26 09:30
when + 4wh | 2026-03-02 13:30
day + 3wd | 2026-03-05
day + 1d | 2026-03-03 00:00
day + 4wh | 2026-03-02 13:00
due - day | 3d
when - day | 9h30min
span * 2 | 4h
span / 2 | 1h
span / 30min | 4
far * 1.5 | 750m
far / 2 | 250m
far / 2km | 0.25
min(count, least, 9) | 2
max(day, due) | 2026-03-05
clamp(when, then_at, then_at) | 2026-03-02 08:30
clamp(load, 0, 1) | 1
scale(amount, 0, 400) | 0.25
scale(when, then_at, when + 1h) | 0.5
round(load) | 3
floor(amount) | 100.00
ceil(share) | 40%
round(span) | 2h
abs(-far) | 500m
sqrt(count + 1) | 2
len(note) | 4
len(tags) | 2
lower(note) | abc华
days(due - day) | 3
hour(when) | 9
weekday(day) | 1
date(when) | 2026-03-02
workdays(day, due) | 3
workdays(day, when) | 0
workhours(then_at, when) | 0.5
age(when) | 30min
age(day) | 10h
distance(place, ground) | 0m
bucket(1) | 0
note contains "bc" | true
tags contains "b" | true
flags contains true | true
flags contains (count > 2) | true
paid in [true, false] | true
paid in flags | true
count in nums | true
note in ["x", "y"] | false
note not in tags | true
level in [low, high] | true
level == high | true
level != mid and level != low | true
parent == Boss("0") | true
parent == parent.parent | –
parent.name | Li
parent.double + 1 | 6
parent.parent.level == high | –
(parent.parent ?? parent).level == high | true
note matches ` + "`^A`" + ` | true
share > 30% | true
amount >= 3 * 10 | true
count between 1 and 3 | true
when between then_at and now | true
place within 500m of ground | true
place within far of place | true
when within 1h of then_at | true
day within 10h of when | true
has note and missing(doc) | true
has pic or has rec | true
pic.taken within 10min of when | true
pic.device == "x" | –
rec.length ?? 5min | 5min
doc.size | –
if paid then "yes" else "no" | yes
if count > 5 then 1 | –
(load ?? 0.5) + 1 | 3.5
count(lines where facings >= 3) | 1
sum(nums) | 6
risk(note, amount) | 1000004
known(note) or paid | true
if known(note) then amount else cost | 100.00
`

// lists counts what this test counts: nothing but the event's own lists.
type lists struct{}

func (lists) Leaf(e *policy.Expr) eval.Leaf {
	if e.Agg.Fn == policy.Sum {
		return eval.Leaf{Int: func(*eval.Env) (int64, bool) { return 6, true }}
	}
	return eval.Leaf{Int: func(*eval.Env) (int64, bool) { return 1, true }}
}

// Every kind of expression that the checker makes runs on both backends, and means what the
// reference says.
func TestSurface(t *testing.T) {
	rows := strings.Split(strings.TrimSpace(expressions), "\n")
	text := surface
	for i, r := range rows {
		x, _, _ := strings.Cut(r, " | ")
		text += fmt.Sprintf("rule X%03d on Deal { when has (%s); do { note \"\" } }\n", i, x)
	}
	p, diags := dsl.Check([]source.File{{Name: "deal.thru", Text: text}},
		policy.Settings{Timezone: "Asia/Shanghai", Calendar: "CN"})
	for _, d := range diags {
		if dsl.HasErrors([]source.Diagnostic{d}) {
			line := strings.Count(text[:d.Span.Off], "\n")
			t.Errorf("%s: %s %v", strings.Split(text, "\n")[line], d.Code, d.Args)
		}
	}
	if t.Failed() {
		return
	}
	w := newSurface(t, p)
	style := value.Style{Zone: w.zone}
	for i, r := range rows {
		x, want, _ := strings.Cut(r, " | ")
		e := p.Rules[i].When.Args[0]
		for _, b := range []eval.Backend{eval.Closures, eval.VM} {
			if got := style.Text(w.compiler(b).Value(e)(w.env)); got != want {
				t.Errorf("%s: backend %d says %s, want %s", x, b, got, want)
			}
		}
	}
}

// world is one deal and its boss.
type world struct {
	p    *policy.Policy
	zone *time.Location
	env  *eval.Env
}

// newSurface fills in what the expressions read; `doc`, `rec` and the boss's own boss are missing.
func newSurface(t *testing.T, p *policy.Policy) *world {
	zone, err := calendar.Zone("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{p: p, zone: zone, env: &eval.Env{Tables: make([][]*slots.Slots, len(p.Records))}}
	at := func(s string) value.Value {
		v, ok := value.ParseText(value.Time, s, zone)
		if !ok {
			t.Fatal(s)
		}
		return v
	}
	word, float := value.OfWord, value.OfFloat
	list := func(items ...value.Value) value.Value { return value.Value{Kind: value.List, X: items} }
	place := value.Place{Lat: 31, Lng: 121}
	w.env.Now = at("2026-03-02T10:00").N
	w.put("Boss", map[string]value.Value{"id": value.OfText("0"), "created": at("2026-01-01"), "name": value.OfText("Li"),
		"level": word(value.Choice, 2), "weight": float(value.Number, 2.5)})
	w.env.Self = w.put("Deal", map[string]value.Value{
		"id": value.OfText("d"), "note": value.OfText("Abc华"), "count": word(value.Int, 3), "least": word(value.Int, 2),
		"load": float(value.Number, 2.5), "share": float(value.Percent, 0.4), "amount": word(value.Money, 100_0000),
		"cost": word(value.Money, 25_0000), "paid": word(value.Bool, 1), "level": word(value.Choice, 2),
		"parent": word(value.Ref, 0), "day": word(value.Date, 20514), "due": word(value.Date, 20517),
		"when": at("2026-03-02T09:30"), "then_at": at("2026-03-02T08:30"), "span": word(value.Duration, 2*value.Hour),
		"far": float(value.Distance, 500), "place": {Kind: value.Point, X: &place},
		"ground": {Kind: value.Area, X: &value.Region{Points: []value.Place{place}, Radius: 50}},
		"pic":    {Kind: value.Photo, X: &value.Media{Taken: at("2026-03-02T09:35")}},
		"tags":   list(value.OfText("a"), value.OfText("b")), "nums": list(word(value.Int, 3)),
		"flags": list(value.OfBool(true)),
	})
	w.env.SelfRef = -1
	return w
}

func (w *world) put(name string, values map[string]value.Value) *slots.Slots {
	for _, r := range w.p.Records {
		if r.Name != name {
			continue
		}
		l := slots.For(r)
		s := l.New()
		for _, f := range r.Fields {
			if v := values[f.Name]; v.Known() {
				l.Put(&s, f.Index, v)
			}
		}
		w.env.Tables[r.Index] = append(w.env.Tables[r.Index], &s)
		return &s
	}
	panic(name)
}

func (w *world) compiler(b eval.Backend) *eval.Compiler {
	return &eval.Compiler{Host: lists{}, Zone: w.zone, Backend: b,
		Calendars: calendar.NewSet(w.p.Calendars, w.p.Settings),
		Ref:       func(*policy.Record, string) int64 { return 0 },
		Externs: map[string]*eval.Extern{
			"risk":  {Name: "risk", Go: func(note string, amount int64) float64 { return float64(len(note)-2) + float64(amount) }},
			"known": {Name: "known", Go: func(who string) bool { return who != "" }},
		}}
}
