package record

import (
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// TestTwinsReadAlike: what is copied is what the other decoder reads; a type is copied only where
// both policies say the same of it.
func TestTwinsReadAlike(t *testing.T) {
	lines := append(slices.Clone(plain), odd...)
	for _, c := range []struct {
		what  string
		make  func(p *policy.Policy)
		types string // that are not copied, by name
	}{
		{"the same", func(*policy.Policy) {}, ""},
		{"another computed field", func(p *policy.Policy) { p.Records[3].Fields[24].Compute = &policy.Expr{Op: 1} }, ""},
		{"a value more", func(p *policy.Policy) {
			c := p.Records[2].Fields[5].Type.Choice
			c.Values = append(c.Values, policy.ChoiceValue{Name: "kiosk"})
		}, "Store Visit"},
		{"another label", func(p *policy.Policy) { p.Records[2].Fields[6].Label.Main = "收入" }, "Store"},
		{"a field that may be missing", func(p *policy.Policy) { p.Records[3].Fields[4].Type.Maybe = true }, "Visit"},
		{"another kind", func(p *policy.Policy) { p.Records[0].Fields[5].Type = typ(value.Int) }, "Rep"},
		{"a column more", func(p *policy.Policy) {
			r := p.Records[3].Fields[11].Type.Elem.Record
			r.Fields = append(r.Fields, &policy.Field{Name: "y", Type: maybe(typ(value.Int)), Of: r, Index: 3})
		}, "Visit"},
		{"a name that means another", func(p *policy.Policy) {
			p.Records[2].Label = policy.Text{}
			p.Records[0].Label = policy.Text{Main: "门店"}
		}, "Store"},
		{"another place for distances", func(p *policy.Policy) { p.Settings.Datum = value.GCJ02 },
			"Rep Review Store Visit Workspace"},
	} {
		p := world()
		c.make(p)
		from, to := decoder(t), NewDecoder(p, zone)
		twin := NewTwin(from, to)
		for _, line := range lines {
			var one, copied, own Record
			from.Decode([]byte(line), nil, &one)
			to.Decode([]byte(line), nil, &own)
			is := twin.Copy(&one, &copied)
			if is && dump(&copied) != dump(&own) {
				t.Errorf("%s: %s\ncopied %sread %s", c.what, line, dump(&copied), dump(&own))
			}
			if is && copied.Type != own.Type {
				t.Errorf("%s: %s is of a type of the other policy", c.what, line)
			}
		}
		for i, r := range from.shapes {
			apart := slices.Contains(strings.Fields(c.types), r.rec.Name)
			if one := i < len(twin.to) && twin.to[i] != nil; one == apart {
				t.Errorf("%s: %s is copied: %v", c.what, r.rec.Name, one)
			}
		}
	}
}
