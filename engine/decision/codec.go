package decision

import (
	"fmt"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
)

// Codec packs the decisions of one policy for the log, and unpacks them. Types, rules and scores
// are stored by qualified name and effects by their place in the rule, so that an old decision
// still means what it meant when texts around it have moved. A Codec never changes: any number of
// goroutines may use one.
type Codec struct {
	policy  *policy.Policy
	watches []*Watch
	byCond  map[condition]int32
	owners  map[string]owner
	places  map[*policy.Effect]int // position in its owner's effects
	texts   []*policy.Message      // that findings may have, in a fixed order
	textAt  map[*policy.Message]int
}

// condition tells a policy's conditions apart, whoever split them.
type condition struct {
	head  *policy.Head
	first *policy.Expr
}

// owner is a declaration that has effects or conditions.
type owner struct {
	head    *policy.Head
	effects []*policy.Effect
}

// NewCodec returns the codec of a policy.
func NewCodec(p *policy.Policy) *Codec {
	c := &Codec{
		policy:  p,
		watches: Watches(p),
		byCond:  map[condition]int32{},
		owners:  map[string]owner{},
		places:  map[*policy.Effect]int{},
		textAt:  map[*policy.Message]int{},
	}
	for _, w := range c.watches {
		c.byCond[conditionOf(w)] = w.Index
	}
	for _, r := range p.Records {
		c.owners[r.Full] = owner{head: &r.Head}
	}
	for _, r := range p.Rules {
		c.own(&r.Head, r.Do)
	}
	for _, a := range p.Actions {
		c.own(&a.Head, a.Feedback)
	}
	for _, a := range p.Alerts {
		c.own(&a.Head, a.Do)
	}
	for _, s := range p.Segments {
		c.own(&s.Head, effectsOfSegment(s))
	}
	for _, j := range p.Journeys {
		c.journey(j)
	}
	for _, a := range p.Allocations {
		c.own(&a.Head, a.Effects())
	}
	for _, a := range p.Actions {
		for _, l := range a.Proof {
			c.says(l.Text)
		}
	}
	return c
}

func (c *Codec) journey(j *policy.Journey) {
	for _, g := range j.Stages {
		for _, r := range g.Requirements() {
			c.own(&r.Head, nil)
			c.says(r.Text)
		}
		for _, h := range g.Hooks() {
			c.own(&h.Head, h.Do)
		}
	}
}

// says numbers a text that findings may carry. What comes is put behind what is there: the log
// holds the numbers.
func (c *Codec) says(t *policy.Message) {
	if t == nil {
		return
	}
	if _, had := c.textAt[t]; !had {
		c.textAt[t] = len(c.texts)
		c.texts = append(c.texts, t)
	}
}

func (c *Codec) own(h *policy.Head, effects []*policy.Effect) {
	effects = withElse(effects)
	c.owners[h.Full] = owner{head: h, effects: effects}
	for i, e := range effects {
		c.places[e] = i
	}
}

func conditionOf(w *Watch) condition {
	if len(w.Parts) == 0 {
		return condition{head: w.Head}
	}
	return condition{w.Head, w.Parts[0].X}
}

// indexOf returns a watch's index in Watches, -1 where the policy has no such condition. The
// index that the watch carries is tried first and spares the map.
func (c *Codec) indexOf(w *Watch) int32 {
	if w.Index < 0 {
		return -1
	}
	key := conditionOf(w)
	if i := w.Index; i >= 0 && int(i) < len(c.watches) && conditionOf(c.watches[i]) == key {
		return i
	}
	if i, ok := c.byCond[key]; ok {
		return i
	}
	return -1
}

// record finds a type by qualified name; policies keep them sorted.
func (c *Codec) record(full string) *policy.Record {
	i, ok := slices.BinarySearchFunc(c.policy.Records, full,
		func(r *policy.Record, s string) int { return strings.Compare(r.Full, s) })
	if !ok {
		return nil
	}
	return c.policy.Records[i]
}

func (c *Codec) score(full string) *policy.Score {
	i, ok := slices.BinarySearchFunc(c.policy.Scores, full,
		func(s *policy.Score, name string) int { return strings.Compare(s.Full, name) })
	if !ok {
		return nil
	}
	return c.policy.Scores[i]
}

func (c *Codec) action(full string) *policy.Action {
	i, ok := slices.BinarySearchFunc(c.policy.Actions, full,
		func(a *policy.Action, name string) int { return strings.Compare(a.Full, name) })
	if !ok {
		return nil
	}
	return c.policy.Actions[i]
}

func (c *Codec) allocation(full string) *policy.Allocation {
	i, ok := slices.BinarySearchFunc(c.policy.Allocations, full,
		func(a *policy.Allocation, name string) int { return strings.Compare(a.Full, name) })
	if !ok {
		return nil
	}
	return c.policy.Allocations[i]
}

// reader takes stored bytes apart. Its first mistake stays and everything after it reads zero, so
// that callers check once. It accepts only the one form that the writer makes of a value.
type reader struct {
	codec *Codec
	b     []byte
	depth int
	err   error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
		r.b = nil
	}
}

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.fail("stored decision ends %d bytes early", n-uint64(len(r.b)))
		return nil
	}
	head := r.b[:n]
	r.b = r.b[n:]
	return head
}

func (r *reader) byte() byte {
	b := r.take(1)
	if b == nil {
		return 0
	}
	return b[0]
}

// uvarint reads a number of seven bits a byte and refuses needless zero bytes.
func (r *reader) uvarint() uint64 {
	var n uint64
	for shift := 0; ; shift += 7 {
		b := r.byte()
		if r.err != nil {
			return 0
		}
		if shift == 63 && b > 1 || b == 0 && shift > 0 {
			r.fail("number is stored too long")
			return 0
		}
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n
		}
	}
}

func (r *reader) varint() int64 {
	u := r.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

// count reads how many things follow. Each takes a byte at least, so a larger count than there
// are bytes is refused before anything is made for it.
func (r *reader) count() int {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.fail("stored decision ends early: %d things are to follow", n)
		return 0
	}
	return int(n)
}

// within reads a number that must be below a limit.
func (r *reader) within(limit uint64, what string) int {
	n := r.uvarint()
	if n >= limit {
		r.fail("%s %d is none", what, n)
		return 0
	}
	return int(n)
}
