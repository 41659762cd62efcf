package engine

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/baseline"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/engine/window"
)

// cube keeps a metric by some of its dimensions, for the alerts that look at it (reference, section
// 9). It is a stream whose subjects are places: a group in a period. So a record costs what it
// changes, a look reads a handful of tallies, and what late, corrected and retracted records do to
// windows they do here. What alerts are about are cells, rows of the metric's own entity: one for
// each group that has rows, and one across all groups.
type cube struct {
	e      *Engine
	index  int32
	of     *policy.Metric
	dims   []int
	kind   *entityType // of the cells
	fields []int       // of a cell, by dimension; -1: it cannot be asked for
	s      *stream
	where  eval.Cond // nil: every row counts
	by     []func(*eval.Env) value.Value
	specs  map[*policy.Aggregate]int
	rows   int // the spec that counts rows
	tested int // the spec that counts the rows that a share or mean is of; -1: none
	spread int // the spec of the mean's deviation, -1; center that of the mean
	center int
	value  func(*eval.Env) value.Value // over the rows in hand
	cur    *window.Series              // the rows in hand
	base   *baseline.Baseline
	cal    *window.Calendar
	nodes  []*node // that changes concern
	across bool    // some alert looks across the groups

	// The state: places by handle, what is found of it, and the figures of closed periods of a
	// metric of a state, which nothing tells later.
	places  []bucket
	at      map[bucketKey]int32
	groups  []*group // by the cell's handle; nil where it is no group of this cube
	whole   int32    // the cell across all groups; -1: there is none yet
	total   int64    // rows
	periods []period // that have rows, in order
	moved   bool     // the first of them is another
	first   int64    // of a metric of a state: the first period that was taken
	taken   bool     // there is one
	close   *timer

	starts []int64 // of the present period and those before it
	memo   memo
	banded struct {
		of    []baseline.Group
		width float64
	}
	key []byte
}

type bucketKey struct {
	cell  int32
	start int64
}

type bucket struct {
	bucketKey
	rows int64
}

type period struct{ start, rows int64 }

type group struct {
	rows   int64
	values []value.Value
	taken  []taken
}

// taken is the figure of a period that has closed.
type taken struct {
	start, n int64
	value    value.Value
}

// planCubes adds a cube for each metric and set of dimensions that an alert in force looks at.
func (e *Engine) planCubes() {
	for _, a := range e.policy.Alerts {
		if a.Metric == nil {
			continue
		}
		late := int64(0)
		if a.Check != nil && a.Check.Late > 0 {
			late = a.Check.Late + value.Day
		}
		c := e.cubeOf(a)
		if c == nil {
			c = &cube{e: e, index: int32(len(e.cubes)), of: a.Metric, dims: a.Dims, whole: -1,
				kind: e.kinds[a.Of.Index], at: map[bucketKey]int32{}, cal: window.NewCalendar(e.zone),
				base: baseline.New(a.Metric.Value.Type.Kind, e.zone)}
			c.kind.cells = true
			e.cubes = append(e.cubes, c)
			c.stream()
		}
		c.across = c.across || a.Across
		for i := range c.s.specs {
			c.s.specs[i].Keep = max(c.s.specs[i].Keep, late)
		}
	}
}

func (e *Engine) cubeOf(a *policy.Alert) *cube {
	for _, c := range e.cubes {
		if c.of == a.Metric && slices.Equal(c.dims, a.Dims) {
			return c
		}
	}
	return nil
}

// stream makes the stream of the cube's rows.
func (c *cube) stream() {
	m := c.of
	s := c.e.stream(&policy.Aggregate{Source: m.Of, Action: m.Action, Window: policy.Window{At: m.At}})
	c.s, s.cube = s, c
	for _, x := range c.exprs() {
		s.stage = max(s.stage, stageOf(x))
	}
	c.specs = map[*policy.Aggregate]int{}
	eachFigureOf(m.Value, func(a *policy.Aggregate) { c.specs[a] = s.addSpec(a, 0) })
	c.rows = s.addSpec(&policy.Aggregate{Fn: policy.Count, Type: policy.Type{Kind: value.Int}}, 0)
	c.tested, c.spread, c.center = -1, -1, -1
	if m.Value.Op != policy.OpAggregate {
		return
	}
	spec := s.specs[c.specs[m.Value.Agg]]
	add := func(fn policy.AggFn, kind value.Kind) int {
		spec.Fn, spec.Result = fn, kind
		s.specs = append(s.specs, spec)
		return len(s.specs) - 1
	}
	switch m.Value.Agg.Fn {
	case policy.Share:
		c.tested = add(policy.Count, value.Int)
	case policy.Avg:
		c.tested = add(policy.Count, value.Int)
		c.center, c.spread = add(policy.Avg, value.Number), add(policy.SD, value.Number)
	}
}

