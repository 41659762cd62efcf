package engine

import (
	"encoding/binary"

	"github.com/throughline/throughline/dsl/policy"
)

// exprKey is a canonical form of an expression: two expressions with one key compute the same.
// It groups aggregates that can share rows and columns.
func exprKey(e *policy.Expr) string { return string(appendKey(nil, e)) }

func appendKey(b []byte, e *policy.Expr) []byte {
	if e == nil {
		return append(b, '-')
	}
	b = append(b, '(', byte(e.Op), byte(e.Type.Kind))
	b = append(b, e.Fn...)
	b = append(b, 0)
	switch e.Op {
	case policy.OpConst:
		b = append(b, byte(e.Const.Kind))
		b = binary.AppendVarint(b, e.Const.N)
		b = append(b, e.Const.S...)
		if e.Type.Record != nil {
			b = append(b, e.Type.Record.Full...)
		}
	case policy.OpField:
		b = append(b, e.Field.Name...)
		if e.Field.Of != nil {
			b = append(append(b, '@'), e.Field.Of.Full...)
		}
	case policy.OpScore:
		b = append(b, e.Score.Full...)
	case policy.OpTier:
		b = append(b, e.Tier.Full...)
	case policy.OpLink:
		b = append(b, e.Type.Record.Full...)
	case policy.OpDone:
		b = append(b, e.Action.Full...)
	case policy.OpCompleted:
		b = append(append(b, e.Action.Full...), 0)
		b = binary.AppendVarint(b, int64(e.Agg.ID))
		if e.Field != nil {
			b = append(b, e.Field.Name...)
		}
	case policy.OpAggregate:
		b = binary.AppendVarint(b, int64(e.Agg.ID))
	}
	for _, a := range e.Args {
		b = appendKey(b, a)
	}
	return append(b, ')')
}
