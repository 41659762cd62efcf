package doc_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/throughline/throughline/builder/doc"
)

func write(t *testing.T, dir string, names ...string) error {
	t.Helper()
	var files []doc.File
	for _, n := range names {
		files = append(files, doc.File{Name: n, Data: []byte(n)})
	}
	return doc.Write(dir, files)
}

func there(t *testing.T, dir, name string) bool {
	t.Helper()
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}

func TestWriteReplacesItsOwn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "site")
	if err := write(t, dir, "index.html", "zh/old.html", "en/a.html"); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(dir, "notes.txt") // put there by a person afterwards
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := write(t, dir, "index.html", "en/b.html"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"index.html": true, "en/b.html": true, "en/a.html": false,
		"zh/old.html": false, "zh": false, "notes.txt": true} {
		if there(t, dir, name) != want {
			t.Errorf("%s is there: %v", name, !want)
		}
	}
}

func TestWriteRefusesWhatIsNotItsOwn(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := write(t, dir, "index.html"); !errors.Is(err, doc.ErrForeign) {
		t.Fatalf("got %v", err)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, "index.html")); string(b) != "mine" {
		t.Errorf("it is %q now", b)
	}
}

// TestWriteStaysInside: neither a list of files that was tampered with nor a link leads outside.
func TestWriteStaysInside(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "site")
	if err := write(t, dir, "index.html"); err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{"victim", "other/x.html"} {
		_ = os.MkdirAll(filepath.Join(top, filepath.Dir(n)), 0o750)
		if err := os.WriteFile(filepath.Join(top, n), []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(top, "other"), filepath.Join(dir, "en")); err != nil {
		t.Fatal(err)
	}
	list := "../victim\n" + filepath.Join(top, "victim") + "\nen/x.html\n"
	if err := os.WriteFile(filepath.Join(dir, ".thru-doc"), []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := write(t, dir, "index.html", "en/x.html"); err == nil {
		t.Error("it went through a link")
	}
	for _, n := range []string{"victim", "other/x.html"} {
		if b, _ := os.ReadFile(filepath.Join(top, n)); string(b) != "mine" {
			t.Errorf("%s is %q now", n, b)
		}
	}
}
