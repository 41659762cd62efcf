package record

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/floor"
)

// agree fails where the fast path and the full decoder read a line differently. It reports
// whether the fast path took the line.
func agree(t *testing.T, d *Decoder, line []byte, def *Defaults) bool {
	t.Helper()
	var fast, full Record
	took := len(line) <= MaxLine && d.fast(line, def, &fast)
	d.full(line, def, &full)
	if took && dump(&fast) != dump(&full) {
		t.Fatalf("%q\nfast: %sfull: %s", line, dump(&fast), dump(&full))
	}
	return took
}

// plain lines are those that the fast path is for.
var plain = []string{
	visit1 + `}`,
	visit1 + `,"note":"你好","n":12,"x":-0.25,"rate":0.4,"amount":1200.50,"ok":true,"kind":"chain"}`,
	` { "type": "Visit" , "id" : "v1" , "at" : "2026-03-02" , "store" : "s1" , "took" : 90.5 } ` + "\n",
	visit1 + `,"day":"2026-03-02","when":"2026-03-02T09:30","far":12.5,"took":"4h","rate":"40%","amount":"12.5"}`,
	visit1 + `,"location":[31.23,121.47],"skus":["a","b"],"lines":[{"sku":"a","facings":3}]}`,
	visit1 + `,"rep":null,"note":null,"location":{"lat":31.23,"lng":121.47,"accuracy":20}}`,
	`{"type":"Store","id":"s1","at":"2026-03-02T09:30:00+08:00","name":"a","channel":"连锁","monthly":5}`,
	`{"type":"门店","id":"s1","received":"2026-03-02T09:30:00+08:00","月销额":5}`,
	visit1 + `,"note":"a\u4f60\n\"\\\/\b\f\r\t\ud83d\ude00","rep":"\u0041","kind":"\u8fde\u9501"}`,
	`{"id":"v1","type":"Visit","at":"2026-03-02","store":"s1"}`,
	visit1 + `,"colour":1,"size":"x","深度":[1,{"a":null}],"sotre":true,"n":4,"":false}`,
	visit1 + `,"colour":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + `}`,
	`{"store":"s1","skus":["a"],"note":"\u4f60","n":5,"at":"2026-03-02","id":"v1","type" : "Visit"}`,
	`{"type":"Rep","id":"li","at":"2026-03-02T09:30:00.123456Z","region":null}`,
}

// odd lines are those that only the full decoder reads.
var odd = []string{
	visit1 + `,"note":"a\ud800b"}`, visit1 + `,"note":"\q"}`, visit1 + `,"note":"\u12"}`, visit1 + `,"n":1e2}`, visit1 + `,"x":12345678901234567890}`,
	visit1 + `,"colour":1,"colour":2}`, visit1 + `,"colour":01}`, visit1 + `,"colour":{"a":1,"a":2}}`,
	visit1 + `,"colour":tru}`, visit1 + `,"colour":1e5}`, visit1 + `,"by":"li"}`,
	visit1 + `,"colour":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`,
	visit1 + `,"store":"s2"}`, visit1 + `,"n":01}`, visit1 + `,"n":1.}`,
	visit1 + `,"rate":40}`, visit1 + `,"amount":0.00005}`, visit1 + `,"note":"` + "\xff" + `"}`,
	visit1 + `,"when":"2026-02-30"}`, visit1 + `,"quality":1}`, visit1 + `,"created":"2026-03-02"}`,
	visit1 + `,"retracted":true,"by":"li","why":"twice"}`, visit1 + `,"deleted":true}`,
	visit1 + `} {}`, visit1, visit1 + `,}`, ``, `{}`, `[]`, `null`, `"a"`, `{"type":"Visit"}`,
	`{"type":"Visti","id":"v1"}`, `{"type":1}`, `{"id":"v1","at":"2026-03-02","store":"s1"}`,
	`{"id":"v1","type":"Visit","type":"Visit","at":"2026-03-02","store":"s1"}`,
	`{"type":"Visit","id":"","at":"2026-03-02","store":"s1"}`, visit1 + `,"location":[31.23,121.47,1]}`,
	`{"type":"Workspace","id":"w","at":"2026-03-02"}`, visit1 + `,"skus":["a",1]}`, visit1 + `,"kind":"chian"}`,
	"\ufeff" + visit1 + `}`, visit1 + `,"n":-}`, visit1 + `,"ok":tru}`, visit1 + `,"rep":""}`,
	visit1 + `,"type":"Visit"}`, visit1 + `,"id":"v2"}`, visit1 + `,"at":"2026-03-03"}`, visit1 + `,"at":null}`,
}

func TestFastIsFull(t *testing.T) {
	d := decoder(t)
	for _, line := range plain {
		if !agree(t, d, []byte(line), &Defaults{}) {
			t.Errorf("the fast path leaves a plain line: %s", line)
		}
	}
	for _, line := range odd {
		if agree(t, d, []byte(line), &Defaults{}) {
			t.Errorf("the fast path takes an odd line: %s", line)
		}
	}
	visit := d.Type("Visit")
	def := Defaults{Type: visit, ID: "v9", At: at(t, "2026-03-02"), HasAt: true}
	for _, line := range []string{`{"store":"s1"}`, `{"store":"s1","n":3}`} {
		if !agree(t, d, []byte(line), &def) {
			t.Errorf("the fast path leaves a plain line: %s", line)
		}
	}
	agree(t, d, []byte(`{}`), &def)
}

func FuzzDecode(f *testing.F) {
	for _, line := range append(append([]string(nil), plain...), odd...) {
		f.Add([]byte(line), false)
		f.Add([]byte(line), true)
	}
	d := NewDecoder(world(), zone)
	f.Fuzz(func(t *testing.T, line []byte, stamped bool) {
		def := &Defaults{Type: d.Type("Visit"), ID: "v9", Received: 1_772_415_000_000_000, Stamped: true}
		if !stamped {
			def = &Defaults{}
		}
		agree(t, d, line, def)
		var r Record
		d.Decode(line, def, &r)
		if r.Reject != nil {
			return
		}
		said := map[string]json.RawMessage{}
		if err := json.Unmarshal([]byte(strings.TrimPrefix(string(line), "\ufeff")), &said); err != nil {
			t.Fatalf("%q is accepted, and is no JSON object: %v", line, err)
		}
		for name := range said {
			accounted(t, d, &r, name, line)
		}
	})
}

// accounted fails where a key of an accepted record is neither decoded nor remarked.
func accounted(t *testing.T, d *Decoder, r *Record, name string, line []byte) {
	t.Helper()
	at, known := d.byName[r.Type.Full].byName[name]
	if known {
		k := &d.byName[r.Type.Full].keys[at]
		if k.role == asField && !r.names(int(k.index)) {
			t.Fatalf("%q: %s is lost", line, name)
		}
		return
	}
	for _, f := range r.Findings {
		if len(f.Args) > 0 && f.Args[0] == clip([]byte(name)) {
			return
		}
	}
	if !r.Retracted || name != "by" && name != "why" {
		t.Fatalf("%q: the unknown field %q is not remarked: %s", line, name, dump(r))
	}
}

// leadWorld is the policy of the twenty-field record that decoding is measured on.
func leadWorld() *policy.Policy {
	pick := func(names ...string) policy.Type {
		c := &policy.Choice{}
		for _, n := range names {
			c.Values = append(c.Values, policy.ChoiceValue{Name: n})
		}
		return oneOf(c)
	}
	i, m := typ(value.Int), typ(value.Money)
	lead := rec(policy.Event, "Lead",
		fld("region", pick("north", "south", "east", "west", "central", "coast")),
		fld("industry", pick("medical", "aerospace", "energy", "retail", "food", "textile", "auto", "it")),
		fld("employees", i), fld("purchases_per_year", i), fld("tech_level", i),
		fld("source", pick("web", "referral", "fair", "cold", "partner")), fld("created_hour", i),
		fld("response_minutes", i), fld("visits_30d", i), fld("quotes", i), fld("custom_quotes", i),
		fld("note_len", i), fld("pain_keywords", i), fld("photo", typ(value.Bool)),
		fld("gps_distance_m", typ(value.Distance)), fld("recording_s", typ(value.Duration)), fld("attachments", i),
		fld("stage", pick("new", "contacted", "visited", "quoted", "negotiation", "won")), fld("amount", m),
		fld("days_in_stage", i))
	return &policy.Policy{Records: []*policy.Record{lead}}
}

// leads are n lines of the twenty fields of the benchmarks' yardstick, each with a head before.
func leads(n int, head string) [][]byte {
	lines := floor.LeadLines(n)
	for i := range lines {
		lines[i] = append([]byte("{"+head), lines[i][1:]...)
	}
	return lines
}

const leadHead = `"type":"Lead","id":"l-000123","at":"2026-03-02T09:30:00+08:00",`

// The plain case costs no memory.
func TestDecodeAllocatesNothing(t *testing.T) {
	d := NewDecoder(leadWorld(), zone)
	lines := leads(64, leadHead)
	var r Record
	i := 0
	if n := testing.AllocsPerRun(1000, func() {
		d.Decode(lines[i&63], nil, &r)
		i++
	}); n != 0 || r.Reject != nil {
		t.Errorf("%v allocations a record, rejected %v", n, r.Reject)
	}
	for _, line := range lines {
		if !agree(t, d, line, &Defaults{}) {
			t.Errorf("the fast path leaves %s", line)
		}
	}
}

// Every lead is read as the values it was made from.
func TestLeads(t *testing.T) {
	d := NewDecoder(leadWorld(), zone)
	var r Record
	want := floor.Leads(2000)
	for i, line := range leads(2000, leadHead) {
		d.Decode(line, nil, &r)
		if r.Reject != nil {
			t.Fatalf("%s: %s", line, findings(&r))
		}
		got := map[string]any{}
		for _, f := range r.Type.Fields {
			v := r.Layout.Value(&r.Slots, f.Index)
			var x any
			if err := json.Unmarshal([]byte(style(&f.Type).JSON(v)), &x); err != nil {
				t.Fatal(err)
			}
			got[f.Name] = x
		}
		var said map[string]any
		b, _ := json.Marshal(want[i])
		if err := json.Unmarshal(b, &said); err != nil {
			t.Fatal(err)
		}
		for name, x := range said {
			if got[name] != x {
				t.Fatalf("%s: %s is %v, want %v", line, name, got[name], x)
			}
		}
	}
}

// BenchmarkDecode is a JSON line to typed slots: a whole record, the twenty fields alone, and the
// hand-written yardstick on the same fields.
func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct {
		name, head string
		def        func(d *Decoder) *Defaults
	}{
		{"record", leadHead, func(*Decoder) *Defaults { return nil }},
		{"fields", "", func(d *Decoder) *Defaults {
			return &Defaults{Type: d.Type("Lead"), ID: "l1", At: 1, HasAt: true}
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			d := NewDecoder(leadWorld(), zone)
			lines, def := leads(4096, c.head), c.def(d)
			var r Record
			b.ReportAllocs()
			b.SetBytes(int64(len(lines[0])))
			for i := 0; b.Loop(); i++ {
				if d.Decode(lines[i&4095], def, &r); r.Reject != nil {
					b.Fatal(told(*r.Reject))
				}
			}
		})
	}
	b.Run("floor", func(b *testing.B) {
		d, lines := floor.NewSlots(floor.LeadFields()), floor.LeadLines(4096)
		var out [floor.Width]float64
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if err := d.Decode(lines[i&4095], &out); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkFull is the full decoder on the same records.
func BenchmarkFull(b *testing.B) {
	d := NewDecoder(leadWorld(), zone)
	lines := leads(4096, leadHead)
	var r Record
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		d.full(lines[i&4095], &d.none, &r)
	}
}
