package pack

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/throughline/throughline/dsl"
)

// The files of a workspace that this package reads and writes.
const (
	LockFile = "thru.lock"
	Store    = ".thru/packages" // the archives
	Vendor   = "vendor"         // packages as folders, where somebody wants to read or commit them
)

const lockHead = "# Which packages this workspace runs with, and their hashes. " +
	"Written by thru; commit it.\n"

// parseLock reads thru.lock: releases, one of a name.
func parseLock(text []byte) ([]Release, error) {
	list, err := parseReleases(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLock, err)
	}
	met := map[string]bool{}
	for _, r := range list {
		if met[r.Name] {
			return nil, fmt.Errorf("%w: %w: %s", ErrLock, ErrClash, r.Name)
		}
		met[r.Name] = true
	}
	return list, nil
}

// AppendLock writes thru.lock, in order of names.
func AppendLock(dst []byte, list []Release) []byte {
	return appendReleases(append(dst, lockHead...), list)
}

// ReadLock reads the thru.lock of a workspace; none is an empty one.
func ReadLock(workspace fs.FS) ([]Release, error) {
	b, err := fs.ReadFile(workspace, LockFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseLock(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")))
}

// Open returns a workspace's folder in which every package of thru.lock stands as a sub-folder:
// what dsl.Load then reads is whole. Each package's hash is compared with the lock, and its
// signatures with [trust]; one that is missing or changed is an error that says what to do. A
// folder of the workspace's own in a package's place hides it.
func Open(workspace fs.FS) (fs.FS, error) {
	locked, err := ReadLock(workspace)
	if err != nil || len(locked) == 0 {
		return workspace, err
	}
	trust, err := trustOf(workspace)
	if err != nil {
		return nil, err
	}
	o := &overlay{base: workspace}
	for _, r := range locked {
		if hidden(workspace, r.ID) {
			continue
		}
		if _, err := trust.Check(r); err != nil {
			return nil, err
		}
		p, err := r.read(workspace)
		if err != nil {
			return nil, err
		}
		o.mounts = append(o.mounts, mount{r.Folder(), p.FS()})
	}
	return o, nil
}

// hidden reports whether a folder of the workspace's own stands in a package's place.
func hidden(workspace fs.FS, id ID) bool {
	_, err := fs.Stat(workspace, id.Folder())
	return err == nil
}

// trustOf is [trust] of a workspace's thru.toml.
func trustOf(workspace fs.FS) (Trust, error) {
	m, _, err := dsl.ReadManifest(workspace, ".")
	if err != nil {
		return Trust{}, err
	}
	return NewTrust(m.Trust)
}

// read finds a package in vendor or among the archives and compares its hash.
func (r Release) read(workspace fs.FS) (*Package, error) {
	dir := path.Join(Vendor, r.Folder())
	if _, err := fs.Stat(workspace, dir); err == nil {
		p, err := Read(workspace, dir)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", dir, err)
		}
		if p.Hash != r.Hash || p.ID != r.ID {
			return nil, fmt.Errorf("%s: %w: it has %s, the lock says %s; put it back with: thru vendor",
				dir, ErrChanged, p.Hash, r.Hash)
		}
		p.Signed = r.Signed
		return p, nil
	}
	return r.stored(workspace)
}

// stored finds a package among the archives and compares its hash.
func (r Release) stored(workspace fs.FS) (*Package, error) {
	name := path.Join(Store, r.file())
	b, err := readArchive(workspace, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w; fetch it with: thru add", r.ID, ErrNotThere)
	}
	if err != nil {
		return nil, err
	}
	p, err := Unpack(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if p.Hash != r.Hash || p.ID != r.ID {
		return nil, fmt.Errorf("%s: %w: it is %s with %s, the lock says %s; fetch it again with: "+
			"thru add", name, ErrChanged, p.ID, p.Hash, r.Hash)
	}
	p.Signed = r.Signed
	return p, nil
}

// readArchive reads an archive that is not larger than one can be.
func readArchive(fsys fs.FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	b, err := ReadAll(f)
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return b, errors.Join(err, f.Close())
}

// ReadAll reads an archive that comes from anywhere and stops where it is larger than one can be.
func ReadAll(r io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, MostArchive+1))
	if err == nil && len(b) > MostArchive {
		err = fmt.Errorf("%w: an archive of more than %d MB", ErrTooLarge, MostArchive>>20)
	}
	return b, err
}
