package builder

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/explain"
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
	got := map[string]int{}
	list, err := v.gifts(from, to, got)
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
		for i := range list {
			for _, x := range given(&list[i]) {
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

// gifts are the last decisions in which allocations did something, and counts what everybody got.
func (v *Visit) gifts(from, to uint64, got map[string]int) ([]api.Told, error) {
	shown := 0
	return v.Ask().Latest(api.Search{From: from, To: to, Most: math.MaxInt,
		Is: func(t *api.Told) bool {
			n := 0
			for i := range t.Effects {
				switch x := &t.Effects[i]; {
				case x.Kind == decision.Assign && len(x.For) > 0:
					got[x.For[0].String()]++
					n++
				case x.Kind == decision.Assign, x.Kind == decision.Pool:
					n++
				}
			}
			was := shown
			shown += n
			return n > 0 && was < mostAllocated
		}})
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
		for i := range t.Accounts {
			if a := &t.Accounts[i]; a.Rule.Full == x.effect["rule"] && a.Record.String() == x.record {
				p.Rule = say.In(v.Lang).Name(&a.Rule.Head)
				v.candidates(e, t.Policy, a, &p)
			}
		}
	})
	return view.Allocated(&v.Viewer, p), err
}

// candidates are everybody whom an allocation weighed, the best first, then who was left out.
func (v *Visit) candidates(
	e *engine.Engine, of *policy.Policy, a *decision.Account, p *view.AllocatedPage,
) {
	say := explain.New(of, decision.Options{Zone: e.Zone(), Lang: v.Lang})
	terms := make([]string, len(a.Rule.Weigh))
	for t := range a.Rule.Weigh {
		terms[t] = v.termName(&a.Rule.Weigh[t])
		p.Terms = append(p.Terms, fmt.Sprintf("%s · %.0f%%", terms[t], 100*a.Rule.Weigh[t].Weight))
	}
	for _, i := range a.Ranked() {
		c := view.Candidate{Name: v.named(e, a.Rule.To.Full+"/"+a.IDs[i]), Won: i == a.Winner,
			Href: v.recordLink(a.Rule.To.Full + "/" + a.IDs[i])}
		if a.Out[i] != decision.In {
			c.Out = strings.ReplaceAll(say.Left(a, i), "`", "")
		} else if len(a.Rule.Weigh) > 0 {
			c.Score = points(a.Keys[i])
		}
		for t := range a.Rule.Weigh {
			f, ok := a.Term(int(i), t)
			c.Terms = append(c.Terms, view.Term{Known: ok, Text: number(100 * f)})
		}
		if c.Out == "" && a.Winner >= 0 && !c.Won {
			c.Behind = points(a.Keys[a.Winner] - a.Keys[i])
			for _, g := range a.Gaps(i) {
				c.Gaps = append(c.Gaps, terms[g.Term]+" "+explain.Points(g.Points))
			}
			if a.Keys[i] == a.Keys[a.Winner] {
				c.Gaps = append(c.Gaps, say.Tied(a, i))
			}
		}
		p.Candidates = append(p.Candidates, c)
	}
}

// points are written as thru explain writes them.
func points(f float64) string { return strings.TrimPrefix(explain.Points(f), "+") }
