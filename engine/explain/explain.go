// Package explain says why a decision is what it is, and why it is not something else: which
// conditions looked, what they saw, which part of each kept it from holding, and how far it was
// from holding. Everything comes from the stored decision, its receipts and the policy; nothing is
// decided again.
package explain

import (
	"cmp"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// Explainer explains the decisions of one policy. It never changes: any number of goroutines may
// use one.
type Explainer struct {
	policy *policy.Policy
	w      *decision.Writer
	words  words
}

// New returns the explainer of a policy's decisions, for people of a zone and language.
func New(p *policy.Policy, o decision.Options) *Explainer {
	if o.Lang == "" {
		o.Lang = p.Settings.Lang
	}
	return &Explainer{policy: p, w: decision.NewWriter(p, o), words: wordsIn(o.Lang)}
}

// look is one condition that looked at one subject.
type look struct {
	watch   *decision.Watch
	subject decision.Ref // zero: the decision's own record
	verdict value.Tri
	conds   []cond // all that held, or those that did not
	failing int    // how many conjuncts did not hold, or may not have
	near    float64
}

// cond is one conjunct with what it saw.
type cond struct {
	x       *policy.Expr
	verdict value.Tri
	leaves  []*policy.Expr
	seen    []value.Value
	shares  []decision.Share // of the decision
}

// shareOf is what a completion divides, where the decision says so.
func shareOf(shares []decision.Share, x *policy.Expr) (decision.Share, bool) {
	for _, s := range shares {
		if s.X == x {
			return s, true
		}
	}
	return decision.Share{}, false
}

// looks reads the receipts of a decision and those the engine derived for conditions that its
// index left out. What holds comes first, then the misses, the nearest first.
func (x *Explainer) looks(d, excluded *decision.Decision) []look {
	all := looksOf(d)
	for _, l := range looksOf(excluded) {
		i := slices.IndexFunc(all, func(o look) bool { return o.same(&l, d.Record) })
		switch {
		case i < 0:
			all = append(all, l)
		case all[i].verdict != value.True && l.verdict != value.True &&
			len(l.conds) > len(all[i].conds):
			all[i] = l // the decision names the first conjunct that did not hold
		}
	}
	for i := range all {
		all[i].measure()
	}
	slices.SortStableFunc(all, func(a, b look) int {
		return cmp.Or(
			cmp.Compare(missed(a), missed(b)), cmp.Compare(a.failing, b.failing),
			cmp.Compare(a.near, b.near), cmp.Compare(a.watch.Head.Full, b.watch.Head.Full))
	})
	return all
}

func looksOf(d *decision.Decision) (all []look) {
	if d == nil {
		return nil
	}
	for i := range d.Receipts {
		all = join(all, lookOf(d, &d.Receipts[i]))
	}
	return all
}

// same reports whether two looks are one, though each has a policy of its own: the one was stored,
// the other asked for afterwards, of which whoever the decision is about is not named.
func (l *look) same(o *look, about decision.Ref) bool {
	whose := func(r decision.Ref) string {
		if r.Type == nil || about.Type != nil && r.Type.Full == about.Type.Full && r.ID == about.ID {
			return ""
		}
		return r.Type.Full + "/" + r.ID
	}
	a, b := l.watch, o.watch
	return a.Head.Full == b.Head.Full && a.What == b.What && a.Index == b.Index &&
		whose(l.subject) == whose(o.subject)
}

func missed(l look) int {
	if l.verdict == value.True {
		return 0
	}
	return 1
}

// join adds a look. Several receipts of one condition about one subject tell of one conjunct each.
func join(all []look, l look) []look {
	for i := range all {
		o := &all[i]
		if o.watch != l.watch || o.subject != l.subject || o.verdict == value.True ||
			l.verdict == value.True || len(l.conds) == 0 {
			continue
		}
		o.verdict = min(o.verdict, l.verdict)
		o.conds = append(o.conds, l.conds...)
		o.failing = len(o.conds)
		return all
	}
	return append(all, l)
}

func lookOf(d *decision.Decision, r *decision.Receipt) look {
	l := look{watch: r.Watch, verdict: r.Verdict}
	if r.Subject >= 0 && int(r.Subject) < len(d.Subjects) {
		l.subject = d.Subjects[r.Subject]
	}
	seen, parts := d.Seen[r.From:r.To], r.Watch.Parts
	if r.Part >= 0 && int(r.Part) < len(parts) {
		part := parts[r.Part]
		l.conds = []cond{{x: part.X, verdict: r.Verdict, leaves: part.Leaves, seen: seen,
			shares: d.Shares}}
		// A receipt names the first conjunct that did not hold; those behind it may not hold either.
		l.failing = len(parts) - int(r.Part)
		return l
	}
	for _, part := range parts {
		n := min(len(part.Leaves), len(seen))
		l.conds = append(l.conds,
			cond{x: part.X, verdict: r.Verdict, leaves: part.Leaves, seen: seen[:n],
				shares: d.Shares})
		seen = seen[n:]
	}
	return l
}

// measure says how far the conjuncts were from holding, together.
func (l *look) measure() {
	if l.verdict == value.True {
		return
	}
	for i := range l.conds {
		l.near += l.conds[i].distance()
	}
}

// missing lists the leaves that had no value.
func (c *cond) missing() []*policy.Expr {
	var out []*policy.Expr
	for i, leaf := range c.leaves {
		if i < len(c.seen) && !c.seen[i].Known() {
			out = append(out, leaf)
		}
	}
	return out
}

// text is an expression as the policy's author wrote it.
func (x *Explainer) text(e *policy.Expr) string {
	if e == nil {
		return ""
	}
	if s := x.w.Source(e.Span); s != "" {
		if strings.Contains(s, "\n") { // a condition may go on over several lines
			return strings.Join(strings.Fields(s), " ")
		}
		return s
	}
	switch {
	case e.Field != nil:
		return e.Field.Name
	case e.Score != nil:
		return e.Score.Name
	case e.Tier != nil:
		return e.Tier.Name
	}
	return e.Fn
}

// tier finds the row of a segment's pick that a watch is about.
func (x *Explainer) tier(w *decision.Watch) string {
	if w.What != "tier" || len(w.Parts) == 0 {
		return ""
	}
	for _, s := range x.policy.Segments {
		if &s.Head != w.Head {
			continue
		}
		for _, t := range s.Tiers {
			if t.When != nil && decision.NewWatch(w.Head, w.What, t.When).Parts[0].X == w.Parts[0].X {
				return t.Name
			}
		}
	}
	return ""
}
