// Package engine decides: a checked policy and an ordered log of entries give decisions.
//
// It is one deterministic state machine (decision D4). It has no clock, no randomness, no I/O and
// no goroutines; time comes in with the log. The same log gives the same decisions anywhere.
package engine

import (
	"fmt"
	"math"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/engine/evidence"
	"github.com/throughline/throughline/engine/slots"
	"github.com/throughline/throughline/engine/window"
	"github.com/throughline/throughline/internal/calendar"
)

// Semantics is raised by any change that can alter a decision (decision D5).
const Semantics = 11

// MaxDepth is how long a chain of steps may be; the next step is not applied (decision D9).
const MaxDepth = 16

// Options adjust an engine. The zero value is right for almost everybody.
type Options struct {
	Externs   []eval.Extern // functions of the embedding program
	Reference bool          // run strict pieces on expr-lang's VM instead of closures
	Probe     eval.Probe    // told what every expression comes out as; decides nothing
	// NoReceipts leaves receipts out of decisions, so that their cost can be measured. Whoever
	// explains anything needs them.
	NoReceipts bool
	// NoAssignments leaves out the rows of Assignment, for a replay in which nothing counts them.
	NoAssignments bool
	// Older looks up the seq of an event whose id the engine was told to forget: one of Forgot at
	// most. Nil: none.
	Older func(record *policy.Record, id string) (uint64, bool)
}

// Engine runs one policy over one log. It is not safe for concurrent use.
type Engine struct {
	policy  *policy.Policy
	opts    Options
	zone    *time.Location
	cals    *calendar.Set
	cal     *calendar.Calendar // the workspace's
	comp    *eval.Compiler
	watches watchList

	// The plan: fixed once New returns.
	events      []*eventType  // by Record.Index; nil for entities
	kinds       []*entityType // by Record.Index; nil for events
	tables      []*table      // the same
	streams     streams
	scores      []*scoreProgram // by Score.Index
	nodes       []*node         // in the order in which they act inside a step
	segmentNode []*node         // by Segment.Index
	cubes       []*cube         // of the metrics that alerts look at
	journeys    []*journey      // by Journey.Index
	allocations []*allocation   // by Allocation.Index
	backs       map[*policy.Field]*back
	farFields   map[*policy.Field][]remote
	farTiers    [][]remote      // by Segment.Index
	planning    []*ranking      // of the node being compiled
	measuring   *node           // the same, where it is an alert of a metric
	trusting    map[int]*trusts // by Record.Index: of events that trust functions judge

	kept     kept
	actions  []*actionProgram // by Action.Index
	verdicts []verdict        // the same, of the event in hand
	judged   judging
	leaves   []leave
	waivers  []waiver
	closing  bool // a look at a period's end is in hand

	// The state, with what tables, streams and nodes hold: a function of the log.
	now     int64
	started bool
	cubesOn bool // it is scheduled when periods close
	seq     uint64
	forgot  uint64 // ids of entries up to here are looked up
	built   uint64 // entries up to here were taken in as facts
	timers  timers
	memory  evidence.Memory // of the trust functions

	// Working memory of one entry.
	env       eval.Env
	dec       decision.Decision
	scored    []decision.Scored // by Score.Index: of the event in hand
	inHand    *slots.Slots      // the event in hand
	lateAt    int64             // from when on rows changed
	agenda    agenda
	steps     []Entry
	ticking   Entry         // the tick in hand
	lazy      bool          // a tick that has changed nothing so far
	pending   []pending     // its receipts
	chain     []string      // the rules that led to the step in hand
	names     []value.Value // {names} of the digest in hand
	passed    []item        // conditions that no index let look, for the probe
	asOf      bool          // aggregates are read as they were at env.Now
	arriving  arriving      // the event that trust functions may judge
	arrived   arriving      // the last one
	sketcher  evidence.Sketcher
	standing  *judgedEvent    // the event that is looked at again
	unheld    []unowned       // records without somebody, that an allocation looks at
	giving    *allocation     // that the step in hand is of
	absorbed  []absorbedEvent // that the engine replaced may have rejected
	claiming  bool            // what is given was claimed
	recalling bool            // a rebuild takes in a record of which something was erased
	absorbing bool            // a rebuild: nothing looks and nothing acts
	taking    bool            // rows were taken out: what held may hold no more
	empty     window.Series   // of a subject that nothing refers to
	scratch   scratch
	warm      int // keeps reads that only fetch memory from being optimised away
	ahead     ahead
}

