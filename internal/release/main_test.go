package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
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
