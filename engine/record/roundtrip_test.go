package record

import (
	"reflect"
	"testing"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"pgregory.net/rapid"
)

// values draws a value of a type that a record can give.
func values(t *rapid.T, ty *policy.Type, name string) value.Value {
	word := rapid.Int64Range(-1e12, 1e12)
	switch ty.Kind {
	case value.Text:
		return value.OfText(rapid.String().Draw(t, name))
	case value.Ref:
		return value.Value{Kind: value.Ref, S: rapid.StringN(1, 8, -1).Draw(t, name)}
	case value.Bool:
		return value.OfBool(rapid.Bool().Draw(t, name))
	case value.Choice:
		return value.OfWord(value.Choice, int64(rapid.IntRange(0, len(ty.Choice.Values)-1).Draw(t, name)))
	case value.Int, value.Money, value.Duration:
		return value.OfWord(ty.Kind, word.Draw(t, name))
	case value.Date:
		return value.OfWord(value.Date, rapid.Int64Range(value.MinDate, value.MaxDate).Draw(t, name))
	case value.Time:
		return value.OfWord(value.Time, rapid.Int64Range(0, value.MaxTime-value.Day).Draw(t, name))
	case value.Number, value.Distance, value.Percent:
		return value.OfFloat(ty.Kind, rapid.Float64Range(-9, 9).Draw(t, name)+0)
	case value.Point:
		p := value.Place{Lat: rapid.Float64Range(-90, 90).Draw(t, name), Lng: rapid.Float64Range(-180, 180).Draw(t, name)}
		if rapid.Bool().Draw(t, name) {
			p.Accuracy, p.Mock = rapid.Float64Range(0, 500).Draw(t, name), rapid.Bool().Draw(t, name)
		}
		return value.Value{Kind: value.Point, X: &p}
	case value.List:
		list := []value.Value{}
		for range rapid.IntRange(0, 3).Draw(t, name) {
			list = append(list, values(t, ty.Elem, name))
		}
		return value.Value{Kind: value.List, X: list}
	}
	return value.Value{}
}

// What is written as JSON is read back as the same values, on the fast path wherever it goes.
func TestWhatIsWrittenIsRead(t *testing.T) {
	d := NewDecoder(world(), zone)
	visit := d.Type("Visit")
	rapid.Check(t, func(t *rapid.T) {
		want := map[int]value.Value{}
		line := []byte(`{"type":"Visit","id":"v1","at":"2026-03-02"`)
		for i, f := range visit.Fields {
			skip := f.System != 0 || f.Compute != nil || f.Type.Maybe && rapid.Bool().Draw(t, "skip")
			if f.Type.Kind == value.List && f.Type.Elem.Kind == value.Row || skip {
				continue
			}
			v := values(t, &f.Type, f.Name)
			if !v.Known() {
				continue
			}
			want[i] = v
			line = append(value.AppendQuoted(append(line, ','), f.Name), ':')
			line = style(&f.Type).AppendJSON(line, v)
		}
		line = append(line, '}')
		var fast, full Record
		d.full(line, &d.none, &full)
		if full.Reject != nil || len(full.Findings) > 0 {
			t.Fatalf("%s: %s", line, findings(&full))
		}
		if d.fast(line, &d.none, &fast) && dump(&fast) != dump(&full) {
			t.Fatalf("%s\nfast: %sfull: %s", line, dump(&fast), dump(&full))
		}
		for i, v := range want {
			got := full.Layout.Value(&full.Slots, i)
			if v.Kind == value.Ref {
				got = value.Value{Kind: value.Ref, S: full.Refs[i]}
			}
			if !reflect.DeepEqual(got, v) && (v.Kind.Class() != value.Float || got.Float() != v.Float()) {
				t.Fatalf("%s: %s is %+v, want %+v", line, visit.Fields[i].Name, got, v)
			}
		}
	})
}

// style writes choices of a type by name.
func style(ty *policy.Type) value.Style {
	for ty.Elem != nil {
		ty = ty.Elem
	}
	return value.Style{Zone: zone, Choice: func(i int64) string { return ty.Choice.Values[i].Name }}
}

// BenchmarkVisit decodes what a phone sends: Chinese text with escapes, a point, a list.
func BenchmarkVisit(b *testing.B) {
	d := NewDecoder(world(), zone)
	line := []byte(visit1 + `,"rep":"li","note":"库存\u79ef\u538b\n回款慢","location":[31.23,121.47],"skus":["a","b"],"amount":"1200.50"}`)
	var r Record
	b.ReportAllocs()
	for b.Loop() {
		if d.Decode(line, nil, &r); r.Reject != nil {
			b.Fatal(findings(&r))
		}
	}
}
