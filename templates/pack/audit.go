package pack

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/throughline/throughline/dsl"
)

// Audited is what there is to say of one package of a workspace.
type Audited struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	License string `json:"license,omitempty"`
	Newer   string `json:"newer,omitempty"` // the latest of the source, where it is newer
	Fault   string `json:"fault,omitempty"` // why its bytes cannot be trusted; "": they are the lock's
}

// Audit reads every package of a workspace's lock, compares its bytes, and asks a source for newer
// versions.
func Audit(ctx context.Context, workspace fs.FS, s Source) ([]Audited, error) {
	locked, err := ReadLock(workspace)
	if err != nil {
		return nil, err
	}
	var out []Audited
	for _, l := range locked {
		x := Audited{Name: l.Name, Version: l.Version}
		in, err := l.open(workspace)
		if err != nil {
			x.Fault = err.Error()
		} else if m, _, err := dsl.ReadManifest(in, "."); err == nil {
			x.License = m.License
		}
		if id, err := Latest(ctx, s, l.Name); err == nil && newer(id.Version, l.Version) > 0 {
			x.Newer = id.Version
		}
		out = append(out, x)
	}
	return out, nil
}

// WriteVendor writes every package of a workspace's lock as a folder below vendor, in place of
// what is there of it.
func WriteVendor(dir string) ([]ID, error) {
	disk := os.DirFS(dir)
	locked, err := ReadLock(disk)
	if err != nil {
		return nil, err
	}
	packages := kept(disk, locked)
	var out []ID
	for _, l := range locked {
		p, err := packages.Fetch(context.Background(), l.ID)
		if err != nil {
			return out, fmt.Errorf("%s: %w; fetch it with: thru add %s", l.ID, ErrNotThere, l.ID)
		}
		to := filepath.Join(dir, Vendor, filepath.FromSlash(l.Folder()))
		if err := os.RemoveAll(to); err != nil {
			return out, err
		}
		for _, name := range p.names {
			at := filepath.Join(to, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
				return out, err
			}
			if err := os.WriteFile(at, p.files[name], 0o644); err != nil {
				return out, err
			}
		}
		out = append(out, l.ID)
	}
	return out, nil
}
