package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline/throughline/internal/golden"
)

// TestFirstHour types the first hour of docs/operations.md at a server of its own and holds the page
// to the answers; -update writes those. What is another each time stands there as "…".
func TestFirstHour(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("THRU_REQUIRE_CURL") == "1" {
			t.Fatal("curl is not installed, and THRU_REQUIRE_CURL=1 asks for it")
		}
		t.Skip("NO CURL HERE: the first hour of docs/operations.md is not typed")
	}
	other := regexp.MustCompile(`thru_\w+?_[\w-]+|[0-9a-f]{12,64}|\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)|` +
		`\d+ KB|[\w+/]{43}=`)
	for name, lang := range map[string]string{"operations.md": "en", "operations.zh-CN.md": "zh"} {
		file := filepath.Join("..", "..", "docs", name)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		s := serve(t, filepath.Join(dir, "data"), "")
		t.Setenv("URL", s.url)
		t.Setenv("KEY", s.key)
		if err := os.WriteFile(filepath.Join(dir, "admin.txt"), []byte(s.key), 0o600); err != nil {
			t.Fatal(err)
		}
		shown := fence(string(text), "console")
		var is string
		for line := range strings.Lines(typedIn(t, dir, lang, shown)) {
			if !strings.HasPrefix(line, "$ ") {
				line = other.ReplaceAllString(line, "…")
			}
			is += line
		}
		if err := s.stop(syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		if golden.Update() {
			text = []byte(strings.Replace(string(text), "```console\n"+shown, "```console\n"+is, 1))
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(shown, is); shown == "" || diff != "" {
			t.Errorf("%s shows what is not so (-shown +is):\n%s", name, diff)
		}
	}
}
