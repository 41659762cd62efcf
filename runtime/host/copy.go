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
// changing, and what was signed. All of it is only ever added to, or replaced as a whole, so it may
// be copied at any time.
func beside(name string) bool {
	first, rest, _ := strings.Cut(name, "/")
	switch first {
	case "looks", "drafts", "checkpoints":
		return rest != "" && fs.ValidPath(name) && !strings.Contains(name, `\`)
	}
	return name == "secrets.json"
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
	for _, top := range []string{"secrets.json", "looks", "drafts", "checkpoints"} {
		err := fs.WalkDir(root.FS(), top, func(name string, d fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist): // there is none, or it was replaced this moment
				return nil
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
