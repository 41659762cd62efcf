package pack_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/templates/pack"
)

func newKey(t *testing.T, name string) *pack.Key {
	t.Helper()
	text, err := pack.NewKey(name)
	if err != nil {
		t.Fatal(err)
	}
	k, err := pack.ReadKey(text)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), k.Public()) || strings.Contains(k.Public(), "PRIVATE") {
		t.Fatalf("the public key %s is not that of the file", k.Public())
	}
	return k
}

func release(p *pack.Package) pack.Release {
	return pack.Release{ID: p.ID, Hash: p.Hash, Signed: p.Signed}
}

// A package needs the signature of a key that is named for it, and of no other; what nobody is
// named for needs none.
func TestTrust(t *testing.T) {
	acme, pilot, other := newKey(t, "acme.example"), newKey(t, "pilot.example"), newKey(t, "acme.example")
	trust, err := pack.NewTrust(map[string][]string{"acme": {acme.Public()}, "acme.pilot": {pilot.Public(), acme.Public()},
		"nobody": {}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		by   []*pack.Key
		want string
		err  error
	}{
		{"acme", []*pack.Key{acme}, "acme.example", nil},
		{"acme.shelf", []*pack.Key{acme}, "acme.example", nil},
		{"acme.shelf", []*pack.Key{other, acme, pilot, acme}, "acme.example", nil},
		{"acme.shelf", nil, "", pack.ErrUnsigned},
		{"acme.shelf", []*pack.Key{pilot}, "", pack.ErrUnsigned},
		{"acme.shelf", []*pack.Key{other}, "", pack.ErrUnsigned}, // of the same name
		{"acme.pilot.a", []*pack.Key{pilot}, "pilot.example", nil},
		{"acmes", nil, "", nil},
		{"fmcg.listing", nil, "", nil},
		{"nobody", []*pack.Key{acme}, "", pack.ErrUnsigned},
	} {
		p := one(t, c.name, "1.0.0")
		for _, k := range c.by {
			if err := k.Sign(p); err != nil {
				t.Fatal(err)
			}
		}
		got, err := trust.Check(release(p))
		if !errors.Is(err, c.err) || strings.Join(got, " ") != c.want {
			t.Errorf("%s signed %v: %v %v, want %q %v", c.name, p.Signed, got, err, c.want, c.err)
		}
	}
	// A signature counts for this name, this version and these bytes.
	p := one(t, "acme.shelf", "1.0.0")
	if err := acme.Sign(p); err != nil {
		t.Fatal(err)
	}
	for _, q := range []*pack.Package{one(t, "acme.other", "1.0.0"), one(t, "acme.shelf", "1.0.1"),
		read(t, tree("thru.toml", toml("acme.shelf", "1.0.0"), "a.thru", "package acme.shelf\n// other\n"))} {
		q.Signed = p.Signed
		if _, err := trust.Check(release(q)); !errors.Is(err, pack.ErrForged) {
			t.Errorf("the signature of %s on %s: %v", p.ID, q.ID, err)
		}
	}
}

// What is no key is refused with what to do.
func TestKeys(t *testing.T) {
	for _, name := range []string{"", "a b", "a+b", "a\nb", "#a"} {
		if _, err := pack.NewKey(name); !errors.Is(err, pack.ErrKey) {
			t.Errorf("a key named %q: %v", name, err)
		}
	}
	k := newKey(t, "李四")
	for _, text := range []string{"", "# nothing\n", "PRIVATE+KEY+x", k.Public()} {
		if _, err := pack.ReadKey([]byte(text)); !errors.Is(err, pack.ErrKey) {
			t.Errorf("the key file %q: %v", text, err)
		}
	}
	for _, table := range []map[string][]string{{"acme": {"nothing"}}, {"acme": {"PRIVATE+KEY+x"}}} {
		if _, err := pack.NewTrust(table); !errors.Is(err, pack.ErrKey) {
			t.Errorf("%v: %v", table, err)
		}
	}
	if _, err := pack.NewTrust(map[string][]string{"Acme/x": {k.Public()}}); !errors.Is(err, pack.ErrName) {
		t.Errorf("a strange name: %v", err)
	}
}

// A workspace that names keys takes nothing unsigned: not from a source, and not from its own lock.
func TestTrustInWorkspace(t *testing.T) {
	dir := workspace(t)
	k := newKey(t, "fmcg.example")
	signed, plain := one(t, "fmcg.shelf", "1.0.0"), one(t, "fmcg.shelf", "1.0.0")
	if err := k.Sign(signed); err != nil {
		t.Fatal(err)
	}
	want := pack.Want{"fmcg.shelf": "1.0.0"}
	if err := prepare(t, dir, pack.Packages{plain}, want).Write(dir); err != nil {
		t.Fatal(err)
	}
	toml := filepath.Join(dir, "thru.toml")
	text, err := os.ReadFile(toml)
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, "\n[trust]\n\"fmcg\" = [\""+k.Public()+"\"]\n"...)
	if err := os.WriteFile(toml, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := pack.Open(os.DirFS(dir)); !errors.Is(err, pack.ErrUnsigned) {
		t.Errorf("unsigned in the lock: %v", err)
	}
	_, err = pack.Prepare(context.Background(), os.DirFS(dir), pack.Packages{plain}, want)
	if !errors.Is(err, pack.ErrUnsigned) {
		t.Errorf("unsigned at the source: %v", err)
	}
	// Signed later: the same bytes are fetched again, with the signature.
	if err := prepare(t, dir, pack.Packages{signed}, want).Write(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := pack.Open(os.DirFS(dir)); err != nil {
		t.Errorf("signed: %v", err)
	}
	list, err := pack.Audit(context.Background(), os.DirFS(dir), nil)
	if err != nil || len(list) != 1 || strings.Join(list[0].Signed, " ") != "fmcg.example" || list[0].Fault != "" {
		t.Errorf("audit says %+v %v", list, err)
	}
}
