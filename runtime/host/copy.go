package host

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// beside is what a server keeps in its folder beside databases and their files, and cannot make
// again: sealed secrets without the key to them, who was shown personal data, what authors are
// changing, what was signed, and of each workspace its mappings, its tables on their way in, and
// which deliveries of other systems it took. All of it is only ever added to, or replaced as a
// whole, so it may be copied at any time, but before the databases: a table of which the copy knows
// less than the log is taken in again, row by row under the same ids; one of which it knows more
// would miss rows. Nor may a checkpoint be of entries that the copied log does not have.
func beside(name string) bool {
	first, rest, _ := strings.Cut(name, "/")
	switch first {
	case "looks", "drafts", "checkpoints":
		return rest != "" && fs.ValidPath(name) && !strings.Contains(name, `\`)
	}
	return name == "secrets.json" || first == "workspaces" && fs.ValidPath(name) &&
		!strings.Contains(name, `\`) && ofWorkspace(rest)
}

// ofWorkspace reports whether a file lies beside the database of a workspace, as
// east.mappings/orders.toml beside east.db.
func ofWorkspace(name string) bool {
	first, rest, _ := strings.Cut(name, "/")
	switch base, ext := strings.TrimSuffix(first, path.Ext(first)), path.Ext(first); ext {
	case ".imports", ".mappings":
		return base != "" && rest != ""
	case ".heard":
		return base != "" && rest == ""
	}
	return false
}

// mostBeside bounds what an archive may come to, for whoever unpacks it.
const mostBeside = 8 << 30

// PackBeside writes what a server keeps beside its databases as a tar archive.
func PackBeside(dir string, to io.Writer) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	t := tar.NewWriter(to)
	for _, top := range []string{"secrets.json", "looks", "drafts", "checkpoints", "workspaces"} {
		err := fs.WalkDir(root.FS(), top, func(name string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist): // there is none, or it was replaced this moment
				return nil
			case err == nil && d.IsDir() && strings.HasSuffix(name, ".files"):
				return fs.SkipDir // there may be many, and they are copied for themselves
			case err != nil || !d.Type().IsRegular() || !beside(name):
				return err
			}
			return pack(root, name, t)
		})
		if err != nil {
			return err
		}
	}
	return t.Close()
}

func pack(root *os.Root, name string, t *tar.Writer) error {
	f, err := root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	err = t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: info.Size(),
		ModTime: info.ModTime(), Typeflag: tar.TypeReg})
	if err == nil {
		_, err = io.CopyN(t, f, info.Size()) // what is added meanwhile is not in it
	}
	return err
}

// UnpackBeside writes what PackBeside packed into a folder that has none of it, and counts the
// files. Nothing else is taken from an archive, and nothing is overwritten.
func UnpackBeside(dir string, from io.Reader) (n int, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return 0, err
	}
	defer root.Close()
	left := int64(mostBeside)
	for t := tar.NewReader(from); ; n++ {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		if left -= h.Size; h.Typeflag != tar.TypeReg || !beside(h.Name) || left < 0 {
			return n, fmt.Errorf("%q has no place in a copy of a server", h.Name)
		}
		if err := unpack(root, h.Name, t); err != nil {
			return n, err
		}
	}
}

func unpack(root *os.Root, name string, from io.Reader) error {
	if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, f.Sync(), f.Close())
}

// CopyBeside copies what a server keeps beside its databases from one folder into another, and
// counts the files.
func CopyBeside(from, to string) (int, error) {
	r, w := io.Pipe()
	go func() { w.CloseWithError(PackBeside(from, w)) }()
	n, err := UnpackBeside(to, r)
	return n, errors.Join(err, r.Close())
}

// CopyWith copies what lies beside one database from there to beside another, and counts the files:
// mappings, and where the copy is whole also the tables on their way in and what was heard.
func CopyWith(from, to string, whole bool) (n int, err error) {
	in, err := os.OpenRoot(filepath.Dir(from))
	if err != nil {
		return 0, err
	}
	defer in.Close()
	out, err := os.OpenRoot(filepath.Dir(to))
	if err != nil {
		return 0, err
	}
	defer out.Close()
	was := strings.TrimSuffix(filepath.Base(from), ".db")
	is := strings.TrimSuffix(filepath.Base(to), ".db")
	kinds := []string{".mappings"}
	if whole {
		kinds = append(kinds, ".imports", ".heard")
	}
	for _, kind := range kinds {
		err := fs.WalkDir(in.FS(), was+kind, func(name string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			f, err := in.Open(name)
			if err != nil {
				return err
			}
			n++
			return errors.Join(unpack(out, is+strings.TrimPrefix(name, was), f), f.Close())
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
