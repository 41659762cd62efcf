package explain

import (
	"math"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// mostListed is how many candidates are shown of those in, and of those left out; the decision and
// its JSON hold all.
const mostListed = 10

// account says who gets a record and why: every term of the best, and what left out the others.
func (p *page) account(a *decision.Account) {
	w := &p.x.words
	p.title(w.fill(w.gets, a.Record.String(), p.called(&a.Rule.Head)) + p.place(a.Rule.Span))
	switch {
	case a.Claim && a.Winner >= 0:
		p.line(1, "%s", w.fill(w.claimed, p.candidate(a, a.Winner)))
		return
	case a.Winner < 0:
		p.line(1, "→ %s", w.getsNobody)
	}
	ranked := a.Ranked()
	in, out := 0, 0
	for _, i := range ranked {
		if a.Out[i] != decision.In {
			continue
		}
		if in++; in <= mostListed {
			p.contender(a, i)
		}
	}
	p.more(in)
	for _, i := range ranked {
		if a.Out[i] == decision.In {
			continue
		}
		if out++; out == 1 {
			p.line(1, "%s", w.leftOut)
		}
		if out <= mostListed {
			p.line(2, "%s: %s", p.candidate(a, i), p.reason(a, i))
		}
	}
	p.more(out)
	if n := a.Count(decision.ByWhere); n > 0 {
		p.line(1, "%s", w.fill(w.others, strconv.Itoa(n)))
	}
}

func (p *page) more(n int) {
	if n > mostListed {
		p.line(2, "%s", p.x.words.fill(p.x.words.andMore, strconv.Itoa(n-mostListed)))
	}
}

func (p *page) candidate(a *decision.Account, i int32) string {
	return a.Rule.To.Full + "/" + a.IDs[i]
}

// contender is one candidate who is in.
func (p *page) contender(a *decision.Account, i int32) {
	w := &p.x.words
	says := p.candidate(a, i)
	switch {
	case a.Rule.Share != nil:
		says += "  " + w.turn + " " + p.figure(a.Keys[i])
	case len(a.Rule.Weigh) > 0:
		says += "  " + p.figure(a.Keys[i])
	}
	mark := "· "
	if i == a.Winner {
		mark = "→ "
		if a.Next >= 0 && a.Keys[a.Next] == a.Keys[i] {
			says += "  (" + p.x.Tied(a, a.Next) + ")"
		}
	} else if d := a.Keys[a.Winner] - a.Keys[i]; d > 0 {
		says += "  (" + w.fill(w.behind, p.figure(d)) + p.gaps(a, i) + ")"
	}
	p.line(1, "%s%s", mark, says)
	for t := range a.Rule.Weigh {
		v := decision.TermValue{}
		v.Value, v.Known = a.Term(int(i), t)
		v.Skipped = !v.Known && a.Rule.Weigh[t].Skip
		if !v.Known {
			v.Value = 0
		}
		p.term(&a.Rule.Weigh[t], v, nil)
	}
}

// gaps says by which terms somebody is behind, and by which ahead.
func (p *page) gaps(a *decision.Account, i int32) (says string) {
	for n, g := range a.Gaps(i) {
		sign := p.x.words.colon
		if n > 0 {
			sign = p.x.words.comma
		}
		says += sign + a.Rule.Weigh[g.Term].Name + " " + Points(g.Points)
	}
	return says
}

// Points is a difference in points as people read it.
func Points(d float64) string {
	says := strconv.FormatFloat(math.Round(math.Abs(d)*100)/100, 'f', -1, 64)
	switch {
	case d < 0:
		return "−" + says
	case d > 0:
		return "+" + says
	}
	return says
}

// Tied says what decided between the winner and somebody with as many points.
func (x *Explainer) Tied(a *decision.Account, i int32) string {
	w := &x.words
	why := w.longer
	switch was, other := a.Last[a.Winner], a.Last[i]; {
	case was == other:
		why = w.byName
	case was == 0:
		why = w.never
	}
	return w.fill(w.tied, why)
}

func (p *page) figure(f float64) string {
	return p.value(policy.Type{Kind: value.Number}, value.OfFloat(value.Number, f))
}

func (p *page) reason(a *decision.Account, i int32) string {
	says := p.x.Left(a, i)
	if part := partOf(a, i); part != nil {
		says += p.place(part.Span)
	}
	return says
}

// Left is what left a candidate out, in the policy's own words where it is a condition.
func (x *Explainer) Left(a *decision.Account, i int32) string {
	says := x.words.outs[a.Out[i]]
	if part := partOf(a, i); part != nil {
		says += ": " + x.text(part)
	}
	return says
}

// partOf is the conjunct that left a candidate out; nil: none did.
func partOf(a *decision.Account, i int32) *policy.Expr {
	x := a.Rule.Limit
	switch a.Out[i] {
	case decision.ByWhere:
		x = a.Rule.Where
	case decision.ByLimit:
	default:
		return nil
	}
	parts := decision.NewWatch(&a.Rule.Head, "", x).Parts
	if int(a.Part[i]) >= len(parts) {
		return nil
	}
	return parts[a.Part[i]].X
}

// Allotted says who got a record in a decision and why, and why not somebody, where they are named.
// Asked, which may be nil, holds the receipts of that person's conditions.
func (x *Explainer) Allotted(d, asked *decision.Decision, id, who string) string {
	p := &page{x: x}
	for i := range d.Accounts {
		a := &d.Accounts[i]
		if a.Record.ID != id {
			continue
		}
		p.account(a)
		if won := a.Winner >= 0 && a.IDs[a.Winner] == who; who != "" && !won && !a.Claim {
			p.line(0, "%s", x.words.fill(x.words.why, a.Rule.To.Full+"/"+who))
			p.whyNot(a, asked, who)
		}
	}
	return strings.TrimLeft(p.String(), "\n")
}

// WhyNot says why an allocation did not give a record to somebody, and what would have to change
// for it to: every answer is tried by deciding again. Asked, which may be nil, holds the receipts
// of that person's conditions.
func (x *Explainer) WhyNot(d, asked *decision.Decision, who string) string {
	p := &page{x: x}
	for i := range d.Accounts {
		a := &d.Accounts[i]
		p.line(0, "%s%s", x.words.fill(x.words.why, a.Rule.To.Full+"/"+who), p.place(a.Rule.Span))
		p.whyNot(a, asked, who)
	}
	return p.String()
}

func (p *page) whyNot(a *decision.Account, asked *decision.Decision, who string) {
	w := &p.x.words
	i := a.Find(who)
	name := a.Rule.To.Full + "/" + who
	switch {
	case i < 0 && asked != nil && len(asked.Receipts) > 0:
		p.line(1, "%s", w.fill(w.notWhere, name))
	case i < 0:
		p.line(1, "%s", w.fill(w.unheard, name))
	case i == a.Winner:
		p.line(1, "%s", w.fill(w.isWinner, name))
	case a.Out[i] == decision.In:
		p.beaten(a, i)
	default:
		p.line(1, "%s", p.reason(a, i))
		if to := a.Would(i, -1, 0); to == i {
			p.line(1, "%s", w.wouldBe)
		} else if to >= 0 {
			p.line(1, "%s", w.fill(w.stillNot, p.candidate(a, to)))
		}
	}
	if asked == nil || i == a.Winner || i >= 0 && a.Out[i] == decision.In {
		return
	}
	for _, l := range p.x.looks(asked, nil) {
		if l.verdict != value.True {
			p.look(&l)
		}
	}
}

// beaten sets a candidate beside the winner, and says which value of which term would have won.
func (p *page) beaten(a *decision.Account, i int32) {
	w := &p.x.words
	p.line(1, "%s", w.fill(w.hadOf, p.candidate(a, a.Winner), p.figure(a.Keys[a.Winner]),
		p.candidate(a, i), p.figure(a.Keys[i])))
	for t := range a.Rule.Weigh {
		m := &a.Rule.Weigh[t]
		p.line(2, "%s", w.fill(w.against, m.Name, p.percent(m.Weight), p.termValue(a, i, t),
			p.termValue(a, a.Winner, t)))
	}
	if a.Keys[i] == a.Keys[a.Winner] {
		p.line(2, "%s", p.x.Tied(a, i))
	}
	if len(a.Rule.Weigh) == 0 {
		return
	}
	p.title(w.change)
	for t := range a.Rule.Weigh {
		m := &a.Rule.Weigh[t]
		need, ok := a.Need(i, t)
		text := w.fill(w.notAlone, m.Name)
		if ok {
			text = w.fill(w.atLeast, m.Name, p.value(policy.Type{Kind: value.Number},
				value.OfFloat(value.Number, need)), p.termValue(a, i, t))
			if need < 1 {
				text = w.fill(w.atLeast, m.Name, strconv.FormatFloat(need, 'f', -1, 64),
					p.termValue(a, i, t))
			}
		}
		p.line(1, "%s  %s%s", text, p.x.text(m.X), p.place(m.X.Span))
	}
}

func (p *page) termValue(a *decision.Account, i int32, t int) string {
	x, ok := a.Term(int(i), t)
	if !ok {
		return p.x.words.noData
	}
	return p.figure(x)
}

func (p *page) percent(f float64) string {
	return p.value(policy.Type{Kind: value.Percent}, value.OfFloat(value.Percent, f))
}

// appendBehind writes of everybody who was in by how many points they were behind, and which terms
// those come from.
func appendBehind(dst []byte, a *decision.Account) []byte {
	if a.Claim || a.Winner < 0 || a.Rule.Share != nil || len(a.Rule.Weigh) == 0 {
		return dst
	}
	dst = append(dst, `,"behind":[`...)
	n := 0
	for _, i := range a.Ranked() {
		if a.Out[i] != decision.In || i == a.Winner {
			continue
		}
		dst = value.AppendQuoted(append(comma(dst, n), `{"id":`...), a.IDs[i])
		dst = appendPoints(append(dst, `,"points":`...), a.Keys[a.Winner]-a.Keys[i])
		dst = append(dst, `,"gaps":{`...)
		for k, g := range a.Gaps(i) {
			dst = value.AppendQuoted(comma(dst, k), a.Rule.Weigh[g.Term].Name)
			dst = appendPoints(append(dst, ':'), g.Points)
		}
		dst = append(dst, "}}"...)
		n++
	}
	return append(dst, ']')
}

// appendPoints writes points as they are told, to a hundredth.
func appendPoints(dst []byte, d float64) []byte {
	return strconv.AppendFloat(dst, math.Round(d*100)/100+0, 'f', -1, 64)
}

// appendAccounts writes how far behind others were, by which terms, and what left candidates out.
// Who was in stands in the decision's effects with their terms.
func (x *Explainer) appendAccounts(dst []byte, d *decision.Decision) []byte {
	dst = append(dst, `,"allocations":[`...)
	for n := range d.Accounts {
		a := &d.Accounts[n]
		dst = value.AppendQuoted(append(comma(dst, n), `{"rule":`...), a.Rule.Full)
		dst = appendKey(dst, "record", a.Record.String())
		for _, who := range []struct {
			key string
			i   int32
		}{{"to", a.Winner}, {"next", a.Next}} {
			if who.i >= 0 {
				dst = appendKey(dst, who.key, a.Rule.To.Full+"/"+a.IDs[who.i])
			}
		}
		dst = appendBehind(dst, a)
		dst = append(dst, `,"out":[`...)
		k := 0
		for _, i := range a.Ranked() {
			if a.Out[i] == decision.In {
				continue
			}
			dst = value.AppendQuoted(append(comma(dst, k), `{"id":`...), a.IDs[i])
			dst = appendKey(dst, "out", a.Out[i].String())
			if part := partOf(a, i); part != nil {
				dst = x.appendSource(appendKey(dst, "text", x.text(part)), part.Span)
			}
			dst = append(dst, '}')
			k++
		}
		dst = append(dst, `],"others":`...)
		dst = append(strconv.AppendInt(dst, int64(a.Count(decision.ByWhere)), 10), '}')
	}
	return append(dst, ']')
}
