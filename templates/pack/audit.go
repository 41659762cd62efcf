package pack

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Audited is what there is to say of one package of a workspace.
type Audited struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	License string `json:"license,omitempty"`
	Newer   string `json:"newer,omitempty"` // the latest of the source, where it is newer
	Fault   string `json:"fault,omitempty"` // why its bytes cannot be trusted; "": they are the lock's

	Signed  []string `json:"signed,omitempty"`  // by whom that [trust] names
	Unasked string   `json:"unasked,omitempty"` // why its source could not say whether there is a newer one

	Others []string `json:"others,omitempty"` // who else has signed, so they say: nobody has looked
}

// Audit reads every package of a workspace's lock, compares its bytes and its signatures, and asks
// a source for newer versions; without one nobody is asked.
func Audit(ctx context.Context, workspace fs.FS, s Source) ([]Audited, error) {
	locked, err := ReadLock(workspace)
	if err != nil {
		return nil, err
	}
	trust, err := trustOf(workspace)
	if err != nil {
		return nil, err
	}
	var out []Audited
	for _, r := range locked {
		x := Audited{Name: r.Name, Version: r.Version}
		p, err := r.read(workspace)
		if err == nil {
			x.License = p.Manifest.License
			x.Signed, err = trust.Check(r)
		}
		if err != nil {
			x.Fault = err.Error()
		}
		for _, sig := range r.Signed {
			if !slices.Contains(x.Signed, sig.Signer()) {
				x.Others = append(x.Others, sig.Signer())
			}
		}
		if s != nil {
			id, err := Latest(ctx, s, r.Name)
			if err == nil && newer(id.Version, r.Version) > 0 {
				x.Newer = id.Version
			}
			if err != nil && !errors.Is(err, ErrUnknown) {
				x.Unasked = err.Error()
			}
		}
		out = append(out, x)
	}
	return out, nil
}

// WriteVendor writes every package of a workspace's lock as a folder below vendor, in place of
// what is there of it. A folder is written beside its place and moved there.
func WriteVendor(dir string) ([]ID, error) {
	disk := os.DirFS(dir)
	locked, err := ReadLock(disk)
	if err != nil {
		return nil, err
	}
	var out []ID
	for _, r := range locked {
		p, err := r.stored(disk)
		if err != nil {
			return out, err
		}
		if err := p.unfold(filepath.Join(dir, Vendor), filepath.FromSlash(r.Folder())); err != nil {
			return out, err
		}
		out = append(out, r.ID)
	}
	return out, nil
}

// unfold writes the package's files as a folder.
func (p *Package) unfold(vendor, folder string) (err error) {
	if err := os.MkdirAll(vendor, 0o755); err != nil {
		return err
	}
	beside, err := os.MkdirTemp(vendor, ".new-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(beside)) }()
	fresh := filepath.Join(beside, "fresh")
	for _, name := range p.names {
		at := filepath.Join(fresh, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(at, p.files[name], 0o644); err != nil {
			return err
		}
	}
	to := filepath.Join(vendor, folder)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	err = os.Rename(to, filepath.Join(beside, "old"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(fresh, to)
}
