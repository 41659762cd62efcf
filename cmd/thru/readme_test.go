package main

import (
	"os"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
)

// TestReadmePolicies holds the READMEs to policies that check without a remark.
func TestReadmePolicies(t *testing.T) {
	for _, name := range []string{"README.md", "README.zh-CN.md"} {
		text, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		example := plainFence(string(text))
		if n := strings.Count(example, "\n"); n != 10 {
			t.Fatalf("%s: the policy has %d lines, want ten", name, n)
		}
		files := []source.File{{Name: name, Text: example}}
		p, diags := dsl.Check(files, policy.Settings{})
		for _, d := range diags {
			t.Error(source.Text(p.Files, d, "en"))
		}
	}
}

// plainFence is the first code of a document that says no language.
func plainFence(text string) string {
	for i, part := range strings.Split(text, "```") {
		if code, ok := strings.CutPrefix(part, "\n"); ok && i%2 == 1 {
			return code
		}
	}
	return ""
}
