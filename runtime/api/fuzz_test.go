package api_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// FuzzStream sends any bytes as a stream of records, and as a list: each line that is not blank is
// answered by one line, in order, or the last line says why the rest is not.
func FuzzStream(f *testing.F) {
	s := newSite(f)
	f.Add("{\"type\":\"Rep\",\"id\":\"li\"}\n\n \r\n{\"type\":\"Rep\"")
	f.Add("[]\nnull\n{}\n{\"type\":\"Rep\",\"id\":\"\\ud800\"}")
	f.Add("[{\"type\":\"Rep\",\"id\":\"a\"},{},]")
	f.Add("\x00\n\xff\xfe\n" + strings.Repeat("[", 300))
	f.Fuzz(func(t *testing.T, text string) {
		lines := 0
		for line := range strings.SplitSeq(text, "\n") {
			if strings.TrimSpace(line) != "" {
				lines++
			}
		}
		in := *s
		in.t = t
		r := in.want(200, in.call(s.all, "POST", "/v1/east/records", text, "Content-Type", "application/x-ndjson"))
		answers := strings.Split(strings.TrimSuffix(r.body, "\n"), "\n")
		for _, a := range answers {
			var x struct {
				Outcome string
				Problem json.RawMessage
			}
			if err := json.Unmarshal([]byte(a), &x); a != "" && (err != nil || (x.Outcome == "") == (x.Problem == nil)) {
				t.Fatalf("%q is answered %q", text, a)
			}
		}
		if n := len(answers); lines > 0 && n != lines && !strings.HasPrefix(answers[n-1], `{"problem":`) {
			t.Fatalf("%d lines are answered %q", lines, r.body)
		}
		if r := in.call(s.all, "POST", "/v1/east/records", text); r.status >= 500 {
			t.Fatalf("%d on %q: %s", r.status, text, r.body)
		}
	})
}
