package engine

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
)

// Entry is one entry of the log as the engine sees it (decision D4). Inputs come from outside;
// ticks and steps are made by the engine itself and only ever leave it.
type Entry struct {
	Seq    uint64 // assigned by the engine, consecutive from 1
	Kind   decision.Kind
	Moment int64  // microseconds: the record's `received`, a timer's due moment
	Cause  uint64 // seq of the decision that caused it, 0: an input or a timer
	Depth  int    // length of the chain of causes
	Record *record.Record
	Prior  *Prior      // of a retraction: what is taken back
	Step   *StepChange // of a step
	Then   *Then       // to absorb: of a record that was accepted and partly erased since
}

// Prior is the event that a retraction takes back, as it was decided on.
type Prior struct {
	Seq uint64
	Row []byte // Decision.Row as this engine decided on it, or what Absorb returned
}

// StepChange is what a step does: it sets one field of one entity (reference, section 7: set).
// Without a Type it sets nothing: conditions look at the tasks and alerts that its cause made.
type StepChange struct {
	Type  *policy.Record
	ID    string
	Field *policy.Field
	Value value.Value
	Rule  string

	handle int32
	giving *allocation // whose step it is
	chain  []string    // the rules that led here, to print a cycle
}

// Emit receives each entry with its decision, in log order. Both are valid until it returns.
type Emit func(*Entry, *decision.Decision)
