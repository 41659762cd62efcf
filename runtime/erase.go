package runtime

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime/store"
)

// An Erasure says what is to be erased. What was decided on the records stands: they count as they
// counted, their verdicts and scores stay; what came, the decision with its texts and the receipts
// are deleted, and tasks made of them lose their texts.
type Erasure struct {
	Record  string // Type/id: its own records and those that refer to it; "": all of them
	Expired bool   // only fields whose `keep` is over
	Whole   bool   // whole records instead of their personal fields; they no longer count
	By, Why string // who asked for it and why; kept in the log
}

// Erased is what an erasure did, or would do.
type Erased struct {
	Seq     uint64         // of its entry; 0: there was nothing to erase, or it was a rehearsal
	Entries int            // of which something was erased
	Fields  map[string]int // how often each was there, as Type.field; "": the whole record
}

// ErrNobody says that an erasure names nobody and no time.
var ErrNobody = errors.New("name whose data is to be erased, or that it is what has expired")

// erasure is the payload of an erase entry.
type erasure struct {
	By      string   `json:"by,omitempty"`
	Why     string   `json:"why,omitempty"`
	Entries []erased `json:"entries"`
}

type erased struct {
	Seq  uint64 `json:"seq"`
	Kept string `json:"kept"` // commitment to what is kept of it
}

// kept is what is kept of an erased record.
type kept struct {
	Line    json.RawMessage `json:"line,omitempty"` // the rest of the record; none: nothing
	Counts  bool            `json:"counts,omitempty"`
	Actions []keptAction    `json:"actions,omitempty"`
	Scores  []keptScore     `json:"scores,omitempty"`
}

type keptAction struct {
	Action        string `json:"action"`
	Done, Counted uint8
}

type keptScore struct {
	Score string  `json:"score"`
	Value float64 `json:"value"`
	Known bool    `json:"known"`
}

// Erase erases personal data (decision D12): what came and what was decided are deleted with their
// salts, the chain stays valid, and an entry says which entries, by whom and why. It returns when
// nothing of it is in the file any more. Nothing is decided meanwhile, which takes as long as a
// change of policy.
func (w *Workspace) Erase(ctx context.Context, x Erasure) (Erased, error) {
	if x.Record == "" && !x.Expired {
		return Erased{}, ErrNobody
	}
	if w.cfg.ReadOnly {
		return Erased{}, store.ErrReadOnly
	}
	out := new(Erased) // the applier's until it is done: it may be left alone before
	err := w.between(ctx, func(a *applier) (err error) {
		*out, err = a.erase(&x)
		return err
	})
	if err != nil {
		return Erased{}, err
	}
	return *out, nil
}

// WouldErase says what Erase would do.
func (w *Workspace) WouldErase(ctx context.Context, x Erasure) (out Erased, err error) {
	if x.Record == "" && !x.Expired {
		return out, ErrNobody
	}
	if err := ctx.Err(); err != nil {
		return out, err
	}
	_, out, err = w.find(&x)
	return out, err
}

func (a *applier) erase(x *Erasure) (Erased, error) {
	at := a.eng.Now()
	if !a.w.cfg.Import {
		at = max(at, a.w.cfg.Now().UnixMicro())
	}
	list, out, err := a.w.find(x)
	if err != nil || len(list) == 0 {
		return out, err
	}
	given := erasure{By: x.By, Why: x.Why}
	for i := range list {
		list[i].Kept = append(a.chain.Salt(nil), list[i].Kept...)
		sum := store.Commit(list[i].Kept)
		given.Entries = append(given.Entries, erased{list[i].Seq, hex.EncodeToString(sum[:])})
	}
	if err := a.protect(func() { a.eng.Advance(at, a.emit) }); err != nil {
		return out, err
	}
	if err := a.sync(); err != nil {
		return out, err
	}
	payload, err := json.Marshal(given)
	if err != nil {
		return out, err
	}
	a.keeping = map[uint64][]byte{} // it becomes durable with the entry that names it
	for i := range list {
		a.keeping[list[i].Seq] = list[i].Kept
	}
	defer func() { a.keeping, a.given = nil, nil }()
	if err := a.rebuildErased(&given, a.chain.Seq); err != nil {
		return out, err
	}
	a.given, a.cur.Redact = payload, list
	e := engine.Entry{Kind: decision.Erase, Moment: at}
	if err := a.protect(func() { a.eng.Apply(&e, a.emit) }); err != nil {
		return out, err
	}
	out.Seq = a.chain.Seq
	return out, a.forgetErased(given.seqs())
}

func (g *erasure) seqs() (out []uint64) {
	for i := range g.Entries {
		out = append(out, g.Entries[i].Seq)
	}
	return out
}

// Erased are the entries of which an erasure's own entry says that something was erased.
func (l *Logged) Erased() (seqs []uint64) {
	var x erasure
	if decision.Kind(l.Kind) == decision.Erase && json.Unmarshal(l.Payload, &x) == nil {
		seqs = x.seqs()
	}
	return seqs
}

