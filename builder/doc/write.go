package doc

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// marker is the file that says that a folder is a site of ours, and lists what belongs to it.
const marker = ".thru-doc"

// ErrForeign is the error of a folder that holds something else than a site.
var ErrForeign = errors.New("the folder is not empty and no site of thru doc")

// Write writes a site into a folder, which is made where it is not there. A site that is there is
// replaced: files of it that the new one has not are removed. Nothing is written into a folder that
// holds anything else, and nothing outside of it, not even through links.
func Write(dir string, files []File) (err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	old, err := owned(root)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = f.Name
	}
	// What will be written is listed first: a site that was cut short can be written again.
	all := append(slices.Clone(old), names...)
	slices.Sort(all)
	if err := list(root, slices.Compact(all)); err != nil {
		return err
	}
	for _, f := range files {
		if err := root.MkdirAll(path.Dir(f.Name), 0o755); err != nil {
			return err
		}
		if err := root.WriteFile(f.Name, f.Data, 0o644); err != nil {
			return err
		}
	}
	if err := clear(root, old, names); err != nil {
		return err
	}
	slices.Sort(names)
	return list(root, names)
}

// owned lists the files of the site that is in a folder.
func owned(root *os.Root) ([]string, error) {
	text, err := root.ReadFile(marker)
	if err == nil {
		names := strings.Fields(string(text))
		names = slices.DeleteFunc(names, func(n string) bool { return !filepath.IsLocal(n) })
		return names, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	d, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	there, err := d.Readdirnames(1)
	if closed := d.Close(); len(there) > 0 || closed != nil {
		return nil, errors.Join(ErrForeign, closed)
	}
	if len(there) == 0 {
		return nil, nil // an empty folder ends at once, which is no error
	}
	return nil, err
}

func list(root *os.Root, names []string) error {
	return root.WriteFile(marker, []byte(strings.Join(names, "\n")+"\n"), 0o644)
}

// clear removes what was of the old site and is none of the new, and folders that it leaves empty.
func clear(root *os.Root, old, names []string) error {
	for _, n := range old {
		if slices.Contains(names, n) {
			continue
		}
		if err := root.Remove(n); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if dir := path.Dir(n); dir != "." {
			_ = root.Remove(dir) // only where it is empty
		}
	}
	return nil
}
