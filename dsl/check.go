package dsl

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// check checks what declarations say, each on its own. What others read (constants, computed
// fields, scores) is checked when it is first read, so that its faults are known by then.
func (c *checker) check() {
	for _, d := range c.decls {
		switch n := d.node.(type) {
		case *syntax.Let:
			c.let(d)
		case *syntax.Extern:
			c.extern(d, n)
		case *syntax.Calendar:
			c.calendar(d, n)
		}
	}
	c.calendarCycles()
	for _, name := range c.builtin.order {
		c.record(c.builtin.names[name])
	}
	for _, d := range c.decls {
		if d.kind.isRecord() {
			c.body(d.line, false, func() { c.record(d) })
		}
	}
	for _, d := range c.decls {
		if !d.kind.isRecord() {
			c.body(d.place(), d.used != nil, func() { c.declaration(d); c.unread(d) })
		}
	}
	c.cycles()
	c.tests()
}

// unread tells of parameters that nothing in their template reads. A template with mistakes may not
// have been looked at whole.
func (c *checker) unread(d *decl) {
	if d.pkg != c.own || d.used != nil || d.kind == isExtern || d.later != "" || unread(d.line) {
		return
	}
	for _, n := range d.syn.Params {
		name := d.line.Name(n.Name.Tok)
		p := d.params[name]
		if p == nil || p.node != n || p.read {
			continue
		}
		if at := d.line.Whole(); slices.ContainsFunc(c.diags, func(x source.Diagnostic) bool {
			return x.Code.Severity() == source.Error && x.Span.File == at.File &&
				at.Off <= x.Span.Off && x.Span.Off < at.End
		}) {
			return
		}
		c.tell(source.ParamUnread, p.span, name, d.name)
	}
}

// inForce reports whether a declaration is one of the running policy: what acts does so only in
// the workspace's own package, and a template only where it is used.
func (c *checker) inForce(d *decl) bool {
	if d.pkg != c.own && d.used == nil && d.kind.acts() {
		return false
	}
	return !d.open()
}

// open reports whether a template has parameters without a value.
func (d *decl) open() bool {
	for _, p := range d.params { //tidy:order whether any is without is the same in any order
		if p.x == nil {
			return true
		}
	}
	return false
}

// declaration checks what is of records: scores and all that acts.
func (c *checker) declaration(d *decl) {
	if d.pkg != c.own && d.used == nil && d.kind.acts() {
		return // somebody else's template, not used here
	}
	if d.useBad {
		return
	}
	switch n := d.node.(type) {
	case *syntax.Score:
		c.score(d)
	case *syntax.Rule:
		c.rule(d, n)
	case *syntax.Alert:
		c.alert(d, n)
	case *syntax.Segment:
		c.segmentBody(d)
	case *syntax.Journey:
		c.journeyBody(d)
	case *syntax.Action:
		c.action(d)
	case *syntax.Metric:
		c.metric(d)
	case *syntax.Allocate:
		c.allocateBody(d)
	default:
		c.laterDecl(d)
	}
}

// let checks a constant once; a cycle among constants is told where it closes.
func (c *checker) let(d *decl) *policy.Expr {
	switch d.state {
	case inHand:
		c.tell(source.Cycle, d.span, d.name)
		return nil
	case done:
		return d.let
	}
	d.state = inHand
	s := &scope{c: c, pkg: d.pkg, line: d.line, d: d, params: d.params}
	d.let = s.expr(d.node.(*syntax.Let).X, nil)
	if d.let != nil && !constant(d.let) {
		c.tell(source.NotConstant, d.let.Span, d.name)
		d.let = nil
	}
	d.state = done
	return d.let
}

// constant reports whether an expression reads nothing.
func constant(x *policy.Expr) bool {
	switch x.Op {
	case policy.OpSelf, policy.OpRow, policy.OpNow, policy.OpField, policy.OpScore, policy.OpTier,
		policy.OpAggregate, policy.OpRank, policy.OpCandidate, policy.OpExtern, policy.OpDone,
		policy.OpCompleted, policy.OpMetric:
		return false
	case policy.OpCall:
		if x.Fn == "age" || x.Fn == "bucket" {
			return false
		}
	}
	for _, a := range x.Args {
		if !constant(a) {
			return false
		}
	}
	return true
}

