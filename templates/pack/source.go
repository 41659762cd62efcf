package pack

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/templates"
)

// Source is a place that packages come from.
type Source interface {
	// Versions lists the versions of a package, ascending; none: the source does not know it.
	Versions(ctx context.Context, name string) ([]string, error)
	// Fetch returns one of them.
	Fetch(ctx context.Context, id ID) (*Package, error)
}

// Sources are asked one after the other: the first that has a version of the name speaks for it.
type Sources []Source

// Versions lists the versions of a package.
func (s Sources) Versions(ctx context.Context, name string) ([]string, error) {
	for _, x := range s {
		if v, err := x.Versions(ctx, name); err != nil || len(v) > 0 {
			return v, err
		}
	}
	return nil, nil
}

// Fetch returns a version of a package from the first source that has it.
func (s Sources) Fetch(ctx context.Context, id ID) (*Package, error) {
	var known []string
	for _, x := range s {
		v, err := x.Versions(ctx, id.Name)
		if err != nil {
			return nil, err
		}
		if slices.Contains(v, id.Version) {
			p, err := x.Fetch(ctx, id)
			if err == nil && p.ID != id {
				err = fmt.Errorf("%w: asked for %s, got %s", ErrChanged, id, p.ID)
			}
			return p, err
		}
		known = append(known, v...)
	}
	if len(known) > 0 {
		slices.SortFunc(known, newer)
		return nil, fmt.Errorf("%w: %s; there are %v", ErrUnknown, id, slices.Compact(known))
	}
	return nil, fmt.Errorf("%w: %s", ErrUnknown, id.Name)
}

// Routes are sources that speak for the packages whose names begin with a word: nobody else is
// asked for those, so that who publishes a name elsewhere cannot get in between.
type Routes struct {
	Under map[string]Source // acme: acme and all of acme.*; the longest that fits
	Else  Source            // for all others
}

func (r Routes) of(name string) Source {
	if key, ok := Under(r.Under, name); ok {
		return r.Under[key]
	}
	return r.Else
}

// Versions implements Source.
func (r Routes) Versions(ctx context.Context, name string) ([]string, error) {
	return r.of(name).Versions(ctx, name)
}

// Fetch implements Source.
func (r Routes) Fetch(ctx context.Context, id ID) (*Package, error) {
	return r.of(id.Name).Fetch(ctx, id)
}

// Latest is the greatest version of a package that is no pre-release, else the greatest.
func Latest(ctx context.Context, s Source, name string) (ID, error) {
	v, err := s.Versions(ctx, name)
	if err != nil {
		return ID{}, err
	}
	if len(v) == 0 {
		return ID{}, fmt.Errorf("%w: %s", ErrUnknown, name)
	}
	for i := len(v) - 1; i >= 0; i-- {
		if semver.Prerelease("v"+v[i]) == "" {
			return ID{name, v[i]}, nil
		}
	}
	return ID{name, v[len(v)-1]}, nil
}

// folders is a source of packages that are folders of a file system, a version each.
type folders struct {
	fsys fs.FS
	at   map[ID]string
	ids  []ID
}

// Library is the library that this program carries.
func Library() (Source, error) { return Folders(templates.Files) }

// Folders is the packages in the folders of a file system, at any depth. A folder whose thru.toml
// names no package is passed over, and so is what a package in one of them has fetched. The others
// are read when they are fetched, so that a package with a fault harms nobody who does not ask for
// it, and who does is told what the fault is.
func Folders(fsys fs.FS) (Source, error) {
	f := &folders{fsys: fsys, at: map[ID]string{}}
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() && name != "." &&
			(e.Name() == Vendor || strings.HasPrefix(e.Name(), ".")) {
			return fs.SkipDir
		}
		if err != nil || e.IsDir() || e.Name() != "thru.toml" {
			return err
		}
		dir := path.Dir(name)
		m, _, err := dsl.ReadManifest(fsys, dir)
		id := ID{m.Name, m.Version}
		if err != nil || id.Check() != nil {
			return nil // a workspace's own folder, or a package that is being written
		}
		if at, ok := f.at[id]; ok {
			return fmt.Errorf("%w: %s in %s and %s", ErrClash, id, at, dir)
		}
		f.at[id] = dir
		f.ids = append(f.ids, id)
		return nil
	})
	return f, err
}

// Versions implements Source.
func (f *folders) Versions(_ context.Context, name string) (out []string, err error) {
	for _, id := range f.ids {
		if id.Name == name {
			out = append(out, id.Version)
		}
	}
	slices.SortFunc(out, newer)
	return out, nil
}

// Fetch implements Source.
func (f *folders) Fetch(_ context.Context, id ID) (*Package, error) {
	return Read(f.fsys, f.at[id])
}

// Packages is a source of packages at hand, such as an archive somebody sent.
type Packages []*Package

// Versions implements Source.
func (l Packages) Versions(_ context.Context, name string) (out []string, err error) {
	for _, p := range l {
		if p.Name == name {
			out = append(out, p.Version)
		}
	}
	slices.SortFunc(out, newer)
	return out, nil
}

// Fetch implements Source.
func (l Packages) Fetch(_ context.Context, id ID) (*Package, error) {
	for _, p := range l {
		if p.ID == id {
			return p, nil
		}
	}
	return nil, fmt.Errorf("%w: %s", ErrUnknown, id)
}

// At is the packages of a folder, an index or an archive on disk.
func At(name string) (Source, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		if isIndex(os.DirFS(name)) {
			return IndexIn(name), nil
		}
		return Folders(os.DirFS(name))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p, err := Unpack(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return Packages{p}, nil
}
