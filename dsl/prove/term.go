package prove

import (
	"encoding/binary"
	"math"
	"strings"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/prove/naive"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/calendar"
)

// id is a term; 0 is none. Two expressions that read and do the same are one term, so that the
// same field, score or aggregate is the same unknown wherever it stands.
type id int32

// term is an expression over the subject of one declaration, with computed fields written out.
type term struct {
	op   policy.Op
	x    *policy.Expr // what it was made from; nil for a presence
	kind value.Kind
	args []id
	val  value.Value // OpConst

	leaf    bool // its value comes from outside; known only where its args are
	maybe   bool // a leaf that may be missing although its args are known
	partial bool // may be missing although all args are known: a quotient
	zero    id   // a quotient: its divisor is 0
	dom     span // what its values can be, where they are ordered
	name    string
	users   []id // terms that read it
	counted *counted

	way           step // what step found
	steps, looked bool
}

// Operations that no expression has.
const (
	opThere policy.Op = 200 + iota // the record of a reference is there: no stub
	opVia                          // args[1] where args[0] is there, else missing
)

// terms makes terms of a policy's expressions.
type terms struct {
	p    *policy.Policy
	zone *time.Location
	cals *calendar.Set
	list []term
	byID map[string]id
	memo map[reading]id
	seq  map[any]int64 // numbers of pointers, for keys
	code map[string]int64
	text []string // by code
	key  []byte

	families map[string]*[]id // counts over the same rows
}

// reading is an expression read from a record: 0 is the declaration's own.
type reading struct {
	x  *policy.Expr
	at id
}

func newTerms(p *policy.Policy) *terms {
	zone, err := calendar.Zone(p.Settings.Timezone)
	if err != nil {
		zone = time.UTC
	}
	return &terms{p: p, zone: zone, cals: calendar.NewSet(p.Calendars, p.Settings),
		list: make([]term, 1), byID: map[string]id{}, memo: map[reading]id{},
		seq: map[any]int64{}, code: map[string]int64{}}
}

// codeOf numbers texts and ids, so that all that is compared by identity is a whole number.
func (t *terms) codeOf(s string) int64 {
	c, ok := t.code[s]
	if !ok {
		c = int64(len(t.text))
		t.code[s] = c
		t.text = append(t.text, s)
	}
	return c
}

func (t *terms) number(thing any) int64 {
	n, ok := t.seq[thing]
	if !ok {
		n = int64(len(t.seq)) + 1
		t.seq[thing] = n
	}
	return n
}

// intern returns the term that a key names, adding what make gives where there is none.
func (t *terms) intern(n term, more ...int64) id {
	k := append(t.key[:0], byte(n.op), byte(n.kind))
	for _, a := range n.args {
		k = binary.AppendVarint(k, int64(a))
	}
	k = append(k, 0xff)
	for _, m := range more {
		k = binary.AppendVarint(k, m)
	}
	t.key = k
	if at, ok := t.byID[string(k)]; ok {
		return at
	}
	at := id(len(t.list))
	t.byID[string(k)] = at
	if n.dom == (span{}) && !n.val.Known() {
		n.dom = whole(n.kind)
	}
	t.list = append(t.list, n)
	for _, a := range n.args {
		t.list[a].users = append(t.list[a].users, at)
	}
	return at
}

// maxDepth bounds how deep computed fields are written out.
const maxDepth = 24

// of makes the term of an expression read from a record.
func (t *terms) of(x *policy.Expr, at id) id { return t.deep(x, at, 0) }

func (t *terms) deep(x *policy.Expr, at id, depth int) id {
	if x.Op == policy.OpNow {
		return t.build(x, at, depth)
	}
	if n, ok := t.memo[reading{x, at}]; ok {
		return n
	}
	n := t.build(x, at, depth)
	t.memo[reading{x, at}] = n
	return n
}

func (t *terms) build(x *policy.Expr, at id, depth int) id {
	switch x.Op {
	case policy.OpConst:
		return t.constant(x.Const, x)
	case policy.OpSelf:
		if at != 0 {
			return at
		}
		return t.intern(term{op: x.Op, x: x, kind: value.Ref, leaf: true})
	case policy.OpRow, policy.OpCandidate:
		return t.intern(term{op: x.Op, x: x, kind: value.Ref, leaf: true})
	case policy.OpNow:
		return t.intern(term{op: x.Op, x: x, kind: value.Time, leaf: true, name: "now"})
	case policy.OpField:
		return t.field(x, at, depth)
	case policy.OpScore:
		return t.outside(x, t.deep(x.Args[0], at, depth), true, t.number(x.Score))
	case policy.OpTier:
		return t.outside(x, t.deep(x.Args[0], at, depth), true, t.number(x.Tier))
	case policy.OpAggregate:
		return t.aggregate(x, at, depth)
	case policy.OpCall:
		if x.Fn == "age" {
			return t.age(x, at, depth)
		}
		if x.Fn == "missing" {
			has := t.strict(policy.OpHas, x, []id{t.deep(x.Args[0], at, depth)})
			return t.strict(policy.OpNot, x, []id{has})
		}
	}
	args := make([]id, len(x.Args))
	for i, a := range x.Args {
		args[i] = t.deep(a, at, depth)
	}
	if naive.IsLeaf(x) || x.Op == policy.OpExtern || x.Op == policy.OpCall && !plainFn(x.Fn) {
		return t.foreign(x, at, args)
	}
	return t.made(x, args)
}

