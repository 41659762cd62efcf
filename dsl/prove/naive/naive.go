// Package naive says what an expression means in the plainest way there is: a walk over the tree
// with boxed values. It shares no arithmetic with the engine: whole numbers are worked out in
// rationals, days are counted one by one. The engine's backends are held against it in tests, and
// no witness of a proof is shown before it has said so. A missing Bool is unknown.
package naive

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
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/internal/geo"
)

// Walker walks expressions. What they read comes from outside.
type Walker struct {
	// Leaf answers what reads a record, the clock or an aggregate: the nodes that IsLeaf.
	Leaf func(*policy.Expr) value.Value
	// Host answers what only the embedding program or the log knows: extern and trust functions,
	// and `bucket`, which depends on the subject's id and the rule's name.
	Host func(*policy.Expr, []value.Value) value.Value
	// Ref is the handle by which references compare; nil: they are handles already.
	Ref       func(id string) int64
	Zone      *time.Location
	Calendars *calendar.Set
}

var none value.Value

// IsLeaf reports whether a node's value comes from outside.
func IsLeaf(e *policy.Expr) bool {
	switch e.Op {
	case policy.OpCall:
		return e.Fn == "count" || e.Fn == "names" || policy.TrustFunction(e.Fn) ||
			e.Figure()
	case policy.OpSelf, policy.OpRow, policy.OpCandidate, policy.OpNow, policy.OpField,
		policy.OpScore, policy.OpTier, policy.OpAggregate, policy.OpRank,
		policy.OpDone, policy.OpCompleted, policy.OpLink:
		return true
	}
	return false
}

// Walk is the value of an expression.
func (w Walker) Walk(e *policy.Expr) value.Value {
	switch e.Op {
	case policy.OpConst:
		if e.Const.Kind == value.Ref && w.Ref != nil {
			return value.OfWord(value.Ref, w.Ref(e.Const.S))
		}
		return e.Const
	case policy.OpAnd, policy.OpOr:
		return w.kleene(e)
	case policy.OpNot:
		if x := w.Walk(e.Args[0]); x.Known() {
			return value.OfBool(x.N == 0)
		}
		return none
	case policy.OpCoalesce:
		if x := w.Walk(e.Args[0]); x.Known() {
			return x
		}
		return w.Walk(e.Args[1])
	case policy.OpHas:
		return value.OfBool(w.Walk(e.Args[0]).Known())
	case policy.OpPick:
		return w.pick(e)
	case policy.OpTerm:
		if x := w.Walk(e.Args[0]); x.Known() {
			return value.OfFloat(value.Number, float64(x.N))
		}
		return none
	}
	if IsLeaf(e) {
		return w.Leaf(e)
	}
	if e.Op == policy.OpCall && e.Fn == "missing" {
		return value.OfBool(!w.Walk(e.Args[0]).Known())
	}
	args := make([]value.Value, len(e.Args))
	for i, a := range e.Args {
		if args[i] = w.Walk(a); !args[i].Known() {
			return none
		}
	}
	return w.Strict(e, args)
}

func (w Walker) kleene(e *policy.Expr) value.Value {
	sum := w.Walk(e.Args[0]).Tri()
	for _, a := range e.Args[1:] {
		if e.Op == policy.OpAnd {
			sum = min(sum, w.Walk(a).Tri())
		} else {
			sum = max(sum, w.Walk(a).Tri())
		}
	}
	if sum == value.Unknown {
		return none
	}
	return value.OfBool(sum == value.True)
}

func (w Walker) pick(e *policy.Expr) value.Value {
	i := 0
	for ; i+1 < len(e.Args); i += 2 {
		switch w.Walk(e.Args[i]).Tri() {
		case value.True:
			return w.Walk(e.Args[i+1])
		case value.Unknown:
			return none
		}
	}
	if i < len(e.Args) {
		return w.Walk(e.Args[i])
	}
	return none
}

// Strict is what a node that is neither a leaf nor tolerant makes of its arguments, all of which
// are known.
func (w Walker) Strict(e *policy.Expr, a []value.Value) value.Value {
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
		return value.OfBool(slices.ContainsFunc(list, func(v value.Value) bool {
			return order(v, a[0]) == 0
		}))
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
		return w.near(a)
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
		return value.OfWord(k, w.midnight(a[0].N).UnixMicro())
	case policy.OpAddWork:
		return w.addWork(a[0], a[1])
	case policy.OpList:
		return value.Value{Kind: k, X: a}
	case policy.OpExtern:
		return w.Host(e, a)
	}
	return w.function(e, a)
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

