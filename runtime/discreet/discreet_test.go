package discreet_test

import (
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/runtime/discreet"
)

const visits = `entity Rep { name text }
event Visit {
  rep   Rep
  place "定位" point? personal for "working hours" keep 30d
  shop  point?
  photo photo? personal for "工作时间"
}
`

// TestLine keeps positions of the working time, and no others, however they are written.
func TestLine(t *testing.T) {
	p, diags := dsl.Check([]source.File{{Name: "p.thru", Text: visits}}, policy.Settings{})
	if dsl.HasErrors(diags) {
		t.Fatal(diags)
	}
	r, err := discreet.For(p)
	if err != nil || r == nil {
		t.Fatal(r, err)
	}
	const photo = `{"sha256":"` + "00" + `","location":[31,121],"size":5}`
	now := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC).UnixMicro() // a Monday, 11:00 in Shanghai
	for _, c := range []struct {
		at   string
		kept bool
	}{
		{"2026-03-02T10:00:00+08:00", true}, {"2026-03-02T09:00:00", true}, {"2026-03-02T08:59:59", false},
		{"2026-03-02T18:00:00", false}, {"2026-03-01T10:00:00", false}, // a Sunday
		{"2026-03-02T10:00:00Z", false}, {"", true},
	} {
		for _, key := range []string{"place", "定位", `pl\u0061ce`} {
			line := `{"type":"Visit","id":"v1","at":"` + c.at + `","rep":"li","` + key + `":[31.2,121.4],` +
				`"shop":[1.5,2.5],"photo":` + photo + `}`
			if c.at == "" {
				line = strings.Replace(line, `"at":"",`, "", 1)
			}
			out := string(r.Line([]byte(line), now))
			if strings.Contains(out, "31.2") != c.kept || strings.Contains(out, "[31,121]") != c.kept ||
				!strings.Contains(out, "[1.5,2.5]") || !strings.Contains(out, `"size":5`) {
				t.Errorf("%s: %s", c.at, out)
			}
			if c.kept && out != line {
				t.Errorf("%s became %s", line, out)
			}
		}
	}
	for _, line := range []string{"", "7", `{"type":"Visit"`, `{"type":"None","place":[1,2]}`} {
		if out := string(r.Line([]byte(line), now)); out != line {
			t.Errorf("%s became %s", line, out)
		}
	}
	plain, diags := dsl.Check([]source.File{{Name: "p.thru", Text: strings.ReplaceAll(strings.ReplaceAll(visits,
		"working hours", "proof"), "工作时间", "proof")}}, policy.Settings{})
	if r, err := discreet.For(plain); r != nil || err != nil || dsl.HasErrors(diags) {
		t.Error("a policy that asks for nothing has a rule", err)
	}
}
