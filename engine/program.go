package engine

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/engine/slots"
)

// program is a condition cut into the conjuncts of its topmost `and`, so that a receipt can say
// which part failed. Kleene's and over the parts is the condition's truth.
type program struct {
	chain  eval.Chain // empty: always true
	leaves [][]sight
	watch  *decision.Watch
	own    bool            // every value of its receipts is a stored field or a score of the subject
	probe  func(value.Tri) // told the whole condition; nil: nobody asks

	times [][]boundary // by part; nil where time alone changes nothing
	wrong int          // the part that was false in the look in hand, -1: none was
}

// next tells the moments at which the verdict of the look in hand may change by time alone. A
// condition that has a false part stays false until that part changes, whatever the others do.
func (p *program) next(env *eval.Env, sooner func(int64, bool)) {
	from, to := 0, len(p.times)
	if p.wrong >= 0 {
		from, to = p.wrong, min(to, p.wrong+1)
	}
	for _, part := range p.times[from:to] {
		for _, b := range part {
			sooner(b(env))
		}
	}
	p.wrong = -1
}

// timed finds the moments at which time alone may change each part of a condition.
func (e *Engine) timed(p *program) (some bool) {
	times := make([][]boundary, len(p.watch.Parts))
	for i := range p.watch.Parts {
		times[i] = e.boundaries(p.watch.Parts[i].X)
		some = some || len(times[i]) > 0
	}
	if some {
		p.times = times
	}
	p.wrong = -1
	return some
}

// sight is one value of a receipt. A stored field of the subject itself is read without a call,
// because a receipt is written for every condition that looks at a record.
type sight struct {
	read  leaf // nil: the subject's own field
	field int
	pos   int32
	kind  value.Kind
	class value.Class
	score *policy.Score // of the subject, an event; it is read as well
}

// leaf is a value that a condition reads, boxed for receipts.
type leaf func(*eval.Env) value.Value

// program compiles the condition that a receipt is about.
func (e *Engine) program(w *decision.Watch) *program {
	p := &program{watch: w, own: true}
	var parts []*policy.Expr
	for i := range w.Parts {
		c := &w.Parts[i]
		parts = append(parts, c.X)
		var ls []sight
		for _, l := range c.Leaves {
			ls = append(ls, e.sight(l))
		}
		p.leaves = append(p.leaves, ls)
		c.Own = ownSlots(ls)
		p.own = p.own && len(c.Own) == len(ls)
	}
	p.chain = *e.comp.Chain(parts)
	if probe := e.opts.Probe; probe != nil && len(parts) > 1 {
		p.probe = func(t value.Tri) { probe.Saw(w.X, t) }
	}
	return p
}

// ownSlots tells a decision where the values of a conjunct stand in the subject's slots.
func ownSlots(ls []sight) []decision.OwnSlot {
	var out []decision.OwnSlot
	for _, l := range ls {
		if l.read != nil && l.score == nil {
			return nil
		}
		out = append(out, decision.OwnSlot{Field: l.field, Pos: l.pos, Kind: l.kind, Score: l.score})
	}
	return out
}

// watchList finds the receipts' fixed parts again by declaration and place.
type watchList map[watchKey]*decision.Watch

type watchKey struct {
	head *policy.Head
	x    *policy.Expr // the first conjunct; nil for a condition that is always true
}

func watchesOf(p *policy.Policy) watchList {
	l := watchList{}
	for _, w := range decision.Watches(p) {
		k := watchKey{head: w.Head}
		if len(w.Parts) > 0 {
			k.x = w.Parts[0].X
		}
		l[k] = w
	}
	return l
}

// of returns the watch of a declaration's condition.
func (l watchList) of(h *policy.Head, x *policy.Expr) *decision.Watch {
	for x != nil && x.Op == policy.OpAnd {
		x = x.Args[0]
	}
	w := l[watchKey{h, x}]
	if w == nil {
		panic("engine: no watch for a condition of " + h.Full)
	}
	return w
}

