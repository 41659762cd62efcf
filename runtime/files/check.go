package files

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// Checked is what the files of a workspace come to.
type Checked struct {
	Files int
	Bytes int64
	Wrong []Wrong
}

// Wrong is a file that is not what it was.
type Wrong struct {
	Hash string `json:"sha256"`
	What string `json:"what"`
}

// What can be wrong with a file.
const (
	Missing = "missing" // its bytes are not there
	Changed = "changed" // they are others
	Unclear = "unclear" // what is known of it cannot be read
)

// Check looks whether every file is there; with bytes, whether it has the bytes that it had.
func (s *Store) Check(withBytes bool) (c Checked, err error) {
	err = s.Each(func(hash string, f *File, bad error) error {
		if errors.Is(bad, ErrNone) {
			return nil // bytes without a file: a crash came between, and nobody was told
		}
		c.Files++
		what := Unclear
		if bad == nil {
			c.Bytes += f.Measured.Size
			what = s.whole(hash, f, withBytes)
		}
		if what != "" {
			c.Wrong = append(c.Wrong, Wrong{hash, what})
		}
		return nil
	})
	return c, err
}

// whole says what is wrong with the bytes of a file; "": nothing.
func (s *Store) whole(hash string, f *File, withBytes bool) string {
	info, err := os.Stat(s.place(hash))
	switch {
	case err != nil:
		return Missing
	case info.Size() != f.Measured.Size:
		return Changed
	case !withBytes:
		return ""
	}
	is, err := hashOf(s.place(hash))
	if err != nil || is != hash {
		return Changed
	}
	return ""
}

func hashOf(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	return hex.EncodeToString(sum.Sum(nil)), errors.Join(err, f.Close())
}

// Err is an error where something is wrong, and nil where nothing is.
func (c *Checked) Err() error {
	if len(c.Wrong) == 0 {
		return nil
	}
	w := c.Wrong[0]
	return fmt.Errorf("%d files are not what they were; the first, %s, is %s", len(c.Wrong), w.Hash,
		w.What)
}
