package insight

import (
	"math"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
)

// Coaching tells what a person's figure would have become had nobody acted. Whoever is picked out
// because a figure is low was unlucky as well, and does better the next time whatever is done: the
// regression to the mean. So the change after a case opened stands beside the change that was to
// be expected anyway (reference, coaching).
//
// Figures are taken at every look of an alert, as they were then; a look that `needs` leaves out
// has none.
type Coaching struct {
	Alert *policy.Alert
	Value *policy.Expr // of the alert's condition: what is held against a threshold
	Mark  *policy.Expr // the threshold

	looks []int64 // moments, ascending
	of    map[string][]figured
	ids   []string
}

// figured is a figure at a look.
type figured struct {
	look  int
	value float64
}

// Coach prepares it for an alert on an entity that compares a number at looks; false: it does not.
func Coach(a *policy.Alert) (*Coaching, bool) {
	if a.Check == nil || a.Metric != nil {
		return nil, false
	}
	for _, x := range conjuncts(a.When) {
		switch x.Op {
		case policy.OpLt, policy.OpLe, policy.OpGt, policy.OpGe:
		default:
			continue
		}
		if v := x.Args[0]; v.Type.Kind == value.Number || v.Type.Kind == value.Percent {
			return &Coaching{Alert: a, Value: v, Mark: x.Args[1], of: map[string][]figured{}}, true
		}
	}
	return nil, false
}

func conjuncts(x *policy.Expr) (out []*policy.Expr) {
	if x.Op != policy.OpAnd {
		return []*policy.Expr{x}
	}
	for _, y := range x.Args {
		out = append(out, conjuncts(y)...)
	}
	return out
}

// Closes is when the alert looks next; Take must be called right before it.
func (c *Coaching) Closes(e *engine.Engine, moment int64) int64 {
	return e.LookAfter(c.Alert.Check.Each, moment)
}

// Take takes the figures of all subjects at the look that comes next. What is not right before a
// look is left out.
func (c *Coaching) Take(e *engine.Engine) {
	next := e.LookAfter(c.Alert.Check.Each, e.Now())
	if next != e.Now()+1 {
		return
	}
	e.Closing(func() {
		x := e.Program(c.Value)
		var needs *engine.Program
		if c.Alert.Needs != nil {
			needs = e.Program(c.Alert.Needs)
		}
		for _, id := range e.IDs(c.Alert.Of) {
			if needs != nil {
				if v, ok := needs.Ask(c.Alert.Of, id); !ok || v.Tri() != value.True {
					continue
				}
			}
			if v, ok := x.Ask(c.Alert.Of, id); ok && v.Known() {
				if c.of[id] == nil {
					c.ids = append(c.ids, id)
				}
				c.of[id] = append(c.of[id], figured{len(c.looks), v.Float()})
			}
		}
	})
	c.looks = append(c.looks, next)
}

// Regression is a subject's figure before a case opened, after it, and what was to be expected.
type Regression struct {
	Before   float64 // the mean of the looks that opened it
	Looks    int     // how many they are
	After    float64 // the mean of as many looks after it
	Since    int     // how many of those there are so far
	Expected float64 // the mean to be expected after it, had nobody acted
	Enough   bool    // there is enough to expect anything from
	Subjects int     // of how many subjects, and Figures figures of them
	Figures  int
	Mean     float64 // of the subjects
	Between  float64 // deviation of what subjects truly are
	Within   float64 // deviation of a look about that

	// The same of those who had no case meanwhile (difference in differences): how much better they
	// came out than was expected of them, and by how much more the subject did.
	Others int
	Drift  float64
	Beyond float64
	Chance float64 // how many of them and the subject came out as far or farther, of all
	Told   bool    // there are others enough
}

// The least that an expectation is made of.
const (
	fewestSubjects = 5
	fewestFree     = 10 // figures beyond one a subject
	fewestOthers   = 5
)

// Of is the regression of a subject whose case opened at a moment.
//
// The figures of all subjects up to then are one-way random effects: what a subject truly is, and a
// look's luck about it. Their deviations are those of the analysis of variance. The expectation is
// the mean of all subjects, moved towards the subject's own looks by the share of their deviation
// that is no luck (Kelley's formula).
//
// Busy reports whether somebody had a case at some time between two moments. Those who had none
// are what the subject is held against: what came over everybody meanwhile is no effect.
func (c *Coaching) Of(
	id string, opened int64, busy func(string, int64, int64) bool,
) (r Regression) {
	last, found := slices.BinarySearch(c.looks, opened)
	if !found {
		last--
	}
	want := max(1, c.Alert.ForN)
	s := c.around(id, last, want, want)
	r.Before, r.Looks, r.After, r.Since = s.before, s.looks, s.after, s.since
	c.effects(&r, last)
	if r.Enough = r.Enough && r.Looks > 0; r.Enough {
		r.Expected = r.expected(r.Before, r.Looks)
	}
	if r.Enough && r.Since > 0 {
		c.against(&r, id, s, busy)
	}
	return r
}

