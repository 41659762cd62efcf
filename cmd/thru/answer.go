package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
)

// errNoRecord is the error of a record that is asked for and not there.
var errNoRecord = errors.New("no such record")

// A sheet is a table of answers on its way out.
type sheet interface {
	row(id string, values []value.Value) error
	end() error
}

// answer works out every expression for every id.
func (a *app) answer(e *engine.Engine, q *question, ids []string, asCSV bool) error {
	programs := make([]*engine.Program, len(q.exprs))
	for i, x := range q.exprs {
		programs[i] = e.Program(x)
	}
	show := &shown{q: q, w: decision.NewWriter(q.policy,
		decision.Options{Zone: e.Zone(), Lang: a.lang.String()}), out: bufio.NewWriter(a.out)}
	var to sheet
	switch {
	case a.json:
		to = lines{show}
	case asCSV:
		to = newTable(show)
	default:
		to = &grid{shown: show, rows: [][]string{append([]string{q.of.Full}, q.texts...)}}
	}
	values := make([]value.Value, len(programs))
	for _, id := range ids {
		for i, p := range programs {
			v, ok := p.Ask(q.of, id)
			if !ok {
				return a.noSuchRecord(q.of, id)
			}
			if x := q.exprs[i].Type; v.Kind == value.Ref && (a.json || asCSV) {
				v.S = e.ID(x.Record, v.N) // people read a name, programs the id
			}
			values[i] = v
		}
		if err := to.row(id, values); err != nil {
			return err
		}
	}
	return firstOf(to.end(), show.out.Flush())
}

func (a *app) noSuchRecord(r *policy.Record, id string) error {
	return fmt.Errorf(a.say("%w: %s/%s has no record of its own", "%w：%s/%s 没有自己的记录"),
		errNoRecord, r.Full, id)
}

// shown is what all sheets have.
type shown struct {
	q   *question
	w   *decision.Writer
	out *bufio.Writer
	buf []byte
}

// lines are JSON objects (reference, section 14).
type lines struct{ *shown }

func (s lines) row(id string, values []value.Value) error {
	b := value.AppendQuoted(append(s.buf[:0], `{"type":`...), s.q.of.Full)
	b = append(value.AppendQuoted(append(b, `,"id":`...), id), `,"values":[`...)
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = s.w.AppendValueJSON(b, s.q.exprs[i].Type, v)
	}
	s.buf = append(b, "]}\n"...)
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
	_ = t.csv.Write(append([]string{"id"}, s.q.texts...)) // kept, and told by end
	return t
}

func (t *table) row(id string, values []value.Value) error {
	cells := []string{id}
	for i, v := range values {
		cell := ""
		if v.Known() {
			cell = string(t.w.AppendValueJSON(nil, t.q.exprs[i].Type, v))
			var text string
			if json.Unmarshal([]byte(cell), &text) == nil {
				cell = text
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
		cells = append(cells, string(g.w.AppendValue(nil, g.q.exprs[i].Type, v)))
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
