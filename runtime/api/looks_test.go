package api_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
)

// TestLooksAreKept: every answer that may show something personal, and no other.
func TestLooksAreKept(t *testing.T) {
	s, people := newSales(t)
	looks := func(query string) (out []string) {
		t.Helper()
		x := decode[api.Looks](s, s.want(200, s.call(s.all, "GET", "/v1/sales/looks?limit=1000&"+query, "")))
		for _, l := range x.Looks {
			out = append(out, l.Route[len("/v1/{workspace}/"):]+" "+strings.Join(l.Records, " "))
		}
		return out
	}
	if got := looks(""); len(got) != 0 {
		t.Errorf("before anybody looked: %q", got)
	}
	get := func(who, path string) { s.want(200, s.as(people[who], "GET", "/v1/sales/"+path, "")) }
	get("li", "state/Customer")
	get("li", "state/Customer/c-li?expr=name")
	get("li", "state/Customer/c-li?expr=phone")
	get("amy", "state/Contact?expr="+url.QueryEscape(`customer.phone ?? "none"`))
	get("li", "state/Product")
	get("cat", "state/Customer") // does not see what is personal
	get("cat", "decisions?limit=1000")
	get("li", "decisions?after=6&limit=2")
	get("li", "why/Customer/c-li")
	get("li", "tasks")
	want := []string{"state/{type} Customer/c-li", "state/{type}/{id} Customer/c-li",
		"state/{type} Contact/k-chen Contact/k-li Contact/k-wu", "decisions Customer/c-li", "why/{type}/{id} Customer/c-li",
		"tasks Customer/c-li"}
	if got := looks(""); !slices.Equal(got, want) {
		t.Errorf("%q,\nwant %q", got, want)
	}
	if got := looks("record=Contact/k-li"); len(got) != 1 {
		t.Errorf("of one record: %q", got)
	}
	if got := looks("who=nobody"); len(got) != 0 {
		t.Errorf("of nobody: %q", got)
	}
	s.heard(people["li"], "/v1/sales/feed?after=1")
	if got := looks(""); len(got) < len(want)+1 || !strings.HasPrefix(got[len(want)], "feed Customer/c-li") {
		t.Errorf("the feed: %q", got)
	}
	s.problem("wrong-request", s.call(s.all, "GET", "/v1/sales/looks?since=yesterday", ""))
	s.want(403, s.call(s.keys[access.Read], "GET", "/v1/sales/looks", ""))
}