// exprs are what says whether, where and in which group a row counts.
func (c *cube) exprs() (out []*policy.Expr) {
	for _, x := range []*policy.Expr{c.of.Where, c.of.At} {
		if x != nil {
			out = append(out, x)
		}
	}
	for _, i := range c.dims {
		out = append(out, c.of.By[i].X)
	}
	return out
}

// eachFigureOf visits the aggregates of a metric's value.
func eachFigureOf(x *policy.Expr, f func(*policy.Aggregate)) {
	if x.Op == policy.OpAggregate {
		f(x.Agg)
		return
	}
	for _, a := range x.Args {
		eachFigureOf(a, f)
	}
}

// compile prepares what is worked out of each row, and of the rows together.
func (c *cube) compile() {
	e := c.e
	if c.of.Where != nil {
		c.where = e.comp.Cond(c.of.Where)
	}
	for _, i := range c.dims {
		d := &c.of.By[i]
		c.by = append(c.by, e.comp.Value(d.X))
		at := c.kind.fieldNamed(d.Name)
		if at >= 0 && c.kind.rec.Fields[at].System != policy.NotSystem {
			at = -1
		}
		c.fields = append(c.fields, at)
	}
	over := *e.comp
	over.Host, over.Probe = cubeHost{c}, nil
	c.value = over.Value(c.of.Value)
	c.s.via = c.placeOf
}

// cubeHost gives a metric's value its aggregates, over the rows in hand.
type cubeHost struct{ c *cube }

// Leaf implements eval.Host.
func (h cubeHost) Leaf(x *policy.Expr) eval.Leaf {
	c := h.c
	spec := c.specs[x.Agg]
	if x.Type.Kind.Class() == value.Float {
		return eval.Leaf{Num: func(env *eval.Env) (float64, bool) { return c.num(spec, env.Now) }}
	}
	return eval.Leaf{Int: func(env *eval.Env) (int64, bool) { return c.int(spec, env.Now) }}
}

func (c *cube) num(spec int, now int64) (float64, bool) {
	if c.e.asOf {
		v := c.s.plan.ValueAt(c.cur, spec, now, 0)
		return v.Float(), v.Known()
	}
	return c.s.plan.Num(c.cur, spec, now, 0)
}

func (c *cube) int(spec int, now int64) (int64, bool) {
	if c.e.asOf {
		v := c.s.plan.ValueAt(c.cur, spec, now, 0)
		return v.N, v.Known()
	}
	return c.s.plan.Int(c.cur, spec, now, 0)
}

// placeOf is the place of the row in env.Row; false: it does not count.
func (c *cube) placeOf(env *eval.Env) (int64, bool) {
	if c.where != nil && c.where(env) != value.True {
		return 0, false
	}
	at, ok := c.s.placed(env)
	if !ok {
		return 0, false
	}
	k := bucketKey{cell: c.groupOf(env)}
	if c.of.Every != policy.NoPeriod && !c.of.Taken() {
		k.start, _ = c.cal.At(c.of.Every, at)
	}
	h, ok := c.at[k]
	if !ok {
		h = c.add(bucket{bucketKey: k})
	}
	return int64(h), true
}

func (c *cube) add(p bucket) int32 {
	h := int32(len(c.places))
	c.places = append(c.places, p)
	c.at[p.bucketKey] = h
	return h
}

// groupOf is the cell of the row's group. A group that comes for the first time has a cell that
// nothing looks at before it has rows.
func (c *cube) groupOf(env *eval.Env) int32 {
	id := c.key[:0]
	for n, i := range c.dims {
		if n > 0 {
			id = append(id, ',')
		}
		d := &c.of.By[i]
		id = append(append(id, d.Name...), '=')
		id = c.appendName(id, d.X.Type, c.by[n](env))
	}
	if len(c.dims) == 0 {
		id = append(id, '*')
	}
	c.key = id
	h, ok := c.kind.table.find(view(id))
	if !ok {
		h = c.e.made(c.kind.table, string(id))
	}
	g := c.groupAt(h)
	if g == nil {
		g = c.makeGroup(h)
	}
	if g.rows == 0 {
		g.values = g.values[:0]
		for _, by := range c.by {
			v := by(env)
			v.S = strings.Clone(v.S)
			g.values = append(g.values, v)
		}
	}
	return h
}