// plainFn reports whether a function says the same of the same arguments anywhere.
func plainFn(fn string) bool {
	switch fn {
	case "min", "max", "abs", "round", "floor", "ceil", "sqrt", "clamp", "scale", "len", "lower",
		"days", "hours", "minutes", "hour", "weekday", "month", "date", "workdays", "workhours",
		"distance":
		return true
	}
	return false
}

// constant is a literal's term; a missing literal is a term that never has a value.
func (t *terms) constant(v value.Value, x *policy.Expr) id {
	n := term{op: policy.OpConst, x: x, kind: x.Type.Kind, val: v, name: t.show(x.Type, v)}
	more := []int64{int64(v.Kind), v.N}
	switch {
	case v.Kind.Class() == value.Wide:
		more = append(more, t.number(x))
	case v.Kind == value.Text || v.Kind == value.Ref:
		more = append(more, t.codeOf(v.S))
		n.dom = span{more[2], more[2]}
	case v.Known():
		n.dom = span{ordOf(v), ordOf(v)}
	}
	return t.intern(n, more...)
}

// there is the presence of the record that a reference names: a stub is not there.
func (t *terms) there(base id) id {
	if b := &t.list[base]; b.op == policy.OpSelf || b.op == policy.OpRow ||
		b.op == policy.OpCandidate {
		return base
	}
	return t.intern(term{op: opThere, args: []id{base}, leaf: true, maybe: true})
}

// outside is a leaf of a record: a stored field, a score or a tier.
func (t *terms) outside(x *policy.Expr, base id, maybe bool, what int64) id {
	n := term{op: x.Op, x: x, kind: x.Type.Kind, leaf: true, maybe: maybe,
		args: []id{t.there(base)}, name: t.path(base, x)}
	n.dom = t.reach(x)
	return t.intern(n, what)
}

func (t *terms) field(x *policy.Expr, at id, depth int) id {
	base := t.deep(x.Args[0], at, depth)
	f := x.Field
	if f.Of == nil { // a part of a photo, a recording or a file
		return t.intern(term{op: x.Op, x: x, kind: x.Type.Kind, leaf: true, maybe: f.Type.Maybe,
			args: []id{base}, name: t.path(base, x), dom: t.reach(x)}, t.number(f.Name))
	}
	own := t.list[base].op == policy.OpSelf
	if f.Compute == nil || depth > maxDepth || f.Of.Kind != policy.Entity && !own ||
		x.Args[0].Type.Kind == value.Row && t.list[base].op == policy.OpRow {
		return t.outside(x, base, f.Type.Maybe || f.Compute != nil, t.number(f))
	}
	from := base
	if own {
		from = 0
	}
	n := t.deep(f.Compute, from, depth+1)
	if !own {
		n = t.via(t.there(base), n)
	}
	if r := &t.list[n]; r.name == "" || f.Compute.Op == policy.OpAggregate {
		r.name = t.path(base, x)
	}
	return n
}

// via reads a term through a reference: where its record is not there, it is missing whatever the
// term would say of nothing.
func (t *terms) via(there, n id) id {
	r := &t.list[n]
	if r.leaf && len(r.args) == 1 && r.args[0] == there {
		return n
	}
	return t.intern(term{op: opVia, kind: r.kind, args: []id{there, n}, dom: r.dom, name: r.name})
}

func (t *terms) age(x *policy.Expr, at id, depth int) id {
	now := t.build(&policy.Expr{Op: policy.OpNow, Type: policy.Type{Kind: value.Time}}, at, depth)
	of := t.deep(x.Args[0], at, depth)
	if t.list[of].kind == value.Date {
		start := &policy.Expr{Op: policy.OpDateStart, Type: policy.Type{Kind: value.Time}}
		of = t.made(start, []id{of})
	}
	sub := &policy.Expr{Op: policy.OpSub, Type: x.Type, Span: x.Span, Args: []*policy.Expr{
		{Type: policy.Type{Kind: value.Time}}, {Type: policy.Type{Kind: value.Time}}}}
	return t.made(sub, []id{now, of})
}

