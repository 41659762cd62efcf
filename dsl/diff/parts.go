package diff

import (
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/source"
)

// parts compares what two declarations are made of. Effects go by what they do, everything else by
// its name.
func (d *differ) parts(o, n *kind.Decl) []Detail {
	var out []Detail
	for i := range n.Parts {
		p := &n.Parts[i]
		if p.Role == kind.Do {
			continue
		}
		was := find(o.Parts, func(q *kind.Part) bool { return d.partNow(o, q.Name) == p.Name })
		if was == nil {
			out = append(out, d.about(Detail{What: Added, Part: p.Name, Role: p.Role,
				New: d.says(d.new, p)}, nil, p))
			continue
		}
		out = append(out, d.part(was, p)...)
	}
	for i := range o.Parts {
		q := &o.Parts[i]
		if q.Role == kind.Do {
			continue
		}
		if find(n.Parts, func(p *kind.Part) bool { return d.partNow(o, q.Name) == p.Name }) == nil {
			out = append(out, d.about(Detail{What: Removed, Part: q.Name, Role: q.Role,
				Old: d.says(d.old, q)}, q, nil))
		}
	}
	out = append(out, d.order(o, n)...)
	return append(out, d.effects(o, n)...)
}

// order compares the order of rows and of a choice's values, as far as both have them: the first
// row that holds wins.
func (d *differ) order(o, n *kind.Decl) []Detail {
	both := func(a, b *kind.Decl) (names []string, things []kind.Thing) {
		for i := range a.Parts {
			p := &a.Parts[i]
			if placed(p) && find(b.Parts, func(q *kind.Part) bool { return q.Name == p.Name }) != nil {
				names, things = append(names, nameIn(p.Name)), append(things, p.Names...)
			}
		}
		return names, things
	}
	was, old := both(o, n)
	is, now := both(n, o)
	if slices.Equal(was, is) {
		return nil
	}
	return []Detail{{What: Moved, Part: "order", Old: plain(strings.Join(was, ", ")),
		New: plain(strings.Join(is, ", ")), olds: d.called(d.old, old...), news: d.called(d.new, now...)}}
}

// partNow is what a part of the old policy is called now: fields and stages may have been renamed.
func (d *differ) partNow(o *kind.Decl, name string) string {
	for _, word := range []string{"field ", "fill ", "personal "} {
		if f, ok := strings.CutPrefix(name, word); ok {
			full := d.now(o.Head.Full)
			return word + strings.TrimPrefix(d.now(full+"."+f), full+".")
		}
	}
	if s, ok := strings.CutPrefix(name, "stage "); ok {
		return kind.StageName(d.stageNow(o, s))
	}
	if way, ok := strings.CutPrefix(name, "way "); ok {
		from, to, _ := strings.Cut(way, " → ")
		return kind.TransitionName(d.stageNow(o, from), d.stageNow(o, to))
	}
	s, rest, ok := strings.Cut(name, " ") // Demo must 1
	of := func(p *kind.Part) bool { return p.Name == kind.StageName(s) }
	if ok && find(o.Parts, of) != nil {
		return d.stageNow(o, s) + " " + rest
	}
	return name
}

// stageNow is what a stage of a journey of the old policy is called now.
func (d *differ) stageNow(o *kind.Decl, stage string) string {
	full := d.now(o.Head.Full) + "."
	return strings.TrimPrefix(d.now(full+kind.StageName(stage)), full+kind.StageName(""))
}

// part compares one part: its name, what it says, and its expression.
func (d *differ) part(o, n *kind.Part) (out []Detail) {
	add := func(w What, old, now, within policy.Text) {
		out = append(out, d.about(Detail{What: w, Part: n.Name, Role: n.Role, Old: old, New: now,
			Within: within}, o, n))
	}
	if o.Name != n.Name && len(n.Was) > 0 { // what hangs on a field or a stage goes with it
		add(Renamed, plain(nameIn(o.Name)), plain(nameIn(n.Name)), policy.Text{})
	}
	was := o.Says.En
	if n.Role == kind.Member || n.Role == kind.Value { // a type, whose record may be called otherwise
		word := strings.TrimSuffix(was, "?")
		was = d.now(word) + strings.TrimPrefix(was, word)
	}
	if !placed(n) && was != n.Says.En {
		add(Changed, o.Says, n.Says, policy.Text{})
	}
	if d.same(o.Expr, n.Expr) {
		return out
	}
	a, b := d.smallest(o.Expr, n.Expr)
	var within policy.Text
	if b != n.Expr && b != nil {
		within = d.text(d.new, n.Expr)
	}
	add(Changed, d.text(d.old, a), d.text(d.new, b), within)
	return out
}

