// Package pack keeps the packages that a workspace requires: which versions, from where, and that
// their bytes are the ones that were agreed on.
//
// A package is a folder of policy text with a thru.toml. Packed it is a zip archive whose bytes
// depend on nothing but the files. What a workspace requires stands in its thru.toml; which
// versions that comes to is worked out by minimal version selection (Cox, "Version SAT" and
// "Minimal Version Selection", 2018: the greatest of the least versions anybody asks for) and
// written to thru.lock with a hash over the files' contents. The archives lie in .thru/packages;
// whatever reads the workspace through Open sees each as a sub-folder.
package pack

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/semver"
	"golang.org/x/mod/sumdb/dirhash"

	"github.com/throughline/throughline/dsl"
)

// The limits of a package. What is larger was not written by people.
const (
	MostFiles = 500
	MostBytes = 8 << 20 // of all files together, unpacked
	MostFile  = 2 << 20

	MostArchive = MostBytes + 1<<20 // what does not shrink, with the names of the files
)

// ID names one version of a package.
type ID struct {
	Name    string // dotted: fmcg.listing
	Version string // semantic, without a v: 1.2.0
}

// String is NAME@VERSION.
func (id ID) String() string { return id.Name + "@" + id.Version }

// Folder is where the package's files stand in a workspace that requires it.
func (id ID) Folder() string { return strings.ReplaceAll(id.Name, ".", "/") }

// file is the name of the package's archive.
func (id ID) file() string { return id.String() + ".zip" }

var (
	nameForm = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)
	hashForm = regexp.MustCompile(`^h1:[A-Za-z0-9+/]{43}=$`)
)

// Names are parts of paths, of addresses and of lines; nobody needs longer ones.
const (
	mostName    = 100
	mostVersion = 60
)

// Check says what is wrong with a name and version; nil: nothing.
func (id ID) Check() error {
	if len(id.Name) > mostName || !nameForm.MatchString(id.Name) {
		return fmt.Errorf("%w: %.200q; names are like fmcg.listing", ErrName, id.Name)
	}
	if dsl.Standard(id.Name) {
		return fmt.Errorf("%w: %s comes with the program", ErrName, id.Name)
	}
	if len(id.Version) > mostVersion || semver.Canonical("v"+id.Version) != "v"+id.Version {
		return fmt.Errorf("%w: %s has version %.200q; versions are like 1.2.0",
			ErrVersion, id.Name, id.Version)
	}
	return nil
}

// Newer reports whether version a is newer than b.
func Newer(a, b string) bool { return newer(a, b) > 0 }

// newer orders versions.
func newer(a, b string) int { return semver.Compare("v"+a, "v"+b) }

// What can be wrong with packages.
var (
	ErrName     = errors.New("not a package's name")
	ErrVersion  = errors.New("not a version")
	ErrUnknown  = errors.New("no such package")
	ErrChanged  = errors.New("the bytes are not the ones of thru.lock")
	ErrTooLarge = errors.New("too large for a package")
	ErrPath     = errors.New("a path that packages cannot have")
	ErrManifest = errors.New("thru.toml does not name the package")
	ErrLanguage = errors.New("written in a newer language")
	ErrNotThere = errors.New("required, but not fetched")
	ErrLock     = errors.New("thru.lock cannot be read")
	ErrClash    = errors.New("two packages of one name")
	ErrLies     = errors.New("the source has other bytes than it says")
)

// Package is one version of a package, read whole.
type Package struct {
	ID
	Manifest dsl.Manifest
	Hash     string // h1: as of Go's module hashes: SHA-256 over names and contents of the files
	Signed   []Signature

	files map[string][]byte
	names []string // ascending

	archive []byte
}

// Read reads a package from the folder dir of a file system. Only what belongs to a package is
// taken: thru.toml, policy text, records for its tests, pages about it.
func Read(fsys fs.FS, dir string) (*Package, error) {
	p := &Package{files: map[string][]byte{}}
	size := 0
	err := fs.WalkDir(fsys, dir, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir():
			if name != dir && apartFrom(fsys, dir, name) {
				return fs.SkipDir
			}
			return nil
		}
		rel := strings.TrimPrefix(strings.TrimPrefix(name, dir), "/")
		if dir == "." {
			rel = name
		}
		if !belongs(rel) {
			return nil
		}
		if !e.Type().IsRegular() {
			return fmt.Errorf("%w: %s is no plain file", ErrPath, rel)
		}
		if !Portable(rel) {
			return fmt.Errorf("%w: %q", ErrPath, rel)
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		size += int(info.Size())
		if info.Size() > MostFile || size > MostBytes || len(p.files) == MostFiles {
			return fmt.Errorf("%w: at %s; %d files of %d MB in all at most",
				ErrTooLarge, rel, MostFiles, MostBytes>>20)
		}
		b, err := fs.ReadFile(fsys, name)
		p.files[rel] = b
		return err
	})
	if err != nil {
		return nil, err
	}
	return p, p.complete()
}

// apartFrom reports whether a folder below a package's is no part of it: hidden ones, what it
// requires where that is at hand, and packages of their own.
func apartFrom(fsys fs.FS, dir, name string) bool {
	if strings.HasPrefix(path.Base(name), ".") || name == path.Join(dir, Vendor) {
		return true
	}
	_, err := fs.Stat(fsys, path.Join(name, "thru.toml"))
	return err == nil
}

