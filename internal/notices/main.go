// Command notices writes the licences of everything that is built into thru, as those ask for:
// THIRD-PARTY-NOTICES.txt. The modules are those that the go command links for any platform that we
// release for, not all that go.mod names.
package main

//go:generate sh -c "cd ../.. && go run ./internal/notices"

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

const own = "github.com/throughline/throughline"

func main() {
	text, err := notices()
	if err == nil {
		err = os.WriteFile("THIRD-PARTY-NOTICES.txt", text, 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// module is one module as the go command tells of it.
type module struct{ path, version, dir string }

// linked lists the modules that are in the program on any platform.
func linked() ([]module, error) {
	found := map[string]module{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		c := exec.Command("go", "list", "-deps", "-f",
			"{{with .Module}}{{.Path}} {{.Version}} {{.Dir}}{{end}}", own+"/cmd/thru")
		c.Env, c.Stderr = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0"), os.Stderr
		out, err := c.Output()
		if err != nil {
			return nil, err
		}
		for line := range strings.Lines(string(out)) {
			path, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
			version, dir, _ := strings.Cut(rest, " ")
			if path != own && path != "" {
				found[path] = module{path, version, dir}
			}
		}
	}
	var out []module
	for _, m := range found {
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b module) int { return strings.Compare(a.path, b.path) })
	return out, nil
}

// notices are the texts of the licences, module by module, and Go's own.
func notices() ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("thru contains the following software.\n")
	list, err := linked()
	if err != nil {
		return nil, err
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	list = append(list, module{path: "Go's standard library", dir: strings.TrimSpace(string(root))})
	for _, m := range list {
		fmt.Fprintf(&b, "\n%s\n%s\n\n", strings.Repeat("-", 78),
			strings.TrimSpace(m.path+" "+m.version))
		texts, err := licences(m.dir)
		if err != nil || len(texts) == 0 {
			return nil, fmt.Errorf("%s has no licence: %w", m.path, err)
		}
		for _, text := range texts {
			b.Write(bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))))
			b.WriteString("\n")
		}
	}
	// Of what pages run in a browser; internal/assets writes them.
	home, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(home)), "builder", "dist",
		"LICENSES.txt"))
	b.Write(text)
	return b.Bytes(), err
}

// licences are the texts in a module's folder that have to go with it.
func licences(dir string) (out [][]byte, err error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		name := strings.ToUpper(f.Name())
		for _, begins := range []string{"LICENSE", "LICENCE", "COPYING", "NOTICE", "PATENTS"} {
			if f.Type().IsRegular() && strings.HasPrefix(name, begins) {
				text, err := os.ReadFile(filepath.Join(dir, f.Name()))
				if err != nil {
					return nil, err
				}
				out = append(out, text)
			}
		}
	}
	return out, nil
}
