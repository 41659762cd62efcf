package builder

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"strings"
)

//go:embed dist
var dist embed.FS

// assets are the files that pages name. Names with a hash in them never change what they hold.
type assets struct {
	list   map[string][]string // by source: its file, then what that asks for at once
	files  map[string][]byte
	zipped map[string][]byte
}

// readAssets panics where the files that were built in are not whole, which a test would show.
func readAssets() *assets {
	a := &assets{files: map[string][]byte{}, zipped: map[string][]byte{}}
	names, err := dist.ReadDir("dist")
	for _, n := range names {
		var text []byte
		if text, err = dist.ReadFile("dist/" + n.Name()); err != nil {
			break
		}
		a.files[n.Name()], a.zipped[n.Name()] = text, zip(text)
	}
	if err == nil {
		err = json.Unmarshal(a.files["manifest.json"], &a.list)
	}
	if err != nil {
		panic(fmt.Sprintf("builder/dist is not whole: %v", err))
	}
	return a
}

func zip(text []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is one there is
	_, _ = z.Write(text)                                  // memory takes all
	_ = z.Close()
	return b.Bytes()
}

// url is where a source's file is; early are the addresses of what that asks for at once.
func (a *assets) url(source string) (url string, early []string) {
	for i, name := range a.list[source] {
		if i == 0 {
			url = "/assets/" + name
		} else {
			early = append(early, "/assets/"+name)
		}
	}
	return url, early
}

// ServeHTTP answers with a file.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	text, ok := a.files[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Type", typeOf(name))
	h.Set("Vary", "Accept-Encoding")
	h.Set("Cache-Control", "max-age=3600")
	if strings.Contains(name, "-") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if takesGzip(r) {
		h.Set("Content-Encoding", "gzip")
		text = a.zipped[name]
	}
	_, _ = w.Write(text) // who asked is gone otherwise
}

// worker answers with the service worker. Its address is above all pages, and says nothing of what
// it holds: a browser asks for it again.
func (a *assets) worker(w http.ResponseWriter, _ *http.Request) {
	names := a.list["sw.ts"]
	if len(names) == 0 {
		http.Error(w, "", http.StatusNotFound)
		return
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Type", typeOf(names[0]))
	h.Set("Content-Security-Policy", "default-src 'self'")
	h.Set("Cache-Control", "no-cache")
	_, _ = w.Write(a.files[names[0]]) // who asked is gone otherwise
}

func typeOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json":
		return "application/json"
	}
	return "text/plain; charset=utf-8"
}

func takesGzip(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}
