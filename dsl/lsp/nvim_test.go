package lsp_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A screenless is Neovim without a screen, in a copy of an example with thru on its path.
type screenless struct{ nvim, dir, work string }

// neovim finds Neovim and builds thru for it. Without nvim the test is left out, loudly;
// THRU_REQUIRE_NVIM=1 makes that a failure.
func neovim(t *testing.T) screenless {
	nvim, err := exec.LookPath("nvim")
	if err != nil {
		if os.Getenv("THRU_REQUIRE_NVIM") == "1" {
			t.Fatal("nvim is not installed, and THRU_REQUIRE_NVIM=1 asks for it")
		}
		t.Skip("NO NEOVIM HERE: the language server is not held against a real client")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "bin", "thru"), "../../cmd/thru")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	n := screenless{nvim, dir, filepath.Join(dir, "pipeline")}
	if err := os.CopyFS(n.work, os.DirFS("../../examples/pipeline")); err != nil {
		t.Fatal(err)
	}
	return n
}

// run runs Neovim and answers what it printed.
func (n screenless) run(t *testing.T, args ...string) string {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, n.nvim, append([]string{"--headless", "-n", "-i", "NONE"}, args...)...)
	cmd.Dir = n.work
	cmd.Env = append(os.Environ(), "HOME="+n.dir, "XDG_CACHE_HOME="+n.dir, "XDG_STATE_HOME="+n.dir,
		"XDG_CONFIG_HOME="+n.dir, "LANG=C.UTF-8", "THRU_LANG=en",
		"PATH="+filepath.Join(n.dir, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	got := strings.ReplaceAll(string(out), "\r", "")
	if err != nil {
		t.Fatalf("%v\n%s", err, got)
	}
	return strings.TrimSpace(got)
}

// TestNeovim holds the server against a real client, with the API that Debian's 0.7 has. Each line
// that the script prints is something that a person would have seen.
func TestNeovim(t *testing.T) {
	script, err := filepath.Abs("testdata/nvim.lua")
	if err != nil {
		t.Fatal(err)
	}
	got := neovim(t).run(t, "--clean", "-c", "luafile "+script)
	want, err := os.ReadFile("testdata/nvim.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got != strings.TrimSpace(string(want)) {
		t.Errorf("Neovim saw\n%s\nnot\n%s", got, want)
	}
}

// TestNeovimSetup runs Neovim with the lines that both pages about editors give.
func TestNeovimSetup(t *testing.T) {
	n := neovim(t)
	bad := "\nrule X on Nothing { when has a; do { flag } }\n"
	if err := os.WriteFile(filepath.Join(n.work, "bad.thru"), []byte(bad), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"editors.md", "editors.zh-CN.md"} {
		text, err := os.ReadFile(filepath.Join("../../docs/language", page))
		if err != nil {
			t.Fatal(err)
		}
		_, lua, _ := strings.Cut(string(text), "```lua\n")
		lua, _, found := strings.Cut(lua, "```")
		if !found {
			t.Fatalf("%s has no lines for Neovim", page)
		}
		init := filepath.Join(n.dir, "init.lua")
		if err := os.WriteFile(init, []byte(lua), 0o644); err != nil {
			t.Fatal(err)
		}
		got := n.run(t, "-u", init, "bad.thru",
			"-c", "lua vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end)",
			"-c", "lua io.stdout:write(vim.diagnostic.get(0)[1].message)", "-c", "qall!")
		if got != "nothing is called Nothing here" {
			t.Errorf("%s: %s", page, got)
		}
	}
}
