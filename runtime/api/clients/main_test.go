package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestCurrent holds the clients to the handlers: go generate ./runtime/api/clients.
func TestCurrent(t *testing.T) {
	files, err := all()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join("..", "..", "..", "client", filepath.FromSlash(name)))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("client/%s is not what the handlers say: go generate ./runtime/api/clients (%v)", name, err)
		}
	}
}
