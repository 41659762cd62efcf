package remote_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/throughline/throughline/templates/pack"
	"github.com/throughline/throughline/templates/pack/remote"
	"github.com/throughline/throughline/templates/pack/remote/remotetest"
)

func TestMain(m *testing.M) {
	// Whoever runs the tests may be logged in somewhere.
	dir, err := os.MkdirTemp("", "docker")
	if err != nil {
		panic(err)
	}
	if err := os.Setenv("DOCKER_CONFIG", dir); err != nil {
		panic(err)
	}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}

func one(t testing.TB, name, version, more string) *pack.Package {
	t.Helper()
	p, err := pack.Read(fstest.MapFS{
		"thru.toml": {Data: fmt.Appendf(nil, "name = %q\nversion = %q\n", name, version)},
		"a.thru":    {Data: []byte("package " + name + "\n" + more)},
	}, ".")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// quick asks again without waiting and gives up soon.
func quick() remote.Options {
	return remote.Options{Pause: time.Nanosecond, Patience: 5 * time.Second, PlainHTTP: true}
}

func open(t *testing.T, location string, o remote.Options) remote.Place {
	t.Helper()
	p, err := remote.Open(location, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// places are both kinds, over the handlers that they are given to.
func places(t *testing.T, wrap func(http.Handler) http.Handler) map[string]string {
	host := strings.TrimPrefix(serve(t, wrap(remotetest.Registry())), "http://")
	return map[string]string{
		"web":      serve(t, wrap(new(remotetest.Files))) + "/a/b",
		"registry": "oci://" + host + "/team/thru",
	}
}

func plain(h http.Handler) http.Handler { return h }

func signed(t *testing.T, p *pack.Package) *pack.Package {
	t.Helper()
	text, err := pack.NewKey("acme.example")
	if err != nil {
		t.Fatal(err)
	}
	k, err := pack.ReadKey(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Sign(p); err != nil {
		t.Fatal(err)
	}
	return p
}

// What is published is there for others: each version once, with one content, and its signatures.
func TestPublishAndFetch(t *testing.T) {
	ctx := context.Background()
	for kind, at := range places(t, plain) {
		t.Run(kind, func(t *testing.T) {
			publish := func(p *pack.Package, want pack.Outcome) {
				t.Helper()
				got, err := open(t, at, quick()).Publish(ctx, p)
				if err != nil || got != want {
					t.Errorf("publishing %s: %q %v, want %q", p.ID, got, err, want)
				}
			}
			for _, v := range []string{"1.10.0", "1.2.0", "2.0.0-rc.1"} {
				publish(one(t, "acme.shelf", v, ""), pack.Published)
			}
			publish(one(t, "acme.shelf", "1.2.0", ""), pack.There)
			sig := signed(t, one(t, "acme.shelf", "1.2.0", ""))
			publish(sig, pack.Signed)
			publish(sig, pack.There)
			publish(one(t, "acme.shelf", "1.2.0", ""), pack.There)
			other := one(t, "acme.shelf", "1.2.0", "// other\n")
			if _, err := open(t, at, quick()).Publish(ctx, other); !errors.Is(err, pack.ErrPublished) {
				t.Errorf("other bytes: %v", err)
			}
			s := open(t, at, quick())
			got, err := s.Versions(ctx, "acme.shelf")
			if err != nil || strings.Join(got, " ") != "1.2.0 1.10.0 2.0.0-rc.1" {
				t.Errorf("versions: %v %v", got, err)
			}
			if id, err := pack.Latest(ctx, s, "acme.shelf"); err != nil || id.Version != "1.10.0" {
				t.Errorf("latest: %v %v", id, err)
			}
			p, err := s.Fetch(ctx, sig.ID)
			if err != nil || p.Hash != sig.Hash || len(p.Signed) != 1 || p.Signed[0] != sig.Signed[0] {
				t.Errorf("fetched: %v %v", p, err)
			}
			if got, err := s.Versions(ctx, "acme.gone"); err != nil || len(got) > 0 {
				t.Errorf("what is not there: %v %v", got, err)
			}
			for _, id := range []pack.ID{{Name: "acme.gone", Version: "1.0.0"}, {Name: "acme.shelf", Version: "9.0.0"}} {
				if _, err := s.Fetch(ctx, id); !errors.Is(err, pack.ErrUnknown) {
					t.Errorf("%s: %v", id, err)
				}
			}
			if _, err := s.Versions(ctx, "../x"); !errors.Is(err, pack.ErrName) {
				t.Errorf("a name that leads out: %v", err)
			}
		})
	}
}

// Of many who publish at once on a web server nobody is lost.
func TestPublishAtOnce(t *testing.T) {
	at := places(t, plain)["web"]
	want := []string{"1.0.0", "1.1.0", "1.2.0"}
	var all sync.WaitGroup
	for _, v := range want {
		p := one(t, "a", v, "")
		all.Go(func() {
			if _, err := open(t, at, quick()).Publish(context.Background(), p); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := open(t, at, quick()).Versions(context.Background(), "a")
	if err != nil || strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%v %v", got, err)
	}
}

// A server that is out of order for a moment is asked again; one that stays so is told as it is,
// and one that never ends is left.
func TestServersInTrouble(t *testing.T) {
	ctx := context.Background()
	p := one(t, "acme.shelf", "1.0.0", "")
	for _, c := range []struct {
		what   string
		answer func(n int, h http.Handler, w http.ResponseWriter, r *http.Request)
		want   error
	}{
		{"500 twice", func(n int, h http.Handler, w http.ResponseWriter, r *http.Request) {
			if n < 2 {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			h.ServeHTTP(w, r)
		}, nil},
		{"too many requests", func(n int, h http.Handler, w http.ResponseWriter, r *http.Request) {
			if n < 1 {
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			h.ServeHTTP(w, r)
		}, nil},
		{"500 for ever", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
		}, remote.ErrServer},
		{"an endless body", func(_ int, _ http.Handler, w http.ResponseWriter, r *http.Request) {
			b := []byte(strings.Repeat("x", 1<<16))
			for r.Context().Err() == nil {
				if _, err := w.Write(b); err != nil {
					return
				}
			}
		}, errAny},
		{"silence", func(_ int, _ http.Handler, _ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
		}, remote.ErrServer},
		{"a page", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, "<html>Please accept our terms</html>")
		}, errAny},
		{"hanging up", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) { hangUp(w) }, errAny},
		{"forbidden", func(_ int, _ http.Handler, w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
		}, remote.ErrLogin},
		{"round and round", func(_ int, _ http.Handler, w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
		}, remote.ErrServer},
	} {
		var mu sync.Mutex
		n, trouble := 0, false
		wrap := func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				now, in := n, trouble
				if trouble {
					n++
				}
				mu.Unlock()
				if !in {
					h.ServeHTTP(w, r)
					return
				}
				c.answer(now, h, w, r)
			})
		}
		for kind, at := range places(t, wrap) {
			t.Run(c.what+", "+kind, func(t *testing.T) {
				if _, err := open(t, at, quick()).Publish(ctx, p); err != nil {
					t.Fatal(err)
				}
				mu.Lock()
				n, trouble = 0, true
				mu.Unlock()
				o := quick()
				o.Patience = 500 * time.Millisecond
				s := open(t, at, o)
				_, err := s.Versions(ctx, p.Name)
				got, fetched := s.Fetch(ctx, p.ID)
				if c.want == nil && (err != nil || fetched != nil || got.Hash != p.Hash) {
					t.Errorf("%v %v", err, fetched)
				}
				if c.want != nil && (err == nil || fetched == nil) {
					t.Errorf("taken: %v %v", err, fetched)
				}
				if c.want != nil && c.want != errAny && (!errors.Is(err, c.want) || !errors.Is(fetched, c.want)) {
					t.Errorf("%v; %v, want %v", err, fetched, c.want)
				}
				mu.Lock()
				n, trouble = 0, false
				mu.Unlock()
			})
		}
	}
}

var errAny = errors.New("any")

// hangUp ends the connection in the middle of an answer.
func hangUp(w http.ResponseWriter) {
	w.Header().Set("Content-Length", "1000")
	_, _ = w.Write([]byte("half"))
	panic(http.ErrAbortHandler)
}

// An archive that breaks off is asked for again.
func TestBreaksOff(t *testing.T) {
	files := new(remotetest.Files)
	var mu sync.Mutex
	left := 2
	at := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		now := left
		if strings.HasSuffix(r.URL.Path, ".zip") && r.Method == http.MethodGet && now > 0 {
			left--
			mu.Unlock()
			hangUp(w)
		}
		mu.Unlock()
		files.ServeHTTP(w, r)
	}))
	x := one(t, "a", "1.0.0", "")
	for name, b := range map[string][]byte{"thru-index": []byte(pack.IndexText), "a/a@1.0.0.zip": x.Archive(),
		"a/versions": pack.AppendVersions(nil, []pack.Release{{ID: x.ID, Hash: x.Hash}})} {
		files.Set(name, b)
	}
	if p, err := open(t, at, quick()).Fetch(context.Background(), x.ID); err != nil || p.Hash != x.Hash {
		t.Error(err)
	}
}

