package policy

import (
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// Expr is a checked expression: resolved, typed, free of text. Conversions are nodes of their own
// (Float, DateStart, Term), so both arguments of an arithmetic node or comparison have one type
// unless its comment says otherwise.
type Expr struct {
	Op     Op
	Type   Type
	Args   []*Expr
	Span   source.Span
	Const  value.Value // OpConst
	Label  *Text       // OpConst: whose main form it is, for texts in both languages
	Field  *Field      // OpField
	Score  *Score      // OpScore
	Tier   *Segment    // OpTier
	Agg    *Aggregate  // OpAggregate, and of OpCompleted the rows that are counted
	Action *Action     // OpDone, OpCompleted
	Fn     string      // OpCall: a name of language.md's functions; OpExtern: the extern's full name
	Cal    *Calendar   // work time: nil is the workspace's
	Asked  *Asked      // OpMetric
}

// Op is what an expression node does.
type Op uint8

// The operations. "Tolerant" ones are the Kleene skeleton that the engine runs itself; all others
// are strict: they are missing (or unknown) as soon as one argument is.
const (
	OpConst Op = iota

	// Leaves and paths.
	OpSelf      // the record the declaration is of; Type Ref for entities, Row for events and rows
	OpRow       // the counted record, inside an aggregate's Value, Where, Via and At
	OpCandidate // inside an allocation
	OpNow       // Time
	OpField     // Field of Args[0]: Self, Row, Candidate, or a Ref or medium
	OpScore     // Score of Args[0], 0–100 as Number
	OpTier      // the tier of segment Tier that Args[0] is in, as Choice; missing where in none
	OpAggregate // Agg; Args empty: parts live in the Aggregate
	OpDone      // Bool: the event Args[0] is a counted completion of Action; unknown while it waits
	OpCompleted // Percent: counted ÷ due of Action in Agg's window, pooled with those of Args
	OpLink      // the entity that the Text Args[0] of a kept row names, as Ref; missing: another type

	// Tolerant.
	OpAnd      // 2 or more Bool
	OpOr       // 2 or more Bool
	OpNot      // Bool
	OpCoalesce // a ?? b
	OpHas      // has x, of any type; never unknown
	OpPick     // cond1, value1, cond2, value2, … [else]: also `if`; odd count: has an else
	OpTerm     // a Bool as a number: 1 or 0; Type Number

	// Comparisons, Type Bool. Texts by byte; choices, references and bools by identity (== != only).
	OpEq
	OpNe
	OpLt
	OpLe
	OpGt
	OpGe
	OpIn       // Args[0] in Args[1:]; or Args[1] of Type List
	OpBetween  // Args[1] <= Args[0] <= Args[2]
	OpContains // text contains text; list contains element
	OpMatches  // text matches the constant RE2 pattern Args[1]
	OpNear     // Args[0] within Args[1] (Distance or Duration) of Args[2]

	// Arithmetic. The operand types are in Args; see the table in language.md section 4.
	OpAdd       // int, number, percent, money, duration, distance; text; time + duration
	OpSub       // the same; time − time, date − date: duration; time − duration
	OpMul       // int, number; money, duration, distance, percent × number (Args[1] Number)
	OpDiv       // by number; money, duration, distance by their like: number
	OpNeg       // −x
	OpAddWork   // time + WorkDays/WorkHours (Args[1] a constant, negated for −)
	OpFloat     // int → number; score and percent stay what they are
	OpFraction  // a score's 0–100 → 0–1, as Number
	OpDateStart // date → its first instant in the workspace's zone
	OpRatio     // percent → number, the same fraction

	// Calls.
	OpCall   // Fn of Args
	OpExtern // Fn of Args
	OpList   // a list of Args
	OpRank   // Fn of Args[0], in the group Args[1] or among all
	OpMetric // Asked: a figure of a metric, in the expectation of a test
)

// MayCount is the Fn of an OpDone that asks whether the event counts or may yet: a line of its
// proof is open, or its `done` waits. Such a one is never unknown.
const MayCount = "may"

// AggFn is an aggregate function.
type AggFn uint8

// The aggregate functions (reference, section 4). SD is the sample deviation.
const (
	Count AggFn = iota
	Sum
	Avg
	SD
	Min
	Max
	Median
	P90
	Share
	Distinct
	First
	Last
	Corr
)

// Aggregate is `fn( Source[.field] [in Window] [of X] [via f] [where e] )`.
// Where, Value, Value2, Via and At read the counted record as OpRow and what it refers to.
type Aggregate struct {
	ID      int
	Fn      AggFn
	Source  *Record // what is counted: an event, an entity, a built-in source, or the rows of List
	Action  *Action // only events that are its counted completions; nil: all
	Open    bool    // of Action also what may yet count: a line is open, or `done` waits
	List    *Expr   // a list field, in the declaring context; Source: its row type or nil
	Value   *Expr   // nil: the record itself (count; first and last of records)
	Value2  *Expr   // corr
	Where   *Expr   // nil: all
	Subject *Record // nil: of workspace, or a List
	Via     *Expr   // over OpRow: the reference to the subject; nil: of workspace, or a List
	Of      *Expr   // in the declaring context: the subject; nil: Self
	Window  Window
	N       int  // last(Visit, 5): 5; else 0
	Type    Type // of the result
	Span    source.Span
}

// WindowKind is how a window is placed.
type WindowKind uint8

// The windows.
const (
	Ever    WindowKind = iota
	Sliding            // (now − D, now]
	This               // the calendar period so far
	Prior              // the whole calendar period before (`in last week`)
	After              // (T, T + D], missing until over
	Before             // [T − D, T), missing until over
	InStage            // since the subject entered its stage
)

// Window says which records an aggregate takes.
type Window struct {
	Kind   WindowKind
	D      int64  // microseconds
	Period Period // This, Prior
	T      *Expr  // After, Before: a moment in the declaring context
	At     *Expr  // over OpRow: the moment that places a record; nil: `at` or `created`
}

// TrustFunction reports whether a function judges an event as it arrives, by what came before it
// (reference, section 6). Behind its own arguments stand the event, the person whose it is and the
// person's team, where there are such.
func TrustFunction(fn string) bool {
	switch fn {
	case "fresh", "original", "vague", "hits", "richness", "plausible", "usual_device", "prompt",
		"burst", "origin":
		return true
	}
	return false
}
