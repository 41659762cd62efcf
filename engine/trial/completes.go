package trial

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// actions are what an event completes now: what its decision said, and since then reviews and late
// values.
func (r *run) actions(d *decision.Decision, x *policy.Expect) (out []decision.Completion) {
	var since []decision.Completion
	if d.Record.Type != nil {
		since = r.engine.Completes(d.Record.Type, d.Record.ID)
	}
	for _, c := range d.Actions {
		for _, n := range since {
			if n.Action == c.Action {
				c = n
			}
		}
		if x.Name == "" || c.Action.Full == x.Name {
			out = append(out, c)
		}
	}
	return out
}

// completes checks `v1 done`, `v1 verified EffectiveDistribution`, `v1 waiting`, `v1 missing` and
// `v1 waived`.
func (r *run) completes(d *decision.Decision, x *policy.Expect) bool {
	switch x.Word {
	case "waived":
		return slices.ContainsFunc(d.Findings, func(f decision.Finding) bool {
			return f.Verdict == decision.Said(policy.Waived) && about(&f, x.Text)
		})
	case "missing":
		return slices.ContainsFunc(d.Findings, func(f decision.Finding) bool {
			return f.Verdict != 0 && about(&f, x.Text) &&
				(f.Code == source.ProofUnknown || f.Code == source.ProofUnclear)
		}) || slices.ContainsFunc(r.actions(d, x), func(c decision.Completion) bool {
			return c.Done == value.Unknown && c.Counted != value.Unknown
		})
	}
	return slices.ContainsFunc(r.actions(d, x), func(c decision.Completion) bool {
		switch x.Word {
		case "done":
			return c.Done == value.True
		case "verified":
			return c.Counted == value.True
		}
		return c.Done != value.True && c.Counted == value.Unknown
	})
}

// about reports whether a finding is of the line that a text names, or says it.
func about(f *decision.Finding, text string) bool {
	return text == "" || strings.HasSuffix(f.Rule, ".proof."+text)
}

// proofSays reports whether a line of proof flagged the record, `v1 flagged "place"`, or a journey
// did that lets it move all the same: `unmet warn`.
func (r *run) proofSays(d *decision.Decision, x *policy.Expect) bool {
	if d == nil {
		return false
	}
	for i := range d.Findings {
		f := &d.Findings[i]
		if f.Verdict == 0 && !isUnmet(f.Code) || x.Because != "" && !speaks(f.Rule, x.Because) {
			continue
		}
		if about(f, x.Text) || r.remarks(f, x.Text) {
			return true
		}
	}
	return false
}

// isUnmet reports whether a code says what a stage asks for and a record does not have.
func isUnmet(c source.Code) bool {
	switch c {
	case source.EntryCount, source.EntryUnknown, source.EntryUnmet, source.EntryOpen,
		source.MustCount, source.MustUnknown, source.MustUnmet, source.MustOpen:
		return true
	}
	return false
}

// standing says how an event stands with its actions.
func (r *run) standing(d *decision.Decision, x *policy.Expect) string {
	var out []string
	for _, c := range r.actions(d, x) {
		word := "not done"
		switch {
		case c.Counted == value.True:
			word = "verified"
		case c.Done == value.True:
			word = "done"
		case c.Counted == value.Unknown:
			word = "waiting"
		case c.Done == value.Unknown:
			word = "missing"
		}
		out = append(out, c.Action.Full+" "+word)
	}
	if len(out) == 0 {
		return r.outcome(d)
	}
	return strings.Join(out, r.say.and) + " (" + r.outcome(d) + ")"
}