// A web server that lies is found out, and an address that is no index is told as that.
func TestWebLies(t *testing.T) {
	ctx := context.Background()
	p, q := one(t, "a", "1.0.0", ""), one(t, "a", "1.0.0", "// other\n")
	versions := string(pack.AppendVersions(nil, []pack.Release{{ID: p.ID, Hash: p.Hash}}))
	for _, c := range []struct {
		what  string
		files map[string][]byte
		want  error
	}{
		{"no index", nil, pack.ErrIndex},
		{"another mark", map[string][]byte{"thru-index": []byte("hello")}, pack.ErrIndex},
		{"no such package", map[string][]byte{"thru-index": []byte(pack.IndexText)}, pack.ErrUnknown},
		{"other bytes", map[string][]byte{"a/versions": []byte(versions), "a/a@1.0.0.zip": q.Archive()}, pack.ErrLies},
		{"no archive", map[string][]byte{"a/versions": []byte(versions)}, pack.ErrLies},
		{"half an archive", map[string][]byte{"a/versions": []byte(versions), "a/a@1.0.0.zip": p.Archive()[:99]}, errAny},
		{"a bomb", map[string][]byte{"a/versions": []byte(versions), "a/a@1.0.0.zip": make([]byte, pack.MostArchive+1)}, pack.ErrTooLarge},
		{"a list that never ends", map[string][]byte{"a/versions": []byte(strings.Repeat("#\n", 1<<20))}, pack.ErrTooLarge},
		{"versions of another", map[string][]byte{"a/versions": []byte("b" + versions[1:])}, pack.ErrIndex},
	} {
		files := new(remotetest.Files)
		for name, b := range c.files {
			files.Set(name, b)
		}
		_, err := open(t, serve(t, files), quick()).Fetch(ctx, p.ID)
		if err == nil || c.want != errAny && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		}
	}
}

