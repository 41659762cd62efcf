package host_test

import (
	"archive/tar"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/host"
)

// TestWhatLiesBesideIsCopied copies what a server cannot make again, and not the key to its secrets.
func TestWhatLiesBesideIsCopied(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	for name, text := range map[string]string{"secrets.json": "sealed", "secrets.key": "the key",
		"system.db": "a database", "looks/east.2026-03.ndjson": "{}\n", "drafts/east/draft.log": "a\nb\n",
		"drafts/east/kept-1.log": "c\n", "checkpoints/east.txt": "signed", "workspaces/east.db": "log",
		"workspaces/east.mappings/orders.toml": "type", "workspaces/east.heard": "\n1 a",
		"workspaces/east.imports/20260302-093000-0a0b0c0d/rows.ndjson": "{}",
		"workspaces/east.files/ab":                                     "a photo", "workspaces/east.sent": "a cache"} {
		file := filepath.Join(from, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := host.CopyBeside(from, to); n != 8 || err != nil {
		t.Fatalf("%d files: %v", n, err)
	}
	for name, there := range map[string]bool{"secrets.json": true, "drafts/east/draft.log": true,
		"looks/east.2026-03.ndjson": true, "checkpoints/east.txt": true, "secrets.key": false,
		"workspaces/east.mappings/orders.toml": true, "workspaces/east.heard": true,
		"workspaces/east.imports/20260302-093000-0a0b0c0d/rows.ndjson": true,
		"workspaces/east.files/ab":                                     false, "workspaces/east.sent": false,
		"system.db": false, "workspaces/east.db": false} {
		was, _ := os.ReadFile(filepath.Join(from, name))
		is, err := os.ReadFile(filepath.Join(to, name))
		if (err == nil) != there || there && !bytes.Equal(was, is) {
			t.Errorf("%s: %q, %v", name, is, err)
		}
	}
	if _, err := host.CopyBeside(from, to); err == nil {
		t.Error("what is there is overwritten")
	}
	if n, err := host.CopyBeside(t.TempDir(), t.TempDir()); n != 0 || err != nil {
		t.Errorf("of nothing: %d, %v", n, err)
	}
}

// TestForeignArchivesAreRefused takes nothing but what a copy of a server has.
func TestForeignArchivesAreRefused(t *testing.T) {
	for _, h := range []tar.Header{{Name: "../looks/x"}, {Name: "looks/../../x"}, {Name: "system.db"},
		{Name: "/looks/x"}, {Name: `looks\..\..\x`}, {Name: "looks/x", Typeflag: tar.TypeSymlink, Linkname: "/"},
		{Name: "workspaces/east.db"}, {Name: "workspaces/east.files/x"}, {Name: "workspaces/.heard"},
		{Name: "workspaces/../x.heard"}, {Name: "workspaces/east.mappings"},
		{Name: "secrets.key"}, {Name: "looks"}, {Name: "drafts/x", Size: 1 << 40}} {
		var b bytes.Buffer
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
		}
		if err := tar.NewWriter(&b).WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		_, err := host.UnpackBeside(dir, &b)
		if err == nil {
			t.Errorf("%s is taken", h.Name)
		}
		if list, _ := os.ReadDir(dir); len(list) > 0 && !strings.HasPrefix(h.Name, "looks") {
			t.Errorf("%s leaves %v", h.Name, list)
		}
	}
}
