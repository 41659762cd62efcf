package lsp_test

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl/lsp"
	"github.com/throughline/throughline/templates/pack"
)

// TestRequiredPackages writes a policy with a package that lies in the workspace as an archive:
// its names are known, lead to a file that an editor can open, and cannot be renamed.
func TestRequiredPackages(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", filepath.Join(dir, "cache"))
	dir = filepath.Join(dir, "work")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	library, err := pack.Library()
	if err != nil {
		t.Fatal(err)
	}
	change, err := pack.Prepare(context.Background(), os.DirFS(dir), library,
		pack.Want{"fmcg.listing": "1.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	if err := change.Write(dir); err != nil {
		t.Fatal(err)
	}
	text := "package shop\nimport fmcg.listing\nuse listing.EffectiveListing as Here\n"
	c := newClient(t, dir, lsp.Options{Packages: pack.Open})
	c.greet("")
	c.docs["a.thru"] = &doc{text: text, version: 1}
	c.opening("a.thru", text)
	place := map[string]any{"position": c.position("a.thru", strings.Index(text, "EffectiveListing")),
		"textDocument": map[string]any{"uri": c.uri("a.thru")}}
	var found struct{ URI string }
	if err := json.Unmarshal(c.request("textDocument/definition", place), &found); err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(found.URI)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(at.Path)
	if err != nil || !strings.Contains(string(b), "action EffectiveListing") {
		t.Errorf("%s: %v, %d bytes", found.URI, err, len(b))
	}
	c.request("textDocument/prepareRename", place)
	c.leave()
	told := c.talk.String()
	if strings.Contains(told, "T0") || !strings.Contains(told, "this belongs to a required package") {
		t.Error(told)
	}
}
