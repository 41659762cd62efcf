package remote

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/throughline/throughline/internal/disk"
)

// cached is a file of a server as it was, with what to ask it by whether it still is. A cache
// spares bytes and nothing else: what it has is believed no more than what a server says.
type cached struct {
	Stamp    string
	Modified string
	Body     []byte
}

func (w *web) cacheFile(name string) string {
	sum := sha256.Sum256([]byte(w.at(name)))
	return filepath.Join(w.Cache, hex.EncodeToString(sum[:16])+".json")
}

// recall finds what is kept of a file; nil: nothing that is of use.
func (w *web) recall(name string) *cached {
	if w.Cache == "" {
		return nil
	}
	b, err := os.ReadFile(w.cacheFile(name))
	var c cached
	if err != nil || json.Unmarshal(b, &c) != nil || c.Stamp == "" && c.Modified == "" {
		return nil
	}
	return &c
}

// keep keeps a file. One that cannot be kept is asked for again, which is no error.
func (w *web) keep(name string, c cached) {
	if w.Cache == "" || c.Stamp == "" && c.Modified == "" {
		return
	}
	b, err := json.Marshal(c)
	if err == nil && os.MkdirAll(w.Cache, 0o700) == nil {
		_ = disk.Replace(w.cacheFile(name), b)
	}
}
