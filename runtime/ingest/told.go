package ingest

import (
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// Teller tells findings about rows to whoever keeps the table: by what fields are called and by
// what one writes into a cell, where a program is told names and types.
type Teller struct {
	w  *decision.Writer
	sp say.Speaker
}

// NewTeller tells in a language, en or zh; "": in the policy's.
func NewTeller(p *policy.Policy, o decision.Options) *Teller {
	if o.Lang == "" {
		o.Lang = p.Settings.Lang
	}
	return &Teller{decision.NewWriter(p, o), say.In(o.Lang)}
}

// Told is the text of a finding.
func (t *Teller) Told(f *decision.Finding) string {
	if text := t.cell(f); text != "" && f.Text == nil {
		return text
	}
	return string(t.w.AppendFinding(nil, f))
}

// cell is what is wrong with a cell, or that one is blank; "": it is about something else.
func (t *Teller) cell(f *decision.Finding) string {
	if f.Code == source.RecordNoID {
		return t.sp.Say("this row has no id", "这一行没有编号")
	}
	if f.Field == nil {
		return ""
	}
	name := t.sp.FieldName(f.Field)
	if f.Code == source.RecordRequired {
		return name + t.sp.Say(" is missing: this field must have a value", "：没有填写，此字段必填")
	}
	if len(f.Args) < 2 || f.Args[0] != f.Field.Name { // within a list, say
		return ""
	}
	came := strings.TrimSuffix(strings.TrimPrefix(f.Args[1], `"`), `"`)
	says := func(en, zh string) string {
		return t.sp.Say(name+": “"+came+"” came, "+en, name+"：收到“"+came+"”，"+zh)
	}
	switch en, zh := wants(&f.Field.Type); f.Code {
	case source.RecordWrongType:
		if zh != "" {
			return says(en+" was expected", "应为"+zh)
		}
	case source.RecordTooBig:
		return says("which is too big", "数值过大")
	case source.RecordChoice, source.RecordChoiceNear:
		near := ""
		if f.Code == source.RecordChoiceNear {
			near = t.sp.Say("; the nearest is ", "；最接近的是") + t.called(f.Field.Type.Choice, f.Args[3])
		}
		list := t.choices(f.Field.Type.Choice)
		return says("one of "+list+" was expected", "应为"+list+"之一") + near
	}
	return ""
}

// mostChoices is how many values of a choice are told.
const mostChoices = 20

func (t *Teller) choices(c *policy.Choice) string {
	var names []string
	for i, v := range c.Values {
		if i == mostChoices {
			names = append(names, "…")
			break
		}
		names = append(names, t.called(c, v.Name))
	}
	return strings.Join(names, t.sp.Say(", ", "、"))
}

// called is what people call a value of a choice.
func (t *Teller) called(c *policy.Choice, name string) string {
	for _, v := range c.Values {
		if label := t.sp.Text(v.Label); v.Name == name && label != "" {
			return label
		}
	}
	return name
}

// wants is what one writes into a cell of a type; "": more than a word or two.
func wants(t *policy.Type) (en, zh string) {
	switch t.Kind {
	case value.Bool:
		return "yes or no", "是或否"
	case value.Int:
		return "a whole number such as 12", "整数，如 12"
	case value.Number:
		return "a number such as 12.5", "数，如 12.5"
	case value.Percent:
		return "a percentage such as 40%", "百分比，如 40%"
	case value.Money:
		return "an amount such as 1200.50", "金额，如 1200.50"
	case value.Date:
		return "a date such as 2026-03-02", "日期，如 2026-03-02"
	case value.Time:
		return "a moment such as 2026-03-02 09:30", "时间，如 2026-03-02 09:30"
	case value.Duration:
		return "a length of time such as 45min, 4h or 0:45:00", "时长，如 45min、4h 或 0:45:00"
	case value.Distance:
		return "a distance such as 500m or 2km", "距离，如 500m 或 2km"
	}
	return "", ""
}
