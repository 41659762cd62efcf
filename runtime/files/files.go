// Package files keeps the bytes that people send, beside the database whose records name them: each
// once, under the hash of what it holds, with what was measured when it came.
//
//	east.db                            the log
//	east.files/ab/abcd…                the bytes
//	east.files/ab/abcd….json           what was measured, who sent it, which records name it
//
// A file is there when its second part is: that is written last and taken away first. The log is
// the truth about which records name a file; what is written here of it is an index, and nothing is
// deleted before the log was read for it.
package files

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/throughline/throughline/internal/disk"
	"github.com/throughline/throughline/runtime/media"
)

// Why a file is not kept, or not there.
var (
	ErrTooLarge = errors.New("the file is larger than is kept")
	ErrEmpty    = errors.New("the file is empty")
	ErrNone     = errors.New("there is no such file")
)

// WriteError says that the disk did not take a file.
type WriteError struct{ Why error }

// Error says why.
func (e *WriteError) Error() string { return "keep a file: " + e.Why.Error() }

// Unwrap is why.
func (e *WriteError) Unwrap() error { return e.Why }

// Unnamed is how long a file is kept that no record names.
const Unnamed = 7 * 24 * time.Hour

// measuredAtOnce is how many files are measured at the same time: a picture may take 256 MB.
const measuredAtOnce = 2

// Options adjust a store. The zero value is right for almost everybody.
type Options struct {
	Bytes int64            // the most that a file may have; 0: media.MaxBytes
	Now   func() time.Time // nil: the machine's clock
}

// A File is one that is kept.
type File struct {
	Measured media.Result `json:"measured"`
	Type     string       `json:"type"`           // of its form, as HTTP has it
	Name     string       `json:"name,omitempty"` // as it was first called
	At       time.Time    `json:"at"`             // when it was last sent
	By       []string     `json:"by,omitempty"`   // who sent it
	Refs     []Ref        `json:"refs,omitempty"` // the records that name it
	Dropped  bool         `json:"dropped,omitempty"`
}

// A Ref is an entry of the log whose record names a file.
type Ref struct {
	Seq    uint64 `json:"seq"`
	Record string `json:"record"` // as Visit/v1
	Field  string `json:"field"`  // by its name in the policy
}

// Beside is where the files of a database are.
func Beside(db string) string { return strings.TrimSuffix(db, ".db") + ".files" }

// Store keeps the files of one workspace. All methods may be called from any goroutine; nobody else
// writes to its folder.
type Store struct {
	dir       string
	o         Options
	measuring chan struct{}

	mu   sync.Mutex     // what files there are
	pins map[string]int // files that a record names which is on its way into the log

	reading sync.Mutex // the log is read for what names files
	seen    uint64     // up to here
	begun   bool
}

// Open takes a folder, which is made when the first file comes.
func Open(dir string, o Options) *Store {
	return open(dir, o, make(chan struct{}, measuredAtOnce))
}

func open(dir string, o Options, measuring chan struct{}) *Store {
	if o.Bytes <= 0 {
		o.Bytes = media.MaxBytes
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Store{dir: dir, o: o, measuring: measuring, pins: map[string]int{}}
}

// Cabinet holds the stores of a server's workspaces.
type Cabinet struct {
	dir       string
	o         Options
	measuring chan struct{}

	mu  sync.Mutex
	all map[string]*Store
}

// In keeps files beside the databases of a folder.
func In(dir string, o Options) *Cabinet {
	return &Cabinet{dir: dir, o: o, measuring: make(chan struct{}, measuredAtOnce),
		all: map[string]*Store{}}
}

// Of is the store of a workspace, whose name is known to be one.
func (c *Cabinet) Of(workspace string) *Store {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.all[workspace]
	if s == nil {
		s = open(filepath.Join(c.dir, workspace+".files"), c.o, c.measuring)
		c.all[workspace] = s
	}
	return s
}

// hashed is what a file may be called: no name that came from outside becomes a path.
var hashed = regexp.MustCompile(`^[0-9a-f]{64}$`)

// place is where the bytes of a file are.
func (s *Store) place(hash string) string { return filepath.Join(s.dir, hash[:2], hash) }

// File is a file that is there, with all its bytes; ErrNone: it is not.
func (s *Store) File(hash string) (*File, error) {
	f, err := s.told(hash)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(s.place(hash))
	if err != nil || info.Size() != f.Measured.Size {
		return nil, ErrNone
	}
	return f, nil
}

// told is what is known of a file.
func (s *Store) told(hash string) (*File, error) {
	if !hashed.MatchString(hash) {
		return nil, ErrNone
	}
	b, err := os.ReadFile(s.place(hash) + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	f := new(File)
	if err == nil {
		err = json.Unmarshal(b, f)
	}
	if err == nil && f.Measured.SHA256 != hash {
		err = errors.New("it tells of another file")
	}
	if err != nil {
		return nil, fmt.Errorf("%s.json: %w", hash, err)
	}
	return f, nil
}

// Read opens the bytes of a file.
func (s *Store) Read(hash string) (*os.File, *File, error) {
	f, err := s.File(hash)
	if err != nil {
		return nil, nil, err
	}
	b, err := os.Open(s.place(hash))
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrNone
	}
	return b, f, err
}

// Sent says of a file how it came.
type Sent struct {
	Name string // as the sender calls it; never a path
	By   string
	Zone *time.Location // of capture times without offset
}

// Put keeps a file. On return its bytes are durable, once however often they come, and measured.
func (s *Store) Put(r io.Reader, from Sent) (*File, error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, &WriteError{err}
	}
	in, err := os.CreateTemp(s.dir, "new-*")
	if err != nil {
		return nil, &WriteError{err}
	}
	defer os.Remove(in.Name()) // it has its own name by then, or is of no use
	f, err := s.take(in, r, &from)
	if err = errors.Join(err, in.Close()); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	hash := f.Measured.SHA256
	at := s.place(hash)
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		return nil, &WriteError{err}
	}
	if old, err := s.File(hash); err == nil {
		f.Name, f.Refs, f.By = old.Name, old.Refs, old.By
	} else if err := os.Rename(in.Name(), at); err != nil {
		return nil, &WriteError{err}
	}
	if from.By != "" && !slices.Contains(f.By, from.By) {
		f.By = append(f.By, from.By)
	}
	if err := errors.Join(disk.SyncDir(s.dir), s.tell(f)); err != nil {
		return nil, &WriteError{err}
	}
	return f, nil
}

