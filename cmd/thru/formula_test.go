package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoFormulaLeaves holds that a name which a spreadsheet would run stays a text in CSV.
func TestNoFormulaLeaves(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	write("p.thru", "entity Rep { name text; n int }\n")
	records := write("r.ndjson", `{"type":"Rep","id":"=1+1","at":"2026-03-02T10:00:00Z",`+
		`"name":"@SUM(A1)","n":-5}`+"\n")
	db := filepath.Join(dir, "x.db")
	if b, err := exec.Command("thru", "run", dir, "--db", db, "--records", records).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	b, err := exec.Command("thru", "show", "--db", db, "Rep", "name", "n", "--csv").CombinedOutput()
	if err != nil || !strings.Contains(string(b), "'=1+1,'@SUM(A1),-5") {
		t.Errorf("%v: %s", err, b)
	}
}
