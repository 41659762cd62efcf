package ask

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/insight"
	"github.com/throughline/throughline/engine/record"
)

// Limit leaves out of a question what is not seen, where it was asked for all; what was asked for
// by name is refused.
//
// Who does not see all may ask for what a record says itself and what is counted for it: what
// refers to a record that is seen is seen too. Paths to the records of others, counts over all,
// and ranks tell of others.
func (q *Question) Limit(l *Lens, all bool) error {
	for i := 0; i < len(q.Exprs); i++ {
		x := q.Exprs[i]
		var no *Mistake
		switch {
		case l.reads(x):
			no = mistake("%s reads what you may not see", "%s 涉及您无权查看的字段", q.Texts[i])
		case !l.view.All && !all && l.strays(q.Of, x):
			no = mistake("%s tells of records that you may not see", "%s 涉及您无权查看的记录", q.Texts[i])
		case q.Of.Kept && len(l.told) > 0 && x.Field != nil && x.Field.Name == "text":
			no = mistake("%s may hold what you may not see", "%s 可能含有您无权查看的内容", q.Texts[i])
		default:
			continue
		}
		if !all {
			return no
		}
		q.Exprs, q.Texts = slices.Delete(q.Exprs, i, i+1), slices.Delete(q.Texts, i, i+1)
		i--
	}
	return nil
}

// strays reports whether an expression about a record reads those of others.
func (l *Lens) strays(of *policy.Record, x *policy.Expr) (yes bool) {
	kind.Visit(x, func(y *policy.Expr) bool {
		switch y.Op {
		case policy.OpRank, policy.OpLink, policy.OpMetric, policy.OpCandidate:
			yes = true
		case policy.OpField, policy.OpScore, policy.OpTier:
			yes = yes || len(y.Args) > 0 && l.elsewhere(y.Args[0])
		case policy.OpAggregate, policy.OpCompleted:
			yes = yes || l.overOthers(of, y)
		}
		return !yes
	})
	return yes
}

// elsewhere reports whether the record that an expression yields may be another's.
func (l *Lens) elsewhere(base *policy.Expr) bool {
	if base.Op == policy.OpSelf || base.Op == policy.OpRow {
		return false
	}
	return base.Type.Kind == value.Ref && (base.Type.Record == nil || l.leads[base.Type.Record] ||
		base.Type.Record.Builtin)
}

func (l *Lens) overOthers(of *policy.Record, x *policy.Expr) bool {
	for _, a := range x.Args {
		if a.Op != policy.OpSelf {
			return true
		}
	}
	g := x.Agg
	switch {
	case g == nil:
		return !l.leads[of]
	case g.List != nil:
		return false
	}
	return g.Of != nil && g.Of.Op != policy.OpSelf || g.Subject == nil || !l.leads[of]
}

// MaySubmit says why somebody may not submit a record; nil: they may. Who sees all may submit
// anything. A rep submits events of their own and entities that are theirs, and speaks for nobody
// else; a manager does the same for the team, and settles its reviews and leave. What people are
// and who is above whom is not theirs to say.
func (s *Sight) MaySubmit(line []byte) error {
	if s.view.All {
		return nil
	}
	r := s.decode(line)
	own := func(yes bool) error {
		if yes {
			return nil
		}
		return mistake("this record is not yours to submit", "您无权提交这条记录")
	}
	switch {
	case r.Type != nil && s.person != nil && r.Retracted && r.Type.Builtin && r.Type.Name == "Away":
		return own(s.mayEnd(r.ID))
	case r.Type == nil || s.person == nil || r.Retracted || r.Deleted:
		return own(false)
	case r.Type.Builtin && r.Type.Kind == policy.Event:
		return own(s.maySay(r))
	case r.Type.Builtin || r.Type == s.person || !s.leads[r.Type]:
		return own(false)
	}
	people := s.named(r, func(to *policy.Record) bool { return to == s.person })
	for _, p := range people {
		if !s.Sees(p.Type, p.ID) {
			return own(false)
		}
	}
	leads := s.leadsOn(s.named(r, func(*policy.Record) bool { return true }))
	if r.Type.Kind == policy.Entity {
		if _, there := s.value(decision.Ref{Type: r.Type, ID: r.ID}, r.Type.Fields[0]); there {
			return own(s.Sees(r.Type, r.ID) && (leads || len(people) == 0))
		}
	}
	return own(leads)
}

// maySay says of a built-in event whether it is theirs to submit.
func (s *Sight) maySay(r *record.Record) bool {
	by := s.full(r.Text("by")) == s.view.As
	switch r.Type.Name {
	case "Claim", "Accept":
		return by
	case "Done", "Cancel":
		return by && s.theirs("Task", r.Text("task"))
	case "Dismiss":
		return by && s.theirs("Suggestion", r.Text("suggestion"))
	case "Review":
		whose := s.judgedOf(r.Text("record"))
		return s.view.Team && by && s.full(whose) != s.view.As && s.SeesNamed(s.full(whose))
	case "Away":
		who := s.full(r.Text("who"))
		return s.view.Team && who != s.view.As && s.SeesNamed(who)
	}
	return false // Pause, Resume and Waive change rules for everybody
}

// mayEnd reports whether a leave is of somebody whose leave they settle.
func (s *Sight) mayEnd(id string) bool {
	for _, l := range s.e.Leaves(s.e.Now()) {
		if l.ID == id {
			who := s.full(l.Who)
			return s.view.Team && who != s.view.As && s.SeesNamed(who)
		}
	}
	return false
}

// theirs reports whether a row that the engine keeps is seen.
func (s *Sight) theirs(typ, id string) bool {
	of := s.types[typ]
	if of == nil || id == "" {
		return false
	}
	_, there := s.value(decision.Ref{Type: of, ID: id}, of.Fields[0])
	return there && s.Sees(of, id)
}

// Limit refuses a metric that reads what is hidden, and to who does not see all one whose groups
// are not somebody's.
func (x *Figures) Limit(l *Lens) error {
	reads := l.reads(x.Metric.Value) || l.reads(x.Metric.Where) || l.reads(x.Metric.At)
	theirs := l.view.All
	for _, d := range x.By {
		reads = reads || l.reads(d.X)
		theirs = theirs || l.leads[refersTo(d.X)]
	}
	switch {
	case reads:
		return mistake("%s reads what you may not see", "%s 涉及您无权查看的字段", x.Metric.Full)
	case !theirs:
		return mistake("%s tells of others: ask for it by a person", "%s 涉及他人：请按人员查询",
			x.Metric.Full)
	}
	return nil
}

func refersTo(x *policy.Expr) *policy.Record {
	if x.Type.Kind != value.Ref {
		return nil
	}
	return x.Type.Record
}

// Sift keeps the groups that are somebody's who is seen.
func (x *Figures) Sift(s *Sight) {
	x.List = slices.DeleteFunc(x.List, func(f insight.Figure) bool {
		for i, d := range x.By {
			if to := refersTo(d.X); to != nil && f.By[i].Kind == value.Ref && s.leads[s.types[to.Full]] &&
				s.Sees(to, f.By[i].S) {
				return false
			}
		}
		return true
	})
}
