package runtime

import (
	"bytes"
	"fmt"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime/store"
)

// rebuild replaces the engine by one of another policy.
func (a *applier) rebuild(p *plan, to uint64) error {
	eng, silent, err := a.absorb(p, to, nil)
	if err != nil {
		return err
	}
	a.silent, a.ids = silent, a.ids.empty()
	a.use(eng, p)
	return nil
}

// absorb makes an engine of another policy that has taken in the log up to a seq as facts, and has
// the running state of what did not change its meaning (reference, section 8a).
func (a *applier) absorb(
	p *plan, to uint64, before func(*engine.Engine, int64),
) (*engine.Engine, []engine.Silent, error) {
	x := facts{a: a, plan: p, before: before, progress: a.w.cfg.Progress}
	err := x.take(to)
	var silent []engine.Silent
	if err == nil {
		err = a.protect(func() { silent = x.eng.Adopt(a.eng) })
	}
	if err = a.found(err); err != nil {
		return nil, nil, fmt.Errorf("rebuild for policy %x: %w", p.hash[:6], err)
	}
	return x.eng, silent, nil
}

// facts takes in a log as facts.
type facts struct {
	a        *applier
	plan     *plan
	before   func(*engine.Engine, int64)  // called before each entry, with its moment
	rows     func(seq uint64, row []byte) // told of what a retraction of each entry needs
	progress func(done, all uint64)

	eng     *engine.Engine
	decoder *record.Decoder
	rec     *record.Record
	back    map[string][]byte // by Type/id: of events that are taken back, what that needs
}

func (x *facts) take(to uint64) (err error) {
	if x.eng, err = x.a.engine(x.plan); err != nil {
		return err
	}
	x.decoder, x.rec, x.back = x.plan.decoder(), new(record.Record), map[string][]byte{}
	if err := x.each(to, store.Payloads|store.Redactions, x.scan); err != nil {
		return err
	}
	return x.each(to, store.Payloads|store.Redactions, func(row *store.Row, e *store.Entry) error {
		if e.Seq%progressEvery == 0 || e.Seq == to {
			x.progress(e.Seq, to)
		}
		in, err := x.entry(row, e)
		if err != nil {
			return err
		}
		return x.a.protect(func() {
			if x.before != nil {
				x.before(x.eng, in.Moment)
			}
			x.absorb(in, e.Seq)
		})
	})
}

func (x *facts) each(
	to uint64, parts store.Parts, f func(*store.Row, *store.Entry) error,
) error {
	return x.a.w.log.Read(1, to, parts, func(row *store.Row) error {
		var e store.Entry
		if err := e.Decode(row.Entry); err != nil {
			return err
		}
		return f(row, &e)
	})
}

// scan finds the events that the log takes back, since of others nothing has to be kept.
func (x *facts) scan(row *store.Row, e *store.Entry) error {
	if decision.Kind(e.Kind) != decision.Record || !mayRetract(row.Payload) && !mayRetract(row.Kept) {
		return nil
	}
	in, _, err := x.a.line(row, e)
	if err != nil || in == nil {
		return err
	}
	in.rec = x.rec
	if in.decode(x.decoder); x.a.retracts(x.rec) {
		x.back[nameOf(x.rec)] = nil
	}
	return nil
}

// mayRetract reports whether a line may take an event back: the word is in it, or letters are
// written as numbers.
func mayRetract(line []byte) bool {
	return bytes.Contains(line, []byte("retracted")) || bytes.Contains(line, []byte(`\u`))
}

func nameOf(r *record.Record) string { return r.Type.Full + "/" + r.ID }

// entry makes what the engine takes in of a row.
func (x *facts) entry(row *store.Row, e *store.Entry) (*engine.Entry, error) {
	in := &engine.Entry{Kind: decision.Kind(e.Kind), Moment: e.Moment, Cause: e.Cause}
	switch in.Kind {
	case decision.Record:
		line, then, err := x.a.line(row, e)
		if err != nil {
			return nil, err
		}
		if line == nil {
			in.Kind = decision.Tick // it counts no more
			break
		}
		line.rec = x.rec
		line.decode(x.decoder)
		if in.Record, in.Then = x.rec, then; then != nil && x.rec.Type == nil {
			in.Kind, in.Then = decision.Tick, nil // the type is gone
			break
		}
		if x.a.retracts(x.rec) {
			in.Prior = x.prior()
		}
	case decision.Step:
		step, err := readStep(store.Unsalt(row.Payload), x.plan.policy)
		if err != nil {
			return nil, fmt.Errorf("seq %d: %w", e.Seq, err)
		}
		if step.Type == nil {
			in.Kind = decision.Tick // the field is gone, and with it what was set
		}
		in.Step = step
	}
	return in, nil
}

func (x *facts) prior() *engine.Prior {
	seq, ok := x.eng.Known(x.rec.Type, x.rec.ID)
	if !ok {
		return nil
	}
	return &engine.Prior{Seq: seq, Row: x.back[nameOf(x.rec)]}
}

func (x *facts) absorb(in *engine.Entry, seq uint64) {
	row := x.eng.Absorb(in)
	if in.Kind != decision.Record || in.Record.Type == nil {
		return
	}
	if len(x.back) > 0 && len(row) > 0 && !in.Record.Retracted {
		if _, is := x.back[nameOf(in.Record)]; is {
			x.back[nameOf(in.Record)] = bytes.Clone(row)
		}
	}
	if x.rows != nil {
		x.rows(seq, row)
	}
}

// line is the record of a row as an input, of an erased one what is kept of it, with what was
// decided on that; nil: it counts no more.
func (a *applier) line(row *store.Row, e *store.Entry) (*input, *engine.Then, error) {
	in := &input{line: bytes.Clone(store.Unsalt(row.Payload)), moment: e.Moment, flags: e.Flags}
	b := a.keptOf(row)
	if b == nil {
		return in, nil, nil
	}
	var k kept
	if err := k.read(b); err != nil {
		return nil, nil, fmt.Errorf("seq %d: %w", e.Seq, err)
	}
	then := k.then()
	if in.line = k.Line; then == nil {
		return nil, nil, nil
	}
	return in, then, nil
}

// retracts reports whether a record takes an event back.
func (a *applier) retracts(r *record.Record) bool {
	return r.Retracted && r.Reject == nil && r.Type.Kind == policy.Event
}
