package builder

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/ask"
)

// allocationScreen is who got what by a rule, what lies in the pool, and why.
func allocationScreen() Screen {
	return Screen{Path: "allocation", Name: words.Allocation, Icon: "allocation",
		Group: words.Steering, Needs: access.Read, Does: access.Submit, Do: doAllocation,
		Show: func(v *Visit) (view.Component, error) { return v.allocationPage("") }}
}

// allocatedScreen is one record that was given out, with everybody who was weighed.
func allocatedScreen() Screen {
	return Screen{Path: "allocation/{seq}", Name: words.Allocation, Needs: access.Read,
		Show: showAllocated}
}

// Bounds of the page.
const (
	allocationDays = 30
	mostAllocated  = 40
)

func (v *Visit) allocationPage(wrong string) (view.Component, error) {
	a := v.Ask()
	now, zone, err := v.now()
	if err != nil {
		return nil, err
	}
	from, to, err := a.Span(now.AddDate(0, 0, -allocationDays).UnixMicro(), now.UnixMicro()+1)
	if err != nil {
		return nil, err
	}
	list, err := a.Decisions(from, to)
	if err != nil {
		return nil, err
	}
	pool, err := a.Pool()
	if err != nil {
		return nil, err
	}
	p := view.AllocationPage{Days: allocationDays, MayTry: v.May(access.Draft)}
	if p.Pauses, err = v.pausesPage(wrong); err != nil {
		return nil, err
	}
	err = a.Look(func(e *engine.Engine, _ *ask.Sight) {
		for _, x := range e.Policy().Allocations {
			p.Rules = append(p.Rules, say.In(v.Lang).Name(&x.Head))
		}
		got := map[string]int{}
		for i := len(list) - 1; i >= 0; i-- {
			for _, x := range given(&list[i]) {
				if x.to != "" {
					got[x.to]++
				}
				if len(p.Last) < mostAllocated {
					p.Last = append(p.Last, v.givenRow(e, &list[i], x, zone))
				}
			}
		}
		for who, n := range got {
			p.People = append(p.People, view.Got{Name: v.named(e, who), Href: v.recordLink(who), Count: n})
		}
		for _, h := range pool.Records {
			if h.Phase == "offered" {
				continue
			}
			r := view.Given{Name: v.named(e, h.Record), Href: v.recordLink(h.Record)}
			if h.Until != nil {
				r.When = v.Sayf(words.TodayUntil, stamp(h.Until.UnixMicro(), zone))
			}
			p.Pool = append(p.Pool, r)
		}
	})
	slices.SortFunc(p.People, func(x, y view.Got) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.Name, y.Name))
	})
	for _, g := range p.People {
		p.Most = max(p.Most, g.Count)
	}
	return view.Allocation(&v.Viewer, p), err
}

// gift is one thing that an allocation did.
type gift struct {
	record, to string
	effect     map[string]any
}

// given is what allocations did in a decision.
func given(t *api.Told) (out []gift) {
	for _, f := range t.Words.Effects {
		kind, _ := f["kind"].(string)
		if kind != "assign" && kind != "pool" {
			continue
		}
		x := gift{effect: f}
		x.record, _ = f["record"].(string)
		x.to, _ = f["to"].(string)
		if x.record == "" {
			x.record = t.Record.String()
		}
		out = append(out, x)
	}
	return out
}

// named is what people call a record named as Type/id.
func (v *Visit) named(e *engine.Engine, name string) string {
	typ, id, _ := strings.Cut(name, "/")
	if of, err := ask.Type(e.Policy(), typ); err == nil {
		return v.nameOf(e, of, id)
	}
	return name
}

func (v *Visit) givenRow(
	e *engine.Engine, t *api.Told, x gift, zone *time.Location,
) view.Given {
	r := view.Given{Name: v.named(e, x.record), When: stamp(t.Moment, zone),
		Href: v.In("allocation/" + strconv.FormatUint(t.Decision.Seq, 10)),
		To:   v.Say(words.AllocationPool)}
	if x.to != "" {
		r.To, r.ToHref = v.named(e, x.to), v.recordLink(x.to)
	}
	return r
}

func showAllocated(v *Visit) (view.Component, error) {
	seq, err := strconv.ParseUint(v.R.PathValue("seq"), 10, 64)
	if err != nil {
		seq = 0
	}
	t, err := v.Ask().Decision(seq)
	if err != nil {
		return nil, err
	}
	gifts := given(t)
	if len(gifts) == 0 {
		return nil, &ask.NoSeqError{Seq: seq}
	}
	x := gifts[0]
	p := view.AllocatedPage{Entry: v.In("log/" + strconv.FormatUint(seq, 10))}
	err = v.Ask().Look(func(e *engine.Engine, _ *ask.Sight) {
		p.Given = v.givenRow(e, t, x, e.Zone())
		p.Record = v.recordLink(x.record)
		rule, _ := x.effect["rule"].(string)
		for _, a := range e.Policy().Allocations {
			if a.Full == rule {
				p.Rule = say.In(v.Lang).Name(&a.Head)
				v.candidates(e, a, x, &p)
			}
		}
	})
	return view.Allocated(&v.Viewer, p), err
}

// candidates are everybody whom an allocation weighed, the best first, then who was left out.
func (v *Visit) candidates(
	e *engine.Engine, a *policy.Allocation, x gift, p *view.AllocatedPage,
) {
	sp := say.In(v.Lang)
	for _, t := range a.Weigh {
		name := sp.Text(t.Label)
		if name == "" {
			name = t.Name
		}
		p.Terms = append(p.Terms, fmt.Sprintf("%s · %.0f%%", name, 100*t.Weight))
	}
	all, _ := x.effect["candidates"].([]any)
	for _, o := range all {
		m, _ := o.(map[string]any)
		id, _ := m["id"].(string)
		c := view.Candidate{Name: v.nameOf(e, a.To, id), Href: v.recordLink(a.To.Full + "/" + id)}
		if out, _ := m["out"].(string); out != "" {
			c.Out = v.outOf(out)
		}
		if s, ok := m["score"].(float64); ok {
			c.Score, c.Order = number(s), s
		}
		terms, _ := m["terms"].(map[string]any)
		for _, t := range a.Weigh {
			f, ok := terms[t.Name].(float64)
			c.Terms = append(c.Terms, view.Term{Known: ok, Share: f, Text: number(100 * f)})
		}
		c.Won = a.To.Full+"/"+id == x.to
		p.Candidates = append(p.Candidates, c)
	}
	slices.SortStableFunc(p.Candidates, func(x, y view.Candidate) int {
		return cmp.Or(cmp.Compare(left(x.Won), left(y.Won)), cmp.Compare(y.Order, x.Order),
			cmp.Compare(x.Name, y.Name))
	})
}

func left(won bool) int {
	if won {
		return 0
	}
	return 1
}

// outOf is why somebody was left out.
func (v *Visit) outOf(why string) string {
	switch why {
	case "limit":
		return v.Say(words.AllocationLimit)
	case "where":
		return v.Say(words.AllocationWhere)
	}
	return why
}
