package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/throughline/throughline/internal/golden"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"thru": main})
}

// TestScripts runs the command the way people do. A script says what it shows in its first line.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       golden.Update(),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			// The machine's language must not decide what the scripts see.
			e.Setenv("THRU_LANG", "en")
			return nil
		},
	})
}

func TestLanguageOfMessages(t *testing.T) {
	for _, c := range []struct {
		name string
		args []string
		env  map[string]string
		want lang
	}{
		{"nothing said", nil, nil, english},
		{"the machine's", nil, map[string]string{"LANG": "zh_CN.UTF-8"}, chinese},
		{"ours before the machine's", nil, map[string]string{"LANG": "zh_CN.UTF-8", "THRU_LANG": "en"}, english},
		{"all of the machine's before some", nil, map[string]string{"LANG": "en_US", "LC_ALL": "zh_TW"}, chinese},
		{"the flag before all", []string{"check", "--lang", "zh", "."}, map[string]string{"THRU_LANG": "en"}, chinese},
		{"the flag in one word", []string{"--lang=zh", "check"}, nil, chinese},
		{"fmt's own flag", []string{"fmt", "--lang", "zh", "."}, nil, english},
		{"after the flags", []string{"check", "--", "--lang=zh"}, nil, english},
		{"a flag without its value", []string{"check", "--lang"}, nil, english},
	} {
		got := langOf(c.args, func(k string) string { return c.env[k] })
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