// belongs reports whether a file is part of a package.
func belongs(name string) bool {
	if strings.HasPrefix(path.Base(name), ".") || path.Base(name) == "thru.lock" {
		return false
	}
	switch path.Ext(name) {
	case ".thru", ".ndjson", ".csv", ".md":
		return true
	}
	return name == "thru.toml" || name == "LICENSE" || name == "NOTICE"
}

// Portable reports whether a file of a name can be written everywhere, and nowhere but in its
// place: systems differ in what they make of signs, of dots at the end and of devices.
func Portable(name string) bool {
	if len(name) > 200 || !utf8.ValidString(name) || strings.ContainsAny(name, "\\:*?\"<>|") ||
		strings.ContainsFunc(name, unicode.IsControl) {
		return false
	}
	for part := range strings.SplitSeq(name, "/") {
		stem, _, _ := strings.Cut(part, ".")
		if strings.HasSuffix(part, ".") || strings.HasSuffix(part, " ") || device.MatchString(stem) ||
			strings.HasPrefix(part, ".") {
			return false
		}
	}
	return true
}

var device = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com\d|lpt\d)$`)

// apart refuses names that some systems take for one, and a file where a folder is.
func apart(names []string) error {
	met := map[string]string{}
	add := func(name, kind string) error {
		low := strings.ToLower(name)
		if was, ok := met[low]; ok && was != kind+name {
			return fmt.Errorf("%w: %q beside another of that name", ErrPath, name)
		}
		met[low] = kind + name
		return nil
	}
	for _, name := range names {
		if err := add(name, ""); err != nil {
			return err
		}
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if err := add(dir, "folder "); err != nil {
				return err
			}
		}
	}
	return nil
}

// complete reads the manifest, checks it and works out the hash.
func (p *Package) complete() error {
	for name := range p.files { //tidy:order sorted right below
		p.names = append(p.names, name)
	}
	slices.Sort(p.names)
	if err := apart(p.names); err != nil {
		return err
	}
	archive, err := p.pack()
	if err != nil {
		return err
	}
	in, err := zipped(archive)
	if err != nil {
		return err
	}
	m, diags, err := dsl.ReadManifest(in, ".")
	if err != nil {
		return err
	}
	if m.Language > dsl.Language {
		return fmt.Errorf("%w: %s needs language %d, this program knows %d; get a newer thru",
			ErrLanguage, ID{m.Name, m.Version}, m.Language, dsl.Language)
	}
	if dsl.HasErrors(diags) || m.Name == "" || m.Version == "" {
		return fmt.Errorf("%w: give it a name and a version", ErrManifest)
	}
	p.Manifest = m
	p.ID = ID{m.Name, m.Version}
	if err := p.Check(); err != nil {
		return err
	}
	for name, v := range m.Requires { //tidy:order any wrong one will do
		if err := (ID{name, v}).Check(); err != nil {
			return fmt.Errorf("[requires] of %s: %w", p.ID, err)
		}
	}
	p.archive = archive
	p.Hash, err = dirhash.Hash1(p.names, func(name string) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(p.files[name])), nil
	})
	return err
}

// Archive is the package packed.
func (p *Package) Archive() []byte { return p.archive }

// FS is the package's files.
func (p *Package) FS() fs.FS {
	in, err := zipped(p.archive)
	if err != nil {
		panic(err) // we have made it
	}
	return in
}

// pack makes the archive. Equal files make equal bytes: names are in order, there are no times.
func (p *Package) pack() ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range p.names {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(p.files[name]); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Unpack reads an archive. It takes nothing that Read would not take, and no path that leads out
// of the package; it stops at the limits whatever the archive says of its sizes.
func Unpack(archive []byte) (*Package, error) {
	if len(archive) > MostArchive {
		return nil, fmt.Errorf("%w: an archive of more than %d MB", ErrTooLarge, MostArchive>>20)
	}
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	p := &Package{files: map[string][]byte{}}
	size := 0
	for _, f := range z.File {
		name := f.Name
		dir, ok := strings.CutSuffix(name, "/")
		if ok && fs.ValidPath(dir) && len(z.File) <= 2*MostFiles {
			continue // packers other than ours list folders
		}
		switch {
		case !fs.ValidPath(name), !Portable(name), !belongs(name),
			!f.Mode().IsRegular():
			return nil, fmt.Errorf("%w: %q", ErrPath, name)
		case p.files[name] != nil:
			return nil, fmt.Errorf("%w: %q twice", ErrPath, name)
		case len(p.files) == MostFiles:
			return nil, fmt.Errorf("%w: more than %d files", ErrTooLarge, MostFiles)
		}
		b, err := inflate(f)
		if err != nil {
			return nil, err
		}
		if size += len(b); size > MostBytes {
			return nil, fmt.Errorf("%w: more than %d MB", ErrTooLarge, MostBytes>>20)
		}
		p.files[name] = b
	}
	return p, p.complete()
}

func inflate(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, MostFile+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	if len(b) > MostFile {
		return nil, fmt.Errorf("%w: %s has more than %d MB", ErrTooLarge, f.Name, MostFile>>20)
	}
	if b == nil {
		b = []byte{}
	}
	return b, nil
}
