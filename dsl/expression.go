package dsl

import (
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// ExpressionFile is the name of the file that spans of an ad-hoc expression point into. Its index
// is the number of the policy's files.
const ExpressionFile = "expression"

// Expression checks an expression over a record type of a checked policy, as `thru show` asks it.
// The policy stays as it is: aggregates that it keeps already are its own, further ones have IDs
// from len(p.Aggregates) on and are found in the expression. An error leaves the expression nil.
func Expression(
	p *policy.Policy, of *policy.Record, text string,
) (*policy.Expr, []source.Diagnostic) {
	file := source.File{Name: ExpressionFile, Text: text}
	set := withDefaults(p.Settings)
	c := newChecker(&syntax.Cache{}, set, new(Checker).zone(set.Timezone))
	c.policy.Package = p.Package
	c.policy.Files = append(append(c.policy.Files, p.Files...), file)
	c.own, c.builtin = newPkg(""), newPkg("")
	c.adopt(p)
	x, line, diags := syntax.ParseExpr(int32(len(p.Files)), file)
	c.diags = append(c.diags, diags...)
	if x == nil {
		return nil, c.sorted()
	}
	s := &scope{c: c, pkg: c.own, line: line, self: of, d: &decl{name: text}}
	out := s.expr(x, nil)
	if s.d.later != "" {
		c.tell(source.AskNotRun, line.Span(), s.d.later)
		out = nil
	}
	if HasErrors(c.diags) {
		return nil, c.sorted()
	}
	c.peopleOf(p)
	c.settleLinks()
	newAggregates(p.Aggregates).collect(out)
	return out, c.sorted()
}

// adopt makes the declarations of a checked policy known by name. Constants are not part of a
// policy; they are read from its text again.
func (c *checker) adopt(p *policy.Policy) {
	c.builtins()
	c.policy.Records = p.Records
	stays := map[*policy.Record]bool{}
	for _, x := range p.Journeys {
		d := c.known(isJourney, &x.Head)
		d.journey, d.of, d.record = x, x.Of, x.Stays
		c.journeys[x.Of], stays[x.Stays] = x, true
	}
	cells := map[*policy.Record]bool{}
	for _, x := range p.Metrics {
		cells[x.Cells] = true
	}
	for _, r := range p.Records {
		kind := isEntity
		switch {
		case stays[r], cells[r]:
			continue
		case r.Kind == policy.Event:
			kind = isEvent
		case r.Kept:
			kind = isSource
		}
		d := c.known(kind, &r.Head)
		d.record = r
		c.byRecord[r] = d
		if r.Builtin {
			c.builtin.names[r.Name] = d
		}
		if r.Builtin && r.Name == c.workspace.Name {
			c.workspace = r
		}
	}
	for _, x := range p.Choices {
		c.known(isChoice, &x.Head).choice = x
	}
	for _, x := range p.Externs {
		c.known(isExtern, &x.Head).extern = x
	}
	for _, x := range p.Actions {
		d := c.known(isAction, &x.Head)
		d.action, d.known, d.of = x, true, x.On
	}
	c.adoptActing(p)
	c.constants(p)
}

// adoptActing makes what looks and acts known.
func (c *checker) adoptActing(p *policy.Policy) {
	for _, x := range p.Scores {
		d := c.known(isScore, &x.Head)
		d.score, d.of = x, x.Of
	}
	for _, x := range p.Segments {
		d := c.known(isSegment, &x.Head)
		d.segment, d.of = x, x.Of
	}
	for _, x := range p.Alerts {
		c.known(isAlert, &x.Head).of = x.Of
	}
	for _, x := range p.Rules {
		c.known(isRule, &x.Head).of = x.On
	}
	for _, x := range p.Metrics {
		d := c.known(isMetric, &x.Head)
		d.metric, d.of = x, x.Of
	}
	for _, x := range p.Allocations {
		d := c.known(isAllocate, &x.Head)
		d.allocate, d.of = x, x.Of
	}
	for _, x := range p.Later {
		d := c.known(declKind(x.What), &x.Head)
		if d.later = x.Why; d.later == "" {
			d.later = x.What
		}
	}
}

// known files a declaration of a checked policy under its name, its full name's package and its
// labels.
func (c *checker) known(kind declKind, h *policy.Head) *decl {
	d := &decl{kind: kind, pkg: c.own, name: h.Name, full: h.Full, head: *h, span: h.Span, state: done}
	at, before := c.own, strings.TrimSuffix(h.Full, h.Name) // an allocation's name has a dot itself
	if i := strings.LastIndexByte(before, '.'); i >= 0 {
		at = c.packageOf(before[:i])
	}
	if at.names[h.Name] == nil {
		at.names[h.Name] = d
		at.order = append(at.order, h.Name)
	}
	for _, text := range []string{h.Label.Main, h.Label.En, h.Label.Zh} {
		if isName(text) && at.labels[text] == nil {
			at.labels[text] = d
		}
	}
	return d
}

// packageOf is the package of qualified names, known by its whole path and its last word.
func (c *checker) packageOf(path string) *pkg {
	last := path[strings.LastIndexByte(path, '.')+1:]
	if a := c.own.aliases[last]; a != nil && a.pkg.path == path {
		return a.pkg
	}
	q := newPkg(path)
	c.own.aliases[last] = &alias{pkg: q}
	return q
}

// constants finds the workspace's own `let` lines in the policy's text.
func (c *checker) constants(p *policy.Policy) {
	for i, f := range p.Files {
		if strings.Contains(f.Name, "/") || !strings.HasSuffix(f.Name, ".thru") {
			continue
		}
		for _, l := range syntax.Parse(int32(i), f).Lines {
			n, ok := l.Node.(*syntax.Let)
			if !ok {
				continue
			}
			name := l.Name(n.Head.Name.Tok)
			if c.own.names[name] == nil {
				c.own.names[name] = &decl{kind: isLet, pkg: c.own, name: name, line: l, node: n,
					syn: &n.Head, span: l.TokSpan(n.Head.Name.Tok)}
				c.own.order = append(c.own.order, name)
			}
		}
	}
}
