package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEmbed runs the program on a file twice: the log goes on, and stays below the 60 lines that
// its reader was promised.
func TestEmbed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "visits.db")
	for range 2 { // the second time the records are duplicates
		var out bytes.Buffer
		if err := run(t.Context(), path, &out); err != nil {
			t.Fatal(err)
		}
		if want := "4: Angry to li: call back: never again!!\n"; out.String() != want {
			t.Errorf("it says %q, not %q", out.String(), want)
		}
	}
	text, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "\n"); n >= 60 {
		t.Errorf("main.go has %d lines", n)
	}
}
