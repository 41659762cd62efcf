package tidy

import (
	"fmt"
	"strconv"
	"strings"
)

// rank orders the top folders: imports only go down. Folders that are not here (the root package,
// internal) have rules of their own in mayImport.
func rank(dir string) (int, bool) {
	switch top, _, _ := strings.Cut(dir, "/"); top {
	case "dsl":
		return 0, true
	case "engine":
		return 1, true
	case "templates":
		return 2, true
	case "runtime":
		return 3, true
	case "builder":
		return 4, true
	case "examples":
		return 5, true
	case "cmd":
		return 6, true
	}
	return 0, false
}

// under reports whether a folder is one of the given or lies below one.
func under(dir string, tops ...string) bool {
	for _, top := range tops {
		if dir == top || strings.HasPrefix(dir, top+"/") {
			return true
		}
	}
	return false
}

// mayImport says why the code of folder from may not import folder to, or "".
func mayImport(from, to string) string {
	low, lower := rank(from)
	high, higher := rank(to)
	switch {
	case under(to, "cmd"):
		return "nothing imports cmd"
	case under(to, "examples") && !under(from, "cmd"):
		return "examples are shown, not built upon"
	case from == "dsl/source" && to != "dsl/source":
		return "dsl/source knows nothing of ours"
	case from == "dsl/policy" && !under(to, "dsl/source", "dsl/value", "internal"):
		return "the checked policy knows places and values, not text"
	case under(from, "engine") && under(to, "dsl") &&
		!under(to, "dsl/source", "dsl/value", "dsl/policy"):
		return "the engine sees the checked policy, never text"
	case under(from, "builder") && under(to, "runtime/store"):
		return "the builder asks the runtime, not its store"
	case under(from, "internal") && !under(from, "internal/sim") &&
		!under(to, "internal", "dsl/source", "dsl/value", "dsl/policy"):
		return "internal packages stand below everything but the contract's types"
	case to == "." && lower && !under(from, "cmd", "examples"):
		return "the root package is for those outside"
	case from == "." && higher && high > 3:
		return "the root package embeds the runtime, nothing above it"
	case lower && higher && low < high:
		return "imports only go down"
	}
	return ""
}

// layers holds the lattice cmd → builder → runtime → engine → dsl. Tests may reach across, since
// they say what the parts do together, but not into cmd.
func layers(t *tree) []finding {
	var out []finding
	for _, f := range t.gos {
		for _, spec := range f.ast.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			to, ours := strings.CutPrefix(name+"/", module+"/")
			to = strings.TrimSuffix(to, "/")
			if to == "" {
				to = "."
			}
			why := mayImport(f.dir, to)
			if !ours || why == "" || to == f.dir || f.test && !under(to, "cmd") {
				continue
			}
			out = append(out, t.at("layers", f, spec, f.dir+" imports "+to+": "+why))
		}
	}
	return out
}

// A door is a dependency with the only packages that may import it.
type door struct {
	module string
	dirs   []string
	tests  bool // test files anywhere may too
}

func doorList() []door {
	return []door{
		{"github.com/alecthomas/participle/v2", []string{"dsl/syntax"}, false},
		{"github.com/expr-lang/expr", []string{"engine/eval"}, false},
		{"github.com/fsnotify/fsnotify", []string{"runtime/intake"}, false},
		{"go.etcd.io/bbolt", []string{"runtime/store/bolt", "internal/floor"}, false},
		{"github.com/spf13/cobra", []string{"cmd/thru"}, false},
		{"github.com/spf13/pflag", []string{"cmd/thru"}, false},
		{"github.com/schollz/progressbar/v3", []string{"cmd/thru"}, false},
		{"github.com/arran4/golang-ical", []string{"runtime/deliver/agenda"}, false},
		{"github.com/BurntSushi/toml", []string{"dsl", "runtime/ingest", "cmd/thru"}, false},
		{"golang.org/x/crypto", []string{"cmd/thru", "runtime/access"}, false},
		{"github.com/sourcegraph/jsonrpc2", []string{"dsl/lsp"}, false},
		{"github.com/bep/imagemeta", []string{"runtime/media"}, false},
		{"golang.org/x/image", []string{"runtime/media"}, false},
		{"golang.org/x/time", []string{"runtime/access"}, false},
		{"github.com/coreos/go-oidc/v3", []string{"runtime/access/provider"}, false},
		{"golang.org/x/oauth2", []string{"runtime/access/provider"}, false},
		{"github.com/zitadel/oidc/v3", nil, true},
		{"github.com/danielgtaylor/huma/v2", []string{"runtime/api"}, false},
		{"github.com/gorilla/websocket", []string{"internal/live"}, false},
		{"github.com/a-h/templ", []string{"builder/doc", "builder/view"}, false},
		{"golang.org/x/text", []string{"dsl/syntax", "runtime/ingest"}, false},
		{"github.com/xuri/excelize/v2", []string{"runtime/ingest"}, false},
		{"golang.org/x/mod", []string{"templates/pack", "runtime/seal"}, false},
		{"oras.land/oras-go/v2", []string{"templates/pack/remote"}, false},
		{"github.com/opencontainers/image-spec", []string{"templates/pack/remote"}, false},
		{"github.com/google/go-containerregistry", nil, true},
		{"github.com/prometheus/client_golang", []string{"runtime/gauge"}, false},
		{"go.opentelemetry.io/otel", []string{"runtime/trace"}, false},
		{"go.opentelemetry.io/otel/sdk", []string{"runtime/trace"}, false},
		{"go.opentelemetry.io/otel/trace", []string{"runtime/trace"}, false},
		{"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp",
			[]string{"runtime/trace"}, false},
		{"go.opentelemetry.io/proto/otlp", nil, true},
		{"google.golang.org/protobuf", nil, true},
		{"github.com/wneessen/go-mail", []string{"runtime/deliver/mail"}, false},
		{"github.com/rivo/uniseg", []string{"runtime/deliver/channel"}, false},
		{"github.com/rogpeppe/go-internal",
			[]string{"internal/golden", "dsl/source/pages", "builder"}, true},
		{"github.com/evanw/esbuild", []string{"internal/assets"}, false},
		{"github.com/chromedp/chromedp", nil, true},
		{"github.com/chromedp/cdproto", nil, true},
		{"github.com/google/go-cmp", nil, true},
		{"golang.org/x/net", nil, true},
		{"pgregory.net/rapid", nil, true},
	}
}

// doors lets each dependency in through one package, so that replacing it is one package's work.
// A dependency without a door is not one we agreed on.
func doors(t *tree) []finding {
	var out []finding
	for _, f := range t.gos {
		for _, spec := range f.ast.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			if why := throughDoor(f, name); why != "" {
				out = append(out, t.at("doors", f, spec, why))
			}
		}
	}
	return out
}

func throughDoor(f *goFile, name string) string {
	first, _, _ := strings.Cut(name, "/")
	switch {
	case name == "C":
		return "cgo: the product is pure Go"
	case !strings.Contains(first, ".") || under(name, module):
		return ""
	}
	for _, d := range doorList() {
		if !under(name, d.module) {
			continue
		}
		for _, dir := range d.dirs {
			if dir == f.dir {
				return ""
			}
		}
		// A folder called sometest holds what the tests of several packages share.
		if d.tests && (f.test || strings.HasSuffix(f.dir, "test")) {
			return ""
		}
		if d.tests && d.dirs == nil {
			return d.module + " is for tests"
		}
		return fmt.Sprintf("%s comes in through %s alone", d.module, strings.Join(d.dirs, ", "))
	}
	return name + " has no door in internal/tidy"
}
