package trial

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// expect checks one expectation and, where it does not hold, says what is so instead.
func (r *run) expect(s *policy.Step) {
	x := s.Expect
	switch x.Kind {
	case policy.ExpectOutcome:
		r.expectOutcome(s, x)
	case policy.ExpectValue:
		r.expectValue(s, x)
	case policy.ExpectEffect:
		r.expectEffect(s, x)
	case policy.ExpectAlert, policy.ExpectSegment:
		r.expectState(s, x)
	case policy.ExpectNoEffect:
		r.expectNoEffect(s, x)
	case policy.ExpectNoUnknown:
		r.expectNoUnknown(s)
	}
}

// words are an expectation as its author wrote it, without the word `expect`.
func (r *run) words(s *policy.Step) string {
	text := strings.TrimSpace(r.w.Source(s.Span))
	for _, w := range []string{"expect", "期望"} {
		if rest, ok := strings.CutPrefix(text, w); ok {
			return strings.TrimSpace(rest)
		}
	}
	return text
}

// outcome says what became of a record, with the remarks that explain it.
func (r *run) outcome(d *decision.Decision) string {
	if d == nil {
		return value.MissingText
	}
	out := d.Outcome.String()
	if f := r.findings(d); f != "" {
		out += " (" + f + ")"
	}
	return out
}

func (r *run) findings(d *decision.Decision) string {
	var all []string
	for i := range d.Findings {
		all = append(all, string(r.w.AppendFinding(nil, &d.Findings[i])))
	}
	return strings.Join(all, r.say.and)
}

func (r *run) expectOutcome(s *policy.Step, x *policy.Expect) {
	d := r.last[x.ID]
	if d == nil {
		r.fail(s.Span, r.say.noRecord, x.ID, x.Word, x.ID)
		return
	}
	// A record that never came to be judged is neither flagged nor "not done".
	judged := d.Outcome == decision.Accepted || d.Outcome == decision.Held
	switch x.Word {
	case "accepted", "held", "rejected", "duplicate", "dropped":
		if (d.Outcome.String() == x.Word) == x.No {
			r.fail(s.Span, r.say.outcome, x.ID, r.negate(x.No)+x.Word, r.outcome(d))
		} else if x.Text != "" && !r.remarked(d, x.Text) {
			r.fail(s.Span, r.say.finding, x.ID, x.Word, x.Text, r.findings(d))
		} else {
			r.expectCause(s, x, d)
		}
	case "flagged":
		switch said := r.proofSays(d, x); {
		case !judged:
			r.fail(s.Span, r.say.outcome, x.ID, r.negate(x.No)+x.Word, r.outcome(d))
		case said && x.No:
			r.fail(s.Span, r.say.outcome, x.ID, r.negate(true)+x.Word, r.findings(d))
		case !said:
			r.expectFlag(s, x)
		}
	case "done", "verified", "waiting", "missing", "waived":
		if r.completes(d, x) == x.No || x.No && !judged {
			r.fail(s.Span, r.say.outcome, x.ID, r.negate(x.No)+x.Word, r.standing(d, x))
		}
	default:
		r.fail(s.Span, r.say.word, r.words(s), x.Word)
	}
}

func (r *run) negate(no bool) string {
	if no {
		return r.say.not
	}
	return ""
}

// expectCause checks `because` of an outcome: a rule that spoke about the record.
func (r *run) expectCause(s *policy.Step, x *policy.Expect, d *decision.Decision) {
	if x.Because == "" {
		return
	}
	var rules []string
	for i := range d.Findings {
		rules = append(rules, d.Findings[i].Rule)
	}
	if !slices.ContainsFunc(rules, func(rule string) bool { return speaks(rule, x.Because) }) {
		r.fail(s.Span, r.say.effect, r.words(s))
		r.add(r.say.because, strings.Join(rules, ", "))
	}
}

// speaks reports whether a rule is the one that an expectation names, or a part of it:
// Deal.Demo.must is part of Deal.
func speaks(rule, named string) bool {
	rest, ok := strings.CutPrefix(rule, named)
	return ok && (rest == "" || rest[0] == '.')
}

// expectFlag looks for a flag on a record, with the text where one is given.
func (r *run) expectFlag(s *policy.Step, x *policy.Expect) {
	is := func(p pending) bool {
		return p.Kind == decision.Flag && p.Subject.ID == x.ID &&
			(x.Text == "" || slices.ContainsFunc(r.texts(p), func(s string) bool {
				return strings.Contains(s, x.Text)
			})) &&
			(x.Because == "" || speaks(p.Rule, x.Because))
	}
	r.settle(s, x, is)
}

// settle takes the effect that an expectation means off, or says that there is none; with `no` it
// is the other way round: none since the clock was last moved,
// but what was taken off.
func (r *run) settle(s *policy.Step, x *policy.Expect, is func(pending) bool) {
	at := r.find(is)
	switch {
	case x.No && at >= 0 && r.pending[at].step >= r.since:
		r.fail(s.Span, r.say.noEffect, strings.TrimPrefix(r.words(s), "no "), r.shown(r.pending[at]))
	case x.No:
	case at < 0:
		r.fail(s.Span, r.say.effect, r.words(s))
		r.addLeft()
		r.addWhy(x)
	default:
		r.pending = slices.Delete(r.pending, at, at+1)
	}
}