func (c *checker) extern(d *decl, n *syntax.Extern) {
	e := &policy.Extern{Head: d.head, Version: 1}
	ok := true
	for _, p := range d.syn.Params {
		t, good := c.typ(d.pkg, d.line, p.Type, nil)
		ok = ok && good
		e.Params = append(e.Params, t)
	}
	t, good := c.typ(d.pkg, d.line, n.Result, nil)
	e.Result = t
	if n.Version.Ok() {
		s := c.scopeOf(nil, d.line)
		e.Version = s.count(n.Version.Tok)
	}
	if ok && good {
		d.extern = e
		c.policy.Externs = append(c.policy.Externs, e)
	}
}

// mode reads `mode shadow`.
func (d *decl) mode(l *syntax.Line, m *syntax.Mode) policy.Mode {
	switch m.Mode {
	case "off":
		return policy.Off
	case "shadow":
		return policy.Shadow
	case "warn":
		return policy.Warn
	}
	return policy.Enforce
}

// checkLine reads `check each P late D when E`.
func (s *scope) checkLine(n *syntax.Check) *policy.Check {
	ch := &policy.Check{Each: periodNamed(n.Each), Span: s.line.Span()}
	if n.Late.Ok() {
		ch.Late = s.duration(n.Late.Tok)
	}
	return ch
}

// modeLine reads a `mode` line of any acting declaration; a use may set it too.
func (c *checker) modeOf(d *decl) policy.Mode {
	m := policy.Enforce
	for _, l := range d.line.Body {
		if n, ok := l.Node.(*syntax.Mode); ok {
			m = d.mode(l, n)
		}
	}
	if d.used != nil && d.used.mode != nil {
		m = d.mode(d.used.line, d.used.mode)
	}
	return m
}

// unread reports whether a line of a declaration's block could not be read, or the block is not
// there: then it is not told what is missing in it, because that may stand in what was not read.
func unread(l *syntax.Line) bool {
	return !l.HasBlock() || slices.ContainsFunc(l.Body, func(l *syntax.Line) bool {
		return l.Node == nil
	})
}

// looks reports whether a declaration's block says `check each`.
func looks(body []*syntax.Line) bool {
	for _, l := range body {
		if _, ok := l.Node.(*syntax.Check); ok {
			return true
		}
	}
	return false
}

// once reports a line of a block that stands twice.
type once map[string]bool

func (o once) seen(s *scope, word string) bool {
	if o[word] {
		d := s.tell(source.LineTwice, s.line.HeadSpan(), word)
		for _, l := range s.d.line.Body {
			if l != s.line && l.Written(0) == s.line.Written(0) {
				d.Related = []source.Related{{Span: l.HeadSpan(), Code: source.FirstLabel}}
				break
			}
		}
		return true
	}
	o[word] = true
	return false
}

func (c *checker) rule(d *decl, n *syntax.Rule) {
	if d.state != untouched {
		return
	}
	d.state = done
	r := &policy.Rule{Head: d.head, On: d.of}
	r.Mode = c.modeOf(d)
	lines := once{}
	ok := d.of != nil
	look := looks(d.line.Body)
	for _, l := range d.line.Body {
		s := c.scopeOf(d, l)
		s.looks = look
		ok = s.ruleLine(r, l, lines) && ok
	}
	at := d.span
	switch {
	case unread(d.line):
		ok = false
	case r.Every == nil && (r.Top != nil || r.Where != nil):
		c.tell(source.NeedsEvery, at, d.name)
		ok = false
	case r.Every != nil && (r.Check != nil || r.When != nil):
		c.tell(source.EveryAlone, at, d.name)
		ok = false
	case d.of != nil && d.of.Kind == policy.Event && (r.Check != nil || r.Every != nil):
		c.tell(source.EventScheduled, at, d.name)
		ok = false
	case ok && d.of.Kind == policy.Entity && r.Every == nil && r.When == nil && !lines["when"]:
		c.tell(source.NeedsWhen, at, d.name)
		ok = false
	case len(r.Do) == 0 && !lines["do"]:
		c.tell(source.NoEffects, at, d.name)
	}
	if ok && d.of.Kind == policy.Entity && r.Check == nil && r.Every == nil {
		ok = c.dated(r.When)
	}
	c.settle(d, ok, func() {
		d.act = &acting{rule: r}
		c.policy.Rules = append(c.policy.Rules, r)
	})
}

