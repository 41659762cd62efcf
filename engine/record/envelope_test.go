package record

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl/source"
)

func findings(r *Record) string {
	var out []string
	if r.Reject != nil {
		out = append(out, "rejected "+told(*r.Reject))
	}
	for _, f := range r.Findings {
		out = append(out, told(f))
	}
	return strings.Join(out, "; ")
}

// Each bad input is refused with what is wrong and where, and one cause is told once.
func TestBadInput(t *testing.T) {
	d := decoder(t)
	deep := visit1 + `,"note":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`
	abyss := strings.Repeat("[", 500_000)
	for _, c := range []struct{ name, line, want string }{
		{"nothing", ``, `rejected T0630  ["0"]`},
		{"no JSON", `hello`, `rejected T0601  ["1" "hello"]`},
		{"cut off", visit1, `rejected T0630  ["71"]`},
		{"a comma too many", visit1 + `,}`, `rejected T0601  ["73" "}"]`},
		{"more after it", visit1 + `} {"a":1}`, `rejected T0631  ["74" "{\"a\":1}"]`},
		{"a list", `[1]`, `rejected T0601  ["1" "[1]"]`}, {"null", `null`, `rejected T0601  ["1" "null"]`},
		{"invalid UTF-8", visit1 + `,"note":"a` + "\xc0\xee" + `"}`, `rejected T0603  ["82" "c0 ee 22 7d"]`},
		{"70 deep", deep, `rejected T0604  ["64"]`}, {"half a million deep", abyss, `rejected T0604  ["64"]`},
		{"10 MB", visit1 + `,"note":"` + strings.Repeat("x", 10<<20) + `"}`, `rejected T0602  ["10485842" "1048576"]`},
		{"no type", `{"id":"v1","at":"2026-03-02"}`, `rejected T0605  ["type" "{\"id\":\"v1\",\"at\":\"2026-03-02\"}"]`},
		{"a type that is a number", `{"type":7,"id":"v1","at":"2026-03-02"}`, `rejected T0605  ["type" "7"]`},
		{"an unknown type", `{"type":"Vsit","id":"v1","at":"2026-03-02"}`, `rejected T0607  ["Vsit" "Visit"]`},
		{"a type far from all", `{"type":"Kaleidoscope","id":"v1","at":"2026-03-02"}`, `rejected T0606  ["Kaleidoscope"]`},
		{"a type of the program", `{"type":"Workspace","id":"w","at":"2026-03-02"}`, `rejected T0623  ["Workspace"]`},
		{"no id", `{"type":"Visit","at":"2026-03-02","store":"s1"}`, `rejected T0608  ["id" "–"]`},
		{"an empty id", `{"type":"Visit","id":"","at":"2026-03-02","store":"s1"}`, `rejected T0608  ["id" "\"\""]`},
		{"an id that is a number", `{"type":"Visit","id":7,"at":"2026-03-02","store":"s1"}`, `rejected T0608  ["id" "7"]`},
		{"no moment", `{"type":"Visit","id":"v1","store":"s1"}`, `rejected T0615  []`},
		{"a moment that is none", `{"type":"Visit","id":"v1","store":"s1","at":"yesterday"}`,
			`rejected T0610  ["at" "\"yesterday\"" "time: \"2026-03-02T09:30:00+08:00\""]`},
		{"the year 10000", `{"type":"Visit","id":"v1","store":"s1","at":"10000-01-01"}`,
			`rejected T0610  ["at" "\"10000-01-01\"" "time: \"2026-03-02T09:30:00+08:00\""]`},
		{"a required field missing", `{"type":"Visit","id":"v1","at":"2026-03-02"}`, `rejected T0642 store ["Visit" "store"]`},
		{"a required field null", `{"type":"Visit","id":"v1","at":"2026-03-02","store":null}`, `rejected T0642 store ["Visit" "store"]`},
		{"a required field of a wrong type", `{"type":"Visit","id":"v1","at":"2026-03-02","store":5}`,
			`rejected T0610 store ["store" "5" "Store: \"id\""]`},
		{"from the future", `{"type":"Visit","id":"v1","store":"s1","at":"2026-03-02T09:35:01","received":"2026-03-02T09:30"}`,
			`rejected T0616  ["2026-03-02T09:35:01+08:00" "2026-03-02T09:30:00+08:00"]`},
		{"before anything was recorded", `{"type":"Visit","id":"v1","store":"s1","at":"1899-12-31T23:59:59Z"}`,
			`rejected T0632  ["1899-12-31T23:59:59Z" "1900-01-01T00:00:00Z"]`},
		{"early and received lately", `{"type":"Visit","id":"v1","store":"s1","at":"0026-03-02","received":"2026-03-02"}`,
			`rejected T0632  ["0026-03-01T15:54:17Z" "1900-01-01T00:00:00Z"]`},
		{"as early as may be", `{"type":"Visit","id":"v1","store":"s1","at":"1900-01-01T00:00:00Z"}`, ``},
		{"after the last year", `{"type":"Visit","id":"v1","store":"s1","at":"9999-12-31T23:59:59Z"}`,
			`rejected T0610  ["at" "\"9999-12-31T23:59:59Z\"" "time: \"2026-03-02T09:30:00+08:00\""]`},
		{"five minutes ahead", `{"type":"Visit","id":"v1","store":"s1","at":"2026-03-02T09:35","received":"2026-03-02T09:30"}`, ``},
		{"a key twice", visit1 + `,"n":1,"n":2}`, `rejected T0609  ["n"]`},
		{"a name and a label", `{"type":"Store","id":"s","at":"2026-03-02","monthly":1,"月销额":2}`, `rejected T0609 monthly ["月销额"]`},
		{"a key twice inside", visit1 + `,"location":{"lat":1,"lat":2,"lng":3}}`, `rejected T0609  ["lat"]`},
		{"several mistakes", visit1 + `,"n":"x","kind":"chian","colour":1}`, `rejected T0610 n ["n" "\"x\"" "int"]; ` +
			`T0612 kind ["kind" "\"chian\"" "chain | community | bar" "chain"]; T0617  ["colour" "Visit"]`},
		{"an event deleted", visit1 + `,"deleted":true}`, `rejected T0624  ["Visit"]`},
		{"a flag that is none", `{"type":"Rep","id":"li","at":"2026-03-02","deleted":"yes"}`,
			`rejected T0610  ["deleted" "\"yes\"" "bool: true false"]`},
	} {
		var r Record
		began := time.Now()
		d.Decode([]byte(c.line), nil, &r)
		if got := findings(&r); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("%s: took %v", c.name, took)
		}
	}
}

