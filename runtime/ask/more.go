package ask

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/explain"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/runtime"
)

// More is what a stored decision does not hold and an explanation says: what alerts of metrics
// looked at, and what allocations read of people before and after.
type More struct {
	Series []Series
	Moved  []explain.MovedOf
}

// MoreOf works it out from the log as it was then.
func MoreOf(
	p Past, d *decision.Decision, of *policy.Policy, progress func(done, all uint64),
) (m More, err error) {
	if m.Series, err = seriesOf(p, d, of); err == nil {
		m.Moved, err = movedIn(p, d, of, progress)
	}
	return m, err
}

// AppendJSON writes it into the object that ends a line.
func (m *More) AppendJSON(line []byte, words *decision.Writer) []byte {
	line = line[:len(line)-1]
	for i := range m.Series {
		line = append(line, map[bool]string{true: `,"series":[`, false: ","}[i == 0]...)
		line = m.Series[i].AppendJSON(line, words)
	}
	if len(m.Series) > 0 {
		line = append(line, ']')
	}
	for i := range m.Moved {
		line = append(line, map[bool]string{true: `,"state":[`, false: ","}[i == 0]...)
		line = m.Moved[i].AppendJSON(line, words)
	}
	if len(m.Moved) > 0 {
		line = append(line, ']')
	}
	return append(line, '}')
}

// Table is what an alert looked at for people: a title, and rows of which the first is the head.
func (s *Series) Table(words *decision.Writer, lang string) (title string, rows [][]string) {
	at := string(value.AppendTime(nil, s.Moment, s.Zone))
	title, head := "What "+s.Alert.Full+" looked at, at "+at, []string{"period", "group", "value", "n"}
	if lang == "zh" {
		title, head = s.Alert.Full+" 于 "+at+" 所看的数值", []string{"周期", "分组", "取值", "n"}
	}
	rows = append(rows, head)
	for i := range s.List {
		x := &s.List[i]
		group := x.Group
		if group == "" {
			group = s.Cell
		}
		rows = append(rows, []string{s.Period(x), group,
			string(words.AppendValue(nil, s.Alert.Metric.Value.Type, x.Value)),
			strconv.FormatInt(x.N, 10)})
	}
	return title, rows
}

// Text is all of it for people.
func (m *More) Text(e *explain.Explainer, words *decision.Writer, lang string) string {
	var b strings.Builder
	for i := range m.Moved {
		b.WriteString(e.Moved(&m.Moved[i]))
	}
	for i := range m.Series {
		title, rows := m.Series[i].Table(words, lang)
		b.WriteString("\n" + title + "\n")
		for _, r := range rows {
			b.WriteString("  " + strings.Join(r, "  ") + "\n")
		}
	}
	return b.String()
}

// movedIn decides again what allocations gave out in an entry, and says what each read of whom it
// gave to and of the runner-up, before and after. Where it comes out otherwise nothing can be told.
func movedIn(
	p Past, d *decision.Decision, of *policy.Policy, progress func(done, all uint64),
) (list []explain.MovedOf, err error) {
	if len(d.Accounts) == 0 {
		return nil, nil
	}
	r, err := Rerunning{d.Seq, &d.Accounts[0], of}.Rerun(p, progress)
	if err != nil || r == nil {
		return nil, err
	}
	for i := range d.Accounts {
		a := &d.Accounts[i]
		r.Of, r.ID = a.Rule, a.Record.ID
		if a.Winner < 0 {
			continue
		}
		if got, err := r.Winner(); err != nil || !a.Claim && got != a.IDs[a.Winner] {
			return list, err
		}
		for _, who := range []int32{a.Winner, a.Next} {
			if who < 0 {
				continue
			}
			m := explain.MovedOf{Account: a, Who: a.IDs[who]}
			if m.Fields, err = r.Moved(m.Who); err != nil {
				return nil, err
			}
			if len(m.Fields) > 0 {
				list = append(list, m)
			}
		}
	}
	return list, nil
}

// Rerunning is a decision of an allocation that is to be made again.
type Rerunning struct {
	Seq     uint64
	Account *decision.Account
	Policy  *policy.Policy
}

// Rerun goes back to the input that led to a decision, with the engine as it was before it; nil: no
// record and no timer did.
func (x Rerunning) Rerun(p Past, progress func(done, all uint64)) (*trial.Rerun, error) {
	r := &trial.Rerun{Policy: x.Policy, Of: x.Account.Rule, ID: x.Account.Record.ID}
	seq := x.Seq
	for again := true; again; {
		err := p.Entries(seq, seq, false, func(l *runtime.Logged) error {
			var d decision.Decision
			if err := l.Decode(&d); err != nil {
				return err
			}
			if again = d.Cause != 0; again {
				seq = d.Cause
				return nil
			}
			switch r.Moment = d.Moment; {
			case d.Kind == decision.Record && len(l.Payload) > 0: // else it was erased
				r.Line = bytes.Clone(l.Payload)
			case d.Kind != decision.Tick:
				r = nil
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if r == nil {
		return nil, nil
	}
	err := p.Before(seq, progress, func(e *engine.Engine) { r.State = e.AppendSnapshot(nil) })
	return r, err
}
