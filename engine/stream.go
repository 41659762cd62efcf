package engine

import (
	"slices"

	"math"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/engine/slots"
	"github.com/throughline/throughline/engine/window"
)

// stream is the rows of one source as seen from one kind of subject: which records point at a
// subject (via), what moment places them (at), and the columns that aggregates read. All
// aggregates with the same source, via and at share it (decision D8).
type stream struct {
	index    int
	source   *policy.Record
	subject  *table       // nil: of workspace, one series
	viaExpr  *policy.Expr // nil: of workspace
	atExpr   *policy.Expr // nil: `at` of an event, `created` of an entity
	via      eval.Int
	at       eval.Int
	viaField int   // where via is a field of an event: its index and
	viaPos   int32 // its place; else -1
	atField  int   // index of the system field that places records by default
	cols     []column
	specs    []window.Spec
	plan     *window.Plan
	series   []window.Series // by the subject's handle
	change   uint64          // raised whenever a row comes or goes
	stage    stage           // when an event's row goes in
	action   *policy.Action  // its rows are the counted completions; nil: all events
	open     bool            // and those that may yet count
	cube     *cube           // its subjects are places of a metric; nil: they are entities
	row      window.Row      // of the event in hand
	ahead    []int32         // subjects of the events that come next

	// Entities as a source are live: what each has in the series is kept, to be taken out again.
	deps        deps
	mask        []uint64
	times       []boundary
	held        []held
	spare       window.Row // of the row being compared with the one held
	watch       dispatch   // conditions that read it of their own subject
	far         []remote   // everything else that reads it
	atLayoutPos int32      // its position in N
}

// column is one column of a stream's rows.
type column struct {
	key   string
	expr  *policy.Expr
	cond  eval.Cond // of a `where`
	leaf  eval.Leaf // of a value
	kind  value.Kind
	id    bool // the id of the record itself, for lists of events
	stage stage
}

// held is what an entity has put into a stream.
type held struct {
	in     bool
	queued bool // it is on the agenda
	target int32
	row    window.Row
	timer  *timer
}

// remote is a condition (or the rows of a stream) that depends on something at the end of a path.
type remote struct {
	node   int32 // -1: the rows of stream
	stream int32
	path   path
	broad  bool
}

// streams groups the policy's aggregates.
type streams struct {
	list []*stream
	of   map[int]slot // by Aggregate.ID
}

// slot is where an aggregate is kept.
type slot struct {
	stream *stream
	spec   int
}

// column returns the index of a column, adding it where it is new. A nil expression is the id.
func (s *stream) column(x *policy.Expr, test bool) int {
	k := "id"
	if x != nil {
		k = exprKey(x)
	}
	if test {
		k = "?" + k
	}
	for i, c := range s.cols {
		if c.key == k {
			return i
		}
	}
	c := column{key: k, expr: x, id: x == nil}
	switch {
	case test:
		c.kind = value.Bool
	case x == nil:
		c.kind = value.Text
	default:
		c.kind = x.Type.Kind
	}
	if x != nil {
		c.stage = stageOf(x)
		s.stage = max(s.stage, c.stage)
	}
	s.cols = append(s.cols, c)
	return len(s.cols) - 1
}

// mostColumns is how many columns a row tells known from missing; further ones are another stream.
const mostColumns = 64

// holds reports whether a stream has room for the columns that an aggregate reads.
func (s *stream) holds(a *policy.Aggregate) bool {
	trial := stream{cols: slices.Clone(s.cols)}
	trial.addSpec(a, 0)
	return len(trial.cols) <= mostColumns
}

// stage says when an event's row can be made: at once, when it is judged what the event completes,
// or when it has its scores.
type stage uint8

const (
	onArrival stage = iota
	onVerdict
	onScore
)

// stageOf is the stage at which an expression over an event has its value.
func stageOf(e *policy.Expr) (s stage) {
	switch {
	case e.Op == policy.OpScore && e.Score.Of.Kind == policy.Event:
		return onScore
	case e.Op == policy.OpDone:
		s = onVerdict
	}
	for _, a := range e.Args {
		s = max(s, stageOf(a))
	}
	return s
}

