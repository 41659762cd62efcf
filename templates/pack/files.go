package pack

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// zipped is an archive as a file system.
func zipped(archive []byte) (fs.FS, error) {
	return zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
}

// overlay is a workspace's folder with the packages it requires as sub-folders.
type overlay struct {
	base   fs.FS
	mounts []mount
}

type mount struct {
	dir string // fmcg/listing
	fs  fs.FS
}

// within returns the package that a name lies in, and its name there: the innermost, since acme
// and acme.shelf are two.
func (o *overlay) within(name string) (in fs.FS, rest string) {
	longest := -1
	for _, m := range o.mounts {
		if len(m.dir) <= longest {
			continue
		}
		if name == m.dir {
			in, rest, longest = m.fs, ".", len(m.dir)
		} else if r, ok := strings.CutPrefix(name, m.dir+"/"); ok {
			in, rest, longest = m.fs, r, len(m.dir)
		}
	}
	return in, rest
}

// Open opens a file or a folder of the workspace or of a package.
func (o *overlay) Open(name string) (fs.File, error) {
	if in, rest := o.within(name); in != nil {
		return in.Open(rest)
	}
	return o.base.Open(name)
}

// ReadDir lists a folder: its own files and what leads to packages.
func (o *overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	from, at := o.base, name
	if in, rest := o.within(name); in != nil {
		from, at = in, rest
	}
	out, err := fs.ReadDir(from, at)
	prefix := name + "/"
	if name == "." {
		prefix = ""
	}
	if name == "." {
		// Its packages stand in their places; as folders of the workspace they would be there twice.
		out = slices.DeleteFunc(out, func(e fs.DirEntry) bool { return e.Name() == Vendor })
	}
	found := false
	for _, m := range o.mounts {
		rest, ok := strings.CutPrefix(m.dir, prefix)
		if !ok {
			continue
		}
		found = true
		first, _, _ := strings.Cut(rest, "/")
		if !slices.ContainsFunc(out, func(e fs.DirEntry) bool { return e.Name() == first }) {
			out = append(out, folder(first))
		}
	}
	if err != nil && !(found && errors.Is(err, fs.ErrNotExist)) {
		return nil, err
	}
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return out, nil
}

// folder is an entry for a folder that only leads to packages.
type folder string

func (f folder) Name() string               { return path.Base(string(f)) }
func (f folder) IsDir() bool                { return true }
func (f folder) Type() fs.FileMode          { return fs.ModeDir }
func (f folder) Info() (fs.FileInfo, error) { return f, nil }
func (f folder) Size() int64                { return 0 }
func (f folder) Mode() fs.FileMode          { return fs.ModeDir | 0o555 }
func (f folder) ModTime() time.Time         { return time.Time{} }
func (f folder) Sys() any                   { return nil }

// With is a file system with one more file in its first folder.
func With(in fs.FS, name string, text []byte) fs.FS { return &extra{in, name, text} }

type extra struct {
	fs.FS
	name string
	text []byte
}

// Open opens the file or one of the others.
func (x *extra) Open(name string) (fs.File, error) {
	if name == x.name {
		return &opened{bytes.NewReader(x.text), x}, nil
	}
	return x.FS.Open(name)
}

// ReadDir lists a folder.
func (x *extra) ReadDir(name string) ([]fs.DirEntry, error) {
	out, err := fs.ReadDir(x.FS, name)
	if err == nil && name == "." {
		out = append(out, fs.FileInfoToDirEntry(x.info()))
	}
	return out, err
}

func (x *extra) info() fs.FileInfo { return fileInfo{folder(x.name), int64(len(x.text))} }

type opened struct {
	*bytes.Reader
	of *extra
}

func (o *opened) Stat() (fs.FileInfo, error) { return o.of.info(), nil }
func (o *opened) Close() error               { return nil }

// fileInfo is what there is to know of a file that is none.
type fileInfo struct {
	folder
	size int64
}

func (f fileInfo) IsDir() bool       { return false }
func (f fileInfo) Type() fs.FileMode { return 0 }
func (f fileInfo) Size() int64       { return f.size }
func (f fileInfo) Mode() fs.FileMode { return 0o444 }
