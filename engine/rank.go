package engine

import (
	"cmp"
	"math"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/eval"
)

// ranking is one rank, quintile or percentile: a figure for each subject, fixed when the moment of
// a look begins (reference, section 4: functions).
type ranking struct {
	expr  *policy.Expr
	x     func(*eval.Env) value.Value
	group func(*eval.Env) value.Value // nil: one group
	words map[int32]int64
	parts map[int32]float64
}

// rankLeaf reads the figure of Self.
func (e *Engine) rankLeaf(x *policy.Expr) eval.Leaf {
	r := &ranking{expr: x, x: e.comp.Value(x.Args[0])}
	if len(x.Args) > 1 {
		r.group = e.comp.Value(x.Args[1])
	}
	e.planning = append(e.planning, r)
	if x.Type.Kind.Class() == value.Word {
		return eval.Leaf{Int: func(env *eval.Env) (int64, bool) {
			n, ok := r.words[int32(env.SelfRef)]
			return n, ok
		}}
	}
	return eval.Leaf{Num: func(env *eval.Env) (float64, bool) {
		f, ok := r.parts[int32(env.SelfRef)]
		return f, ok
	}}
}

type placed struct {
	h     int32
	x     float64
	group string
}

// fixRanks works out the figures of all subjects. Subjects whose value is missing have none.
func (e *Engine) fixRanks(n *node, r *ranking) {
	r.words, r.parts = map[int32]int64{}, map[int32]float64{}
	var all []placed
	for _, h := range n.table.inOrder() {
		if n.table.lives[h] != alive || !n.owns(h) {
			continue
		}
		e.subject(n.table, h)
		v := r.x(&e.env)
		if !v.Known() {
			continue
		}
		p := placed{h: h, x: asFloat(v)}
		if r.group != nil {
			p.group = groupKey(r.group(&e.env))
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.x, b.x))
	})
	for from := 0; from < len(all); {
		to := from
		for to < len(all) && all[to].group == all[from].group {
			to++
		}
		r.grade(all[from:to])
		from = to
	}
}

// grade fills in one group, given in ascending order. Equals share the better rank, and for
// quintile and percentile the mean of the ranks they cover.
func (r *ranking) grade(g []placed) {
	n := len(g)
	for from := 0; from < n; {
		to := from
		for to < n && g[to].x == g[from].x {
			to++
		}
		mean := float64(from+to+1) / 2 // of the ranks from+1 … to, counted from the lowest
		share := (mean - 0.5) / float64(n)
		for _, p := range g[from:to] {
			r.words[p.h] = int64(n - to + 1)
			if r.expr.Fn == "quintile" {
				r.words[p.h] = min(5, int64(math.Floor(share*5))+1)
			}
			r.parts[p.h] = share
		}
		from = to
	}
}

func asFloat(v value.Value) float64 {
	if v.Kind.Class() == value.Float {
		return v.Float()
	}
	return float64(v.N)
}

func groupKey(v value.Value) string {
	return string(appendKey(nil, &policy.Expr{Op: policy.OpConst, Const: v}))
}
