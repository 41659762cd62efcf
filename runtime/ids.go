package runtime

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime/store"
)

// ids finds the entry that first carried an event's type and id, of the ids that the engine has
// forgotten: they are in sorted runs, on disk or on the way there (decision D12). Ids are kept as
// hashes; who finds a seq looks into the entry to see whether it is the one.
//
// What is in the runs is what the engine had taken in, so that an engine that is rebuilt, and may
// see that otherwise, begins with a new index and a run of everything.
type ids struct {
	log    runs
	number *atomic.Uint64 // of the last run that was begun, in whatever index
	end    uint64         // what the runs cover ends here

	list atomic.Pointer[[]*idRun] // in order of what they cover; replaced, never changed
	mu   sync.Mutex               // held while it is
}

// idSeq is one id: its hash and its entry.
type idSeq struct{ hash, seq uint64 }

func newIDs(log runs) *ids { return &ids{log: log, number: new(atomic.Uint64)} }

// empty is the index of an engine that has forgotten nothing.
func (s *ids) empty() *ids { return &ids{log: s.log, number: s.number} }

// open reads the heads and filters of the stored runs.
func (s *ids) open() error {
	heads, err := s.log.Runs()
	if err != nil {
		return err
	}
	list := make([]*idRun, 0, len(heads))
	for _, h := range heads {
		s.number.Store(max(s.number.Load(), h.ID))
		r, err := openRun(s.log, h)
		if err != nil {
			return err
		}
		list = append(list, r)
	}
	s.list.Store(&list)
	return nil
}

// covers reports whether the ids of all entries up to one are there.
func (s *ids) covers(seq uint64) bool {
	at := uint64(0)
	for _, r := range s.runs() {
		if r.From <= at {
			at = max(at, r.To)
		}
	}
	return at >= seq
}

func (s *ids) runs() []*idRun {
	if list := s.list.Load(); list != nil {
		return *list
	}
	return nil
}

// hashID is FNV-1a over type and id: it is in files, so it has to stay.
func hashID(typ, id string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for i := range len(typ) {
		h = (h ^ uint64(typ[i])) * prime
	}
	h *= prime // a zero byte in between
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * prime
	}
	return h
}

// find calls try with every seq that may be the id's, until it says yes.
func (s *ids) find(hash uint64, try func(seq uint64) bool) error {
	for _, r := range slices.Backward(s.runs()) {
		found, err := r.find(s.log, hash)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(found, try) {
			return nil
		}
	}
	return nil
}

// freeze makes a run of what the engine remembers, and has it forget that. The run is kept in
// memory until it is stored.
func (s *ids) freeze(e *engine.Engine) *idRun {
	pairs := make([]idSeq, 0, e.Remembered())
	e.Forget(func(r *policy.Record, id string, seq uint64) {
		pairs = append(pairs, idSeq{hashID(r.Full, id), seq})
	})
	return s.begin(pairs, e.Seq())
}

// begin makes a run of the ids since the last one.
func (s *ids) begin(pairs []idSeq, to uint64) *idRun {
	r := newRun(store.Run{ID: s.number.Add(1), From: s.end, To: to}, pairs)
	s.end = to
	s.mu.Lock()
	defer s.mu.Unlock()
	list := append(slices.Clone(s.runs()), r)
	s.list.Store(&list)
	return r
}

// stored has a run count on disk, in place of those that it covers. Whoever looks for an id and
// misses a page of those waits until it is done, and looks again.
func (s *ids) stored(r *idRun, save func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := save(); err != nil {
		return err
	}
	kept := *r
	kept.pairs = nil
	list := []*idRun{&kept}
	for _, o := range s.runs() {
		if o.ID != r.ID && !r.Covers(&o.Run) {
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b *idRun) int { return a.Run.Compare(&b.Run) })
	s.list.Store(&list)
	return nil
}

// ripe returns the stored runs at the end that are worth merging: from the first one on that has no
// more ids than those after it. So there are only as many runs as the number of ids has binary
// digits.
func (s *ids) ripe() []*idRun {
	list := s.runs()
	for len(list) > 0 && list[len(list)-1].pairs != nil {
		list = list[:len(list)-1] // on its way
	}
	first, n := len(list)-1, uint64(0)
	for i, r := range slices.Backward(list) {
		if i < len(list)-1 && r.Count <= n {
			first = i
		}
		n += r.Count
	}
	if len(list) < first+2 {
		return nil
	}
	return list[first:]
}

// older is asked by the engine for an id that it has forgotten.
func (a *applier) older(r *policy.Record, id string) (seq uint64, ok bool) {
	is := func(at uint64) bool {
		if at > a.eng.Forgot() {
			return false // it is in a run that was written later, and this is a replay
		}
		same, err := a.isEvent(at, r, id)
		a.lost = errors.Join(a.lost, err)
		if same {
			seq, ok = at, true
		}
		return same
	}
	hash := hashID(r.Full, id)
	err := a.ids.find(hash, is)
	if err != nil && a.ids.again(a.w.cfg.ReadOnly) == nil {
		err = a.ids.find(hash, is)
	}
	a.lost = errors.Join(a.lost, err)
	return seq, ok
}

// again prepares for a second look after one that missed a page, because runs were just merged: by
// this workspace, or by one that writes the log that this one only reads.
func (s *ids) again(readOnly bool) error {
	if readOnly {
		return s.open()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return nil
}

// isEvent reports whether an entry took in the event of an id.
func (a *applier) isEvent(seq uint64, r *policy.Record, id string) (same bool, err error) {
	if a.second == nil {
		a.second = a.plan.decoder()
	}
	err = a.stored(seq, store.Payloads|store.Redactions, func(row *store.Row) error {
		var e store.Entry
		if err := e.Decode(row.Entry); err != nil {
			return err
		}
		x, _, err := a.line(row, &e)
		if err == nil && x != nil {
			x.rec = new(record.Record)
			x.decode(a.second)
			same = x.rec.Type == r && x.rec.ID == id && x.rec.Reject == nil
		}
		return err
	})
	return same, err
}
