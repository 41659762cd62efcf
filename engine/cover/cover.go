// Package cover says what the tests of a policy have seen of it: which rules fired, which rows
// won, and which conditions, with every part of each, were true, were false and were unknown.
//
// What there is to see comes from the registry of declaration kinds; what was seen comes from the
// engine's probe. The two meet in the expression's node, so nothing is counted twice: an aggregate
// that stands in two places is one counter, and what its `where` saw counts in both.
package cover

import (
	"math"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// What says what a point is of, in the order in which a summary lists them.
type What uint8

// The kinds of points.
const (
	Rule       What = iota // a rule fired
	Alert                  // an alert opened
	Segment                // somebody entered
	Acts                   // any other declaration did what it is for
	Term                   // a term of a score had a value
	Stage                  // a stage was entered
	Transition             // a way between stages was taken
	Outcome                // what was given out, or was not, came to an end of this kind
	Row                    // a row of a pick or a tier won
	Proof                  // a line of evidence, both ways
	Condition              // a condition or a part of one, both ways
	whats
)

// A Point is one place of a policy that tests can see, or one that they have not.
type Point struct {
	What What
	Kind string      // of the declaration: alert
	Decl string      // its qualified name
	Part string      // which part of it: "when", "when 2", "row Key"
	Text string      // as its author wrote it; for a whole declaration its name
	Span source.Span // of that
	Seen Seen

	x     *policy.Expr // what the probe tells
	both  bool         // an outcome that has another side: an offer is taken, or lapses
	other bool         // the row behind `else`: taken where x, the row before it, is false
}

// Seen is how often a point came out each way. What has one side only counts as True.
type Seen struct{ True, False, Unknown uint64 }

func (s *Seen) add(t Seen) {
	s.True, s.False, s.Unknown = sum(s.True, t.True), sum(s.False, t.False), sum(s.Unknown, t.Unknown)
}

func sum(a, b uint64) uint64 {
	if a > math.MaxUint64-b {
		return math.MaxUint64
	}
	return a + b
}

func (s *Seen) saw(t value.Tri) {
	switch t {
	case value.True:
		s.True++
	case value.False:
		s.False++
	default:
		s.Unknown++
	}
}

// Sides is how many ways a point must have come out to be covered, and how many it has. Unknown is
// shown and asked of nobody: most conditions cannot be.
func (p *Point) Sides() (seen, all int) {
	all = 1
	if p.Seen.True > 0 {
		seen++
	}
	if p.twoSided() {
		all++
		if p.Seen.False > 0 {
			seen++
		}
	}
	return seen, all
}

func (p *Point) twoSided() bool { return p.What == Condition || p.What == Proof || p.both }

// Missing says which sides of a point no test has seen: "true", "false", or "" for a point with
// one side.
func (p *Point) Missing() []string {
	var out []string
	two := p.twoSided()
	if p.Seen.True == 0 {
		out = append(out, map[bool]string{true: "true", false: ""}[two])
	}
	if two && p.Seen.False == 0 {
		out = append(out, "false")
	}
	return out
}

// Coverage is what was seen of one policy.
type Coverage struct {
	Points []*Point // in the order of the text
	Dir    string   // the folder that the names of files are shown below; "" for none
	policy *policy.Policy
	hash   policy.Hash
	byKey  map[key]*Point
}

// key names a point; it outlives the policy's layout, so that files of coverage can be merged.
type key struct {
	what       What
	decl, part string
}

// New lists what there is to see of a policy.
func New(p *policy.Policy) *Coverage {
	c := &Coverage{policy: p, hash: p.Hash, byKey: map[key]*Point{}}
	l := lister{c: c, seen: map[*policy.Expr]bool{}}
	l.all()
	return c
}

// Policy returns the policy that the coverage is of.
func (c *Coverage) Policy() *policy.Policy { return c.policy }

// Run adds what one run of tests has seen.
func (c *Coverage) Run(r *Recorder) {
	for _, p := range c.Points {
		p.Seen.add(r.of(p))
	}
}

// Recorder is the engine's probe during one run (eval.Probe), and what else the run shows.
type Recorder struct {
	seen  map[*policy.Expr]*Seen
	runs  map[*policy.Expr]*policy.Expr // what a shared program is told as
	fired map[string]uint64             // by qualified name
	taken map[key]uint64                // rows, stages, ways and outcomes that no condition tells
	not   map[key]uint64                // outcomes that came out the other way
}

// NewRecorder returns a recorder of nothing yet.
func NewRecorder() *Recorder {
	return &Recorder{seen: map[*policy.Expr]*Seen{}, runs: map[*policy.Expr]*policy.Expr{},
		fired: map[string]uint64{}, taken: map[key]uint64{},
		not: map[key]uint64{}}
}

// Saw counts what an expression came out as.
func (r *Recorder) Saw(x *policy.Expr, t value.Tri) {
	s := r.seen[x]
	if s == nil {
		s = &Seen{}
		r.seen[x] = s
	}
	s.saw(t)
}

// Same notes that an expression, with all below it, is told as another.
func (r *Recorder) Same(runs, too *policy.Expr) {
	if runs == too || runs == nil || too == nil {
		return
	}
	r.runs[too] = runs
	for i := range min(len(runs.Args), len(too.Args)) {
		r.Same(runs.Args[i], too.Args[i])
	}
}

// Fired counts how often a declaration did what it is for.
func (r *Recorder) Fired(full string, n uint64) { r.fired[full] += n }

// Took counts a stage, transition, row or outcome that was taken.
func (r *Recorder) Took(w What, full, part string) { r.taken[key{w, full, part}]++ }

// Lapsed counts an outcome that came out the other way: an offer that nobody took.
func (r *Recorder) Lapsed(full, part string) { r.not[key{Outcome, full, part}]++ }

// Acted reports whether a declaration did what it is for.
func (r *Recorder) Acted(full string) bool { return r.fired[full] > 0 }

// Reached reports whether an expression was evaluated at all.
func (r *Recorder) Reached(x *policy.Expr) bool { return r.find(x) != nil }

func (r *Recorder) find(x *policy.Expr) *Seen {
	if s := r.seen[x]; s != nil {
		return s
	}
	if y := r.runs[x]; y != nil {
		return r.seen[y]
	}
	return nil
}

// of is what the run saw of a point.
func (r *Recorder) of(p *Point) Seen {
	k := key{p.What, p.Decl, p.Part}
	out := Seen{True: r.taken[k], False: r.not[k]}
	if p.x == nil {
		if p.What <= Acts {
			out.True += r.fired[p.Decl]
		}
		return out
	}
	s := r.find(p.x)
	switch {
	case s == nil:
	case p.other:
		out.True += s.False
	case p.What == Condition || p.What == Proof:
		out.add(*s)
	default:
		out.True += s.True
	}
	return out
}