func (c *cube) groupAt(cell int32) *group {
	if int(cell) >= len(c.groups) {
		return nil
	}
	return c.groups[cell]
}

func (c *cube) makeGroup(cell int32) *group {
	for int(cell) >= len(c.groups) {
		c.groups = append(c.groups, nil)
	}
	c.groups[cell] = &group{}
	return c.groups[cell]
}

// appendName writes a group's value into a cell's id, so that no two groups have one: as in JSON
// without quotes, a reference by its id, and – for none.
func (c *cube) appendName(id []byte, t policy.Type, v value.Value) []byte {
	if !v.Known() {
		return append(id, "–"...)
	}
	switch from := len(id); {
	case v.Kind == value.Ref:
		return escape(id, c.e.tables[t.Record.Index].meta[v.N].id)
	case v.Kind.Class() == value.String:
		return escape(id, v.S)
	default:
		id = c.e.kept.words.AppendValueJSON(id, t, v)
		text := strings.Trim(string(id[from:]), `"`)
		return escape(id[:from], text)
	}
}

func escape(id []byte, text string) []byte {
	if text == "–" {
		return append(id, "%–"...)
	}
	for i := range len(text) {
		switch b := text[i]; b {
		case '%', ',', '=', '*':
			const hex = "0123456789ABCDEF"
			id = append(id, '%', hex[b>>4], hex[b&15])
		default:
			id = append(id, b)
		}
	}
	return id
}

// acrossID is the id of the cell across all groups.
func (c *cube) acrossID() string {
	var names []string
	for _, i := range c.dims {
		names = append(names, c.of.By[i].Name+"=*")
	}
	return strings.Join(names, ",")
}

// counted notes that rows came into a place or left it.
func (c *cube) counted(h int32, by int64) {
	p := &c.places[h]
	p.rows += by
	c.groups[p.cell].rows += by
	c.total += by
	i, found := slices.BinarySearchFunc(c.periods, p.start, func(x period, start int64) int {
		switch {
		case x.start < start:
			return -1
		case x.start > start:
			return 1
		}
		return 0
	})
	if !found {
		c.periods = slices.Insert(c.periods, i, period{start: p.start})
		c.moved = c.moved || i == 0
	}
	if c.periods[i].rows += by; c.periods[i].rows == 0 {
		c.periods = slices.Delete(c.periods, i, i+1)
		c.moved = c.moved || i == 0
	}
}

// changed puts on the agenda what looks at a place, and lets cells come and go with their rows.
func (c *cube) changed(h int32) {
	cell := c.places[h].cell
	c.live(cell, c.groups[cell].rows > 0, c.groups[cell].values)
	if c.across {
		if c.whole < 0 {
			c.whole = c.e.made(c.kind.table, c.acrossID())
		}
		c.live(c.whole, c.total > 0, nil)
	}
	for _, n := range c.nodes {
		switch {
		case n.alert.Across:
			c.e.push(n, c.whole)
		case c.moved:
			for h, g := range c.groups {
				if g != nil {
					c.e.push(n, int32(h))
				}
			}
		default:
			c.e.push(n, cell)
		}
	}
	c.moved = false
}

// live makes a cell one that is looked at while it has rows.
func (c *cube) live(cell int32, is bool, values []value.Value) {
	e, t := c.e, c.kind.table
	if is == (t.lives[cell] == alive) {
		return
	}
	self, ref := e.env.Self, e.env.SelfRef
	if is {
		next := &c.kind.spare
		c.kind.layout.Copy(next, t.rows[cell])
		for i, v := range values {
			if c.fields[i] >= 0 {
				c.kind.layout.Put(next, c.fields[i], v)
			}
		}
		c.kind.layout.Put(next, t.created, timeOf(e.now))
		e.become(c.kind, cell, next)
	} else {
		for _, n := range e.nodes {
			if n.cube == c && n.owns(cell) {
				e.forget(n, cell)
			}
		}
		e.unwrite(c.kind, cell)
	}
	e.env.Self, e.env.SelfRef = self, ref
}

