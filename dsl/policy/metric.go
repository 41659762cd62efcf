package policy

// Metric is a figure over records, by group and period (reference, section 9).
type Metric struct {
	Head
	Of     *Record
	Value  *Expr // arithmetic over aggregates of Of's rows; they are kept by nobody and have no ID
	Where  *Expr // over OpRow: which rows count; nil: all
	At     *Expr // over OpRow: the moment that places a row; nil: see Taken
	By     []Dimension
	Every  Period // NoPeriod: one figure over everything
	Better Better
	Index  int // index into Policy.Metrics
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
