package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestChannelsSurviveAKill sets a channel by the command, has the server killed while messages
// cannot be delivered, and sees every one of them arrive after that.
func TestChannelsSurviveAKill(t *testing.T) {
	var mu sync.Mutex
	texts, down := map[string]int{}, true
	robot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		var x struct{ Text struct{ Content string } }
		_ = json.Unmarshal(b, &x)
		mu.Lock()
		defer mu.Unlock()
		if down {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		for line := range strings.SplitSeq(x.Text.Content, "\n") {
			texts[strings.TrimPrefix(line, "· ")]++
		}
		fmt.Fprint(w, `{"errcode":0}`)
	}))
	defer robot.Close()
	dir := t.TempDir()
	data, key := filepath.Join(dir, "data"), filepath.Join(dir, "key")
	s := serve(t, data, "", "--deliver-to", "127.0.0.1/32")
	if err := os.WriteFile(key, []byte(s.key), 0o600); err != nil {
		t.Fatal(err)
	}
	thru := func(args ...string) string {
		t.Helper()
		c := exec.Command("thru", append(args, "--server", s.url, "--key", key, "--lang", "en")...)
		out, err := c.CombinedOutput()
		if err != nil {
			out = append(out, err.Error()...)
		}
		return string(out)
	}
	s.call("POST", "/v1/-/workspaces", `{"name":"east","files":[{"name":"p.thru","text":"`+
		`event Visit {\n  n int\n}\nrule Said on Visit {\n  when n > 0\n  do { call said \"visit {n}\" }\n}\n"}]}`)
	file := filepath.Join(dir, "said.toml")
	toml := "kind = \"wecom\"\n[secret]\nurl = \"" + robot.URL + "/send?key=very-secret\"\n"
	if err := os.WriteFile(file, []byte(toml), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := thru("channels", "set", "east", "said", file); out != "channel said of east is set\n" {
		t.Fatal(out)
	}
	if out := thru("channels", "try", "east", "said"); !strings.HasPrefix(out, "not taken: http 502") ||
		!strings.Contains(out, "exit status 1") {
		t.Error(out)
	}
	for n := 1; n <= 5; n++ {
		s.call("POST", "/v1/east/records", fmt.Sprintf(`{"type":"Visit","id":"v%d","n":%d}`, n, n))
	}
	if out := thru("deliveries", "east"); strings.Count(out, "said all") != 5 || !strings.Contains(out, "visit 3") {
		t.Error(out)
	}
	if err := s.stop(os.Kill); err == nil {
		t.Error("it was not killed")
	}
	mu.Lock()
	down = false
	mu.Unlock()
	s = serve(t, data, s.key, "--deliver-to", "127.0.0.1/32")
	for end := time.Now().Add(90 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		mu.Lock()
		n := len(texts)
		mu.Unlock()
		if n >= 5 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("only %v; %s", texts, thru("deliveries", "east"))
		}
	}
	list := thru("channels", "east")
	if !strings.Contains(list, "said  wecom  127.0.0.1:") || !strings.Contains(list, "fine") ||
		strings.Contains(list, "very-secret") {
		t.Error(list)
	}
	for want, args := range map[string][]string{
		"0 letters\n":                {"deliveries", "replay", "east"},
		"422":                        {"channels", "set", "east", "a-b", file},
		"there is no such workspace": {"channels", "west"},
		"file:":                      {"channels", "set", "east", "x", key},
	} {
		if out := thru(args...); !strings.Contains(strings.ReplaceAll(out, key, "file"), want) {
			t.Errorf("%q: %s", args, out)
		}
	}
	if out := thru("channels", "remove", "east", "said"); out != "" {
		t.Error(out)
	}
	if err := s.stop(os.Interrupt); err != nil {
		t.Error(err, s.log.String())
	}
	if strings.Contains(s.log.String(), "very-secret") {
		t.Error(s.log.String())
	}
}
