package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPolicyOfAServer publishes a folder, is asked to confirm what it would do to open records, goes
// back, and tries a policy beside the one in force.
func TestPolicyOfAServer(t *testing.T) {
	dir := t.TempDir()
	key, folder := filepath.Join(dir, "key"), filepath.Join(dir, "policy")
	s := serve(t, filepath.Join(dir, "data"), "")
	write := func(file, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(key, s.key)
	thru := func(args ...string) string {
		t.Helper()
		c := exec.Command("thru", append(append([]string{"policy"}, args...),
			"--server", s.url, "--key", key, "--lang", "en")...)
		out, _ := c.CombinedOutput() // what goes wrong is told
		return string(out)
	}
	has := func(out string, parts ...string) {
		t.Helper()
		for _, p := range parts {
			if !strings.Contains(out, p) {
				t.Errorf("no %q in %s", p, out)
			}
		}
	}
	const deals = "entity Deal {\n  n int?\n}\nrule Big on Deal {\n  when n >= 8\n  do { flag }\n}\n" +
		"journey Sale of Deal {\n  stage Lead\n  stage Demo\n  stage Won is won\n}\n"
	s.call("POST", "/v1/-/workspaces", served1)
	write(filepath.Join(folder, "deals.thru"), deals)
	write(filepath.Join(folder, ".git", "config"), "no file of the policy")
	has(thru("publish", "east", folder, "--why", "deals come"), "in force since entry 2")
	for _, line := range []string{`{"type":"Deal","id":"d"}`, `{"type":"Deal","id":"d","stage":"Demo"}`} {
		s.call("POST", "/v1/east/records", line)
	}
	write(filepath.Join(folder, "deals.thru"), strings.Replace(deals, "  stage Demo\n", "", 1))
	has(thru("plan", "east", folder), "Sale.Demo  1  begins anew  Lead  d", "0 stay, 0 move, 1 begin anew")
	strict := strings.Replace(deals, "stage Demo", "stage Demo { must n > 3 }", 1)
	write(filepath.Join(folder, "deals.thru"), strict)
	has(thru("plan", "east", folder), "Sale.Demo  1  stays  Demo  must", "1 stay, 0 move",
		"must created < 2026-03-01 or")
	write(filepath.Join(folder, "deals.thru"), strings.Replace(deals, "  stage Demo\n", "", 1))
	has(thru("publish", "east", folder), "1 open record is in stages that are gone", "[Deal/d]")
	has(thru("publish", "east", folder, "--stranded", "1"), "in force since entry 5")
	has(thru("rollback", "east", "2", "--why", "too early"), "in force since entry 6")
	has(thru("versions", "east"), "deals come", "too early", "first", "rollback",
		"journey Sale: changed", "record Deal: added")
	has(thru("rollback", "east", "4"), "there is no such policy")

	write(filepath.Join(folder, "deals.thru"), strings.Replace(deals, "n >= 8", "n >= 5", 1))
	if out := thru("shadow", "east", folder); out != "" {
		t.Errorf("begun: %s", out)
	}
	s.call("POST", "/v1/east/records", `{"type":"Deal","id":"e","n":6}`)
	has(thru("shadow", "east"), "1 of 1 decision differs (100.0%), about 1 subject", "Big", "Deal/e")
	has(thru("shadow", "east", "--stop", "--promote"), "one at a time")
	has(thru("shadow", "east", "--promote", "--why", "fine"), "in force since")
	has(thru("shadow", "east"), "no policy is tried")

	write(filepath.Join(folder, "deals.thru"), strings.Replace(deals, "n >= 8", "n >= 4", 1))
	if out := thru("canary", "east", folder, "--of", "Deal", "--when", "n < 5"); out != "" {
		t.Errorf("begun: %s", out)
	}
	s.call("POST", "/v1/east/records", `{"type":"Deal","id":"f","n":4}`)
	has(thru("canary", "east"), "1 Deal under it, 2 not", "Big   1                 1      0")
	if out := thru("canary", "east", "--stop"); out != "" {
		t.Errorf("stopped: %s", out)
	}
	has(thru("canary", "east"), "no policy is tried")
}
