package insight

import (
	"cmp"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
)

// HeatColumn is one action of a heatmap: completion(A in W) about the rows' type, in a window and
// in the one before it.
type HeatColumn struct {
	Action *policy.Action
	Now    *policy.Expr
	Before *policy.Expr // nil: there is none
}

// HeatCell is what somebody has done of an action's target.
type HeatCell struct {
	Counted int
	Due     float64       // 0: nothing is due, and there is no completion
	Before  float64       // the completion in the window before
	Known   bool          // Before is known
	Red     *policy.Alert // `by action`, that is open on it; nil: none
	Since   int64         // when that opened
	Row     int           // looks in a row that it has been below, of Of; 0: none, or it is red
	Of      int
}

// Completion is counted ÷ due, at most 1; false: nothing is due.
func (c *HeatCell) Completion() (float64, bool) { return ratio(c.Counted, c.Due) }

func ratio(counted int, due float64) (float64, bool) {
	if due == 0 {
		return 0, false
	}
	return min(float64(counted)/due, 1), true
}

// HeatRow is one subject: a person, or whoever people belong to. The process score is 100 × Σ
// weight × completion ÷ Σ weight over the actions that are due; it is not there where none is.
type HeatRow struct {
	ID, Name string
	Cells    []HeatCell
	Score    float64
	Scored   bool
}

// Heat works the rows of a heatmap out: every entity of a type, by name. What belongs to several
// people is pooled: all that they did ÷ all that they owed, no mean of means.
func Heat(e *engine.Engine, of *policy.Record, cols []HeatColumn) []HeatRow {
	rows := make([]HeatRow, 0)
	for _, id := range e.IDs(of) {
		rows = append(rows, HeatRow{ID: id, Name: e.Name(of, id), Cells: make([]HeatCell, len(cols))})
	}
	for i, c := range cols {
		now := e.Fulfilment(c.Now, of)
		var before *engine.Fulfilment
		if c.Before != nil {
			before = e.Fulfilment(c.Before, of)
		}
		for j := range rows {
			x := &rows[j].Cells[i]
			x.Counted, x.Due = now.Of(rows[j].ID)
			if before != nil {
				x.Before, x.Known = ratio(before.Of(rows[j].ID))
			}
		}
	}
	for j := range rows {
		rows[j].score(cols)
	}
	slices.SortStableFunc(rows, func(a, b HeatRow) int { return cmp.Compare(a.Name, b.Name) })
	return rows
}

func (r *HeatRow) score(cols []HeatColumn) {
	sum, weights := 0.0, 0.0
	for i := range r.Cells {
		if v, due := r.Cells[i].Completion(); due {
			sum += float64(cols[i].Action.Weight * v)
			weights += cols[i].Action.Weight
		}
	}
	if weights > 0 {
		r.Score, r.Scored = 100*sum/weights, true
	}
}

// Redden marks the cells whose alert `by action` is open, or on the way to open. It asks the engine
// that decides: one made for the figures has opened nothing.
func Redden(e *engine.Engine, of *policy.Record, cols []HeatColumn, rows []HeatRow) {
	for i, c := range cols {
		for _, a := range e.Policy().Alerts {
			if a.Cell == nil || a.Cell.Full != c.Action.Full || a.Of.Full != of.Full {
				continue
			}
			for j := range rows {
				x, v := &rows[j].Cells[i], e.Standing(a.Full, a.Of, rows[j].ID)
				switch {
				case v.Open && x.Red == nil:
					x.Red, x.Since, x.Row, x.Of = a, v.Since, 0, 0
				case !v.Open && x.Red == nil && v.Row > x.Row && a.ForN > 1:
					x.Row, x.Of = v.Row, a.ForN
				}
			}
		}
	}
}
