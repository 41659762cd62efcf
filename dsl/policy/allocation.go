package policy

// Allocation says who gets a record whose reference is missing (reference, section 8). Its
// conditions and terms read the record as Self and the candidate as OpCandidate.
type Allocation struct {
	Head
	Of     *Record  // an entity
	Field  *Field   // the reference that it fills
	To     *Record  // an entity: whom the reference leads to
	Where  *Expr    // who is a candidate; nil: everybody
	Weigh  []Term   // the highest sum wins; their weights add up to 1
	Base   Baseline // the rule that Weigh was made of; "": it was written
	Share  *Expr    // in place of Weigh: in turn, as often as this Number says; nil
	Limit  *Expr    // who can take one more; nil: everybody
	Accept *Due     // within which it must be accepted; nil: it is theirs at once
	Offer  int      // to how many at once it is offered; 0: to one
	Hold   bool     // what comes outside working time waits for the next opening
	Away   *Due     // who is on leave within this is left out; nil: who is on leave now
	Keep   *Recycle // when what nobody works on goes back to the pool; nil: never
	Warn   []Nudge  // what is done about what nobody works on before it goes back
	Cool   *Due     // how long whoever lost it may not have it again; nil
	Same   *Field   // a reference of the record: whoever has others of it goes first; nil
	Else   *Effect  // where nobody is left; nil: the pool, without an end
	Index  int      // index into Policy.Allocations
}

// Pools reports whether what nobody gets lies in the pool, where it can be claimed.
func (a *Allocation) Pools() bool { return a.Else == nil || a.Else.Kind == Pool }

// Baseline names a rule that is known by its name. The engine knows none of them: they are terms
// like those that people write.
type Baseline string

// The baselines.
const (
	RoundRobin Baseline = "round_robin" // everybody in turn
	LeastOpen  Baseline = "least_open"  // the fewest open records
	LoadRate   Baseline = "load_rate"   // the fewest open records for what was closed in 30 days
)

// Recycle is `recycle after 7d where live`: a record goes back to the pool where whoever has it did
// nothing about it for so long.
type Recycle struct {
	After Due
	Most  *Due  // how long anybody may have it, whatever they do; nil: as long as they work on it
	Where *Expr // over Self; nil: always, or while a journey is open
}

// Nudge is `warn after 5d { … }`: what is done where nobody worked on a record for so long.
type Nudge struct {
	After Due
	Do    []*Effect
}

// Clocked reports whether it matters when somebody last worked on what they have.
func (a *Allocation) Clocked() bool { return a.Keep != nil || len(a.Warn) > 0 }

// Effects are those of an allocation in the order in which decisions number them.
func (a *Allocation) Effects() []*Effect {
	var list []*Effect
	if a.Else != nil {
		list = append(list, a.Else)
	}
	for i := range a.Warn {
		list = append(list, a.Warn[i].Do...)
	}
	return list
}
