package explain

import (
	"strconv"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// AppendJSON writes the explanation as one object: the decision, then under looked every condition
// that looked, in the order of Text, and under scored every score with its terms.
func (x *Explainer) AppendJSON(dst []byte, d, excluded *decision.Decision) []byte {
	dst = x.w.AppendJSON(append(dst, `{"decision":`...), d)
	dst = append(dst, `,"looked":[`...)
	looks := x.looks(d, excluded)
	for i, l := range looks {
		dst = x.appendLook(comma(dst, i), &l)
	}
	dst = append(dst, `],"scored":[`...)
	for i := range d.Scores {
		dst = x.appendScore(comma(dst, i), &d.Scores[i])
	}
	dst = append(dst, ']')
	if len(d.Accounts) > 0 {
		dst = x.appendAccounts(dst, d)
	}
	if d.Stay != nil {
		way, _ := asked(looks)
		dst = x.appendJourney(dst, d.Stay, way)
	}
	if excluded != nil && excluded.Noted != nil {
		dst = x.appendNoted(dst, excluded.Noted)
	}
	return append(dst, '}')
}

func comma(dst []byte, i int) []byte {
	if i == 0 {
		return dst
	}
	return append(dst, ',')
}

func appendKey(dst []byte, key, text string) []byte {
	dst = append(append(append(dst, `,"`...), key...), `":`...)
	return value.AppendQuoted(dst, text)
}

func (x *Explainer) appendSource(dst []byte, s source.Span) []byte {
	if at := string(x.w.AppendPlace(nil, s)); at != "" {
		return appendKey(dst, "source", at)
	}
	return dst
}

func (x *Explainer) appendLook(dst []byte, l *look) []byte {
	dst = value.AppendQuoted(append(dst, `{"rule":`...), l.watch.Head.Full)
	dst = appendKey(dst, "what", l.watch.What)
	if tier := x.tier(l.watch); tier != "" {
		dst = appendKey(dst, "tier", tier)
	}
	if l.subject != (decision.Ref{}) {
		dst = appendKey(dst, "of", l.subject.String())
	}
	dst = appendKey(dst, "verdict", verdict(l.verdict))
	dst = append(dst, `,"conditions":[`...)
	for i := range l.conds {
		dst = x.appendCond(comma(dst, i), &l.conds[i])
	}
	return append(x.appendSource(append(dst, ']'), l.watch.Head.Span), '}')
}

func verdict(t value.Tri) string {
	return [...]string{value.False: "false", value.Unknown: "unknown", value.True: "true"}[t]
}

func (x *Explainer) appendCond(dst []byte, c *cond) []byte {
	dst = value.AppendQuoted(append(dst, `{"text":`...), x.text(c.x))
	dst = appendKey(dst, "verdict", verdict(c.verdict))
	dst = append(dst, `,"values":[`...)
	for i, leaf := range c.leaves[:min(len(c.leaves), len(c.seen))] {
		dst = value.AppendQuoted(append(comma(dst, i), `{"text":`...), x.text(leaf))
		dst = x.w.AppendValueJSON(append(dst, `,"value":`...), leaf.Type, c.seen[i])
		if s, ok := shareOf(c.shares, leaf); ok {
			dst = x.appendNumber(append(dst, `,"done":`...), s.Done, true)
			dst = x.appendNumber(append(dst, `,"due":`...), s.Due, true)
		}
		dst = append(dst, '}')
	}
	dst = append(dst, ']')
	if d := c.distance(); d < far {
		dst = append(dst, `,"distance":`...)
		dst = strconv.AppendFloat(dst, d, 'f', 4, 64)
	}
	return append(x.appendSource(dst, c.x.Span), '}')
}

func (x *Explainer) appendScore(dst []byte, s *decision.Scored) []byte {
	dst = value.AppendQuoted(append(dst, `{"score":`...), s.Score.Full)
	dst = x.appendNumber(append(dst, `,"value":`...), s.Value, s.Known)
	dst = append(dst, `,"terms":[`...)
	for i := range min(len(s.Terms), len(s.Score.Terms)) {
		t, v := &s.Score.Terms[i], s.Terms[i]
		dst = value.AppendQuoted(append(comma(dst, i), `{"name":`...), t.Name)
		dst = x.appendNumber(append(dst, `,"weight":`...), t.Weight, true)
		dst = x.appendNumber(append(dst, `,"value":`...), v.Value, v.Known)
		dst = append(strconv.AppendBool(append(dst, `,"skipped":`...), v.Skipped), '}')
	}
	return append(dst, `]}`...)
}

func (x *Explainer) appendNumber(dst []byte, f float64, known bool) []byte {
	v := value.Value{}
	if known {
		v = value.OfFloat(value.Number, f)
	}
	return x.w.AppendValueJSON(dst, policy.Type{Kind: value.Number}, v)
}
