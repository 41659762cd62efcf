package ask

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/insight"
	"github.com/throughline/throughline/runtime"
)

// Measure says which metric is asked for.
type Measure struct {
	Name   string   // its name or label
	By     []string // some of its `by`
	Period string   // a word of Periods, instead of its `every`
	Lang   string   // of the texts
}

// Periods are the words for periods, in order.
func Periods() []string { return []string{"day", "week", "month", "quarter", "year"} }

// Long hands a workspace to what takes long, such as reading a whole log.
type Long func(func(*runtime.Workspace) error) error

// Figures are a metric's, group by group and period by period.
type Figures struct {
	*insight.Question
	List  []insight.Figure
	Words *decision.Writer
}

// Metric works a metric out. What a workspace has in memory is read off it: entities, and what
// alerts make it keep. The rest is worked out from the log, by the workspace that long hands out;
// nil: by the same.
func Metric(ctx context.Context, w *runtime.Workspace, m Measure, long Long) (*Figures, error) {
	var out *Figures
	var bad error
	now := false
	err := w.View(ctx, func(e *engine.Engine) {
		if out, bad = measure(e, m); bad == nil {
			now = out.TakeNow(e)
		}
	})
	if err = errors.Join(err, bad); err != nil {
		return nil, err
	}
	if !now {
		closes := out.Closes
		if !out.Metric.Taken() || out.Period == policy.NoPeriod {
			closes = nil
		}
		if long == nil {
			long = func(f func(*runtime.Workspace) error) error { return f(w) }
		}
		err := long(func(w *runtime.Workspace) error {
			return w.ViewClosing(ctx, out.Policy, closes, out.Take)
		})
		if err != nil {
			return nil, err
		}
	}
	out.List = out.Figures()
	return out, nil
}

// measure finds the metric, its dimensions and the period.
func measure(e *engine.Engine, asked Measure) (*Figures, error) {
	p := e.Policy()
	var m *policy.Metric
	var names []string
	for _, x := range p.Metrics {
		names = append(names, x.Full)
		if x.Full == asked.Name || called(x.Label, asked.Name) {
			m = x
		}
	}
	if m == nil {
		return nil, nothing(names, asked.Name, "no metric is called %q", "没有名为 %q 的指标")
	}
	var by []policy.Dimension
	for _, word := range asked.By {
		d := m.Dimension(word)
		if d == nil {
			var have []string
			for _, x := range m.By {
				have = append(have, x.Name)
			}
			return nil, nothing(have, word, "the metric has no `by %s`", "该指标没有维度 %s")
		}
		by = append(by, *d)
	}
	every := m.Every
	if asked.Period != "" {
		every = policy.NoPeriod
		for i, is := range []policy.Period{policy.Daily, policy.Weekly, policy.Monthly,
			policy.Quarterly, policy.Yearly} {
			if Periods()[i] == asked.Period {
				every = is
			}
		}
		if every == policy.NoPeriod {
			return nil, nothing(Periods(), asked.Period, "%q is no period", "%q 不是周期")
		}
	}
	q := insight.Ask(p, m, by, every)
	return &Figures{Question: q, Words: decision.NewWriter(q.Policy,
		decision.Options{Zone: e.Zone(), Lang: asked.Lang})}, nil
}

// called reports whether a label is a name.
func called(l policy.Text, name string) bool {
	return name != "" && (l.Main == name || l.En == name || l.Zh == name)
}

// nothing says that a name is wrong, and what there is.
func nothing(have []string, name, en, zh string) *Mistake {
	m := mistake(en, zh, name)
	switch near := source.Nearest(name, have); {
	case near != "":
		m.En += "; the nearest is " + strconv.Quote(near)
		m.Zh += "；最接近的是 " + strconv.Quote(near)
	case len(have) > 0:
		m.En += "; there are " + strings.Join(have, ", ")
		m.Zh += "；可用的有 " + strings.Join(have, "、")
	}
	return m
}

// Beside is a figure that stands beside a value.
type Beside struct {
	Name  string // in JSON
	Type  policy.Type
	Value value.Value
}

// Beside are the figures beside a value: those of the periods before.
func (x *Figures) Beside(f *insight.Figure) []Beside {
	own, mean := x.Type(), x.MeanType()
	return []Beside{{"mean", mean, f.Mean}, {"sd", mean, f.SD}, {"previous", own, f.Previous},
		{"last_year", own, f.LastYear}}
}

// AppendJSON appends a figure (reference, section 14).
func (x *Figures) AppendJSON(b []byte, f *insight.Figure) []byte {
	b = append(b, `{"by":{`...)
	for i, d := range x.By {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(value.AppendQuoted(b, d.Name), ':')
		b = x.Words.AppendValueJSON(b, d.X.Type, f.By[i])
	}
	b = append(b, `},"period":`...)
	if label := x.Label(f); label != "" {
		b = value.AppendQuoted(b, label)
	} else {
		b = append(b, "null"...)
	}
	b = x.Words.AppendValueJSON(append(b, `,"value":`...), x.Type(), f.Value)
	b = strconv.AppendInt(append(b, `,"n":`...), f.N, 10)
	for _, s := range x.Beside(f) {
		b = append(value.AppendQuoted(append(b, ','), s.Name), ':')
		b = x.Words.AppendValueJSON(b, s.Type, s.Value)
	}
	return append(b, '}')
}
