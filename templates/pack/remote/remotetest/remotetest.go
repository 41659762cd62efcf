// Package remotetest is servers of packages for tests: a web server that takes files, and a real
// registry, both in this process.
package remotetest

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/registry"
)

// Registry is an OCI registry in memory.
func Registry() http.Handler { return registry.New(registry.Logger(log.New(io.Discard, "", 0))) }

// Files is a web server of plain files in memory, which takes new ones by PUT and heeds conditions.
type Files struct {
	mu    sync.Mutex
	files map[string][]byte
	asked []string // METHOD PATH STATUS, in order
}

// Set puts a file there.
func (f *Files) Set(path string, b []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set(path, b)
}

func (f *Files) set(path string, b []byte) {
	if f.files == nil {
		f.files = map[string][]byte{}
	}
	f.files[path] = b
}

// Get is a file; nil: not there.
func (f *Files) Get(path string) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.files[path]
}

// Asked is what was asked since it was last called: METHOD PATH STATUS.
func (f *Files) Asked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := f.asked
	f.asked = nil
	return out
}

func stamp(b []byte) string {
	sum := sha256.Sum256(b)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}

// ServeHTTP implements http.Handler.
func (f *Files) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	f.mu.Lock()
	defer f.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/")
	b, there := f.files[path]
	status := http.StatusOK
	switch {
	case err != nil:
		status = http.StatusBadRequest
	case r.Method == http.MethodPut:
		is := r.Header.Get("If-Match")
		if there && r.Header.Get("If-None-Match") == "*" || is != "" && (!there || is != stamp(b)) {
			status = http.StatusPreconditionFailed
			break
		}
		f.set(path, body)
		status = http.StatusCreated
	case !there:
		status = http.StatusNotFound
	case r.Header.Get("If-None-Match") == stamp(b):
		status = http.StatusNotModified
	}
	f.asked = append(f.asked, r.Method+" "+path+" "+http.StatusText(status))
	if there && r.Method == http.MethodGet {
		w.Header().Set("ETag", stamp(b))
	}
	w.WriteHeader(status)
	if status == http.StatusOK {
		_, _ = w.Write(b) // whoever does not listen misses it
	}
}
