package dsl_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/internal/golden"
)

// expectation is one `// ERROR "regexp"` comment of an archive's file.
type expectation struct {
	severity source.Severity
	re       *regexp.Regexp
	met      bool
}

// TestCheck holds every archive's comments `// ERROR "…"`, `// WARNING "…"` and `// NOTE "…"`
// against the diagnostics of that very line; one that is left over on either side fails.
func TestCheck(t *testing.T) {
	golden.Run(t, "testdata/check", func(t *testing.T, c *golden.Case) golden.Outputs {
		var files []source.File
		for _, name := range c.Names() {
			if strings.HasSuffix(name, ".thru") {
				files = append(files, source.File{Name: name, Text: c.Input(t, name)})
			}
		}
		p, diags := dsl.Check(files, policy.Settings{})
		want := expectations(t, p.Files)
		for _, d := range diags {
			meet(t, p.Files, want, d)
		}
		for line, list := range want {
			for _, e := range list {
				if !e.met {
					t.Errorf("%s: nothing was told that matches %s", line, e.re)
				}
			}
		}
		return nil
	})
}

func expectations(t *testing.T, files []source.File) map[string][]*expectation {
	out := map[string][]*expectation{}
	word := regexp.MustCompile(`(ERROR|WARNING|NOTE) "((?:[^"\\]|\\.)*)"`)
	severity := map[string]source.Severity{"ERROR": source.Error, "WARNING": source.Warning, "NOTE": source.Note}
	for _, f := range files {
		for i, line := range strings.Split(f.Text, "\n") {
			at := strings.LastIndex(line, "//")
			if at < 0 {
				continue
			}
			for _, m := range word.FindAllStringSubmatch(line[at:], -1) {
				re, err := regexp.Compile(strings.ReplaceAll(m[2], `\"`, `"`))
				if err != nil {
					t.Fatal(err)
				}
				key := place(f.Name, i+1)
				out[key] = append(out[key], &expectation{severity: severity[m[1]], re: re})
			}
		}
	}
	return out
}

func place(file string, line int) string { return file + ":" + strconv.Itoa(line) }

func meet(t *testing.T, files []source.File, want map[string][]*expectation, d source.Diagnostic) {
	r := source.ReportOf(files, d, "en")
	for _, e := range want[place(r.File, r.Line)] {
		if !e.met && e.severity == d.Code.Severity() && e.re.MatchString(string(d.Code)+" "+r.Message) {
			e.met = true
			return
		}
	}
	t.Errorf("told, and not expected:\n%s", source.Text(files, d, "en"))
}
