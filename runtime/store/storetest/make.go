package storetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"reflect"
	"testing"

	"github.com/throughline/throughline/runtime/store"
)

// maker makes rows the way a writer does and keeps what it made, to compare with.
type maker struct {
	t     testing.TB
	log   Log
	epoch uint64
	chain store.Chain
	rows  []store.Row
	erase []uint64 // with the next snapshot
}

func begin(t testing.TB, log Log) *maker {
	t.Helper()
	epoch, err := log.Claim()
	if err != nil {
		t.Fatal(err)
	}
	return &maker{t: t, log: log, epoch: epoch}
}

// batch seals n entries; every third has no payload, every second receipts, every fifth effects.
func (m *maker) batch(n int) *store.Batch {
	b := &store.Batch{Epoch: m.epoch, After: m.chain.Seq}
	for range n {
		seq := m.chain.Seq + 1
		r := store.Row{Decision: fmt.Appendf(m.chain.Salt(nil), "decision %d", seq)}
		if seq%3 != 0 {
			r.Payload = append(m.chain.Salt(nil), bytes.Repeat([]byte{byte(seq)}, int(seq%300))...)
		}
		if seq%2 == 0 {
			r.Why = fmt.Appendf(nil, "why %d", seq)
		}
		for i := range seq % 5 / 4 * 2 {
			r.Outbox = append(r.Outbox, fmt.Appendf(nil, "effect %d of %d", i, seq))
		}
		e := store.Entry{Kind: 1, Moment: int64(seq) * 1000, Semantics: 1}
		m.chain.Seal(&e, &r, nil)
		b.Rows = append(b.Rows, r)
	}
	return b
}

func (m *maker) append(n int) {
	m.t.Helper()
	b := m.batch(n)
	if err := m.log.Append(b); err != nil {
		m.t.Fatal(err)
	}
	m.rows = append(m.rows, b.Rows...)
}

// span is a range of seqs, both ends in it.
type span struct{ from, to uint64 }

// read fetches rows as copies of their own.
func read(t testing.TB, log Log, of span, parts store.Parts) (out []store.Row) {
	t.Helper()
	err := log.Read(of.from, of.to, parts, func(r *store.Row) error {
		c := *r
		c.Entry, c.Payload = bytes.Clone(r.Entry), bytes.Clone(r.Payload)
		c.Decision, c.Why = bytes.Clone(r.Decision), bytes.Clone(r.Why)
		c.Outbox = nil
		for _, o := range r.Outbox {
			c.Outbox = append(c.Outbox, bytes.Clone(o))
		}
		out = append(out, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// same compares row by row: a difference of long lists takes long to find.
func same(t testing.TB, want, got []store.Row) {
	t.Helper()
	if len(want) != len(got) {
		t.Fatalf("%d rows, not %d", len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(want[i], got[i]) {
			t.Fatalf("row is %+v, not %+v", got[i], want[i])
		}
	}
}

// masked returns rows with only the parts that were asked for.
func masked(rows []store.Row, parts store.Parts) []store.Row {
	out := append([]store.Row(nil), rows...)
	for i := range out {
		out[i].Mask(parts)
	}
	return out
}

// save stores a snapshot of n sections and, where run is not 0, a run of ids with two pages.
func (m *maker) save(seq uint64, n int, run uint64) store.Snapshot {
	m.t.Helper()
	s := store.Snapshot{Seq: seq, Sections: uint32(n), Semantics: 1}
	sum := sha256.New()
	for i := range n {
		b := section(seq, i)
		sum.Write(b)
		s.Size += uint64(len(b))
		m.must(m.log.PutSection(seq, i, b))
	}
	sum.Sum(s.State[:0])
	var r *store.Run
	if run != 0 {
		r = &store.Run{ID: run, From: seq - 1, To: seq, Count: 2, Pages: 2}
		m.must(m.log.PutPages(run, 0, [][]byte{fmt.Appendf(nil, "page 0 of %d", run)}))
		m.must(m.log.PutPages(run, 1, [][]byte{fmt.Appendf(nil, "page 1 of %d", run)}))
	}
	m.must(m.log.Save(&s, r, m.erase))
	return s
}

func section(seq uint64, i int) []byte {
	b := binary.BigEndian.AppendUint64(nil, seq)
	return bytes.Repeat(append(b, byte(i)), 1000)
}

func (m *maker) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}
