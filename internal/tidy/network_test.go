package tidy

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// dials is what code looks like that opens a connection of its own.
var dials = regexp.MustCompile(`http\.(Get|Head|Post|PostForm|NewRequest\w*)\(|` +
	`http\.(DefaultClient|DefaultTransport|Client\{|Transport\{)|net\.(Dial|Lookup)|tls\.Dial|websocket\.(Dialer|DefaultDialer)|` +
	`acme\.Client|autocert\.Manager|otlptracehttp\.New`)

// TestNothingPhonesHome lists the files in which a connection can be opened. docs/threats.md says of
// each what it sends to whom and who told it to: a new one belongs into that table first.
func TestNothingPhonesHome(t *testing.T) {
	told := []string{"client/client.go", // asks the server that its caller names; thru has no part of it
		"cmd/thru/serve_tls.go", "cmd/thru/server.go",
		"internal/live/dial.go", // only tests call it
		"runtime/access/provider/provider.go",
		"runtime/deliver/door/door.go", // through which hook and robot send what they make
		"runtime/deliver/hook/hook.go", "runtime/deliver/robot/robot.go",
		"runtime/trace/trace.go",
		"templates/pack/remote/remote.go", "templates/pack/remote/web.go"}
	var found []string
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") ||
			strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "internal/tidy/") {
			return err
		}
		text, err := fs.ReadFile(root, path)
		if err == nil && dials.Match(text) {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(found, told) {
		t.Errorf("connections can be opened in %q, and docs/threats.md knows of %q", found, told)
	}
}
