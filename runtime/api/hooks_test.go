package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/deliver/hook"
	"github.com/throughline/throughline/runtime/intake"
)

const orders = `entity Rep { name text }
entity Customer "客户" {
  name  text
  phone "电话" text?
}
event Order "订单" {
  customer Customer
  rep      Rep
  amount   money
  paid     bool
  tags     list of text
  fill tags = []
}
`

const ordersMap = `type = "Order"
[constants]
rep = "li"
[[column]]
from = "buyer.id"
to = "customer"
[[column]]
from = "total"
to = "amount"
times = "0.01"
[[column]]
from = "lines[0].paid"
to = "paid"
values = { "Y" = "true", "N" = "false" }
[[column]]
from = "$.tags"
to = "tags"
`

// hooked is a workspace that takes orders from a hook, and the hook's secret.
func hooked(t testing.TB, rows string) (*site, string) {
	s := newSite(t)
	s.want(200, s.call(s.all, "POST", "/v1/-/workspaces", create("shop", orders)))
	s.want(204, s.call(s.all, "PUT", "/v1/shop/mappings/orders", jsonText("text", ordersMap)))
	set := decode[api.SetHook](s, s.want(200, s.call(s.all, "PUT", "/v1/shop/hooks/crm",
		`{"mapping":"orders","rows":"`+rows+`"}`)))
	if !strings.HasPrefix(set.Secret, "whsec_") {
		t.Fatalf("%+v", set)
	}
	return s, set.Secret
}

// tells sends a delivery.
func (s *site) tells(secret, id, text string, at time.Time) reply {
	s.t.Helper()
	h := http.Header{}
	hook.Signed{ID: id, At: at}.Sign(h, secret, []byte(text))
	return s.call("", "POST", "/v1/shop/hooks/crm", text, "Webhook-Id", h.Get("Webhook-Id"),
		"Webhook-Timestamp", h.Get("Webhook-Timestamp"), "Webhook-Signature", h.Get("Webhook-Signature"))
}

// TestAHookBecomesARecord takes what another system has to tell, once.
func TestAHookBecomesARecord(t *testing.T) {
	s, secret := hooked(t, "")
	text := "{\"buyer\":{\"id\":\"c1\"},\"total\":12345,\"lines\":[{\"paid\":\"Y\"}],\"tags\":[\"a\",\"b\"]}\n"
	got := decode[intake.Heard](s, s.want(200, s.tells(secret, "d1", text, time.Now())))
	if len(got.Records) != 1 || got.Records[0].ID != "d1" || got.Records[0].Outcome != "accepted" {
		t.Fatalf("%+v", got)
	}
	again := decode[intake.Heard](s, s.want(200, s.tells(secret, "d1", text, time.Now())))
	if !again.Again || len(again.Records) != 0 {
		t.Errorf("%+v", again)
	}
	h := http.Header{}
	hook.Signed{ID: "d1", At: time.Now()}.Sign(h, secret, []byte(text))
	r := httptest.NewRequest("POST", "/v1/shop/hooks/crm", strings.NewReader(text))
	r.Header = h
	w := httptest.NewRecorder()
	api.New(s.o).ServeHTTP(w, r) // as after a restart
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"again":true`) {
		t.Errorf("after a restart it counts again: %d %s", w.Code, w.Body)
	}
	s.want(200, s.call(s.all, "POST", "/v1/shop/records", `{"type":"Customer","id":"c1","name":"C"}`))
	st := get[api.State](s, "/v1/shop/state/Customer/c1?expr=sum(Order.amount)&expr=count(Order%20where%20paid)")
	if string(st.Rows[0].Values[0]) != "123.45" || string(st.Rows[0].Values[1]) != "1" {
		t.Errorf("%s", st.Rows[0].Values)
	}
	for name, r := range map[string]reply{
		"another secret":  s.tells("whsec_AAAA", "d2", text, time.Now()),
		"too old":         s.tells(secret, "d3", text, time.Now().Add(-time.Hour)),
		"not yet":         s.tells(secret, "d4", text, time.Now().Add(time.Hour)),
		"no signature":    s.call("", "POST", "/v1/shop/hooks/crm", text),
		"no such hook":    s.call("", "POST", "/v1/shop/hooks/none", text),
		"no workspace":    s.call("", "POST", "/v1/none/hooks/crm", text),
		"another's space": s.call("", "POST", "/v1/east/hooks/crm", text),
	} {
		if p := s.problem("wrong-signature", r); p.Status != 401 {
			t.Errorf("%s: %+v", name, p)
		}
	}
	s.problem("wrong-request", s.tells(secret, "d5", "no JSON", time.Now()))
	if r := s.tells(secret, "d5", text, time.Now()); !strings.Contains(r.body, `"accepted"`) {
		t.Errorf("what came to nothing cannot be sent again: %s", r.body)
	}
	renewed := decode[api.SetHook](s, s.want(200, s.call(s.all, "PUT", "/v1/shop/hooks/crm",
		`{"mapping":"orders","renew":true}`)))
	s.problem("wrong-signature", s.tells(secret, "d6", text, time.Now()))
	s.want(200, s.tells(renewed.Secret, "d6", text, time.Now()))
	if list := s.call(s.all, "GET", "/v1/shop/hooks", "").body; strings.Contains(list, "whsec") ||
		!strings.Contains(list, `"crm"`) {
		t.Error(list)
	}
	s.want(204, s.call(s.all, "DELETE", "/v1/shop/hooks/crm", ""))
	s.problem("wrong-signature", s.tells(renewed.Secret, "d7", text, time.Now()))
	s.problem("unknown-hook", s.call(s.all, "DELETE", "/v1/shop/hooks/crm", ""))
	s.problem("unknown-mapping", s.call(s.all, "PUT", "/v1/shop/hooks/crm", `{"mapping":"none"}`))
}

// TestAHookOfMany makes a record of each element of a list, and says what is wrong with which.
func TestAHookOfMany(t *testing.T) {
	s, secret := hooked(t, "data.orders")
	text := `{"data":{"orders":[{"buyer":{"id":"c1"},"total":100,"lines":[{"paid":"N"}]},` +
		`{"buyer":{},"total":"x","lines":{}}]}}`
	got := decode[intake.Heard](s, s.want(200, s.tells(secret, "d1", text, time.Now()))).Records
	if len(got) != 2 || got[0].ID != "d1-1" || got[0].Outcome != "accepted" || got[1].Outcome != "rejected" ||
		got[1].Why == "" {
		t.Fatalf("%+v", got)
	}
	s.problem("wrong-request", s.tells(secret, "d2", `{"data":{"orders":7}}`, time.Now()))
	s.problem("wrong-request", s.tells(secret, "d3", `[]`, time.Now()))
}
