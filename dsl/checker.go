// Package dsl turns folders of policy text into checked policies.
//
// The text is read line by line (package syntax); here its names, types and units are checked and
// what remains is data that an engine can run (package policy). Every function is total: a policy
// comes back with whatever could be checked, whatever is wrong with the rest. A failed expression
// is invalid and agrees with everything, so one cause gives one diagnostic.
package dsl

import (
	"cmp"
	"slices"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/calendar"
)

// Checker checks policies and remembers the lines that it has parsed, so that a text is checked
// again in about the time its new lines take. The zero Checker is ready; it belongs to one
// goroutine.
type Checker struct {
	cache  syntax.Cache
	zones  map[string]*time.Location
	read   literals
	seen   memory
	beside func(name string) ([]byte, error) // the files beside the policy; nil: they are not at hand
}

// literals are the literals that were read, by their text. Moments are read in a zone, so they are
// good for one zone only.
type literals struct {
	zone *time.Location
	of   map[string]value.Literal
}

// maxLiterals bounds the literals that are remembered; past it all are forgotten.
const maxLiterals = 50_000

// in returns the literals of a zone.
func (l *literals) in(zone *time.Location) map[string]value.Literal {
	if l.zone != zone || l.of == nil || len(l.of) > maxLiterals {
		l.zone, l.of = zone, map[string]value.Literal{}
	}
	return l.of
}

// Check checks one package's files. A file in a sub-folder belongs to a package of its own, which
// counts only where it is imported. The zero settings are the defaults of thru.toml.
func Check(files []source.File, set policy.Settings) (*policy.Policy, []source.Diagnostic) {
	return new(Checker).Check(files, set)
}

// Check is the package's Check, with the lines that this Checker knows already.
func (k *Checker) Check(
	files []source.File, set policy.Settings,
) (*policy.Policy, []source.Diagnostic) {
	c := k.whole(files, set)
	return c.policy, c.sorted()
}

// whole checks all that a policy to run needs.
func (k *Checker) whole(files []source.File, set policy.Settings) *checker {
	c := k.begin(files, set, nil)
	c.reuse(&k.seen)
	c.plan.all = true
	c.check()
	c.settleLinks()
	c.recall()
	c.finish()
	c.learn()
	return c
}

// Diagnose tells what Check tells, without a policy to run: what an editor wants at a keystroke. It
// spares what only running needs, such as the order of declarations, equal counters made one, and
// the hashes of what everything means, and it looks only at what may have become wrong or right
// since it was last asked. The files are those that spans point into.
func (k *Checker) Diagnose(
	files []source.File, set policy.Settings,
) ([]source.File, []source.Diagnostic) {
	c := k.begin(files, set, nil)
	c.reuse(&k.seen)
	c.check()
	c.learn()
	return c.policy.Files, c.sorted()
}

// begin reads the files and makes the shells of what they declare.
func (k *Checker) begin(files []source.File, set policy.Settings, r *recorder) *checker {
	set = withDefaults(set)
	c := newChecker(&k.cache, set, k.zone(set.Timezone))
	c.literals = k.read.in(c.zone)
	c.recorder, c.beside = r, k.beside
	c.open(files)
	c.collect()
	c.shells()
	return c
}

// checker is one run over one workspace.
type checker struct {
	cache    *syntax.Cache
	zone     *time.Location
	literals map[string]value.Literal
	policy   *policy.Policy
	own      *pkg
	builtin  *pkg
	packages []*pkg // imported ones, in order of their paths
	folders  map[string][]source.File
	decls    []*decl // in order of packages, files and lines
	diags    []source.Diagnostic

	linkless  []*policy.Aggregate // over built-in sources, whose reference is not settled
	people    map[*policy.Record]bool
	cellless  bool // the action of the cell in hand has no target, and the alert asks for it
	workspace *policy.Record
	media     map[value.Kind]*policy.Record
	origins   *policy.Choice
	byField   map[*policy.Field]*fieldDecl
	byScore   map[*policy.Score]*decl
	byRecord  map[*policy.Record]*decl
	bySegment map[*policy.Segment]*decl
	calendars map[string]*policy.Calendar
	journeys  map[*policy.Record]*policy.Journey // those in force, by their entity
	recorder  *recorder                          // of what names stand for; nil where nobody asked
	plan      *plan                              // which bodies are spared; nil: none
	lacks     map[[2]*decl]bool                  // uses that were told of a template not used

	beside func(name string) ([]byte, error) // the files beside the policy; nil: not at hand

	declSlab   slab[decl]
	fieldDecls slab[fieldDecl]
	fieldSlab  slab[policy.Field]
	exprSlab   slab[policy.Expr]
	argSlab    slab[*policy.Expr]
	aggSlab    slab[policy.Aggregate]
}

