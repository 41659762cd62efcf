package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestArchive packs alike whenever it packs.
func TestArchive(t *testing.T) {
	t.Chdir("../..")
	a, b := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	for _, to := range []string{a, b} {
		if err := archive(to, "windows", []byte("program")); err != nil {
			t.Fatal(err)
		}
	}
	x, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	if y, err := os.ReadFile(b); err != nil || !bytes.Equal(x, y) {
		t.Errorf("two archives differ: %v", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(x))
	if err != nil {
		t.Fatal(err)
	}
	h, err := tar.NewReader(z).Next()
	if err != nil || h.Name != "thru.exe" || h.Mode != 0o755 {
		t.Errorf("%+v, %v", h, err)
	}
}

// TestParts reads what this very test is made of.
func TestParts(t *testing.T) {
	name, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := parts(f)
	if err != nil {
		t.Fatal(err)
	}
	var bom struct {
		BOMFormat  string
		Components []component
	}
	if err := json.Unmarshal(b, &bom); err != nil || bom.BOMFormat != "CycloneDX" ||
		len(bom.Components) == 0 || bom.Components[0].Name != "std" {
		t.Errorf("%s, %v", b, err)
	}
}

// TestOnlyWhatIsCommittedIsReleased: what others cannot build again is not released, and what a
// release writes does not count.
func TestOnlyWhatIsCommittedIsReleased(t *testing.T) {
	ignored, err := os.ReadFile("../../.gitignore")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	git := func(args ...string) {
		t.Helper()
		args = append([]string{"-c", "user.name=test", "-c", "user.email=test@example.com"}, args...)
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "-q")
	write(".gitignore", string(ignored))
	git("add", ".")
	git("commit", "-qm", "first")
	commit, err := still()
	if err != nil || len(commit) < 40 {
		t.Fatalf("%q, %v", commit, err)
	}
	if err := os.Mkdir("dist", 0o700); err != nil {
		t.Fatal(err)
	}
	write("dist/thru-linux-amd64.tar.gz", "what it writes itself")
	if again, err := still(); err != nil || again != commit {
		t.Errorf("%q, %v", again, err)
	}
	write("more.go", "package main")
	if _, err := still(); err == nil {
		t.Error("what is not committed is released")
	}
}
