package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/throughline/throughline/runtime/store"
)

// Run runs the contract; each case gets a new, empty place.
func Run(t *testing.T, place func(testing.TB) Place) {
	cases := []struct {
		name string
		run  func(*testing.T, Place)
	}{
		{"an empty log has nothing to read", empty},
		{"rows come back as they were appended, part by part", rows},
		{"a batch is durable", durable},
		{"a batch that does not continue the log is refused", conflict},
		{"a batch of an earlier writer is refused", epoch},
		{"a batch that is no whole entries is refused", torn},
		{"the chain verifies, and a changed byte does not", verify},
		{"erased parts are gone and the chain stays valid", erased},
		{"a policy is kept under its hash", policy},
		{"two snapshots are kept", snapshot},
		{"a run of ids replaces those it covers", merged},
		{"a run of ids replaces snapshots that it does not go on from", begun},
		{"whoever watches is told of every batch and of the end", watch},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(t, place(t)) })
	}
}

func open(t testing.TB, p Place) Log {
	t.Helper()
	log, err := p.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	return log
}

func empty(t *testing.T, p Place) {
	log := open(t, p)
	if n := log.Last(); n != 0 {
		t.Errorf("last is %d", n)
	}
	if got := read(t, log, span{1, 100}, store.Everything); len(got) != 0 {
		t.Errorf("%d rows", len(got))
	}
	if s, err := log.Snapshots(); len(s) != 0 || err != nil {
		t.Errorf("snapshots %v, %v", s, err)
	}
	if r, err := log.Runs(); len(r) != 0 || err != nil {
		t.Errorf("runs %v, %v", r, err)
	}
}

func rows(t *testing.T, p Place) {
	m := begin(t, open(t, p))
	for _, n := range []int{1, 7, 0, 256, 1300} {
		m.append(n)
	}
	ranges := [][2]uint64{{1, m.chain.Seq}, {0, 3}, {8, 9}, {264, 265}, {1000, 1 << 62}}
	for parts := range store.Everything + 1 {
		for _, r := range ranges {
			from, to := max(r[0], 1), min(r[1], m.chain.Seq)
			want := masked(m.rows[from-1:to], parts)
			same(t, want, read(t, m.log, span{from, r[1]}, parts))
		}
	}
}

func durable(t *testing.T, p Place) {
	m := begin(t, open(t, p))
	m.append(5)
	m.append(6)
	m.must(m.log.Close())
	again := open(t, p)
	if n := again.Last(); n != 11 {
		t.Fatalf("last is %d", n)
	}
	same(t, m.rows, read(t, again, span{1, 11}, store.Everything))
}

func conflict(t *testing.T, p Place) {
	m := begin(t, open(t, p))
	b := m.batch(2)
	m.must(m.log.Append(b))
	var c *store.ConflictError
	if err := m.log.Append(b); !errors.As(err, &c) || c.Last != 2 || c.After != 0 {
		t.Errorf("the same batch again: %v", err)
	}
	next := m.batch(1)
	next.After++
	next.Rows[0].Seq++
	if err := m.log.Append(next); !errors.As(err, &c) {
		t.Errorf("a batch after a gap: %v", err)
	}
	if n := m.log.Last(); n != 2 {
		t.Errorf("last is %d", n)
	}
}

func epoch(t *testing.T, p Place) {
	m := begin(t, open(t, p))
	m.append(1)
	second, err := m.log.Claim()
	m.must(err)
	if second <= m.epoch {
		t.Fatalf("epoch %d after %d", second, m.epoch)
	}
	var c *store.ConflictError
	if err := m.log.Append(m.batch(1)); !errors.As(err, &c) || c.Wants != second {
		t.Errorf("a batch of epoch %d: %v", m.epoch, err)
	}
}

