package decision

import (
	"strings"

	"github.com/throughline/throughline/dsl/policy"
)

// String returns the outcome as decisions and tests write it; "" for none.
func (o Outcome) String() string {
	return [...]string{"", "accepted", "held", "rejected", "duplicate", "dropped"}[o]
}

// String returns the state as decisions and tests write it; "" for none.
func (s State) String() string {
	return [...]string{"", "open", "resolved", "withdrawn", "enter", "leave"}[s]
}

// String returns the kind as decisions and tests write it.
func (k EffectKind) String() string {
	return [...]string{"task", "notify", "set", "suggest", "note", "flag", "assign", "pool", "call",
		"alert", "segment"}[k]
}

// String returns the kind as the log names it.
func (k Kind) String() string {
	return [...]string{"", "record", "tick", "step", "activate", "command", "erase"}[k]
}

// String returns the record as Type/id.
func (r Ref) String() string {
	if r.Type == nil {
		return r.ID
	}
	return r.Type.Full + "/" + r.ID
}

// CellOf takes the name of an alert `by action` apart: the alert and the action. Others have no
// cell.
func CellOf(rule string) (name, cell string) {
	name, cell, _ = strings.Cut(rule, "/")
	return name, cell
}

func fieldType(e *Effect) policy.Type {
	if e.Effect == nil || e.Effect.Field == nil {
		return policy.Type{Kind: e.Value.Kind}
	}
	return e.Effect.Field.Type
}