// boxed reads a value for a receipt or a message; a reference is called by its name, else its id.
func (e *Engine) boxed(x *policy.Expr) leaf {
	v := e.comp.Value(x)
	if x.Type.Kind != value.Ref {
		return leaf(v)
	}
	t := e.tables[x.Type.Record.Index]
	return func(env *eval.Env) value.Value {
		r := v(env)
		if r.Known() {
			r.S = t.called(int32(r.N))
		}
		return r
	}
}

// run evaluates the parts in order. The first false part decides; otherwise the first unknown.
func (p *program) run(env *eval.Env) (verdict value.Tri, part int) {
	verdict, part = p.chain.Run(env)
	if p.probe != nil {
		p.probe(verdict)
	}
	return verdict, part
}

// pending is a receipt that is written only if the tick it belongs to changes anything.
type pending struct {
	p       *program
	table   *table
	handle  int32
	verdict value.Tri
	part    int
}

// note writes the receipt of a look: for a condition that holds the values of all its parts, else
// those of the part that kept it from holding. Most ticks change nothing and are not logged, so
// theirs wait for the first effect.
func (e *Engine) note(p *program, subject int32, verdict value.Tri, part int) {
	if e.opts.NoReceipts {
		return
	}
	d := &e.dec
	if p.own && d.InHand != nil && d.InHand == e.env.Self {
		// The record itself holds the values: they are copied only if somebody keeps the receipt.
		d.Receipts = append(d.Receipts, decision.Receipt{Watch: p.watch, From: decision.OfRecord,
			Subject: subject, Part: int16(part), Verdict: verdict})
		return
	}
	from := int32(len(d.Seen))
	if part >= 0 {
		e.see(p.leaves[part])
	} else {
		for _, l := range p.leaves {
			e.see(l)
		}
	}
	d.Receipts = append(d.Receipts, decision.Receipt{Watch: p.watch, From: from,
		To: int32(len(d.Seen)), Subject: subject, Part: int16(part), Verdict: verdict})
}

// flush writes the receipts that waited: something changes.
func (e *Engine) flush() {
	e.lazy = false
	self, ref := e.env.Self, e.env.SelfRef
	for _, x := range e.pending {
		e.subject(x.table, x.handle)
		e.note(x.p, e.subjectIndex(x.table, x.handle), x.verdict, x.part)
	}
	e.env.Self, e.env.SelfRef = self, ref
	e.pending = e.pending[:0]
}

// addEffect appends an empty effect to the decision.
func (e *Engine) addEffect() *decision.Effect {
	if e.lazy {
		e.flush()
	}
	return e.dec.AddEffect()
}

func (e *Engine) see(leaves []sight) {
	for i := range leaves {
		l := &leaves[i]
		if l.read != nil {
			e.dec.Seen = append(e.dec.Seen, l.read(&e.env))
			continue
		}
		s := e.env.Self
		e.dec.Seen = append(e.dec.Seen, value.Value{})
		if !s.Has(l.field) {
			continue
		}
		v := &e.dec.Seen[len(e.dec.Seen)-1]
		v.Kind = l.kind
		if l.class == value.String {
			v.S = s.S[l.pos]
		} else {
			v.N = s.N[l.pos]
		}
	}
}

// sight prepares the reading of a receipt's value.
func (e *Engine) sight(x *policy.Expr) sight {
	f := x.Field
	if x.Op == policy.OpScore && x.Args[0].Op == policy.OpSelf && x.Score.Of.Kind == policy.Event {
		return sight{read: e.boxed(x), score: x.Score}
	}
	if x.Op != policy.OpField || x.Args[0].Op != policy.OpSelf || f.Type.Kind == value.Ref ||
		f.Compute != nil && f.Of.Kind == policy.Entity || f.Type.Kind.Class() == value.Wide {
		return sight{read: e.boxed(x)}
	}
	l := slots.For(f.Of)
	return sight{field: f.Index, pos: l.Pos[f.Index], kind: f.Type.Kind, class: f.Type.Kind.Class()}
}