// A record with a hundred thousand wrong keys is answered soon and shortly.
func TestManyMistakes(t *testing.T) {
	var b strings.Builder
	b.WriteString(visit1)
	for i := range 80_000 {
		fmt.Fprintf(&b, `,"k%d":1`, i)
	}
	b.WriteString("}")
	var r Record
	began := time.Now()
	decoder(t).Decode([]byte(b.String()), nil, &r)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	last := r.Findings[len(r.Findings)-1]
	if r.Reject != nil || len(r.Findings) != maxFindings+1 || told(last) != `T0628  ["79900"]` {
		t.Errorf("%d findings, the last %s", len(r.Findings), told(last))
	}
}

func TestMoments(t *testing.T) {
	d := decoder(t)
	clock := at(t, "2026-03-02T12:00")
	line := func(more string) []byte { return []byte(`{"type":"Visit","id":"v1","store":"s1"` + more + `}`) }
	for _, c := range []struct {
		name, more         string
		def                *Defaults
		at, received, sent string
	}{
		{"at alone", `,"at":"2026-03-02T09:30"`, nil, "2026-03-02T09:30", "2026-03-02T09:30", ""},
		{"received alone", `,"received":"2026-03-02T09:30"`, nil, "2026-03-02T09:30", "2026-03-02T09:30", ""},
		{"both", `,"at":"2026-03-01","received":"2026-03-02T09:30"`, nil, "2026-03-01", "2026-03-02T09:30", ""},
		{"null is not given", `,"at":null,"received":"2026-03-02"`, nil, "2026-03-02", "2026-03-02", ""},
		{"neither, a default", ``, &Defaults{At: clock, HasAt: true}, "2026-03-02T12:00", "2026-03-02T12:00", ""},
		{"a server", `,"at":"2026-03-02T09:30"`, &Defaults{Received: clock, Stamped: true}, "2026-03-02T09:30", "2026-03-02T12:00", ""},
		{"a server, received given", `,"at":"2026-03-02T09:30","received":"2026-03-02T10:00"`,
			&Defaults{Received: clock, Stamped: true}, "2026-03-02T09:30", "2026-03-02T12:00", "2026-03-02T10:00"},
		{"a server, nothing given", ``, &Defaults{Received: clock, Stamped: true}, "2026-03-02T12:00", "2026-03-02T12:00", ""},
	} {
		var r Record
		d.Decode(line(c.more), c.def, &r)
		agree(t, d, line(c.more), orNone(c.def))
		if r.Reject != nil || r.At != at(t, c.at) || r.Received != at(t, c.received) {
			t.Errorf("%s: at %s received %s %s", c.name, d.written(r.At), d.written(r.Received), findings(&r))
		}
		if r.HasSent != (c.sent != "") || r.HasSent && r.Sent != at(t, c.sent) {
			t.Errorf("%s: sent %v %s", c.name, r.HasSent, d.written(r.Sent))
		}
	}
	var r Record
	d.Decode(line(`,"at":"2026-03-02T12:06"`), &Defaults{Received: clock, Stamped: true}, &r)
	if r.Reject == nil || r.Reject.Code != source.RecordFuture {
		t.Errorf("six minutes ahead of the server: %s", findings(&r))
	}
}

