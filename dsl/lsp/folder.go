package lsp

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
)

// A document is a file that the client has open: its text is the client's, not the disk's.
type document struct {
	*text
	uri     string
	path    string
	version int32
}

// A folder is one package on disk with the client's texts laid over it.
type folder struct {
	dir     string
	disk    []source.File   // as last read, by names relative to dir
	foreign map[string]bool // which of them are of packages that it requires
	require func(fs.FS) (fs.FS, error)
	toml    string
	set     policy.Settings
	about   []source.Diagnostic // thru.toml

	checker dsl.Checker
	files   []source.File // what is checked: disk and open documents
	told    []source.File // what the spans of diags point into; nil before the first check
	diags   []source.Diagnostic
	index   *dsl.Index
	texts   map[int32]*text // by the indexes of policy.Files, as they are asked for
	unread  bool            // the disk is to be read again
	stale   bool            // it is to be checked again
	untold  bool            // what is wrong in it is to be told

	version  int                 // of its text
	proved   int                 // the version that findings are of
	findings []source.Diagnostic // what was proved, as far as edits since left it alone
}

// discover finds the packages below a folder of the workspace: a thru.toml makes one. They are
// read when a document of theirs is opened or symbols are asked for.
func (s *server) discover(root string) {
	seen := 0
	_ = filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		seen++
		switch {
		case seen > maxSeen:
			return fs.SkipAll
		case err != nil:
			return fs.SkipDir // what cannot be read is told when it is opened
		case e.IsDir() && path != root &&
			(strings.HasPrefix(e.Name(), ".") || e.Name() == "node_modules"):
			return fs.SkipDir
		case e.Name() == tomlName && !e.IsDir():
			s.folderAt(filepath.Dir(path)).untold = true
		}
		return nil
	})
}

// maxSeen bounds the looking around in a workspace that is a whole disk. A package that is not
// found so is found when a file of it is opened.
const maxSeen = 20_000

const tomlName = "thru.toml"

func (s *server) folderAt(dir string) *folder {
	f := s.folders[dir]
	if f == nil {
		f = &folder{dir: dir, unread: true, require: s.options.Packages}
		s.folders[dir] = f
	}
	return f
}

// folderOf is the package that a file belongs to: that of the nearest thru.toml above it, else of
// the file's own folder. A book has one, which is on no disk.
func (s *server) folderOf(path string) *folder {
	if s.book != nil {
		return s.book
	}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, tomlName)); err == nil {
			return s.folderAt(dir)
		}
		if dir == filepath.Dir(dir) || slices.Contains(s.roots, dir) {
			return s.folderAt(filepath.Dir(path))
		}
	}
}

// home is the package that tells of a file: the one it belongs to, else, where that does not
// import it, the file's own folder by itself.
func (s *server) home(path string) *folder {
	f := s.folderOf(path)
	s.check(f)
	if f != s.book && filepath.Ext(path) == ".thru" && fileIn(f.told, f, path) < 0 {
		f = s.folderAt(filepath.Dir(path))
		s.check(f)
	}
	return f
}

func (s *server) inUse(f *folder) bool {
	for _, d := range s.docs { //tidy:order whether any is there is the same in any order
		if s.folderOf(d.path) == f {
			return true
		}
	}
	return false
}

// forget drops a folder and what was told of it.
func (s *server) forget(f *folder) {
	delete(s.folders, f.dir)
	for uri := range s.told { //tidy:order each is taken back by itself
		if p := pathOf(uri); within(p, f.dir) && s.docs[p] == nil {
			s.tell(uri, nil, nil)
		}
	}
}

// read reads the folder from disk. What cannot be read is as if it were not there.
func (f *folder) read() {
	f.unread = false
	f.toml, f.set, f.about = "", policy.Settings{}, nil
	b, err := os.ReadFile(filepath.Join(f.dir, tomlName))
	if err != nil {
		f.readFlat()
		return
	}
	disk := os.DirFS(f.dir)
	f.disk, _ = dsl.Files(disk, ".")
	f.foreign = map[string]bool{}
	if whole, err := f.packages(disk); err == nil && whole != disk {
		own := f.disk
		f.disk, _ = dsl.Files(whole, ".")
		for _, x := range f.disk {
			same := func(o source.File) bool { return o.Name == x.Name }
			f.foreign[x.Name] = !slices.ContainsFunc(own, same)
		}
	}
	f.settings(string(b))
}

