package pack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"
)

// An index is packages as plain files, in a folder or on a web server:
//
//	thru-index                       says that this is one
//	fmcg.listing/versions            the releases, as in thru.lock
//	fmcg.listing/fmcg.listing@1.0.0.zip
//
// Nothing in it depends on where it lies. A folder that thru publish has written can be copied to
// any web server.
const (
	IndexMark = "thru-index"
	IndexText = "throughline packages, form 1\n"
)

// What can be wrong with an index.
var (
	ErrIndex     = errors.New("not an index of packages")
	ErrPublished = errors.New("published already with other bytes")
	ErrBusy      = errors.New("somebody else is publishing")
)

// VersionsAt is where the versions of a package stand in an index.
func VersionsAt(name string) string { return name + "/versions" }

// ArchiveAt is where a package's archive lies in an index.
func ArchiveAt(id ID) string { return id.Name + "/" + id.file() }

// ParseVersions reads the versions of a package in an index, ascending.
func ParseVersions(name string, text []byte) ([]Release, error) {
	list, err := parseReleases(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrIndex, VersionsAt(name), err)
	}
	for _, r := range list {
		if r.Name != name {
			return nil, fmt.Errorf("%w: %s tells of %s", ErrIndex, VersionsAt(name), r.Name)
		}
	}
	slices.SortFunc(list, func(a, b Release) int { return newer(a.Version, b.Version) })
	return list, nil
}

// AppendVersions writes the versions of a package as they stand in an index.
func AppendVersions(dst []byte, list []Release) []byte { return appendReleases(dst, list) }

// FindRelease finds a version in a list of releases.
func FindRelease(list []Release, id ID) (Release, error) {
	for _, r := range list {
		if r.ID == id {
			return r, nil
		}
	}
	return Release{}, fmt.Errorf("%w: %s", ErrUnknown, id)
}

// Open reads the archive of a release, and refuses one that is another package or has other bytes.
func (r Release) Open(archive []byte) (*Package, error) {
	p, err := Unpack(archive)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.ID, err)
	}
	return p, r.is(p)
}

// Outcome is what came of publishing.
type Outcome string

// The outcomes: a version is published once, with one content; signatures may come later.
const (
	Published Outcome = "published"
	Signed    Outcome = "signed" // it was there, with these bytes; signatures are new
	There     Outcome = "there"  // it was there as it is
)

// Publishing adds a package to the releases of its name: what there is then, and what comes of it.
// A version that is there with other bytes is an error.
func Publishing(list []Release, p *Package) ([]Release, Outcome, error) {
	for i, r := range list {
		switch {
		case r.ID != p.ID:
			continue
		case r.Hash != p.Hash:
			return nil, "", fmt.Errorf("%s: %w: %s; raise version in thru.toml", p.ID, ErrPublished, r.Hash)
		}
		signed := merge(r.Signed, p.Signed)
		if slices.Equal(signed, r.Signed) {
			return list, There, nil
		}
		list = slices.Clone(list)
		list[i].Signed = signed
		return list, Signed, nil
	}
	return append(slices.Clone(list), Release{p.ID, p.Hash, p.Signed}), Published, nil
}

// Index is an index in a folder.
type Index struct {
	dir  string
	fsys fs.FS
}

// IndexIn is the index in a folder, which is made with the first package.
func IndexIn(dir string) *Index { return &Index{dir, os.DirFS(dir)} }

func (x *Index) releases(name string) ([]Release, error) {
	if err := (ID{name, "0.0.0"}).Check(); err != nil {
		return nil, err
	}
	text, err := fs.ReadFile(x.fsys, VersionsAt(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return ParseVersions(name, text)
}

// Versions implements Source.
func (x *Index) Versions(_ context.Context, name string) (out []string, err error) {
	list, err := x.releases(name)
	for _, r := range list {
		out = append(out, r.Version)
	}
	return out, err
}

// Fetch implements Source.
func (x *Index) Fetch(_ context.Context, id ID) (*Package, error) {
	list, err := x.releases(id.Name)
	if err != nil {
		return nil, err
	}
	r, err := FindRelease(list, id)
	if err != nil {
		return nil, err
	}
	b, err := readArchive(x.fsys, ArchiveAt(id))
	if err != nil {
		return nil, err
	}
	return r.Open(b)
}

// patience is how long one who publishes waits for another.
const patience = 5 * time.Second

// Publish adds a package. The archive is there before the list tells of it.
func (x *Index) Publish(ctx context.Context, p *Package) (out Outcome, err error) {
	nothing := func(string) error { return nil }
	dir := filepath.Join(x.dir, p.Name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	free, err := claim(ctx, filepath.Join(dir, ".publishing"))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, free()) }()
	list, err := x.releases(p.Name)
	if err != nil {
		return "", err
	}
	list, out, err = Publishing(list, p)
	if err != nil || out == There {
		return out, err
	}
	mark := filepath.Join(x.dir, IndexMark)
	if _, err := os.Stat(mark); errors.Is(err, fs.ErrNotExist) {
		if err := place(mark, []byte(IndexText), nothing); err != nil {
			return "", err
		}
	}
	if out == Published {
		at := filepath.Join(x.dir, filepath.FromSlash(ArchiveAt(p.ID)))
		if err := place(at, p.Archive(), nothing); err != nil {
			return "", err
		}
	}
	at := filepath.Join(x.dir, filepath.FromSlash(VersionsAt(p.Name)))
	return out, place(at, AppendVersions(nil, list), nothing)
}

// claim makes a file that only one can make, and returns what takes it away.
func claim(ctx context.Context, name string) (func() error, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL, 0o644)
		if err == nil {
			return func() error { return os.Remove(name) }, f.Close()
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: if nobody is, remove %s", ErrBusy, name)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// isIndex reports whether a folder holds an index.
func isIndex(fsys fs.FS) bool {
	b, err := fs.ReadFile(fsys, path.Clean(IndexMark))
	return err == nil && string(b) == IndexText
}
