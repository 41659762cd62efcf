package pack_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline/throughline/templates/pack"
)

// contents is every file of a folder by its path, with a hash of its bytes, and every folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	in := os.DirFS(dir)
	err := fs.WalkDir(in, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			out[name+"/"] = ""
			return err
		}
		b, err := fs.ReadFile(in, name)
		out[name] = fmt.Sprintf("%x", sha256.Sum256(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What cannot be had whole is refused with its reason before anything is written: the workspace
// keeps the packages it has, thru.toml, thru.lock and every other file byte for byte.
func TestRefusedLeavesNothing(t *testing.T) {
	library := tree(
		"base/thru.toml", toml("base", "1.0.0"), "base/a.thru", "package base\n",
		"base2/thru.toml", toml("base", "2.0.0"), "base2/a.thru", "package base\n",
		"ring/a/thru.toml", toml("ring.a", "1.0.0", "base", "2.0.0", "ring.b", "1.0.0"),
		"ring/b/thru.toml", toml("ring.b", "1.0.0", "ring.c", "1.0.0"),
		"ring/c/thru.toml", toml("ring.c", "1.0.0", "ring.a", "1.0.0"),
		"self/thru.toml", toml("self", "1.0.0", "self", "1.0.0"),
		"later/thru.toml", "language = 2\n"+toml("later", "1.0.0"), "later/a.thru", "package later\nnew thing\n",
		"onlater/thru.toml", toml("onlater", "1.0.0", "base", "2.0.0", "later", "1.0.0"),
		"half/thru.toml", toml("half", "1.0.0", "base", "2.0.0", "gone", "1.0.0"),
		"wide/thru.toml", toml("wide", "1.0.0"), "wide/part/a.thru", "package wide.part\n",
		"part/thru.toml", toml("wide.part", "1.0.0"), "part/a.thru", "package wide.part\n",
		"bad/thru.toml", toml("bad", "1.0.0"), "bad/con.thru", "package bad\n",
	)
	all, err := pack.Folders(library)
	if err != nil {
		t.Fatal(err)
	}
	dir := workspace(t)
	if err := prepare(t, dir, all, pack.Want{"base": "1.0.0"}).Write(dir); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	for _, name := range []string{"thru.toml", "thru.lock", pack.Store + "/base@1.0.0.zip"} {
		if before[name] == "" {
			t.Fatalf("there is no %s to keep: %v", name, before)
		}
	}
	for _, c := range []struct {
		what string
		want pack.Want
		err  error
	}{
		{"three that require one another", pack.Want{"ring.a": "1.0.0"}, pack.ErrCycle},
		{"one that requires itself", pack.Want{"self": "1.0.0"}, pack.ErrCycle},
		{"one in a newer language", pack.Want{"later": "1.0.0"}, pack.ErrLanguage},
		{"one that requires that", pack.Want{"onlater": "1.0.0"}, pack.ErrLanguage},
		{"one that requires what is not there", pack.Want{"half": "1.0.0"}, pack.ErrUnknown},
		{"two in one place", pack.Want{"wide": "1.0.0", "wide.part": "1.0.0"}, pack.ErrClash},
		{"one with a path that cannot be", pack.Want{"bad": "1.0.0"}, pack.ErrPath},
		{"a good one beside a bad one", pack.Want{"base": "2.0.0", "bad": "1.0.0"}, pack.ErrPath},
		{"no version", pack.Want{"base": "two"}, pack.ErrVersion},
		{"what is not there to remove", pack.Want{"wide": ""}, pack.ErrUnknown},
	} {
		got, err := pack.Prepare(context.Background(), os.DirFS(dir), all, c.want)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", c.what, err, c.err)
		}
		if err == nil {
			err = got.Write(dir) // as a command would
			t.Errorf("%s was written: %v", c.what, err)
		}
		if d := cmp.Diff(before, contents(t, dir)); d != "" {
			t.Fatalf("%s changed the workspace:\n%s", c.what, d)
		}
	}
}

// A workspace has one version of a package: the greatest that somebody needs. A source that has one
// version twice, and a lock that has two, are refused.
func TestOneVersion(t *testing.T) {
	dir := workspace(t)
	s := pack.Packages{one(t, "base", "1.0.0"), one(t, "base", "2.0.0"), one(t, "a", "1.0.0", "base", "1.0.0"),
		one(t, "b", "1.0.0", "base", "2.0.0")}
	if err := prepare(t, dir, s, pack.Want{"a": "1.0.0", "base": "1.0.0"}).Write(dir); err != nil {
		t.Fatal(err)
	}
	if err := prepare(t, dir, s, pack.Want{"b": "1.0.0"}).Write(dir); err != nil {
		t.Fatal(err)
	}
	after := contents(t, dir)
	has := func(version string) bool { return after[pack.Store+"/base@"+version+".zip"] != "" }
	if has("1.0.0") || !has("2.0.0") {
		t.Errorf("archives: %v", after)
	}
	twice := tree("x/thru.toml", toml("base", "3.0.0"), "y/thru.toml", toml("base", "3.0.0"))
	if _, err := pack.Folders(twice); !errors.Is(err, pack.ErrClash) {
		t.Errorf("one version in two folders: %v", err)
	}
	lock := filepath.Join(dir, pack.LockFile)
	text, err := os.ReadFile(lock)
	if err != nil {
		t.Fatal(err)
	}
	text = append(text, "base 3.0.0 "+s[0].Hash+"\n"...)
	if err := os.WriteFile(lock, text, 0o644); err != nil {
		t.Fatal(err)
	}
	before := contents(t, dir)
	_, err = pack.Prepare(context.Background(), os.DirFS(dir), s, pack.Want{"b": ""})
	if !errors.Is(err, pack.ErrLock) {
		t.Errorf("a lock with two versions: %v", err)
	}
	if d := cmp.Diff(before, contents(t, dir)); d != "" {
		t.Errorf("a lock with two versions changed the workspace:\n%s", d)
	}
}
