package lsp

import (
	"context"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/source"
)

// docsURL is where the page of a code is found.
const docsURL = "https://github.com/throughline/throughline/blob/main/docs/codes/"

// aboutOpen chooses the folders that a request is about: of one about a document, those in which
// something is open. A workspace of many packages must not hold up its first answer.
func aboutOpen(method string) func(*server, *folder) bool {
	document := strings.HasPrefix(method, "textDocument/")
	return func(s *server, f *folder) bool { return !document || len(s.openIn(f)) > 0 }
}

// inPeace chooses every folder, as long as nobody waits for something else.
func inPeace(s *server, _ *folder) bool { return len(s.queue) == 0 }

// publish checks the folders that changed, of those that are chosen, and tells what is wrong in
// them.
func (s *server) publish(ctx context.Context, chosen func(*server, *folder) bool) {
	if s.state != open {
		return
	}
	for _, d := range slices.Sorted(maps.Keys(s.docs)) {
		s.home(d) // which may be a folder that was not thought of yet
	}
	for _, dir := range slices.Sorted(maps.Keys(s.folders)) {
		f := s.folders[dir]
		if within(dir, cacheDir()) || !chosen(s, f) {
			continue
		}
		if s.check(f); f.untold {
			f.untold = false
			s.publishFolder(f)
		}
		if ctx.Err() != nil {
			return
		}
	}
}

func (s *server) publishFolder(f *folder) {
	found := map[string][]diagnostic{}
	for _, path := range s.openIn(f) {
		if s.home(path) == f {
			found[path] = nil
		}
	}
	for uri := range s.told { //tidy:order each is looked at by itself
		if path := pathOf(uri); within(path, f.dir) && s.home(path) == f {
			found[path] = nil
		}
	}
	for _, d := range f.all() {
		path := f.pathOf(f.told[d.Span.File])
		if within(path, f.dir) && s.home(path) == f {
			found[path] = append(found[path], s.diagnostic(f, f.told, d))
		}
	}
	for _, d := range f.about {
		path := filepath.Join(f.dir, tomlName)
		t := newText(f.toml, s.wide)
		found[path] = append(found[path], diagnostic{Range: t.span(d.Span), Source: "thru",
			Severity: severity(d.Code), Code: string(d.Code), Message: source.Render(d, s.lang),
			CodeDescription: &codeHref{docsURL + string(d.Code) + ".md"}})
	}
	for _, path := range slices.Sorted(maps.Keys(found)) {
		var version *int32
		if d := s.docs[path]; d != nil {
			v := d.version
			version = &v
		}
		s.tell(s.uri(path), version, found[path])
	}
}

// telling is what a client was told of a file.
type telling struct {
	version *int32
	list    []diagnostic
}

// tell sends a file's diagnostics, where they are others than before or of another version.
func (s *server) tell(uri string, version *int32, list []diagnostic) {
	last := s.told[uri]
	same := version == nil && last.version == nil ||
		version != nil && last.version != nil && *version == *last.version
	if same && reflect.DeepEqual(list, last.list) {
		return
	}
	if version == nil && len(list) == 0 {
		delete(s.told, uri)
	} else {
		s.told[uri] = telling{version, list}
	}
	if list == nil {
		list = []diagnostic{} // none, which is not null
	}
	_ = s.conn.Notify(context.Background(), "textDocument/publishDiagnostics",
		publishParams{URI: uri, Version: version, Diagnostics: list})
}

// diagnostic is one as the protocol has it.
func (s *server) diagnostic(f *folder, files []source.File, d source.Diagnostic) diagnostic {
	out := diagnostic{Range: s.textOf(f, files, d.Span.File).span(d.Span), Source: "thru",
		Severity: severity(d.Code), Code: string(d.Code), Message: source.Render(d, s.lang),
		CodeDescription: &codeHref{docsURL + string(d.Code) + ".md"}}
	for _, r := range d.Related {
		if r.Span.IsZero() || strings.HasPrefix(files[r.Span.File].Name, "std/") {
			continue
		}
		out.Related = append(out.Related, related{Location: s.located(f, files, r.Span),
			Message: r.Code.Message(s.lang, r.Args)})
	}
	return out
}

func severity(c source.Code) int {
	switch c.Severity() {
	case source.Error:
		return severityError
	case source.Warning:
		return severityWarning
	}
	return severityNote
}
