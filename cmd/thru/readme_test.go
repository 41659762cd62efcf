package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/internal/golden"
)

// TestReadme holds the READMEs to a policy of ten lines that checks without a remark, and to the
// output that they show of it, byte for byte.
func TestReadme(t *testing.T) {
	for name, lang := range map[string]string{"README.md": "en", "README.zh-CN.md": "zh"} {
		text, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		example := fence(string(text), "")
		if n := strings.Count(example, "\n"); n != 10 {
			t.Fatalf("%s: the policy has %d lines, want ten", name, n)
		}
		files := []source.File{{Name: name, Text: example}}
		p, diags := dsl.Check(files, policy.Settings{})
		for _, d := range diags {
			t.Error(source.Text(p.Files, d, "en"))
		}
		dir := t.TempDir()
		err = errors.Join(os.Mkdir(filepath.Join(dir, "warm"), 0o777),
			os.WriteFile(filepath.Join(dir, "warm", "warm.thru"), []byte(example), 0o666),
			os.WriteFile(filepath.Join(dir, "records.ndjson"), []byte(fence(string(text), "json")), 0o666))
		if err != nil {
			t.Fatal(err)
		}
		shown := fence(string(text), "console")
		if diff := cmp.Diff(shown, typedIn(t, dir, lang, shown)); shown == "" || diff != "" {
			t.Errorf("%s shows what is not so (-shown +is):\n%s", name, diff)
		}
	}
}

// typedIn runs the lines of a terminal that begin with $ and returns the terminal afterwards.
func typedIn(t *testing.T, dir, lang, terminal string) string {
	var out strings.Builder
	for _, line := range strings.Split(terminal, "\n") {
		command, ok := strings.CutPrefix(line, "$ ")
		if !ok {
			continue
		}
		sh := exec.Command("sh", "-c", command)
		sh.Dir, sh.Env = dir, append(os.Environ(), "THRU_LANG="+lang)
		answer, err := sh.CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v", command, err)
		}
		out.WriteString(line + "\n" + string(answer))
	}
	return out.String()
}

// fence is the first code of a document in a language.
func fence(text, language string) string {
	for i, part := range strings.Split(text, "```") {
		if code, ok := strings.CutPrefix(part, language+"\n"); ok && i%2 == 1 {
			return code
		}
	}
	return ""
}

// TestExampleReadmes types what the examples' own READMEs say, beside a copy of their folder, and
// holds them to the answers; -update writes those.
func TestExampleReadmes(t *testing.T) {
	for _, folder := range []string{"fmcg-distribution", "industrial-leads", "medical-devices"} {
		for name, lang := range map[string]string{"README.md": "en", "README.zh-CN.md": "zh"} {
			from := filepath.Join("../../examples", folder)
			text, err := os.ReadFile(filepath.Join(from, name))
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
				t.Fatal(err)
			}
			shown := fence(string(text), "console")
			is := typedIn(t, dir, lang, shown)
			if golden.Update() {
				text = []byte(strings.Replace(string(text), "```console\n"+shown, "```console\n"+is, 1))
				if err := os.WriteFile(filepath.Join(from, name), text, 0o666); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if diff := cmp.Diff(shown, is); shown == "" || diff != "" {
				t.Errorf("%s/%s shows what is not so (-shown +is):\n%s", folder, name, diff)
			}
		}
	}
}