// ruleLine checks one line of a rule.
func (s *scope) ruleLine(r *policy.Rule, l *syntax.Line, lines once) bool {
	switch n := l.Node.(type) {
	case *syntax.Cond:
		if lines.seen(s, n.Kind) {
			return false
		}
		x := s.condition(n.X)
		if n.Kind == "where" {
			r.Where = x
		} else {
			r.When = x
		}
		return x != nil
	case *syntax.Check:
		r.Check = s.checkLine(n)
		if n.When != nil {
			lines.seen(s, "when")
			r.When = s.condition(n.When)
			return r.When != nil
		}
		return !lines.seen(s, "check")
	case *syntax.Every:
		r.Every = s.schedule(n)
		if n.Where != nil {
			r.Where = s.condition(n.Where)
			return r.Where != nil
		}
		return !lines.seen(s, "every")
	case *syntax.Top:
		r.Top = &policy.Top{N: s.count(n.N.Tok), By: s.term(s.expr(n.By, nil))}
		if r.Top.By != nil && !comparable(r.Top.By.Type.Kind, true) {
			s.tell(source.NotOrdered, r.Top.By.Span, "top", typeWord(r.Top.By.Type))
			return false
		}
		return r.Top.By != nil && r.Top.N > 0 && !lines.seen(s, "top")
	case *syntax.Do:
		s.digest = scheduled(l, s)
		lines.seen(s, "do")
		r.Do = append(r.Do, s.effects(l.Body)...)
	}
	return true
}

// scheduled reports whether the rule that a line belongs to has `every`.
func scheduled(_ *syntax.Line, s *scope) bool {
	for _, l := range s.d.line.Body {
		if _, ok := l.Node.(*syntax.Every); ok {
			return true
		}
	}
	return false
}

// schedule reads `every monday at 09:00`.
func (s *scope) schedule(n *syntax.Every) *policy.Schedule {
	out := &policy.Schedule{At: 9 * value.Hour, Span: s.line.Span()}
	if n.Day != "" {
		out.Each, out.Weekday = policy.Weekly, weekdayNamed(n.Day)
	} else {
		out.Each = periodNamed(n.Each)
	}
	if n.At != nil {
		out.At = s.clock(n.At)
	}
	if n.For != nil {
		if d := s.c.path(s.pkg, s.line, n.For); d != nil && d.record != s.self {
			s.tell(source.EveryFor, s.line.PathSpan(n.For), d.name)
		}
	}
	return out
}

func weekdayNamed(word string) int {
	for i, w := range [...]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
		"sunday"} {
		if w == word {
			return i + 1
		}
	}
	return 0
}

// clock reads 09:30 as microseconds after midnight.
func (s *scope) clock(n *syntax.Clock) int64 {
	hour, minute := s.digits(n.Hour.Tok), s.digits(n.Minute.Tok)
	if hour < 0 || hour > 24 || minute < 0 || minute > 59 || hour == 24 && minute > 0 {
		at := s.line.TokSpan(n.Hour.Tok)
		at.End = s.line.TokSpan(n.Minute.Tok).End
		s.tell(source.BadClock, at, s.textAt(at))
		return 0
	}
	return hour*value.Hour + minute*value.Minute
}

func (s *scope) digits(t syntax.Tok) int64 {
	l, ok := s.number(t, nil)
	if !ok || l.Value.Kind != value.Int {
		return -1
	}
	return l.Value.N
}

func (c *checker) alert(d *decl, n *syntax.Alert) {
	if d.state != untouched {
		return
	}
	d.state = done
	if c.metricAlert(d, n) {
		return
	}
	if len(n.By) == 1 && d.line.Dotted(n.By[0]) == "action" {
		c.alertByAction(d)
		return
	}
	c.alertBody(d, n, nil)
}

// alertByAction makes one alert of every action that the subjects do.
func (c *checker) alertByAction(d *decl) {
	n := d.node.(*syntax.Alert)
	found := false
	for _, x := range c.decls {
		if x.kind != isAction || !c.inForce(x) {
			continue
		}
		c.action(x)
		found = found || x.act == nil // what is wrong with it has been told
		if x.act != nil && x.action.Person() == d.of && d.of != nil {
			c.cellless = false
			c.alertBody(d, n, x.action)
			found = found || !c.cellless
		}
	}
	if !found && d.of != nil {
		c.tell(source.NoActions, d.span, d.name, d.of.Name)
	}
}

