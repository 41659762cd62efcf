package pack

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// The files of a workspace that this package reads and writes.
const (
	LockFile = "thru.lock"
	Store    = ".thru/packages" // the archives
	Vendor   = "vendor"         // packages as folders, where somebody wants to read or commit them
)

// Locked is one line of thru.lock.
type Locked struct {
	ID
	Hash string
}

const lockHead = "# Which packages this workspace runs with, and their hashes. " +
	"Written by thru; commit it.\n"

// parseLock reads thru.lock: NAME VERSION HASH, a package a line.
func parseLock(text []byte) ([]Locked, error) {
	var out []Locked
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Fields(line)
		if len(f) != 3 || !strings.HasPrefix(f[2], "h1:") {
			return nil, fmt.Errorf("%w: line %d is not NAME VERSION h1:HASH: %q", ErrLock, i+1, line)
		}
		l := Locked{ID{f[0], f[1]}, f[2]}
		if err := l.Check(); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrLock, i+1, err)
		}
		if slices.ContainsFunc(out, func(o Locked) bool { return o.Name == l.Name }) {
			return nil, fmt.Errorf("%w: line %d: %w: %s", ErrLock, i+1, ErrClash, l.Name)
		}
		out = append(out, l)
	}
	return out, nil
}

// AppendLock writes thru.lock, in order of names.
func AppendLock(dst []byte, list []Locked) []byte {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Locked) int { return strings.Compare(a.Name, b.Name) })
	dst = append(dst, lockHead...)
	for _, l := range list {
		dst = fmt.Appendf(dst, "%s %s %s\n", l.Name, l.Version, l.Hash)
	}
	return dst
}

// ReadLock reads the thru.lock of a workspace; none is an empty one.
func ReadLock(workspace fs.FS) ([]Locked, error) {
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
// what dsl.Load then reads is whole. Each package's hash is compared with the lock; one that is
// missing or changed is an error that says what to do. A folder of the workspace's own in a
// package's place hides it.
func Open(workspace fs.FS) (fs.FS, error) {
	locked, err := ReadLock(workspace)
	if err != nil || len(locked) == 0 {
		return workspace, err
	}
	o := &overlay{base: workspace}
	for _, l := range locked {
		if _, err := fs.Stat(workspace, l.Folder()); err == nil {
			continue
		}
		in, err := l.open(workspace)
		if err != nil {
			return nil, err
		}
		o.mounts = append(o.mounts, mount{l.Folder(), in})
	}
	return o, nil
}

// open finds a package in vendor or among the archives and compares its hash.
func (l Locked) open(workspace fs.FS) (fs.FS, error) {
	dir := path.Join(Vendor, l.Folder())
	if _, err := fs.Stat(workspace, dir); err == nil {
		p, err := Read(workspace, dir)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", dir, err)
		}
		if p.Hash != l.Hash {
			return nil, fmt.Errorf("%s: %w: it has %s, the lock says %s; put it back with: thru vendor",
				dir, ErrChanged, p.Hash, l.Hash)
		}
		return fs.Sub(workspace, dir)
	}
	name := path.Join(Store, l.file())
	b, err := fs.ReadFile(workspace, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w; fetch it with: thru add %s", l.ID, ErrNotThere, l.ID)
	}
	if err != nil {
		return nil, err
	}
	p, err := Unpack(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if p.Hash != l.Hash || p.ID != l.ID {
		return nil, fmt.Errorf("%s: %w: it is %s with %s, the lock says %s; fetch it again with: "+
			"thru add %s", name, ErrChanged, p.ID, p.Hash, l.Hash, l.ID)
	}
	return zipped(b)
}
