package engine

import (
	"math"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/baseline"
	"github.com/throughline/throughline/engine/eval"
)

// memo is what the periods before were when they were last asked for: a condition asks for their
// mean and their deviation, and its receipt again.
type memo struct {
	cell    int32
	now     int64
	change  uint64
	asOf    bool
	ok      bool
	figures []value.Value // the period before first
}

// figure is a group's value in a period, and how many rows it is of. A metric of a state that has
// closed its period has kept it.
func (c *cube) figure(env *eval.Env, cell int32, start int64) (value.Value, int64) {
	c.cur = &c.e.empty
	if h, ok := c.at[bucketKey{cell, start}]; ok {
		if s := c.s.has(h); s != nil {
			c.cur = s
		}
	}
	n, _ := c.int(c.rows, env.Now)
	if n == 0 {
		c.cur = &c.e.empty
	}
	return c.value(env), n
}

// present is the first moment of the period at hand, by which places are found.
func (c *cube) present(now int64) int64 {
	if c.of.Every == policy.NoPeriod {
		return 0
	}
	start, _ := c.cal.At(c.of.Every, now)
	return start
}

// now is the figure of the period at hand.
func (c *cube) now(env *eval.Env, cell int32) (value.Value, int64) {
	if c.of.Taken() {
		return c.figure(env, cell, 0)
	}
	return c.figure(env, cell, c.present(env.Now))
}

// past is the figure of a period before the present one; missing before the first that any group
// has rows in.
func (c *cube) past(env *eval.Env, cell int32, start int64) value.Value {
	if c.of.Taken() {
		if !c.taken || start < c.first {
			return value.Value{}
		}
		g := c.groups[cell]
		for i := len(g.taken) - 1; i >= 0 && g.taken[i].start >= start; i-- {
			if g.taken[i].start == start {
				return g.taken[i].value
			}
		}
		c.cur = &c.e.empty
		return c.value(env) // 0 of what counts, else missing
	}
	if len(c.periods) == 0 || start < c.periods[0].start {
		return value.Value{}
	}
	v, _ := c.figure(env, cell, start)
	return v
}

// before are the figures of the n periods before the present one, the latest first.
func (c *cube) before(env *eval.Env, cell int32, n int) []value.Value {
	if c.of.Every == policy.NoPeriod {
		return nil
	}
	m, start := &c.memo, c.present(env.Now)
	if !m.ok || m.cell != cell || m.now != env.Now || m.change != c.s.change || m.asOf != c.e.asOf {
		*m = memo{cell, env.Now, c.s.change, c.e.asOf, true, m.figures[:0]}
	}
	if len(c.starts) == 0 || c.starts[0] != start {
		c.starts = append(c.starts[:0], start)
	}
	for i := len(m.figures); i < n; i++ {
		if len(c.starts) < i+2 {
			at, _ := c.cal.At(c.of.Every, c.starts[i]-1)
			c.starts = append(c.starts, at)
		}
		m.figures = append(m.figures, c.past(env, cell, c.starts[i+1]))
	}
	return m.figures[:n]
}

// read is one figure of a cell (policy.Expr.Figure).
func (c *cube) read(env *eval.Env, x *policy.Expr, across bool) value.Value {
	cell := int32(env.SelfRef)
	if across {
		return c.compared(env, x.Fn)
	}
	if c.groupAt(cell) == nil {
		return value.Value{}
	}
	switch x.Fn {
	case "value":
		v, _ := c.now(env, cell)
		return v
	case "n":
		_, n := c.now(env, cell)
		return value.OfWord(value.Int, n)
	case "last_year":
		start := c.present(env.Now)
		was := baseline.LastYear(c.cal, c.of.Every, start)
		if was >= start {
			return value.Value{}
		}
		return c.past(env, cell, was)
	case "previous", "change", "difference":
		return c.since(env, x, cell)
	}
	list := c.before(env, cell, int(x.Args[0].Const.N))
	switch x.Fn {
	case "mean":
		return c.base.Mean(list)
	case "sd":
		return c.base.SD(list)
	case "median":
		return c.base.Median(list)
	}
	return c.base.MAD(list)
}

// since is the figure of the period before, or how the present one differs from it.
func (c *cube) since(env *eval.Env, x *policy.Expr, cell int32) value.Value {
	list := c.before(env, cell, 1)
	if len(list) == 0 || x.Fn == "previous" {
		return append(list, value.Value{})[0]
	}
	v, _ := c.now(env, cell)
	if x.Fn == "difference" {
		if !v.Known() || !list[0].Known() {
			return value.Value{}
		}
		return value.OfFloat(value.Percent, v.Float()-list[0].Float())
	}
	f, ok := baseline.Change(v, list[0])
	if !ok {
		return value.Value{}
	}
	return value.OfFloat(value.Percent, f)
}

