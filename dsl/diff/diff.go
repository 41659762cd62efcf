// Package diff says what changed in meaning between two checked policies, and what running state
// is kept, moved or reset when the new one takes force (reference, section 8a: identity).
//
// Layout, comments, the order of declarations and the vocabulary they are written in are no
// meaning: they give no change. The result is data; its sentences, in both languages, are made in
// one place, so that the command, the builder and the server say the same.
package diff

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/source"
)

// What is what became of a declaration or of a part of one.
type What uint8

// The changes.
const (
	Same What = iota
	Added
	Removed
	Renamed // and nothing else
	Changed
	Moved // a part that stands elsewhere in its order
)

// State is what happens to the running state of a declaration.
type State uint8

// The states. None is of what has none: a choice, a calendar, a score.
const (
	None  State = iota
	Kept        // it goes on
	Carry       // it goes on under the new name
	Reset       // it begins anew, in silence: who meets it already is in, without effects
	Begun       // it is new, and begins in silence as well
	Ended       // it is gone, and so is its state
)

// A Change is one declaration that is not what it was.
type Change struct {
	What    What
	Name    string      // qualified, as it is; of what was removed, as it was
	Label   policy.Text // of the declaration, as it is; of what was removed, as it was
	Was     string      // the name it had, where that is another
	State   State
	Details []Detail
	Reads   []string // what it reads that has changed, where that changes what it means
	reads   []kind.Thing
	Old     source.Span // in the old policy's files; zero where it is new
	New     source.Span
}

// A Detail is one part that is not what it was.
type Detail struct {
	What     What
	Part     string // as the registry of kinds names it: "when", "term young"
	Role     kind.Role
	Old, New policy.Text // what it said and says, in short: the smallest part that differs
	Within   policy.Text // what it stands in now, where that is more

	names      []called // what Part calls
	olds, news []called // what Old calls; New and Within
}

// A Group is the changes of one kind of declaration.
type Group struct {
	Kind    string // rule, alert, …; "settings", "test"
	Label   policy.Text
	Changes []Change
}

// Report is all that changed; without groups nothing did.
type Report struct {
	Groups []Group
	Kept   int // declarations whose running state goes on, changed or not

	old, new *policy.Policy
}

// Of compares two policies.
func Of(old, new *policy.Policy) *Report {
	d := &differ{old: old, new: new, to: map[string]string{}, changed: map[string]bool{},
		labels: map[*policy.Policy]labels{}}
	r := &Report{old: old, new: new}
	d.names()
	r.add("settings", policy.Text{En: "settings", Zh: "设定"}, d.settings())
	kinds := kind.Kinds()
	all := make([][]Change, len(kinds))
	for i, k := range kinds {
		all[i] = d.kind(k)
		for _, c := range all[i] {
			d.changed[c.Name] = true
		}
	}
	for i, k := range kinds {
		r.add(k.Word, k.Label, d.readers(k, all[i]))
		r.Kept += d.kept(k)
	}
	r.add("test", policy.Text{En: "tests", Zh: "测试"}, d.tests())
	return r
}

// Empty reports whether nothing changed in meaning.
func (r *Report) Empty() bool { return len(r.Groups) == 0 }

func (r *Report) add(word string, label policy.Text, changes []Change) {
	if len(changes) > 0 {
		r.Groups = append(r.Groups, Group{word, label, changes})
	}
}

// differ compares. Names of declarations and fields that were renamed are followed, so that a
// rename is told once and not at every place that uses the name.
type differ struct {
	old, new *policy.Policy
	to       map[string]string // what a qualified name, or Type.field, has become
	changed  map[string]bool   // declarations that differ by themselves
	labels   map[*policy.Policy]labels
}

// names finds what was renamed: whose name is gone, and is the `was` of another.
func (d *differ) names() {
	there := map[string]bool{}
	for _, x := range kind.All(d.new) {
		there[x.Head.Full] = true
	}
	for _, x := range kind.All(d.new) {
		for _, was := range x.Head.Was {
			if !there[was] {
				d.to[was] = x.Head.Full
			}
		}
		for i := range x.Parts {
			for _, was := range x.Parts[i].Was {
				key := x.Head.Full + "." + was
				d.to[key] = x.Head.Full + "." + strings.TrimPrefix(x.Parts[i].Name, "field ")
			}
		}
	}
}

// now is what a name of the old policy is called in the new one.
func (d *differ) now(name string) string {
	if to, ok := d.to[name]; ok {
		return to
	}
	return name
}

