package doc

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
)

// usersOf lists for every declaration which others say something by it.
func usersOf(p *policy.Policy) map[*policy.Head][]*kind.Decl {
	used := map[*policy.Head][]*kind.Decl{}
	externs := map[string]*policy.Head{}
	for _, x := range p.Externs {
		externs[x.Full] = &x.Head
	}
	all := kind.All(p)
	for i := range all {
		d := &all[i]
		met := map[*policy.Head]bool{d.Head: true}
		uses(d, externs, func(h *policy.Head) {
			if h != nil && !met[h] {
				met[h] = true
				used[h] = append(used[h], d)
			}
		})
	}
	return used
}

// uses calls f for every declaration that one names, as often as it does.
func uses(d *kind.Decl, externs map[string]*policy.Head, f func(*policy.Head)) {
	if d.Of != nil {
		f(&d.Of.Head)
		for _, field := range d.Of.Fields {
			if &d.Of.Head == d.Head {
				typeUses(field.Type, f)
			}
		}
	}
	for i := range d.Parts {
		part := &d.Parts[i]
		part.Exprs(func(x *policy.Expr) {
			kind.Visit(x, func(x *policy.Expr) bool {
				exprUses(x, f)
				if x.Op == policy.OpExtern {
					f(externs[x.Fn])
				}
				return true
			})
		})
		if e := part.Effect; e != nil {
			if e.Field != nil && e.Field.Of != nil {
				f(&e.Field.Of.Head)
			}
			for _, due := range []*policy.Due{e.Due, e.For} {
				if due != nil && due.Calendar != nil {
					f(&due.Calendar.Head)
				}
			}
		}
	}
}

func exprUses(x *policy.Expr, f func(*policy.Head)) {
	switch {
	case x.Score != nil:
		f(&x.Score.Head)
	case x.Tier != nil:
		f(&x.Tier.Head)
	case x.Field != nil && x.Field.Of != nil:
		f(&x.Field.Of.Head)
	case x.Agg != nil && x.Agg.Source != nil:
		f(&x.Agg.Source.Head)
		if x.Agg.Action != nil {
			f(&x.Agg.Action.Head)
		}
	}
	if x.Action != nil {
		f(&x.Action.Head)
	}
	if x.Cal != nil {
		f(&x.Cal.Head)
	}
	if x.Op == policy.OpConst {
		typeUses(x.Type, f)
	}
}

func typeUses(t policy.Type, f func(*policy.Head)) {
	switch {
	case t.Choice != nil:
		f(&t.Choice.Head)
	case t.Record != nil:
		f(&t.Record.Head)
	case t.Elem != nil:
		typeUses(*t.Elem, f)
	}
}

// usedBy lists who uses a declaration, each once.
func (s *site) usedBy(h *policy.Head) []*policy.Head {
	var out []*policy.Head
	for _, d := range s.used[h] {
		if !slices.Contains(out, d.Head) {
			out = append(out, d.Head)
		}
	}
	return out
}