// alertBody checks an alert, or its cell of one action.
func (c *checker) alertBody(d *decl, n *syntax.Alert, cell *policy.Action) {
	a := &policy.Alert{Head: d.head, Cell: cell, Of: d.of}
	a.Mode = c.modeOf(d)
	if cell != nil {
		a.Full += "/" + cell.Full
		a.Head.Cell = &cell.Head
		a.Was = nil
		for _, w := range d.head.Was {
			a.Was = append(a.Was, w+"/"+cell.Full)
		}
	}
	var extra map[string]policy.Type
	if cell == nil && (len(n.By) > 0 || len(n.Across) > 0) {
		extra = map[string]policy.Type{}
		for _, p := range append(append([]*syntax.Path{}, n.By...), n.Across...) {
			extra[d.line.Dotted(p)] = policy.Type{}
		}
		c.scopeOf(d, d.line).needsLater("by")
	}
	lines := once{}
	ok := d.of != nil
	look := looks(d.line.Body)
	for _, l := range d.line.Body {
		s := c.scopeOf(d, l)
		s.looks, s.extra, s.cell = look, extra, cell
		ok = s.alertLine(a, l, lines) && ok
	}
	c.alertEnds(d, a, lines, ok)
}

// alertEnds checks an alert as a whole.
func (c *checker) alertEnds(d *decl, a *policy.Alert, lines once, ok bool) {
	switch {
	case unread(d.line):
		ok = false
	case !lines["when"]:
		c.tell(source.NeedsWhen, d.span, d.name)
		ok = false
	case a.Check == nil && a.ForN > 0:
		c.tell(source.NeedsCheck, d.span, d.name, "for … in a row")
		ok = false
	case a.Check == nil && lines["needs"]:
		c.tell(source.NeedsCheck, d.span, d.name, "needs")
		ok = false
	}
	if ok && a.Check == nil {
		ok = c.dated(a.When)
		ok = c.dated(a.Until) && ok
	}
	c.settle(d, ok, func() {
		d.act = &acting{alert: a}
		c.policy.Alerts = append(c.policy.Alerts, a)
		c.celled(a)
	})
}

// alertLine checks one line of an alert.
func (s *scope) alertLine(a *policy.Alert, l *syntax.Line, lines once) bool {
	switch n := l.Node.(type) {
	case *syntax.Cond:
		if lines.seen(s, n.Kind) {
			return false
		}
		x := s.condition(n.X)
		if n.Kind == "needs" {
			a.Needs = x
		} else {
			a.When = x
		}
		return x != nil
	case *syntax.Check:
		a.Check = s.checkLine(n)
		twice := lines.seen(s, "check")
		if n.When != nil {
			lines.seen(s, "when")
			a.When = s.condition(n.When)
			return a.When != nil && !twice
		}
		return !twice
	case *syntax.For:
		if lines.seen(s, "for") {
			return false
		}
		switch {
		case n.Looks.Ok():
			a.ForN = s.count(n.Looks.Tok)
			return a.ForN > 0
		case n.Looks2.Ok():
			a.ForN = s.count(n.Looks2.Tok)
			return a.ForN > 0
		}
		a.For = s.duration(n.D.Tok)
		return a.For > 0
	case *syntax.Until:
		return !lines.seen(s, "until") && s.until(a, n)
	case *syntax.Do:
		lines.seen(s, "do")
		a.Do = append(a.Do, s.effects(l.Body)...)
	}
	return true
}

func (s *scope) until(a *policy.Alert, n *syntax.Until) bool {
	if n.Alone.Ok() {
		a.UntilFor = s.duration(n.Alone.Tok)
		return a.UntilFor > 0
	}
	a.Until = s.condition(n.X)
	if n.Hold.Ok() {
		a.UntilFor = s.duration(n.Hold.Tok)
	}
	return a.Until != nil
}

// segmentBody checks the rest of a segment, whose tiers have names already.
func (c *checker) segmentBody(d *decl) {
	if d.state != untouched {
		return
	}
	d.state = done
	g := d.segment
	g.Mode = c.modeOf(d)
	lines := once{}
	ok := d.of != nil
	look := looks(d.line.Body)
	for _, table := range []bool{true, false} { // rows first: enter and leave name them
		for _, l := range d.line.Body {
			if _, is := l.Node.(*syntax.Table); is != table {
				continue
			}
			s := c.scopeOf(d, l)
			s.looks = look
			ok = s.segmentLine(g, l, lines) && ok
		}
	}
	switch {
	case unread(d.line):
		ok = false
	case !lines["when"] && g.Kinds == nil:
		c.tell(source.NeedsWhen, d.span, d.name)
		ok = false
	}
	if ok && g.Check == nil {
		ok = c.dated(g.When)
		for _, t := range g.Tiers {
			ok = c.dated(t.When) && ok
		}
	}
	c.settle(d, ok, func() { c.policy.Segments = append(c.policy.Segments, g) })
}

