package main

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline/throughline/templates/pack"
	"github.com/throughline/throughline/templates/pack/remote/remotetest"
)

// filled writes files, given as name and text, into a folder of their own.
func filled(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		name := filepath.Join(dir, filepath.FromSlash(files[i]))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// contents is every file of a folder by its path, and every folder.
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
		out[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// thru runs a command in this process, and returns its exit code and what it said of mistakes.
func thru(args ...string) (code int, told string) {
	var out, err bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &err, env: func(string) string { return "" }}
	return a.run(append(args, "--lang", "en")), err.String()
}

// A package that the workspace's own declarations cannot be beside, or that cannot be had, is
// refused with the reason, and the workspace is byte for byte as it was.
func TestAddLeavesNothing(t *testing.T) {
	library := filled(t,
		"good/thru.toml", "name = \"acme.good\"\nversion = \"1.0.0\"\n",
		"good/a.thru", "package acme.good\n\nentity Good { name text }\n",
		"tier/thru.toml", "name = \"acme.tier\"\nversion = \"1.0.0\"\n",
		"tier/a.thru", "package acme.tier\n\nimport sales.*\n\nextend Store { tier text? }\n",
		"later/thru.toml", "name = \"acme.later\"\nversion = \"1.0.0\"\nlanguage = 2\n",
		"later/a.thru", "package acme.later\n",
		"ring/thru.toml", "name = \"acme.ring\"\nversion = \"1.0.0\"\n[requires]\n\"acme.back\" = \"1.0.0\"\n",
		"back/thru.toml", "name = \"acme.back\"\nversion = \"1.0.0\"\n[requires]\n\"acme.ring\" = \"1.0.0\"\n",
		"broken/thru.toml", "name = \"acme.broken\"\nversion = \"1.0.0\"\n",
		"broken/a.thru", "package acme.broken\n\nentity Broken { of Nothing }\n",
	)
	shop := filled(t,
		"thru.toml", "name = \"shop\" # ours\n",
		"a.thru", "package shop\n\nimport sales.*\n\nextend Store { tier int? }\n\nentity Own { name text }\n")
	if code, told := thru("add", "acme.good", "--from", library, "--in", shop); code != exitFine {
		t.Fatalf("%d %s", code, told)
	}
	before := contents(t, shop)
	if before["thru.lock"] == "" || !strings.Contains(before["thru.toml"], "acme.good") {
		t.Fatalf("nothing was added: %v", before)
	}
	for _, c := range []struct {
		name string
		code int
		told string
	}{
		{"acme.tier", exitFault, "field tier of Store is declared twice"},
		{"acme.later", exitWorld, "acme.later@1.0.0 needs language 2"},
		{"acme.ring", exitWorld, "acme.back → acme.ring → acme.back"},
		{"acme.broken", exitFault, "there is no type Nothing"},
		{"acme.good@2.0.0", exitWorld, "there are [1.0.0]"},
		{"acme.gone", exitWorld, "no such package"},
	} {
		code, told := thru("add", c.name, "--from", library, "--in", shop)
		if code != c.code || !strings.Contains(told, c.told) {
			t.Errorf("%s: %d, want %d and %q:\n%s", c.name, code, c.code, c.told, told)
		}
		if d := cmp.Diff(before, contents(t, shop)); d != "" {
			t.Fatalf("%s changed the workspace:\n%s", c.name, d)
		}
	}
}

// A place that lies, breaks off or turns one away leaves the workspace byte for byte as it was.
func TestPlaceLeavesNothing(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	packed := func(text string) *pack.Package {
		p, err := pack.Read(os.DirFS(filled(t,
			"thru.toml", "name = \"acme.good\"\nversion = \"1.0.0\"\n",
			"a.thru", "package acme.good\n\nentity Good { name text }\n"+text)), ".")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	good, other := packed(""), packed("// tampered with\n")
	half := good.Archive()[:99]
	versions := pack.AppendVersions(nil, []pack.Release{{ID: good.ID, Hash: good.Hash}})
	shop := filled(t, "thru.toml", "name = \"shop\" # ours\n", "a.thru", "package shop\n\nentity Own { name text }\n")
	before := contents(t, shop)
	for _, c := range []struct {
		what    string
		archive []byte
		answer  http.HandlerFunc // before the files; nil: none
		told    string
	}{
		{"tampered with", other.Archive(), nil, "other bytes than it says"},
		{"half an archive", half, nil, "not a valid zip"},
		{"no archive", nil, nil, "acme.good"},
		{"forbidden", good.Archive(), func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
		}, "credentials are needed"},
		{"sent round", good.Archive(), func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
		}, "redirect"},
	} {
		files := new(remotetest.Files)
		for name, b := range map[string][]byte{"thru-index": []byte(pack.IndexText),
			"acme.good/versions": versions, "acme.good/acme.good@1.0.0.zip": c.archive} {
			if b != nil {
				files.Set(name, b)
			}
		}
		h := http.Handler(files)
		if c.answer != nil {
			h = c.answer
		}
		server := httptest.NewServer(h)
		code, told := thru("add", "acme.good", "--from", server.URL, "--in", shop)
		server.Close()
		if code != exitWorld || !strings.Contains(told, c.told) {
			t.Errorf("%s: %d %s", c.what, code, told)
		}
		if d := cmp.Diff(before, contents(t, shop)); d != "" {
			t.Fatalf("%s changed the workspace:\n%s", c.what, d)
		}
	}
}