// tell writes what is known of a file; it is durable on return, and so is the file's place.
func (s *Store) tell(f *File) error {
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return disk.Replace(s.place(f.Measured.SHA256)+".json", b)
}

// take writes what comes into a file of its own and measures it there.
func (s *Store) take(in *os.File, r io.Reader, from *Sent) (*File, error) {
	sum := sha256.New()
	out := &wrote{to: in}
	n, err := io.Copy(io.MultiWriter(sum, out), io.LimitReader(r, s.o.Bytes+1))
	switch {
	case out.err != nil:
		return nil, &WriteError{out.err}
	case err != nil:
		return nil, err
	case n > s.o.Bytes:
		return nil, ErrTooLarge
	case n == 0:
		return nil, ErrEmpty
	}
	if err := in.Sync(); err != nil {
		return nil, &WriteError{err}
	}
	f := &File{Name: Called(from.Name), At: s.o.Now().UTC()}
	if err := s.measure(in, f, from.Zone); err != nil {
		return nil, err
	}
	if f.Measured.SHA256 != hex.EncodeToString(sum.Sum(nil)) {
		return nil, &WriteError{errors.New("the disk has other bytes than were written")}
	}
	return f, nil
}

// wrote tells the disk's errors from the sender's.
type wrote struct {
	to  io.Writer
	err error
}

func (w *wrote) Write(b []byte) (int, error) {
	n, err := w.to.Write(b)
	w.err = err
	return n, err
}

// measure measures a file, a few at a time.
func (s *Store) measure(in *os.File, f *File, zone *time.Location) (err error) {
	s.measuring <- struct{}{}
	defer func() { <-s.measuring }()
	if _, err = in.Seek(0, io.SeekStart); err != nil {
		return err
	}
	head := make([]byte, media.HeadSize)
	n, err := io.ReadFull(in, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	f.Type = media.TypeOf(head[:n])
	if _, err = in.Seek(0, io.SeekStart); err != nil {
		return err
	}
	f.Measured, err = media.Measure(in, media.Options{Zone: zone, Bytes: s.o.Bytes})
	return err
}

// longestName is how many letters of a name are kept.
const longestName = 120

// Called is what a sender's name for a file comes to: the last part of it, of plain letters. It is
// shown, never used as a path.
func Called(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, name)
	letters := []rune(strings.Trim(name, " ."))
	if len(letters) > longestName { // its end says what it is
		letters = append(letters[:longestName-10:longestName-10], letters[len(letters)-10:]...)
	}
	return string(letters)
}

// Each hands out what is known of every file, in the order of their hashes.
func (s *Store) Each(each func(hash string, f *File, err error) error) error {
	hashes, err := s.hashes()
	if err != nil {
		return err
	}
	for _, hash := range hashes {
		f, err := s.told(hash)
		if err := each(hash, f, err); err != nil {
			return err
		}
	}
	return nil
}

// hashes are those of all files, and of bytes without a file.
func (s *Store) hashes() (out []string, err error) {
	folders, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, d := range folders {
		if err != nil || !d.IsDir() || len(d.Name()) != 2 {
			continue
		}
		var list []fs.DirEntry
		list, err = os.ReadDir(filepath.Join(s.dir, d.Name()))
		for _, f := range list {
			if hash := strings.TrimSuffix(f.Name(), ".json"); hashed.MatchString(hash) {
				out = append(out, hash)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out), err
}
