package eval

import (
	"cmp"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/slots"
)

// The oracle: a naive walk over boxed values. It shares no arithmetic with the backends: whole
// numbers are worked out in rationals, days are counted one by one. A missing Bool is unknown.
type walker struct {
	w *world
	v *Env
}

var none value.Value

func (o walker) walk(e *policy.Expr) value.Value {
	switch e.Op {
	case policy.OpConst:
		k := e.Const
		if k.Kind == value.Ref && k.S != "" {
			k = value.OfWord(value.Ref, int64(k.S[0]-'0'))
		}
		return k
	case policy.OpAnd, policy.OpOr:
		return o.kleene(e)
	case policy.OpNot:
		if x := o.walk(e.Args[0]); x.Known() {
			return value.OfBool(x.N == 0)
		}
		return none
	case policy.OpCoalesce:
		if x := o.walk(e.Args[0]); x.Known() {
			return x
		}
		return o.walk(e.Args[1])
	case policy.OpHas:
		return value.OfBool(o.walk(e.Args[0]).Known())
	case policy.OpPick:
		return o.pick(e)
	case policy.OpTerm:
		if x := o.walk(e.Args[0]); x.Known() {
			return value.OfFloat(value.Number, float64(x.N))
		}
		return none
	}
	if isLeaf(e) {
		return o.leaf(e)
	}
	if e.Op == policy.OpCall && e.Fn == "missing" {
		return value.OfBool(!o.walk(e.Args[0]).Known())
	}
	args := make([]value.Value, len(e.Args))
	for i, a := range e.Args {
		if args[i] = o.walk(a); !args[i].Known() {
			return none
		}
	}
	return o.strict(e, args)
}

func (o walker) kleene(e *policy.Expr) value.Value {
	sum := o.walk(e.Args[0]).Tri()
	for _, a := range e.Args[1:] {
		if e.Op == policy.OpAnd {
			sum = min(sum, o.walk(a).Tri())
		} else {
			sum = max(sum, o.walk(a).Tri())
		}
	}
	if sum == value.Unknown {
		return none
	}
	return value.OfBool(sum == value.True)
}

func (o walker) pick(e *policy.Expr) value.Value {
	i := 0
	for ; i+1 < len(e.Args); i += 2 {
		switch o.walk(e.Args[i]).Tri() {
		case value.True:
			return o.walk(e.Args[i+1])
		case value.Unknown:
			return none
		}
	}
	if i < len(e.Args) {
		return o.walk(e.Args[i])
	}
	return none
}

// at is the walker standing on another record.
func (o walker) at(e *policy.Expr) (walker, bool) {
	v := *o.v
	switch e.Op {
	case policy.OpSelf:
	case policy.OpRow:
		v.Self, v.SelfRef = v.Row, v.RowRef
	case policy.OpCandidate:
		v.Self, v.SelfRef = v.Cand, v.CandRef
	default:
		h := o.walk(e)
		if !h.Known() || h.N < 0 || h.N >= int64(len(v.Tables[0])) {
			return o, false
		}
		v.Self, v.SelfRef = v.Tables[0][h.N], h.N
	}
	return walker{o.w, &v}, true
}

func (o walker) leaf(e *policy.Expr) value.Value {
	switch e.Op {
	case policy.OpNow:
		return value.OfWord(value.Time, o.v.Now)
	case policy.OpSelf:
		return value.OfWord(value.Ref, o.v.SelfRef)
	case policy.OpCandidate:
		return value.OfWord(value.Ref, o.v.CandRef)
	case policy.OpAggregate:
		return o.w.aggs[e.Agg.ID]
	}
	if e.Args[0].Type.Kind == value.Photo {
		m := o.walk(e.Args[0])
		if !m.Known() {
			return none
		}
		switch p := m.X.(*value.Media); e.Field.Name {
		case "size":
			return value.OfWord(value.Int, p.Size)
		case "taken":
			return p.Taken
		default:
			return p.Device
		}
	}
	on, ok := o.at(e.Args[0])
	if !ok {
		return none
	}
	if e.Op != policy.OpField {
		f, ok := score(on.v)
		switch {
		case !ok:
			return none
		case e.Op == policy.OpTier:
			return value.OfWord(value.Choice, int64(f)%3)
		}
		return value.OfFloat(value.Number, f)
	}
	if e.Field.Compute != nil {
		if _, direct := baseOf(e.Args[0].Op); !direct && !on.v.Self.Has(1) {
			return none // a stub
		}
		return on.walk(e.Field.Compute)
	}
	return slots.For(e.Field.Of).Value(on.v.Self, e.Field.Index)
}

