package ask

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/evidence"
	"github.com/throughline/throughline/runtime"
)

// A Past is a log that can be explained: a workspace, or one that nobody runs (Closed).
type Past interface {
	Last() uint64
	Entries(from, to uint64, why bool, each func(*runtime.Logged) error) error
	AsOf(seq uint64, progress func(done, all uint64), see func(*engine.Engine, *engine.Entry)) error
	Before(seq uint64, progress func(done, all uint64), use func(*engine.Engine)) error
}

// Closed is a log that nobody runs.
func Closed(log runtime.Log) Past { return closed{log} }

type closed struct{ runtime.Log }

func (c closed) Entries(from, to uint64, _ bool, each func(*runtime.Logged) error) error {
	return runtime.Read(c.Log, from, to, each)
}

func (c closed) AsOf(
	seq uint64, progress func(done, all uint64), see func(*engine.Engine, *engine.Entry),
) error {
	return runtime.AsOf(c.Log, seq, runtime.Config{Progress: progress}, see)
}

func (c closed) Before(
	seq uint64, progress func(done, all uint64), use func(*engine.Engine),
) error {
	return runtime.Before(c.Log, seq, runtime.Config{Progress: progress}, use)
}

// NoSeqError says that a log has no such entry.
type NoSeqError struct {
	Seq, Last uint64
}

// Error says what the log has.
func (e *NoSeqError) Error() string { return e.In("en") }

// In is the error in a language.
func (e *NoSeqError) In(lang string) string {
	if lang == "zh" {
		return fmt.Sprintf("没有 seq %d；日志从 1 到 %d", e.Seq, e.Last)
	}
	return fmt.Sprintf("there is no seq %d; the log has 1 to %d", e.Seq, e.Last)
}

// Stored reads a decision with its receipts, and the policy that decided.
func Stored(p Past, seq uint64) (*decision.Decision, *policy.Policy, error) {
	if last := p.Last(); seq == 0 || seq > last {
		return nil, nil, &NoSeqError{seq, last}
	}
	d := new(decision.Decision)
	var of *policy.Policy
	err := p.Entries(seq, seq, true, func(l *runtime.Logged) error {
		of = l.Policy()
		return l.Decode(d)
	})
	return d, of, err
}

// Excluded asks the engine, as it was then, what it saw in conditions that its index left out.
func Excluded(
	p Past, seq uint64, progress func(done, all uint64),
) (d *decision.Decision, err error) {
	err = p.AsOf(seq, progress, func(e *engine.Engine, in *engine.Entry) {
		switch {
		case in.Kind == decision.Step && in.Step != nil && in.Step.Type != nil:
			d, _ = e.Why(in.Step.Type, in.Step.ID)
		case in.Kind != decision.Record || in.Record.Reject != nil || in.Record.Type == nil:
		case in.Record.Type.Kind == policy.Event:
			d = e.WhyEvent(in.Record)
		default:
			d, _ = e.Why(in.Record.Type, in.Record.ID)
		}
	})
	if err == nil && d != nil && d.Noted != nil {
		err = readNoted(p, d.Noted)
	}
	return d, err
}

// Noted is what the proof of events was held against, by their entries, in one replay of the log.
// An entry with no such thing is left out.
func Noted(w *runtime.Workspace, seqs []uint64) (map[uint64]*decision.Noted, error) {
	out := map[uint64]*decision.Noted{}
	err := w.AsOfEach(seqs, func(e *engine.Engine, in *engine.Entry) {
		if r := in.Record; in.Kind == decision.Record && r.Reject == nil && r.Type != nil &&
			r.Type.Kind == policy.Event {
			if n := e.WhyEvent(r).Noted; n != nil {
				out[in.Seq] = n
			}
		}
	})
	if err != nil {
		return nil, err
	}
	for _, seq := range slices.Sorted(maps.Keys(out)) {
		if err := readNoted(w, out[seq]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// readNoted reads of the log which records an event's proof was held against.
func readNoted(p Past, n *decision.Noted) error {
	for i := range n.Files {
		if err := readRef(p, n.Files[i].Record, &n.Files[i].Of); err != nil {
			return err
		}
	}
	if t := n.Trip; t != nil && t.Other.Record > 0 {
		if err := readRef(p, t.Other.Record, &t.Of); err != nil {
			return err
		}
	}
	if n.Like == nil {
		return nil
	}
	return readLike(p, n)
}

// readRef reads whose record an entry was; of one that was erased nothing is known.
func readRef(p Past, seq uint64, to *decision.Ref) error {
	return p.Entries(seq, seq, false, func(l *runtime.Logged) error {
		var d decision.Decision
		var gone *runtime.ErasedError
		if err := l.Decode(&d); errors.As(err, &gone) {
			return nil
		} else if err != nil {
			return err
		}
		*to = decision.Ref{Type: d.Record.Type, ID: strings.Clone(d.Record.ID)}
		return nil
	})
}

// readLike reads the note that another one is like: of its record the text that is most like it.
func readLike(p Past, n *decision.Noted) error {
	seq := n.Like.Record
	return p.Entries(seq, seq, false, func(l *runtime.Logged) error {
		var d decision.Decision
		var gone *runtime.ErasedError
		if err := l.Decode(&d); errors.As(err, &gone) {
			return nil
		} else if err != nil {
			return err
		}
		n.Like.Of = decision.Ref{Type: d.Record.Type, ID: strings.Clone(d.Record.ID)}
		var members map[string]any
		if json.Unmarshal(l.Payload, &members) != nil {
			return nil
		}
		best := 0.0
		s := evidence.SketchOf(n.Note, nil)
		for _, key := range slices.Sorted(maps.Keys(members)) {
			text, is := members[key].(string)
			if !is {
				continue
			}
			if x := evidence.Jaccard(s, evidence.SketchOf(text, nil)); x > best {
				best, n.Like.Text = x, text
			}
		}
		return nil
	})
}

// About finds the decisions about a record, the last first, and ends where enough says so. It reads
// the log from its end.
func About(
	p Past, of *policy.Record, id string, enough func(found int, from uint64) bool,
) (found []uint64, err error) {
	const piece = 1 << 12
	var d decision.Decision
	is := func(r decision.Ref) bool { return r.Type != nil && r.Type.Full == of.Full && r.ID == id }
	for to := p.Last(); to > 0; {
		from := uint64(1)
		if to > piece {
			from = to - piece + 1
		}
		var here []uint64
		err := p.Entries(from, to, false, func(l *runtime.Logged) error {
			var gone *runtime.ErasedError
			if err := l.Decode(&d); errors.As(err, &gone) {
				return nil
			} else if err != nil {
				return err
			}
			hit := is(d.Record)
			for i := range d.Effects {
				hit = hit || is(d.Effects[i].Subject) || is(d.Effects[i].Target)
			}
			if hit {
				here = append(here, l.Seq)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		for i := len(here) - 1; i >= 0; i-- {
			found = append(found, here[i])
		}
		if enough(len(found), from) {
			break
		}
		to = from - 1
	}
	return found, nil
}

// TookIn is, of the entries about an event, the one that took it in, or where none did the last.
func TookIn(p Past, found []uint64) (uint64, error) {
	for i := len(found) - 1; i >= 0; i-- {
		d, _, err := Stored(p, found[i])
		if err != nil {
			return 0, err
		}
		switch d.Outcome {
		case decision.Accepted, decision.Held, decision.Dropped:
			return found[i], nil
		}
	}
	return found[0], nil
}
