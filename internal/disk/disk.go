// Package disk puts files in their places so that a crash leaves the old one or the new one, whole.
package disk

import (
	"errors"
	"os"
	"path/filepath"
)

// Replace puts a file in place of another, or where there is none. It is durable on return.
func Replace(file string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // it has its own name by then, or is of no use
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), file); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(file))
}
