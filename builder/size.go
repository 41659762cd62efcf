package builder

import (
	"net/url"
	"slices"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/diff"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/runtime/ask"
)

// mostMembers is how many of those who are in a segment a page names.
const mostMembers = 12

// sizeOf is who is in the segment that somebody looks at, under the draft as it is; nil: it is no
// segment. The log was tried on an engine, which knows. While another text is tried, that engine is
// asked the conditions as they are now, where nothing else of the text has changed.
func (d *desk) sizeOf(v *view.Viewer, look looking, whole bool) *view.Size {
	l, err := d.checked.text.Find(look.path, look.file)
	if err != nil || !whole || dsl.HasErrors(d.checked.diags) {
		return nil
	}
	decl, is := d.declared(l)
	if !is || decl.Kind.Word != "segment" {
		return nil
	}
	s := segmentNamed(d.checked.policy, decl.Head.Full)
	x := d.past.sizes(d.checked.policy, s)
	if x == nil {
		if d.past.end == nil {
			return nil // the figure below says why
		}
		return &view.Size{Running: true}
	}
	return d.sized(v, x, s)
}

func segmentNamed(p *policy.Policy, full string) *policy.Segment {
	i := slices.IndexFunc(p.Segments, func(s *policy.Segment) bool { return s.Full == full })
	return p.Segments[i]
}

// sizes is who is in a segment of a policy, kept until another is asked for; nil: it is not known.
func (x *past) sizes(p *policy.Policy, s *policy.Segment) *trial.Size {
	key := sizing{p.Hash, s.Full, x.told != nil && x.hash == p.Hash}
	if x.size == nil || x.sized != key {
		x.sized, x.size = key, nil
		switch {
		case x.tried == nil:
		case key.exact:
			x.size = trial.SizeOf(x.engine, segmentNamed(x.tried, s.Full))
		default:
			x.size = x.quick(p, s)
		}
	}
	return x.size
}

// A sizing is what a size was worked out for.
type sizing struct {
	of    policy.Hash
	name  string
	exact bool
}

// quick asks the conditions of a segment of the engine that another policy was tried on; nil where
// it cannot tell: something else changed as well, or they read what that policy does not keep.
func (x *past) quick(p *policy.Policy, s *policy.Segment) *trial.Size {
	if s.Check != nil || !onlyDiffers(x.tried, p, s.Full) {
		return nil
	}
	q, err := ask.New(x.tried, s.Of.Full, []string{"true"})
	if err != nil {
		return nil
	}
	var conds []*policy.Expr
	for _, c := range trial.Conditions(s) {
		if c == nil {
			conds = append(conds, nil)
			continue
		}
		at := c.Span
		if err := q.Add(p.Files[at.File].Text[at.Off:at.End]); err != nil || !q.Kept() {
			return nil
		}
		conds = append(conds, q.Exprs[len(q.Exprs)-1])
	}
	return trial.SizeIf(x.engine, q.Of, conds, s.Tiers != nil)
}

// onlyDiffers reports whether nothing but one declaration has another meaning. What only reads what
// has changed says what it said.
func onlyDiffers(old, new *policy.Policy, full string) bool {
	for _, g := range diff.Of(old, new).Groups {
		for _, c := range g.Changes {
			if c.Name != full && (c.What != diff.Changed || len(c.Details) > 0) {
				return false
			}
		}
	}
	return true
}

// sized is a size for somebody to read.
func (d *desk) sized(v *view.Viewer, x *trial.Size, s *policy.Segment) *view.Size {
	e, speak := d.past.engine, say.In(v.Lang)
	link := func(id string) view.Link {
		return view.Link{Name: e.Name(x.Of, id),
			Href: v.In("record/" + url.PathEscape(x.Of.Full) + "/" + url.PathEscape(id))}
	}
	out := &view.Size{Of: x.Records, N: len(x.Members), Rows: x.Rows,
		Text: v.Sayf(words.SizeOf, len(x.Members), x.Records, speak.Name(&x.Of.Head))}
	if x.Quick {
		out.Note = v.Say(words.SizeQuick)
	}
	if !x.Asked {
		out.Note = v.Sayf(words.SizeMany, trial.MostAsked)
	}
	for _, id := range x.Members[:min(len(x.Members), mostMembers)] {
		out.Who = append(out.Who, link(id))
	}
	out.More = len(x.Members) - len(out.Who)
	if !x.Quick {
		for _, did := range d.past.told.Did(s.Full) {
			out.Did = append(out.Did, v.Sayf(words.SizeDid,
				syntax.WordIn(did.Kind.String(), "", v.Lang), int(did.N)))
		}
	}
	if !x.Asked && !x.Rows {
		return out
	}
	for i := range x.Parts {
		p := &x.Parts[i]
		o := view.SizePart{N: p.Holds, Name: v.Say(words.RowElse), Many: len(p.IDs) < p.Holds}
		if p.Expr != nil {
			o.Name = speak.Expr(p.Expr).String()
		}
		if x.Rows && i < len(s.Tiers) {
			o.Is = rowName(s, i, v.Lang)
		}
		if p.Unknown > 0 {
			o.Unknown = v.Sayf(words.SizeUnknown, p.Unknown)
		}
		for _, id := range p.IDs {
			o.Who = append(o.Who, link(id))
		}
		out.Parts = append(out.Parts, o)
	}
	return out
}

// rowName is what whoever is in a row of a segment is.
func rowName(s *policy.Segment, i int, lang string) string {
	if t := say.In(lang).Text(s.Tiers[i].Label); t != "" {
		return t
	}
	return s.Tiers[i].Name
}