func torn(t *testing.T, p Place) {
	m := begin(t, open(t, p))
	for name, spoil := range map[string]func(*store.Row){
		"a gap":       func(r *store.Row) { r.Seq++ },
		"no decision": func(r *store.Row) { r.Decision = nil },
		"half entry":  func(r *store.Row) { r.Entry = r.Entry[:store.EntrySize/2] },
	} {
		b := m.batch(2)
		spoil(&b.Rows[1])
		m.chain = store.Chain{}
		if err := m.log.Append(b); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	m.append(2)
}

func verify(t *testing.T, p Place) {
	m := begin(t, open(t, p))
	m.append(20)
	head, err := store.Verify(m.log, 1, 20)
	if err != nil || head != m.chain.Head {
		t.Fatalf("verify: %v", err)
	}
	if _, err := store.Verify(m.log, 7, 12); err != nil {
		t.Errorf("verify a part: %v", err)
	}
	if _, err := store.Verify(m.log, 1, 21); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("verify past the end: %v", err)
	}
	for name, at := range map[string]func(*store.Row) []byte{
		"entry":    func(r *store.Row) []byte { return r.Entry },
		"payload":  func(r *store.Row) []byte { return r.Payload },
		"decision": func(r *store.Row) []byte { return r.Decision },
	} {
		spoilt := changed{m.log, func(r *store.Row) {
			if r.Seq == 11 {
				at(r)[17] ^= 1
			}
		}}
		var d *store.DamageError
		if _, err := store.Verify(spoilt, 1, 20); !errors.As(err, &d) || d.Seq < 11 || d.Seq > 12 {
			t.Errorf("a changed %s of seq 11: %v", name, err)
		}
	}
}

// changed is a log that somebody has written to behind its back.
type changed struct {
	Log
	spoil func(*store.Row)
}

func (c changed) Read(from, to uint64, parts store.Parts, each func(*store.Row) error) error {
	return c.Log.Read(from, to, parts, func(r *store.Row) error {
		own := *r
		own.Entry = append([]byte(nil), r.Entry...)
		own.Payload = append([]byte(nil), r.Payload...)
		own.Decision = append([]byte(nil), r.Decision...)
		if r.Payload == nil {
			own.Payload = nil
		}
		c.spoil(&own)
		return each(&own)
	})
}

func erased(t *testing.T, p Place) {
	m := begin(t, open(t, p))
	m.append(10)
	m.save(6, 2, 0)
	b := m.batch(1)
	for _, seq := range []uint64{4, 5} {
		b.Redact = append(b.Redact, store.Redaction{Seq: seq,
			Kept: fmt.Appendf(m.chain.Salt(nil), "kept %d", seq)})
	}
	m.must(m.log.Append(b))
	for _, r := range read(t, m.log, span{4, 5}, store.Everything) {
		if r.Decision == nil || r.Kept == nil {
			t.Errorf("seq %d is erased before there is a snapshot without it", r.Seq)
		}
	}
	m.erase = []uint64{4, 5}
	saved := m.save(11, 2, 0)
	m.must(m.log.Close())
	again := open(t, p)
	if s, err := again.Snapshots(); err != nil || !slices.Equal(s, []store.Snapshot{saved}) {
		t.Errorf("snapshots %+v, %v", s, err)
	}
	for _, r := range read(t, again, span{1, 11}, store.Everything) {
		gone := r.Seq == 4 || r.Seq == 5
		if gone && (r.Payload != nil || r.Decision != nil || r.Why != nil || r.Outbox != nil) {
			t.Errorf("seq %d is not erased: %q", r.Seq, r.Decision)
		}
		if kept := fmt.Sprintf("kept %d", r.Seq); gone != (string(store.Unsalt(r.Kept)) == kept) {
			t.Errorf("of seq %d is kept %q", r.Seq, r.Kept)
		}
		if !gone && (r.Decision == nil || r.Seq%2 == 0 && r.Why == nil) {
			t.Errorf("seq %d is erased", r.Seq)
		}
	}
	if _, err := store.Verify(again, 1, 11); err != nil {
		t.Errorf("verify: %v", err)
	}
	n := begin(t, again)
	n.chain = m.chain
	b = n.batch(1)
	b.Redact = []store.Redaction{{Seq: 12, Kept: make([]byte, store.SaltSize)}}
	if err := again.Append(b); err == nil {
		t.Error("redacted an entry that is not there")
	}
}

func policy(t *testing.T, p Place) {
	m := begin(t, open(t, p))
	b := m.batch(1)
	b.Policy = &store.Policy{Hash: store.Hash{1, 2}, Files: []byte("package p")}
	m.must(m.log.Append(b))
	m.must(m.log.Close())
	again := open(t, p)
	if got, err := again.Policy(store.Hash{1, 2}); string(got) != "package p" || err != nil {
		t.Errorf("policy %q, %v", got, err)
	}
	if got, err := again.Policy(store.Hash{3}); got != nil || err != nil {
		t.Errorf("policy of an unknown hash %q, %v", got, err)
	}
}