// addSpec makes the window specification of one aggregate.
func (s *stream) addSpec(a *policy.Aggregate, keep int64) int {
	w := window.Spec{Fn: a.Fn, Kind: a.Window.Kind, D: a.Window.D, Period: a.Window.Period,
		Where: -1, Value: -1, Value2: -1, N: a.N, Result: a.Type.Kind, Keep: keep}
	if a.Where != nil {
		w.Where = s.column(a.Where, true)
	}
	switch {
	case a.Fn == policy.Share && a.Value != nil:
		w.Value = s.column(a.Value, true)
	case a.Value != nil:
		w.Value = s.column(a.Value, false)
	case a.Fn == policy.First || a.Fn == policy.Last || a.Fn == policy.Distinct:
		w.Value = s.column(nil, false)
	}
	if a.Value2 != nil {
		w.Value2 = s.column(a.Value2, false)
	}
	s.specs = append(s.specs, w)
	return len(s.specs) - 1
}

// put adds a row to a subject's, take takes one out; both count as a change.
func (s *stream) put(h int32, r *window.Row, now int64) {
	s.change++
	s.plan.Insert(s.of(h), r, now)
	if s.cube != nil {
		s.cube.counted(h, 1)
	}
}

func (s *stream) take(h int32, r *window.Row, now int64) {
	s.change++
	s.plan.RemoveRow(s.of(h), r, now)
	if s.cube != nil {
		s.cube.counted(h, -1)
	}
}

// of returns the rows of a subject, growing the list where the subject is new.
func (s *stream) of(h int32) *window.Series {
	for int(h) >= len(s.series) {
		s.series = append(s.series, window.Series{})
	}
	return &s.series[h]
}

// heldBy returns what an entity has put into the stream.
func (s *stream) heldBy(h int32) *held {
	for int(h) >= len(s.held) {
		s.held = append(s.held, held{})
	}
	return &s.held[h]
}

// sameRow reports whether two rows say the same.
func (s *stream) sameRow(a, b *window.Row) bool {
	if a.At != b.At || a.Seq != b.Seq || a.Known != b.Known {
		return false
	}
	for i := range s.cols {
		if a.Known>>i&1 == 1 && (a.N[i] != b.N[i] || a.S[i] != b.S[i]) {
			return false
		}
	}
	return true
}

// has returns the rows of a subject if there ever were any.
func (s *stream) has(h int32) *window.Series {
	if h < 0 || int(h) >= len(s.series) {
		return nil
	}
	return &s.series[h]
}

// fill computes a row's columns for the record in env.Row, whose id is given.
func (s *stream) fill(env *eval.Env, id string, r *window.Row) {
	if len(r.N) != len(s.cols) {
		r.N, r.S = make([]int64, len(s.cols)), make([]string, len(s.cols))
	}
	r.Known = 0
	for i := range s.cols {
		s.cols[i].fill(env, id, r, i)
	}
}

func (c *column) fill(env *eval.Env, id string, r *window.Row, i int) {
	known := true
	switch {
	case c.id:
		r.S[i] = strings.Clone(id)
	case c.cond != nil:
		t := c.cond(env)
		known = t != value.Unknown
		r.N[i] = int64(t >> 1)
	case c.leaf.Int != nil:
		r.N[i], known = c.leaf.Int(env)
	case c.leaf.Num != nil:
		var f float64
		f, known = c.leaf.Num(env)
		r.N[i] = int64(math.Float64bits(f))
	case c.leaf.Str != nil:
		r.S[i], known = c.leaf.Str(env)
		r.S[i] = strings.Clone(r.S[i]) // the record's texts live in a buffer that is used again
	default:
		known = false
	}
	if known {
		r.Known |= 1 << i
	}
}

// touch fetches what an event will read and change of its subject: the rows it will be put into,
// and what the conditions that read them remember. It lies in many places, each of which would be
// waited for in turn; here the processor fetches them at once.
func (e *Engine) touch(s *stream, x *slots.Slots) {
	if s.viaPos < 0 || !x.Has(s.viaField) {
		return
	}
	h := int32(x.N[s.viaPos])
	if t := s.subject; t != nil && len(s.watch.general) > 0 {
		e.warm += len(t.meta[h].id) + len(t.rows[h].N)
		for _, i := range s.watch.general {
			if st := e.nodes[i].find(h); st != nil {
				e.warm += int(st.mark) + int(st.timer.pos)
			}
		}
	}
	if rows := s.has(h); rows != nil {
		s.plan.Touch(rows)
	}
}

// subjectOf is the subject that the record in env.Row points at.
func (s *stream) subjectOf(env *eval.Env) (int32, bool) {
	if s.via == nil {
		return 0, true
	}
	h, ok := s.via(env)
	return int32(h), ok
}

// placed is the moment that places the record in env.Row.
func (s *stream) placed(env *eval.Env) (int64, bool) {
	if s.at != nil {
		return s.at(env)
	}
	if s.atField < 0 || !env.Row.Has(s.atField) {
		return 0, false
	}
	return env.Row.N[s.atLayoutPos], true
}