func (o walker) strict(e *policy.Expr, a []value.Value) value.Value {
	k := e.Type.Kind
	switch e.Op {
	case policy.OpEq:
		return value.OfBool(order(a[0], a[1]) == 0)
	case policy.OpNe:
		return value.OfBool(order(a[0], a[1]) != 0)
	case policy.OpLt:
		return value.OfBool(order(a[0], a[1]) < 0)
	case policy.OpLe:
		return value.OfBool(order(a[0], a[1]) <= 0)
	case policy.OpGt:
		return value.OfBool(order(a[0], a[1]) > 0)
	case policy.OpGe:
		return value.OfBool(order(a[0], a[1]) >= 0)
	case policy.OpBetween:
		return value.OfBool(order(a[1], a[0]) <= 0 && order(a[0], a[2]) <= 0)
	case policy.OpIn:
		list := a[1:]
		if list[0].Kind == value.List {
			list = list[0].X.([]value.Value)
		}
		return value.OfBool(slices.ContainsFunc(list, func(v value.Value) bool { return order(v, a[0]) == 0 }))
	case policy.OpContains:
		if a[0].Kind == value.Text {
			return value.OfBool(strings.Contains(a[0].S, a[1].S))
		}
		return value.OfBool(slices.ContainsFunc(a[0].X.([]value.Value), func(v value.Value) bool {
			return order(v, a[1]) == 0
		}))
	case policy.OpMatches:
		return value.OfBool(regexp.MustCompile(a[1].S).MatchString(a[0].S))
	case policy.OpNear:
		return o.near(a)
	case policy.OpAdd, policy.OpSub, policy.OpMul, policy.OpDiv, policy.OpNeg:
		return arithmeticOf(e, a)
	case policy.OpFloat, policy.OpRatio:
		if a[0].Kind.Class() == value.Float {
			return value.OfFloat(k, a[0].Float())
		}
		return value.OfFloat(k, float64(a[0].N))
	case policy.OpFraction:
		return value.OfFloat(k, a[0].Float()/100)
	case policy.OpDateStart:
		return value.OfWord(k, o.midnight(a[0].N).UnixMicro())
	case policy.OpAddWork:
		return o.addWork(a[0], a[1])
	case policy.OpList:
		return value.Value{Kind: k, X: a}
	case policy.OpExtern:
		return o.call(e.Fn, a)
	}
	return o.function(e, a)
}

// order compares two values of one kind.
func order(a, b value.Value) int {
	switch a.Kind.Class() {
	case value.Float:
		return cmp.Compare(a.Float()+0, b.Float()+0) // + 0 makes a negative zero plain
	case value.String:
		return strings.Compare(a.S, b.S)
	}
	return cmp.Compare(a.N, b.N)
}

func (o walker) near(a []value.Value) value.Value {
	if a[0].Kind == value.Time {
		gap := new(big.Int).Sub(big.NewInt(a[0].N), big.NewInt(a[2].N))
		return value.OfBool(gap.CmpAbs(big.NewInt(a[1].N)) <= 0 && a[1].N >= 0)
	}
	d, ok := apart(a[0].X, a[2].X) // distances are the geo package's own matter
	r := accuracy(a[0].X) + accuracy(a[2].X)
	switch {
	case !ok:
		return none
	case d+r <= a[1].Float():
		return value.OfBool(true)
	case d-r > a[1].Float():
		return value.OfBool(false)
	}
	return none
}

// rat is a value as an exact number, nil for what has none.
func rat(v value.Value) *big.Rat {
	if v.Kind.Class() == value.Float {
		return new(big.Rat).SetFloat64(v.Float())
	}
	return new(big.Rat).SetInt64(v.N)
}

func arithmeticOf(e *policy.Expr, a []value.Value) value.Value {
	k := e.Type.Kind
	if k == value.Text {
		return value.OfText(a[0].S + a[1].S)
	}
	words := 0
	for _, v := range a {
		if v.Kind.Class() == value.Word {
			words++
		}
	}
	if words == 0 {
		return floatsOf(e.Op, k, a)
	}
	x := rat(a[0])
	switch e.Op {
	case policy.OpNeg:
		x.Neg(x)
	case policy.OpAdd:
		x.Add(x, rat(a[1]))
	case policy.OpSub:
		x.Sub(x, rat(a[1]))
	case policy.OpMul:
		x.Mul(x, rat(a[1]))
	case policy.OpDiv:
		if rat(a[1]).Sign() == 0 {
			return none
		}
		x.Quo(x, rat(a[1]))
	}
	if e.Op == policy.OpSub && a[0].Kind == value.Date {
		x.Mul(x, new(big.Rat).SetInt64(value.Day))
	}
	if k.Class() == value.Float {
		f, _ := x.Float64()
		return value.OfFloat(k, f)
	}
	return wordOf(k, x)
}

