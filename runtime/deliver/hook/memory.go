package hook

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/throughline/throughline/internal/disk"
)

// A Memory keeps in a file which requests were taken, so that one is not taken again after a
// restart either. It forgets those whose signature would be too old by now. The zero Memory of a
// file is ready; any goroutine may use it.
type Memory struct {
	File string

	mu    sync.Mutex
	until map[mark]int64 // seconds; nil: the file was not read yet
	lines int            // in the file
	look  int            // how many there are when it is looked what of them is over
}

// mark stands for a request; the file holds no ids of other systems.
type mark [16]byte

// mostKept is how many requests are remembered: a line of the file has 44 bytes.
const mostKept = 100_000

// fewLines is how many lines are no reason to write the file anew.
const fewLines = 200

func markOf(name, id string) (m mark) {
	sum := sha256.Sum256([]byte(name + "\x00" + id))
	copy(m[:], sum[:])
	return m
}

// has reports whether a request was taken; ErrMany: no more can be remembered.
func (m *Memory) has(k mark, now time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.read(now); err != nil {
		return false, err
	}
	until, is := m.until[k]
	if is = is && until >= now.Unix(); !is && len(m.until) >= mostKept {
		if m.forget(now); len(m.until) >= mostKept {
			return false, ErrMany
		}
	}
	return is, nil
}

// read takes in the file. A last line that was cut short is of a request that was not answered.
func (m *Memory) read(now time.Time) error {
	if m.until != nil {
		return nil
	}
	b, err := os.ReadFile(m.File)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	m.until = map[mark]int64{}
	for line := range bytes.Lines(b) {
		var until int64
		var text string
		m.lines++
		n, _ := fmt.Sscanf(string(line), "%d %32s\n", &until, &text) // what is cut short has less
		if key, err := hex.DecodeString(text); n == 2 && err == nil && len(key) == len(mark{}) &&
			until >= now.Unix() {
			m.until[mark(key)] = until
		}
	}
	return nil
}

func (m *Memory) forget(now time.Time) {
	for k, until := range m.until { //tidy:order each by itself
		if until < now.Unix() {
			delete(m.until, k)
		}
	}
}

// keep remembers a request, on disk when it returns.
func (m *Memory) keep(k mark, until, now time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.read(now); err != nil {
		return err
	}
	m.until[k] = until.Unix()
	err := m.add(k, now)
	if err != nil {
		delete(m.until, k) // it is to be sent again
	}
	return err
}

// add adds to the file what is remembered.
func (m *Memory) add(k mark, now time.Time) error {
	if m.lines >= max(m.look, fewLines) {
		if m.forget(now); m.lines > 2*len(m.until) {
			return m.rewrite(now)
		}
		m.look = 2 * m.lines
	}
	_, err := os.Stat(m.File)
	fresh := errors.Is(err, fs.ErrNotExist)
	f, err := os.OpenFile(m.File, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(m.line(nil, k))
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil && fresh {
		err = disk.SyncDir(filepath.Dir(m.File))
	}
	m.lines++
	return err
}

// rewrite leaves in the file what is still remembered.
func (m *Memory) rewrite(now time.Time) error {
	m.forget(now)
	var b []byte
	for k := range m.until { //tidy:order any
		b = m.line(b, k)
	}
	m.lines, m.look = len(m.until), 0
	return disk.Replace(m.File, b)
}

// line appends a line of the file. It begins with a line's end, so that one that was cut short
// before it spoils nothing.
func (m *Memory) line(b []byte, k mark) []byte {
	return fmt.Appendf(b, "\n%d %x", m.until[k], k)
}
