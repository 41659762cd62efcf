package policy

import "github.com/throughline/throughline/dsl/source"

// EffectKind is what an effect does (reference, section 7).
type EffectKind uint8

// The effects.
const (
	Task EffectKind = iota
	Notify
	Set
	Suggest
	Note
	Flag
	Assign
	Pool
	Call
)

// Effect is one effect of a rule, alert or segment, as data.
type Effect struct {
	Kind   EffectKind
	Text   *Message // task, notify, suggest, note, flag, call
	Who    *Expr    // task, notify, assign: a reference or a list of them
	Due    *Due     // task
	With   *Expr    // task: a list of records
	Via    string   // notify: the channel, "" in-app
	Target *Expr    // set, assign: the record whose field is written (Self or a reference)
	Field  *Field   // set, assign
	Value  *Expr    // set
	Name   string   // call
	For    *Due     // pool
	When   *Expr    // nil: always
	AtMost *Limit
	Span   source.Span

	// Until is what a task is done by; nil: by hand. Else is the same task for whoever gets it when
	// it was not done by its due; nil: it expires.
	Until *Met
	Else  *Effect
}

// Met is a condition that ends a task. Where it counts, X is `Count >= N`, and what had been
// counted when the task was made is left out.
type Met struct {
	Name  string // of what is counted, else the condition's text
	Of    *Expr  // the entity that is looked at, read when the task is given; nil: Self
	N     int    // 0: X is a truth of its own
	Count *Expr  // nil where N is 0
	X     *Expr  // over that entity
}

// Due is a span of time, working time or not.
type Due struct {
	Micro    int64 // a duration, or working time where Work
	Days     int64 // workdays where Work and not 0
	Work     bool
	Calendar *Calendar // nil: the workspace's
}

// Same reports whether two spans are counted alike and are as long.
func (d *Due) Same(o *Due) bool {
	named := func(c *Calendar) string {
		if c == nil {
			return ""
		}
		return c.Full
	}
	return d.Micro == o.Micro && d.Days == o.Days && d.Work == o.Work &&
		named(d.Calendar) == named(o.Calendar)
}

// Limit is `at most N per D`, or `at most N open`: of the tasks of whoever gets it.
type Limit struct {
	N    int
	Per  int64 // microseconds
	Open bool
}

// Message is a text with expressions filled in.
type Message struct {
	Parts []Part
	Other []Part // the same in the other language, where given
	Lang  string // en or zh of Other
	Span  source.Span
}

// Part is literal text, or an expression whose value is written in its place.
type Part struct {
	Lit string
	X   *Expr
}
