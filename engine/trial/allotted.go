package trial

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/cover"
	"github.com/throughline/throughline/engine/decision"
)

// allotted is what a run remembers of allocations.
type allotted struct {
	accounts []account // the last on each record, in the order in which they were made
	offers   []offer   // that wait, where coverage asks
}

// account is where an allocation decided on a record.
type account struct {
	rule, id string
	of       *decision.Decision
}

// offer is a record that somebody has yet to accept.
type offer struct {
	of *policy.Allocation
	id string
}

// allot remembers what allocations decided, and tells coverage what became of what they gave out.
func (r *run) allot(d *decision.Decision) {
	for i := range d.Accounts {
		a := &d.Accounts[i]
		now := account{a.Rule.Full, strings.Clone(a.Record.ID), d}
		r.allotted.accounts = slices.DeleteFunc(r.allotted.accounts, func(was account) bool {
			return was.rule == now.rule && was.id == now.id
		})
		r.allotted.accounts = append(r.allotted.accounts, now)
	}
	if to := r.opts.Recorder; to != nil {
		r.ended(to, d)
	}
}

// endings are the remarks by which an allocation tells how something ended, with the part of it.
func endings() map[source.Code]string {
	return map[source.Code]string{source.Recycled: "recycle after", source.KeptLong: "recycle at most",
		source.AllotNobody: "else 1"}
}

// ended tells coverage which outcomes a decision brought.
func (r *run) ended(to *cover.Recorder, d *decision.Decision) {
	for i := range d.Findings {
		f := &d.Findings[i]
		if part := endings()[f.Code]; part != "" {
			to.Took(cover.Outcome, f.Rule, part)
		}
		if f.Code == source.OfferLapsed {
			to.Lapsed(f.Rule, acceptPart)
		}
	}
	for i := range d.Effects {
		e := &d.Effects[i]
		for _, a := range r.policy.Allocations {
			if a.Full != e.Rule {
				continue
			}
			if e.Kind == decision.Assign && a.Accept != nil && e.Target.Type == a.Of {
				r.allotted.offers = append(r.allotted.offers, offer{a, strings.Clone(e.Target.ID)})
			}
			r.warned(to, a, e)
		}
	}
	r.allotted.offers = slices.DeleteFunc(r.allotted.offers, func(o offer) bool {
		phase := r.engine.HeldBy(o.of.Full, o.id).Phase
		if phase == "theirs" {
			to.Took(cover.Outcome, o.of.Full, acceptPart)
		}
		return phase != "offered"
	})
}

// acceptPart is how the part of an offer's time is called.
const acceptPart = "accept within"

// warned tells which effect of `warn` it was that came.
func (r *run) warned(to *cover.Recorder, a *policy.Allocation, e *decision.Effect) {
	if e.Effect == nil || e.Effect == a.Else {
		return
	}
	decl, _ := kind.Find(r.policy, a.Full)
	for i := range decl.Parts {
		if p := &decl.Parts[i]; p.Role == kind.Do && p.Effect == e.Effect {
			to.Took(cover.Outcome, a.Full, p.Name)
		}
	}
}

// addAllotted says who got a record and why, where an expectation is about what an allocation does;
// false: it is about something else.
func (r *run) addAllotted(x *policy.Expect) bool {
	who := x.For
	switch {
	case x.Kind == policy.ExpectAlert || x.Word == decision.Pool.String():
	case x.Kind == policy.ExpectEffect && x.Word == decision.Assign.String():
		if x.Value.Known() {
			who = x.Value.S
		}
	default:
		return false
	}
	said := false
	for _, a := range r.policy.Allocations {
		named := x.Kind != policy.ExpectAlert || x.Name != ""
		if named && a.Mode != policy.Off && means(a, x.Name) && means(a, x.Because) {
			said = r.addGiven(a, x.ID, who) || said
		}
	}
	return said
}

// means reports whether a name is an allocation's, or the reference's that it fills; "" is any.
func means(a *policy.Allocation, name string) bool {
	return name == "" || name == a.Full || name == a.Field.Name ||
		name == a.Of.Full+"."+a.Field.Name
}

// addOwner says the same where the expectation compares the reference with somebody.
func (r *run) addOwner(x *policy.Expect) {
	if x.X.Op != policy.OpEq || x.No {
		return
	}
	f, who := x.X.Args[0], x.X.Args[1]
	if f.Op != policy.OpField || f.Args[0].Op != policy.OpSelf {
		return
	}
	for _, a := range r.policy.Allocations {
		if a.Mode != policy.Off && a.Field == f.Field && who.Op == policy.OpConst &&
			who.Const.Kind == value.Ref {
			r.addGiven(a, x.ID, who.Const.S)
		}
	}
}

// addGiven says who got a record by an allocation, the last one without an id, and why not somebody
// else; false: it never looked.
func (r *run) addGiven(a *policy.Allocation, id, who string) bool {
	list := r.allotted.accounts
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].rule != a.Full || id != "" && list[i].id != id {
			continue
		}
		// The person's conditions are asked anew, as those of other declarations are.
		asked, _ := r.engine.WhyCandidate(a.Full, list[i].id, who)
		r.addHeld(a, list[i].id)
		r.add(r.say.looked, a.Full, r.why.Allotted(list[i].of, asked, list[i].id, who))
		return true
	}
	if id == "" || r.last[id] == nil || r.last[id].Record.Type != a.Of {
		return false
	}
	r.add(r.say.neverLooked, a.Full)
	r.addHeld(a, id)
	return true
}

// addHeld says who has a record now.
func (r *run) addHeld(a *policy.Allocation, id string) {
	h, name := r.engine.HeldBy(a.Full, id), decision.Ref{Type: a.Of, ID: id}.String()
	to := func(ids ...string) string {
		for i, id := range ids {
			ids[i] = decision.Ref{Type: a.To, ID: id}.String()
		}
		return strings.Join(ids, ", ")
	}
	switch {
	case h.Phase == "theirs":
		r.add(r.say.with, name, to(h.To))
	case h.Phase == "offered" && len(h.Among) > 0:
		r.add(r.say.offeredTo, name, to(h.Among...))
	case h.Phase == "offered":
		r.add(r.say.offeredTo, name, to(h.To))
	case h.Phase == "pool":
		r.add(r.say.inPool, name)
	default:
		r.add(r.say.withNobody, name)
	}
}