// aggregate is a free value of its type. The same counter of the same record is the same value.
func (t *terms) aggregate(x *policy.Expr, at id, depth int) id {
	a := x.Agg
	self := at
	if self == 0 {
		self = t.build(&policy.Expr{Op: policy.OpSelf}, 0, depth)
	}
	args := []id{t.there(self)}
	for _, e := range []*policy.Expr{a.Of, a.List, a.Window.T} {
		if e != nil {
			args = append(args, t.deep(e, at, depth))
		}
	}
	maybe := a.Fn != policy.Count && a.Fn != policy.Sum && a.Fn != policy.Distinct ||
		a.Window.Kind == policy.After || a.Window.Kind == policy.Before || a.Of != nil ||
		a.Window.Kind == policy.InStage
	n := t.intern(term{op: x.Op, x: x, kind: x.Type.Kind, leaf: true, maybe: maybe, args: args,
		dom: t.reach(x), name: t.slice(x.Span)}, t.number(a))
	if t.list[n].counted == nil {
		t.relate(n, a, at)
	}
	return n
}

// foreign is what only the embedding program or a look knows: pure, so the same for the same
// arguments, and missing where one of them is.
func (t *terms) foreign(x *policy.Expr, at id, args []id) id {
	return t.intern(term{op: x.Op, x: x, kind: x.Type.Kind, leaf: true, maybe: true, args: args,
		dom: t.reach(x), name: t.slice(x.Span)}, t.number(x.Fn), int64(at), t.number(x.Action),
		t.number(x.Agg), t.number(x.Field), t.number(x.Type.Record))
}

// strict makes a term that is worked out from its arguments.
func (t *terms) strict(op policy.Op, x *policy.Expr, args []id) id {
	n := term{op: op, x: x, kind: x.Type.Kind, args: args}
	if op == policy.OpHas || op == policy.OpNot {
		n.kind = value.Bool
	}
	switch {
	case op == policy.OpDiv:
		n.zero = t.zeroOf(x, args[1])
		n.partial = n.zero != 0
	case op == policy.OpCall && x.Fn == "scale":
		n.partial = !t.known(args[1]) || !t.known(args[2])
	}
	n.dom = t.hull(&n)
	cal := int64(0)
	if x.Cal != nil {
		cal = t.number(x.Cal)
	}
	return t.intern(n, t.number(x.Fn), cal)
}

// zeroOf is the truth that a divisor is 0, none where it cannot be.
func (t *terms) zeroOf(x *policy.Expr, divisor id) id {
	k := t.list[divisor].kind
	if t.known(divisor) && ordOf(t.list[divisor].val) != 0 || !t.list[divisor].dom.has(0) {
		return 0
	}
	zero := t.constant(valueAt(k, 0), &policy.Expr{Type: policy.Type{Kind: k}})
	return t.compare(policy.OpEq, x, divisor, zero)
}

// made is strict with the simplifications that keep meaning, unknown included.
func (t *terms) made(x *policy.Expr, args []id) id {
	switch x.Op {
	case policy.OpEq, policy.OpNe:
		if n, ok := t.truth(x, args); ok {
			return n
		}
	case policy.OpIn:
		if n, ok := t.among(x, args); ok {
			return n
		}
	case policy.OpBetween:
		if t.known(args[1]) && t.known(args[2]) {
			lo := t.compare(policy.OpGe, x, args[0], args[1])
			return t.both(policy.OpAnd, x, []id{lo, t.compare(policy.OpLe, x, args[0], args[2])})
		}
	case policy.OpAnd, policy.OpOr:
		return t.both(x.Op, x, args)
	case policy.OpNot:
		if a := &t.list[args[0]]; a.op == policy.OpNot {
			return a.args[0]
		}
	case policy.OpFloat, policy.OpRatio:
		if t.list[args[0]].kind.Class() == value.Float {
			return args[0] // the same number
		}
	}
	if v, ok := t.fold(x, args); ok {
		return t.constant(v, x)
	}
	return t.strict(x.Op, x, args)
}

func (t *terms) known(n id) bool {
	return t.list[n].op == policy.OpConst && t.list[n].val.Known()
}