// A list that has not changed is not sent again; what is kept of it is believed no further.
func TestConditional(t *testing.T) {
	ctx := context.Background()
	files := new(remotetest.Files)
	at := serve(t, files)
	o := quick()
	o.Cache = filepath.Join(t.TempDir(), "cache")
	for _, v := range []string{"1.0.0", "1.1.0"} {
		if _, err := open(t, at, o).Publish(ctx, one(t, "a", v, "")); err != nil {
			t.Fatal(err)
		}
	}
	files.Asked()
	ask := func(want string) {
		t.Helper()
		s := open(t, at, o)
		for range 2 { // the second is asked of nobody
			if got, err := s.Versions(ctx, "a"); err != nil || len(got) != 2 {
				t.Errorf("%v %v", got, err)
			}
		}
		if got := strings.Join(files.Asked(), "; "); got != want {
			t.Errorf("asked %s, want %s", got, want)
		}
	}
	ask("GET a/versions OK")
	ask("GET a/versions Not Modified")
	kept, err := filepath.Glob(filepath.Join(o.Cache, "*.json"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept: %v %v", kept, err)
	}
	for _, bad := range []string{"", "{", `{"Stamp":"x","Body":"bm8="}`} {
		if err := os.WriteFile(kept[0], []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		ask("GET a/versions OK")
	}
	ask("GET a/versions Not Modified")
}

// Credentials are those of docker's files, for the host that they are kept for and no other.
func TestCredentials(t *testing.T) {
	ctx := context.Background()
	guarded := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if user, password, _ := r.BasicAuth(); user != "li" || password != "secret" {
				w.Header().Set("WWW-Authenticate", `Basic realm="packages"`)
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			h.ServeHTTP(w, r)
		})
	}
	dir := t.TempDir()
	t.Setenv("DOCKER_CONFIG", dir)
	for kind, at := range places(t, guarded) {
		t.Run(kind, func(t *testing.T) {
			p := one(t, "a", "1.0.0", "")
			if _, err := open(t, at, quick()).Publish(ctx, p); !errors.Is(err, remote.ErrLogin) {
				t.Errorf("without: %v", err)
			}
			host := strings.Split(strings.SplitN(at, "://", 2)[1], "/")[0]
			keep := func(host, login string) {
				text := fmt.Sprintf(`{"auths":{%q:{"auth":%q}}}`, host, base64.StdEncoding.EncodeToString([]byte(login)))
				if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			keep("elsewhere.example", "li:secret")
			if _, err := open(t, at, quick()).Publish(ctx, p); !errors.Is(err, remote.ErrLogin) {
				t.Errorf("those of another host: %v", err)
			}
			keep(host, "li:secret")
			if _, err := open(t, at, quick()).Publish(ctx, p); err != nil {
				t.Errorf("with: %v", err)
			}
			if _, err := open(t, at, quick()).Fetch(ctx, p.ID); err != nil {
				t.Errorf("with: %v", err)
			}
			keep(host, "li:wrong")
			if _, err := open(t, at, quick()).Versions(ctx, "a"); !errors.Is(err, remote.ErrLogin) {
				t.Errorf("wrong ones: %v", err)
			}
		})
	}
}

// What goes over a network is encrypted, unless somebody asks for it not to be.
func TestEncrypted(t *testing.T) {
	ctx := context.Background()
	for at, want := range map[string]error{
		"http://packages.example/x": remote.ErrPlain, "https://packages.example/x": nil, "http://127.0.0.1:1/x": nil,
		"http://localhost/x": nil, "http://[::1]/x": nil, "oci://registry.example/x": nil, "ftp://x/y": remote.ErrLocation, "https://": remote.ErrLocation,
		"https://li:secret@packages.example": remote.ErrLocation, "https://packages.example/?a": remote.ErrLocation,
		"packages.example": remote.ErrLocation, "oci://Registry Example/x": remote.ErrLocation,
	} {
		if _, err := remote.Open(at, remote.Options{}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", at, err, want)
		} else if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the message tells the password: %v", err)
		}
	}
	host := strings.TrimPrefix(serve(t, remotetest.Registry()), "http://")
	strict := remote.Options{Pause: time.Nanosecond}
	_, err := open(t, "oci://"+host+"/x", strict).Versions(ctx, "a")
	if !errors.Is(err, remote.ErrPlain) || !strings.Contains(err.Error(), "--plain-http") {
		t.Errorf("a registry without encryption: %v", err)
	}
	// From an encrypted place nobody is led to one that is not.
	bare := serve(t, new(remotetest.Files))
	secure := httptest.NewTLSServer(http.RedirectHandler(bare, http.StatusFound))
	t.Cleanup(secure.Close)
	strict.Base = secure.Client().Transport.(*http.Transport).Clone()
	if _, err := open(t, secure.URL, strict).Versions(ctx, "a"); !errors.Is(err, remote.ErrPlain) {
		t.Errorf("a way out of encryption: %v", err)
	}
}

// What is sent is told as it goes.
func TestProgress(t *testing.T) {
	for kind, at := range places(t, plain) {
		sent := 0
		o := quick()
		o.Sent = func(n int) { sent += n }
		p := one(t, "a", "1.0.0", "")
		if _, err := open(t, at, o).Publish(context.Background(), p); err != nil || sent < len(p.Archive()) {
			t.Errorf("%s: %d of %d bytes told, %v", kind, sent, len(p.Archive()), err)
		}
	}
}

// A server that takes no files says what to do instead.
func TestReadOnlyServer(t *testing.T) {
	at := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		http.NotFound(w, r)
	}))
	_, err := open(t, at, quick()).Publish(context.Background(), one(t, "a", "1.0.0", ""))
	if !errors.Is(err, remote.ErrServer) || !strings.Contains(err.Error(), "publish to a folder") {
		t.Errorf("%v", err)
	}
}