// nameIn is the name in a part's name: minutes of "field minutes".
func nameIn(part string) string { return part[strings.IndexByte(part, ' ')+1:] }

// placed reports whether what a part says is its place among others, which order compares.
func placed(p *kind.Part) bool {
	return p.Role == kind.Row || p.Role == kind.Member && strings.HasPrefix(p.Name, "value ")
}

// says is a part in short.
func (d *differ) says(p *policy.Policy, x *kind.Part) policy.Text {
	if x.Expr != nil {
		t := d.text(p, x.Expr)
		if x.Role == kind.Term {
			return policy.Text{En: x.Says.En + " = " + t.En, Zh: x.Says.Zh + " = " + t.Zh}
		}
		return t
	}
	switch x.Role {
	case kind.Setting, kind.Member, kind.Ending:
		if !placed(x) {
			return x.Says
		}
	}
	return policy.Text{}
}

func plain(s string) policy.Text { return policy.Text{En: s, Zh: s} }

// text is an expression as its author wrote it.
func (d *differ) text(p *policy.Policy, x *policy.Expr) policy.Text {
	if x == nil {
		return policy.Text{}
	}
	return plain(words(p, x.Span))
}

// words is the policy's own text at a place, on one line and cut to what a sentence holds.
func words(p *policy.Policy, s source.Span) string {
	if int(s.File) >= len(p.Files) || s.IsZero() {
		return ""
	}
	text := strings.Join(strings.Fields(p.Files[s.File].Text[s.Off:s.End]), " ")
	if r := []rune(text); len(r) > 80 {
		return string(r[:79]) + "…"
	}
	return text
}

// effects compares what declarations do, block by block: those that are the same are taken off,
// then those of one kind are paired in their order, and what is left was added or removed.
func (d *differ) effects(o, n *kind.Decl) []Detail {
	var out []Detail
	as := func(name string) string { return d.partNow(o, name) }
	is := func(name string) string { return name }
	for _, block := range blocks(blocksOf(o, as), blocksOf(n, is)) {
		olds, news := inBlock(o, block, as), inBlock(n, block, is)
		olds, news = d.unlike(olds, news)
		for _, p := range news {
			at := slices.IndexFunc(olds, func(q *kind.Part) bool { return q.Effect.Kind == p.Effect.Kind })
			x := Detail{What: Added, Part: block, Role: kind.Do, New: plain(words(d.new, p.Span))}
			var was *kind.Part
			if at >= 0 {
				was = olds[at]
				x.What, x.Old = Changed, plain(words(d.old, was.Span))
				olds = slices.Delete(olds, at, at+1)
			}
			out = append(out, d.about(x, was, p))
		}
		for _, q := range olds {
			out = append(out, d.about(Detail{What: Removed, Part: block, Role: kind.Do,
				Old: plain(words(d.old, q.Span))}, q, nil))
		}
	}
	return out
}

// blocks lists the blocks of effects: do, enter, leave Champion.
func blocks(lists ...[]string) []string {
	var out []string
	for _, list := range lists {
		for _, b := range list {
			if !slices.Contains(out, b) {
				out = append(out, b)
			}
		}
	}
	return out
}

// blocksOf are a declaration's, by what they are called now.
func blocksOf(d *kind.Decl, now func(string) string) (out []string) {
	for i := range d.Parts {
		if d.Parts[i].Role == kind.Do {
			out = append(out, now(blockOf(&d.Parts[i])))
		}
	}
	return out
}

func blockOf(p *kind.Part) string {
	at := strings.LastIndexByte(p.Name, ' ')
	if at < 0 {
		return p.Name
	}
	if _, err := strconv.Atoi(p.Name[at+1:]); err != nil {
		return p.Name
	}
	return p.Name[:at]
}

func inBlock(d *kind.Decl, block string, now func(string) string) []*kind.Part {
	var out []*kind.Part
	for i := range d.Parts {
		if d.Parts[i].Role == kind.Do && now(blockOf(&d.Parts[i])) == block {
			out = append(out, &d.Parts[i])
		}
	}
	return out
}

// unlike takes off the effects that both have.
func (d *differ) unlike(olds, news []*kind.Part) (_, _ []*kind.Part) {
	var left []*kind.Part
	for _, p := range news {
		at := slices.IndexFunc(olds, func(q *kind.Part) bool { return d.sameEffect(q.Effect, p.Effect) })
		if at < 0 {
			left = append(left, p)
			continue
		}
		olds = slices.Delete(olds, at, at+1)
	}
	return olds, left
}