func (w Walker) near(a []value.Value) value.Value {
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

// apart is the distance of two points, or of a point from an area: 0 inside. Two areas have none.
func apart(a, b any) (float64, bool) {
	p, isPoint := a.(*value.Place)
	if !isPoint {
		a, b = b, a
		if p, isPoint = a.(*value.Place); !isPoint {
			return 0, false
		}
	}
	var d float64
	at := geo.Point{Lat: p.Lat, Lng: p.Lng}
	switch b := b.(type) {
	case *value.Place:
		d = geo.Distance(at, geo.Point{Lat: b.Lat, Lng: b.Lng})
	case *value.Region:
		corner := func(i int) geo.Point { return geo.Point{Lat: b.Points[i].Lat, Lng: b.Points[i].Lng} }
		if b.Radius > 0 && len(b.Points) > 0 {
			d = math.Max(0, geo.Distance(at, corner(0))-b.Radius)
		} else {
			d = geo.ToPolygon(at, len(b.Points), corner)
		}
	}
	return d, !math.IsInf(d, 0) && !math.IsNaN(d)
}

func accuracy(x any) float64 {
	if p, ok := x.(*value.Place); ok {
		return p.Accuracy
	}
	return 0
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

func (w Walker) midnight(date int64) time.Time {
	d := time.Unix(date*86400, 0).UTC()
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, w.Zone)
}

func (w Walker) dateOf(t int64) int64 {
	d := time.UnixMicro(t).In(w.Zone)
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400
}

// addWork goes on day by day, and minute by minute inside a day.
func (w Walker) addWork(from, by value.Value) value.Value {
	cal, t, n, step := w.Calendars.For(nil), from.N, by.N, int64(1)
	if n < 0 {
		n, step = -n, -1
	}
	if by.Kind == value.WorkDays {
		d, clock := t, int64(0)
		if from.Kind == value.Time {
			d = w.dateOf(t)
			clock = t - w.midnight(d).UnixMicro()
		}
		for n > 0 {
			if d += step; cal.IsWorkday(d) {
				n--
			}
		}
		if from.Kind == value.Date {
			return value.OfWord(value.Date, d)
		}
		return value.OfWord(value.Time, w.midnight(d).UnixMicro()+clock)
	}
	for n > 0 {
		from := t
		if step < 0 {
			from = t - 1
		}
		d := w.dateOf(from)
		clock := from - w.midnight(d).UnixMicro()
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

//tidy:long one flat switch over functions
func (w Walker) function(e *policy.Expr, a []value.Value) value.Value {
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
		return value.OfWord(k, int64(time.UnixMicro(a[0].N).In(w.Zone).Hour()))
	case "weekday":
		day := time.UnixMicro(a[0].N).In(w.Zone).Weekday()
		return value.OfWord(k, int64(day+6)%7+1)
	case "month":
		if e.Args[0].Type.Kind == value.Date {
			return value.OfWord(k, int64(time.Unix(a[0].N*86400, 0).UTC().Month()))
		}
		return value.OfWord(k, int64(time.UnixMicro(a[0].N).In(w.Zone).Month()))
	case "date":
		return value.OfWord(k, w.dateOf(a[0].N))
	case "workdays":
		n := int64(0)
		for d := a[0].N + 1; d <= a[1].N; d++ {
			if w.Calendars.For(nil).IsWorkday(d) {
				n++
			}
		}
		return value.OfWord(k, n)
	case "workhours":
		return value.OfFloat(k, float64(w.worked(a[0].N, a[1].N))/float64(value.Hour))
	case "age":
		return w.age(k, a[0])
	case "distance":
		d, ok := apart(a[0].X, a[1].X)
		if !ok {
			return none
		}
		return value.OfFloat(k, d)
	}
	if w.Host != nil {
		return w.Host(e, a)
	}
	panic(e.Fn)
}

// age is now less a moment, or less the beginning of a date.
func (w Walker) age(k value.Kind, of value.Value) value.Value {
	now := w.Leaf(&policy.Expr{Op: policy.OpNow, Type: policy.Type{Kind: value.Time}})
	if !now.Known() {
		return none
	}
	from := of.N
	if of.Kind == value.Date {
		from = w.midnight(of.N).UnixMicro()
	}
	return wordOf(k, new(big.Rat).Sub(rat(now), new(big.Rat).SetInt64(from)))
}

// worked adds up the open time of each day.
func (w Walker) worked(a, b int64) int64 {
	var sum int64
	for d := w.dateOf(a); d <= w.dateOf(b); d++ {
		m := w.midnight(d).UnixMicro()
		from, to := max(a, m+9*value.Hour), min(b, m+18*value.Hour)
		if w.Calendars.For(nil).IsWorkday(d) && from < to {
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
