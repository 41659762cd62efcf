// Package looks keeps who looked at whose personal data: a line of JSON for every answer that shows
// some, in a file a month and workspace. A line is in the file before the answer is sent.
package looks

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Look is one answer with personal data.
type Look struct {
	At      time.Time `json:"at"`
	Who     string    `json:"who" doc:"Id of the key or person that asked"`
	Route   string    `json:"route" doc:"What they asked"`
	Records []string  `json:"records" doc:"Whose data they were shown, as Contact/k1"`
	N       int       `json:"n,omitempty" doc:"How many records, where not all are told"`
}

// Months is how long looks are kept.
const Months = 12

// mostRecords is how many records a look names.
const mostRecords = 1000

// Log keeps looks. All methods may be called from any goroutine.
type Log struct {
	dir string
	now func() time.Time

	mu    sync.Mutex
	whole map[string]bool // files whose last line is known to be one
}

// Open keeps looks in a folder, making it where it is missing.
func Open(dir string, now func() time.Time) (*Log, error) {
	if now == nil {
		now = time.Now
	}
	return &Log{dir: dir, now: now, whole: map[string]bool{}}, os.MkdirAll(dir, 0o700)
}

// Note keeps a look. Its moment is now.
func (l *Log) Note(workspace string, x Look) error {
	x.At = l.now().UTC()
	slices.Sort(x.Records)
	x.Records = slices.Compact(x.Records)
	if len(x.Records) == 0 {
		return nil
	}
	if len(x.Records) > mostRecords {
		x.N, x.Records = len(x.Records), x.Records[:mostRecords]
	}
	line, err := json.Marshal(&x)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	file := filepath.Join(l.dir, workspace+"."+x.At.Format("2006-01")+".ndjson")
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if !l.whole[file] {
		if err := l.begin(f, workspace); err != nil {
			return errors.Join(err, f.Close())
		}
		l.whole[file] = true
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

// begin ends a line that a crash cut short, and lets go of what is too old.
func (l *Log) begin(f *os.File, workspace string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if n := info.Size(); n > 0 {
		var last [1]byte
		if _, err := f.ReadAt(last[:], n-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			if _, err := f.Write([]byte{'\n'}); err != nil {
				return err
			}
		}
	}
	files, err := l.files(workspace)
	if err != nil {
		return err
	}
	oldest := l.now().UTC().AddDate(0, -Months, 0).Format("2006-01")
	for _, old := range files {
		if monthOf(old) < oldest {
			if err := os.Remove(old); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// files are those of a workspace, the oldest first.
func (l *Log) files(workspace string) ([]string, error) {
	list, err := filepath.Glob(filepath.Join(l.dir, workspace+".*.ndjson"))
	slices.SortFunc(list, func(a, b string) int { return cmp.Compare(monthOf(a), monthOf(b)) })
	return list, err
}

func monthOf(file string) string {
	parts := strings.Split(filepath.Base(file), ".")
	return parts[len(parts)-2]
}

// Wanted says which looks are asked for; what is empty is any.
type Wanted struct {
	Record, Who string
	Since       time.Time
	Limit       int
}

func (x *Wanted) is(l *Look) bool {
	return (x.Who == "" || x.Who == l.Who) && !l.At.Before(x.Since) &&
		(x.Record == "" || slices.Contains(l.Records, x.Record))
}

// List lists looks, the oldest first; more says that there are others after them.
func (l *Log) List(workspace string, x Wanted) (out []Look, more bool, err error) {
	files, err := l.files(workspace)
	if err != nil {
		return nil, false, err
	}
	for _, file := range files {
		if !x.Since.IsZero() && monthOf(file) < x.Since.UTC().Format("2006-01") {
			continue
		}
		f, err := os.Open(file)
		if err != nil {
			return nil, false, err
		}
		more, err = x.read(f, &out)
		if err = errors.Join(err, f.Close()); err != nil || more {
			return out, more, err
		}
	}
	return out, false, nil
}

// read reads a file up to as many as are asked for. A line that was cut short is none.
func (x *Wanted) read(f io.Reader, out *[]Look) (more bool, err error) {
	in := bufio.NewReader(f)
	for {
		line, err := in.ReadBytes('\n')
		var l Look
		if len(line) > 0 && json.Unmarshal(line, &l) == nil && x.is(&l) {
			if len(*out) == x.Limit {
				return true, nil
			}
			*out = append(*out, l)
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
}
