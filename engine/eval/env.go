// Package eval turns checked expressions into programs.
//
// The logic is the engine's own: and, or, not, ??, has, if, pick and a bool as a term form a
// skeleton over Kleene's three truths. What lies between them are strict pieces, which run only
// where everything they read is known. A piece has two backends that must agree, errors included:
// typed closures (the fast path) and expr-lang's VM (the reference). A naive tree walker over
// boxed values is the oracle of both (decision D3).
package eval

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/slots"
)

// Env is what a program reads while it runs. One Env serves one engine; it is not shared.
type Env struct {
	Self, Row, Cand          *slots.Slots // the subject, the counted record, the candidate
	SelfRef, RowRef, CandRef int64        // their handles where they are entities
	Now                      int64        // microseconds

	// Tables[record.Index][handle] are the entities a reference leads to. A stub's slots know
	// nothing but the id.
	Tables [][]*slots.Slots
}

// The shapes of programs. A false second result means missing.
type (
	Cond func(*Env) value.Tri
	Int  func(*Env) (int64, bool) // kinds of class Word
	Num  func(*Env) (float64, bool)
	Str  func(*Env) (string, bool)
	Any  func(*Env) (any, bool) // kinds of class Wide
)

// Leaf is a program of one class; exactly one of the fields is set (Bool leaves set Int: 0 or 1).
type Leaf struct {
	Int Int
	Num Num
	Str Str
	Any Any
}

// Host gives the leaves that only the engine knows: OpAggregate, OpScore, OpTier and OpRank.
// For OpScore and OpTier the program is called with Env.Self and SelfRef set to the record read.
type Host interface {
	Leaf(e *policy.Expr) Leaf
}
