package dsl

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/calendar"
)

// maxFile bounds one policy file: what is bigger was not written by a person.
const maxFile = 16 << 20

// Load reads the folder dir of a file system, its sub-folders and thru.toml, checks them and proves
// what can be proved. The
// error is the world's: a folder that is not there or cannot be read, or that holds no policy.
// What is wrong in the files, thru.toml included, comes back as diagnostics.
func Load(fsys fs.FS, dir string) (*policy.Policy, []source.Diagnostic, error) {
	return new(Checker).Load(fsys, dir)
}

// Load is the package's Load, with the lines that this Checker knows already.
func (k *Checker) Load(fsys fs.FS, dir string) (*policy.Policy, []source.Diagnostic, error) {
	dir = path.Clean(dir)
	files, err := readFolder(fsys, dir)
	if err != nil {
		return nil, nil, err
	}
	toml, err := readSettings(fsys, dir)
	if err != nil {
		return nil, nil, err
	}
	k.beside = func(name string) ([]byte, error) { return fs.ReadFile(fsys, path.Join(dir, name)) }
	c := k.whole(files, toml.set)
	p, diags := c.policy, c.sorted()
	diags = inOrder(append(diags, c.prove(diags)...))
	if toml.file.Name != "" {
		p.Files = append(p.Files, toml.file)
		for i := range toml.diags {
			toml.diags[i].Span.File = int32(len(p.Files) - 1)
		}
	}
	return p, append(toml.diags, diags...), nil
}

// readFolder reads all .thru files of a folder and those below it. With ErrNoPolicy come those of
// the packages, to which a file may be added.
func readFolder(fsys fs.FS, dir string) ([]source.File, error) {
	var files []source.File
	own := false
	err := fs.WalkDir(fsys, dir, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && name != dir && strings.HasPrefix(e.Name(), "."):
			return fs.SkipDir
		case e.IsDir() || path.Ext(name) != ".thru":
			return nil
		}
		info, err := e.Info()
		if err == nil && info.Size() > maxFile {
			err = &fs.PathError{Op: "read", Path: name, Err: errors.New("larger than 16 MB")}
		}
		if err != nil {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		rel := strings.TrimPrefix(strings.TrimPrefix(name, dir), "/")
		if dir == "." {
			rel = name
		}
		own = own || !strings.Contains(rel, "/")
		files = append(files, source.File{Name: rel, Text: string(text)})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", dir, err)
	}
	if !own {
		return files, fmt.Errorf("load %s: %w", dir, ErrNoPolicy)
	}
	return files, nil
}

// ErrNoPolicy is the error of a folder without .thru files.
var ErrNoPolicy = errors.New("no .thru files in the folder")

// settings is thru.toml.
type settings struct {
	Name     string            `toml:"name"`
	Version  string            `toml:"version"`
	Title    string            `toml:"title"`
	Industry string            `toml:"industry"`
	Authors  []string          `toml:"authors"`
	License  string            `toml:"license"`
	Language int               `toml:"language"`
	Timezone string            `toml:"timezone"`
	Calendar string            `toml:"calendar"`
	Datum    string            `toml:"datum"`
	Lang     string            `toml:"lang"`
	Requires map[string]string `toml:"requires"`

	Sources map[string]string   `toml:"sources"`
	Trust   map[string][]string `toml:"trust"`
}

// configured is what thru.toml says, and what is wrong in it.
type configured struct {
	set   policy.Settings
	file  source.File
	diags []source.Diagnostic
}

// Language is the version of the language that this package reads (reference, section 2).
const Language = 1

// Manifest is what thru.toml says of a folder as a package.
type Manifest struct {
	Name     string // dotted: fmcg.listing
	Version  string // semantic, without a v
	Title    string
	Industry string
	Authors  []string
	License  string
	Language int               // of the language it is written in; 1 where it does not say
	Requires map[string]string // the least versions of the packages it imports, by name

	Sources map[string]string   // where packages come from, by what their names begin with
	Trust   map[string][]string // whose signatures they need, by what their names begin with
}

// ReadManifest reads thru.toml of a folder; without one the manifest is empty. What is wrong with
// it comes back as diagnostics about a file of that name.
func ReadManifest(fsys fs.FS, dir string) (Manifest, []source.Diagnostic, error) {
	c, err := readSettings(fsys, dir)
	if err != nil || c.file.Name == "" {
		return Manifest{}, nil, err
	}
	raw := settings{Language: Language}
	if _, err := toml.Decode(c.file.Text, &raw); err != nil {
		return Manifest{}, c.diags, nil // they say it
	}
	return Manifest{Name: raw.Name, Version: raw.Version, Title: raw.Title, Industry: raw.Industry,
		Authors: raw.Authors, License: raw.License, Language: raw.Language, Requires: raw.Requires,
		Sources: raw.Sources, Trust: raw.Trust}, c.diags, nil
}