// wordOf rounds half to even; what does not fit is missing, and moments have years 1 to 9999.
func wordOf(k value.Kind, x *big.Rat) value.Value {
	n, m := new(big.Int).QuoRem(x.Num(), x.Denom(), new(big.Int))
	twice := new(big.Int).Abs(m)
	twice.Lsh(twice, 1)
	if c := twice.Cmp(x.Denom()); c > 0 || c == 0 && n.Bit(0) == 1 {
		n.Add(n, big.NewInt(int64(x.Sign())))
	}
	if !n.IsInt64() {
		return none
	}
	if y := time.UnixMicro(n.Int64()).UTC().Year(); k == value.Time && (y < 1 || y > 9999) {
		return none
	}
	return value.OfWord(k, n.Int64())
}

func floatsOf(op policy.Op, k value.Kind, a []value.Value) value.Value {
	x := a[0].Float()
	switch op {
	case policy.OpNeg:
		x = -x
	case policy.OpAdd:
		x += a[1].Float()
	case policy.OpSub:
		x -= a[1].Float()
	case policy.OpMul:
		x *= a[1].Float()
	case policy.OpDiv:
		x /= a[1].Float()
	}
	return plain(k, x)
}

func plain(k value.Kind, x float64) value.Value {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return none
	}
	return value.OfFloat(k, x+0)
}

func (o walker) midnight(date int64) time.Time {
	d := time.Unix(date*86400, 0).UTC()
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, o.w.zone)
}

func (o walker) dateOf(t int64) int64 {
	d := time.UnixMicro(t).In(o.w.zone)
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400
}

// addWork goes on day by day, and minute by minute inside a day.
func (o walker) addWork(from, by value.Value) value.Value {
	cal, t, n, step := o.w.cal.For(nil), from.N, by.N, int64(1)
	if n < 0 {
		n, step = -n, -1
	}
	if by.Kind == value.WorkDays {
		d, clock := t, int64(0)
		if from.Kind == value.Time {
			d = o.dateOf(t)
			clock = t - o.midnight(d).UnixMicro()
		}
		for n > 0 {
			if d += step; cal.IsWorkday(d) {
				n--
			}
		}
		if from.Kind == value.Date {
			return value.OfWord(value.Date, d)
		}
		return value.OfWord(value.Time, o.midnight(d).UnixMicro()+clock)
	}
	for n > 0 {
		from := t
		if step < 0 {
			from = t - 1
		}
		d := o.dateOf(from)
		clock := from - o.midnight(d).UnixMicro()
		jump := value.Minute - clock%value.Minute // to the next full minute of the clock
		if step < 0 {
			jump = clock%value.Minute + 1
		}
		if cal.IsWorkday(d) && clock >= 9*value.Hour && clock < 18*value.Hour {
			jump = min(jump, n)
			n -= jump
		}
		t += step * jump
	}
	return value.OfWord(value.Time, t)
}

// call calls the embedding program. A backend that calls it too reports a fault and is not compared.
func (o walker) call(fn string, a []value.Value) (r value.Value) {
	defer func() { _ = recover() }()
	switch f := o.w.externs[fn].Go.(type) {
	case func(string) float64:
		return plain(value.Number, f(a[0].S))
	case func(int64) int64:
		return value.OfWord(value.Int, f(a[0].N))
	case func(float64, bool, *value.Place) (float64, bool):
		if r, ok := f(a[0].Float(), a[1].N == 1, a[2].X.(*value.Place)); ok {
			return plain(value.Number, r)
		}
	}
	return none
}

