package policy

// Allocation says who gets a record whose reference is missing (reference, section 8). Its
// conditions and terms read the record as Self and the candidate as OpCandidate.
type Allocation struct {
	Head
	Of     *Record // an entity
	Field  *Field  // the reference that it fills
	To     *Record // an entity: whom the reference leads to
	Where  *Expr   // who is a candidate; nil: everybody
	Weigh  []Term  // the highest sum wins; their weights add up to 1
	Share  *Expr   // in place of Weigh: in turn, as often as this Number says; nil
	Limit  *Expr   // who can take one more; nil: everybody
	Accept *Due    // within which it must be accepted; nil: it is theirs at once
	Else   *Effect // where nobody is left; nil: the pool, without an end
	Index  int     // index into Policy.Allocations
}

// Pools reports whether what nobody gets lies in the pool, where it can be claimed.
func (a *Allocation) Pools() bool { return a.Else == nil || a.Else.Kind == Pool }