func orNone(def *Defaults) *Defaults {
	if def == nil {
		return &Defaults{}
	}
	return def
}

func TestEnvelope(t *testing.T) {
	d := decoder(t)
	var r Record
	d.Decode([]byte(`{"type":"Visit","id":"v1","at":"2026-03-02","retracted":true,"by":"li","why":"entered twice"}`), nil, &r)
	if !r.Retracted || r.By != "li" || r.Why != "entered twice" || r.Reject != nil || len(r.Findings) != 0 {
		t.Errorf("a retraction: %s", dump(&r))
	}
	d.Decode([]byte(`{"type":"Review","id":"r1","at":"2026-03-02","record":"Visit/v1","by":"li"}`), nil, &r)
	if r.By != "" || outcome(&r, "by") != `"li"` {
		t.Errorf("a field called by: %s", dump(&r))
	}
	d.Decode([]byte(`{"type":"Rep","id":"li","at":"2026-03-02","deleted":true}`), nil, &r)
	if !r.Deleted || r.Reject != nil {
		t.Errorf("a deletion: %s", dump(&r))
	}
	for _, name := range []string{"Store", "Shop", "门店"} {
		d.Decode([]byte(`{"type":"`+name+`","id":"s1","at":"2026-03-02","revenue":5,"owner":null}`), nil, &r)
		if r.Reject != nil || r.Type.Name != "Store" || outcome(&r, "monthly") != "5" || !r.clears(8) {
			t.Errorf("%s: %s", name, dump(&r))
		}
	}
}

// An owned record stays what it is when its bytes are used again.
func TestOwn(t *testing.T) {
	d := decoder(t)
	line := []byte(visit1 + `,"note":"你好","rep":"li","skus":["a"]}`)
	var r Record
	d.Decode(line, nil, &r)
	before := strings.Clone(dump(&r))
	shared := dump(&r)
	r.Own()
	for i := range line {
		line[i] = 'x'
	}
	if dump(&r) != before || shared != before {
		t.Errorf("changed:\n%swas\n%s", dump(&r), before)
	}
}

// One record serves mixed types and decoders, and keeps nothing of the record before.
func TestReuse(t *testing.T) {
	d, other := decoder(t), NewDecoder(leadWorld(), zone)
	lines := append(append([]string(nil), plain...), odd...)
	var r Record
	for round := range 2 {
		for i, line := range lines {
			if i%5 == 0 {
				other.Decode(leads(1, leadHead)[0], nil, &r)
			}
			var fresh Record
			d.Decode([]byte(line), nil, &r)
			d.Decode([]byte(line), nil, &fresh)
			if dump(&r) != dump(&fresh) {
				t.Fatalf("round %d, %s:\n%safresh\n%s", round, line, dump(&r), dump(&fresh))
			}
		}
	}
}
