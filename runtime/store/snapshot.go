package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// SectionSize is the most that one section of a snapshot holds, so that writing a large one lets
// batches pass in between.
const SectionSize = 4 << 20

// snapshotFormat is raised when Snapshot's stored form changes; others are not read.
const snapshotFormat = 1

const snapshotSize = 1 + 4 + 8 + 4 + 8 + 4*HashSize

// Snapshot heads a state at one seq. It is a cache: on any mismatch the log is replayed, and it is
// never migrated.
type Snapshot struct {
	Semantics uint32
	Seq       uint64
	Sections  uint32
	Size      uint64 // of the sections together
	Policy    Hash
	Calendar  Hash
	Head      Hash // of the chain: the hash of the entry Seq
	State     Hash // of the sections' bytes
}

// Append appends the stored form, which ends with a sum of its own.
func (s *Snapshot) Append(dst []byte) []byte {
	from := len(dst)
	dst = append(dst, snapshotFormat)
	dst = binary.BigEndian.AppendUint32(dst, s.Semantics)
	dst = binary.BigEndian.AppendUint64(dst, s.Seq)
	dst = binary.BigEndian.AppendUint32(dst, s.Sections)
	dst = binary.BigEndian.AppendUint64(dst, s.Size)
	for _, h := range [...]Hash{s.Policy, s.Calendar, s.Head, s.State} {
		dst = append(dst, h[:]...)
	}
	sum := sha256.Sum256(dst[from:])
	return append(dst, sum[:]...)
}

// Decode reads a stored header.
func (s *Snapshot) Decode(b []byte) error {
	switch {
	case len(b) > 0 && b[0] != snapshotFormat:
		return &FormatError{What: "snapshot", Found: int(b[0]), Known: snapshotFormat}
	case len(b) != snapshotSize+HashSize:
		return fmt.Errorf("stored snapshot's head has %d bytes, not %d", len(b), snapshotSize+HashSize)
	}
	sum := sha256.Sum256(b[:snapshotSize])
	if !bytes.Equal(sum[:], b[snapshotSize:]) {
		return fmt.Errorf("stored snapshot's head does not have its sum")
	}
	s.Semantics = binary.BigEndian.Uint32(b[1:])
	s.Seq = binary.BigEndian.Uint64(b[5:])
	s.Sections = binary.BigEndian.Uint32(b[13:])
	s.Size = binary.BigEndian.Uint64(b[17:])
	b = b[25:]
	for i, h := range [...]*Hash{&s.Policy, &s.Calendar, &s.Head, &s.State} {
		copy(h[:], b[i*HashSize:])
	}
	return nil
}

// A loader is the verb that reading a snapshot needs.
type loader interface {
	Section(seq uint64, i int) ([]byte, error)
}

// LoadState fetches the sections of a snapshot and checks them against its head.
func LoadState(log loader, s *Snapshot) ([]byte, error) {
	if s.Size > uint64(s.Sections)*SectionSize {
		return nil, fmt.Errorf("snapshot of seq %d says %d bytes in %d sections",
			s.Seq, s.Size, s.Sections)
	}
	state := make([]byte, 0, s.Size)
	for i := range int(s.Sections) {
		b, err := log.Section(s.Seq, i)
		if err != nil {
			return nil, err
		}
		state = append(state, b...)
	}
	if uint64(len(state)) != s.Size || sha256.Sum256(state) != s.State {
		return nil, fmt.Errorf("snapshot of seq %d is not what was stored", s.Seq)
	}
	return state, nil
}
