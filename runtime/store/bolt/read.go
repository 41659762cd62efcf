package bolt

import (
	"fmt"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/throughline/throughline/runtime/store"
)

// Read hands out the rows of [from, to] in order; a row is valid until each returns. It reads a
// piece at a time and lets the transaction go before handing it out: a reader that lingers would
// hold up the writer when the file grows.
func (l *Log) Read(from, to uint64, parts store.Parts, each func(*store.Row) error) error {
	p := piece{parts: parts}
	for from <= to {
		err := l.view(func(tx *bbolt.Tx) error { return p.fill(tx, from, to) })
		if err != nil {
			return err
		}
		if len(p.rows) == 0 {
			return nil
		}
		for i := range p.rows {
			if err := each(p.row(i)); err != nil {
				return err
			}
		}
		from += uint64(len(p.rows))
	}
	return nil
}

// A piece ends at whichever comes first.
const (
	pieceRows  = 1024
	pieceBytes = 1 << 20
)

// piece is what one transaction copies out. Rows hold offsets while the buffer still grows.
type piece struct {
	parts store.Parts
	rows  []spot
	out   [][2]int // effects of the outbox
	buf   []byte
	made  store.Row
}

// spot is where in the buffer the parts of a row lie.
type spot struct {
	seq                           uint64
	entry, payload, decision, why [2]int
	kept                          [2]int
	out                           [2]int
}

func (p *piece) fill(tx *bbolt.Tx, from, to uint64) error {
	p.rows, p.out, p.buf = p.rows[:0], p.out[:0], p.buf[:0]
	entries := bucketEntries.in(tx).Cursor()
	payloads := p.walk(tx, store.Payloads, bucketPayloads, from)
	decisions := p.walk(tx, store.Decisions, bucketDecisions, from)
	outbox := p.walk(tx, store.Outboxes, bucketOutbox, from)
	kept := p.walk(tx, store.Redactions, bucketKept, from)
	why, err := p.walkWhy(tx, from)
	if err != nil {
		return err
	}
	want := from
	for k, v := entries.Seek(keyOf(from)); k != nil && want <= to; k, v = entries.Next() {
		if seqOf(k) != want {
			return &store.DamageError{Seq: want, What: "entry is missing"}
		}
		r := spot{seq: want, entry: p.add(v)}
		r.payload = p.at(payloads, want)
		r.decision = p.at(decisions, want)
		r.kept = p.at(kept, want)
		if r.why, err = p.whyAt(why, want); err != nil {
			return err
		}
		r.out[0] = len(p.out)
		for outbox != nil && seqOf(outbox.k) == want {
			p.out = append(p.out, p.add(outbox.v))
			outbox.next()
		}
		r.out[1] = len(p.out)
		p.rows = append(p.rows, r)
		if want++; len(p.rows) == pieceRows || len(p.buf) >= pieceBytes {
			break
		}
	}
	return nil
}

// row makes the row of a spot; the one before is then no longer valid.
func (p *piece) row(i int) *store.Row {
	at := &p.rows[i]
	p.made = store.Row{Seq: at.seq, Outbox: p.made.Outbox[:0], Entry: p.bytes(at.entry),
		Payload: p.bytes(at.payload), Decision: p.bytes(at.decision), Why: p.bytes(at.why),
		Kept: p.bytes(at.kept)}
	for _, o := range p.out[at.out[0]:at.out[1]] {
		p.made.Outbox = append(p.made.Outbox, p.bytes(o))
	}
	return &p.made
}

func (p *piece) add(b []byte) [2]int {
	from := len(p.buf)
	p.buf = append(p.buf, b...)
	return [2]int{from, len(p.buf)}
}

func (p *piece) bytes(at [2]int) []byte {
	if at[0] == at[1] {
		return nil
	}
	return p.buf[at[0]:at[1]:at[1]]
}

// walker goes along a bucket beside the entries.
type walker struct {
	c    *bbolt.Cursor
	k, v []byte
	pack pack // of receipts: what is left of v
}

func (w *walker) next() { w.k, w.v = w.c.Next() }

func (p *piece) walk(tx *bbolt.Tx, part store.Parts, b bucket, from uint64) *walker {
	if p.parts&part == 0 || tx.Bucket([]byte(b)) == nil {
		return nil
	}
	w := &walker{c: b.in(tx).Cursor()}
	w.k, w.v = w.c.Seek(keyOf(from))
	return w
}

func (p *piece) at(w *walker, seq uint64) (at [2]int) {
	if w == nil || w.k == nil || seqOf(w.k) != seq {
		return at
	}
	at = p.add(w.v)
	w.next()
	return at
}

func (p *piece) walkWhy(tx *bbolt.Tx, from uint64) (*walker, error) {
	if p.parts&store.Whys == 0 {
		return nil, nil
	}
	w := &walker{c: bucketWhy.in(tx).Cursor()}
	if w.k, w.v = packAt(w.c, from); w.k == nil {
		w.k, w.v = w.c.First()
	}
	w.pack = pack{seqOf(w.k), w.v}
	return w, nil
}

// whyAt skips receipts of earlier entries and takes those of seq.
func (p *piece) whyAt(w *walker, seq uint64) (at [2]int, err error) {
	for w != nil && w.k != nil {
		if len(w.pack.rest) == 0 {
			w.next()
			w.pack = pack{seqOf(w.k), w.v}
			continue
		}
		before := w.pack
		has, why, err := w.pack.next()
		switch {
		case err != nil:
			return at, fmt.Errorf("receipts from seq %d: %w", w.pack.first, err)
		case has == seq:
			return p.add(why), nil
		case has > seq:
			w.pack = before
			return at, nil
		}
	}
	return at, nil
}

// Snapshots returns the heads of the stored snapshots, the newest first. One that cannot be read
// is left out: a snapshot is a cache.
func (l *Log) Snapshots() (out []store.Snapshot, err error) {
	err = l.view(func(tx *bbolt.Tx) error {
		return bucketHeads.in(tx).ForEach(func(_, v []byte) error {
			var s store.Snapshot
			if s.Decode(v) == nil {
				out = append(out, s)
			}
			return nil
		})
	})
	slices.Reverse(out)
	return out, err
}

// Section returns one section of a snapshot.
func (l *Log) Section(seq uint64, i int) ([]byte, error) {
	return l.part(bucketSections, seq, i)
}

// Runs returns the heads of the stored runs of ids, in order of what they cover.
func (l *Log) Runs() (out []store.Run, err error) {
	err = l.view(func(tx *bbolt.Tx) error {
		return bucketRuns.in(tx).ForEach(func(_, v []byte) error {
			var r store.Run
			err := r.Decode(v)
			out = append(out, r)
			return err
		})
	})
	slices.SortFunc(out, func(a, b store.Run) int { return a.Compare(&b) })
	return out, err
}

// Page returns one page of a run of ids.
func (l *Log) Page(run uint64, i int) ([]byte, error) {
	return l.part(bucketPages, run, i)
}

func (l *Log) part(b bucket, seq uint64, i int) (out []byte, err error) {
	err = l.view(func(tx *bbolt.Tx) error {
		v := b.in(tx).Get(keyOfPart(seq, i))
		if v == nil {
			return &store.DamageError{Seq: seq, What: fmt.Sprintf("part %d of %s is missing", i, b)}
		}
		out = slices.Clone(v)
		return nil
	})
	return out, err
}
