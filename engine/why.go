package engine

import (
	"math"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
)

// Why looks at every condition about an entity as it is now, also those that an index would leave
// out, and returns the receipts and the scores with their terms. Nothing changes and nothing acts.
func (e *Engine) Why(r *policy.Record, id string) (*decision.Decision, bool) {
	h, ok := e.Handle(r, id)
	if !ok || e.kinds[r.Index] == nil {
		return nil, false
	}
	d := e.quietly(decision.Ref{Type: r, ID: id}, func() {
		e.subject(e.tables[r.Index], h)
		for _, p := range e.scores {
			if p.score.Of == r && p.on {
				e.receiptOf(p)
			}
		}
		for _, n := range e.nodes {
			if n.table == e.tables[r.Index] && n.on && n.due == nil && e.waited(n, h) {
				e.receipts(n, h)
			}
		}
		e.wayOn(e.kinds[r.Index], h)
		e.dec.Shares = e.shares(h)
	})
	return d, true
}

// shares are what the completions divide that the receipts and scores in hand have read.
func (e *Engine) shares(h int32) (out []decision.Share) {
	add := func(x *policy.Expr) {
		is := func(s decision.Share) bool { return s.X == x }
		if x == nil || x.Op != policy.OpCompleted || slices.ContainsFunc(out, is) {
			return
		}
		s := decision.Share{X: x}
		for _, c := range e.completions(x) {
			c.each(h, func(person int32) {
				done, due := c.read(person, e.now)
				s.Done, s.Due = s.Done+done, s.Due+due
			})
		}
		out = append(out, s)
	}
	for i := range e.dec.Receipts {
		for _, part := range e.dec.Receipts[i].Watch.Parts {
			for _, x := range part.Leaves {
				add(x)
			}
		}
	}
	for i := range e.dec.Scores {
		for _, t := range e.dec.Scores[i].Score.Terms {
			add(t.X)
		}
	}
	return out
}

// WhyEvent does the same for an event that was just applied: while its values, fixed on arrival,
// are still in the record.
func (e *Engine) WhyEvent(r *record.Record) *decision.Decision {
	return e.quietly(decision.Ref{Type: r.Type, ID: r.ID}, func() {
		e.env.Self, e.env.SelfRef = &r.Slots, -1
		for _, n := range e.nodes {
			if n.kind == eventRule && n.record == r.Type && n.on {
				e.receipts(n, -1)
			}
		}
		if a := &e.arrived; a.r == r && a.noted != nil {
			noted := *a.noted
			noted.Note = strings.Clone(a.note)
			e.dec.Noted = &noted
		}
	})
}

// quietly runs f on a decision of its own and puts the engine's working memory back.
func (e *Engine) quietly(about decision.Ref, f func()) *decision.Decision {
	keep, self, ref := e.dec, e.env.Self, e.env.SelfRef
	e.dec = decision.Decision{Record: about, At: e.now, Moment: e.now}
	e.env.Now = e.now
	f()
	d := e.dec.Clone()
	e.dec, e.env.Self, e.env.SelfRef = keep, self, ref
	return d
}

// receipts runs every condition of a node without regard to its state.
func (e *Engine) receipts(n *node, h int32) {
	about := e.about(n, h)
	for _, p := range append([]*program{n.needs, n.when, n.where, n.until}, n.tiers...) {
		if p == nil || p.watch == nil {
			continue
		}
		verdict, part := p.run(&e.env)
		e.note(p, about, verdict, part)
	}
}

// receiptOf writes a live score with its terms.
func (e *Engine) receiptOf(p *scoreProgram) {
	d := e.dec.AddScore()
	d.Score = p.score
	for i := range p.terms {
		x, ok := p.terms[i].x.Of(&e.env)
		line := decision.TermValue{Known: ok, Skipped: !ok && p.terms[i].skip}
		if ok {
			line.Value = clamp(x)
		}
		d.Terms = append(d.Terms, line)
	}
	d.Value, d.Known = p.value(&e.env)
}

// Verdict is what a declaration last saw of a subject, and whether it is open on it.
type Verdict struct {
	Looked bool
	Truth  value.Tri
	Open   bool
	Since  int64 // when it opened or was entered
	Row    int   // looks in a row that it has held, of those that `for N in a row` asks for
}

// Standing returns what a declaration holds of a subject.
func (e *Engine) Standing(full string, r *policy.Record, id string) Verdict {
	h, ok := e.Handle(r, id)
	if !ok {
		return Verdict{}
	}
	for _, n := range e.nodes {
		if n.head.Full != full || n.record != r || n.table == nil || n.met != nil {
			continue
		}
		if st := n.find(h); st != nil {
			return Verdict{st.looked, st.truth, st.open, st.opened, int(st.streak)}
		}
	}
	return Verdict{}
}

// wayOn looks at what the way to the next stage asks for. A move further on asks for all that and
// more, so nothing is nearer.
func (e *Engine) wayOn(k *entityType, h int32) {
	j := k.journey
	if j == nil || k.table.lives[h] != alive {
		return
	}
	g := j.stages[j.stageOf(k.table.rows[h])]
	s := &decision.Stay{Journey: j.of, Stage: g.of, Since: k.table.rows[h].N[k.layout.Pos[j.since]]}
	e.dec.Stay = s
	for _, n := range g.dues {
		if st := n.find(h); st != nil && st.open && st.since < math.MaxInt64 {
			s.Dues = append(s.Dues, decision.StayDue{Head: n.head, At: st.since, Met: st.holds,
				Missed: st.untilHolds && !st.holds,
				Held:   st.since <= e.env.Now && !st.untilHolds && !st.holds})
		}
	}
	next, ok := j.nextStage(h)
	if !ok {
		return
	}
	s.Next = next.of
	e.subject(k.table, h)
	for _, q := range j.between(nil, h, int32(g.of.Index), int32(next.of.Index)) {
		verdict, part := q.run(&e.env)
		e.note(q.when, e.subjectIndex(k.table, h), verdict, part)
		if q.open == nil || verdict == value.True {
			continue
		}
		n, _ := q.count(&e.env)
		if all, _ := q.open(&e.env); all > n {
			s.Open = append(s.Open, decision.StayOpen{Of: q.of, N: all - n})
		}
	}
}

// WhyCandidate looks at the conditions of an allocation for one record and one candidate, as they
// are now; false: one of them is not known. Nothing changes.
func (e *Engine) WhyCandidate(full, id, who string) (*decision.Decision, bool) {
	for _, a := range e.allocations {
		h, ok := a.kind.table.find(id)
		if a.of.Full != full || !ok {
			continue
		}
		i, ok := a.to.person(who)
		if !ok || a.to.table.lives[i] != alive {
			return nil, false
		}
		return e.quietly(decision.Ref{Type: a.kind.rec, ID: id}, func() {
			e.subject(a.kind.table, h)
			e.candidate(a, i)
			for _, s := range []*screen{a.where, a.limit} {
				if s == nil {
					continue
				}
				verdict, part := s.whole.run(&e.env)
				e.note(s.whole, -1, verdict, part)
			}
		}), true
	}
	return nil, false
}
