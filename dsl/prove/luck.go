package prove

import (
	"math"
	"slices"
	"strconv"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// How many flags chance alone raises (reference, section 11). An alert on a completion is played
// through with people who meet their target on average: each workday's completions are Poisson, as
// events are that come one by one and know nothing of each other. An alert on a baseline is
// played through with groups in which nothing changes: figures are normal around one mean. Both are
// drawn from a generator with a fixed seed, so that a policy has the same findings everywhere.
const (
	trials  = 4000
	warm    = 60 // workdays before the month that is looked at: what windows reach back to
	month   = 22 // workdays of a month
	week    = 5
	loudest = 1 // flags among 100 subjects, from which on they are told
)

// game is what is played through: one threshold and how often it is looked at.
type game struct {
	target  float64 // completions a workday; 0: a baseline
	window  int     // workdays that a completion is over
	begins  int     // 0: it slides; else it begins anew every so many workdays
	below   bool    // the flag is below the threshold
	limit   float64 // of the completion; of a baseline how many deviations
	periods int     // of a baseline
	robust  bool    // median and MAD instead of mean and deviation
	every   int     // workdays from look to look
	inRow   int
}

// luck works out how many flags chance raises, of an alert whose condition has a part that can be
// played through. The other parts only make it fewer.
func (r *prover) luck(a *policy.Alert) {
	if a.Check == nil || a.When == nil {
		return
	}
	for _, x := range parts(a.When) {
		m, ok := gameOf(x, a)
		if !ok {
			continue
		}
		if r.drawn == nil {
			r.drawn = map[game]float64{}
		}
		flags, known := r.drawn[m]
		if !known {
			flags = m.play()
			r.drawn[m] = flags
		}
		n := len(r.flagged)
		if n == 0 || r.flagged[n-1].alert.Span != a.Span { // its cells by action are one alert
			r.flagged, n = append(r.flagged, flagged{alert: a, at: x.Span, looks: m.looks()}), n+1
		}
		r.flagged[n-1].of100 += float64(flags * 100)
		return
	}
}

// flagged is how many flags of an alert chance raises among 100 subjects.
type flagged struct {
	alert *policy.Alert
	at    source.Span
	of100 float64
	looks int
}

// byLuck tells them, where they are worth telling.
func (r *prover) byLuck() {
	for _, f := range r.flagged {
		n := int(math.Round(f.of100))
		if n < loudest {
			continue
		}
		code, of := source.FlagsByLuck, f.alert.Of.Name
		if f.alert.Metric != nil {
			code, of = source.FlagsOfNothing, f.alert.Metric.Name
		}
		r.tell(code, f.at, f.alert.Name, of, strconv.Itoa(n), strconv.Itoa(f.looks))
	}
}

// parts are the conjuncts of a condition.
func parts(x *policy.Expr) (out []*policy.Expr) {
	if x.Op != policy.OpAnd {
		return []*policy.Expr{x}
	}
	for _, y := range x.Args {
		out = append(out, parts(y)...)
	}
	return out
}

// gameOf reads `completion(A in W) < 60%` and `value > mean(12) + 2 * sd(12)`.
func gameOf(x *policy.Expr, a *policy.Alert) (m game, ok bool) {
	m = game{every: lookDays(a.Check.Each), inRow: max(1, a.ForN)}
	left, right := x, x
	switch x.Op {
	case policy.OpLt, policy.OpLe:
		left, right, m.below = x.Args[0], x.Args[1], true
	case policy.OpGt, policy.OpGe:
		left, right = x.Args[0], x.Args[1]
	default:
		return m, false
	}
	if right.Op == policy.OpCompleted || right.Figure() && right.Fn == "value" {
		left, right, m.below = right, left, !m.below
	}
	switch {
	case m.every == 0:
		return m, false
	case left.Op == policy.OpCompleted && right.Op == policy.OpConst && m.below:
		return m.completion(left, right.Const.Float())
	case left.Figure() && left.Fn == "value":
		return m.baseline(right, a)
	}
	return m, false
}

// lookDays is how many workdays lie between looks.
func lookDays(p policy.Period) int {
	switch p {
	case policy.Daily, policy.Workday:
		return 1
	case policy.Weekly:
		return week
	case policy.Monthly:
		return month
	}
	return 0
}

func (m game) completion(x *policy.Expr, limit float64) (game, bool) {
	t, w := x.Action.Target, x.Agg.Window
	days := lookDays(t.Per)
	if days == 0 || limit <= 0 {
		return m, false
	}
	m.target, m.limit = float64(t.N)/float64(days), limit
	switch w.Kind {
	case policy.Sliding:
		m.window = int(math.Round(float64(w.D) / float64(value.Day) * week / 7))
	case policy.This, policy.Prior:
		m.window = lookDays(w.Period)
		if w.Kind == policy.This && m.window > m.every {
			m.begins = m.window
		}
	}
	return m, m.window > 0 && m.window < warm
}

// baseline reads mean(12) + 2 * sd(12) in any order, and the same of median and mad.
func (m game) baseline(x *policy.Expr, a *policy.Alert) (game, bool) {
	if a.Metric.Every != a.Check.Each || x.Op != policy.OpAdd && x.Op != policy.OpSub {
		return m, false
	}
	middle, away := x.Args[0], x.Args[1]
	if x.Op == policy.OpAdd && !middle.Figure() {
		middle, away = away, middle
	}
	k := 1.0
	if away.Op == policy.OpMul {
		l, r := plain(away.Args[0]), plain(away.Args[1])
		if l.Op == policy.OpConst {
			l, r = r, l
		}
		if r.Op != policy.OpConst {
			return m, false
		}
		if k, away = r.Const.Float(), l; r.Const.Kind == value.Int {
			k = float64(r.Const.N)
		}
	}
	if !middle.Figure() || !away.Figure() || len(middle.Args) == 0 || len(away.Args) == 0 {
		return m, false
	}
	pair := middle.Fn + " " + away.Fn
	m.periods, m.limit, m.robust = int(middle.Args[0].Const.N), k, pair == "median mad"
	upwards := m.below == (x.Op == policy.OpSub)
	return m, upwards && (pair == "mean sd" || m.robust) && m.periods == int(away.Args[0].Const.N)
}

// plain is an expression without the conversion of a whole number.
func plain(x *policy.Expr) *policy.Expr {
	if x.Op == policy.OpFloat {
		return x.Args[0]
	}
	return x
}

// looks is how often is looked: a month's workdays or weeks, and a year's months.
func (m game) looks() int {
	if m.every == month {
		return 12
	}
	return month / m.every
}

// play is the share of subjects that are flagged at least once.
func (m game) play() float64 {
	d := &dice{state: 0x9E3779B97F4A7C15}
	flagged := 0
	for range trials {
		if m.flags(d) {
			flagged++
		}
	}
	return float64(flagged) / trials
}

// flags plays one subject through.
func (m game) flags(d *dice) bool {
	looks, streak := m.looks(), 0
	if m.target > 0 {
		return m.completions(d, looks)
	}
	figures := make([]float64, m.periods+looks)
	for i := range figures {
		figures[i] = d.normal()
	}
	for i := m.periods; i < len(figures); i++ {
		mid, away := spreadOf(figures[i-m.periods:i], m.robust)
		if figures[i] > mid+float64(m.limit*away) {
			streak++
		} else {
			streak = 0
		}
		if streak >= m.inRow {
			return true
		}
	}
	return false
}

func (m game) completions(d *dice, looks int) bool {
	days := make([]int, warm+looks*m.every)
	p := poisson(m.target)
	for i := range days {
		days[i] = d.draw(p)
	}
	streak := 0
	for look := 1; look <= looks; look++ {
		end := warm + look*m.every
		from := end - m.window
		if m.begins > 0 {
			from = end - 1 - (end-1)%m.begins
		}
		done := 0
		for _, n := range days[from:end] {
			done += n
		}
		if float64(done) < float64(m.limit*m.target)*float64(end-from) {
			streak++
		} else {
			streak = 0
		}
		if streak >= m.inRow {
			return true
		}
	}
	return false
}

// spreadOf is the mean and the sample deviation, or the median and the median distance from it.
func spreadOf(list []float64, robust bool) (mid, away float64) {
	if robust {
		mid = median(list)
		far := make([]float64, len(list))
		for i, v := range list {
			far[i] = math.Abs(v - mid)
		}
		return mid, median(far)
	}
	for _, v := range list {
		mid += v / float64(len(list))
	}
	for _, v := range list {
		away += float64((v - mid) * (v - mid))
	}
	return mid, math.Sqrt(away / float64(len(list)-1))
}

func median(list []float64) float64 {
	s := slices.Sorted(slices.Values(list))
	return (s[len(s)/2] + s[(len(s)-1)/2]) / 2
}

// dice is SplitMix64.
type dice struct{ state uint64 }

func (d *dice) next() float64 {
	d.state += 0x9E3779B97F4A7C15
	z := d.state
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return float64((z^z>>31)>>11) / (1 << 53)
}

// normal is near enough to a normal figure: the sum of twelve even ones, less their mean.
func (d *dice) normal() float64 {
	sum := -6.0
	for range 12 {
		sum += d.next()
	}
	return sum
}

// poisson is the distribution of a number with this mean, summed up.
func poisson(mean float64) (below []float64) {
	p, sum := math.Exp(-mean), 0.0
	for k := 1; sum < 1-1e-9 && k < 400; k++ {
		sum += p
		below = append(below, sum)
		p *= mean / float64(k)
	}
	return below
}

func (d *dice) draw(below []float64) int {
	x := d.next()
	for n, b := range below {
		if x < b {
			return n
		}
	}
	return len(below)
}
