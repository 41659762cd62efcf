package api_test

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
)

func TestBacktest(t *testing.T) {
	s := newSite(t)
	s.submit(`{"type":"Rep","id":"li","name":"Li"}`, `{"type":"Visit","id":"v1","rep":"li","n":5}`,
		`{"type":"Visit","id":"v2","rep":"li","n":9}`, `{"type":"Visit","id":"v3","rep":"li"}`)
	ask := func(key, query, text string, status int) reply {
		t.Helper()
		return s.want(status, s.call(key, "POST", "/v1/east/policy/backtest"+query, files(text)))
	}
	drafts := s.keys[access.Draft]
	same := decode[api.Backtested](s, ask(drafts, "", shop, 200))
	if same.All != 0 || same.From != same.To || same.Records != 4 {
		t.Errorf("the same policy: %+v", same)
	}
	lower := strings.Replace(shop, "n >= 8", "n >= 5", 1)
	x := decode[api.Backtested](s, ask(drafts, "", lower, 200))
	if x.All != 1 || len(x.Differences) != 1 || x.From == x.To ||
		!strings.Contains(string(x.Differences[0]), `"kind":"task","rule":"Big","of":"Visit/v1","person":"li"`) {
		t.Errorf("%+v: %s", x, x.Differences)
	}
	found := false
	for _, sum := range x.Sums {
		found = found || strings.HasPrefix(string(sum), `{"declaration":"Big","kind":"rule","old":{"fired":1,`)
	}
	if !found || !strings.Contains(x.Text, "Big") {
		t.Errorf("%s\n%s", x.Sums, x.Text)
	}
	lowest := strings.Replace(shop, "n >= 8", "n >= 1", 1)
	s.submit(`{"type":"Visit","id":"v4","rep":"li","n":2}`)
	if one := decode[api.Backtested](s, ask(drafts, "?limit=1", lowest, 200)); one.All != 2 ||
		len(one.Differences) != 1 {
		t.Errorf("%+v", one)
	}
	before := get[api.Page](s, "/v1/east/decisions").Last
	if zh := s.want(200, s.call(drafts, "POST", "/v1/east/policy/backtest", files(lower),
		"Accept-Language", "zh")).body; !strings.Contains(zh, "规则") {
		t.Error(zh)
	}
	if after := get[api.Page](s, "/v1/east/decisions").Last; after != before {
		t.Errorf("the log grew from %d to %d", before, after)
	}
	s.problem("wrong-policy", ask(drafts, "", "entity {", 422))
	s.problem("wrong-request", s.call(drafts, "POST", "/v1/east/policy/backtest", `{"files":[]}`))
	s.problem("wrong-request", s.call(drafts, "POST", "/v1/east/policy/backtest?limit=-1", files(shop)))
	s.problem("unknown-workspace", s.call(s.all, "POST", "/v1/north/policy/backtest", files(shop)))

	// Who does not see everything cannot have a policy tell it.
	people := s.everyone()
	spy := shop + "rule Spy on Rep {\n  when has name\n  do { note \"{name}\" }\n}\n"
	r := s.as(people["consultant"], "POST", "/v1/east/policy/backtest", files(spy))
	if p := s.problem("not-allowed", r); p.Status != 403 || strings.Contains(r.body, "Li") {
		t.Error(r.body)
	}
	s.want(200, s.as(people["author"], "POST", "/v1/east/policy/backtest", files(spy)))
	s.want(204, s.call(s.all, "PUT", "/v1/-/hidden",
		`{"workspace":"east","role":"author","field":"Rep.name","hidden":true}`))
	s.want(403, s.as(people["author"], "POST", "/v1/east/policy/backtest", files(spy)))
}
