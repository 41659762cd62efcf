package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheServerExplainsAsTheCommandDoes asks why of every entry of a log, both ways: what an alert of
// a metric looked at and what an allocation read of people are in both.
func TestTheServerExplainsAsTheCommandDoes(t *testing.T) {
	const rules = `entity Rep {
  name text?
  load int = count(Lead)
}
entity Lead { owner Rep?; region text? }
allocate Lead.owner to Rep { weigh { idle 100% = scale(5 - candidate.load, 0, 5) } }
event Order { region text; amount int }
metric Sales of Order { value sum(amount); by region; every month }
alert Rise of Sales by region { check each month; when value > 1.5 * mean(12) }
`
	dir := t.TempDir()
	var records bytes.Buffer
	for month := 1; month <= 5; month++ {
		for n := range 3 {
			fmt.Fprintf(&records, `{"type":"Order","id":"o%d-%d","at":"2026-%02d-0%dT09:00:00+08:00",`+
				`"region":"East","amount":%d}`+"\n", month, n, month, n+3, 10*(month/5*2+1))
		}
	}
	for _, line := range []string{`"type":"Rep","id":"li"`, `"type":"Rep","id":"wu"`,
		`"type":"Lead","id":"l1"`, `"type":"Lead","id":"l2"`} {
		fmt.Fprintf(&records, `{%s,"at":"2026-06-02T09:00:00+08:00"}`+"\n", line)
	}
	write := func(name string, text []byte) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	thru := func(args ...string) []byte {
		t.Helper()
		c := exec.Command("thru", append(args, "--lang", "en")...)
		c.Stderr = t.Output()
		out, err := c.Output()
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return out
	}
	db := filepath.Join(dir, "team.db")
	policy := filepath.Dir(write("policy/p.thru", []byte(rules)))
	thru("run", policy, "--records", write("r.ndjson", records.Bytes()), "--db", db, "--virtual",
		"--out", filepath.Join(dir, "out.ndjson"))
	data := filepath.Join(dir, "data")
	s := serve(t, data, "")
	key := s.key
	if err := s.stop(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(db)
	if err != nil {
		t.Fatal(err)
	}
	write("data/workspaces/team.db", log)
	s = serve(t, data, key)
	var all strings.Builder
	for seq := 2; seq <= 23; seq++ {
		mine := thru("explain", "--db", db, "--json", fmt.Sprint(seq))
		var told struct{ Data json.RawMessage }
		body := s.call("GET", fmt.Sprintf("/v1/team/decisions/%d/why", seq), "")
		if err := json.Unmarshal([]byte(body), &told); err != nil {
			t.Fatal(err)
		}
		all.Write(told.Data)
		if !bytes.Equal(bytes.TrimSpace(mine), told.Data) {
			t.Errorf("entry %d:\n%s\nand over HTTP\n%s", seq, mine, told.Data)
		}
		if strings.Contains(string(mine), `"series"`) && !strings.Contains(body, "What Rise looked at") {
			t.Errorf("the text of %d has no figures: %s", seq, body)
		}
	}
	for _, part := range []string{`"series":[{"alert":"Rise"`, `"state":[{"rule":"Lead.owner"`,
		`"behind":[{"id":"li","points":20,"gaps":{"idle":-20}}]`} {
		if !strings.Contains(all.String(), part) {
			t.Errorf("nothing of %s", part)
		}
	}
}
