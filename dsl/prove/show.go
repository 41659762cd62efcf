package prove

import (
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// most is how many values of a witness are shown.
const most = 8

// show is a witness as a person reads it: what was read and its value, – where it is missing. Names
// and values are as in the policy, so it is the same in every language.
func (m *model) show() string {
	var parts []string
	for _, n := range m.read {
		if s := m.binding(n); s != "" {
			parts = append(parts, s)
		}
	}
	if len(parts) > most {
		parts = append(parts[:most], "…")
	}
	return strings.Join(parts, ", ")
}

func (m *model) binding(n id) string {
	t := m.s.t
	x := &t.list[n]
	v := m.vals[n]
	switch {
	case itself(x):
		return ""
	case x.op == opThere:
		if base := t.list[x.args[0]].name; !v.Known() && base != "" {
			return base + ".* = " + value.MissingText
		}
		return ""
	case x.name == "":
		return ""
	case !v.Known():
		return x.name + " = " + value.MissingText
	case x.kind == value.Ref && int(v.N) >= len(t.text):
		return "" // any other record
	case x.x == nil:
		return ""
	case x.kind.Class() == value.Wide:
		return ""
	}
	typ := x.x.Type
	if x.op == policy.OpNow {
		typ = policy.Type{Kind: value.Time}
	}
	return x.name + " = " + t.show(typ, v)
}