// segmentLine checks one line of a segment.
func (s *scope) segmentLine(g *policy.Segment, l *syntax.Line, lines once) bool {
	switch n := l.Node.(type) {
	case *syntax.Cond:
		if lines.seen(s, n.Kind) {
			return false
		}
		if g.Kinds != nil {
			s.tell(source.WhenAndPick, l.HeadSpan())
			return false
		}
		g.When = s.condition(n.X)
		return g.When != nil
	case *syntax.Check:
		g.Check = s.checkLine(n)
		twice := lines.seen(s, "check")
		if n.When != nil {
			lines.seen(s, "when")
			g.When = s.condition(n.When)
			return g.When != nil && !twice
		}
		return !twice
	case *syntax.Table:
		return !lines.seen(s, "pick") && s.tierRows(g, l)
	case *syntax.Member:
		return s.memberLine(g, l, n)
	}
	return true
}

// tierRows checks the rows of a segment's table.
func (s *scope) tierRows(g *policy.Segment, l *syntax.Line) bool {
	ok := true
	ended := false
	for _, row := range l.Body {
		n, is := row.Node.(*syntax.Row)
		if !is {
			ok = false
			continue
		}
		t := s.at(row)
		name, is := n.Value.(*syntax.Name)
		if !is {
			s.tell(source.TierName, row.ExprSpan(n.Value))
			ok = false
			continue
		}
		if ended {
			s.tell(source.AfterElse, row.Span())
		}
		tier := policy.Tier{Name: row.Name(name.Tok), Label: textOf(row, n.Label), Span: row.Span()}
		if i := valueNamed(g.Kinds, tier.Name); i >= 0 {
			s.c.referValue(row.ExprSpan(name), g.Kinds, i)
		}
		if n.Else {
			ended = true
		} else {
			t.rows = true
			tier.When = t.condition(n.Cond)
			ok = ok && tier.When != nil
		}
		for _, o := range g.Tiers {
			if o.Name == tier.Name {
				d := s.tell(source.TwoAlike, row.ExprSpan(n.Value), tier.Name)
				d.Related = []source.Related{{Span: o.Span, Code: source.FirstHere}}
				ok = false
				break
			}
		}
		g.Tiers = append(g.Tiers, tier)
	}
	return ok
}

// memberLine checks `enter { … }` and `leave Tier { … }`.
func (s *scope) memberLine(g *policy.Segment, l *syntax.Line, n *syntax.Member) bool {
	effects := s.effects(l.Body)
	to := &g.Enter
	if n.Kind == "leave" {
		to = &g.Leave
	}
	if n.Tier.Ok() {
		name := l.Name(n.Tier.Tok)
		if g.Kinds == nil {
			s.tell(source.NoTiers, l.TokSpan(n.Tier.Tok), g.Name)
			return false
		}
		i := valueNamed(g.Kinds, name)
		if i >= 0 {
			s.c.referValue(l.TokSpan(n.Tier.Tok), g.Kinds, i)
		}
		if i < 0 || i >= len(g.Kinds.Values) {
			d := s.tell(source.UnknownValue, l.TokSpan(n.Tier.Tok), name, g.Name)
			d.Near = source.Nearest(name, choiceNames(g.Kinds))
			return false
		}
		t := tierNamed(g, g.Kinds.Values[i].Name)
		if t == nil {
			return false // its row could not be checked
		}
		to = &t.Enter
		if n.Kind == "leave" {
			to = &t.Leave
		}
	}
	*to = append(*to, effects...)
	return true
}

func tierNamed(g *policy.Segment, name string) *policy.Tier {
	for i := range g.Tiers {
		if g.Tiers[i].Name == name {
			return &g.Tiers[i]
		}
	}
	return nil
}

// settle puts a checked declaration into the policy, or among what is not run yet.
func (c *checker) settle(d *decl, ok bool, run func()) {
	switch {
	case d.later != "":
		c.laterOf(d)
	case ok && c.inForce(d):
		run()
	}
}
