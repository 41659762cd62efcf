package explain

import (
	"fmt"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// Text explains a decision in plain lines for a terminal. Excluded, which may be nil, holds the
// receipts of conditions that the engine's index left out.
func (x *Explainer) Text(d, excluded *decision.Decision) string {
	p := &page{x: x}
	p.head(d)
	p.findings(d)
	p.did(d)
	for i := range d.Accounts {
		p.account(&d.Accounts[i])
	}
	looks := x.looks(d, excluded)
	if d.Stay != nil {
		var way []look
		way, looks = asked(looks)
		p.journey(d.Stay, way)
	}
	if d.Stay == nil && len(d.Accounts) == 0 || len(looks) > 0 {
		p.looks(looks)
	}
	p.scores(d)
	if excluded != nil && excluded.Noted != nil {
		p.noted(excluded.Noted)
	}
	return p.String()
}

// Rule explains what one rule, alert or segment saw, and nothing else; "" where it did not look.
func (x *Explainer) Rule(d *decision.Decision, name string) string {
	p := &page{x: x}
	for _, l := range x.looks(d, nil) {
		if l.watch.Head.Full == name {
			p.look(&l)
		}
	}
	return p.String()
}

// page is a text that is being written.
type page struct {
	strings.Builder
	x *Explainer
}

func (p *page) line(depth int, format string, args ...any) {
	p.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(p, format, args...)
	p.WriteByte('\n')
}

// title begins a part, set off by a blank line.
func (p *page) title(s string) {
	p.WriteByte('\n')
	p.line(0, "%s", s)
}

// place is where something stands in the policy, as the end of a line.
func (p *page) place(s source.Span) string {
	if at := string(p.x.w.AppendPlace(nil, s)); at != "" {
		return "  (" + at + ")"
	}
	return ""
}

func (p *page) value(t policy.Type, v value.Value) string {
	return string(p.x.w.AppendValue(nil, t, v))
}

func (p *page) head(d *decision.Decision) {
	what := p.x.words.timer
	switch {
	case d.Record != (decision.Ref{}):
		what = d.Record.String()
	case d.Kind == decision.Activate:
		what = p.x.words.inForce
	case d.Kind == decision.Command:
		what = p.x.words.byHand
	case d.Kind == decision.Erase:
		what = p.x.words.erased
	}
	at := string(value.AppendTime(nil, d.At, p.x.w.Zone()))
	if o := p.x.words.outcomes[d.Outcome]; o != "" {
		at += "  " + o
	}
	p.line(0, "%d  %s  %s", d.Seq, what, at)
}

func (p *page) findings(d *decision.Decision) {
	if len(d.Findings) == 0 {
		return
	}
	p.title(p.x.words.findings)
	for i := range d.Findings {
		f := &d.Findings[i]
		p.line(1, "%s %s%s", f.Code, p.x.w.AppendFinding(nil, f), p.place(f.Span))
	}
}

func (p *page) did(d *decision.Decision) {
	if len(d.Effects) == 0 {
		return
	}
	p.title(p.x.words.did)
	for i := range d.Effects {
		p.effect(d, &d.Effects[i])
	}
}

func (p *page) effect(d *decision.Decision, e *decision.Effect) {
	w := &p.x.words
	says := []string{w.effects[e.Kind]}
	add := func(s string) {
		if s != "" {
			says = append(says, s)
		}
	}
	if e.State != decision.NoState {
		add(e.Rule + " " + w.states[e.State])
		add(e.Tier)
	}
	if e.Subject != d.Record && e.Subject != (decision.Ref{}) {
		add("[" + e.Subject.String() + "]")
	}
	if len(e.For) > 0 {
		add(w.to + " " + p.people(e.For))
	}
	if e.Kind == decision.Set {
		f := e.Effect
		if f != nil && f.Field != nil {
			add(e.Target.String() + "." + f.Field.Name + w.equal + p.value(f.Field.Type, e.Value))
		}
	}
	if text := p.x.w.AppendMessage(nil, e); len(text) > 0 {
		add("“" + string(text) + "”")
	}
	if e.Due != 0 {
		add(w.due + " " + p.value(policy.Type{Kind: value.Time}, value.OfWord(value.Time, e.Due)))
	}
	if e.Shadow {
		add("(" + w.shadow + ")")
	}
	if e.State == decision.NoState {
		add("· " + e.Rule)
	}
	p.line(1, "%s%s", strings.Join(says, " "), p.place(e.Span))
}

func (p *page) people(refs []decision.Ref) string {
	names := make([]string, len(refs))
	for i, r := range refs {
		if names[i] = r.String(); names[i] == "" {
			names[i] = p.x.words.nobody
		}
	}
	return strings.Join(names, ", ")
}

func (p *page) looks(looks []look) {
	if len(looks) == 0 {
		p.title(p.x.words.nothing)
		return
	}
	was := -1
	for i := range looks {
		if m := missed(looks[i]); m != was {
			p.title([...]string{p.x.words.held, p.x.words.missed}[m])
			was = m
		}
		p.look(&looks[i])
	}
}

func (p *page) look(l *look) {
	w := &p.x.words
	name := l.watch.Head.Full
	if label := p.x.w.Text(l.watch.Head.Label); label != "" && label != name {
		name += " " + label
	}
	what, ok := w.whats[l.watch.What]
	if !ok {
		what = l.watch.What
	}
	for _, s := range []string{what, p.x.tier(l.watch), l.subject.String()} {
		if s != "" {
			name += " · " + s
		}
	}
	p.line(1, "%s: %s%s", name, w.verdicts[l.verdict], p.place(l.watch.Head.Span))
	if len(l.conds) == 0 && len(l.watch.Parts) == 0 {
		p.line(2, "%s", w.always)
	}
	for i := range l.conds {
		p.cond(&l.conds[i])
	}
	if l.verdict != value.True && l.failing > len(l.conds) {
		p.line(2, w.more, len(l.watch.Parts))
	}
}

// cond writes a conjunct in the policy's own words and what each of its leaves was.
func (p *page) cond(c *cond) {
	p.line(2, "%s%s", p.x.text(c.x), p.place(c.x.Span))
	for i, leaf := range c.leaves {
		if i >= len(c.seen) {
			break
		}
		switch v := c.seen[i]; {
		case v.Known():
			p.line(3, "%s%s%s%s", p.x.text(leaf), p.x.words.equal, p.value(leaf.Type, v),
				p.share(c.shares, leaf))
		case leaf.Op == policy.OpCall && policy.TrustFunction(leaf.Fn): // what it was given is
		default:
			p.line(3, "%s %s%s", p.x.text(leaf), p.x.words.missing, p.share(c.shares, leaf))
		}
	}
	if c.verdict == value.Unknown && len(c.missing()) == 0 {
		p.line(3, "%s", p.x.words.unclear)
	}
}

// share says how much of its due a completion is; "" where the decision does not.
func (p *page) share(shares []decision.Share, x *policy.Expr) string {
	s, ok := shareOf(shares, x)
	if !ok {
		return ""
	}
	w := &p.x.words
	if s.Due == 0 {
		return w.fill(w.noneDue, p.figure(s.Done))
	}
	return w.fill(w.ofDue, p.figure(s.Done), p.figure(s.Due))
}

func (p *page) scores(d *decision.Decision) {
	if len(d.Scores) == 0 {
		return
	}
	p.title(p.x.words.scores)
	number := policy.Type{Kind: value.Number}
	for i := range d.Scores {
		s := &d.Scores[i]
		total := value.Value{}
		if s.Known {
			total = value.OfFloat(value.Number, s.Value)
		}
		p.line(1, "%s%s%s%s", s.Score.Full, p.x.words.equal, p.value(number, total),
			p.place(s.Score.Span))
		for j := range min(len(s.Terms), len(s.Score.Terms)) {
			p.term(&s.Score.Terms[j], s.Terms[j], d.Shares)
		}
	}
}

func (p *page) term(t *policy.Term, v decision.TermValue, shares []decision.Share) {
	weight := p.value(policy.Type{Kind: value.Percent}, value.OfFloat(value.Percent, t.Weight))
	says := p.value(policy.Type{Kind: value.Number}, value.OfFloat(value.Number, v.Value))
	switch {
	case v.Skipped:
		says = p.x.words.skipped
	case !v.Known:
		says = p.x.words.noData
	}
	p.line(2, "%s %s × %s  %s%s", t.Name, weight, says, p.x.text(t.X), p.share(shares, t.X))
}
