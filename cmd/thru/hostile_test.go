//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// TestAServerWhoseDiskIsFull refuses what it cannot keep, and says so: 507. What it answered before
// is there when it has room again, and it goes on.
func TestAServerWhoseDiskIsFull(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir, "")
	s.call("POST", "/v1/-/workspaces", steady)
	s.call("POST", "/v1/east/records", `{"type":"Rep","id":"li"}`)
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	// A file may have no more than this: what the kernel says then is what it says of a full disk.
	s = serveAs(t, exec.Command("bash", "-c", `ulimit -f 1500; exec thru serve --data "$0" `+
		`--addr 127.0.0.1:0 --json --lang en`, dir), s.key)
	answered := map[string]bool{}
	full := false
	for n := 0; n < 400 && !full; n++ {
		l := &load{s: s, run: n}
		lines, ids := l.visitsOf(0, 0, 100)
		_, err := s.try("POST", "/v1/east/records", "["+strings.Join(lines, ",")+"]")
		switch {
		case err == nil:
			for _, id := range ids {
				answered[id] = true
			}
		case strings.Contains(err.Error(), ": 507 ") && strings.Contains(err.Error(), `"disk"`):
			full = true
		default:
			t.Fatal(err)
		}
	}
	if !full || len(answered) < 100 {
		t.Fatalf("full is %v after %d records", full, len(answered))
	}
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Errorf("stopped: %v: %s", err, s.log.String())
	}
	s = serve(t, dir, s.key)
	s.call("POST", "/v1/east/records", `{"type":"Rep","id":"wu"}`)
	found := s.foundOf(t)
	for id := range answered {
		if found[id] != 1 {
			t.Fatalf("%s was answered and is %d times in the log", id, found[id])
		}
	}
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Errorf("stopped: %v: %s", err, s.log.String())
	}
}

// TestAServerThatMayNotWrite does not start, and says where it may not.
func TestAServerThatMayNotWrite(t *testing.T) {
	out, err := exec.Command("thru", "serve", "--data", "/sys/thru", "--addr", "127.0.0.1:0",
		"--lang", "en").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "/sys/thru") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestTwoServersOnOneFolder lets the first one go on, and tells the second why it cannot start.
func TestTwoServersOnOneFolder(t *testing.T) {
	dir := t.TempDir()
	s := serve(t, dir, "")
	s.call("POST", "/v1/-/workspaces", steady)
	out, err := exec.Command("thru", "serve", "--data", dir, "--addr", "127.0.0.1:0",
		"--lang", "en").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "another process has it open") {
		t.Errorf("%v: %s", err, out)
	}
	s.call("POST", "/v1/east/records", `{"type":"Rep","id":"li"}`)
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Errorf("stopped: %v: %s", err, s.log.String())
	}
}

// TestDeepAndStrangeRecords sends a server what JSON may say and no policy means. It answers each,
// and goes on.
func TestDeepAndStrangeRecords(t *testing.T) {
	s := serve(t, t.TempDir(), "")
	s.call("POST", "/v1/-/workspaces", steady)
	deep := func(open, end string) string { return strings.Repeat(open, 100_000) + strings.Repeat(end, 100_000) }
	for name, body := range map[string]string{
		"a deep list in a field":   `{"type":"Rep","id":"a","name":` + deep("[", "]") + `}`,
		"a deep object in a field": `{"type":"Rep","id":"b","more":` + deep(`{"a":`, "}")[:500_000] + `}`,
		"a field that is deep":     `{"type":"Rep","id":"c","more":` + deep("[", "]") + `}`,
		"the same key twice":       `{"type":"Rep","type":"Visit","id":"d"}`,
		"no UTF-8":                 "{\"type\":\"Rep\",\"id\":\"\xff\xfe\"}",
		"an id with a line end":    `{"type":"Rep","id":"a\r\nSet-Cookie: x=y"}`,
		"a number past all others": `{"type":"Visit","id":"e","rep":"a","n":1e999999999}`,
		"half a pair":              `{"type":"Rep","id":"\ud800","name":"\udfff"}`,
		"zero bytes":               `{"type":"Rep","id":"f` + "\x00" + `"}`,
	} {
		out, err := s.try("POST", "/v1/east/records", body)
		if err != nil && !strings.Contains(err.Error(), ": 400 ") && !strings.Contains(err.Error(), ": 413 ") &&
			!strings.Contains(err.Error(), ": 422 ") {
			t.Errorf("%s: %.300v", name, err)
		}
		var x struct{ Outcome string }
		if err == nil && (json.Unmarshal([]byte(out), &x) != nil || x.Outcome == "") {
			t.Errorf("%s: %.300s", name, out)
		}
	}
	if out := s.call("POST", "/v1/east/records", `{"type":"Rep","id":"li"}`); !strings.Contains(out, "accepted") {
		t.Error(out)
	}
	s.call("GET", "/v1/east/verify", "")
	if err := s.stop(syscall.SIGTERM); err != nil {
		t.Errorf("stopped: %v: %.300s", err, s.log.String())
	}
	if text := fmt.Sprint(s.log.String()); strings.Contains(text, "panic") {
		t.Errorf("%.300s", text)
	}
}
