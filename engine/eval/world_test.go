package eval

import (
	"math"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/slots"
	"github.com/throughline/throughline/internal/calendar"
)

// The world of these tests: entity Rep with live computed fields, event Visit with a field of
// every kind, and a host that knows one aggregate of each class, a score and a tier.
type world struct {
	rep, visit *policy.Record
	choice     *policy.Choice
	zone       *time.Location
	cal        *calendar.Set
	externs    map[string]*Extern
	aggs       map[int]value.Value // by Aggregate.ID
}

func typed(k value.Kind) policy.Type { return policy.Type{Kind: k} }

func newWorld() *world {
	zone, err := calendar.Zone("Asia/Shanghai")
	if err != nil {
		panic(err)
	}
	w := &world{zone: zone, cal: calendar.NewSet(nil, policy.Settings{}), aggs: map[int]value.Value{}}
	w.choice = &policy.Choice{Values: []policy.ChoiceValue{{Name: "lead"}, {Name: "demo"}, {Name: "won"}}}
	w.rep = &policy.Record{Head: policy.Head{Name: "Rep"}, Kind: policy.Entity, Index: 0}
	w.visit = &policy.Record{Head: policy.Head{Name: "Visit"}, Kind: policy.Event, Index: 1}
	w.add(w.rep, "id", typed(value.Text)).System = policy.SysID
	w.add(w.rep, "created", typed(value.Time)).System = policy.SysCreated
	for _, k := range kindsOfFields {
		t := w.typeOf(k)
		w.add(w.rep, "a", t)
		w.add(w.visit, "a", t)
		w.add(w.visit, "b", t)
	}
	load := w.field(w.rep, value.Number, 0)
	double := w.add(w.rep, "double", typed(value.Number))
	double.Compute = node(policy.OpAdd, value.Number, w.read(w.self(w.rep), load), w.read(w.self(w.rep), load))
	w.add(w.rep, "busy", typed(value.Bool)).Compute = node(policy.OpGt, value.Bool,
		w.read(w.self(w.rep), double), number(3))
	w.externs = map[string]*Extern{
		"credit": {Name: "credit", Go: func(s string) float64 { return 1 / float64(len(s)) }},
		"strict": {Name: "strict", Go: func(n int64) int64 {
			if n == 7 {
				panic("seven")
			}
			return n % 5
		}},
		"odd": {Name: "odd", Go: func(a float64, b bool, p *value.Place) (float64, bool) {
			return a + p.Lat, b
		}},
	}
	return w
}

var kindsOfFields = []value.Kind{value.Bool, value.Int, value.Number, value.Percent, value.Money, value.Text,
	value.Choice, value.Ref, value.Date, value.Time, value.Duration, value.Distance, value.Point, value.Area,
	value.Photo, value.List}

func (w *world) typeOf(k value.Kind) policy.Type {
	t := typed(k)
	switch k {
	case value.Choice:
		t.Choice = w.choice
	case value.Ref:
		t.Record = w.rep
	case value.List:
		t.Elem = &policy.Type{Kind: value.Text}
	}
	return t
}

func (w *world) add(r *policy.Record, name string, t policy.Type) *policy.Field {
	f := &policy.Field{Name: name, Type: t, Index: len(r.Fields), Of: r}
	r.Fields = append(r.Fields, f)
	return f
}

// field is the n-th declared field of a kind.
func (w *world) field(r *policy.Record, k value.Kind, n int) *policy.Field {
	for _, f := range r.Fields {
		if f.Type.Kind == k && f.System == policy.NotSystem && (f.Compute == nil || n >= 10) {
			if n%10 == 0 {
				return f
			}
			n--
		}
	}
	panic("no such field")
}

func (w *world) self(r *policy.Record) *policy.Expr {
	if r.Kind == policy.Event {
		return &policy.Expr{Op: policy.OpSelf, Type: policy.Type{Kind: value.Row, Record: r}}
	}
	return &policy.Expr{Op: policy.OpSelf, Type: policy.Type{Kind: value.Ref, Record: r}}
}

func (w *world) row() *policy.Expr {
	return &policy.Expr{Op: policy.OpRow, Type: policy.Type{Kind: value.Row, Record: w.visit}}
}

func (w *world) read(of *policy.Expr, f *policy.Field) *policy.Expr {
	return &policy.Expr{Op: policy.OpField, Type: f.Type, Field: f, Args: []*policy.Expr{of}}
}

func node(op policy.Op, k value.Kind, args ...*policy.Expr) *policy.Expr {
	return &policy.Expr{Op: op, Type: typed(k), Args: args}
}

func constOf(v value.Value) *policy.Expr {
	return &policy.Expr{Op: policy.OpConst, Type: typed(v.Kind), Const: v}
}

func number(f float64) *policy.Expr { return constOf(value.OfFloat(value.Number, f)) }
func whole(n int64) *policy.Expr    { return constOf(value.OfWord(value.Int, n)) }
func text(s string) *policy.Expr    { return constOf(value.OfText(s)) }

// missingOf is an expression of a kind that never has a value.
func missingOf(k value.Kind) *policy.Expr {
	return &policy.Expr{Op: policy.OpConst, Type: typed(k)}
}

func truthOf(t value.Tri) *policy.Expr {
	if t == value.Unknown {
		return missingOf(value.Bool)
	}
	return constOf(value.OfBool(t == value.True))
}

func (w *world) compiler(b Backend) *Compiler {
	return &Compiler{Host: host{w}, Zone: w.zone, Calendars: w.cal, Externs: w.externs, Backend: b, Rule: "r",
		Ref: func(_ *policy.Record, id string) int64 { return int64(id[0] - '0') }}
}

