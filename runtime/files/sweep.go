package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/throughline/throughline/internal/disk"
	"github.com/throughline/throughline/runtime"
)

// Sweep deletes what no record names and nobody waits for any more, and tells how many files those
// were.
func (s *Store) Sweep(log Log) (int, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	if err := s.follow(log); err != nil {
		return 0, err
	}
	old := s.o.Now().Add(-Unnamed)
	var unnamed []string
	err := s.Each(func(hash string, f *File, err error) error {
		switch {
		case errors.Is(err, ErrNone): // bytes of which nothing is known: a crash came between
			unnamed = append(unnamed, hash)
		case err == nil && len(f.Refs) == 0 && (f.Dropped || f.At.Before(old)):
			unnamed = append(unnamed, hash)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	before, err := s.hashes()
	if err == nil && len(unnamed) > 0 {
		err = s.delete(log, unnamed)
	}
	if err != nil {
		return 0, err
	}
	after, err := s.hashes()
	return len(before) - len(after), errors.Join(err, s.leftovers())
}

// leftovers takes away what was on its way when a process ended.
func (s *Store) leftovers() error {
	list, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, f := range list {
		info, bad := f.Info()
		if bad != nil || !strings.HasPrefix(f.Name(), "new-") ||
			s.o.Now().Sub(info.ModTime()) < 24*time.Hour {
			continue
		}
		err = errors.Join(err, os.Remove(filepath.Join(s.dir, f.Name())))
	}
	return err
}

// delete deletes files that the whole log names nowhere. One that is being named stays.
func (s *Store) delete(log Log, hashes []string) error {
	x := &reader{s: s, free: map[string]bool{}}
	for _, h := range hashes {
		x.free[h] = true
	}
	last := log.Last()
	if err := log.Entries(1, last, false, x.named); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// Whoever names one of them from here on waits; what was named meanwhile is in the log by now.
	if err := log.Entries(last+1, log.Last(), false, func(l *runtime.Logged) error {
		for _, h := range hashesOf(l) {
			delete(x.free, h)
		}
		return nil
	}); err != nil {
		return err
	}
	for _, h := range hashes {
		if x.free[h] && s.pins[h] == 0 {
			if err := s.remove(h); err != nil {
				return err
			}
		}
	}
	return nil
}

// named keeps a file that an entry names, and writes down what was not known of it.
func (x *reader) named(l *runtime.Logged) error {
	for _, h := range hashesOf(l) {
		if !x.free[h] {
			continue
		}
		delete(x.free, h)
		if err := errors.Join(x.s.adopt(h), x.s.refer(h, x.ref(l, h))); err != nil {
			return err
		}
	}
	return nil
}

// adopt measures bytes of which nothing is known any more.
func (s *Store) adopt(hash string) error {
	if _, err := s.told(hash); !errors.Is(err, ErrNone) {
		return nil
	}
	in, err := os.Open(s.place(hash))
	if err != nil {
		return err
	}
	f := &File{At: s.o.Now().UTC()}
	if err = errors.Join(s.measure(in, f, nil), in.Close()); err != nil {
		return err
	}
	if f.Measured.SHA256 != hash {
		return nil // it was cut short
	}
	return s.tell(f)
}

// remove takes a file away; its bytes are overwritten first.
func (s *Store) remove(hash string) error {
	at := s.place(hash)
	for _, name := range []string{at + ".json", at} {
		if err := errors.Join(wipe(name), disk.SyncDir(filepath.Dir(at))); err != nil {
			return err
		}
	}
	return nil
}

func wipe(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = io.CopyN(f, zeroes{}, info.Size())
	}
	return errors.Join(err, f.Sync(), f.Close(), os.Remove(name))
}

type zeroes struct{}

func (zeroes) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}
