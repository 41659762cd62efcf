package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// FuzzSettings reads any file as the settings of a server: they are taken, or the fault is told to be
// the author's.
func FuzzSettings(f *testing.F) {
	for _, text := range []string{"", "data = \"d\"\nplain = true\n", "addr = [\"a\", 1, {x = 2}]\n",
		"adr = 1\n", "trace-share = 1e400\n", "[data]\nx = 1\n", "data = \"\"\"\n\x00", "acme = [[[]]]\n",
		"within = -1\n\"\" = 2\n"} {
		f.Add([]byte(text))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		file := filepath.Join(dir, "s.toml")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		a := &app{out: io.Discard, err: io.Discard, env: func(string) string { return "" }}
		c := a.serve()
		if err := c.Flags().Set("config", file); err != nil {
			t.Fatal(err)
		}
		err := a.configure(c)
		if usage := *new(usageError); err != nil && !errors.As(err, &usage) {
			t.Errorf("%q: %T %v", text, err, err)
		}
		if errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	})
}
