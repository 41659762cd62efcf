// Command assets bundles what the pages run in a browser: builder/ui/src becomes builder/dist, with
// hashed names, a list of them, and the licences of the packages that went in. What it writes is
// committed, so that building thru needs neither node nor a network.
//
// It needs the packages that "npm ci" puts into builder/ui/node_modules. Without them it says so
// and writes nothing; with THRU_REQUIRE_NODE_MODULES set that is a failure.
package main

//go:generate go run .

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

const (
	from = "../../builder/ui"
	to   = "../../builder/dist"
)

func main() {
	log.SetFlags(0)
	if _, err := os.Stat(filepath.Join(from, "node_modules", "idiomorph")); err != nil {
		if os.Getenv("THRU_REQUIRE_NODE_MODULES") != "" {
			log.Fatal("assets: run npm ci in builder/ui first")
		}
		log.Print("ASSETS NOT BUNDLED: there is no builder/ui/node_modules (npm ci makes it); " +
			"builder/dist stays as it is")
		return
	}
	files, err := bundle()
	if err == nil {
		err = replace(to, files)
	}
	if err != nil {
		log.Fatal("assets: ", err)
	}
}

// entries are the sources that a page names; all else comes in through them.
func entries() ([]api.EntryPoint, error) {
	var out []api.EntryPoint
	for _, ending := range []string{"ts", "css"} {
		names, err := filepath.Glob(filepath.Join(from, "src", "*."+ending))
		if err != nil {
			return nil, err
		}
		for _, n := range names {
			base := filepath.Base(n)
			out = append(out, api.EntryPoint{InputPath: "src/" + base,
				OutputPath: strings.TrimSuffix(base, "."+ending)})
		}
	}
	return out, nil
}

// bundle makes the files of builder/dist by name.
func bundle() (map[string][]byte, error) {
	in, err := entries()
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(from)
	if err != nil {
		return nil, err
	}
	r := api.Build(api.BuildOptions{
		EntryPointsAdvanced: in,
		AbsWorkingDir:       dir,
		Outdir:              "dist",
		EntryNames:          "[name]-[hash]",
		ChunkNames:          "[name]-[hash]",
		Bundle:              true,
		Splitting:           true,
		Format:              api.FormatESModule,
		Target:              api.ES2022,
		MinifyWhitespace:    true,
		MinifyIdentifiers:   true,
		MinifySyntax:        true,
		LegalComments:       api.LegalCommentsNone, // the licences stand in a file of their own
		Charset:             api.CharsetUTF8,
		Metafile:            true,
		LogLevel:            api.LogLevelWarning,
	})
	if len(r.Errors) > 0 {
		return nil, errors.New("esbuild found mistakes")
	}
	files := map[string][]byte{}
	for _, f := range r.OutputFiles {
		files[filepath.Base(f.Path)] = f.Contents
	}
	var m meta
	if err := json.Unmarshal([]byte(r.Metafile), &m); err != nil {
		return nil, err
	}
	if files["manifest.json"], err = m.manifest(); err != nil {
		return nil, err
	}
	if files["LICENSES.txt"], err = m.licences(); err != nil {
		return nil, err
	}
	files["icon.svg"], err = os.ReadFile(filepath.Join(from, "src", "icon.svg"))
	return files, err
}

// meta is what esbuild tells of what it made.
type meta struct {
	Outputs map[string]struct {
		EntryPoint string
		Imports    []struct{ Path, Kind string }
		Inputs     map[string]struct{ BytesInOutput int }
	}
}

// manifest lists, for every source that a page names, the file that it became and then those which
// that one asks for at once.
func (m *meta) manifest() ([]byte, error) {
	out := map[string][]string{}
	for name, o := range m.Outputs {
		// A part that is asked for later is an entry to esbuild too, but none that a page names.
		if source, ok := strings.CutPrefix(o.EntryPoint, "src/"); ok && !strings.Contains(source, "/") {
			out[source] = m.early(name, nil)
		}
	}
	text, err := json.MarshalIndent(out, "", "  ")
	return append(text, '\n'), err
}

func (m *meta) early(name string, list []string) []string {
	if slices.Contains(list, path.Base(name)) {
		return list
	}
	list = append(list, path.Base(name))
	for _, i := range m.Outputs[name].Imports {
		if i.Kind == "import-statement" {
			list = m.early(i.Path, list)
		}
	}
	return list
}

// licences are those of the packages of which something is in the bundles.
func (m *meta) licences() ([]byte, error) {
	var packages []string
	for _, o := range m.Outputs {
		for input, in := range o.Inputs {
			rest, ok := strings.CutPrefix(input, "node_modules/")
			if !ok || in.BytesInOutput == 0 {
				continue
			}
			parts := strings.SplitN(rest, "/", 3)
			name := parts[0]
			if strings.HasPrefix(name, "@") {
				name += "/" + parts[1]
			}
			packages = append(packages, name)
		}
	}
	slices.Sort(packages)
	var b bytes.Buffer
	for _, name := range slices.Compact(packages) {
		text, err := licence(name)
		if err != nil {
			return nil, err
		}
		b.Write(text)
	}
	return b.Bytes(), nil
}

// licence is the heading and the licence of one package.
func licence(name string) ([]byte, error) {
	dir := os.DirFS(filepath.Join(from, "node_modules", filepath.FromSlash(name)))
	var about struct{ Version string }
	text, err := fs.ReadFile(dir, "package.json")
	if err == nil {
		err = json.Unmarshal(text, &about)
	}
	if err != nil {
		return nil, err
	}
	for _, file := range []string{"LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE"} {
		text, err := fs.ReadFile(dir, file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		text = bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
		return fmt.Appendf(nil, "\n%s\n%s %s\n\n%s\n", strings.Repeat("-", 78), name, about.Version,
			text), err
	}
	return nil, fmt.Errorf("%s has no licence", name)
}

// replace makes a folder hold these files and no others.
func replace(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	old, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range old {
		if files[f.Name()] == nil {
			if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
				return err
			}
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
