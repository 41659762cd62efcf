package api_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/access/provider"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/host"
)

// members are who the provider of the tests knows.
type members map[string]*storage.User

func (m members) GetUserByID(id string) *storage.User { return m[id] }

func (m members) GetUserByUsername(name string) *storage.User { return m[name] }

func (m members) ExampleClientID() string { return "service" }

// withProvider is a server beside a real, certified provider that runs in this process. People
// reach both by names.
type withProvider struct {
	t      *testing.T
	url    string
	access *access.Access
	known  members
}

func newWithProvider(t *testing.T) *withProvider {
	x := &withProvider{t: t, known: members{}}
	for _, name := range []string{"li", "wu", "nat"} {
		x.known[name] = &storage.User{ID: name, Username: name, Password: "secret",
			Email: name + "@example.com", EmailVerified: name != "wu"}
	}
	var op http.Handler
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		op.ServeHTTP(w, r)
	}))
	t.Cleanup(issuer.Close)
	web := httptest.NewUnstartedServer(nil)
	x.url = "http://" + web.Listener.Addr().String()
	op = exampleop.SetupServer(issuer.URL, storage.NewStorageWithClients(x.known,
		map[string]*storage.Client{"thru": storage.WebClient("thru", "hush", x.url+api.ProviderCallback)}),
		slog.New(slog.DiscardHandler), false)

	dir := t.TempDir()
	h, err := host.Open(dir, host.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if x.access, err = access.Open(filepath.Join(dir, "system.db"), nil); err != nil {
		t.Fatal(err)
	}
	p, err := provider.New(provider.Config{Issuer: issuer.URL, Client: "thru", Secret: "hush",
		Redirect: x.url + api.ProviderCallback})
	if err != nil {
		t.Fatal(err)
	}
	web.Config = api.New(api.Options{Host: h, Access: x.access, Provider: p}).HTTP()
	web.Start()
	t.Cleanup(func() {
		web.Close()
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		if err := x.access.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

func (x *withProvider) account(name string) {
	x.t.Helper()
	_, err := x.access.Enrol(x.t.Context(), access.Person{Login: name, Name: name,
		Email: name + "@example.com"}, "", "test")
	if err != nil {
		x.t.Fatal(err)
	}
}

// browser goes where it is sent and keeps cookies. It stops before it comes back where stop says.
func (x *withProvider) browser(stop bool) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		x.t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if stop && r.URL.Path == api.ProviderCallback {
			return http.ErrUseLastResponse
		}
		return nil
	}}
}

// goThere takes a browser through the provider's own pages, and answers where that ends.
func (x *withProvider) goThere(b *http.Client, name string) (at *url.URL, back string, body string) {
	x.t.Helper()
	page, err := b.Get(x.url + "/v1/-/oidc/login")
	if err != nil {
		x.t.Fatal(err)
	}
	_ = page.Body.Close()
	form := url.Values{"username": {name}, "password": {"secret"},
		"id": {page.Request.URL.Query().Get("authRequestID")}}
	end, err := b.PostForm(page.Request.URL.String(), form)
	if err != nil {
		x.t.Fatal(err)
	}
	defer end.Body.Close()
	text, err := io.ReadAll(end.Body)
	if err != nil {
		x.t.Fatal(err)
	}
	return end.Request.URL, end.Header.Get("Location"), string(text)
}

func (x *withProvider) open(b *http.Client, address string) (status int, body string) {
	x.t.Helper()
	r, err := b.Get(address)
	if err != nil {
		x.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		x.t.Fatal(err)
	}
	return r.StatusCode, string(text)
}

// TestPeopleComeInThroughAProvider takes people through a real provider: who has an account with
// the address that it has verified comes in, and nobody else.
func TestPeopleComeInThroughAProvider(t *testing.T) {
	x := newWithProvider(t)
	x.account("li")
	x.account("wu")
	for name, want := range map[string]string{"li": `"login":"li"`, "wu": `"code":"no-account"`,
		"nat": `"code":"no-account"`} {
		b := x.browser(false)
		if at, _, body := x.goThere(b, name); !strings.Contains(body, want) {
			t.Errorf("%s ends at %v: %s", name, at, body)
		}
		status, _ := x.open(b, x.url+"/v1/-/me")
		if (status == 200) != (name == "li") {
			t.Errorf("%s is answered %d", name, status)
		}
	}
	// Whoever gets the address later is somebody else.
	x.known["nat"].Email = "li@example.com"
	if _, _, body := x.goThere(x.browser(false), "nat"); !strings.Contains(body, `"no-account"`) {
		t.Errorf("nat with li's address: %s", body)
	}
}

// TestOnlyWhoWasSentComesBack brings back what others were given.
func TestOnlyWhoWasSentComesBack(t *testing.T) {
	x := newWithProvider(t)
	x.account("li")
	b := x.browser(true)
	_, back, _ := x.goThere(b, "li")
	if !strings.HasPrefix(back, x.url+api.ProviderCallback) {
		t.Fatalf("sent back to %q", back)
	}
	refused := func(name string, b *http.Client, address string) {
		t.Helper()
		if status, body := x.open(b, address); status != 401 || !strings.Contains(body, `"wrong-login"`) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	at, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	with := func(key, value string) string {
		q := at.Query()
		q.Set(key, value)
		return x.url + api.ProviderCallback + "?" + q.Encode()
	}
	refused("another browser with the same address", x.browser(false), back)
	refused("another state", b, with("state", "x"))
	refused("no code", b, with("code", ""))
	refused("a made-up code", b, with("code", "x"))
	refused("nothing", x.browser(false), x.url+api.ProviderCallback)
	refused("refused there", b, x.url+api.ProviderCallback+"?error=access_denied&state="+
		at.Query().Get("state"))
	other := x.browser(true)
	_, foreign, _ := x.goThere(other, "li")
	code, err := url.Parse(foreign)
	if err != nil {
		t.Fatal(err)
	}
	refused("another's code", b, with("code", code.Query().Get("code")))
	if status, body := x.open(b, back); status != 303 && !strings.Contains(body, `"login":"li"`) {
		t.Errorf("who was sent: %d %s", status, body)
	}
	refused("a second time", b, back)
}

func TestAProviderIsAskedOverTLS(t *testing.T) {
	for issuer, fine := range map[string]bool{"https://id.example.com": true, "http://127.0.0.1:1": true,
		"http://localhost": true, "http://id.example.com": false, "id.example.com": false, "": false} {
		_, err := provider.New(provider.Config{Issuer: issuer, Client: "thru", Redirect: "https://x/y"})
		if (err == nil) != fine {
			t.Errorf("%q: %v", issuer, err)
		}
	}
}

func TestAProviderThatIsDownIsTold(t *testing.T) {
	s := newSite(t) // whose provider is nowhere
	r := s.call("", "GET", "/v1/-/oidc/login", "")
	if s.problem("provider", r); r.status != 502 || r.header.Get("Retry-After") == "" {
		t.Errorf("%d %v", r.status, r.header)
	}
	s.problem("wrong-login", s.call("", "GET", api.ProviderCallback, ""))
}