// forgetErased saves a snapshot that knows nothing of what was erased, and with it deletes that.
func (a *applier) forgetErased(seqs []uint64) error {
	s := a.save()
	s.erase = seqs
	a.cur.save, a.cur.drain = s, true
	err := a.sync()
	a.keeping, a.unerased = nil, nil
	return err
}

// rebuildErased makes the engine anew without what was erased. Running state stays.
func (a *applier) rebuildErased(x *erasure, to uint64) error {
	hush := engine.Erased{Seqs: map[uint64]bool{}, Records: map[string]bool{}}
	if a.keeping == nil { // it was cut short
		a.keeping = map[uint64][]byte{}
	}
	for _, e := range x.Entries {
		hush.Seqs[e.Seq] = true
		err := a.w.log.Read(e.Seq, e.Seq, store.Redactions, func(r *store.Row) error {
			a.keeping[e.Seq] = bytes.Clone(a.keptOf(r))
			var k kept
			if err := k.read(a.keeping[e.Seq]); err != nil {
				return fmt.Errorf("seq %d: %w", e.Seq, err)
			}
			if rec := a.keptRecord(r, &k); rec != nil && rec.Type != nil {
				hush.Records[rec.Type.Full+"/"+rec.ID] = true
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if err := a.rebuild(a.plan, to); err != nil {
		return err
	}
	return a.protect(func() { a.eng.Hush(&hush) })
}

// keptOf is what is kept of a row's record, also where that is not durable yet; nil: all of it.
// While what came is still there, an erasure that was cut short is yet to come in the replay.
func (a *applier) keptOf(r *store.Row) []byte {
	if b := a.keeping[r.Seq]; b != nil {
		return b
	}
	if r.Payload != nil {
		return nil
	}
	return r.Kept
}

func (k *kept) read(salted []byte) error { return json.Unmarshal(store.Unsalt(salted), k) }

// keptRecord decodes what is kept of a record; nil: nothing is.
func (a *applier) keptRecord(r *store.Row, k *kept) *record.Record {
	var e store.Entry
	if k.Line == nil || e.Decode(r.Entry) != nil {
		return nil
	}
	x := input{line: k.Line, moment: e.Moment, flags: e.Flags, rec: new(record.Record)}
	x.decode(a.decoder)
	return x.rec
}

// then makes what a rebuild takes a partly erased record in by; nil: it counts no more.
func (k *kept) then() *engine.Then {
	if k.Line == nil || !k.Counts {
		return nil
	}
	t := &engine.Then{Actions: map[string]decision.Completion{}, Scores: map[string]decision.Scored{}}
	for _, a := range k.Actions {
		t.Actions[a.Action] = decision.Completion{Done: value.Tri(a.Done), Counted: value.Tri(a.Counted)}
	}
	for _, s := range k.Scores {
		t.Scores[s.Score] = decision.Scored{Value: s.Value, Known: s.Known}
	}
	return t
}

// keep is what is kept of a record whose line is line without what is erased.
func keep(line []byte, d *decision.Decision) kept {
	k := kept{Line: line, Counts: d.Outcome == decision.Accepted || d.Outcome == decision.Held}
	for _, a := range d.Actions {
		k.Actions = append(k.Actions, keptAction{a.Action.Full, uint8(a.Done), uint8(a.Counted)})
	}
	for _, s := range d.Scores {
		k.Scores = append(k.Scores, keptScore{s.Score.Full, s.Value, s.Known})
	}
	return k
}

// find lists what an erasure is about with what is kept of it.
func (w *Workspace) find(x *Erasure) (list []store.Redaction, out Erased, err error) {
	now := w.cfg.Now().UnixMicro() // time for keeping runs in the world, not in the log
	out.Fields = map[string]int{}
	f := finder{about: About{Record: x.Record}, plans: w.plans, back: map[string]bool{}}
	var names []string
	var all []kept
	err = f.each(w.log, 1, w.log.Last(), func(l *Found) error {
		drop := func(f *policy.Field) bool {
			p := f.Personal
			return p != nil && (!x.Expired || p.Keep > 0 && l.Record.At+p.Keep <= now)
		}
		var line []byte
		if x.Whole {
			out.Fields[l.Record.Type.Full]++
		} else {
			kept, gone, ok := l.decoder.Without(l.Line, drop)
			if !ok || !l.personal(gone, x.Expired) {
				return nil
			}
			for _, name := range gone {
				out.Fields[l.Record.Type.Full+"."+name]++
			}
			line = kept
		}
		var k kept
		if line != nil && !l.before {
			k = keep(line, &l.decided)
		} else if line != nil {
			k = l.kept
			k.Line = line
		}
		list = append(list, store.Redaction{Seq: l.Seq})
		names, all = append(names, l.Record.Type.Full+"/"+l.Record.ID), append(all, k)
		return nil
	})
	for i := range list {
		// What was taken back counts no more. Who takes it in again could not see it taken back.
		all[i].Counts = all[i].Counts && !f.back[names[i]]
		b, bad := json.Marshal(&all[i])
		list[i].Kept, err = b, errors.Join(err, bad)
	}
	out.Entries = len(list)
	return list, out, err
}
