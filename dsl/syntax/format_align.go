package syntax

import (
	"strings"

	"github.com/throughline/throughline/dsl/source"
)

// widest is the widest cell that others are aligned with; a wider one stands by itself.
const widest = 56

// cellsOf are the tokens of a line, counted from its first, that begin a new cell when lines are
// aligned. Effects, tests, steps and declarations are read as sentences and have none.
func cellsOf(l *Line) []int {
	switch n := l.Node.(type) {
	case nil:
		return nil
	case *FieldLine:
		return l.nth(2)
	case *Term:
		return l.termCells(n)
	case *ProofLine:
		return append(l.nth(2), l.wordAt(n.X, "else")...)
	case *Hook:
		if !strings.HasPrefix(n.On, "on ") {
			return l.nth(3)
		}
		return l.nth(2)
	case *Stage, *ShareBy:
		return l.nth(3)
	}
	switch l.Block {
	case RuleBlock, AlertBlock, SegmentBlock, StageBlock, ActionBlock, AllocateBlock, MetricBlock,
		GoalBlock, RemedyBlock, FeedbackBlock, CalendarBlock, UseBlock:
		return l.nth(2)
	}
	return nil
}

// nth is the n-th token of the line that matters, or the { of its block in that place.
func (l *Line) nth(n int) []int {
	for i := l.from; i < l.to; i++ {
		if ofKind[l.file.Tokens[i].Kind] == 0 {
			continue
		}
		if n--; n == 0 {
			return []int{i - l.from}
		}
	}
	if n == 1 && l.open >= 0 {
		return []int{l.open - l.from}
	}
	return nil
}

// termCells: name and label, weight, "=" with what follows.
func (l *Line) termCells(t *Term) []int {
	var cells []int
	if t.Weight.Ok() {
		cells = append(cells, t.Weight.at())
	}
	x, _ := t.X.Range()
	for i := x - 1; i > 0; i-- {
		if tok := l.file.Tokens[l.from+i]; tok.Kind == KindSign && signs[tok.sign] == "=" {
			return append(cells, i)
		}
	}
	return cells
}

// wordAt is the token behind an expression if it is the given word.
func (l *Line) wordAt(x Expr, word string) []int {
	_, to := x.Range()
	for i := l.from + to; i < l.to; i++ {
		if ofKind[l.file.Tokens[i].Kind] == 0 {
			continue
		}
		if canon(l.file.tokenText(i)) == word {
			return []int{i - l.from}
		}
		return nil
	}
	return nil
}

// lastToken is the last token of the line and its block.
func (l *Line) lastToken() int {
	switch {
	case l.end >= 0:
		return l.end
	case len(l.kids) > 0:
		return l.kids[len(l.kids)-1].lastToken()
	case l.open >= 0:
		return l.open
	}
	return l.to - 1
}

// alignCells pads the cells of rows in one run to common columns.
func alignCells(rows []*row) {
	for from := 0; from < len(rows); {
		to := from + 1
		for rows[from].run > 0 && to < len(rows) && rows[to].goesWith(rows[from]) {
			to++
		}
		alignRun(rows[from:to])
		from = to
	}
}

// goesWith reports whether a row continues the run of another: it is of the same, or a comment.
func (r *row) goesWith(first *row) bool {
	return r.run == first.run || r.run == 0 && len(r.cells) == 0
}

func alignRun(rows []*row) {
	for col := 0; ; col++ {
		most, more := 0, false
		for _, r := range rows {
			if len(r.cells) <= col+1 {
				continue
			}
			more = true
			if n := source.Columns(r.cells[col]); n <= widest {
				most = max(most, n)
			}
		}
		if !more {
			return
		}
		for _, r := range rows {
			if len(r.cells) > col+1 {
				r.cells[col] += strings.Repeat(" ", max(most-source.Columns(r.cells[col]), 0)+1)
			}
		}
	}
}

// farthest is the farthest column that comments behind lines are aligned at.
const farthest = 88

// alignComments puts the comments behind neighbouring lines in one column.
func alignComments(rows []*row) {
	for from := 0; from < len(rows); {
		to := from
		most := 0
		for to < len(rows) && rows[to].comment != "" && len(rows[to].cells) > 0 {
			n := rows[to].columns()
			if n > farthest {
				break
			}
			most = max(most, n)
			to++
		}
		if to == from && rows[from].comment != "" && len(rows[from].cells) > 0 {
			to++
		}
		for _, r := range rows[from:to] {
			r.cells = append(r.cells, strings.Repeat(" ", max(most-r.columns(), 0)+2))
		}
		from = max(to, from+1)
	}
}

// columns is how many columns the row takes without its comment.
func (r *row) columns() int {
	return source.Columns(r.indent) + source.Columns(strings.Join(r.cells, ""))
}
