// Package decision is what the engine says about one entry of the log: outcome, findings, scores,
// effects, and the receipt that explains them. Decisions hold values and text arguments, never
// sentences; JSON (reference, section 14) and text in English or Chinese are made when asked for.
package decision

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/evidence"
	"github.com/throughline/throughline/engine/slots"
)

// Kind is the kind of a log entry (decision D4).
type Kind uint8

// The kinds of entries.
const (
	Record Kind = iota + 1
	Tick
	Step
	Activate
	Command
	Erase
)

// Ref names one record: its type and id.
type Ref struct {
	Type *policy.Record // nil where the type is unknown
	ID   string
}

// Outcome is what became of an input.
type Outcome uint8

// The outcomes; NoOutcome is a tick's or an activation's.
const (
	NoOutcome Outcome = iota
	Accepted
	Held
	Rejected
	Duplicate
	Dropped
)

// Decision is the decision on one entry. It is valid until the engine's next call; Clone keeps it.
type Decision struct {
	Seq      uint64
	Kind     Kind
	Cause    uint64 // the seq that caused it, 0: an input or a timer
	Depth    int    // of the chain of causes
	Moment   int64  // the entry's moment
	At       int64  // what the JSON's "at" says: the record's at, or a timer's moment
	Record   Ref    // zero for ticks and activations
	Outcome  Outcome
	Findings []Finding
	Scores   []Scored
	Actions  []Completion
	Effects  []Effect
	Receipts []Receipt     // the `why` of the entry
	Seen     []value.Value // leaf values that receipts point into
	Subjects []Ref         // subjects that receipts point into
	Accounts []Account     // of allocations; a part of the `why`
	InHand   *slots.Slots  // of the event decided on; valid as long as the decision
	Row      []byte        // values fixed on arrival that a later retraction needs; opaque
	Stay     *Stay         // of an explanation; never stored
	Shares   []Share       // of an explanation; never stored
	Noted    *Noted        // of an explanation; never stored
}

// Noted is what an event's proof was held against: what was there before it.
type Noted struct {
	Note string
	Like *Like              // nil: it is like none
	Rich *evidence.Richness // nil: nobody asked how rich it is

	Files []Again // its files that came before
	Trip  *Trip   // to where it was, where that is not plausible; nil: it is, or nobody asked
	Phone *Phone  // that took its photo, where it is not a usual one; nil: it is, or nobody asked
	Hits  []string
}

// Phone is the device of a photo, and those that the person's photos usually come from.
type Phone struct {
	Is    string
	Usual []string
}

// Again is an earlier submission of a file.
type Again struct {
	evidence.Seen
	Of Ref
}

// Trip is what somebody would have travelled from an earlier record, or to a later one.
type Trip struct {
	Other         evidence.Been // where and when they were there; a Record of 0: there is none
	Of            Ref
	Metres, Speed float64 // Speed in metres a second
	Mock          bool    // the phone says itself that it made the position up
}

// Like is the earlier note that one is nearly identical to. Its record and text are known to
// whoever has the log.
type Like struct {
	evidence.Match
	Of   Ref
	Text string
}

// Share is what completion(A in W) divides: how much was counted, and how much is due.
type Share struct {
	X         *policy.Expr
	Done, Due float64
}

// Stay is where a record is on its journey: what only an explanation of how things stand has.
type Stay struct {
	Journey *policy.Journey
	Stage   *policy.Stage
	Since   int64
	Next    *policy.Stage // where the way on leads; nil: it is at the end
	Dues    []StayDue
	Open    []StayOpen // what the way on asks for and may yet have
}

// StayDue is a deadline of the stage.
type StayDue struct {
	Head        *policy.Head
	At          int64
	Met, Missed bool
	Held        bool // fallen due, and what may yet count would have met it
}

// StayOpen is how many completions may yet count for a requirement: a review is open, or they wait
// for late values.
type StayOpen struct {
	Of *policy.Requirement
	N  int64
}