// readSettings reads thru.toml where there is one.
func readSettings(fsys fs.FS, dir string) (configured, error) {
	text, err := fs.ReadFile(fsys, path.Join(dir, "thru.toml"))
	if errors.Is(err, fs.ErrNotExist) {
		return configured{}, nil
	}
	if err != nil {
		return configured{}, fmt.Errorf("load %s: %w", dir, err)
	}
	f := source.File{Name: "thru.toml", Text: string(text)}
	set, diags := parseSettings(f)
	return configured{set, f, diags}, nil
}

// parseSettings reads the text of thru.toml. Spans are of a file that the caller numbers.
func parseSettings(f source.File) (policy.Settings, []source.Diagnostic) {
	raw := settings{Language: Language}
	meta, err := toml.Decode(f.Text, &raw)
	if err != nil {
		return policy.Settings{}, []source.Diagnostic{settingsFault(f, err)}
	}
	set := policy.Settings{Name: raw.Name, Version: raw.Version, Title: raw.Title,
		Timezone: raw.Timezone, Calendar: raw.Calendar, Lang: raw.Lang}
	t := &tomlChecker{file: f}
	known := []string{"name", "version", "title", "industry", "authors", "license", "language",
		"timezone", "calendar", "datum", "lang", "requires", "sources", "trust"}
	for _, key := range meta.Undecoded() {
		d := t.tell(source.UnknownSetting, key.String(), key.String())
		d.Near = source.Nearest(key.String(), known)
	}
	if _, err := calendar.Zone(raw.Timezone); err != nil && raw.Timezone != "" {
		t.tell(source.SettingNeeds, "timezone", "timezone", raw.Timezone, "Asia/Shanghai …")
		set.Timezone = ""
	}
	switch raw.Datum {
	case "", "wgs84":
	case "gcj02":
		set.Datum = value.GCJ02
	case "bd09":
		set.Datum = value.BD09
	default:
		t.tell(source.SettingNeeds, "datum", "datum", raw.Datum, "wgs84 | gcj02 | bd09")
	}
	if raw.Lang != "" && raw.Lang != "en" && raw.Lang != "zh" {
		t.tell(source.SettingNeeds, "lang", "lang", raw.Lang, "en | zh")
		set.Lang = ""
	}
	t.required(raw.Requires)
	if raw.Language != Language {
		t.tell(source.SettingNeeds, "language", "language", fmt.Sprint(raw.Language),
			fmt.Sprint(Language))
	}
	return set, t.diags
}

// tomlChecker reports what is wrong with settings, at their keys.
type tomlChecker struct {
	file  source.File
	diags []source.Diagnostic
}

func (t *tomlChecker) tell(code source.Code, key string, args ...string) told {
	t.diags = append(t.diags, source.Diagnostic{Code: code, Span: keySpan(t.file, key), Args: args})
	return &t.diags[len(t.diags)-1]
}

// The forms of a package's name and version. That a version is there to be had is another matter.
var (
	packageForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)
	versionForm = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)` +
		`(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`)
	shortForm = regexp.MustCompile(`^[vV^~=> ]*((0|[1-9]\d*)(\.(0|[1-9]\d*)){0,2})$`)
)

// required looks at the names and versions of [requires].
func (t *tomlChecker) required(list map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(list)) {
		v := list[name]
		if !packageForm.MatchString(name) {
			t.tell(source.SettingNeeds, name, "[requires]", name, "fmcg.listing …")
		}
		if versionForm.MatchString(v) {
			continue
		}
		want := "1.2.0"
		if m := shortForm.FindStringSubmatch(v); m != nil { // what was meant is plain
			want = m[1] + strings.Repeat(".0", 2-strings.Count(m[1], "."))
		}
		t.tell(source.SettingNeeds, name, "[requires] "+name, strconv.Quote(v), strconv.Quote(want))
	}
}

// keySpan finds the line that sets a key. The name of a package is written whole.
func keySpan(f source.File, key string) source.Span {
	last := key[strings.LastIndex(key, ".")+1:]
	off := 0
	for _, line := range strings.SplitAfter(f.Text, "\n") {
		name, _, _ := strings.Cut(line, "=")
		name = strings.Trim(strings.TrimSpace(name), `"[]'`)
		if name != "" && (name == last || name == key) {
			at := off + strings.Index(line, name)
			return source.Span{Off: int32(at), End: int32(at + len(name))}
		}
		off += len(line)
	}
	return source.Span{}
}

// settingsFault is what the TOML reader says, at its place.
func settingsFault(f source.File, err error) source.Diagnostic {
	var p toml.ParseError
	if errors.As(err, &p) {
		at := int32(min(p.Position.Start, len(f.Text)))
		end := int32(min(p.Position.Start+max(p.Position.Len, 1), len(f.Text)))
		return source.Diagnostic{Code: source.BadSetting, Args: []string{p.Message},
			Span: source.Span{Off: at, End: max(at, end)}}
	}
	return source.Diagnostic{Code: source.BadSetting,
		Args: []string{strings.TrimPrefix(err.Error(), "toml: ")}}
}