//tidy:long one flat switch over functions
func (o walker) function(e *policy.Expr, a []value.Value) value.Value {
	k := e.Type.Kind
	switch e.Fn {
	case "min":
		return slices.MinFunc(a, order)
	case "max":
		return slices.MaxFunc(a, order)
	case "abs":
		if k.Class() == value.Float {
			return value.OfFloat(k, math.Abs(a[0].Float()))
		}
		return wordOf(k, new(big.Rat).Abs(rat(a[0])))
	case "round", "floor", "ceil":
		return rounded(e.Fn, k, a[0])
	case "sqrt":
		return plain(k, math.Sqrt(a[0].Float()))
	case "clamp":
		up := a[0]
		if order(up, a[1]) < 0 {
			up = a[1]
		}
		if order(up, a[2]) > 0 {
			up = a[2]
		}
		return up
	case "scale":
		x := func(v value.Value) float64 {
			if v.Kind.Class() == value.Float {
				return v.Float()
			}
			return float64(v.N)
		}
		r := plain(k, (x(a[0])-x(a[1]))/(x(a[2])-x(a[1])))
		if !r.Known() {
			return none
		}
		return value.OfFloat(k, math.Max(0, math.Min(1, r.Float())))
	case "len":
		if a[0].Kind == value.Text {
			return value.OfWord(k, int64(utf8.RuneCountInString(a[0].S)))
		}
		return value.OfWord(k, int64(len(a[0].X.([]value.Value))))
	case "lower":
		return value.OfText(strings.ToLower(a[0].S))
	case "days", "hours", "minutes":
		unit := map[string]int64{"days": value.Day, "hours": value.Hour, "minutes": value.Minute}[e.Fn]
		f, _ := big.NewRat(a[0].N, unit).Float64()
		return value.OfFloat(k, f)
	case "hour":
		return value.OfWord(k, int64(time.UnixMicro(a[0].N).In(o.w.zone).Hour()))
	case "weekday":
		day := time.UnixMicro(a[0].N).In(o.w.zone).Weekday()
		return value.OfWord(k, int64(day+6)%7+1)
	case "date":
		return value.OfWord(k, o.dateOf(a[0].N))
	case "workdays":
		n := int64(0)
		for d := a[0].N + 1; d <= a[1].N; d++ {
			if o.w.cal.For(nil).IsWorkday(d) {
				n++
			}
		}
		return value.OfWord(k, n)
	case "workhours":
		return value.OfFloat(k, float64(o.worked(a[0].N, a[1].N))/float64(value.Hour))
	case "age":
		return value.OfWord(k, o.v.Now-a[0].N)
	case "distance":
		d, ok := apart(a[0].X, a[1].X)
		if !ok {
			return none
		}
		return value.OfFloat(k, d)
	case "bucket":
		id := slots.For(o.w.rep).Value(o.v.Self, 0)
		if a[0].N < 1 || !id.Known() {
			return none
		}
		return value.OfWord(k, int64(mix("r", id.S)%uint64(a[0].N)))
	}
	panic(e.Fn)
}

// worked adds up the open time of each day.
func (o walker) worked(a, b int64) int64 {
	var sum int64
	for d := o.dateOf(a); d <= o.dateOf(b); d++ {
		m := o.midnight(d).UnixMicro()
		from, to := max(a, m+9*value.Hour), min(b, m+18*value.Hour)
		if o.w.cal.For(nil).IsWorkday(d) && from < to {
			sum += to - from
		}
	}
	return sum
}

// rounded rounds a half away from zero: percents to whole percents, money to whole units,
// durations to seconds.
func rounded(fn string, k value.Kind, v value.Value) value.Value {
	if v.Kind.Class() == value.Word {
		unit := map[value.Kind]int64{value.Money: 10000, value.Duration: value.Second}[v.Kind]
		x := new(big.Rat).Quo(rat(v), new(big.Rat).SetInt64(max(unit, 1)))
		floor := new(big.Int)
		floor.Div(x.Num(), x.Denom())
		rest := new(big.Rat).Sub(x, new(big.Rat).SetInt(floor))
		half := rest.Cmp(big.NewRat(1, 2))
		if rest.Sign() > 0 && (fn == "ceil" || fn == "round" && (half > 0 || half == 0 && x.Sign() > 0)) {
			floor.Add(floor, big.NewInt(1))
		}
		return wordOf(k, new(big.Rat).SetInt(floor.Mul(floor, big.NewInt(max(unit, 1)))))
	}
	x := v.Float()
	if v.Kind == value.Percent {
		x *= 100
	}
	switch fn {
	case "round":
		x = math.Round(x)
	case "floor":
		x = math.Floor(x)
	default:
		x = math.Ceil(x)
	}
	switch {
	case k == value.Int && math.Abs(x) >= 1<<63:
		return none
	case k == value.Int:
		return value.OfWord(k, int64(x))
	case v.Kind == value.Percent:
		return plain(k, x/100)
	}
	return plain(k, x)
}
