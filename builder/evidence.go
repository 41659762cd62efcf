package builder

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/evidence"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/ask"
)

// What a record in doubt was held against is found by a replay of the log: an earlier note, photo
// or place. One replay finds it for all that wait, beside the pages, which hear of it when it is
// there. It is of the past and never changes.

// evidences keep what was found, by workspace.
type evidences struct {
	mu  sync.Mutex
	all map[string]*evidenceBook
}

type evidenceBook struct {
	mu      sync.Mutex
	found   map[uint64]*decision.Noted // by entry; nil: there is nothing
	wanted  map[uint64]bool
	running bool
}

// mostFound is how much is kept; more begins anew.
const mostFound = 2000

func (k *evidences) of(workspace string) *evidenceBook {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.all == nil {
		k.all = map[string]*evidenceBook{}
	}
	b := k.all[workspace]
	if b == nil {
		b = &evidenceBook{found: map[uint64]*decision.Noted{}, wanted: map[uint64]bool{}}
		k.all[workspace] = b
	}
	return b
}

// noted is what an entry was held against; false: it is being looked for.
func (v *Visit) noted(seq uint64) (*decision.Noted, bool) {
	b := v.b.evidence.of(v.Workspace)
	b.mu.Lock()
	defer b.mu.Unlock()
	if n, ok := b.found[seq]; ok {
		return n, true
	}
	b.wanted[seq] = true
	if !b.running {
		b.running = true
		ctx := v.b.doors.Ends()
		a := v.b.doors.Ask(ctx, api.Caller{Who: v.Who, Verb: v.verb, Workspace: v.Workspace,
			Route: v.route()})
		go b.look(ctx, v.b, v.Workspace, a)
	}
	return nil, false
}

// gathers is how long it is waited for more to look for: a page asks for many.
const gathers = 50 * time.Millisecond

// look looks for all that is wanted.
func (b *evidenceBook) look(ctx context.Context, of *Builder, workspace string, a api.Asking) {
	for ctx.Err() == nil {
		time.Sleep(gathers)
		b.mu.Lock()
		var seqs []uint64
		for seq := range b.wanted {
			seqs = append(seqs, seq)
		}
		if len(seqs) == 0 {
			b.running = false
			b.mu.Unlock()
			return
		}
		b.mu.Unlock()
		slices.Sort(seqs)
		list, err := a.Noted(seqs)
		if err != nil && ctx.Err() == nil {
			of.o.Log.Error("evidence", "workspace", workspace, "err", err)
		}
		b.mu.Lock()
		if len(b.found) > mostFound {
			clear(b.found)
		}
		for _, seq := range seqs {
			b.found[seq] = list[seq] // after a fault nothing is shown rather than asked for again
			delete(b.wanted, seq)
		}
		b.mu.Unlock()
		of.follows.of(workspace).kick()
	}
}

// evidence sets beside a record what it was held against, as far as whoever looks sees it.
func (v *Visit) evidence(x *view.Review, t *api.Told) error {
	n, done := v.noted(t.Decision.Seq)
	if x.Looking = !done; n == nil {
		return nil
	}
	if n.Like != nil {
		if err := v.likeNote(x, t, n); err != nil {
			return err
		}
	}
	for _, f := range n.Files {
		if !v.reads(t, value.Photo, value.Audio, value.File) {
			break
		}
		other, err := v.other(f.Record)
		if err != nil {
			return err
		}
		how := v.Sayf(words.EvidenceLooks, f.Bits)
		if f.Bytes {
			how = v.Say(words.EvidenceBytes)
		}
		a := view.Again{Text: how, Other: other.Other}
		if other.told != nil {
			a.Photos, err = v.photosOf(other.told.Record.String(), f.Record, other.zone)
			if err != nil {
				return err
			}
		}
		x.Again = append(x.Again, a)
	}
	if n.Trip == nil {
		return nil
	}
	return v.trip(x, t, n.Trip)
}