// fold works out what reads nothing.
func (t *terms) fold(x *policy.Expr, args []id) (value.Value, bool) {
	switch x.Op {
	case policy.OpAnd, policy.OpOr, policy.OpNot, policy.OpCoalesce, policy.OpHas, policy.OpPick,
		policy.OpTerm:
		return value.Value{}, false
	}
	vals := make([]value.Value, len(args))
	for i, a := range args {
		if !t.known(a) {
			return value.Value{}, false
		}
		if vals[i] = t.list[a].val; vals[i].Kind == value.Ref {
			vals[i].N = t.codeOf(vals[i].S)
		}
	}
	if len(args) == 0 || len(x.Args) != len(args) {
		return value.Value{}, false
	}
	return t.walker(nil).Strict(x, vals), true
}

// walker is the reference evaluator; leaf answers what is read.
func (t *terms) walker(leaf func(*policy.Expr) value.Value) naive.Walker {
	return naive.Walker{Leaf: leaf, Zone: t.zone, Calendars: t.cals,
		Ref: t.codeOf}
}

// truth is a comparison of a truth with true or false.
func (t *terms) truth(x *policy.Expr, args []id) (id, bool) {
	for i, a := range args {
		other := args[1-i]
		if !t.known(a) || t.list[a].kind != value.Bool {
			continue
		}
		if t.list[a].val.N != 0 == (x.Op == policy.OpEq) {
			return other, true
		}
		return t.strict(policy.OpNot, x, []id{other}), true
	}
	return 0, false
}

// among is membership in constants as one comparison for each: all are unknown together.
func (t *terms) among(x *policy.Expr, args []id) (id, bool) {
	rest := args[1:]
	if len(rest) == 1 && t.list[rest[0]].kind == value.List {
		if t.list[rest[0]].op != policy.OpList {
			return 0, false
		}
		rest = t.list[rest[0]].args
	}
	var each []id
	for _, a := range rest {
		if !t.known(a) {
			return 0, false
		}
		each = append(each, t.compare(policy.OpEq, x, args[0], a))
	}
	if len(each) == 1 {
		return each[0], true
	}
	return t.both(policy.OpOr, x, each), len(each) > 1
}

func (t *terms) compare(op policy.Op, x *policy.Expr, a, b id) id {
	y := &policy.Expr{Op: op, Type: policy.Type{Kind: value.Bool}, Span: x.Span,
		Args: []*policy.Expr{x.Args[0], x.Args[0]}}
	return t.made(y, []id{a, b})
}

// both is and or or, with nested ones of its kind taken in.
func (t *terms) both(op policy.Op, x *policy.Expr, args []id) id {
	var flat []id
	for _, a := range args {
		if t.list[a].op == op {
			flat = append(flat, t.list[a].args...)
		} else {
			flat = append(flat, a)
		}
	}
	return t.strict(op, x, flat)
}

// path is how a policy would read a field: owner.region.
func (t *terms) path(base id, x *policy.Expr) string {
	name := ""
	switch {
	case x.Field != nil:
		name = x.Field.Name
	case x.Score != nil:
		name = x.Score.Name
	case x.Tier != nil:
		name = x.Tier.Name
	}
	switch b := &t.list[base]; {
	case b.op == policy.OpSelf || b.op == policy.OpRow:
		return name
	case b.op == policy.OpCandidate:
		return "candidate." + name
	case b.name != "":
		return b.name + "." + name
	}
	return name
}

// slice is the policy's own text, in one line.
func (t *terms) slice(s source.Span) string {
	if s.IsZero() || int(s.File) >= len(t.p.Files) {
		return ""
	}
	text := t.p.Files[s.File].Text
	if s.Off < 0 || s.End > int32(len(text)) || s.Off >= s.End {
		return ""
	}
	return strings.Join(strings.Fields(text[s.Off:s.End]), " ")
}

// show is a constant as a policy would write it.
func (t *terms) show(typ policy.Type, v value.Value) string {
	switch v.Kind {
	case value.Missing:
		return ""
	case value.Text:
		return `"` + v.S + `"`
	case value.Ref:
		if typ.Record != nil {
			return typ.Record.Name + `("` + v.S + `")`
		}
	case value.Choice:
		if typ.Choice != nil && v.N >= 0 && v.N < int64(len(typ.Choice.Values)) {
			return typ.Choice.Values[v.N].Name
		}
	case value.Number, value.Percent, value.Distance:
		return exact(v)
	case value.Time:
		at := time.UnixMicro(v.N).In(t.zone)
		if at.Second() == 0 && at.Nanosecond() == 0 {
			return at.Format("2006-01-02T15:04")
		}
		return at.Format("2006-01-02T15:04:05.999999")
	}
	return value.Style{}.Text(v)
}

// exact writes a number with all its places: the tenth of a millionth decides some witnesses.
func exact(v value.Value) string {
	f := v.Float()
	short := value.Style{}.Text(v)
	if v.Kind == value.Number && math.Abs(f) < 1e15 {
		return formatFloat(f)
	}
	return short
}
