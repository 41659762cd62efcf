package fair

import (
	"math"

	"github.com/throughline/throughline/dsl/value"
)

// prior is how many records' worth of the mean a share is drawn towards, so that three won of three
// is no certainty.
const prior = 20

// Model is what a period says about how records end: how likely records of an effort are won, and
// who wins more or less than that. It is of the period as it was, and is asked what another rule
// would have come to.
type Model struct {
	chance map[float64]float64 // by effort
	all    float64
	skill  map[string]float64 // by person: won ÷ to be expected
}

// tally is how many ended, and how many of them were won.
type tally struct{ n, won int }

// NewModel learns from the closed records of a play.
func NewModel(p *Play) *Model {
	m := &Model{chance: map[float64]float64{}, skill: map[string]float64{}}
	by, sum := map[float64]*tally{}, tally{}
	ended := func(c *Case) bool { return c.Closed != 0 && c.Won != value.Unknown }
	for i := range p.Cases {
		c := &p.Cases[i]
		if !ended(c) {
			continue
		}
		t := by[c.Effort]
		if t == nil {
			t = &tally{}
			by[c.Effort] = t
		}
		for _, t := range []*tally{t, &sum} {
			t.n++
			if c.Won == value.True {
				t.won++
			}
		}
	}
	if m.all = 1; sum.n > 0 { // where nothing has ended, what records are worth is what there is
		m.all = float64(sum.won) / float64(sum.n)
	}
	for effort, t := range by { //tidy:order each by itself
		m.chance[effort] = (float64(t.won) + float64(prior*m.all)) / float64(t.n+prior)
	}
	won, due := make([]float64, len(p.People)), make([]float64, len(p.People))
	for i := range p.Cases {
		if c := &p.Cases[i]; ended(c) && c.To >= 0 {
			due[c.To] += m.of(c)
			if c.Won == value.True {
				won[c.To]++
			}
		}
	}
	few := float64(prior * m.all)
	for i := range p.People {
		if due[i]+few > 0 {
			m.skill[p.People[i].ID] = (won[i] + few) / (due[i] + few)
		}
	}
	return m
}

// of is how likely a record is won, whoever has it.
func (m *Model) of(c *Case) float64 {
	if p, ok := m.chance[c.Effort]; ok {
		return p
	}
	return m.all
}

// worth is what a record is worth, times how likely it is won: the chance that it gives to whoever
// gets it.
func (m *Model) worth(c *Case) float64 {
	if math.IsNaN(c.Worth) {
		return 0
	}
	return float64(m.of(c) * c.Worth)
}

// by is how likely a record is won by somebody who is that busy.
func (m *Model) by(c *Case, x *Person) float64 {
	p := m.of(c)
	if s, ok := m.skill[x.ID]; ok {
		p = min(1, float64(p*s))
	}
	return float64(p * x.attention())
}

// attention is what is left for each record of somebody who has more than a full load.
func (x *Person) attention() float64 {
	if len(x.loads) == 0 {
		return 1
	}
	sum := 0.0
	for _, l := range x.loads {
		sum += 1 / max(1, l)
	}
	return sum / float64(len(x.loads))
}