// packages is the folder with what it requires. Where that is not at hand, an import says so.
func (f *folder) packages(disk fs.FS) (fs.FS, error) {
	if f.require == nil {
		return disk, nil
	}
	return f.require(disk)
}

// readFlat reads a folder that is no package by its own word: a lone file may lie in a home folder
// or at the root of a disk, and what is below is not read.
func (f *folder) readFlat() {
	f.disk = nil
	names, _ := fs.Glob(os.DirFS(f.dir), "*.thru")
	for _, name := range names {
		if info, err := os.Stat(filepath.Join(f.dir, name)); err != nil || !info.Mode().IsRegular() ||
			info.Size() > maxFlat {
			continue
		}
		if b, err := os.ReadFile(filepath.Join(f.dir, name)); err == nil {
			f.disk = append(f.disk, source.File{Name: name, Text: string(b)})
		}
	}
}

// maxFlat bounds a lone file, as one of a package is bounded.
const maxFlat = 16 << 20

func (f *folder) settings(text string) {
	f.toml = text
	f.set, f.about = dsl.SettingsOf(text)
}

// overlay puts the open documents over what is on disk.
func (s *server) overlay(f *folder) {
	f.files = append(f.files[:0:0], f.disk...)
	for _, path := range s.openIn(f) {
		d := s.docs[path]
		name, err := filepath.Rel(f.dir, path)
		name = filepath.ToSlash(name)
		switch {
		case err != nil || strings.HasPrefix(name, "../"):
		case name == tomlName:
			if d.s != f.toml {
				f.settings(d.s)
			}
		case filepath.Ext(name) != ".thru":
		default:
			i := slices.IndexFunc(f.files, func(x source.File) bool { return x.Name == name })
			if i < 0 {
				f.files = append(f.files, source.File{Name: name, Text: d.s})
				continue
			}
			f.files[i].Text = d.s
		}
	}
}

// openIn are the paths of the open documents that lie in a folder, sorted.
func (s *server) openIn(f *folder) []string {
	var out []string
	for path := range s.docs { //tidy:order they are sorted below
		if within(path, f.dir) {
			out = append(out, path)
		}
	}
	slices.Sort(out)
	return out
}

// check brings what is wrong in a folder up to date.
func (s *server) check(f *folder) {
	if f.unread {
		f.read()
		f.stale = true
	}
	if !f.stale && f.told != nil {
		return
	}
	f.stale, f.untold = false, true
	s.overlay(f)
	f.index, f.texts = nil, map[int32]*text{}
	was := f.told
	f.told, f.diags = f.checker.Diagnose(f.files, f.set)
	f.version++
	f.findings = moved(f.findings, was, f.told)
	s.disturb()
	s.hurry()
}

// indexed brings what names stand for up to date as well. The zero Index knows nothing.
func (s *server) indexed(f *folder) *dsl.Index {
	s.check(f)
	if f.index == nil {
		f.index = f.checker.Index(f.files, f.set)
		f.texts = map[int32]*text{}
	}
	return f.index
}

// fileIn is the index of a file among those of a policy, -1 where it is none of them.
func fileIn(files []source.File, f *folder, path string) int32 {
	name, err := filepath.Rel(f.dir, path)
	if err != nil {
		return -1
	}
	return int32(slices.IndexFunc(files, func(x source.File) bool {
		return x.Name == filepath.ToSlash(name)
	}))
}

// textOf is a file of a policy as positions are counted in it.
func (s *server) textOf(f *folder, files []source.File, i int32) *text {
	if d := s.docs[f.pathOf(files[i])]; d != nil && d.s == files[i].Text {
		return d.text
	}
	t := f.texts[i]
	if t == nil || t.s != files[i].Text {
		t = newText(files[i].Text, s.wide)
		f.texts[i] = t
	}
	return t
}

// pathOf is where a file of the folder lies. The standard vocabulary lies in the user's cache, and
// so do required packages, by their bytes.
func (f *folder) pathOf(file source.File) string {
	if name, ok := strings.CutPrefix(file.Name, "std/"); ok {
		return filepath.Join(cacheDir(), "std", name)
	}
	if f.foreign[file.Name] {
		sum := sha256.Sum256([]byte(file.Text))
		return filepath.Join(cacheDir(), "read", hex.EncodeToString(sum[:8]),
			filepath.FromSlash(file.Name))
	}
	return filepath.Join(f.dir, filepath.FromSlash(file.Name))
}