// owns reports whether a subject of a node's type is one of the node's: of a metric's alert only
// the cells of its own dimensions are.
func (n *node) owns(h int32) bool {
	switch {
	case n.cube == nil:
		return true
	case n.alert.Across:
		return h == n.cube.whole
	}
	return n.cube.groupAt(h) != nil
}

// linkCubes lets changes find the alerts that watch a metric or look again for late records.
func (e *Engine) linkCubes() {
	for _, n := range e.nodes {
		if c := n.cube; c != nil && n.on && (n.check == nil || n.check.Late > 0) {
			c.nodes = append(c.nodes, n)
		}
	}
}

// startCubes schedules when the present period of metrics of a state closes.
func (e *Engine) startCubes(at int64) {
	e.cubesOn = true
	for _, c := range e.cubes {
		if c.of.Taken() && c.of.Every != policy.NoPeriod {
			c.close = timerOf(rankClose, c.index)
			_, end := c.cal.At(c.of.Every, at)
			e.timers.set(c.close, end)
		}
	}
}

// take keeps the figures of the period that closes: nothing tells them later.
func (c *cube) take(at int64) {
	e := c.e
	e.env.Now = at - 1
	start, _ := c.cal.At(c.of.Every, at-1)
	for cell, g := range c.groups {
		if g == nil || g.rows == 0 {
			continue
		}
		if v, n := c.figure(&e.env, int32(cell), 0); n > 0 {
			g.taken = append(g.taken, taken{start: start, n: n, value: v})
			if !c.taken {
				c.first, c.taken = start, true
			}
		}
	}
	c.s.change++
	_, end := c.cal.At(c.of.Every, at)
	e.timers.set(c.close, end)
	e.env.Now = e.now
}

// write puts a cube into a snapshot: rows of events are in its stream already, and those of
// entities follow from the entities.
func (c *cube) write(w *writer) {
	events := c.s.source.Kind == policy.Event
	w.int(int64(c.whole))
	w.uint(uint64(len(c.places)))
	for i := range c.places {
		p := &c.places[i]
		w.uint(uint64(p.cell))
		w.int(p.start)
		if events {
			w.uint(uint64(p.rows))
		}
	}
	w.bool(c.taken)
	w.int(c.first)
	for _, g := range c.groups {
		if g == nil {
			w.uint(0)
			continue
		}
		w.uint(uint64(len(g.taken)) + 1)
		for _, x := range g.taken {
			w.int(x.start)
			w.int(x.n)
			w.bool(x.value.Known())
			w.int(x.value.N)
		}
	}
	w.uint(0)
}

func (c *cube) restore(r *scanner) {
	events := c.s.source.Kind == policy.Event
	cells := int64(len(c.kind.table.rows))
	c.whole = int32(r.int())
	r.bad = r.bad || int64(c.whole) >= cells || c.whole < -1
	for range r.count() {
		p := bucket{bucketKey: bucketKey{cell: int32(r.below(uint64(cells))), start: r.int()}}
		if r.bad {
			return
		}
		h := c.add(p)
		if c.groupAt(p.cell) == nil {
			c.groupFrom(p.cell)
		}
		if events {
			if n := int64(r.uint()); n > 0 {
				c.counted(h, n)
			}
		}
	}
	c.taken, c.first = r.bool(), r.int()
	kind := c.of.Value.Type.Kind
	for cell := range c.groups {
		n := r.uint()
		if n == 0 || r.bad || c.groups[cell] == nil {
			r.bad = r.bad || n > 0
			continue
		}
		for range min(n-1, uint64(len(r.b))) {
			x := taken{start: r.int(), n: r.int()}
			known := r.bool()
			if x.value = value.OfWord(kind, r.int()); !known {
				x.value = value.Value{}
			}
			c.groups[cell].taken = append(c.groups[cell].taken, x)
		}
	}
	r.bad = r.bad || r.uint() != 0
	c.moved = false
}

// groupFrom makes the group of a cell that a snapshot has.
func (c *cube) groupFrom(cell int32) {
	g, s := c.makeGroup(cell), c.kind.table.rows[cell]
	for _, f := range c.fields {
		v := value.Value{}
		if f >= 0 {
			v = c.kind.layout.Value(s, f)
		}
		g.values = append(g.values, v)
	}
}
