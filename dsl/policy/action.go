package policy

import "github.com/throughline/throughline/dsl/source"

// Action is a thing that people do, with what proves it (reference, section 6). Its expressions
// are over Self, the event, except Every's, which are a rule's of their own.
type Action struct {
	Head
	On         *Record
	By         *Expr // a reference to the person; nil: nobody's
	About      *Expr // a reference to what it is done for; nil: nothing
	Done       *Expr // nil: every event; `done all steps` is the `and` of them
	DoneWithin *Due  // done waits this long for late values; nil: not at all
	Proof      []*ProofLine
	Target     *Target
	Steps      []ActionStep
	Feedback   []*Effect // `show` is a Note, `suggest` a Suggest
	Why        *Message
	Moves      string // qualified name of the metric, "" for none
	MovesUp    bool
	Weight     float64 // a fraction, 0 where not given
	Index      int     // index into Policy.Actions
}

// Person is the type of who acts, nil where nobody is said to.
func (a *Action) Person() *Record { return referred(a.By) }

// Subject is the type of what the action is about.
func (a *Action) Subject() *Record { return referred(a.About) }

// Waits reports whether a completion may count later than its event comes: a line may be open for
// a review, or `done` waits for late values.
func (a *Action) Waits() bool {
	for _, l := range a.Proof {
		if l.Else == Review || l.Unknown == Review {
			return true
		}
	}
	return a.DoneWithin != nil || a.Mode == Warn && len(a.Proof) > 0
}

func referred(x *Expr) *Record {
	if x == nil {
		return nil
	}
	return x.Type.Record
}

// Verdict says what becomes of a proof line that does not hold.
type Verdict uint8

// The verdicts. The zero one is Review: accepted, flagged, not counted until a person passes it.
const (
	Review Verdict = iota
	Reject         // the record is refused
	Remark         // `note`: a finding, and it counts
	Waived         // an exemption stood against it; only ever said of a finding
	Passed         // a person passed it; only ever said of a finding
	Failed         // a person failed it; only ever said of a finding
)

// Strength is how much a proof line proves.
type Strength uint8

// The strengths.
const (
	Weak Strength = iota
	Strong
)

// ProofLine is one check of the evidence. It is looked at where the action is done.
type ProofLine struct {
	Name     string
	X        *Expr
	Else     Verdict
	Unknown  Verdict
	Text     *Message // said where it does not hold; nil: none was given
	Within   *Due     // a review is due by then, from when the record comes; nil: whenever
	Strength Strength
	Span     source.Span
}

// Target is a person's quota: N counted completions a period, of different Distinct.
type Target struct {
	N        int
	Per      Period
	Distinct *Expr // over Self; nil: every completion counts
	Span     source.Span
}

// ActionStep is one line of a checklist.
type ActionStep struct {
	Text Text
	X    *Expr // over Self: whether it is done
	Span source.Span
}
