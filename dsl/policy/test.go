package policy

import (
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// Test is one `test` block (reference, section 10): steps in order.
type Test struct {
	Name  string
	Steps []*Step
	Span  source.Span
}

// StepKind is what a test's line does.
type StepKind uint8

// The steps.
const (
	StepGiven     StepKind = iota // a record that must be accepted, its effects are not looked at
	StepGivenFile                 // File of records
	StepAt                        // the clock moves to At
	StepAfter                     // the clock moves on by Due
	StepRecord                    // Times records of Type, each Every later
	StepExpect
)

// Step is one line of a test.
type Step struct {
	Kind   StepKind
	Type   *Record
	ID     string
	JSON   []byte // the record's fields as one JSON object, without type, id and at unless given
	File   string
	At     int64
	Due    Due
	Times  int // at least 1
	Every  int64
	Expect *Expect
	Span   source.Span
}

// ExpectKind is what an expectation looks at.
type ExpectKind uint8

// The expectations.
const (
	ExpectOutcome   ExpectKind = iota // ID accepted | held | rejected | duplicate | …
	ExpectValue                       // X, in the context of the record Of
	ExpectEffect                      // task, notify, set, suggest, note, flag, pool, call
	ExpectAlert                       // alert Name of Of; open, resolved or withdrawn
	ExpectSegment                     // segment Name of Of: is a member; Left: has left
	ExpectNoEffect                    // nothing more since the last step
	ExpectNoUnknown                   // nothing was left undecided
)

// Expect is one expectation.
type Expect struct {
	Kind    ExpectKind
	No      bool   // `no alert …`, `not segment …`
	ID      string // the record it is about, as in the test
	Of      *Record
	Word    string // of an outcome, an effect, an alert (open …) or a segment (enter …)
	Name    string // qualified name of the alert, segment or rule
	Text    string // of an effect, or of the finding
	For     string // recipient's id
	Because string // rule that must be the cause
	X       *Expr
	Type    *Record // the type of ID, where known
	Value   value.Value
}
