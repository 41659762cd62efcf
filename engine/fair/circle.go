package fair

import (
	"math"
	"strconv"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
)

// Circle is what giving by the number of open records, or by open ÷ closed, does where teams'
// cycles differ: a count is arrivals × days (Little 1961), so equal counts give 1/days of the
// records.
type Circle struct {
	Long, Short         string // teams
	LongDays, ShortDays float64
	LongShare           float64 // of the records of the two
	ByCount             float64 // that equal open counts give to the team with long cycles
	ByPeople            float64 // that capacity would give
	ByHeads             float64 // that giving in turn gives
	Effort              float64 // how much more effort a record of theirs is
}

// Standing is how the records of the two teams of a circle are shared out by a rule.
type Standing struct {
	Rule  policy.Baseline // "": as they were
	Share float64         // of the team with long cycles
	Work  float64         // how many times the work for its capacity it has; infinite where it has all
}

// Fails reports whether a rule overloads one of the teams and starves the other.
func (s *Standing) Fails() bool { return s.Work > alike || s.Work < 1/alike }

// Was is how the records were shared out.
func (c *Circle) Was() Standing { return c.standing("", c.LongShare) }

// By is what rules with a name come to where cycles stay as long as they are: whoever has records
// keeps them as long. Open ÷ closed is the days alone, so the team with short cycles always comes
// first.
func (c *Circle) By() []Standing {
	return []Standing{c.standing(policy.LeastOpen, c.ByCount), c.standing(policy.LoadRate, 0),
		c.standing(policy.RoundRobin, c.ByHeads)}
}

func (c *Circle) standing(rule policy.Baseline, share float64) Standing {
	s := Standing{Rule: rule, Share: share, Work: math.Inf(1)}
	if share < 1 && c.ByPeople > 0 {
		s.Work = share / (1 - share) * c.Effort * (1 - c.ByPeople) / c.ByPeople
	}
	return s
}

// Told is the finding that an allocation fails on the records of a report: by what they came to, or
// by the law of its rule where that has a name. Beside it stands why rules with a name fail, its
// own first. Nil: it does not, or nothing is known of it.
func (r *Report) Told(of *policy.Allocation) *source.Diagnostic {
	c := r.Circle
	if c == nil {
		return nil
	}
	was := c.Was()
	d := &source.Diagnostic{Code: source.CircleSeen, Span: of.Span, Args: []string{of.Full,
		c.Long, places(c.LongDays, 1), c.Short, places(c.ShortDays, 1), places(c.Effort, 1),
		share(was.Share), share(c.ByPeople), places(was.Work, 2)}}
	fails := was.Fails()
	for _, s := range c.By() {
		if !s.Fails() {
			continue
		}
		told := source.Related{Span: of.Span, Code: circleCode(s.Rule),
			Args: []string{c.Long, share(s.Share), places(s.Work, 2)}}
		if s.Rule == of.Base {
			fails = true
			d.Related = append([]source.Related{told}, d.Related...)
		} else {
			d.Related = append(d.Related, told)
		}
	}
	if !fails {
		return nil
	}
	return d
}

func circleCode(rule policy.Baseline) source.Code {
	switch rule {
	case policy.LeastOpen:
		return source.CircleByCount
	case policy.LoadRate:
		return source.CircleByRate
	}
	return source.CircleByTurn
}

func places(f float64, n int) string {
	if math.IsInf(f, 1) {
		return "∞"
	}
	return strconv.FormatFloat(f, 'f', n, 64)
}

func share(f float64) string { return places(100*f, 1) + "%" }

// alike is how many times longer a cycle may be before counting open records misleads, and how many
// times the work for its capacity a team may have.
const alike = 1.5

// EnoughClosed is how many records a team must have closed for its cycle to be known.
const EnoughClosed = 5

// CyclesKnown reports whether there are two teams whose cycles can be compared.
func (r *Report) CyclesKnown() bool {
	n := 0
	for i := range r.Teams {
		if r.Teams[i].Closed >= EnoughClosed {
			n++
		}
	}
	return n >= 2
}

// circle looks for teams whose cycles differ so much that counting open records starves one.
func (b *builder) circle() {
	long, short := -1, -1
	for i := range b.r.Teams {
		t := &b.r.Teams[i]
		if t.Closed < EnoughClosed {
			continue
		}
		if long < 0 || t.Cycle > b.r.Teams[long].Cycle {
			long = i
		}
		if short < 0 || t.Cycle < b.r.Teams[short].Cycle {
			short = i
		}
	}
	if long < 0 || long == short {
		return
	}
	l, s := &b.r.Teams[long], &b.r.Teams[short]
	if s.Cycle <= 0 || l.Cycle/s.Cycle < alike {
		return
	}
	x := &Circle{Long: l.Name, Short: s.Name, LongDays: l.Cycle, ShortDays: s.Cycle,
		LongShare: float64(l.Count) / float64(l.Count+s.Count),
		ByPeople:  l.Capacity / (l.Capacity + s.Capacity),
		ByHeads:   float64(l.People) / float64(l.People+s.People)}
	a, c := float64(l.People)/l.Cycle, float64(s.People)/s.Cycle
	x.ByCount = a / (a + c)
	x.Effort = 1
	if l.Count > 0 && s.Effort > 0 {
		x.Effort = l.Effort / float64(l.Count) / (s.Effort / float64(s.Count))
	}
	b.r.Circle = x
}
