// Package seal lets people outside hold a log to what it once was. The entries of a log are the
// leaves of a Merkle tree (RFC 6962, golang.org/x/mod/sumdb/tlog); a checkpoint is its root,
// signed. Whoever has a checkpoint can be shown that an entry was in the log then, and that the log
// of today only went on from there, without being shown anything else of it.
package seal

import (
	"errors"
	"fmt"
	"sync"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/throughline/throughline/runtime/store"
)

// Hash is the hash of a tree or of a part of it.
type Hash = tlog.Hash

// A reader is what a tree needs of a log.
type reader interface {
	Read(from, to uint64, parts store.Parts, each func(*store.Row) error) error
}

// Tree is the tree over a log's entries. Its hashes are worked out from the entries when they are
// asked for; those over many entries are kept. Any goroutine may use it.
type Tree struct {
	log reader

	mu   sync.Mutex
	kept map[int64]Hash // by stored index; of parts of keptLevel and above
}

// keptLevel is from where hashes are kept: a part of 2⁸ entries is read again when it is needed, so
// a log of a million entries costs 8 000 hashes.
const keptLevel = 8

// New makes the tree of a log.
func New(log reader) *Tree { return &Tree{log: log, kept: map[int64]Hash{}} }

// Root is the hash of the tree over the first entries.
func (t *Tree) Root(entries uint64) (Hash, error) {
	return tlog.TreeHash(int64(entries), tlog.HashReaderFunc(t.hashes))
}

// Inclusion proves that an entry is among the first ones.
func (t *Tree) Inclusion(seq, entries uint64) ([]Hash, error) {
	if seq == 0 || seq > entries {
		return nil, Unproved("entry %d is not among the first %d", "条目 %d 不在前 %d 个之中", seq, entries)
	}
	return tlog.ProveRecord(int64(entries), int64(seq-1), tlog.HashReaderFunc(t.hashes))
}

// Consistency proves that the tree over the first entries went on from the one over fewer.
func (t *Tree) Consistency(entries, fewer uint64) ([]Hash, error) {
	if fewer == 0 || fewer > entries {
		return nil, Unproved("%d entries were signed, and the log has %d",
			"签名时有 %d 个条目，而日志只有 %d 个", fewer, entries)
	}
	return tlog.ProveTree(int64(entries), int64(fewer), tlog.HashReaderFunc(t.hashes))
}

// ErrProof says that something is not proved.
var ErrProof = errors.New("not proved")

// unproved is an ErrProof that says why, in both languages.
type unproved struct{ en, zh string }

// Unproved makes an ErrProof that says why.
func Unproved(en, zh string, args ...any) error {
	return &unproved{fmt.Sprintf(en, args...), fmt.Sprintf(zh, args...)}
}

func (u *unproved) Error() string { return u.In("en") }

func (u *unproved) Is(err error) bool { return err == ErrProof }

// In is the error in a language.
func (u *unproved) In(lang string) string {
	if lang == "zh" {
		return "未得到证明：" + u.zh
	}
	return "not proved: " + u.en
}

// Included checks a proof of Inclusion against the root of the first entries. The entry is as it is
// stored.
func Included(c *Checkpoint, seq uint64, entry []byte, proof []Hash) error {
	if seq == 0 {
		return Unproved("there is no entry 0", "没有条目 0")
	}
	err := tlog.CheckRecord(proof, int64(c.Entries), c.Root, int64(seq-1), tlog.RecordHash(entry))
	if err != nil {
		return Unproved("entry %d is not in the log of %d entries that was signed",
			"条目 %d 不在签名时有 %d 个条目的日志中", seq, c.Entries)
	}
	return nil
}

// Continues checks a proof of Consistency between two checkpoints.
func Continues(c, earlier *Checkpoint, proof []Hash) error {
	if c.Entries == earlier.Entries && c.Root == earlier.Root {
		return nil
	}
	err := tlog.CheckTree(proof, int64(c.Entries), c.Root, int64(earlier.Entries), earlier.Root)
	if err != nil {
		return Unproved("the log of %d entries did not go on from that of %d",
			"%d 个条目的日志不是由签名时 %d 个条目的那份延续而来", c.Entries, earlier.Entries)
	}
	return nil
}

// hashes answers for parts of the tree by their stored indexes.
func (t *Tree) hashes(indexes []int64) ([]Hash, error) {
	out := make([]Hash, len(indexes))
	for i, x := range indexes {
		level, n := tlog.SplitStoredHashIndex(x)
		h, err := t.part(level, n)
		if err != nil {
			return nil, err
		}
		out[i] = h
	}
	return out, nil
}

// part is the hash of the n-th part of 2^level entries.
func (t *Tree) part(level int, n int64) (Hash, error) {
	if level < keptLevel {
		return t.leaves(level, n)
	}
	index := tlog.StoredHashIndex(level, n)
	t.mu.Lock()
	h, ok := t.kept[index]
	t.mu.Unlock()
	if ok {
		return h, nil
	}
	var err error
	if level == keptLevel {
		h, err = t.leaves(level, n)
	} else {
		var left, right Hash
		if left, err = t.part(level-1, 2*n); err == nil {
			right, err = t.part(level-1, 2*n+1)
		}
		h = tlog.NodeHash(left, right)
	}
	if err != nil {
		return h, err
	}
	t.mu.Lock()
	t.kept[index] = h
	t.mu.Unlock()
	return h, nil
}

// leaves works the hash of a part out from its entries.
func (t *Tree) leaves(level int, n int64) (Hash, error) {
	size := uint64(1) << level
	from := uint64(n)*size + 1
	row := make([]Hash, 0, size)
	err := t.log.Read(from, from+size-1, 0, func(r *store.Row) error {
		row = append(row, tlog.RecordHash(r.Entry))
		return nil
	})
	if err == nil && uint64(len(row)) != size {
		err = &store.DamageError{Seq: from + uint64(len(row)), What: "entry is missing"}
	}
	if err != nil {
		return Hash{}, err
	}
	for len(row) > 1 {
		for i := 0; i < len(row); i += 2 {
			row[i/2] = tlog.NodeHash(row[i], row[i+1])
		}
		row = row[:len(row)/2]
	}
	return row[0], nil
}