// readOnly reports whether a file is somebody else's: it is shown, not changed.
func (f *folder) readOnly(file source.File) bool {
	return strings.HasPrefix(file.Name, "std/") || f.foreign[file.Name]
}

func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "throughline")
}

// located is a place of a file of the folder. A file of the standard vocabulary or of a required
// package is put where editors can open it.
func (s *server) located(f *folder, files []source.File, at source.Span) location {
	file := files[at.File]
	path := f.pathOf(file)
	if f.readOnly(file) {
		if b, err := os.ReadFile(path); err != nil || string(b) != file.Text {
			_ = os.MkdirAll(filepath.Dir(path), 0o755) // an editor says what it cannot open
			_ = os.WriteFile(path, []byte(file.Text), 0o644)
		}
	}
	return location{URI: s.uri(path), Range: s.textOf(f, files, at.File).span(at)}
}

// uri is a file's URI, as the client wrote it where it has it open.
func (s *server) uri(path string) string {
	if d := s.docs[path]; d != nil {
		return d.uri
	}
	return uriOf(path)
}

func (s *server) opened(_ context.Context, p openParams) (any, error) {
	path := pathOf(p.TextDocument.URI)
	if path == "" {
		return nil, nil // not a file: nothing is known of it
	}
	s.docs[path] = &document{text: newText(p.TextDocument.Text, s.wide), uri: p.TextDocument.URI,
		path: path, version: p.TextDocument.Version}
	f := s.folderOf(path)
	f.unread, f.stale = true, true
	return nil, nil
}

func (s *server) changed(_ context.Context, p changeParams) (any, error) {
	d := s.docs[pathOf(p.TextDocument.URI)]
	if d == nil {
		return nil, nil
	}
	for _, c := range p.ContentChanges {
		d.text = newText(d.apply(c), s.wide)
	}
	d.version = p.TextDocument.Version
	s.touch(d.path)
	return nil, nil
}

// touch marks all folders that a path lies in: one may be imported by the one above it.
func (s *server) touch(path string) {
	for dir, f := range s.folders { //tidy:order each is marked by itself
		if within(path, dir) {
			f.stale = true
		}
	}
}

func (s *server) saved(_ context.Context, p documentParams) (any, error) {
	s.reread(pathOf(p.TextDocument.URI))
	return nil, nil
}

func (s *server) closed(_ context.Context, p documentParams) (any, error) {
	path := pathOf(p.TextDocument.URI)
	if d := s.docs[path]; d != nil {
		f := s.folderOf(path)
		delete(s.docs, path)
		s.reread(path)
		if len(s.openIn(f)) == 0 && !slices.ContainsFunc(s.roots, func(r string) bool {
			return within(f.dir, r)
		}) {
			s.forget(f)
		}
	}
	return nil, nil
}

// reread marks the folders of a path to be read again.
func (s *server) reread(path string) {
	for dir, f := range s.folders { //tidy:order each is marked by itself
		if within(path, dir) {
			f.unread, f.stale = true, true
		}
	}
}

func (s *server) watched(_ context.Context, p watchedParams) (any, error) {
	for _, c := range p.Changes {
		path := pathOf(c.URI)
		if path == "" {
			continue
		}
		if filepath.Base(path) == tomlName {
			s.folderAt(filepath.Dir(path))
		}
		s.reread(path)
	}
	return nil, nil
}

// here is what a request is about: a document's folder with its index.
type here struct {
	s     *server
	d     *document
	f     *folder
	x     *dsl.Index
	file  int32
	files []source.File
}

// at finds what a request is about; false where the document is not open or no policy file.
func (s *server) at(uri string) (here, bool) {
	d := s.docs[pathOf(uri)]
	if d == nil || filepath.Ext(d.path) != ".thru" {
		return here{}, false
	}
	f := s.home(d.path)
	x := s.indexed(f)
	h := here{s: s, d: d, f: f, x: x, files: x.Texts, file: fileIn(x.Texts, f, d.path)}
	return h, h.file >= 0
}
