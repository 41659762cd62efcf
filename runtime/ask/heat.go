package ask

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/insight"
)

// Heat is what a heatmap asks of a policy: for every type that some action has a completion of, the
// completions in a window and, where the language has a word for it, in the one before.
type Heat struct {
	Tables []HeatTable
	Policy *policy.Policy // keeps what the heatmap reads
	of     *policy.Policy
}

// HeatTable is the part of a heatmap that is about one type: people, or what people belong to.
type HeatTable struct {
	Of      *policy.Record
	Columns []insight.HeatColumn
}

// NewHeat prepares a heatmap of a window, written as in a policy: people stand first, then what
// they belong to. It has no tables where no action has a person and a target.
func NewHeat(p *policy.Policy, in string) (*Heat, error) {
	return newHeat(p, in, windowBefore(in))
}

// NewHeatAlone is NewHeat without the window before: a policy that scores people by completions
// keeps all that it reads.
func NewHeatAlone(p *policy.Policy, in string) (*Heat, error) { return newHeat(p, in, "") }

func newHeat(p *policy.Policy, in, before string) (*Heat, error) {
	h := &Heat{Policy: p, of: p}
	for _, r := range p.Records {
		if r.Kind != policy.Entity || r.Builtin {
			continue
		}
		t := HeatTable{Of: r}
		for _, x := range p.Actions {
			if x.Target == nil || x.By == nil || x.Mode == policy.Off {
				continue
			}
			if err := h.column(&t, x, [2]string{in, before}); err != nil {
				return nil, err
			}
		}
		if len(t.Columns) > 0 {
			h.Tables = append(h.Tables, t)
		}
	}
	slices.SortStableFunc(h.Tables, func(x, y HeatTable) int { return x.rank() - y.rank() })
	return h, nil
}

// column adds completion(A in W) of a type, where the action has one of it, and that in the window
// before.
func (h *Heat) column(t *HeatTable, x *policy.Action, in [2]string) error {
	text := "completion(" + x.Name + " in " + in[0] + ")"
	_, diags := dsl.Expression(h.Policy, t.Of, text)
	for _, d := range diags {
		if d.Code == source.CompletionOf {
			return nil
		}
	}
	q := &Question{Of: t.Of, Policy: h.Policy}
	if err := q.Add(text); err != nil {
		return err
	}
	c := insight.HeatColumn{Action: x, Now: q.Exprs[0]}
	if in[1] != "" {
		if err := q.Add("completion(" + x.Name + " in " + in[1] + ")"); err != nil {
			return err
		}
		c.Before = q.Exprs[1]
	}
	h.Policy = q.Policy
	t.Columns = append(t.Columns, c)
	return nil
}

// Kept reports whether the policy in force keeps all that the heatmap reads. Else the whole log is
// read for it.
func (h *Heat) Kept() bool { return h.Policy == h.of }

// People reports whether the table is about those who do the actions.
func (t *HeatTable) People() bool { return t.rank() == 0 }

func (t *HeatTable) rank() int {
	for _, c := range t.Columns {
		if c.Action.Person() == t.Of {
			return 0
		}
	}
	return 1
}

// Rows works the table out.
func (t *HeatTable) Rows(e *engine.Engine) []insight.HeatRow {
	return insight.Heat(e, t.Of, t.Columns)
}

// windowBefore is the window before one, "" where there is none that the language has a word for.
func windowBefore(in string) string {
	for _, w := range [][2]string{{"this ", "last "}, {"本日", "昨日"}, {"本周", "上周"}, {"本月", "上月"},
		{"本季", "上季"}, {"本年", "上年"}} {
		if rest, ok := strings.CutPrefix(in, w[0]); ok {
			return w[1] + rest
		}
	}
	return ""
}
