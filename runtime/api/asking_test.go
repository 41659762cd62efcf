package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
)

// TestLatest: what a page searches for in the log is what going over all that is seen of it would
// find, the latest first, however many parts of the log that takes. What was only passed on the way
// was not looked at by anybody.
func TestLatest(t *testing.T) {
	s, people := newSales(t)
	const many = 6000
	var lines []string
	for i := range many {
		who := []string{"li", "wu", "chen"}[i%3]
		lines = append(lines, fmt.Sprintf(
			`{"type":"Visit","id":"m%d","rep":"%s","customer":"c-%s","note":"x","n":%d}`, i, who, who, i%5))
		if len(lines) == 1000 {
			s.want(200, s.call(s.all, "POST", "/v1/sales/records", "["+strings.Join(lines, ",")+"]"))
			lines = nil
		}
	}
	who, err := s.access.Came(people["li"])
	if err != nil {
		t.Fatal(err)
	}
	a := s.server.Pages().Ask(t.Context(), api.Caller{Who: who, Verb: access.Read, Workspace: "sales"})
	from, to, err := a.Span(0, 1<<62)
	if err != nil || to < many {
		t.Fatal(from, to, err)
	}
	all, err := a.Decisions(from, to)
	if err != nil {
		t.Fatal(err)
	}
	looked := func() int {
		return len(decode[api.Looks](s, s.want(200,
			s.call(s.all, "GET", "/v1/sales/looks?record=Customer/c-li", ""))).Looks)
	}
	before := looked()
	if _, err := a.Latest(api.Search{From: from, To: to, Of: "Visit", Most: 1}); err != nil {
		t.Fatal(err)
	}
	if n := looked(); n != before {
		t.Errorf("a customer was passed: %d looks, %d before", n, before)
	}
	for _, x := range []api.Search{
		{Most: 5},
		{Of: "Visit", Most: 7},
		{Of: "Visit", Most: many},
		{Of: "Customer", Most: 3},
		{Of: "Visit", Most: 4, Is: func(t *api.Told) bool { return string(t.Fields["n"]) == "9" }},
		{Of: "Rep", Most: 9, Is: func(*api.Told) bool { return false }},
	} {
		x.From, x.To = from, to
		var want []string
		for i := len(all) - 1; i >= 0 && len(want) < x.Most; i-- {
			if t := &all[i]; (x.Of == "" || t.Record.Type != nil && t.Record.Type.Full == x.Of) &&
				(x.Is == nil || x.Is(t)) {
				want = append(want, fmt.Sprint(t.Decision.Seq, t.Words.Outcome, t.Record.ID))
			}
		}
		list, err := a.Latest(x)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range list {
			got = append(got, fmt.Sprint(list[i].Decision.Seq, list[i].Words.Outcome, list[i].Record.ID))
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s, %d at most: %.300v, want %.300v", x.Of, x.Most, got, want)
		}
	}
}