// Finding is a remark about a record. Code's texts are in the source.Codes table.
type Finding struct {
	Code    source.Code
	Args    []string
	Field   *policy.Field // of a record type, for a row its list; nil: not about a field
	Rule    string        // qualified, "" where no rule speaks
	Span    source.Span   // of the rule in the policy
	Verdict Verdict       // of a line of proof

	Text   *policy.Message // what the rule's author says of it; nil: nothing
	Values []value.Value   // of Text's expressions, as Effect.Args
}

// Scored is one score of the decision's record.
type Scored struct {
	Score *policy.Score
	Value float64 // 0–100
	Known bool    // false: every term was skipped
	Terms []TermValue
}

// TermValue is one term's share of a score: its receipt line.
type TermValue struct {
	Value   float64 // after clamping
	Known   bool    // false: "no data"
	Skipped bool
}

// State is what an alert or segment did.
type State uint8

// The states of alerts (open, resolved, withdrawn) and segments (enter, leave).
const (
	NoState State = iota
	Open
	Resolved
	Withdrawn
	Enter
	Leave
)

// EffectKind extends the effects of a policy by those the engine itself yields.
type EffectKind uint8

// The kinds of effects, as in the JSON.
const (
	Task EffectKind = iota
	Notify
	Set
	Suggest
	Note
	Flag
	Assign
	Pool
	Call
	Alert
	Segment
)

// Effect is one effect with the values that led to it.
type Effect struct {
	Kind    EffectKind
	Rule    string         // qualified name of the rule, alert or segment
	Effect  *policy.Effect // where in the policy; nil for Alert and Segment
	Span    source.Span
	Subject Ref           // the record the rule is about
	For     []Ref         // recipients; empty for kinds without, one zero Ref where missing
	Args    []value.Value // of Effect.Text's expressions, in order; a Ref's S is its name, else id
	Names   []value.Value // {names} of a digest
	Count   int           // {count} of a digest
	Due     int64         // moment, 0: none
	With    []Ref
	Target  Ref         // set: the record written
	Value   value.Value // set: what is written; a Ref has its id in S
	State   State
	Tier    string // segment with tiers
	Shadow  bool   // mode shadow: evaluated and explained, without effect
}

// Watch is the fixed part of receipts: one condition of one declaration, split into the conjuncts
// of its topmost `and`. Watches makes those of a policy, always in the same order.
type Watch struct {
	Head  *policy.Head
	What  string       // which condition: when, where, needs, until, tier, drop, effect
	X     *policy.Expr // the whole of it; nil: always true
	Parts []Conjunct
	Index int32 // in Watches; -1: none of them
}

// Conjunct is one part of a condition and the leaves it reads.
type Conjunct struct {
	X      *policy.Expr
	Leaves []*policy.Expr // fields, aggregates, scores, in order of first appearance
	Own    []OwnSlot      // the same, where all are the subject's own
}

// OwnSlot is where a stored field of the subject is kept, or which of its event's scores is meant.
type OwnSlot struct {
	Field int // index in the record type
	Pos   int32
	Kind  value.Kind
	Score *policy.Score // nil: a field
}

// OfRecord stands in Receipt.From for values that are still only in the record in hand.
const OfRecord = -1

// Receipt is what one condition saw when it looked (decision D7). It is small and holds no text,
// because one is written for every condition that looks at a record. A Ref among the values it
// points into has its name in S, else its id, as in Effect.Args.
type Receipt struct {
	Watch    *Watch
	From, To int32 // range in Decision.Seen: leaf values of conjunct Part, or of all where true
	Subject  int32 // index into Decision.Subjects; -1: the decision's own record
	Part     int16 // the first conjunct that was not true; -1 where all were
	Verdict  value.Tri
}

// Completion is what the decision's event completes of one action.
type Completion struct {
	Action  *policy.Action
	Done    value.Tri // unknown: what it reads is missing, or it waits
	Counted value.Tri // done, and no line of its proof is open; unknown while done waits
}

// Verdict is what a finding about proof says; the zero Verdict is none.
type Verdict uint8

// Said is the verdict of a proof line.
func Said(v policy.Verdict) Verdict { return Verdict(v) + 1 }

// String returns the verdict as decisions and tests write it; "" for none.
func (v Verdict) String() string {
	return [...]string{"", "review", "reject", "note", "waived", "pass", "fail"}[v]
}
