package pack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/throughline/throughline/dsl"
)

// Change is what adding, removing or updating packages does to a workspace. Nothing is written
// before Write.
type Change struct {
	Before, After []Locked
	Packages      []*Package // of After
	toml          []byte
}

// Want is what a workspace is to require: a version of each name; "" removes one.
type Want map[string]string

// Prepare works out a change of a workspace's requirements. A version that is asked for now
// replaces the one of thru.toml, be it greater or less.
func Prepare(ctx context.Context, workspace fs.FS, s Source, want Want) (*Change, error) {
	m, diags, err := dsl.ReadManifest(workspace, ".")
	if err != nil {
		return nil, err
	}
	if dsl.HasErrors(diags) {
		return nil, fmt.Errorf("%w: see thru check", ErrManifest)
	}
	text, err := fs.ReadFile(workspace, "thru.toml")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	requires := maps.Clone(m.Requires)
	if requires == nil {
		requires = map[string]string{}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		v := want[name]
		if _, there := requires[name]; v == "" && !there {
			return nil, fmt.Errorf("%w: %s is not in [requires]", ErrUnknown, name)
		}
		if text = require(text, name, v); v == "" {
			delete(requires, name)
		} else {
			requires[name] = v
		}
	}
	c := &Change{toml: text}
	if c.Before, err = ReadLock(workspace); err != nil {
		return nil, err
	}
	// What is there already need not be fetched again, and cannot be changed by its source.
	all := Sources{kept(workspace, c.Before), s}
	if c.Packages, err = Select(ctx, all, requires); err != nil {
		return nil, err
	}
	for _, p := range c.Packages {
		c.After = append(c.After, Locked{p.ID, p.Hash})
	}
	return c, c.same()
}

// same refuses a version whose bytes are not those of the lock: a version is published once.
func (c *Change) same() error {
	for _, l := range c.After {
		for _, was := range c.Before {
			if was.ID == l.ID && was.Hash != l.Hash {
				return fmt.Errorf("%s: %w: %s came, %s is locked", l.ID, ErrChanged, l.Hash, was.Hash)
			}
		}
	}
	return nil
}

// kept is the packages that the workspace has, as far as they are what the lock says.
func kept(workspace fs.FS, locked []Locked) Packages {
	var out Packages
	for _, l := range locked {
		b, err := fs.ReadFile(workspace, Store+"/"+l.file())
		if err != nil {
			continue
		}
		if p, err := Unpack(b); err == nil && p.ID == l.ID && p.Hash == l.Hash {
			out = append(out, p)
		}
	}
	return out
}

// Preview is the workspace as it would be.
func (c *Change) Preview(workspace fs.FS) fs.FS {
	o := &overlay{base: workspace}
	for _, p := range c.Packages {
		if _, err := fs.Stat(workspace, p.Folder()); err != nil {
			o.mounts = append(o.mounts, mount{p.Folder(), p.FS()})
		}
	}
	return o
}

// Write makes the change in a folder: archives first, then the lock, then thru.toml, each put in
// place at once. Stopped half-way the workspace is as before, with archives that nothing names.
func (c *Change) Write(dir string) error {
	store := filepath.Join(dir, filepath.FromSlash(Store))
	if len(c.Packages) > 0 {
		if err := os.MkdirAll(store, 0o755); err != nil {
			return err
		}
	}
	for _, p := range c.Packages {
		if err := place(filepath.Join(store, p.file()), p.Archive()); err != nil {
			return err
		}
	}
	if err := place(filepath.Join(dir, LockFile), AppendLock(nil, c.After)); err != nil {
		return err
	}
	if err := place(filepath.Join(dir, "thru.toml"), c.toml); err != nil {
		return err
	}
	for _, l := range c.Before {
		if !slices.ContainsFunc(c.After, func(k Locked) bool { return k.ID == l.ID }) {
			err := os.Remove(filepath.Join(store, l.file()))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// place writes a file beside its place and then moves it there.
func place(name string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// Step is what a change does to one package, as people and programs are told.
type Step struct {
	Name    string `json:"name"`
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
	Hash    string `json:"hash,omitempty"`
	Title   string `json:"title,omitempty"`
	License string `json:"license,omitempty"`
}

// Steps lists what changes, by name.
func (c *Change) Steps() []Step {
	at := map[string]*Step{}
	for _, l := range c.Before {
		at[l.Name] = &Step{Name: l.Name, From: l.Version}
	}
	for _, p := range c.Packages {
		if s := at[p.Name]; s != nil && s.From == p.Version {
			delete(at, p.Name)
			continue
		}
		s := at[p.Name]
		if s == nil {
			s = &Step{Name: p.Name}
			at[p.Name] = s
		}
		s.To, s.Hash, s.Title, s.License = p.Version, p.Hash, p.Manifest.Title, p.Manifest.License
	}
	var out []Step
	for _, name := range slices.Sorted(maps.Keys(at)) {
		out = append(out, *at[name])
	}
	return out
}
