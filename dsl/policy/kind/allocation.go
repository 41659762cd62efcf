package kind

import (
	"strconv"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
)

func allocations() *Kind {
	return &Kind{Word: "allocate", Label: both("allocations", "分配"), State: true,
		decls: func(p *policy.Policy) []Decl { return each(p.Allocations, allocation) }}
}

// allocation takes an allocation apart: who is a candidate, what is weighed, how long an offer
// stands, and what becomes of what nobody gets.
func allocation(a *policy.Allocation) Decl {
	l := list{mode(&a.Head)}
	l.set("to", both(a.To.Name, a.To.Name), a.Span)
	l[len(l)-1].Tells = []Thing{Of(&a.To.Head)}
	l.cond("where", a.Where)
	if a.Base != "" {
		l.set("by", both(string(a.Base), baselines[a.Base]), a.Span)
	}
	for i := range a.Weigh {
		l.term(&a.Weigh[i])
	}
	l.value("share by", a.Share)
	l.cond("limit", a.Limit)
	if a.Accept != nil {
		l.ending("accept within", due(*a.Accept), a.Span)
	}
	if a.Offer > 0 {
		n := strconv.Itoa(a.Offer)
		l.set("accept top", both(n, n), a.Span)
	}
	if a.Hold {
		l.set("hold", both("until open", "直到 工作时段"), a.Span)
	}
	if a.Away != nil {
		l.set("away within", due(*a.Away), a.Span)
	}
	if a.Keep != nil {
		l.ending("recycle after", due(a.Keep.After), a.Span)
		l.cond("recycle where", a.Keep.Where)
		if a.Keep.Most != nil {
			l.ending("recycle at most", due(*a.Keep.Most), a.Span)
		}
	}
	for i := range a.Warn {
		after := due(a.Warn[i].After)
		l.effects("warn after "+after.En, a.Warn[i].Do)
	}
	if a.Cool != nil {
		l.set("cool", due(*a.Cool), a.Span)
	}
	if a.Same != nil {
		l.set("same", both(a.Same.Name, a.Same.Name), a.Span)
		l[len(l)-1].Tells = []Thing{{a.Same.Name, a.Same.Label}}
	}
	if a.Else != nil {
		l.effects("else", []*policy.Effect{a.Else})
		if a.Else.For != nil {
			l.set("pool for", due(*a.Else.For), a.Else.Span)
		}
	}
	return Decl{Head: &a.Head, Of: a.Of, Parts: l}
}

func (l *list) ending(name string, says policy.Text, at source.Span) {
	l.add(Part{Role: Ending, Name: name, Says: says, Span: at})
}

// baselines are the rules with a name, in Chinese.
var baselines = map[policy.Baseline]string{policy.RoundRobin: "依次轮流", policy.LeastOpen: "最少在手",
	policy.LoadRate: "最低负载率"}
