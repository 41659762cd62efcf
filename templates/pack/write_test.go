package pack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// small is a package of one file.
func small(t *testing.T, name, version, more string) *Package {
	t.Helper()
	p, err := Read(fstest.MapFS{
		"thru.toml": {Data: fmt.Appendf(nil, "name = %q\nversion = %q\n%s", name, version, more)},
		"a.thru":    {Data: []byte("package " + name + "\n// " + version + "\n")},
	}, ".")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// meaning is all that whoever reads a workspace sees of its packages.
func meaning(t *testing.T, dir string) string {
	t.Helper()
	in, err := Open(os.DirFS(dir))
	if err != nil {
		t.Fatalf("the workspace cannot be read: %v", err)
	}
	var b strings.Builder
	err = fs.WalkDir(in, ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && e.Name() == ".thru" {
			return fs.SkipDir
		}
		if err != nil || filepath.Ext(name) != ".thru" {
			return err
		}
		text, err := fs.ReadFile(in, name)
		fmt.Fprintf(&b, "%s: %s", name, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A change that fails, or is killed, at any step leaves a workspace that means what it meant before
// or what it is to mean then, and the same change made again is whole.
func TestStoppedAtEachStep(t *testing.T) {
	errStop := errors.New("stopped")
	ctx := context.Background()
	all := Packages{small(t, "acme.shelf", "1.0.0", ""), small(t, "acme.shelf", "1.1.0", "[requires]\n\"base\" = \"1.0.0\"\n"),
		small(t, "base", "1.0.0", ""), small(t, "gone", "1.0.0", "")}
	begun := t.TempDir()
	begin := func(dir string) {
		text := "name = \"shop\"\n\n[requires]\n\"acme.shelf\" = \"1.0.0\"\n\"gone\" = \"1.0.0\"\n"
		for name, text := range map[string]string{"thru.toml": text, "a.thru": "package shop\n"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		c, err := Prepare(ctx, os.DirFS(dir), all, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Write(dir); err != nil {
			t.Fatal(err)
		}
	}
	begin(begun)
	start := func() string {
		dir := filepath.Join(t.TempDir(), "shop")
		if err := os.CopyFS(dir, os.DirFS(begun)); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	change := func(dir string) *Change {
		c, err := Prepare(ctx, os.DirFS(dir), all, Want{"acme.shelf": "1.1.0"})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	dir := start()
	before := meaning(t, dir)
	tomlBefore, _ := os.ReadFile(filepath.Join(dir, "thru.toml"))
	var steps []string
	if err := change(dir).write(dir, func(s string) error { steps = append(steps, s); return nil }); err != nil {
		t.Fatal(err)
	}
	after := meaning(t, dir)
	if before == after || !strings.Contains(after, "base/a.thru") {
		t.Fatalf("the change changes nothing:\n%s\n%s", before, after)
	}
	done := "rename thru.lock"
	for _, killed := range []bool{false, true} {
		for n, stop := range steps {
			t.Run(fmt.Sprintf("killed %v at %s", killed, stop), func(t *testing.T) {
				dir := start()
				stopped := func() (err error) {
					defer func() {
						if r := recover(); r != nil {
							err = r.(error) // what would tidy up after an error has not run
						}
					}()
					i := 0
					return change(dir).write(dir, func(string) error {
						if i++; i-1 < n {
							return nil
						}
						if killed {
							panic(errStop)
						}
						return errStop
					})
				}()
				if !errors.Is(stopped, errStop) {
					t.Fatalf("it did not stop: %v", stopped)
				}
				want := before
				if indexOf(steps, done) < n {
					want = after
				}
				if got := meaning(t, dir); got != want {
					t.Errorf("it means\n%s\nwant\n%s", got, want)
				}
				if !killed && want == before {
					if b, _ := os.ReadFile(filepath.Join(dir, "thru.toml")); string(b) != string(tomlBefore) {
						t.Errorf("thru.toml is left as\n%s", b)
					}
				}
				if err := change(dir).Write(dir); err != nil {
					t.Fatal(err)
				}
				if got := meaning(t, dir); got != after {
					t.Errorf("again it means\n%s\nwant\n%s", got, after)
				}
				if err := Verify(ctx, os.DirFS(dir)); err != nil {
					t.Errorf("again: %v", err)
				}
			})
		}
	}
}

func indexOf(list []string, x string) int {
	for i, s := range list {
		if s == x {
			return i
		}
	}
	return -1
}

// Whoever writes thru.toml while a change is being worked out loses nothing.
func TestRaced(t *testing.T) {
	dir := t.TempDir()
	toml := filepath.Join(dir, "thru.toml")
	if err := os.WriteFile(toml, []byte("name = \"shop\"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	c, err := Prepare(context.Background(), os.DirFS(dir), Packages{small(t, "a", "1.0.0", "")}, Want{"a": "1.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	edited := "name = \"shop\" # mine\n"
	if err := os.WriteFile(toml, []byte(edited), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := c.Write(dir); !errors.Is(err, ErrRaced) {
		t.Errorf("written: %v", err)
	}
	if b, _ := os.ReadFile(toml); string(b) != edited {
		t.Errorf("thru.toml is %s", b)
	}
}
