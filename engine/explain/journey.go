package explain

import (
	"strconv"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// asked parts the looks at what the way on asks for from all others.
func asked(looks []look) (way, others []look) {
	for _, l := range looks {
		if l.watch.What == "entry" || l.watch.What == "must" {
			way = append(way, l)
		} else {
			others = append(others, l)
		}
	}
	return way, others
}

// journey says where a record is on its journey, what keeps it there, the nearest first, and which
// deadlines it has.
func (p *page) journey(s *decision.Stay, way []look) {
	w := &p.x.words
	p.title(w.journey)
	p.line(1, "%s", w.fill(w.isIn, p.called(&s.Journey.Head), p.called(&s.Stage.Head),
		p.moment(s.Since)))
	for _, d := range s.Dues {
		text := w.runs
		switch {
		case d.Met:
			text = w.met
		case d.Missed:
			text = w.passed
		case d.Held:
			text = w.waits
		}
		p.line(2, "%s", w.fill(text, p.dueOf(s.Stage, d), p.moment(d.At)))
	}
	if s.Next == nil {
		p.line(1, "%s", w.atEnd)
		return
	}
	unmet := 0
	for i := range way {
		if way[i].verdict != value.True {
			if unmet++; unmet == 1 {
				p.line(1, "%s", w.fill(w.wayOn, p.called(&s.Next.Head)))
			}
			p.miss(s, &way[i])
		}
	}
	if unmet == 0 {
		p.line(1, "%s", w.fill(w.free, p.called(&s.Next.Head)))
	}
}

// miss is one requirement that is not met: how much of it there is, else what it saw.
func (p *page) miss(s *decision.Stay, l *look) {
	r := requirementOf(s.Journey, l)
	if have, ok := l.have(r); ok {
		text, open := p.x.words.count, openOf(s, r)
		if open > 0 {
			text = p.x.words.open
		}
		p.line(2, "%s%s", p.x.words.fill(text, strconv.FormatInt(have, 10), strconv.Itoa(r.N), r.Name,
			strconv.FormatInt(open, 10)), p.place(r.Span))
		return
	}
	for i := range l.conds {
		p.cond(&l.conds[i])
	}
}

// have is how many there are of what a requirement counts.
func (l *look) have(r *policy.Requirement) (int64, bool) {
	if r == nil || r.Count == nil || len(l.conds) != 1 {
		return 0, false
	}
	for i, leaf := range l.conds[0].leaves {
		if leaf.Agg == r.Count.Agg && i < len(l.conds[0].seen) {
			return l.conds[0].seen[i].N, true
		}
	}
	return 0, false
}

// openOf is how many more may yet count.
func openOf(s *decision.Stay, r *policy.Requirement) int64 {
	for _, x := range s.Open {
		if x.Of == r {
			return x.N
		}
	}
	return 0
}

// requirementOf finds the line that a look is at.
func requirementOf(j *policy.Journey, l *look) *policy.Requirement {
	for _, g := range j.Stages {
		for _, r := range g.Requirements() {
			if &r.Head == l.watch.Head {
				return r
			}
		}
	}
	return nil
}

func (p *page) called(h *policy.Head) string {
	if label := p.x.w.Text(h.Label); label != "" && label != h.Name {
		return h.Name + " " + label
	}
	return h.Name
}

func (p *page) moment(at int64) string {
	return p.value(policy.Type{Kind: value.Time}, value.OfWord(value.Time, at))
}

// dueOf names a deadline: what must be done by then, or the stage's own.
func (p *page) dueOf(g *policy.Stage, d decision.StayDue) string {
	if d.Head.Name != "" {
		return d.Head.Name
	}
	return p.called(&g.Head)
}

// appendJourney writes the same as JSON.
func (x *Explainer) appendJourney(dst []byte, s *decision.Stay, way []look) []byte {
	dst = value.AppendQuoted(append(dst, `,"journey":{"rule":`...), s.Journey.Full)
	dst = appendKey(dst, "stage", s.Stage.Name)
	dst = x.appendMoment(append(dst, `,"since":`...), s.Since)
	if s.Next != nil {
		dst = appendKey(dst, "next", s.Next.Name)
	}
	dst = append(dst, `,"unmet":[`...)
	n := 0
	for i := range way {
		l := &way[i]
		r := requirementOf(s.Journey, l)
		if l.verdict == value.True || r == nil {
			continue
		}
		dst = value.AppendQuoted(append(comma(dst, n), `{"rule":`...), r.Full)
		dst = appendKey(dst, "name", r.Name)
		if have, ok := l.have(r); ok {
			dst = strconv.AppendInt(append(dst, `,"have":`...), have, 10)
			dst = strconv.AppendInt(append(dst, `,"need":`...), int64(r.N), 10)
			if open := openOf(s, r); open > 0 {
				dst = strconv.AppendInt(append(dst, `,"open":`...), open, 10)
			}
		}
		dst = append(x.appendSource(dst, r.Span), '}')
		n++
	}
	dst = append(dst, `],"deadlines":[`...)
	for i, d := range s.Dues {
		dst = value.AppendQuoted(append(comma(dst, i), `{"rule":`...), d.Head.Full)
		if d.Head.Name != "" {
			dst = appendKey(dst, "name", d.Head.Name)
		}
		dst = x.appendMoment(append(dst, `,"at":`...), d.At)
		dst = strconv.AppendBool(append(dst, `,"met":`...), d.Met)
		dst = strconv.AppendBool(append(dst, `,"missed":`...), d.Missed)
		if d.Held {
			dst = append(dst, `,"held":true`...)
		}
		dst = append(dst, '}')
	}
	return append(dst, `]}`...)
}

func (x *Explainer) appendMoment(dst []byte, at int64) []byte {
	dst = value.AppendTime(append(dst, '"'), at, x.w.Zone())
	return append(dst, '"')
}