// kind compares the declarations of one kind, by name.
func (d *differ) kind(k *kind.Kind) []Change {
	olds, news := own(k, d.old), own(k, d.new)
	var out []Change
	for i := range news {
		n := &news[i]
		o := find(olds, func(o *kind.Decl) bool { return d.now(o.Head.Full) == n.Head.Full })
		if o == nil {
			out = append(out, Change{What: Added, Name: n.Head.Full, Label: n.Head.Label,
				New: n.Head.Span, State: only(n.Holds() && n.On(), Begun)})
			continue
		}
		if c := d.decl(o, n); c.What != Same {
			out = append(out, c)
		}
	}
	for i := range olds {
		o := &olds[i]
		if find(news, func(n *kind.Decl) bool { return d.now(o.Head.Full) == n.Head.Full }) == nil {
			out = append(out, Change{What: Removed, Name: o.Head.Full, Label: o.Head.Label,
				Old: o.Head.Span, State: only(o.Holds(), Ended)})
		}
	}
	slices.SortStableFunc(out, func(a, b Change) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func only(is bool, s State) State {
	if is {
		return s
	}
	return None
}

func own(k *kind.Kind, p *policy.Policy) []kind.Decl {
	return slices.DeleteFunc(k.Of(p), func(x kind.Decl) bool { return !x.Own })
}

func find[T any](list []T, is func(*T) bool) *T {
	for i := range list {
		if is(&list[i]) {
			return &list[i]
		}
	}
	return nil
}

// decl compares one declaration with what it was.
func (d *differ) decl(o, n *kind.Decl) Change {
	c := Change{Name: n.Head.Full, Label: n.Head.Label, Old: o.Head.Span, New: n.Head.Span}
	c.Details = d.parts(o, n)
	if o.Of != nil && n.Of != nil && o.Of != n.Of && d.now(o.Of.Full) != n.Of.Full {
		c.Details = append(c.Details, Detail{What: Changed, Part: "of",
			Old: plain(o.Of.Full), New: plain(n.Of.Full),
			olds: d.called(d.old, kind.Of(&o.Of.Head)), news: d.called(d.new, kind.Of(&n.Of.Head))})
	}
	if len(c.Details) > 0 {
		c.What = Changed
	}
	if o.Head.Full != n.Head.Full {
		c.Was = o.Head.Full
		if c.What == Same {
			c.What = Renamed
		}
	}
	if c.What != Same {
		c.State = d.state(o, n)
	}
	return c
}

// state is what the engine will do with a declaration's state: it goes by the hash of all that
// decides who is looked at, and for what.
func (d *differ) state(o, n *kind.Decl) State {
	switch {
	case !n.Holds():
		return None
	case !n.Head.Continues(o.Head) && !n.Kind.Stays:
		return Reset
	case o.Head.Full != n.Head.Full:
		return Carry
	}
	return Kept
}

// kept counts the declarations of a kind whose state goes on under the same name.
func (d *differ) kept(k *kind.Kind) (n int) {
	olds := own(k, d.old)
	for _, x := range own(k, d.new) {
		o := find(olds, func(o *kind.Decl) bool { return o.Head.Full == x.Head.Full })
		if o != nil && d.state(o, &x) == Kept {
			n++
		}
	}
	return n
}

// readers adds the declarations that say what they said and mean another thing, because what they
// read has changed.
func (d *differ) readers(k *kind.Kind, changes []Change) []Change {
	if k.Plain {
		return changes // what a record computes is told where it is read
	}
	olds, news := own(k, d.old), own(k, d.new)
	for i := range news {
		n := &news[i]
		o := find(olds, func(o *kind.Decl) bool { return d.now(o.Head.Full) == n.Head.Full })
		if o == nil || n.Head.Continues(o.Head) {
			continue
		}
		reads := d.reads(n)
		var names []string
		for _, r := range reads {
			names = append(names, r.Name)
		}
		at := slices.IndexFunc(changes, func(c Change) bool { return c.Name == n.Head.Full })
		if at >= 0 {
			changes[at].Reads, changes[at].reads = names, reads
		} else {
			changes = append(changes, Change{What: Changed, Name: n.Head.Full, Label: n.Head.Label,
				Old: o.Head.Span, New: n.Head.Span, State: d.state(o, n), Reads: names, reads: reads})
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int { return strings.Compare(a.Name, b.Name) })
	return changes
}

// reads lists the changed declarations and fields that a declaration reads, directly or not.
// Their names are full ones.
func (d *differ) reads(n *kind.Decl) []kind.Thing {
	var out []kind.Thing
	seen := map[any]bool{}
	var expr func(x *policy.Expr)
	note := func(t kind.Thing, is bool) {
		if is && t.Name != n.Head.Full && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	parts := func(h *policy.Head) {
		s, _ := kind.Find(d.new, h.Full)
		for i := range s.Parts {
			s.Parts[i].Exprs(expr)
		}
		note(kind.Thing{Name: h.Full, Label: h.Label}, d.changed[h.Full])
	}
	expr = func(x *policy.Expr) {
		kind.Visit(x, func(y *policy.Expr) bool {
			switch {
			case y.Field != nil && y.Field.Of != nil && !seen[y.Field]:
				seen[y.Field] = true
				note(fullField(y.Field), d.fieldChanged(y.Field))
				if y.Field.Compute != nil {
					expr(y.Field.Compute)
				}
			case y.Score != nil && !seen[y.Score]:
				seen[y.Score] = true
				parts(&y.Score.Head)
			case y.Tier != nil && !seen[y.Tier]:
				seen[y.Tier] = true
				parts(&y.Tier.Head)
			}
			if y.Agg != nil && y.Agg.Source != nil && !seen[y.Agg.Source] {
				seen[y.Agg.Source] = true
				h := &y.Agg.Source.Head
				note(kind.Thing{Name: h.Full, Label: h.Label}, d.dropsChanged(y.Agg.Source))
			}
			return true
		})
	}
	for i := range n.Parts {
		n.Parts[i].Exprs(expr)
	}
	slices.SortFunc(out, func(a, b kind.Thing) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// fieldChanged reports whether a field is not what it was.
func (d *differ) fieldChanged(f *policy.Field) bool {
	was := d.record(f.Of)
	if was == nil {
		return true
	}
	for _, o := range was.Fields {
		if d.now(f.Of.Full+"."+o.Name) == f.Of.Full+"."+f.Name {
			return (o.Compute == nil) != (f.Compute == nil) || !d.same(o.Compute, f.Compute) ||
				!d.same(o.Fill, f.Fill) || !d.sameType(o.Type, f.Type)
		}
	}
	return true
}

func (d *differ) dropsChanged(r *policy.Record) bool {
	was := d.record(r)
	return was == nil || !slices.EqualFunc(was.Drop, r.Drop, d.same)
}

// record is what a record type was.
func (d *differ) record(r *policy.Record) *policy.Record {
	for _, o := range d.old.Records {
		if d.now(o.Full) == r.Full {
			return o
		}
	}
	return nil
}