// reads reports whether all fields of some kinds of a record are seen.
func (v *Visit) reads(t *api.Told, kinds ...value.Kind) bool {
	sees := v.Sees()
	if t.Record.Type == nil {
		return false
	}
	return !slices.ContainsFunc(t.Record.Type.Fields, func(f *policy.Field) bool {
		return slices.Contains(kinds, f.Type.Kind) && sees.Hides(f)
	})
}

// says reports whether a text stands in a field of a record that is seen.
func says(t *api.Told, s string) bool {
	for _, raw := range t.Fields {
		var is string
		if json.Unmarshal(raw, &is) == nil && is == s {
			return true
		}
	}
	return false
}

// otherRecord is another record that something was held against.
type otherRecord struct {
	view.Other
	told *api.Told // nil: whoever looks does not see it
	zone *time.Location
}

func (v *Visit) other(seq uint64) (out otherRecord, err error) {
	list, err := v.Ask().Decisions(seq, seq)
	if err != nil || len(list) == 0 {
		out.Text = v.Say(words.EvidenceUnseen)
		return out, err
	}
	out.told = &list[0]
	err = v.Ask().Look(func(e *engine.Engine, _ *ask.Sight) {
		out.zone = e.Zone()
		t := out.told
		out.Text = t.Record.String() + " · " + stamp(t.At, out.zone)
		if p := persons(t.Policy); p != nil && t.Record.Type != nil {
			for _, f := range t.Record.Type.Fields {
				if id := reference(t.Fields[f.Name]); id != "" && f.Type.Record != nil &&
					f.Type.Record.Full == p.Full {
					out.Text = v.nameOf(e, p, id) + " · " + stamp(t.At, out.zone)
				}
			}
		}
		out.Href = v.In("log/" + strconv.FormatUint(seq, 10))
	})
	return out, err
}

// likeNote sets two notes side by side, with what both say.
func (v *Visit) likeNote(x *view.Review, t *api.Told, n *decision.Noted) error {
	if !says(t, n.Note) {
		return nil // it is hidden, or erased
	}
	other, err := v.other(n.Like.Record)
	if err != nil {
		return err
	}
	x.Like = &view.Alike{Share: percent(n.Like.Jaccard), Other: other.Other}
	if other.told == nil || n.Like.Text == "" || !says(other.told, n.Like.Text) {
		return nil
	}
	x.Like.This = marked(n.Note, n.Like.Text)
	x.Like.That = marked(n.Like.Text, n.Note)
	return nil
}

// marked is a note in pieces; those that stand in the other too are marked.
func marked(note, other string) (out []view.Piece) {
	runes := []rune(note)
	at := 0
	for _, s := range evidence.Matching(evidence.Fold(note, nil), evidence.Fold(other, nil)) {
		if s.From < at || s.To > len(runes) {
			continue
		}
		if s.From > at {
			out = append(out, view.Piece{Text: string(runes[at:s.From])})
		}
		out = append(out, view.Piece{Text: string(runes[s.From:s.To]), Same: true})
		at = s.To
	}
	if at < len(runes) {
		out = append(out, view.Piece{Text: string(runes[at:])})
	}
	return out
}

// trip says how somebody would have come from an earlier record, or to a later one.
func (v *Visit) trip(x *view.Review, of *api.Told, t *decision.Trip) error {
	if !v.reads(of, value.Point) {
		return nil
	}
	if t.Mock {
		x.Trip = &view.Trip{Text: v.Say(words.EvidenceMock)}
		return nil
	}
	if t.Other.Record == 0 {
		return nil
	}
	other, err := v.other(t.Other.Record)
	if err != nil {
		return err
	}
	if other.told == nil || !v.reads(other.told, value.Point) {
		return nil // how far it is would say where the other was
	}
	text := v.Sayf(words.EvidenceOnce, distance(t.Metres))
	if !math.IsInf(t.Speed, 1) && t.Speed > 0 {
		text = v.Sayf(words.EvidenceTrip, distance(t.Metres),
			fixed(math.Ceil(t.Metres/t.Speed/60), 0), fixed(t.Speed*3.6, 0))
	}
	x.Trip = &view.Trip{Text: text, Other: other.Other}
	return nil
}
