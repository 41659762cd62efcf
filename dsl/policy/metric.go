package policy

import "github.com/throughline/throughline/dsl/value"

// Metric is a figure over records, by group and period (reference, section 9).
type Metric struct {
	Head
	Of     *Record
	Action *Action // only events that are its counted completions; nil: all
	Value  *Expr   // arithmetic over aggregates of Of's rows; they are kept by nobody and have no ID
	Where  *Expr   // over OpRow: which rows count; nil: all
	At     *Expr   // over OpRow: the moment that places a row; nil: see Taken
	By     []Dimension
	Every  Period // NoPeriod: one figure over everything
	Better Better
	Cells  *Record // what alerts of the metric are about: a group or all; nil: it has no alerts
	Index  int     // index into Policy.Metrics
}

// Figure reports whether a call is what an alert of a metric reads of its cell: `value`, `n` (how
// many rows), `previous`, `last_year`, `change` (value ÷ previous − 1), `difference` (value −
// previous), the baselines `mean sd median mad` with the number of periods before as argument, and
// of a cell across groups `spread`, `chance`, `band` and `n`.
func (x *Expr) Figure() bool {
	if x.Op != OpCall {
		return false
	}
	switch x.Fn {
	case "value", "n", "previous", "last_year", "change", "difference", "mean", "sd", "median", "mad",
		"spread", "chance", "band":
		return true
	}
	return false
}

// Asked is a figure of a metric as a test asks for it: of one group, or of all rows.
type Asked struct {
	Metric *Metric
	Dims   []int         // into Metric.By
	Of     []value.Value // by Dims; a reference by its id in S, missing is the group without one
	Period Period
	Prior  bool // the period before the present one
}

// Dimension is one way in which a metric can be broken down.
type Dimension struct {
	Name string // as written, such as owner.region
	X    *Expr  // over OpRow; missing is a group of its own
}

// Better says which way a metric should go.
type Better uint8

// The ways.
const (
	NoBetter Better = iota
	Lower
	Higher
)

// Taken reports whether the figures are of all rows as they are when a period closes, rather than
// of the rows that a period holds. Rows that the engine writes are placed by when it made them.
func (m *Metric) Taken() bool { return m.At == nil && m.Of.Kind == Entity && !m.Of.Kept }

// Dimension finds a dimension by its name; nil: there is none.
func (m *Metric) Dimension(name string) *Dimension {
	for i := range m.By {
		if m.By[i].Name == name {
			return &m.By[i]
		}
	}
	return nil
}
