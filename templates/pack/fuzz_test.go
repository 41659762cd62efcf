package pack

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"strings"
	"testing"
)

// good is an archive that can be taken.
func good(t interface{ Fatal(...any) }, files ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(files[i], "/") {
			continue // a folder has no bytes
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const manifest = "name = \"acme.shelf\"\nversion = \"1.0.0\"\n"

// whole holds a package that was taken to what must be true of every one.
func whole(t *testing.T, p *Package) {
	if err := p.Check(); err != nil {
		t.Error(err)
	}
	size := 0
	for _, name := range p.names {
		if !fs.ValidPath(name) || !Portable(name) {
			t.Errorf("it has %q", name)
		}
		b, err := fs.ReadFile(p.FS(), name)
		if err != nil || !bytes.Equal(b, p.files[name]) {
			t.Errorf("%q reads otherwise: %v", name, err)
		}
		size += len(b)
	}
	if size > MostBytes || len(p.names) > MostFiles {
		t.Errorf("%d bytes in %d files", size, len(p.names))
	}
	q, err := Unpack(p.Archive())
	if err != nil || q.Hash != p.Hash || q.ID != p.ID || !bytes.Equal(q.Archive(), p.Archive()) {
		t.Errorf("packed again it is another: %v", err)
	}
	r, err := Read(p.FS(), ".")
	if err != nil || r.Hash != p.Hash {
		t.Errorf("read as a folder it is another: %v", err)
	}
}

// FuzzUnpack takes whatever bytes come for an archive: it is refused, or whole.
func FuzzUnpack(f *testing.F) {
	f.Add(good(f, "thru.toml", manifest, "a.thru", "package acme.shelf\n"))
	f.Add(good(f, "thru.toml", manifest, "x/", "", "x/a.thru", ""))
	f.Add(good(f, "../thru.toml", manifest))
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := Unpack(b); err == nil {
			whole(t, p)
		}
	})
}

// FuzzFiles makes archives of strange names, which random bytes would never come to.
func FuzzFiles(f *testing.F) {
	f.Add("a.thru", "package a\n", "x/b.md", manifest)
	f.Add("A.thru", "", "a.thru", manifest+"language = 2\n")
	f.Add("x", "", "x/y.thru", manifest+"[requires]\n\"b\" = \"1.0.0\"\n")
	f.Add("thru.toml/a.thru", "", "拜访（试行）.thru", "name = 1")
	f.Add("thru.toml", "", "x/thru.toml", manifest)
	f.Fuzz(func(t *testing.T, one, text, other, toml string) {
		if p, err := Unpack(good(t, "thru.toml", toml, one, text, other, text)); err == nil {
			whole(t, p)
		}
	})
}

// FuzzReleases reads whatever text comes for a lock or an index: what is taken is written as it is
// read, and what is written is read again.
func FuzzReleases(f *testing.F) {
	h := "h1:" + strings.Repeat("A", 43) + "="
	f.Add("acme.shelf 1.0.0 " + h + "\n")
	f.Add("# x\r\na 1.0.0 " + h + " acme+" + strings.Repeat("A", 91) + "=\nb 1.0.0-rc.1 " + h)
	f.Add("a 1.0.0 " + h + "\na 1.0.0 " + h)
	f.Fuzz(func(t *testing.T, text string) {
		list, err := parseReleases([]byte(text))
		if err == nil {
			out := appendReleases(nil, list)
			again, err := parseReleases(out)
			if err != nil || len(again) != len(list) || !bytes.Equal(appendReleases(nil, again), out) {
				t.Errorf("%q is written as %q: %v", text, out, err)
			}
		}
		if lock, err := parseLock([]byte(text)); err == nil {
			met := map[string]bool{}
			for _, r := range lock {
				if met[r.Name] {
					t.Errorf("%s is there twice", r.Name)
				}
				met[r.Name] = true
			}
		}
		if list, err := ParseVersions("a", []byte(text)); err == nil {
			for i, r := range list {
				if r.Name != "a" || i > 0 && newer(r.Version, list[i-1].Version) <= 0 {
					t.Errorf("%v are not the versions of a in order", list)
				}
			}
		}
	})
}

// FuzzRequire edits whatever text a thru.toml has: a version that was set is there once, one that
// was taken out is not, and all other lines are as they were.
func FuzzRequire(f *testing.F) {
	f.Add("name = \"x\"\n[requires]\n\"a\" = \"1.0.0\"\n", "b")
	f.Add("[requires]\r\n# \"b\" = \"1\"\r\n[other]\nb = 1", "b")
	f.Fuzz(func(t *testing.T, text, name string) {
		if (ID{name, "1.0.0"}).Check() != nil {
			return
		}
		set := require([]byte(text), name, "2.0.0")
		if n := bytes.Count(set, []byte("\""+name+"\" = \"2.0.0\"")); n == 0 {
			t.Errorf("%q: not set in %q", text, set)
		}
		if again := require(set, name, "2.0.0"); !bytes.Equal(again, set) {
			t.Errorf("set again, %q becomes %q", set, again)
		}
		for line := range strings.Lines(text) {
			if key(line) != name && !strings.Contains(string(set), strings.TrimRight(line, "\n")) {
				t.Errorf("the line %q of %q is lost", line, text)
			}
		}
	})
}