func snapshot(t *testing.T, p Place) {
	m := begin(t, open(t, p))
	m.append(9)
	m.must(m.log.PutSection(3, 0, []byte("of a snapshot that was never finished")))
	var saved []store.Snapshot
	for _, seq := range []uint64{5, 7, 9} {
		saved = append(saved, m.save(seq, int(seq)-4, 0))
	}
	m.must(m.log.Close())
	again := open(t, p)
	got, err := again.Snapshots()
	m.must(err)
	if want := []store.Snapshot{saved[2], saved[1]}; !slices.Equal(want, got) {
		t.Fatalf("snapshots are %+v, not %+v", got, want)
	}
	for _, s := range got {
		if _, err := store.LoadState(again, &s); err != nil {
			t.Errorf("snapshot of %d: %v", s.Seq, err)
		}
		s.State[0]++
		if _, err := store.LoadState(again, &s); err == nil {
			t.Errorf("snapshot of %d with another hash was taken", s.Seq)
		}
	}
	for _, seq := range []uint64{3, 5} {
		if b, err := again.Section(seq, 0); err == nil {
			t.Errorf("section of a dropped snapshot: %d bytes", len(b))
		}
	}
}

func merged(t *testing.T, p Place) {
	m := begin(t, open(t, p))
	m.append(4)
	m.save(2, 1, 1)
	m.save(3, 1, 2)
	m.save(4, 1, 3)
	m.must(m.log.PutPages(4, 0, [][]byte{[]byte("page of two runs")}))
	run := store.Run{ID: 4, From: 1, To: 3, Count: 4, Pages: 1}
	m.must(m.log.SaveRun(&run))
	m.must(m.log.Close())
	again := open(t, p)
	got, err := again.Runs()
	m.must(err)
	want := []store.Run{run, {ID: 3, From: 3, To: 4, Count: 2, Pages: 2}}
	if !slices.Equal(want, got) {
		t.Fatalf("runs are %+v, not %+v", got, want)
	}
	if b, err := again.Page(4, 0); string(b) != "page of two runs" || err != nil {
		t.Errorf("page %q, %v", b, err)
	}
	if b, err := again.Page(1, 0); err == nil {
		t.Errorf("page of a run that was replaced: %q", b)
	}
}

func begun(t *testing.T, p Place) {
	m := begin(t, open(t, p))
	m.append(6)
	first := m.save(2, 1, 1) // its run is of (1, 2]
	m.save(4, 1, 2)
	m.must(m.log.PutPages(3, 0, [][]byte{[]byte("page of another index")}))
	run := store.Run{ID: 3, From: 2, To: 6, Count: 4, Pages: 1}
	last := store.Snapshot{Seq: 6, Semantics: 1}
	m.must(m.log.Save(&last, &run, nil))
	m.must(m.log.Close())
	again := open(t, p)
	heads, err := again.Snapshots()
	m.must(err)
	if want := []store.Snapshot{last, first}; !slices.Equal(want, heads) {
		t.Errorf("snapshots are %+v, not %+v", heads, want)
	}
	runs, err := again.Runs()
	m.must(err)
	old := store.Run{ID: 1, From: 1, To: 2, Count: 2, Pages: 2}
	if want := []store.Run{old, run}; !slices.Equal(want, runs) {
		t.Errorf("runs are %+v, not %+v", runs, want)
	}
	if b, err := again.Section(4, 0); err == nil {
		t.Errorf("section of a dropped snapshot: %q", b)
	}
	if b, err := again.Page(2, 0); err == nil {
		t.Errorf("page of a run that was replaced: %q", b)
	}
}

func watch(t *testing.T, p Place) {
	log := open(t, p)
	m := begin(t, log)
	seen := make(chan uint64)
	go func() {
		defer close(seen)
		for at := uint64(0); ; {
			next, err := log.Watch(context.Background(), at)
			if err != nil {
				return
			}
			seen <- next
			at = next
		}
	}()
	for _, n := range []uint64{2, 5} {
		m.append(int(n - m.chain.Seq))
		if got := <-seen; got != n {
			t.Errorf("told of %d, not %d", got, n)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := log.Watch(ctx, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("watch of a cancelled context: %v", err)
	}
	m.must(log.Close())
	if n, more := <-seen; more {
		t.Errorf("told of %d after the end", n)
	}
}
