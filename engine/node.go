package engine

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/eval"
)

// nodeKind says what a node is: rules come before alerts and segments in every step.
type nodeKind uint8

const (
	eventRule nodeKind = iota
	entityRule
	everyRule
	alertNode
	segmentNode
	dueNode       // a deadline of a journey's stage
	hookNode      // what a journey's stage does
	taskNode      // what ends a task
	candidateNode // an allocation, told of its candidates
)

// node is one declaration that acts, as the engine runs it. Nodes are numbered in the order in
// which they act inside a step: rules, then alerts and segments, each by qualified name.
type node struct {
	// What every look at an event reads and writes stands first, in one line or two of the cache.
	index int32
	kind  nodeKind
	on    bool     // false: mode off
	when  *program // segments with tiers have rows instead
	count tally
	whom  []*effect // do

	head    *policy.Head
	rule    *policy.Rule
	alert   *policy.Alert
	segment *policy.Segment
	due     *dueOf
	hook    *policy.Hook
	met     *policy.Effect // the task that it ends
	by      eval.Int       // of an action: whose it is
	people  *table         // what by refers to
	picks   *allocation    // of a candidateNode
	kept    []*policy.Expr // what it keeps of each candidate
	record  *policy.Record // what it is of
	table   *table         // nil for rules on events
	check   *policy.Check
	cube    *cube // of an alert of a metric
	shadow  bool  // evaluated and explained, without effect
	effects int32 // how many effects it has in all

	needs  *program
	until  *program
	tiers  []*program
	enter  []*effect
	leave  []*effect
	byTier struct{ enter, leave [][]*effect }

	deps    deps
	mask    []uint64
	streams []bool     // by stream: reads it of its own subject
	times   []boundary // of a deadline's condition
	timed   []*program // the conditions that time alone can change
	ranks   []*ranking
	top     func(*eval.Env) (float64, bool) // what a scheduled rule ranks its subjects by
	where   *program
	look    *timer // of check and every

	states pages
}

// Counters say how often a declaration looked and what it saw. Unknown is counted as unknown.
type Counters struct {
	True, False, Unknown, Fired uint64
}

// tally counts without a branch: what a condition comes out as is what a processor guesses worst.
type tally struct {
	by    [4]uint64 // by value.Tri
	Fired uint64
}

func (c *tally) saw(t value.Tri) { c.by[t&3]++ }

func (c *tally) counters() Counters {
	return Counters{c.by[value.True], c.by[value.False], c.by[value.Unknown], c.Fired}
}

func (c *tally) parts() [4]*uint64 {
	return [...]*uint64{&c.by[value.True], &c.by[value.False], &c.by[value.Unknown], &c.Fired}
}

func (c *tally) write(w *writer) {
	for _, n := range c.parts() {
		w.uint(*n)
	}
}

func (c *tally) read(r *scanner) {
	for _, n := range c.parts() {
		*n = r.uint()
	}
}

func (c Counters) plus(d Counters) Counters {
	return Counters{c.True + d.True, c.False + d.False, c.Unknown + d.Unknown, c.Fired + d.Fired}
}

// state is what one node remembers of one subject. What every look reads and writes stands first,
// so that it is in as few lines of the cache as it can be.
type state struct {
	truth      value.Tri // of the last look
	looked     bool      // there was a look; without one the condition is "not there yet"
	open       bool      // an alert is open, a subject is a member
	holds      bool
	tier       int32
	mark       uint64 // of the agenda that the subject is on
	timer      timer
	since      int64 // when the condition began to hold without a break; none where holds is false
	opened     int64
	streak     int32 // looks in a row
	untilHolds bool
	untilSince int64  // the same for `until … for D`
	sent       []sent // moments of effects with `at most`
	looks      []look // recent looks, where late records may change them
	base       run    // the state before the first of them
}

// run is the part of an alert's state that looks move.
type run struct {
	open, holds, untilHolds bool
	streak                  int32
	since, untilSince       int64
}

func (st *state) run() run {
	return run{st.open, st.holds, st.untilHolds, st.streak, st.since, st.untilSince}
}

func (st *state) restore(r run) {
	st.open, st.holds, st.untilHolds = r.open, r.holds, r.untilHolds
	st.streak, st.since, st.untilSince = r.streak, r.since, r.untilSince
}

func (r run) state() (st state) {
	st.restore(r)
	return st
}

// sent remembers when a limited effect was last made.
type sent struct {
	effect  int32
	moments []int64
}

// look is one look at a period's end, kept while late records may change it.
type look struct {
	at      int64
	verdict value.Tri
	left    bool // needs was not true
	until   value.Tri
}

const pageSize = 8

// pages hold the states of a node's subjects: a page is made when one of its subjects is first
// looked at, so a rule that applies to few costs little.
type pages struct {
	list []*[pageSize]state
}

// find returns a subject's state, nil where it was never looked at.
func (n *node) find(h int32) *state {
	p := int(h) / pageSize
	if h < 0 || p >= len(n.states.list) || n.states.list[p] == nil {
		return nil
	}
	return &n.states.list[p][h%pageSize]
}

// state returns a subject's state, making it where it is new.
func (n *node) state(h int32) *state {
	p := int(h) / pageSize
	for p >= len(n.states.list) {
		n.states.list = append(n.states.list, nil)
	}
	if n.states.list[p] == nil {
		page := new([pageSize]state)
		for i := range page {
			page[i].timer = timer{rank: rankWatch, node: n.index, handle: int32(p*pageSize + i), pos: -1}
		}
		n.states.list[p] = page
	}
	return &n.states.list[p][h%pageSize]
}
