package engine

import (
	"cmp"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/eval"
)

// chosen are the subjects of a scheduled rule at its time: those where it holds, by id, or with
// `top N by E` the N with the greatest E, equals by id; a subject whose E is missing is left out.
func (e *Engine) chosen(n *node) []int32 {
	type ranked struct {
		h int32
		x float64
	}
	var out []ranked
	for _, h := range n.table.inOrder() {
		if n.table.lives[h] != alive {
			continue
		}
		e.subject(n.table, h)
		if v, _ := n.when.run(&e.env); v != value.True {
			n.count.saw(v)
			continue
		}
		v, _ := n.where.run(&e.env)
		n.count.saw(v)
		if v != value.True {
			continue
		}
		r := ranked{h: h}
		if n.top != nil {
			x, ok := n.top(&e.env)
			if !ok {
				continue
			}
			r.x = x
		}
		out = append(out, r)
	}
	if n.top != nil {
		slices.SortStableFunc(out, func(a, b ranked) int { return cmp.Compare(b.x, a.x) })
		out = out[:min(len(out), n.rule.Top.N)]
	}
	hs := make([]int32, len(out))
	for i, r := range out {
		hs[i] = r.h
	}
	return hs
}

// digest reports whether the rule tells {names} or {count}: then each effect is made once a
// recipient instead of once a subject.
func (n *node) digest() bool {
	return slices.ContainsFunc(n.whom, func(x *effect) bool { return x.digest })
}

// actDigest makes each effect once for each recipient, over the subjects that are theirs.
func (e *Engine) actDigest(n *node, hs []int32) {
	for _, x := range n.whom {
		for _, g := range e.byRecipient(n, x, hs) {
			e.names = e.names[:0]
			for _, h := range g.subjects {
				e.names = append(e.names, value.Value{Kind: value.Ref, N: int64(h), S: n.table.called(h)})
			}
			e.subject(n.table, g.subjects[0])
			n.count.Fired++
			e.make(n, g.subjects[0], x)
		}
	}
	e.names = e.names[:0]
}

type recipientGroup struct {
	whom     string
	subjects []int32
}

func (e *Engine) byRecipient(n *node, x *effect, hs []int32) []*recipientGroup {
	var out []*recipientGroup
	for _, h := range hs {
		e.subject(n.table, h)
		if x.when != nil {
			if v, _ := x.when.run(&e.env); v != value.True {
				continue
			}
		}
		whom := ""
		if x.who != nil {
			var ids []string
			for _, r := range e.refs(x.of.Who, x.who(&e.env), nil) {
				ids = append(ids, r.ID)
			}
			whom = strings.Join(ids, "\x00")
		}
		i := slices.IndexFunc(out, func(g *recipientGroup) bool { return g.whom == whom })
		if i < 0 {
			out = append(out, &recipientGroup{whom: whom})
			i = len(out) - 1
		}
		out[i].subjects = append(out[i].subjects, h)
	}
	slices.SortStableFunc(out, func(a, b *recipientGroup) int {
		return strings.Compare(a.whom, b.whom)
	})
	return out
}

func (e *Engine) digestLeaf(x *policy.Expr) leaf {
	l := host{e}.digest(x)
	if l.Int != nil {
		return func(env *eval.Env) value.Value {
			n, _ := l.Int(env)
			return value.OfWord(value.Int, n)
		}
	}
	return func(*eval.Env) value.Value {
		return decision.CloneValue(value.Value{Kind: value.List, X: e.names})
	}
}
