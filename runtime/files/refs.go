package files

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
)

// A Log is one whose records name files: a workspace, or a log that nobody runs.
type Log interface {
	Last() uint64
	Entries(from, to uint64, why bool, each func(*runtime.Logged) error) error
}

// again is how many entries are read again by a process that begins: what the one before wrote of
// them may not have reached the disk.
const again = 10_000

// Follow reads what has come into the log since the last time: which files its records name, and
// what was erased. Files that no record names any more because of that are deleted.
func (s *Store) Follow(log Log) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	return s.follow(log)
}

func (s *Store) follow(log Log) error {
	if _, err := os.Stat(s.dir); errors.Is(err, fs.ErrNotExist) {
		return nil // there is nothing that could be named
	}
	if !s.begun {
		var c struct{ Seen uint64 }
		b, err := os.ReadFile(s.cursor())
		if err == nil && json.Unmarshal(b, &c) == nil {
			s.seen = c.Seen - min(c.Seen, again)
		}
		s.begun = true
	}
	last := log.Last()
	if s.seen > last { // it was put back to an earlier moment
		s.seen = last - min(last, again)
	}
	if s.seen == last {
		return nil
	}
	x := &reader{s: s, erased: map[uint64]bool{}}
	if err := log.Entries(s.seen+1, last, false, x.entry); err != nil {
		return err
	}
	if len(x.erased) > 0 {
		if err := x.forget(log, last); err != nil {
			return err
		}
	}
	s.seen = last
	b := fmt.Appendf(nil, `{"seen":%d}`, last)
	return os.WriteFile(s.cursor(), b, 0o600) // cut short: all is read again
}

func (s *Store) cursor() string { return filepath.Join(s.dir, "cursor.json") }

// reader reads a part of a log.
type reader struct {
	s       *Store
	d       decision.Decision
	erased  map[uint64]bool
	changed []string        // files that lost what named them
	free    map[string]bool // files that are to be deleted, unless something names them
}

func (x *reader) entry(l *runtime.Logged) error {
	for _, seq := range l.Erased() {
		x.erased[seq] = true
	}
	for _, h := range hashesOf(l) {
		if _, err := os.Stat(x.s.place(h) + ".json"); err != nil {
			continue // it is not one of ours
		}
		if err := x.s.refer(h, x.ref(l, h)); err != nil {
			return err
		}
	}
	return nil
}

func (x *reader) ref(l *runtime.Logged, hash string) Ref {
	return Ref{Seq: l.Seq, Record: x.record(l), Field: fieldWith(l, hash)}
}

// hashesOf are what may be hashes in an entry's record, each once.
func hashesOf(l *runtime.Logged) []string {
	if decision.Kind(l.Kind) != decision.Record {
		return nil
	}
	return HashesIn(l.Payload)
}

// HashesIn are what may be hashes of files in a record, each once.
func HashesIn(line []byte) (out []string) {
	for at := 0; ; {
		from, to := nextHash(line, at)
		if from < 0 {
			return out
		}
		if hash := strings.ToLower(string(line[from:to])); !slices.Contains(out, hash) {
			out = append(out, hash)
		}
		at = to
	}
}

// nextHash finds 64 hex digits in a row, no more and no less. It looks at every record that comes.
func nextHash(line []byte, at int) (from, to int) {
	run := 0
	for i := at; i <= len(line); i++ {
		if i < len(line) && isHex(line[i]) {
			run++
			continue
		}
		if run == 64 {
			return i - run, i
		}
		run = 0
	}
	return -1, -1
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// record is which record an entry is, as Visit/v1.
func (x *reader) record(l *runtime.Logged) string {
	if l.Decode(&x.d) == nil && x.d.Record.Type != nil {
		return x.d.Record.String()
	}
	var r struct{ Type, ID string } // something of it was erased, or it was none
	_ = json.Unmarshal(l.Payload, &r)
	return r.Type + "/" + r.ID
}

// fieldWith is the field of a record that names a file, by its name in the policy.
func fieldWith(l *runtime.Logged, hash string) string {
	var members map[string]json.RawMessage
	if json.Unmarshal(l.Payload, &members) != nil {
		return ""
	}
	var typ string
	_ = json.Unmarshal(members["type"], &typ) // a record without one has no fields
	of := typeNamed(l.Policy(), typ)
	for key, raw := range members { //tidy:order only one of them has it, or any of them will do
		if bytes.Contains(bytes.ToLower(raw), []byte(hash)) {
			if f := fieldOf(of, key); f != nil {
				return f.Name
			}
		}
	}
	return ""
}

func typeNamed(p *policy.Policy, name string) *policy.Record {
	for _, r := range p.Records {
		if r.Full == name || r.Name == name || r.Label.Main == name || r.Label.En == name ||
			r.Label.Zh == name {
			return r
		}
	}
	return nil
}

// refer writes beside a file which record names it.
func (s *Store) refer(hash string, r Ref) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.told(hash)
	if err != nil {
		return nil // it cannot be read: Check tells
	}
	for i := range f.Refs {
		if f.Refs[i].Seq == r.Seq {
			return nil
		}
	}
	f.Refs, f.Dropped = append(f.Refs, r), false
	return s.tell(f)
}

// forget takes away references whose entries name a file no more, and files that nothing names.
func (x *reader) forget(log Log, last uint64) error {
	left := map[uint64][]byte{}
	for seq := range x.erased { //tidy:order each by itself
		if seq > last {
			continue
		}
		err := log.Entries(seq, seq, false, func(l *runtime.Logged) error {
			left[seq] = bytes.ToLower(bytes.Clone(l.Payload))
			return nil
		})
		if err != nil {
			return err
		}
	}
	err := x.s.Each(func(hash string, f *File, err error) error {
		if err != nil || !slices.ContainsFunc(f.Refs, func(r Ref) bool { return x.erased[r.Seq] }) {
			return nil
		}
		return x.drop(hash, left)
	})
	if err != nil || len(x.changed) == 0 {
		return err
	}
	return x.s.delete(log, x.changed)
}

func (x *reader) drop(hash string, left map[uint64][]byte) error {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	f, err := x.s.told(hash)
	if err != nil {
		return nil
	}
	n := len(f.Refs)
	f.Refs = slices.DeleteFunc(f.Refs, func(r Ref) bool {
		line, erased := left[r.Seq]
		return erased && !bytes.Contains(line, []byte(hash))
	})
	if len(f.Refs) == n {
		return nil
	}
	if f.Dropped = len(f.Refs) == 0; f.Dropped {
		x.changed = append(x.changed, hash)
	}
	return x.s.tell(f)
}
