package ask

import (
	"cmp"
	"slices"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/fair"
)

// Precision is how often a check was right to doubt: of the doubts that a person looked at, the
// share that failed. A review settles all lines of its record, so lines that stood together share
// what it says; Alone counts the doubts that were the only one of their record.
type Precision struct {
	Rule          string
	Doubts, Alone int
	Waiting, Late int
	Pass, Fail    int
	In            fair.Range // of the share, at 95 %
}

// FewestReviews is how many reviews a precision is told of at least.
const FewestReviews = 10

// Enough reports whether there are reviews enough to tell a precision of.
func (p *Precision) Enough() bool { return p.Pass+p.Fail >= FewestReviews }

// Share is how many of the doubts that were looked at were right.
func (p *Precision) Share() float64 { return float64(p.Fail) / float64(p.Pass+p.Fail) }

// Precisions works out what reviews said of each check, by its name.
func Precisions(list []engine.Doubt, now int64) (out []Precision) {
	of := map[string]int{}
	lines := map[string]int{}
	for i := range list {
		lines[list[i].Record]++
	}
	for i := range list {
		d := &list[i]
		at, ok := of[d.Rule]
		if !ok {
			at = len(out)
			of[d.Rule] = at
			out = append(out, Precision{Rule: d.Rule})
		}
		p := &out[at]
		p.Doubts++
		if lines[d.Record] == 1 {
			p.Alone++
		}
		if d.Overdue(now) {
			p.Late++
		}
		switch d.Settled {
		case "pass":
			p.Pass++
		case "fail":
			p.Fail++
		default:
			p.Waiting++
		}
	}
	for i := range out {
		out[i].In = fair.Wilson(out[i].Fail, out[i].Pass+out[i].Fail)
	}
	slices.SortFunc(out, func(a, b Precision) int { return cmp.Compare(a.Rule, b.Rule) })
	return out
}