// New plans a policy. It fails on what only running needs: an unknown zone or calendar, an extern
// that is not supplied.
func New(p *policy.Policy, o Options) (*Engine, error) {
	zone, err := calendar.Zone(p.Settings.Timezone)
	if err != nil {
		return nil, fmt.Errorf("time zone %q of thru.toml: %w", p.Settings.Timezone, err)
	}
	e := &Engine{policy: p, opts: o, zone: zone, backs: map[*policy.Field]*back{},
		farFields: map[*policy.Field][]remote{}, trusting: map[int]*trusts{}}
	e.timers.id = e.timerID
	e.verdicts = make([]verdict, len(p.Actions))
	if err := e.compiler(); err != nil {
		return nil, err
	}
	e.planRecords()
	e.planKept()
	e.planStreams()
	e.planScores()
	e.planNodes()
	e.planTypes()
	e.planBuiltins()
	e.planActions()
	e.planIdle()
	e.planTouches()
	e.planDeps()
	return e, nil
}

// Policy returns the policy in force.
func (e *Engine) Policy() *policy.Policy { return e.policy }

// Zone returns the workspace's time zone.
func (e *Engine) Zone() *time.Location { return e.zone }

// Now returns the greatest moment of an entry so far; only it moves timers.
func (e *Engine) Now() int64 { return e.now }

// Seq returns the seq of the last entry.
func (e *Engine) Seq() uint64 { return e.seq }

// Align makes seq that of the last entry. A replay calls it where the log, which another version of
// the engine wrote, has more or fewer ticks and steps than this one makes.
func (e *Engine) Align(seq uint64) { e.seq = seq }

// Apply decides on one input: first everything due at or before its moment, then the input, then
// the steps it caused, breadth first. Each is emitted with its own seq.
func (e *Engine) Apply(in *Entry, emit Emit) {
	if in.Moment > e.now || !e.started {
		e.Advance(in.Moment, emit)
	}
	e.begin(in)
	switch in.Kind {
	case decision.Record:
		e.record(in)
	case decision.Activate, decision.Command, decision.Erase:
	default:
		panic(fmt.Sprintf("engine: entry kind %d is no input", in.Kind))
	}
	e.finish(in, emit)
}

// Advance fires what is due at or before a moment and moves now to it.
func (e *Engine) Advance(to int64, emit Emit) {
	if !e.started {
		e.start(to)
	}
	if !e.cubesOn {
		e.startCubes(to)
	}
	for {
		t := e.timers.next()
		if t == nil || t.at > to {
			break
		}
		e.now = max(e.now, t.at)
		e.fire(t, emit)
	}
	e.now = max(e.now, to)
	e.env.Now = e.now
}

// NextDue returns the moment at which something falls due next.
func (e *Engine) NextDue() (int64, bool) {
	if t := e.timers.next(); t != nil {
		return t.at, true
	}
	return 0, false
}

// start sets the clock and schedules the first looks and scheduled rules.
func (e *Engine) start(at int64) {
	e.started = true
	e.now = at
	for _, n := range e.nodes {
		e.schedule(n, at)
	}
}

// begin empties the decision for an entry.
func (e *Engine) begin(in *Entry) {
	d := &e.dec
	d.Reset()
	d.Kind, d.Cause, d.Depth, d.Moment, d.At = in.Kind, in.Cause, in.Depth, e.now, in.Moment
	e.env.Now = e.now
	e.agenda.reset()
	e.kept.tasks.given = e.kept.tasks.given[:0]
	e.lateAt = math.MaxInt64
	e.taking = false
}

// finish emits the entry and then the steps that it caused.
func (e *Engine) finish(in *Entry, emit Emit) {
	e.probePassed()
	e.emit(in, emit)
	e.follow(emit, e.now)
}

// follow does what the entry just emitted leaves to be done: the rows it makes, then its steps.
func (e *Engine) follow(emit Emit, now int64) {
	e.runKept(emit)
	e.runSteps(emit, now)
}

// runSteps applies what was set, breadth first, at one moment.
func (e *Engine) runSteps(emit Emit, now int64) {
	for i := 0; i < len(e.steps); i++ {
		s := e.steps[i]
		e.begin(&s)
		e.env.Now = now
		e.step(&s)
		e.emit(&s, emit)
		e.runKept(emit)
	}
	e.steps = e.steps[:0]
}

// emit numbers an entry and hands it out with its decision; the steps it wants come after.
func (e *Engine) emit(in *Entry, emit Emit) {
	e.seq++
	in.Seq, e.dec.Seq = e.seq, e.seq
	for i := range e.steps {
		if e.steps[i].Cause == 0 {
			e.steps[i].Cause = e.seq
		}
	}
	emit(in, &e.dec)
}

func (e *Engine) timerID(t *timer) string {
	switch t.rank {
	case rankRow:
		return e.tables[e.streams.list[t.node].source.Index].meta[t.handle].id
	case rankDone:
		return e.judged.due[t.handle].name()
	case rankTask:
		return e.kept.task.table.meta[t.handle].id
	case rankOffer:
		return "" // in order of their handles
	case rankWatch:
		return e.nodes[t.node].table.meta[t.handle].id
	}
	return ""
}

// timerOf makes a timer that is not scheduled.
func timerOf(r rank, node int32) *timer {
	return &timer{rank: r, node: node, handle: -1, pos: -1}
}
