package pack_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/templates"
	"github.com/throughline/throughline/templates/pack"
)

// tree makes a file system of texts.
func tree(files ...string) fstest.MapFS {
	m := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		m[files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return m
}

// toml is a manifest; requires are NAME VERSION pairs.
func toml(name, version string, requires ...string) string {
	s := "name = \"" + name + "\"\nversion = \"" + version + "\"\n"
	if len(requires) > 0 {
		s += "\n[requires]\n"
	}
	for i := 0; i < len(requires); i += 2 {
		s += "\"" + requires[i] + "\" = \"" + requires[i+1] + "\"\n"
	}
	return s
}

func read(t *testing.T, m fs.FS) *pack.Package {
	t.Helper()
	p, err := pack.Read(m, ".")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func one(t *testing.T, name, version string, requires ...string) *pack.Package {
	t.Helper()
	return read(t, tree("thru.toml", toml(name, version, requires...), "a.thru", "package "+name+"\n"))
}

// A package's bytes depend on its files alone, and come back from its archive.
func TestArchive(t *testing.T) {
	files := []string{"thru.toml", toml("fmcg.shelf", "1.2.0"), "a.thru", "package fmcg.shelf\n",
		"tests.thru", "package fmcg.shelf\n", "records/a.ndjson", "{}\n", ".git/config", "secret", "thru.lock", "x",
		"run.sh", "rm -rf"}
	p := read(t, tree(files...))
	q, err := pack.Unpack(p.Archive())
	if err != nil {
		t.Fatal(err)
	}
	if q.Hash != p.Hash || q.ID != p.ID || p.String() != "fmcg.shelf@1.2.0" {
		t.Errorf("%s %s came back as %s %s", p.ID, p.Hash, q.ID, q.Hash)
	}
	if !bytes.Equal(p.Archive(), read(t, q.FS()).Archive()) {
		t.Error("equal files make other bytes")
	}
	for _, name := range []string{".git/config", "thru.lock", "run.sh"} {
		if _, err := fs.Stat(p.FS(), name); err == nil {
			t.Errorf("%s is in the package", name)
		}
	}
	other := append([]string{}, files...)
	other[3] += "// one byte\n"
	if read(t, tree(other...)).Hash == p.Hash {
		t.Error("a changed file has the same hash")
	}
}

// An archive from anywhere is taken only where it holds what a package may hold.
func TestUnpackRefuses(t *testing.T) {
	big := strings.Repeat("x", pack.MostFile+1)
	for _, c := range []struct {
		what  string
		files []string
		want  error
	}{
		{"a path that leads out", []string{"../a.thru", "x"}, pack.ErrPath},
		{"an absolute path", []string{"/etc/a.thru", "x"}, pack.ErrPath},
		{"a path of another system", []string{`c:\a.thru`, "x"}, pack.ErrPath},
		{"a program", []string{"run.sh", "x"}, pack.ErrPath},
		{"a hidden file", []string{".thru/packages/a.thru", "x", ".a.thru", "x"}, pack.ErrPath},
		{"one file twice", []string{"a.thru", "x", "a.thru", "y"}, pack.ErrPath},
		{"a bomb", []string{"a.thru", big}, pack.ErrTooLarge},
		{"no manifest", []string{"a.thru", "x"}, pack.ErrManifest},
		{"no name", []string{"thru.toml", "version = \"1.0.0\"\n"}, pack.ErrManifest},
		{"a strange name", []string{"thru.toml", toml("../x", "1.0.0")}, pack.ErrName},
		{"a strange version", []string{"thru.toml", toml("a.b", "one")}, pack.ErrVersion},
		{"half a version", []string{"thru.toml", toml("a.b", "1.0")}, pack.ErrVersion},
		{"a version with a build", []string{"thru.toml", toml("a.b", "1.0.0+x")}, pack.ErrVersion},
		{"an endless name", []string{"thru.toml", toml(strings.Repeat("a", 101), "1.0.0")}, pack.ErrName},
		{"a newer language", []string{"thru.toml", toml("a.b", "1.0.0") + "language = 2\nnew = true\n"}, pack.ErrLanguage},
		{"a device", []string{"thru.toml", toml("a.b", "1.0.0"), "x/con.thru", ""}, pack.ErrPath},
		{"a dot at the end", []string{"thru.toml", toml("a.b", "1.0.0"), "x./a.thru", ""}, pack.ErrPath},
		{"a hidden folder", []string{"thru.toml", toml("a.b", "1.0.0"), "x/.y/a.thru", ""}, pack.ErrPath},
		{"a sign that moves the cursor", []string{"thru.toml", toml("a.b", "1.0.0"), "\x1b[2J.thru", ""}, pack.ErrPath},
		{"two names for one", []string{"thru.toml", toml("a.b", "1.0.0"), "a.thru", "", "A.thru", ""}, pack.ErrPath},
		{"two folders for one", []string{"thru.toml", toml("a.b", "1.0.0"), "x/a.thru", "", "X/b.thru", ""}, pack.ErrPath},
		{"a file that is a folder", []string{"thru.toml", toml("a.b", "1.0.0"), "x.md", "", "x.md/b.thru", ""}, pack.ErrPath},
		{"many bombs", bombs(), pack.ErrTooLarge},
		{"many files", many(), pack.ErrTooLarge},
	} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for i := 0; i < len(c.files); i += 2 {
			w, err := z.Create(c.files[i])
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte(c.files[i+1])); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := pack.Unpack(b.Bytes()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		}
	}
	if _, err := pack.Unpack([]byte("PK nothing")); err == nil {
		t.Error("what is no archive is taken")
	}
}

// TestABombIsNotUnfolded: a file that is a thousand times its archive is read as far as its limit.
func TestABombIsNotUnfolded(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("a.thru")
	if err != nil {
		t.Fatal(err)
	}
	for range 128 {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := pack.Unpack(b.Bytes()); !errors.Is(err, pack.ErrTooLarge) {
		t.Error(err)
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 16*pack.MostFile {
		t.Errorf("%d bytes were unfolded into %d", b.Len(), took)
	}
}

// bombs are files that are small packed, each within its limit.
func bombs() (out []string) {
	big := strings.Repeat("x", pack.MostFile)
	for i := range pack.MostBytes/pack.MostFile + 1 {
		out = append(out, fmt.Sprintf("%d.thru", i), big)
	}
	return out
}

func many() (out []string) {
	for i := range pack.MostFiles + 1 {
		out = append(out, fmt.Sprintf("%d.thru", i), "")
	}
	return out
}

// Of each name the greatest version that somebody needs at least, and no newer one.
func TestSelect(t *testing.T) {
	all := pack.Packages{
		one(t, "a", "1.0.0", "b", "1.1.0", "c", "1.0.0"), one(t, "b", "1.0.0"), one(t, "b", "1.1.0"),
		one(t, "b", "1.2.0"), one(t, "b", "1.10.0"), one(t, "c", "1.0.0", "b", "1.2.0"), one(t, "d", "1.0.0", "e", "1.0.0"),
		one(t, "e", "1.0.0", "d", "1.0.0"), one(t, "f", "1.0.0", "gone", "1.0.0"),
	}
	for _, c := range []struct {
		requires map[string]string
		want     string
		err      error
	}{
		{map[string]string{"b": "1.0.0"}, "b@1.0.0", nil},
		{map[string]string{"a": "1.0.0"}, "a@1.0.0 b@1.2.0 c@1.0.0", nil},
		{map[string]string{"a": "1.0.0", "b": "1.10.0"}, "a@1.0.0 b@1.10.0 c@1.0.0", nil},
		{map[string]string{"d": "1.0.0"}, "", pack.ErrCycle},
		{map[string]string{"f": "1.0.0"}, "", pack.ErrUnknown},
		{map[string]string{"b": "2.0.0"}, "", pack.ErrUnknown},
	} {
		list, err := pack.Select(context.Background(), pack.Sources{all}, c.requires)
		var got []string
		for _, p := range list {
			got = append(got, p.String())
		}
		if !errors.Is(err, c.err) || err == nil && strings.Join(got, " ") != c.want {
			t.Errorf("%v: %v %v, want %s %v", c.requires, got, err, c.want, c.err)
		}
	}
}

// workspace is a folder on disk that requires nothing yet.
func workspace(t *testing.T) string {
	dir := t.TempDir()
	text := "# ours\nname = \"acme\"\n\ntimezone = \"Asia/Shanghai\" # kept\n"
	for name, text := range map[string]string{"thru.toml": text, "a.thru": "package acme\nimport fmcg.shelf\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func prepare(t *testing.T, dir string, s pack.Source, want pack.Want) *pack.Change {
	t.Helper()
	c, err := pack.Prepare(context.Background(), os.DirFS(dir), s, want)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func errorsOf(t *testing.T, in fs.FS) (out []string) {
	t.Helper()
	_, diags, err := dsl.Load(in, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range diags {
		out = append(out, string(d.Code))
	}
	return out
}

// What is added is there for dsl.Load, in the version of the lock, and gone when it is removed.
func TestWorkspace(t *testing.T) {
	dir := workspace(t)
	s := pack.Packages{one(t, "fmcg.shelf", "1.0.0", "base", "1.0.0"), one(t, "base", "1.0.0"), one(t, "base", "1.1.0")}
	if got := errorsOf(t, os.DirFS(dir)); len(got) != 1 || got[0] != "T0206" {
		t.Fatalf("without the package: %v", got)
	}
	c := prepare(t, dir, s, pack.Want{"fmcg.shelf": "1.0.0"})
	if got := errorsOf(t, c.Preview(os.DirFS(dir))); len(got) > 0 {
		t.Errorf("the preview has %v", got)
	}
	if _, err := os.Stat(filepath.Join(dir, pack.LockFile)); err == nil {
		t.Error("preparing has written the lock")
	}
	if err := c.Write(dir); err != nil {
		t.Fatal(err)
	}
	in, err := pack.Open(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if got := errorsOf(t, in); len(got) > 0 {
		t.Errorf("with the package: %v", got)
	}
	text, err := os.ReadFile(filepath.Join(dir, "thru.toml"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "# kept\n\n[requires]\n\"fmcg.shelf\" = \"1.0.0\"\n") {
		t.Errorf("thru.toml is\n%s", text)
	}
	if err := prepare(t, dir, s, pack.Want{"base": "1.1.0"}).Write(dir); err != nil {
		t.Fatal(err)
	}
	if err := prepare(t, dir, pack.Packages{}, pack.Want{"fmcg.shelf": ""}).Write(dir); err != nil {
		t.Fatal(err)
	}
	left, err := pack.ReadLock(os.DirFS(dir))
	if err != nil || len(left) != 1 || left[0].String() != "base@1.1.0" {
		t.Errorf("after removing: %v %v", left, err)
	}
	archives, _ := filepath.Glob(filepath.Join(dir, pack.Store, "*"))
	if len(archives) != 1 {
		t.Errorf("archives left: %v", archives)
	}
}

// A package whose bytes are not those of the lock is refused wherever it comes from.
func TestTampering(t *testing.T) {
	dir := workspace(t)
	p := one(t, "fmcg.shelf", "1.0.0")
	evil := read(t, tree("thru.toml", toml("fmcg.shelf", "1.0.0"), "a.thru", "package fmcg.shelf\n// other\n"))
	if err := prepare(t, dir, pack.Packages{p}, pack.Want{"fmcg.shelf": "1.0.0"}).Write(dir); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(dir, pack.Store, "fmcg.shelf@1.0.0.zip")
	put := func(b []byte) {
		if err := os.WriteFile(archive, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put(evil.Archive())
	if _, err := pack.Open(os.DirFS(dir)); !errors.Is(err, pack.ErrChanged) {
		t.Errorf("another archive: %v", err)
	}
	_, err := pack.Prepare(context.Background(), os.DirFS(dir), pack.Packages{evil}, pack.Want{"fmcg.shelf": "1.0.0"})
	if !errors.Is(err, pack.ErrChanged) {
		t.Errorf("a source that lies: %v", err)
	}
	put(p.Archive()[:100])
	if _, err := pack.Open(os.DirFS(dir)); err == nil {
		t.Error("half an archive is taken")
	}
	if err := os.Remove(archive); err != nil {
		t.Fatal(err)
	}
	if _, err := pack.Open(os.DirFS(dir)); !errors.Is(err, pack.ErrNotThere) {
		t.Errorf("no archive: %v", err)
	}
	lock := filepath.Join(dir, pack.LockFile)
	for _, bad := range []string{"fmcg.shelf 1.0.0\n", "../x 1.0.0 " + p.Hash, "a 1.0.0 h1:x\n",
		"a 1.0.0 " + p.Hash + "\na 1.1.0 " + p.Hash + "\n"} {
		if err := os.WriteFile(lock, []byte(bad), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := pack.Open(os.DirFS(dir)); !errors.Is(err, pack.ErrLock) {
			t.Errorf("lock %q: %v", bad, err)
		}
	}
}

// Where a lock must be what thru.toml comes to, less and more are both too little.
func TestVerify(t *testing.T) {
	ctx := context.Background()
	s := pack.Packages{one(t, "a", "1.0.0", "b", "1.0.0"), one(t, "b", "1.0.0"), one(t, "b", "1.1.0")}
	dir := workspace(t)
	if err := pack.Verify(ctx, os.DirFS(dir)); err != nil {
		t.Errorf("nothing required: %v", err)
	}
	if err := prepare(t, dir, s, pack.Want{"a": "1.0.0"}).Write(dir); err != nil {
		t.Fatal(err)
	}
	if err := pack.Verify(ctx, os.DirFS(dir)); err != nil {
		t.Errorf("as added: %v", err)
	}
	if _, err := pack.WriteVendor(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, ".thru")); err != nil {
		t.Fatal(err)
	}
	if err := pack.Verify(ctx, os.DirFS(dir)); err != nil {
		t.Errorf("vendored: %v", err)
	}
	manifest, err := os.ReadFile(filepath.Join(dir, "thru.toml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, from, to string }{
		{"one less", "\"a\" = \"1.0.0\"\n", ""},
		{"one more", "[requires]\n", "[requires]\n\"c\" = \"1.0.0\"\n"},
		{"another version", "[requires]\n", "[requires]\n\"b\" = \"1.1.0\"\n"},
	} {
		text := strings.Replace(string(manifest), c.from, c.to, 1)
		if err := os.WriteFile(filepath.Join(dir, "thru.toml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := pack.Verify(ctx, os.DirFS(dir)); !errors.Is(err, pack.ErrStale) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

// acme and acme.shelf are two packages, of which one stands in the folder of the other.
func TestNested(t *testing.T) {
	dir := workspace(t)
	outer := one(t, "acme", "1.0.0")
	s := pack.Packages{outer, one(t, "acme.shelf", "1.0.0")}
	want := pack.Want{"acme": "1.0.0", "acme.shelf": "1.0.0"}
	if err := prepare(t, dir, s, want).Write(dir); err != nil {
		t.Fatal(err)
	}
	look := func(how string) {
		in, err := pack.Open(os.DirFS(dir))
		if err != nil {
			t.Fatal(how, err)
		}
		var got []string
		err = fs.WalkDir(in, ".", func(name string, e fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(name, ".thru") && !e.IsDir() {
				got = append(got, name)
			}
			return err
		})
		if err != nil || strings.Join(got, " ") != "a.thru acme/a.thru acme/shelf/a.thru" {
			t.Errorf("%s: %v %v", how, got, err)
		}
	}
	look("archives")
	if _, err := pack.WriteVendor(dir); err != nil {
		t.Fatal(err)
	}
	look("vendored")
	if _, err := pack.WriteVendor(dir); err != nil {
		t.Fatal(err)
	}
	look("vendored again")
	wide := read(t, tree("thru.toml", toml("acme", "1.0.0"), "shelf/a.thru", "package acme.shelf\n"))
	_, err := pack.Select(context.Background(), pack.Packages{wide, s[1]}, want)
	if !errors.Is(err, pack.ErrClash) {
		t.Errorf("one in the other's place: %v", err)
	}
}

// The library that the program carries is a source, and every package of it is one.
func TestLibrary(t *testing.T) {
	s, err := pack.Library()
	if err != nil {
		t.Fatal(err)
	}
	id, err := pack.Latest(context.Background(), s, "fmcg.listing")
	if err != nil {
		t.Fatal(err)
	}
	if p, err := s.Fetch(context.Background(), id); err != nil || p.Manifest.Industry != "fmcg" {
		t.Errorf("%v: %v", id, err)
	}
}

// Every package of the library can be added to a workspace that has none: it comes alone or with
// what it requires, as it lies in the library, and its policy text is there to import.
func TestLibraryCanBeAdded(t *testing.T) {
	ctx := context.Background()
	s, err := pack.Library()
	if err != nil {
		t.Fatal(err)
	}
	in := tree("thru.toml", "name = \"acme\"\n", "a.thru", "package acme\n")
	for _, dir := range templates.Folders() {
		m, _, err := dsl.ReadManifest(templates.Files, dir)
		if err != nil {
			t.Fatal(err)
		}
		id, err := pack.Latest(ctx, s, m.Name)
		if err != nil || id.Version != m.Version {
			t.Errorf("%s: the latest of %s is %s, %v", dir, m.Name, id, err)
			continue
		}
		c, err := pack.Prepare(ctx, in, s, pack.Want{id.Name: id.Version})
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		steps := c.Steps()
		if len(steps) != 1+len(m.Requires) || !c.Writes() {
			t.Errorf("%s: it takes %v", id, steps)
		}
		got, err := fs.Glob(c.Preview(in), id.Folder()+"/*.thru")
		want, _ := fs.Glob(templates.Files, dir+"/*.thru")
		if err != nil || len(got) == 0 || len(got) != len(want) {
			t.Errorf("%s brings %v, %v, want %v", id, got, err, want)
		}
	}
}
