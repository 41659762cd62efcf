//go:build unix

package host

import (
	"errors"
	"os"
)

// syncDir makes durable which files a folder has.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
