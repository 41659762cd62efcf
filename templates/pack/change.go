package pack

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/throughline/throughline/dsl"
)

// ErrRaced is the error of a file that somebody else has written meanwhile.
var ErrRaced = errors.New("changed meanwhile; try again")

// Change is what adding, removing or updating packages does to a workspace. Nothing is written
// before Write.
type Change struct {
	Before, After []Release
	Packages      []*Package // of After
	was, toml     []byte     // thru.toml; was is nil where there is none
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
	was, err := fs.ReadFile(workspace, "thru.toml")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	text := was
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
	c := &Change{toml: text, was: was}
	if c.Before, err = ReadLock(workspace); err != nil {
		return nil, err
	}
	trust, err := NewTrust(m.Trust)
	if err != nil {
		return nil, err
	}
	// What is there already need not be fetched again, and cannot be changed by its source.
	all := Sources{kept(workspace, c.Before, trust), s}
	if c.Packages, err = Select(ctx, all, requires); err != nil {
		return nil, err
	}
	for _, p := range c.Packages {
		r := Release{p.ID, p.Hash, p.Signed}
		if _, err := trust.Check(r); err != nil {
			return nil, err
		}
		c.After = append(c.After, r)
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

// kept is the packages that the workspace has, as far as they are what the lock says and signed as
// they must be now: one that is not is fetched again, perhaps somebody has signed it meanwhile.
func kept(workspace fs.FS, locked []Release, trust Trust) Packages {
	var out Packages
	for _, r := range locked {
		if _, err := trust.Check(r); err != nil {
			continue
		}
		p, err := r.stored(workspace)
		if err != nil {
			p, err = r.read(workspace) // a copy in vendor will do
		}
		if err == nil {
			out = append(out, p)
		}
	}
	return out
}

// Kept is the packages that a workspace has, as far as they are what its lock says.
func Kept(workspace fs.FS) (Packages, error) {
	locked, err := ReadLock(workspace)
	return kept(workspace, locked, Trust{}), err
}

// Writes reports whether writing the change alters thru.toml or thru.lock.
func (c *Change) Writes() bool {
	return !bytes.Equal(c.was, c.toml) ||
		!bytes.Equal(AppendLock(nil, c.Before), AppendLock(nil, c.After))
}

// Preview is the workspace as it would be.
func (c *Change) Preview(workspace fs.FS) fs.FS {
	o := &overlay{base: workspace}
	for _, p := range c.Packages {
		if !hidden(workspace, p.ID) {
			o.mounts = append(o.mounts, mount{p.Folder(), p.FS()})
		}
	}
	return o
}

// Alone is the packages by themselves, as a workspace sees them that has nothing of its own.
func (c *Change) Alone() fs.FS { return c.Preview(embed.FS{}) }

// Write makes the change in a folder.
func (c *Change) Write(dir string) error { return c.write(dir, func(string) error { return nil }) }

// write makes the change in steps, and calls before ahead of each. What is read by goes by
// thru.lock alone, so that putting the lock in place is the step that makes the change: before it
// all is as it was, with archives that nothing names and a wish in thru.toml; after it all is new.
// An error takes the wish back. Whatever a stopped write leaves is put right by the next one.
func (c *Change) write(dir string, before func(step string) error) error {
	store := filepath.Join(dir, filepath.FromSlash(Store))
	if len(c.Packages) > 0 {
		if err := os.MkdirAll(store, 0o755); err != nil {
			return err
		}
	}
	for _, p := range c.Packages {
		if _, err := (Release{ID: p.ID, Hash: p.Hash}).stored(os.DirFS(dir)); err == nil {
			continue
		}
		if err := place(filepath.Join(store, p.file()), p.Archive(), before); err != nil {
			return err
		}
	}
	toml := filepath.Join(dir, "thru.toml")
	now, err := os.ReadFile(toml)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !bytes.Equal(now, c.was) {
		return fmt.Errorf("%s: %w", toml, ErrRaced)
	}
	if err := place(toml, c.toml, before); err != nil {
		return err
	}
	if err := place(filepath.Join(dir, LockFile), AppendLock(nil, c.After), before); err != nil {
		return errors.Join(err, c.undo(toml))
	}
	for _, r := range c.Before {
		if slices.ContainsFunc(c.After, func(k Release) bool { return k.ID == r.ID }) {
			continue
		}
		if err := before("remove " + r.file()); err != nil {
			return err
		}
		err := os.Remove(filepath.Join(store, r.file()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// undo puts thru.toml back.
func (c *Change) undo(toml string) error {
	if c.was == nil {
		return os.Remove(toml)
	}
	return place(toml, c.was, func(string) error { return nil })
}

// place writes a file beside its place, waits for the disk, and then moves it there: whoever reads
// it sees the old file whole or the new one.
func place(name string, b []byte, before func(step string) error) error {
	base := filepath.Base(name)
	if err := before("write " + base); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+base+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = before("rename " + base)
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncFolder(filepath.Dir(name))
}

// syncFolder waits until the disk has the names in a folder. Systems that cannot do that do not
// need it.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, errors.ErrUnsupported) || os.IsPermission(err) || runtime.GOOS == "windows" {
		err = nil
	}
	return errors.Join(err, d.Close())
}

// Step is what a change does to one package, as people and programs are told.
type Step struct {
	Name    string `json:"name"`
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
	Hash    string `json:"hash,omitempty"`
	Title   string `json:"title,omitempty"`
	License string `json:"license,omitempty"`

	Signed []string `json:"signed,omitempty"` // the names of those who have signed it
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
		for _, sig := range p.Signed {
			s.Signed = append(s.Signed, sig.Signer())
		}
	}
	var out []Step
	for _, name := range slices.Sorted(maps.Keys(at)) {
		out = append(out, *at[name])
	}
	return out
}