// expected is what looks come to after those whose mean is before, had nobody acted.
func (r *Regression) expected(before float64, looks int) float64 {
	between, luck := r.Between*r.Between, float64(r.Within*r.Within)/float64(looks)
	share := 1.0
	if between+luck > 0 {
		share = between / float64(between+luck)
	}
	return r.Mean + float64(share*(before-r.Mean))
}

// around is the mean of a subject's looks up to one, and of those after it.
type around struct {
	before, after float64
	looks, since  int
	first, last   int // the looks that those up to it begin and end with
	end           int // the last look after it
}

// around takes at most want looks up to one, and at most more after it.
func (c *Coaching) around(id string, last, want, more int) (s around) {
	s.last = last
	own := c.of[id]
	for i := len(own) - 1; i >= 0 && s.looks < want; i-- {
		if own[i].look <= last {
			s.before += own[i].value
			s.looks++
			s.first = own[i].look
		}
	}
	for _, f := range own {
		if f.look > last && s.since < more {
			s.after += f.value
			s.since++
			s.end = f.look
		}
	}
	s.before /= float64(max(1, s.looks))
	s.after /= float64(max(1, s.since))
	return s
}

// against holds a subject against those who had no case meanwhile and as many figures.
func (c *Coaching) against(
	r *Regression, id string, s around, busy func(string, int64, int64) bool,
) {
	mine := r.After - r.Expected
	as := 1
	for _, other := range slices.Sorted(slices.Values(c.ids)) {
		o := c.around(other, s.last, r.Looks, r.Since)
		if other == id || o.looks < r.Looks || o.since < r.Since ||
			busy(other, c.looks[s.first], c.looks[s.end]) {
			continue
		}
		d := o.after - r.expected(o.before, o.looks)
		r.Others++
		r.Drift += d
		if math.Abs(d) >= math.Abs(mine) {
			as++
		}
	}
	if r.Told = r.Others >= fewestOthers; r.Told {
		r.Drift /= float64(r.Others)
		r.Beyond = mine - r.Drift
		r.Chance = float64(as) / float64(r.Others+1)
	}
}

// effects works the deviations out from all figures up to a look.
func (c *Coaching) effects(r *Regression, last int) {
	var all []float64 // the subjects' means
	var sizes []float64
	within, sum, square := 0.0, 0.0, 0.0
	ids := slices.Sorted(slices.Values(c.ids))
	for _, id := range ids {
		mean, n := 0.0, 0
		for _, f := range c.of[id] {
			if f.look <= last {
				mean += f.value
				n++
			}
		}
		if n == 0 {
			continue
		}
		mean /= float64(n)
		for _, f := range c.of[id] {
			if f.look <= last {
				within += float64((f.value - mean) * (f.value - mean))
			}
		}
		all, sizes = append(all, mean), append(sizes, float64(n))
		r.Figures += n
		sum += float64(float64(n) * mean)
		square += float64(n * n)
	}
	r.Subjects = len(all)
	free := r.Figures - r.Subjects
	if r.Subjects < fewestSubjects || free < fewestFree {
		return
	}
	grand, between := sum/float64(r.Figures), 0.0
	for i, m := range all {
		between += float64(sizes[i] * float64((m-grand)*(m-grand)))
		r.Mean += m / float64(r.Subjects)
	}
	each := (float64(r.Figures) - square/float64(r.Figures)) / float64(r.Subjects-1)
	luck := within / float64(free)
	true2 := (between/float64(r.Subjects-1) - luck) / each
	r.Between, r.Within = math.Sqrt(max(0, true2)), math.Sqrt(luck)
	r.Enough = true
}

// A Look is a subject's figure at one look.
type Look struct {
	At    int64
	Value float64
}

// Series are a subject's figures, look by look.
func (c *Coaching) Series(id string) (out []Look) {
	for _, f := range c.of[id] {
		out = append(out, Look{c.looks[f.look], f.value})
	}
	return out
}
