package prove

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// row is one row of a decision table: the first that holds wins.
type row struct {
	when *policy.Expr
	at   source.Span
}

// pick looks at a decision table.
func (r *prover) pick(x *policy.Expr) {
	var rows []row
	for i := 0; i+1 < len(x.Args); i += 2 {
		rows = append(rows, row{x.Args[i], x.Args[i].Span})
	}
	var last *policy.Expr
	if len(x.Args)%2 == 1 {
		last = x.Args[len(x.Args)-1]
	}
	if r.table(rows) {
		if last != nil {
			r.tell(source.ElseUnreached, last.Span)
		}
		return
	}
	if last == nil {
		r.gap(rows, x.Span)
	}
}

// table tells of rows that nothing reaches: that are never true, or that earlier rows hide. It
// reports whether the rows together take every case. Earlier rows stay denied from row to row, so
// that a table costs a question a row.
func (r *prover) table(rows []row) bool {
	s := r.s
	for _, w := range rows {
		s.t.of(w.when, 0)
	}
	var hidden []int
	full, open := -1, false
	r.question(func() {
		for i, w := range rows {
			n := s.t.of(w.when, 0)
			mark := len(s.trail)
			reached := s.want(n, isTrue) && s.solve(func() bool { return true })
			s.undoTo(mark)
			if open = open || s.lost; open {
				return
			}
			if !reached {
				hidden = append(hidden, i)
			}
			if !s.want(n, isFalse) {
				full = i
				return
			}
		}
		found := s.solve(func() bool { return true })
		if !found && !s.lost {
			full = len(rows) - 1
		}
	})
	for _, i := range hidden {
		r.unreached(rows, i)
	}
	if full >= 0 {
		for i := full + 1; i < len(rows); i++ {
			r.unreached(rows, i)
		}
		return true
	}
	for i, w := range rows {
		if !contains(hidden, i) {
			r.parts(w.when)
		}
	}
	return false
}

func contains(list []int, i int) bool {
	for _, x := range list {
		if x == i {
			return true
		}
	}
	return false
}

// parts looks at what a row's condition is made of.
func (r *prover) parts(x *policy.Expr) {
	switch x.Op {
	case policy.OpAnd, policy.OpOr, policy.OpNot:
		for _, a := range x.Args {
			r.cond(a)
		}
	}
}

// unreached tells of one row that nothing reaches, and why.
func (r *prover) unreached(rows []row, i int) {
	w := rows[i]
	if r.fixed(w.when) {
		return
	}
	if r.none(is(w.when)) == proved {
		r.never(w.when, nil)
		return
	}
	for j := range rows[:i] {
		if r.none(is(w.when), goal{rows[j].when, isFalse | isUnknown}) == proved {
			d := r.tell(source.RowHidden, w.at)
			d.Related = []source.Related{{Span: rows[j].at, Code: source.RowTakes}}
			return
		}
	}
	r.tell(source.RowsHide, w.at)
}

// gap tells of a record that no row holds for.
func (r *prover) gap(rows []row, at source.Span) {
	goals := make([]goal, len(rows))
	for i, w := range rows {
		goals[i] = isNot(w.when)
	}
	if m, v := r.one(goals...); v == refuted {
		at.End = rows[0].at.Off // the word and the bracket
		if at.End <= at.Off {
			at = rows[0].at
		}
		r.tell(source.RowGap, r.head(at), m.show())
	}
}

// head is the first word of a place.
func (r *prover) head(at source.Span) source.Span {
	text := r.p.Files[at.File].Text
	end := at.Off
	for end < at.End && text[end] > ' ' && text[end] != '{' {
		end++
	}
	at.End = max(end, at.Off+1)
	return at
}

// differ reports whether two values written to one field may differ on a record where all goals
// are met, with that record.
func (r *prover) differ(a, b *policy.Expr, goals []goal) (*model, bool) {
	if a.Op == policy.OpConst && b.Op == policy.OpConst {
		if a.Const.Kind.Class() == value.Wide || a.Const.N == b.Const.N && a.Const.S == b.Const.S {
			return nil, false
		}
	} else {
		goals = append(goals, is(&policy.Expr{Op: policy.OpNe, Type: policy.Type{Kind: value.Bool},
			Args: []*policy.Expr{a, b}, Span: a.Span}))
	}
	m, v := r.one(goals...)
	return m, v == refuted
}
