package trial_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/internal/golden"
)

// TestTrials runs the tests of each archive's policy and compares what they say, one test a line
// and below a failed one what it says.
func TestTrials(t *testing.T) {
	golden.Run(t, "testdata", func(t *testing.T, c *golden.Case) golden.Outputs {
		lang, _ := c.Section("lang")
		lang = strings.TrimSpace(lang)
		folder := fstest.MapFS{"thru.toml": {Data: []byte("lang = \"" + lang + "\"\n")}}
		for _, name := range c.Names() {
			if name != "results" && name != "lang" {
				folder[name] = &fstest.MapFile{Data: []byte(c.Input(t, name))}
			}
		}
		p, diags, err := dsl.Load(folder, ".")
		if err != nil || dsl.HasErrors(diags) {
			t.Fatalf("the policy has errors: %v %+v", err, diags)
		}
		read := func(name string) ([]byte, error) {
			if text, ok := c.Section(name); ok {
				return []byte(text), nil
			}
			return nil, errors.New("no such file")
		}
		var out strings.Builder
		for _, r := range trial.All(p, trial.Options{Lang: lang, Read: read}, nil) {
			if r.Passed {
				fmt.Fprintf(&out, "ok    %s\n", r.Name)
				continue
			}
			fmt.Fprintf(&out, "FAIL  %s\n%s:%d: %s\n", r.Name, r.File, r.Line, r.Message)
		}
		return golden.Outputs{"results": out.String()}
	})
}

func check(t testing.TB, files []source.File, lang string) *policy.Policy {
	t.Helper()
	p, diags := dsl.Check(files, policy.Settings{Lang: lang})
	if dsl.HasErrors(diags) {
		t.Fatalf("the policy has errors: %+v", diags)
	}
	return p
}

func TestATestThatExpectsNothingFails(t *testing.T) {
	p := &policy.Policy{Settings: policy.Settings{Timezone: "Asia/Shanghai", Calendar: "CN"}}
	r := trial.Run(p, &policy.Test{Name: "nothing"}, trial.Options{Lang: "en"})
	if r.Passed || !strings.Contains(r.Message, "expects nothing") {
		t.Errorf("got %+v", r)
	}
}

func TestResultsAsJSON(t *testing.T) {
	r := trial.Result{Name: `a "b"`, File: "a.thru", Line: 3, Message: "no\nmore"}
	got := string(r.AppendJSON(nil))
	want := `{"name":"a \"b\"","file":"a.thru","line":3,"passed":false,"message":"no\nmore"}`
	if got != want || !json.Valid([]byte(got)) {
		t.Errorf("got %s, want %s", got, want)
	}
}
