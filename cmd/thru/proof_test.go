package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestARunningLogIsHeldToACheckpoint keeps a checkpoint of a server as a group chat would, and has
// the server prove later that it went on from it. One that begins again from another past cannot.
func TestARunningLogIsHeldToACheckpoint(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	s := serve(t, filepath.Join(dir, "data"), "")
	s.call("POST", "/v1/-/workspaces", served1)
	s.call("POST", "/v1/east/records", `{"type":"Rep","id":"li"}`)
	s.call("POST", "/v1/east/nightly", "")
	var c struct{ Signed, Key string }
	if err := json.Unmarshal([]byte(s.call("GET", "/v1/east/checkpoint", "")), &c); err != nil {
		t.Fatal(err)
	}
	kept, key := file("kept.txt", c.Signed), file("key", s.key)
	thru := func(want int, args ...string) string {
		t.Helper()
		cmd := exec.Command("thru", append(args, "--server", s.url, "--workspace", "east",
			"--server-key", key, "--key", c.Key, "--lang", "en")...)
		out, _ := cmd.CombinedOutput() // the code says how it went
		if got := cmd.ProcessState.ExitCode(); got != want {
			t.Errorf("%v: code %d, not %d: %s", args, got, want, out)
		}
		return string(out)
	}
	for _, id := range []string{"wu", "chen", "zhao"} {
		s.call("POST", "/v1/east/records", `{"type":"Rep","id":"`+id+`"}`)
	}
	if out := thru(0, "verify", "--checkpoint", kept); !strings.Contains(out,
		"proved: the log of east, 5 entries as it was signed at") ||
		!strings.Contains(out, "went on from the 2 entries that were signed at") {
		t.Errorf("%s", out)
	}
	grew, entry := filepath.Join(dir, "grew.json"), filepath.Join(dir, "entry.json")
	thru(0, "prove", "--since", kept, "-o", grew)
	thru(0, "prove", "--show", "2", "-o", entry)
	for _, args := range [][]string{{"--proof", grew, "--checkpoint", kept}, {"--proof", entry}} {
		out, err := exec.Command("thru", append([]string{"verify", "--key", c.Key, "--lang", "en"},
			args...)...).CombinedOutput()
		if err != nil || !strings.HasPrefix(string(out), "proved: ") {
			t.Errorf("%v: %v: %s", args, err, out)
		}
	}
	thru(2, "verify")
	thru(3, "prove", "1000")

	// The operator writes another history: his server signs it only because he took away what was
	// signed before; whoever kept that is not taken in.
	if err := s.stop(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	for _, name := range []string{"workspaces/east.db", "checkpoints/east.txt"} {
		if err := os.Remove(filepath.Join(data, name)); err != nil {
			t.Fatal(err)
		}
	}
	s = serve(t, data, s.key)
	s.call("POST", "/v1/-/workspaces", served1)
	if out := thru(1, "verify", "--checkpoint", kept); !strings.Contains(out,
		"NOT PROVED: ") || !strings.Contains(out, "2 entries were signed, and the log has 1") {
		t.Errorf("%s", out)
	}
	for _, id := range []string{"li", "wu", "chen"} {
		s.call("POST", "/v1/east/records", `{"type":"Rep","id":"`+id+`"}`)
	}
	if out := thru(1, "verify", "--checkpoint", kept, "--json"); !strings.Contains(out,
		`the log of 4 entries did not go on from that of 2","proved":false`) {
		t.Errorf("%s", out)
	}
}