// compared is a figure across groups: of those that have a figure in the present period.
func (c *cube) compared(env *eval.Env, fn string) value.Value {
	var low, high value.Value
	least, known := int64(math.MaxInt64), 0
	var groups []baseline.Group
	for _, cell := range c.kind.table.inOrder() {
		g := c.groupAt(cell)
		if g == nil || g.rows == 0 {
			continue
		}
		v, n := c.now(env, cell)
		if n == 0 && !v.Known() {
			continue // left out
		}
		least = min(least, n)
		if (fn == "chance" || fn == "band") && v.Known() {
			groups = append(groups, c.sampled(env, v))
		}
		if !v.Known() {
			continue
		}
		known++
		if !low.Known() || baseline.Less(v, low) {
			low = v
		}
		if !high.Known() || baseline.Less(high, v) {
			high = v
		}
	}
	switch {
	case fn == "n" && least == math.MaxInt64:
		return value.OfWord(value.Int, 0)
	case fn == "n":
		return value.OfWord(value.Int, least)
	case fn == "chance":
		return c.chance(groups)
	case fn == "band":
		return c.band(groups)
	case known < 2:
		return value.Value{}
	}
	return baseline.Apart(high, low)
}

// sampled is what a group's rows in hand say of chance.
func (c *cube) sampled(env *eval.Env, v value.Value) (g baseline.Group) {
	switch c.of.Value.Agg.Fn {
	case policy.Count:
		g.N = v.N
	case policy.Share:
		g.N, _ = c.int(c.tested, env.Now)
		g.True = int64(math.Round(float64(v.Float() * float64(g.N))))
	case policy.Avg:
		g.N, _ = c.int(c.tested, env.Now)
		g.Mean, _ = c.num(c.center, env.Now)
		g.SD, _ = c.num(c.spread, env.Now)
	}
	return g
}

func (c *cube) chance(groups []baseline.Group) value.Value {
	test := baseline.Counts
	switch c.of.Value.Agg.Fn {
	case policy.Share:
		test = baseline.Shares
	case policy.Avg:
		test = baseline.Means
	}
	p, ok := test(groups)
	if !ok {
		return value.Value{}
	}
	return value.OfFloat(value.Percent, p)
}

// band is the range that groups truly alike stay below in 95 of 100 draws. It is kept for as long
// as the groups are as they were.
func (c *cube) band(groups []baseline.Group) value.Value {
	if len(groups) < 2 {
		return value.Value{}
	}
	if !slices.Equal(groups, c.banded.of) {
		c.banded.of = groups
		c.banded.width, _ = baseline.Band(groups, 0)
	}
	return value.OfFloat(value.Percent, c.banded.width)
}

// figureLeaf compiles a figure of the alert that is being compiled.
func (e *Engine) figureLeaf(x *policy.Expr) eval.Leaf {
	c, across := e.measuring.cube, e.measuring.alert.Across
	if x.Type.Kind.Class() == value.Float {
		return eval.Leaf{Num: func(env *eval.Env) (float64, bool) {
			v := c.read(env, x, across)
			return v.Float(), v.Known()
		}}
	}
	return eval.Leaf{Int: func(env *eval.Env) (int64, bool) {
		v := c.read(env, x, across)
		return v.N, v.Known()
	}}
}

// figureBoundary yields the next moment at which time alone changes a figure: its period ends, or a
// row's moment comes.
func (e *Engine) figureBoundary() boundary {
	c, across := e.measuring.cube, e.measuring.alert.Across
	return func(env *eval.Env) (next int64, ok bool) {
		start := int64(0)
		if c.of.Every != policy.NoPeriod {
			start, next = c.cal.At(c.of.Every, env.Now)
			ok = true
		}
		if c.of.Taken() {
			start = 0
		}
		each := func(cell int32) {
			h, there := c.at[bucketKey{cell, start}]
			if !there {
				return
			}
			if s := c.s.has(h); s != nil {
				if at, some := c.s.plan.Next(s, c.rows, env.Now); some && (!ok || at < next) {
					next, ok = at, true
				}
			}
		}
		if !across {
			each(int32(env.SelfRef))
			return next, ok
		}
		for cell, g := range c.groups {
			if g != nil {
				each(int32(cell))
			}
		}
		return next, ok
	}
}

// Looked is a figure that an alert of a metric looked at: of its cell in a period, or of one group
// in the present period where it compares them.
type Looked struct {
	Start int64  // of the period; 0: there are none
	Group string // the other cell; "": its own
	Value value.Value
	N     int64 // rows; 0 of a closed period of a state, which keeps its figure alone
}

// LookedAt lists what an alert of a metric looks at for a cell at a moment: the present period's
// figure and those of the periods before, the latest first, or the groups in the order of ids.
func (e *Engine) LookedAt(a *policy.Alert, cell string, moment int64, periods int) (out []Looked) {
	c := e.cubeOf(a)
	if a.Metric == nil || c == nil {
		return nil
	}
	was := e.env
	defer func() { e.env = was }()
	env := &e.env
	env.Now = moment
	start := c.present(moment)
	if a.Across {
		for _, h := range c.kind.table.inOrder() {
			if g := c.groupAt(h); g != nil && g.rows > 0 {
				v, n := c.now(env, h)
				out = append(out, Looked{start, c.kind.table.meta[h].id, v, n})
			}
		}
		return out
	}
	h, ok := c.kind.table.find(cell)
	if !ok || c.groupAt(h) == nil {
		return nil
	}
	v, n := c.now(env, h)
	out = append(out, Looked{start, "", v, n})
	if c.of.Every == policy.NoPeriod {
		return out
	}
	for range periods {
		start, _ = c.cal.At(c.of.Every, start-1)
		v, n := c.past(env, h, start), int64(0)
		if !c.of.Taken() {
			_, n = c.figure(env, h, start)
		}
		if v.Known() {
			out = append(out, Looked{start, "", v, n})
		}
	}
	return out
}