// zone finds a time zone. Settings from thru.toml have been looked at before; of others, a zone
// that there is not is UTC.
func (k *Checker) zone(name string) *time.Location {
	if z := k.zones[name]; z != nil {
		return z
	}
	z, err := calendar.Zone(name)
	if err != nil {
		return time.UTC
	}
	if k.zones == nil {
		k.zones = map[string]*time.Location{}
	}
	k.zones[name] = z
	return z
}

func newChecker(cache *syntax.Cache, set policy.Settings, zone *time.Location) *checker {
	return &checker{cache: cache, policy: &policy.Policy{Settings: set}, zone: zone,
		literals:  map[string]value.Literal{},
		folders:   map[string][]source.File{},
		byField:   map[*policy.Field]*fieldDecl{},
		byScore:   map[*policy.Score]*decl{},
		byRecord:  map[*policy.Record]*decl{},
		bySegment: map[*policy.Segment]*decl{},
		calendars: map[string]*policy.Calendar{},
		journeys:  map[*policy.Record]*policy.Journey{},
		people:    map[*policy.Record]bool{},
	}
}

func withDefaults(set policy.Settings) policy.Settings {
	if set.Timezone == "" {
		set.Timezone = "Asia/Shanghai"
	}
	if set.Calendar == "" {
		set.Calendar = "CN"
	}
	if set.Lang == "" {
		set.Lang = "en"
	}
	return set
}

// told is a diagnostic that more may be added to.
type told = *source.Diagnostic

// tell reports a diagnostic. The pointer is good until the next one.
func (c *checker) tell(code source.Code, at source.Span, args ...string) told {
	c.diags = append(c.diags, source.Diagnostic{Code: code, Span: at, Args: args})
	return &c.diags[len(c.diags)-1]
}

// sorted returns the diagnostics in order of files and places, each once and without what only
// follows from a line that could not be read.
func (c *checker) sorted() []source.Diagnostic {
	for i := range c.diags { // what was wanted is said with what was found
		d := &c.diags[i]
		if len(d.Want) > 0 && d.Found == "" && d.Span.End > d.Span.Off {
			d.Found = c.policy.Files[d.Span.File].Text[d.Span.Off:d.Span.End]
		}
	}
	if len(c.diags) > 0 {
		c.diags = slices.DeleteFunc(c.diags, c.losses().follows)
	}
	return inOrder(c.diags)
}

// inOrder sorts diagnostics by files, places and what they say, and keeps one of each.
func inOrder(diags []source.Diagnostic) []source.Diagnostic {
	slices.SortStableFunc(diags, func(a, b source.Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Span.File, b.Span.File), cmp.Compare(a.Span.Off, b.Span.Off),
			cmp.Compare(a.Span.End, b.Span.End), cmp.Compare(a.Code, b.Code),
			slices.Compare(a.Args, b.Args))
	})
	return slices.CompactFunc(diags, func(a, b source.Diagnostic) bool {
		return a.Code == b.Code && a.Span == b.Span && slices.Equal(a.Args, b.Args)
	})
}

// HasErrors reports whether a policy with these diagnostics may not be run.
func HasErrors(diags []source.Diagnostic) bool {
	return slices.ContainsFunc(diags, func(d source.Diagnostic) bool {
		return d.Code.Severity() == source.Error
	})
}
