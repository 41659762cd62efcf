package pack_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/throughline/throughline/templates/pack"
)

func publish(t *testing.T, x *pack.Index, p *pack.Package, want pack.Outcome) {
	t.Helper()
	if got, err := x.Publish(context.Background(), p); err != nil || got != want {
		t.Errorf("publishing %s: %q %v, want %q", p.ID, got, err, want)
	}
}

// A folder that is published to is an index: versions in order, each once and with one content.
func TestIndex(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	x := pack.IndexIn(dir)
	for _, v := range []string{"1.10.0", "1.2.0", "1.10.0-rc.1"} {
		publish(t, x, one(t, "acme.shelf", v), pack.Published)
	}
	publish(t, x, one(t, "acme.shelf", "1.2.0"), pack.There)
	signed := one(t, "acme.shelf", "1.2.0")
	if err := newKey(t, "acme.example").Sign(signed); err != nil {
		t.Fatal(err)
	}
	publish(t, x, signed, pack.Signed)
	publish(t, x, signed, pack.There)
	publish(t, x, one(t, "acme.shelf", "1.2.0"), pack.There) // and the signature stays
	other := read(t, tree("thru.toml", toml("acme.shelf", "1.2.0"), "a.thru", "package acme.shelf\n// other\n"))
	if _, err := x.Publish(ctx, other); !errors.Is(err, pack.ErrPublished) {
		t.Errorf("other bytes: %v", err)
	}
	s, err := pack.At(dir)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Versions(ctx, "acme.shelf")
	if err != nil || strings.Join(got, " ") != "1.2.0 1.10.0-rc.1 1.10.0" {
		t.Errorf("%v %v", got, err)
	}
	p, err := s.Fetch(ctx, signed.ID)
	if err != nil || p.Hash != signed.Hash || len(p.Signed) != 1 {
		t.Errorf("%v %v", p, err)
	}
	if got, err := s.Versions(ctx, "acme.gone"); err != nil || len(got) > 0 {
		t.Errorf("what is not there: %v %v", got, err)
	}
	if _, err := s.Versions(ctx, "../../etc"); !errors.Is(err, pack.ErrName) {
		t.Errorf("a name that leads out: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "acme.shelf", ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Many who publish at once lose nothing.
func TestIndexAtOnce(t *testing.T) {
	dir := t.TempDir()
	versions := []string{"1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0"}
	var all sync.WaitGroup
	for _, v := range versions {
		p := one(t, "a", v)
		all.Go(func() {
			if _, err := pack.IndexIn(dir).Publish(context.Background(), p); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := pack.IndexIn(dir).Versions(context.Background(), "a")
	if err != nil || strings.Join(got, " ") != strings.Join(versions, " ") {
		t.Errorf("%v %v", got, err)
	}
}

// An index that lies is found out, whatever it lies about.
func TestIndexLies(t *testing.T) {
	ctx := context.Background()
	p, q := one(t, "a", "1.0.0"), one(t, "a", "1.1.0")
	for _, c := range []struct {
		what     string
		versions string
		archive  []byte
		want     error
	}{
		{"other bytes", "a 1.0.0 " + q.Hash, p.Archive(), pack.ErrLies},
		{"another version", "a 1.0.0 " + q.Hash, q.Archive(), pack.ErrLies},
		{"another package", "a 1.0.0 " + p.Hash, one(t, "b", "1.0.0").Archive(), pack.ErrLies},
		{"versions of another", "b 1.0.0 " + p.Hash, p.Archive(), pack.ErrIndex},
		{"two of one version", "a 1.0.0 " + p.Hash + "\na 1.0.0 " + q.Hash, p.Archive(), pack.ErrClash},
		{"no hash", "a 1.0.0", p.Archive(), pack.ErrIndex},
		{"half a hash", "a 1.0.0 h1:abc=", p.Archive(), pack.ErrIndex},
		{"a page", "<html>", p.Archive(), pack.ErrIndex},
		{"no signature", "a 1.0.0 " + p.Hash + " me", p.Archive(), pack.ErrSignature},
		{"a signer that moves the cursor", "a 1.0.0 " + p.Hash + " \x1b[2J+" + strings.Repeat("A", 92), p.Archive(), pack.ErrSignature},
		{"a bomb", "a 1.0.0 " + p.Hash, make([]byte, pack.MostArchive+1), pack.ErrTooLarge},
		{"no archive", "a 1.0.0 " + p.Hash, nil, os.ErrNotExist},
	} {
		dir := t.TempDir()
		put := func(name string, b []byte) {
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Mkdir(filepath.Join(dir, "a"), 0o755); err != nil {
			t.Fatal(err)
		}
		put("a/versions", []byte(c.versions+"\n"))
		if c.archive != nil {
			put("a/a@1.0.0.zip", c.archive)
		}
		if _, err := pack.IndexIn(dir).Fetch(ctx, p.ID); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		}
	}
}

// A source that is named for the beginning of names is the only one that is asked for them.
func TestRoutes(t *testing.T) {
	ctx := context.Background()
	s := pack.Routes{
		Under: map[string]pack.Source{"acme": pack.Packages{one(t, "acme.a", "1.0.0")}, "acme.pilot": pack.Packages{one(t, "acme.pilot", "1.0.0")}},
		Else:  pack.Packages{one(t, "acme.a", "9.0.0"), one(t, "acme.b", "9.0.0"), one(t, "acmes", "1.0.0")},
	}
	for name, want := range map[string]string{"acme.a": "1.0.0", "acme.b": "", "acme.pilot": "1.0.0", "acmes": "1.0.0", "acme": ""} {
		if got, err := s.Versions(ctx, name); err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %v %v, want %q", name, got, err, want)
		}
	}
	if _, err := s.Fetch(ctx, pack.ID{Name: "acme.b", Version: "9.0.0"}); !errors.Is(err, pack.ErrUnknown) {
		t.Errorf("from elsewhere: %v", err)
	}
}
