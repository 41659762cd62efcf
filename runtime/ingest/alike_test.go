package ingest

import (
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/record"
)

func TestAlike(t *testing.T) {
	for _, c := range []struct{ how, in, want string }{
		{"phone", "138 0013 8000", "13800138000"},
		{"phone", "＋８６ １３８－００１３－８０００", "13800138000"},
		{"phone", "0086-138.0013.8000", "13800138000"},
		{"phone", "(021) 6123-4567", "02161234567"},
		{"phone", "+44 20 7946 0018", "+442079460018"},
		{"phone", "138 / 139 转 2", "138 / 139 转 2"},
		{"phone", "找王经理", "找王经理"},
		{"phone", "8613", "8613"},
		{"phone", "+", "+"},
		{"code", " 91310000-MA1fL 0x ", "91310000MA1FL0X"},
		{"plain", "　上海　ＡＢＣ  公司 ", "上海 ABC 公司"},
	} {
		if got := ways[c.how](c.in); got != c.want {
			t.Errorf("%s of %q is %q, want %q", c.how, c.in, got, c.want)
		}
	}
}

// TestSystemsMeet takes a lead of one system and an order of another, which know the same customer
// by a phone number that each writes in its own way.
func TestSystemsMeet(t *testing.T) {
	p, diags := dsl.Check([]source.File{{Name: "p.thru", Text: "entity Customer { name text }\n" +
		"entity Lead { customer Customer }\nevent Order { customer Customer; amount money }\n"}},
		policy.Settings{})
	if dsl.HasErrors(diags) {
		t.Fatal(diags)
	}
	line := func(mapping, header, cells string) string {
		t.Helper()
		m, err := ReadMapping(mapping)
		if err != nil {
			t.Fatal(err)
		}
		s := &Sheet{Header: strings.Split(header, ","), At: 1, Rows: []Row{{2, strings.Split(cells, ",")}}}
		rows, err := NewRows(p, record.NewDecoder(p, time.UTC), s, m)
		if err != nil {
			t.Fatal(err)
		}
		var rec record.Record
		out, _, err := rows.Next(nil, &rec)
		if err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
		return string(out)
	}
	column := func(from, to, more string) string {
		return "[[column]]\nfrom = \"" + from + "\"\nto = \"" + to + "\"\n" + more
	}
	const pepper, key = "pepper = \"p\"\n", "key = \"phone\"\n"
	lead := line("type = \"Lead\"\n"+pepper+column("no", "id", "")+column("手机", "customer", key),
		"no,手机", "l1,138-0013-8000")
	order := line("type = \"Order\"\nid = [\"no\"]\n"+pepper+column("mobile", "customer", key)+
		column("sum", "amount", ""), "no,mobile,sum", "o1,+86 13800138000,5")
	customer := line("type = \"Customer\"\n"+pepper+column("tel", "id", key)+column("name", "name", ""),
		"tel,name", "１３８００１３８０００,C")
	_, id, _ := strings.Cut(lead, `"customer":"`)
	id, _, _ = strings.Cut(id, `"`)
	if !strings.HasPrefix(id, "phone-") || strings.Contains(lead, "13800138000") ||
		!strings.Contains(order, id) || !strings.Contains(customer, `"id":"`+id+`"`) {
		t.Errorf("they do not meet:\n%s\n%s\n%s", lead, order, customer)
	}
	other := line("type = \"Lead\"\n"+column("no", "id", "")+column("手机", "customer", key), "no,手机",
		"l1,138-0013-8000")
	if strings.Contains(other, id) {
		t.Error("a key does not depend on its pepper")
	}
	m, err := ReadMapping("type = \"Lead\"\n" + column("no", "id", "clean = \"fone\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = NewRows(p, record.NewDecoder(p, time.UTC), &Sheet{Header: []string{"no"}}, m)
	var fault *Fault
	if !errors.As(err, &fault) || fault.Why != BadClean {
		t.Error(err)
	}
}
