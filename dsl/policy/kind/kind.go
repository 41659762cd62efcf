// Package kind is the one registry of declaration kinds: how the declarations of each kind are
// listed, and of what parts each is made. Coverage, mutation, diff, backtest and whatever else
// goes through a policy without caring for what it goes through read it from here.
//
// A new kind joins in one place. It gets a row in Kinds, in the order in which people read about
// kinds, and a function that takes a declaration apart into Parts: one Part for everything that
// can be looked at, fail to be looked at, or be changed. From then on it is counted by coverage
// (its Conditions, Proofs, Rows, Terms, Stages, Transitions and Endings), told by diff (every
// Part, by name), and its rule firings by backtest. What a Part says is compared by Expr, Effect
// and Says; what nobody can compare must not be a Part of its own. Two things stay with the kind
// itself: where its decisions hold more than effects, findings and scores, engine/trial's facts
// have to tell it; and stages, transitions and endings, which no expression tells, are told to
// cover.Recorder.Took. The changes of dsl/mutate come from the text and need nothing.
package kind

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
)

// A Kind is one kind of declaration.
type Kind struct {
	Word  string // as the language writes it: alert
	Label policy.Text
	Plain bool // it is read by others and never acts: a choice, a calendar, a record
	State bool // subjects have running state that hangs on its identity (reference, section 8a)
	Stays bool // that state goes on whatever the declaration comes to say
	decls func(p *policy.Policy) []Decl
}

// A Decl is one declaration.
type Decl struct {
	Kind  *Kind
	Head  *policy.Head
	Of    *policy.Record // what it is of; nil where it is of nothing
	Own   bool           // it is declared by a file, not built in
	Parts []Part         // in the order of the text
}

// Role says what a part is for.
type Role uint8

// The roles.
const (
	Setting    Role = iota // what stands in Says and nothing else: `for 3 in a row`
	Condition              // Expr is true, false or unknown of a subject: when, where, until, drop
	Proof                  // a Condition that stands for evidence
	Value                  // Expr yields a value: a computed field, a fill, `top … by`
	Term                   // Expr is a weighted term of a score
	Row                    // a row that one subject falls into, under Expr; nil Expr is `else`
	Stage                  // a stage that subjects are in
	Transition             // a way from one stage to another
	Ending                 // a Setting by which what was given out can end: it is taken, or lapses
	Do                     // Effect is what it does
	Member                 // a named thing it is made of: a field, a choice's value
	Shown                  // Expr is told to people, and no test can see it decide anything
)

// A Part is one thing that a declaration says. Name is unique in its declaration and stays the
// same over layout and order where it can: "when", "term young", "field won", "enter 2".
type Part struct {
	Role   Role
	Name   string
	Was    []string // names it had, for parts that can be renamed
	Expr   *policy.Expr
	Effect *policy.Effect
	Says   policy.Text
	Span   source.Span

	Names []Thing // what Name calls: the stage of "New must 1"
	Tells []Thing // what Says calls: the record of a field's type
}

// A Thing is something with a name that its author may have labelled.
type Thing struct {
	Name  string // as policies write it
	Label policy.Text
}

// Of is a declaration as a thing.
func Of(h *policy.Head) Thing { return Thing{h.Name, h.Label} }

// Kinds lists all kinds in the order in which people read about them. (Reference, section 14: what
// diff groups by.)
func Kinds() []*Kind {
	return []*Kind{actions(), scores(), alerts(), segments(), rules(), journeys(), allocations(),
		metrics(),
		records(), choices(), calendars(), externs(), later()}
}

// Of lists the declarations of a kind, by qualified name.
func (k *Kind) Of(p *policy.Policy) []Decl {
	out := k.decls(p)
	for i := range out {
		out[i].Kind = k
		out[i].Own = !builtin(p, out[i].Head)
	}
	return out
}

// All lists every declaration of a policy that a file declares, kind by kind.
func All(p *policy.Policy) []Decl {
	var out []Decl
	for _, k := range Kinds() {
		for _, d := range k.Of(p) {
			if d.Own {
				out = append(out, d)
			}
		}
	}
	return out
}

// Find returns the declaration of a qualified name.
func Find(p *policy.Policy, full string) (Decl, bool) {
	all := All(p)
	i := slices.IndexFunc(all, func(d Decl) bool { return d.Head.Full == full })
	if i < 0 {
		return Decl{}, false
	}
	return all[i], true
}

// Holds reports whether subjects have running state of the declaration: a rule on an event fires
// and forgets.
func (d *Decl) Holds() bool {
	return d.Kind.State && d.Of != nil && d.Of.Kind == policy.Entity
}

// On reports whether a declaration looks and acts at all.
func (d *Decl) On() bool { return !d.Kind.Plain && d.Head.Mode != policy.Off }

func builtin(p *policy.Policy, h *policy.Head) bool {
	return slices.ContainsFunc(p.Records, func(r *policy.Record) bool {
		return &r.Head == h && r.Builtin
	})
}