// host answers aggregates from a table; a score is ten times the length of the record's id, and a
// record is in a tier where it has an id at all.
type host struct{ w *world }

func (h host) Leaf(e *policy.Expr) Leaf {
	switch e.Op {
	case policy.OpScore:
		return Leaf{Num: func(v *Env) (float64, bool) { return score(v) }}
	case policy.OpTier:
		return Leaf{Int: func(v *Env) (int64, bool) { f, ok := score(v); return int64(f) % 3, ok }}
	}
	id := e.Agg.ID
	switch e.Type.Kind.Class() {
	case value.Float:
		return Leaf{Num: func(*Env) (float64, bool) { v := h.w.aggs[id]; return v.Float(), v.Known() }}
	case value.String:
		return Leaf{Str: func(*Env) (string, bool) { v := h.w.aggs[id]; return v.S, v.Known() }}
	case value.Wide:
		return Leaf{Any: func(*Env) (any, bool) { v := h.w.aggs[id]; return v.X, v.Known() }}
	}
	return Leaf{Int: func(*Env) (int64, bool) { v := h.w.aggs[id]; return v.N, v.Known() }}
}

func score(v *Env) (float64, bool) {
	if !v.Self.Has(0) {
		return 0, false
	}
	return 10 * float64(len(v.Self.S[0])), true
}

// pool is the values of a kind that records and literals are made of: edges first.
func pool(k value.Kind) []value.Value {
	words := func(list ...int64) (out []value.Value) {
		for _, n := range list {
			out = append(out, value.OfWord(k, n))
		}
		return out
	}
	floats := func(list ...float64) (out []value.Value) {
		for _, f := range list {
			out = append(out, value.OfFloat(k, f))
		}
		return out
	}
	wide := func(list ...any) (out []value.Value) {
		for _, x := range list {
			out = append(out, value.Value{Kind: k, X: x})
		}
		return out
	}
	monday := int64(20514) // 2026-03-02
	switch k {
	case value.Bool:
		return words(0, 1)
	case value.Int:
		return words(0, 1, -1, 2, 3, 7, 64, math.MaxInt64, math.MinInt64, 1<<53+1, 1<<32)
	case value.Money:
		return words(0, 10000, -10000, 5, 25000, 1_000_000_0000, math.MaxInt64, math.MinInt64, 3)
	case value.Choice:
		return words(0, 1, 2)
	case value.Ref:
		return words(0, 1, 2, 9) // 2 is a stub, 9 nobody
	case value.Date:
		return words(0, monday, monday-1, monday-16, 20562, -400)
	case value.Time:
		return words(0, monday*value.Day, monday*value.Day+90*value.Minute, (monday-14)*value.Day+9*value.Hour,
			(monday-1)*value.Day+16*value.Hour+1)
	case value.Duration:
		return words(0, value.Hour, -value.Hour, 90*value.Minute, value.Day, 30*value.Day, math.MaxInt64, math.MinInt64)
	case value.Number:
		return floats(0, 1, -1, 0.5, 2.5, -2.5, 3, 1e300, -1e300, 5e-324, 0.1, 1e19)
	case value.Percent:
		return floats(0, 0.4, 1, -0.05, 0.725, 1e308)
	case value.Distance:
		return floats(0, 500, 2000, 0.5, 1e7)
	case value.Text:
		texts := []value.Value{}
		for _, s := range []string{"", "a", "ab", "华东", "Ab1"} {
			texts = append(texts, value.OfText(s))
		}
		return texts
	case value.Point:
		return wide(&value.Place{Lat: 31.23, Lng: 121.47}, &value.Place{Lat: 31.231, Lng: 121.47, Accuracy: 400},
			&value.Place{Lat: -33, Lng: 151})
	case value.Area:
		return wide(&value.Region{Points: []value.Place{{Lat: 31.23, Lng: 121.47}}, Radius: 300},
			&value.Region{Points: []value.Place{{Lat: 31, Lng: 121}, {Lat: 32, Lng: 121}, {Lat: 31, Lng: 122}}})
	case value.Photo:
		return wide(&value.Media{SHA256: "00", Size: 3, Taken: value.OfWord(value.Time, monday*value.Day)},
			&value.Media{Device: value.OfText("ab")})
	case value.List:
		return wide([]value.Value(nil), []value.Value{value.OfText("a"), value.OfText("华东")})
	}
	return nil
}

// env makes an environment; pick chooses among n, and 0 of a field's values is missing.
func (w *world) env(pick func(n int) int) *Env {
	fresh := func(r *policy.Record) *slots.Slots {
		l := slots.For(r)
		s := l.New()
		for _, f := range r.Fields {
			if f.Compute != nil {
				continue
			}
			values := pool(f.Type.Kind)
			if i := pick(len(values) + 2); i < len(values) {
				l.Put(&s, f.Index, values[i])
			}
		}
		return &s
	}
	v := &Env{Now: 20514*value.Day + 5*value.Hour, Tables: make([][]*slots.Slots, 2)}
	for range 3 {
		v.Tables[0] = append(v.Tables[0], fresh(w.rep))
	}
	stub := slots.For(w.rep).New()
	v.Tables[0][2] = &stub
	v.Self, v.SelfRef = v.Tables[0][1], 1
	v.Row, v.RowRef = fresh(w.visit), -1
	v.Cand, v.CandRef = v.Tables[0][0], 0
	for i, k := range kindsOfFields {
		values := append(pool(k), value.Value{})
		w.aggs[i] = values[pick(len(values))]
	}
	return v
}
