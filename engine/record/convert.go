package record

import (
	"math"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/internal/decimal"
)

// oddPercent is the fraction above which a percent given as a bare number is asked about: 40 is
// 4000 %, and more likely 40%.
const oddPercent = 10

// converter turns JSON values into values of the policy's types.
type converter struct {
	d     *Decoder
	r     *Record
	field *policy.Field // the field in hand, nil for the envelope
}

// value converts one value. What does not fit is found with the path, what came and what was
// expected.
func (c *converter) value(t *policy.Type, n *node, path string) (value.Value, bool) {
	switch t.Kind {
	case value.Text:
		return value.OfText(n.text), n.kind == isText || c.wrong(t, n, path)
	case value.Ref:
		ok := n.kind == isText && n.text != ""
		return value.Value{Kind: value.Ref, S: n.text}, ok || c.wrong(t, n, path)
	case value.Bool:
		return value.OfBool(n.text == "true"), n.kind == isBool || c.wrong(t, n, path)
	case value.Choice:
		return c.choice(t, n, path)
	case value.Int, value.Number, value.Percent, value.Money, value.Duration, value.Distance:
		return c.quantity(t, n, path)
	case value.Date, value.Time:
		v, ok := value.ParseText(t.Kind, n.text, c.d.zone)
		return v, n.kind == isText && ok || c.wrong(t, n, path)
	}
	return c.wide(t, n, path)
}

// wrong finds that a value is not of its type. It is false so that callers can return it.
func (c *converter) wrong(t *policy.Type, n *node, path string) bool {
	c.tell(source.RecordWrongType, path, clip(n.raw), expected(t))
	return false
}

func (c *converter) tell(code source.Code, args ...string) {
	c.r.find(decision.Finding{Code: code, Args: args, Field: c.field})
}

// choice converts the name or label of a choice's value.
func (c *converter) choice(t *policy.Type, n *node, path string) (value.Value, bool) {
	table := c.d.choices[t.Choice]
	if n.kind != isText {
		return value.Value{}, c.wrong(t, n, path)
	}
	i, ok := table.find(n.text)
	if ok {
		return value.OfWord(value.Choice, i), true
	}
	args := []string{path, clip(n.raw), table.list()}
	var names []string
	for _, v := range t.Choice.Values {
		if c.r.crowded() {
			break
		}
		names = append(append(names, v.Name), texts(v.Label)...)
	}
	if near := nearest(n.text, names); near != "" {
		c.tell(source.RecordChoiceNear, append(args, near)...)
	} else {
		c.tell(source.RecordChoice, args...)
	}
	return value.Value{}, false
}

// quantity converts numbers and the texts of quantities.
func (c *converter) quantity(t *policy.Type, n *node, path string) (value.Value, bool) {
	text := n.kind == isText && t.Kind != value.Int && t.Kind != value.Number
	if !text && n.kind != isNumber {
		return value.Value{}, c.wrong(t, n, path)
	}
	v, remark, ok := c.d.textual(t.Kind, n.text)
	if !ok {
		if n.kind == isNumber && big(t.Kind, n.text) {
			c.tell(source.RecordTooBig, path, clip(n.raw), expected(t))
			return v, false
		}
		return v, c.wrong(t, n, path)
	}
	if remark.Code != "" {
		remark.Args = append([]string{path, clip(n.raw)}, remark.Args...)
		remark.Field = c.field
		c.r.find(remark)
	}
	return v, true
}

// big reports whether a number is refused for its size alone.
func big(k value.Kind, text string) bool {
	f, err := strconv.ParseFloat(text, 64)
	return err != nil || k != value.Int || f == math.Trunc(f)
}

// textual reads the text of a quantity; remark lacks what the caller knows: path and what came.
func (d *Decoder) textual(k value.Kind, text string) (value.Value, decision.Finding, bool) {
	var remark decision.Finding
	v, ok := value.ParseText(k, text, d.zone)
	switch {
	case !ok:
	case k == value.Percent && math.Abs(v.Float()) > oddPercent && bare(text):
		st := value.Style{}
		meant := value.OfFloat(value.Percent, v.Float()/100)
		remark = decision.Finding{Code: source.RecordPercent, Args: []string{st.Text(v), st.Text(meant)}}
	case k == value.Money:
		if _, exact, fault := decimal.Parse(text); fault == decimal.NoFault && !exact {
			kept := string(decimal.Append(nil, v.N))
			remark = decision.Finding{Code: source.RecordPlaces, Args: []string{kept}}
		}
	}
	return v, remark, ok
}

// bare reports whether a text is a number without a unit.
func bare(text string) bool {
	return strings.TrimLeft(text, "0123456789.+-eE") == ""
}

// expected writes a type and, where it has its own form in data, an example.
func expected(t *policy.Type) string {
	switch t.Kind {
	case value.Bool:
		return `bool: true false`
	case value.Percent:
		return `percent: 0.4 "40%"`
	case value.Money:
		return `money: 1200.50 "1200.50"`
	case value.Date:
		return `date: "2026-03-02"`
	case value.Time:
		return `time: "2026-03-02T09:30:00+08:00"`
	case value.Duration:
		return `duration: 14400 "4h"`
	case value.Distance:
		return `distance: 500 "500m"`
	case value.Point:
		return `point: [31.23,121.47] {"lat":31.23,"lng":121.47}`
	case value.Area:
		return `area: [[31.2,121.4],[31.2,121.5],[31.3,121.5]] {"center":[31.23,121.47],"radius":500}`
	case value.Photo, value.Audio, value.File:
		return plainName(t) + `: {"sha256":"64 hex digits","name":"…","size":1024}`
	case value.Ref:
		return plainName(t) + `: "id"`
	}
	return plainName(t)
}

// plainName writes a type as the language does.
func plainName(t *policy.Type) string {
	switch t.Kind {
	case value.Choice:
		if t.Choice.Name != "" {
			return t.Choice.Name
		}
		return newChoice(t.Choice).list()
	case value.Ref:
		return t.Record.Name
	case value.List:
		if t.Elem != nil {
			return "list of " + plainName(t.Elem)
		}
		return "list"
	case value.Row:
		var names []string
		for _, f := range t.Record.Fields {
			names = append(names, f.Name+" "+plainName(&f.Type))
		}
		return "{ " + strings.Join(names, "; ") + " }"
	}
	words := [...]string{value.Bool: "bool", value.Int: "int", value.Number: "number",
		value.Percent: "percent", value.Money: "money", value.Text: "text", value.Date: "date",
		value.Time: "time", value.Duration: "duration", value.Distance: "distance",
		value.Point: "point", value.Area: "area", value.Photo: "photo", value.Audio: "audio",
		value.File: "file", value.WorkHours: ""}
	return words[t.Kind]
}
