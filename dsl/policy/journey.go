package policy

// Journey is the stages that an entity goes through (reference, section 5).
type Journey struct {
	Head
	Of     *Record
	Stages []*Stage // in the order in which they stand; Stage.Index is the index
	Warn   bool     // unmet warn: what is not met is told, and the record moves all the same
	Index  int      // index into Policy.Journeys

	// The fields that the journey gives to Of.
	Stage, Since, Open *Field

	// Stays is the journey as a source: one row a stay, written by the engine.
	Stays *Record
}

// StageKind says whether a stage ends the journey, and how.
type StageKind uint8

// The kinds of stages. A record is `open` in the first.
const (
	StageOpen StageKind = iota
	StageWon
	StageLost
)

// Stage is one stage of a journey. Its head is named Journey.Stage.
type Stage struct {
	Head
	Kind  StageKind
	Entry []*Requirement // must hold to enter
	Must  []*Requirement // must hold to leave forward
	Sla   *Deadline      // nil: none
	Enter *Hook          // nil: none
	Leave *Hook
	Late  *Hook
	Index int
}

// Requirement is one line `entry` or `must`. X is an ordinary condition about the entity; where the
// line counts, it is `aggregate >= N`, so that windows, receipts and explanations work as for any.
// Where that is false and Open is enough, the requirement is unknown.
// Several lines of a stage share the name Journey.Stage.must, which is how findings call them.
type Requirement struct {
	Head
	N      int      // how many are wanted; 0: X is a truth of its own
	Count  *Expr    // what is counted: the left side of X; nil where N is 0
	Open   *Expr    // Count with what may yet count; nil: the same
	X      *Expr    // over Self
	Within *Due     // counted from entering the stage; nil: none
	Text   *Message // what its author says where it is not met; nil: none
}

// Deadline is how long a record may stay in a stage.
type Deadline struct {
	Head
	Due Due
}

// Hook is what a stage does when a record enters it, leaves it, or misses a deadline in it.
type Hook struct {
	Head
	Do []*Effect
}

// Requirements are all lines that a stage has, entry first.
func (s *Stage) Requirements() []*Requirement {
	return append(append([]*Requirement{}, s.Entry...), s.Must...)
}

// Hooks are those that a stage has.
func (s *Stage) Hooks() []*Hook {
	var out []*Hook
	for _, h := range []*Hook{s.Enter, s.Leave, s.Late} {
		if h != nil {
			out = append(out, h)
		}
	}
	return out
}
