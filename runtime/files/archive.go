package files

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/throughline/throughline/internal/disk"
)

// Pack writes all files as a tar archive. A file that is deleted meanwhile is left out.
func (s *Store) Pack(to io.Writer) error {
	out := tar.NewWriter(to)
	err := s.Each(func(hash string, f *File, err error) error {
		if err != nil {
			return nil // Check tells
		}
		return s.pack(out, hash, f)
	})
	return errors.Join(err, out.Close())
}

func (s *Store) pack(out *tar.Writer, hash string, f *File) error {
	in, err := os.Open(s.place(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	told, err := json.Marshal(f)
	if err == nil {
		err = out.WriteHeader(header(hash+".json", int64(len(told))))
	}
	if err == nil {
		_, err = out.Write(told)
	}
	if err == nil {
		err = out.WriteHeader(header(hash, f.Measured.Size))
	}
	if err == nil {
		_, err = io.CopyN(out, in, f.Measured.Size)
	}
	return errors.Join(err, in.Close())
}

func header(name string, size int64) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600}
}

// most is how many bytes what is known of a file may have.
const most = 64 << 20

// ErrArchive says that an archive does not hold files as Pack writes them.
var ErrArchive = errors.New("the archive does not hold what a copy of files holds")

// Unpack puts the files of an archive into a store that has none. Each is held to its hash. It
// tells how many there were.
func (s *Store) Unpack(from io.Reader) (n int, err error) {
	if list, err := s.hashes(); err != nil || len(list) > 0 {
		return 0, errors.Join(err, fs.ErrExist)
	}
	in := tar.NewReader(from)
	for {
		told, err := next(in)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err == nil {
			err = s.unpack(in, told)
		}
		if err != nil {
			return n, err
		}
		n++
	}
}

// next reads what is known of the next file.
func next(in *tar.Reader) (*File, error) {
	h, err := in.Next()
	if err != nil {
		return nil, err
	}
	name, is := strings.CutSuffix(h.Name, ".json")
	if !is || !hashed.MatchString(name) || h.Typeflag != tar.TypeReg || h.Size > most {
		return nil, ErrArchive
	}
	b, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	f := new(File)
	if json.Unmarshal(b, f) != nil || f.Measured.SHA256 != name || f.Measured.Size < 0 {
		return nil, ErrArchive
	}
	return f, nil
}

// unpack reads the bytes of a file.
func (s *Store) unpack(in *tar.Reader, f *File) error {
	hash := f.Measured.SHA256
	h, err := in.Next()
	if err != nil || h.Name != hash || h.Typeflag != tar.TypeReg || h.Size != f.Measured.Size {
		return errors.Join(ErrArchive, err)
	}
	at := s.place(hash)
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(at, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return err
	}
	if is, err := hashOf(at); err != nil || is != hash {
		return errors.Join(fmt.Errorf("%w: %s has other bytes", ErrArchive, hash), err, os.Remove(at))
	}
	return errors.Join(disk.SyncDir(s.dir), s.tell(f))
}

// Copy copies the files beside a database to beside another one, and tells how many there were.
func Copy(from, to string) (n int, err error) {
	in, out := io.Pipe()
	packed := make(chan error, 1)
	go func() {
		err := Open(Beside(from), Options{}).Pack(out)
		packed <- err
		_ = out.CloseWithError(err) // always nil
	}()
	n, err = Open(Beside(to), Options{}).Unpack(in)
	_ = in.CloseWithError(err) // always nil; who still writes is told
	if bad := <-packed; err == nil {
		err = bad
	}
	return n, err
}