// find returns the first effect of the latest step that has one; -1: none.
func (r *run) find(is func(pending) bool) int {
	best := -1
	for i, p := range r.pending {
		if is(p) && (best < 0 || p.step > r.pending[best].step) {
			best = i
		}
	}
	return best
}

func (r *run) expectEffect(s *policy.Step, x *policy.Expect) {
	r.settle(s, x, func(p pending) bool { return r.means(x, p) })
}

// means reports whether an effect is the one that an expectation is about. What the expectation
// leaves out is anything.
func (r *run) means(x *policy.Expect, p pending) bool {
	switch {
	case p.Kind.String() != x.Word:
		return false
	case x.Text != "" && !slices.Contains(r.texts(p), x.Text):
		return false
	case x.For != "" && !p.reaches(x.For):
		return false
	case x.ID != "" && !p.isOf(x.ID):
		return false
	case x.Because != "" && !speaks(p.Rule, x.Because):
		return false
	case x.Name != "" && !named(x.Name, p):
		return false
	}
	return !x.Value.Known() || r.sameValue(x, p)
}

// isOf reports whether an effect is about a record, or is what that record brought.
func (p pending) isOf(id string) bool {
	return p.Subject.ID == id || p.Target.ID == id || p.brought == id
}

// reaches reports whether somebody is among an effect's recipients.
func (p pending) reaches(id string) bool {
	return slices.ContainsFunc(p.For, func(f decision.Ref) bool { return f.ID == id })
}

// named reports whether an effect goes by a name: of its rule, its function or the field it sets.
func named(name string, p pending) bool {
	if p.Rule == name {
		return true
	}
	e := p.Effect.Effect
	if e == nil {
		return false
	}
	return e.Name == name ||
		e.Field != nil && (e.Field.Name == name || e.Field.Of.Full+"."+e.Field.Name == name)
}

func (r *run) sameValue(x *policy.Expect, p pending) bool {
	if p.Kind == decision.Assign {
		return p.reaches(x.Value.S)
	}
	e := p.Effect.Effect
	if e == nil || e.Field == nil {
		return false
	}
	show := func(v value.Value) string { return string(r.w.AppendValueJSON(nil, e.Field.Type, v)) }
	return show(x.Value) == show(p.Value)
}

func (r *run) message(p pending) string { return string(r.w.AppendMessage(nil, p.Effect)) }

// texts are what an effect says to people: in the language of the test, and in either.
func (r *run) texts(p pending) []string {
	out := []string{r.message(p)}
	for _, w := range r.both {
		out = append(out, string(w.AppendMessage(nil, p.Effect)))
	}
	return out
}

// remarked reports whether a remark of a record says a text, in either language.
func (r *run) remarked(d *decision.Decision, text string) bool {
	return slices.ContainsFunc(d.Findings, func(f decision.Finding) bool {
		return about(&f, text) || r.remarks(&f, text)
	})
}

func (r *run) remarks(f *decision.Finding, text string) bool {
	for _, w := range [...]*decision.Writer{r.w, r.both[0], r.both[1]} {
		if strings.Contains(string(w.AppendFinding(nil, f)), text) {
			return true
		}
	}
	return false
}

// expectNoEffect looks at what the last step brought, or with `of` at all that is about a record or
// was brought by it.
func (r *run) expectNoEffect(s *policy.Step, x *policy.Expect) {
	var left []string
	for _, p := range r.pending {
		if x.ID == "" && p.step == r.number || x.ID != "" && p.isOf(x.ID) {
			left = append(left, r.shown(p))
		}
	}
	if len(left) > 0 {
		r.fail(s.Span, r.say.leftOver, strings.Join(left, r.say.and))
	}
}

func (r *run) expectNoUnknown(s *policy.Step) {
	var names []string
	for name, n := range r.undecided() { //tidy:order sorted below
		if n > r.unknown[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		r.fail(s.Span, r.say.unknown, name)
		if d := r.looked[name]; d != nil {
			r.add(r.say.looked, name, r.why.Rule(d, name))
		}
	}
}

// shown is an effect in one line: task “…” for Rep/wang (BigDeal).
func (r *run) shown(p pending) string {
	parts := []string{p.Kind.String()}
	if s := p.State.String(); s != "" {
		parts = append(parts, s)
	}
	if text := r.message(p); text != "" {
		parts = append(parts, "“"+text+"”")
	}
	for _, f := range p.For {
		parts = append(parts, "for "+f.String())
	}
	switch p.Kind {
	case decision.Set:
		parts = append(parts, p.Target.String())
	case decision.Assign, decision.Pool:
		parts = append(parts, "of "+p.Target.String())
	}
	if p.State != decision.NoState {
		parts = append(parts, "of "+p.Subject.String())
	}
	return strings.Join(append(parts, "("+p.Rule+")"), " ")
}

// add says more about the last failure.
func (r *run) add(format string, args ...any) {
	n := len(r.failures)
	r.fail(r.failures[n-1].at, format, args...)
	r.failures[n-1].says += r.say.and + strings.TrimRight(r.failures[n].says, "\n")
	r.failures = r.failures[:n]
}

// addLeft says which effects no expectation has taken off since the clock was last moved.
func (r *run) addLeft() {
	var left []string
	for _, p := range r.pending {
		if p.step >= r.since {
			left = append(left, r.shown(p))
		}
	}
	if len(left) == 0 {
		r.add("%s", r.say.nothingLeft)
		return
	}
	r.add(r.say.left, strings.Join(left, r.say.and))
}
