package ask

import (
	"strconv"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/insight"
)

// Series is what an alert of a metric looked at when a decision was made about one of its cells.
type Series struct {
	Alert  *policy.Alert
	Cell   string
	Moment int64 // of the look
	List   []engine.Looked
	Zone   *time.Location
}

// seriesOf reads them off the log as it was then: none where the decision is about no metric.
func seriesOf(p Past, d *decision.Decision, of *policy.Policy) (out []Series, err error) {
	for i := range d.Effects {
		x := &d.Effects[i]
		if x.Kind != decision.Alert {
			continue
		}
		for _, a := range of.Alerts {
			if a.Metric == nil || a.Full != x.Rule {
				continue
			}
			s := Series{Alert: a, Cell: x.Subject.ID, Moment: d.Moment}
			if a.Check != nil {
				s.Moment-- // a look is at the last instant of its period
			}
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	err = p.AsOf(d.Seq, func(uint64, uint64) {}, func(e *engine.Engine, _ *engine.Entry) {
		for i := range out {
			for _, a := range e.Policy().Alerts {
				if a.Full == out[i].Alert.Full {
					out[i].List = e.LookedAt(a, out[i].Cell, out[i].Moment, insight.Before)
				}
			}
			out[i].Zone = e.Zone()
		}
	})
	return out, err
}

// Period is how the period of a figure is written; "" where the metric has none.
func (s *Series) Period(x *engine.Looked) string {
	if s.Alert.Metric.Every == policy.NoPeriod {
		return ""
	}
	return insight.Label(s.Alert.Metric.Every, x.Start, s.Zone)
}

// AppendJSON appends it: {"alert","of","at","figures":[{"period","group","value","n"}]}.
func (s *Series) AppendJSON(b []byte, w *decision.Writer) []byte {
	b = value.AppendQuoted(append(b, `{"alert":`...), s.Alert.Full)
	b = value.AppendQuoted(append(b, `,"of":`...), s.Cell)
	b = append(value.AppendTime(append(b, `,"at":"`...), s.Moment, s.Zone), `","figures":[`...)
	for i := range s.List {
		x := &s.List[i]
		if i > 0 {
			b = append(b, ',')
		}
		b = value.AppendQuoted(append(b, `{"period":`...), s.Period(x))
		if x.Group != "" {
			b = value.AppendQuoted(append(b, `,"group":`...), x.Group)
		}
		b = w.AppendValueJSON(append(b, `,"value":`...), s.Alert.Metric.Value.Type, x.Value)
		b = append(strconv.AppendInt(append(b, `,"n":`...), x.N, 10), '}')
	}
	return append(b, "]}"...)
}
