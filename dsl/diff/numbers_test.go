package diff_test

import (
	"testing"

	"github.com/throughline/throughline/dsl/diff"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
)

func TestNumbersAreNoStructure(t *testing.T) {
	const old = "rule Big on Visit {\n  when n >= 8 and age(at) < 7d   // why\n" +
		"  do { task \"look\" for rep due 1wd }\n}\n"
	of := func(files ...string) *policy.Policy {
		p := new(policy.Policy)
		for i := 0; i < len(files); i += 2 {
			p.Files = append(p.Files, source.File{Name: files[i], Text: files[i+1]})
		}
		return p
	}
	for _, c := range []struct{ name, text, want string }{
		{"nothing", old, ""},
		{"a number", "rule Big on Visit {\n  when n >= 9.5 and age(at) < 7d\n  do { task \"look\" for rep due 1wd }\n}\n", ""},
		{"ten thousands", "rule Big on Visit {\n  when n >= 1万 and age(at) < 14d\n  do { task \"look\" for rep due 2wd }\n}\n", ""},
		{"layout and comments", "// new\n\nrule Big on Visit {\n\n  when  n >= 8 and age(at) < 7d\n  do { task \"look\" for rep due 1wd }\n}", ""},
		{"a unit", "rule Big on Visit {\n  when n >= 8 and age(at) < 7h\n  do { task \"look\" for rep due 1wd }\n}\n", "a.thru:2"},
		{"a work day", "rule Big on Visit {\n  when n >= 8 and age(at) < 7d\n  do { task \"look\" for rep due 1d }\n}\n", "a.thru:3"},
		{"a percent", "rule Big on Visit {\n  when n >= 8% and age(at) < 7d\n  do { task \"look\" for rep due 1wd }\n}\n", "a.thru:2"},
		{"a sign", "rule Big on Visit {\n  when n >= -8 and age(at) < 7d\n  do { task \"look\" for rep due 1wd }\n}\n", "a.thru:2"},
		{"an operator", "rule Big on Visit {\n  when n <= 8 and age(at) < 7d\n  do { task \"look\" for rep due 1wd }\n}\n", "a.thru:2"},
		{"a name", "rule Small on Visit {\n  when n >= 8 and age(at) < 7d\n  do { task \"look\" for rep due 1wd }\n}\n", "a.thru:1"},
		{"a text", "rule Big on Visit {\n  when n >= 8 and age(at) < 7d\n  do { task \"see\" for rep due 1wd }\n}\n", "a.thru:3"},
		{"a line joined", "rule Big on Visit {\n  when n >= 8 and age(at) < 7d do { task \"look\" for rep due 1wd }\n}\n", "a.thru:2"},
		{"more", old + "rule Other on Visit { when n > 1 }\n", "a.thru:4"},
		{"less", "rule Big on Visit {\n  when n >= 8 and age(at) < 7d\n", "a.thru:3"},
	} {
		if got := diff.Structure(of("a.thru", old), of("a.thru", c.text)); got != c.want {
			t.Errorf("%s: %q, not %q", c.name, got, c.want)
		}
	}
	two := of("a.thru", old, "b.thru", "")
	if got := diff.Structure(of("a.thru", old), two); got != "b.thru:1" {
		t.Errorf("a file more: %q", got)
	}
	if got := diff.Structure(two, of("a.thru", old)); got != "b.thru:1" {
		t.Errorf("a file less: %q", got)
	}
	if got := diff.Structure(of("thru.toml", "a = 1"), of("thru.toml", "a = 2")); got != "thru.toml:1" {
		t.Errorf("settings: %q", got)
	}
	zone := of("a.thru", old)
	zone.Settings.Timezone = "UTC"
	if got := diff.Structure(of("a.thru", old), zone); got == "" {
		t.Error("another zone is no number")
	}
}
