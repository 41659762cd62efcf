package engine

import (
	"strings"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
)

// The states of suggestions, as their choice is declared.
const (
	suggestionOpen = iota
	suggestionDismissed
)

// keepSuggestion leaves a suggestion to become a row, so that it can be dismissed and counted.
func (e *Engine) keepSuggestion(x *decision.Effect, i int) {
	rule, _ := decision.CellOf(x.Rule)
	c := change{kind: e.kept.suggestion, handle: -1, id: e.rowID(i), values: []named{
		{"rule", textOf(rule)},
		{"text", textOf(string(e.kept.words.AppendMessage(nil, x)))},
		{"about", textOf(x.Subject.String())},
		{"state", choiceOf(suggestionOpen)},
	}}
	if g := e.givenBy(i); g != nil {
		c.values = append(c.values, named{"for", textOf(g.whose.String())})
	}
	e.kept.changes = append(e.kept.changes, c)
}

// dismiss takes in a `Dismiss`: somebody does not follow a suggestion, for a reason.
func (e *Engine) dismiss(r *record.Record) {
	k, id := e.kept.suggestion, r.Text("suggestion")
	if e.absorbing {
		return // the engine replaced hands its rows over
	}
	h, ok := k.table.find(id)
	if !ok || k.table.lives[h] != alive {
		e.find(source.SuggestionUnknown, id)
		return
	}
	if k.choice(h, "state") != suggestionOpen {
		e.find(source.SuggestionClosed, id)
		return
	}
	e.write(&change{kind: k, handle: h, values: []named{
		{"state", choiceOf(suggestionDismissed)}, {"dismissed_at", timeOf(r.At)},
		{"by", textOf(strings.Clone(r.Text("by")))}, {"why", textOf(strings.Clone(r.Text("why")))}}})
	e.keepUndo(undoDismiss, id)
}

// undismissed puts a suggestion back whose Dismiss was taken back.
func (e *Engine) undismissed(id string) {
	k := e.kept.suggestion
	if h, ok := k.table.find(id); ok && !e.absorbing {
		e.write(&change{kind: k, handle: h, values: []named{
			{"state", choiceOf(suggestionOpen)}, {"dismissed_at", value.Value{}},
			{"by", value.Value{}}, {"why", value.Value{}}}})
	}
}
