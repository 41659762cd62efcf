package main

import (
	"bytes"
	"os"
	"testing"
)

// TestNotices holds the file to the modules that are linked.
func TestNotices(t *testing.T) {
	want, err := notices()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../THIRD-PARTY-NOTICES.txt")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Error("THIRD-PARTY-NOTICES.txt is not of the modules that are linked: " +
			"go run ./internal/notices")
	}
}
