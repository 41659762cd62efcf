package ask

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/fair"
)

// Fairness are the questions about what an allocation gave out: by their names (effort, value,
// open, won of a record; team, capacity, load of a candidate) as they are given, else by the fields
// by which such things usually go. The policy that comes back keeps what they count.
func Fairness(
	p *policy.Policy, of *policy.Allocation, given map[string]string,
) (q fair.Questions, grown *policy.Policy, err error) {
	rec, who := of.Of, of.To
	for _, x := range []struct {
		name  string
		of    *policy.Record
		to    **policy.Expr
		usual string
	}{
		{"effort", rec, &q.Effort, firstField(rec, "effort")},
		{"value", rec, &q.Value, firstField(rec, "amount", "value")},
		{"open", rec, &q.Open, ""},
		{"won", rec, &q.Won, wonText(p, rec)},
		{"team", who, &q.Team, firstField(who, "team", "region")},
		{"capacity", who, &q.Capacity, firstField(who, "capacity")},
		{"load", who, &q.Load, firstField(who, "load")},
	} {
		text := x.usual
		if given[x.name] != "" {
			text = given[x.name]
		}
		if text == "" {
			continue
		}
		ask := &Question{Of: x.of, Policy: p}
		if err := ask.Add(text); err != nil {
			return q, p, err
		}
		*x.to, p = ask.Exprs[0], ask.Policy
	}
	if q.Open == nil {
		q.Open = dsl.CountedOpen(of)
	}
	return q, p, nil
}

// firstField is the first of these fields that a type has.
func firstField(r *policy.Record, names ...string) string {
	for _, name := range names {
		if slices.ContainsFunc(r.Fields, func(f *policy.Field) bool { return f.Name == name }) {
			return name
		}
	}
	return ""
}

// wonText says which records were won: those in a stage that is won, else a field of that name.
func wonText(p *policy.Policy, r *policy.Record) string {
	for _, j := range p.Journeys {
		if j.Of != r {
			continue
		}
		var list []string
		for _, s := range j.Stages {
			if s.Kind == policy.StageWon {
				list = append(list, "stage == "+s.Name)
			}
		}
		return strings.Join(list, " or ")
	}
	return firstField(r, "won")
}
