package door_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/deliver/door"
)

func TestWhatIsInsideStaysClosed(t *testing.T) {
	d := door.New(nil)
	for _, a := range strings.Fields(`127.0.0.1 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1
		169.254.169.254 100.64.0.1 100.127.255.255 0.0.0.0 0.1.2.3 224.0.0.1 255.255.255.255
		192.0.0.8 198.18.0.1 203.0.113.9 240.0.0.1
		::1 :: fe80::1 fe80::1%eth0 fc00::1 fd12::3 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1
		64:ff9b::7f00:1 2002:7f00:1:: 2001:0:1::1 ::127.0.0.1 fec0::1`) {
		if d.Open(netip.MustParseAddr(a)) {
			t.Errorf("%s is open", a)
		}
	}
	for _, a := range strings.Fields(`1.1.1.1 8.8.8.8 172.32.0.1 100.128.0.1 2606:4700::1111
		2001:4860:4860::8888 ::ffff:1.1.1.1`) {
		if !d.Open(netip.MustParseAddr(a)) {
			t.Errorf("%s is closed", a)
		}
	}
	own := door.New([]netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")})
	for a, want := range map[string]bool{"10.1.2.3": true, "::ffff:10.1.2.3": true, "10.2.0.1": false} {
		if own.Open(netip.MustParseAddr(a)) != want {
			t.Errorf("%s open: %v", a, !want)
		}
	}
}

// TestNamesAreLookedAtWhenDialled: a name, a number or another form of an address leads to the same
// place, and so does whatever the resolver says.
func TestNamesAreLookedAtWhenDialled(t *testing.T) {
	hit := false
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hit = true }))
	defer s.Close()
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	d := door.New(nil)
	defer d.Close()
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+host+port, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Do(r); !errors.Is(err, door.ErrInside) {
			t.Errorf("%s: %v", host, err)
		}
	}
	if _, err := d.Dial(t.Context(), "tcp", "127.0.0.1"+port); !errors.Is(err, door.ErrInside) {
		t.Errorf("dial: %v", err)
	}
	if hit {
		t.Error("something came through")
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	hit := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hit++
		http.Redirect(w, r, "http://169.254.169.254/latest", http.StatusTemporaryRedirect)
	}))
	defer s.Close()
	d := door.New([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	defer d.Close()
	r, err := http.NewRequestWithContext(t.Context(), "POST", s.URL, strings.NewReader("secret"))
	if err != nil {
		t.Fatal(err)
	}
	if a, err := d.Do(r); err != nil || a.Status != 307 || hit != 1 {
		t.Errorf("%+v, %v after %d", a, err, hit)
	}
}

func TestAnEndlessAnswerEnds(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for range 1000 {
			if _, err := w.Write(make([]byte, 1<<12)); err != nil {
				return
			}
		}
	}))
	defer s.Close()
	d := door.New([]netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")})
	defer d.Close()
	r, err := http.NewRequestWithContext(t.Context(), "POST", s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := d.Do(r); err != nil || len(a.Body) > 64<<10 {
		t.Errorf("%v, %v", len(a.Body), err)
	}
}
