package trial

import (
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// names are what the new policy of a backtest calls what the old one has other names for: qualified
// declarations and stages, and Type.field. Of the new policy there are none.
type names map[string]string

// renamed finds them, by `was`.
func renamed(p *policy.Policy) names {
	out := names{}
	for _, d := range kind.All(p) {
		for _, was := range d.Head.Was {
			out[was] = d.Head.Full
		}
	}
	for _, j := range p.Journeys {
		for _, g := range j.Stages {
			for _, was := range g.Was {
				out[was] = g.Full
			}
		}
	}
	for _, r := range p.Records {
		for _, f := range r.Fields {
			for _, was := range f.Was {
				for _, of := range append([]string{r.Full}, r.Was...) {
					out[of+"."+was] = r.Full + "." + f.Name
				}
			}
		}
	}
	return out
}

// of is a qualified name, or that of a part such as Deal.Demo.must or Shelf.proof.place, as the new
// policy calls it.
func (n names) of(name string) string {
	if len(n) == 0 {
		return name
	}
	for end := len(name); end > 0; end = strings.LastIndexByte(name[:end], '.') {
		if to, is := n[name[:end]]; is {
			return to + name[end:]
		}
	}
	return name
}

// stage is what a stage is called; "" is none.
func (n names) stage(j *policy.Journey, stage string) string {
	if stage == "" {
		return value.MissingText
	}
	return last(n.of(j.Full + "." + stage))
}

func (n names) field(f *policy.Field) string {
	if f.Of == nil {
		return f.Name
	}
	return last(n.of(f.Of.Full + "." + f.Name))
}

func last(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// finding is a finding whose arguments are in the new policy's names.
func (n names) finding(f decision.Finding) decision.Finding {
	if len(n) == 0 {
		return f
	}
	args := make([]string, len(f.Args))
	for i, a := range f.Args {
		args[i] = n.argument(f.Rule, a)
	}
	f.Args = args
	return f
}

// argument may be a declaration, a record, or a stage of the journey that speaks.
func (n names) argument(rule, a string) string {
	if typ, id, is := strings.Cut(a, "/"); is {
		return n.of(typ) + "/" + id
	}
	for end := len(rule); end > 0; end = strings.LastIndexByte(rule[:end], '.') {
		if to, is := n[rule[:end]+"."+a]; is {
			return last(to)
		}
	}
	return n.of(a)
}

// ref names a record as decision.Ref does.
func (n names) ref(r decision.Ref) string {
	if len(n) == 0 || r.Type == nil {
		return r.String()
	}
	if to, is := n[r.Type.Full]; is {
		return to + "/" + r.ID
	}
	return r.String()
}
