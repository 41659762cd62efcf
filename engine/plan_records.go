package engine

import (
	"math"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/engine/slots"
)

// fieldProgram computes one field: a `fill` or a computed field.
type fieldProgram struct {
	field *policy.Field
	value func(*eval.Env) value.Value
}

// fixed computes a field of an event and stores it without boxing.
type fixed struct {
	field int
	pos   int32
	leaf  eval.Leaf
}

func (f *fixed) put(env *eval.Env, to *slots.Slots) {
	known := false
	switch {
	case f.leaf.Int != nil:
		to.N[f.pos], known = f.leaf.Int(env)
	case f.leaf.Num != nil:
		var x float64
		x, known = f.leaf.Num(env)
		to.N[f.pos] = int64(math.Float64bits(x))
	case f.leaf.Str != nil:
		to.S[f.pos], known = f.leaf.Str(env)
	default:
		to.X[f.pos], known = f.leaf.Any(env)
	}
	if known {
		to.Mark(f.field)
	} else {
		to.Clear(f.field)
	}
}

// common is what events and entities share.
type common struct {
	rec    *policy.Record
	layout *slots.Layout
	refs   []*policy.Field // stored fields of Type Ref
	fills  []fieldProgram
	need   []*policy.Field // stored fields that must not be missing
	needed []uint64        // the same as bits
	drops  []*program
}

// eventType is how one kind of event is processed.
type eventType struct {
	common
	computed []fixed // in an order in which each reads only earlier ones
	scores   []*scoreProgram
	streams  []*stream
	joins    [][]*stream // by refs: those whose subject it is
	rules    dispatch
	sifted   *sifted // of rules.few; nil: they are looked at one by one
	actions  []*actionProgram
	judged   bool                 // an action's verdict may change later
	seen     idSet                // the accepted and the dropped events that are not forgotten
	used     uint64               // how many ids, forgotten ones as well
	touches  []touching           // whose work it is, on what they were given
	refuses  bool                 // what it does may reject it
	does     func(*record.Record) // of a built-in event: what it does to state
}

// entityType is how one kind of entity is processed.
type entityType struct {
	common
	table       *table
	streams     []*stream // it is the source of
	watch       dispatch
	nodes       []*node       // all that are of it, by index
	journey     *journey      // nil: none
	allocations []*allocation // that fill a reference of it
	stays       bool          // its rows are the stays of a journey
	cells       bool          // its rows are the groups of a metric
	spare       slots.Slots   // the state after the update in hand
	before      slots.Slots   // the state before it
}

func (e *Engine) planRecords() {
	n := len(e.policy.Records)
	e.events = make([]*eventType, n)
	e.kinds = make([]*entityType, n)
	e.tables = make([]*table, n)
	e.env.Tables = make([][]*slots.Slots, n)
	for _, r := range e.policy.Records {
		switch r.Kind {
		case policy.Event:
			e.events[r.Index] = &eventType{common: e.common(r), seen: newIDSet()}
		case policy.Entity:
			e.tables[r.Index] = newTable(r)
			k := &entityType{common: e.common(r), table: e.tables[r.Index]}
			k.spare, k.before = k.layout.New(), k.layout.New()
			e.kinds[r.Index] = k
		}
	}
}

func (e *Engine) common(r *policy.Record) common {
	c := common{rec: r, layout: slots.For(r), needed: make([]uint64, (len(r.Fields)+63)/64)}
	for _, f := range r.Fields {
		if f.Compute != nil || f.System != policy.NotSystem {
			continue
		}
		if f.Type.Kind == value.Ref {
			c.refs = append(c.refs, f)
		}
		if !f.Type.Maybe {
			c.need = append(c.need, f)
			c.needed[f.Index>>6] |= 1 << (f.Index & 63)
		}
	}
	return c
}

// has reports whether all fields are known that must be.
func (c *common) has(known []uint64) bool {
	for i, m := range c.needed {
		if known[i]&m != m {
			return false
		}
	}
	return true
}

// planTypes compiles what runs on each record: fills, computed fields, drops, rules.
func (e *Engine) planTypes() {
	watches := e.watches
	for _, t := range e.events {
		if t == nil {
			continue
		}
		e.compileCommon(&t.common, watches)
		for _, f := range inDependencyOrder(t.rec) {
			t.computed = append(t.computed, fixed{f.Index, t.layout.Pos[f.Index], e.leaf(f.Compute)})
		}
	}
	for _, k := range e.kinds {
		if k != nil {
			e.compileCommon(&k.common, watches)
		}
	}
	for _, n := range e.nodes {
		when := n.condition()
		switch {
		case n.kind == eventRule:
			t := e.events[n.record.Index]
			t.rules.file(n.index, when, t.layout)
		case n.check == nil && n.kind != everyRule && n.watched():
			k := e.kinds[n.record.Index]
			k.nodes = append(k.nodes, n)
			k.watch.file(n.index, when, k.layout)
		}
	}
	for _, t := range e.events {
		if t != nil {
			t.rules.pack()
			t.sifted = e.sieve(t)
		}
	}
	for _, k := range e.kinds {
		if k != nil {
			k.watch.pack()
		}
	}
}

func (e *Engine) compileCommon(c *common, watches watchList) {
	for _, f := range c.rec.Fields {
		if f.Fill != nil {
			c.fills = append(c.fills, fieldProgram{f, e.comp.Value(f.Fill)})
		}
	}
	for _, x := range c.rec.Drop {
		c.drops = append(c.drops, e.program(watches.of(&c.rec.Head, x)))
	}
}

// inDependencyOrder sorts an event's computed fields so that each reads only earlier ones. The
// checker has refused cycles.
func inDependencyOrder(r *policy.Record) []*policy.Field {
	var out []*policy.Field
	done := make([]bool, len(r.Fields))
	var visit func(f *policy.Field)
	var reads func(x *policy.Expr)
	reads = func(x *policy.Expr) {
		if x == nil {
			return
		}
		if x.Op == policy.OpField && x.Field.Of == r {
			visit(x.Field)
		}
		for _, a := range x.Args {
			reads(a)
		}
		if x.Agg != nil {
			reads(x.Agg.Of)
			reads(x.Agg.List)
			reads(x.Agg.Window.T)
		}
	}
	visit = func(f *policy.Field) {
		if f.Compute == nil || done[f.Index] {
			return
		}
		done[f.Index] = true
		reads(f.Compute)
		out = append(out, f)
	}
	for _, f := range r.Fields {
		visit(f)
	}
	return out
}
