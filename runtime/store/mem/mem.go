// Package mem keeps a workspace's log in memory, for `thru run` without a file and for tests. It
// fulfils the contract of package store, and fails on demand the way a disk does: at chosen calls,
// and by forgetting what was not synced.
package mem

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/throughline/throughline/runtime/store"
)

// Log is a log in memory. Its zero value is an empty one.
type Log struct {
	mu     sync.Mutex
	now    state  // as written
	kept   *state // as a crash would leave it; nil while nothing is written but not synced
	tail   store.Tail
	broken error

	fault func(Call) Fault
}

// state is everything that is stored. Writing replaces slices and maps' values and never changes
// what they hold, so a copy one level deep stays as it was.
type state struct {
	epoch    uint64
	rows     []store.Row
	heads    []store.Snapshot
	sections map[part][]byte
	runs     []store.Run
	pages    map[part][]byte
	policies map[store.Hash][]byte
}

// part names one of several parts of something.
type part struct {
	of uint64
	n  int
}

// Claim makes the caller the writer and returns its epoch: batches of earlier ones are refused.
func (l *Log) Claim() (epoch uint64, err error) {
	err = l.write(Claim, func(s *state) error {
		s.epoch++
		epoch = s.epoch
		return nil
	})
	return epoch, err
}

// Last returns the seq of the last entry, 0 of an empty log.
func (l *Log) Last() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return uint64(len(l.now.rows))
}

// Watch waits until the log ends after seq and returns where it does.
func (l *Log) Watch(ctx context.Context, seq uint64) (uint64, error) {
	return l.tail.Watch(ctx, seq)
}

// Append takes a batch, all or nothing. It keeps the rows' bytes; nobody may change them after.
func (l *Log) Append(b *store.Batch) error {
	return l.write(Append, func(s *state) error {
		if err := b.Check(s.epoch, uint64(len(s.rows))); err != nil {
			return err
		}
		if b.Policy != nil {
			set(&s.policies, b.Policy.Hash, b.Policy.Files)
		}
		s.rows = append(s.rows, b.Rows...)
		if len(b.Redact) > 0 {
			s.rows = slices.Clone(s.rows)
		}
		for i := range b.Redact {
			s.rows[b.Redact[i].Seq-1].Kept = b.Redact[i].Kept
		}
		return nil
	})
}

// Read hands out the rows of [from, to] in order; a row is valid until each returns.
func (l *Log) Read(from, to uint64, parts store.Parts, each func(*store.Row) error) error {
	l.mu.Lock()
	rows, err := l.now.rows, l.broken
	l.mu.Unlock()
	if err != nil {
		return err
	}
	for seq := max(from, 1); seq <= min(to, uint64(len(rows))); seq++ {
		r := rows[seq-1]
		r.Mask(parts)
		if err := each(&r); err != nil {
			return err
		}
	}
	return nil
}

// Policy returns the files of a policy that was activated, nil where there was none of that hash.
func (l *Log) Policy(hash store.Hash) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now.policies[hash], l.broken
}

// PutSection stores one section of a snapshot. It counts for nothing until Save.
func (l *Log) PutSection(seq uint64, i int, b []byte) error {
	return l.write(PutSection, func(s *state) error {
		set(&s.sections, part{seq, i}, bytes.Clone(b))
		return nil
	})
}

// Section returns one section of a snapshot.
func (l *Log) Section(seq uint64, i int) ([]byte, error) {
	return l.part(func(s *state) map[part][]byte { return s.sections }, part{seq, i})
}

// PutPages stores pages of a run of ids. They count for nothing until Save or SaveRun.
func (l *Log) PutPages(run uint64, from int, list [][]byte) error {
	return l.write(PutPages, func(s *state) error {
		for i, b := range list {
			set(&s.pages, part{run, from + i}, bytes.Clone(b))
		}
		return nil
	})
}

// Page returns one page of a run of ids.
func (l *Log) Page(run uint64, i int) ([]byte, error) {
	return l.part(func(s *state) map[part][]byte { return s.pages }, part{run, i})
}

func (l *Log) part(of func(*state) map[part][]byte, p part) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b, ok := of(&l.now)[p]
	if !ok && l.broken == nil {
		return nil, &store.DamageError{Seq: p.of, What: fmt.Sprintf("part %d is missing", p.n)}
	}
	return b, l.broken
}

// keptSnapshots is how many are kept, as on disk.
const keptSnapshots = 2

// Save makes a snapshot and the run of ids written with it count, and drops what is superseded,
// also snapshots after the entry that the run begins with: their ids were in runs it replaces.
// What is to be erased goes with the snapshots before.
func (l *Log) Save(h *store.Snapshot, r *store.Run, erase []uint64) error {
	return l.write(Save, func(s *state) error {
		if r != nil {
			s.putRun(r)
		}
		heads := slices.DeleteFunc(slices.Clone(s.heads), func(o store.Snapshot) bool {
			return o.Seq == h.Seq || r != nil && o.Seq > r.From
		})
		heads = append(heads, *h)
		slices.SortFunc(heads, func(a, b store.Snapshot) int { return cmp.Compare(b.Seq, a.Seq) })
		s.heads = heads[:min(len(heads), keptSnapshots)]
		if len(erase) > 0 {
			s.heads, s.rows = heads[:1], slices.Clone(s.rows)
		}
		for _, seq := range erase {
			r := &s.rows[seq-1]
			r.Payload, r.Decision, r.Why, r.Outbox = nil, nil, nil, nil
		}
		keep(&s.sections, func(seq uint64) bool {
			return slices.ContainsFunc(s.heads, func(o store.Snapshot) bool { return o.Seq == seq })
		})
		return nil
	})
}

// Snapshots returns the heads of the stored snapshots, the newest first.
func (l *Log) Snapshots() ([]store.Snapshot, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.now.heads), l.broken
}

// SaveRun makes a run count that holds all of the runs it covers, and drops those.
func (l *Log) SaveRun(r *store.Run) error {
	return l.write(SaveRun, func(s *state) error {
		s.putRun(r)
		return nil
	})
}

// putRun has a run count, instead of those that it covers.
func (s *state) putRun(r *store.Run) {
	had := len(s.runs)
	runs := slices.DeleteFunc(slices.Clone(s.runs), func(o store.Run) bool { return r.Covers(&o) })
	covered := len(runs) < had
	s.runs = append(runs, *r)
	slices.SortFunc(s.runs, func(a, b store.Run) int { return a.Compare(&b) })
	if covered {
		keep(&s.pages, func(id uint64) bool {
			return slices.ContainsFunc(s.runs, func(o store.Run) bool { return o.ID == id })
		})
	}
}

// Runs returns the heads of the stored runs of ids, in order of what they cover.
func (l *Log) Runs() ([]store.Run, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.now.runs), l.broken
}

// Close ends the log for whoever holds it; what is stored stays for Reopen.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end(store.ErrClosed)
	return nil
}

func (l *Log) end(why error) {
	if l.broken == nil {
		l.broken = why
	}
	l.tail.End(l.broken)
}

// set puts a value into a map that may be shared with the state a crash would leave.
func set[K comparable](m *map[K][]byte, k K, v []byte) {
	next := make(map[K][]byte, len(*m)+1)
	for k, v := range *m { //tidy:order a copy
		next[k] = v
	}
	next[k] = v
	*m = next
}

// keep drops the parts of what no longer counts.
func keep(m *map[part][]byte, counts func(uint64) bool) {
	next := make(map[part][]byte, len(*m))
	for p, v := range *m { //tidy:order a copy
		if counts(p.of) {
			next[p] = v
		}
	}
	*m = next
}
