package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime/ask"
	"github.com/throughline/throughline/runtime/ingest"
)

// A sheet is a table of answers on its way out.
type sheet interface {
	row(id string, values []value.Value) error
	end() error
}

// answer works out every expression for every id.
func (a *app) answer(e *engine.Engine, q *ask.Question, ids []string, asCSV bool) error {
	show := &shown{q: q, w: decision.NewWriter(q.Policy,
		decision.Options{Zone: e.Zone(), Lang: a.lang.String()}), out: bufio.NewWriter(a.out)}
	var to sheet
	switch {
	case a.json:
		to = lines{show}
	case asCSV:
		to = newTable(show)
	default:
		to = &grid{shown: show, rows: [][]string{append([]string{q.Of.Full}, q.Texts...)}}
	}
	// People read a name, programs the id.
	if err := q.Answers(e, ids, a.json || asCSV, to.row); err != nil {
		return err
	}
	return firstOf(to.end(), show.out.Flush())
}

// shown is what all sheets have.
type shown struct {
	q   *ask.Question
	w   *decision.Writer
	out *bufio.Writer
	buf []byte
}

// lines are JSON objects (reference, section 14).
type lines struct{ *shown }

func (s lines) row(id string, values []value.Value) error {
	s.buf = append(s.q.AppendJSON(s.buf[:0], s.w, id, values), '\n')
	_, err := s.out.Write(s.buf)
	return err
}

func (lines) end() error { return nil }

// table is CSV: values as a record would give them.
type table struct {
	*shown
	csv *csv.Writer
}

func newTable(s *shown) *table {
	t := &table{s, csv.NewWriter(s.out)}
	_ = t.csv.Write(append([]string{"id"}, s.q.Texts...)) // kept, and told by end
	return t
}

func (t *table) row(id string, values []value.Value) error {
	cells := []string{ingest.Harmless(id)}
	for i, v := range values {
		cell := ""
		if v.Known() {
			cell = string(t.w.AppendValueJSON(nil, t.q.Exprs[i].Type, v))
			var text string
			if json.Unmarshal([]byte(cell), &text) == nil {
				cell = ingest.Harmless(text)
			}
		}
		cells = append(cells, cell)
	}
	return t.csv.Write(cells)
}

func (t *table) end() error {
	t.csv.Flush()
	return t.csv.Error()
}

// grid is a table for a terminal.
type grid struct {
	*shown
	rows [][]string
}

func (g *grid) row(id string, values []value.Value) error {
	cells := []string{id}
	for i, v := range values {
		cells = append(cells, string(g.w.AppendValue(nil, g.q.Exprs[i].Type, v)))
	}
	g.rows = append(g.rows, cells)
	return nil
}

// end writes the rows once it is known how wide they are. One record alone is written as a list.
func (g *grid) end() error {
	if len(g.rows) == 2 && len(g.rows[0]) > 6 {
		g.turn()
	}
	return writeRows(g.out, g.rows)
}

func (g *grid) turn() {
	turned := make([][]string, len(g.rows[0]))
	for i := range turned {
		turned[i] = []string{g.rows[0][i], g.rows[1][i]}
	}
	g.rows = turned
}
