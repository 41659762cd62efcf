package trial

import (
	"bytes"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
)

// Input is one record of a log.
type Input struct {
	Line    []byte // as it came; it must not change while the log is gone through
	Moment  int64  // of its entry, where Stamped; else the record says it itself
	Stamped bool

	// Pause says that no record is there for the time being, and how far time has come. A backtest
	// compares what it has; nothing else takes such a log.
	Pause bool
}

// Log hands out the records of a log in their order. It may be gone through more than once.
type Log func(each func(Input) error) error

// Slice is a log in memory.
func Slice(list []Input) Log {
	return func(each func(Input) error) error {
		for _, x := range list {
			if err := each(x); err != nil {
				return err
			}
		}
		return nil
	}
}

// feeder decides on the records of a log under one policy, on an engine and nothing else: no disk,
// no clock, and no effect is carried out.
type feeder struct {
	engine  *engine.Engine
	decoder *record.Decoder
	own     record.Record  // what decode decodes into
	rec     *record.Record // the one in hand
	emit    engine.Emit
	emitted engine.Emit
	back    map[decision.Ref][]byte // of events that will be taken back: what it takes
}

func newFeeder(p *policy.Policy, log Log, o engine.Options, emit engine.Emit) (*feeder, error) {
	e, err := engine.New(p, o)
	if err != nil {
		return nil, err
	}
	f := &feeder{engine: e, decoder: record.NewDecoder(p, e.Zone()), emit: emit,
		back: map[decision.Ref][]byte{}}
	f.rec, f.emitted = &f.own, f.keep
	return f, f.scan(log)
}

// scan finds the events that the log takes back, since only of those anything has to be kept.
func (f *feeder) scan(log Log) error {
	word := []byte("retracted")
	return log(func(in Input) error {
		if in.Pause || !bytes.Contains(in.Line, word) {
			return nil
		}
		if f.decode(in); f.rec.Retracted && f.rec.Type != nil {
			f.back[decision.Ref{Type: f.rec.Type, ID: f.rec.ID}] = nil
		}
		return nil
	})
}

// decode makes a record the one in hand.
func (f *feeder) decode(in Input) {
	f.rec = &f.own
	f.read(in, f.rec)
}

func (f *feeder) read(in Input, to *record.Record) {
	def := record.Defaults{}
	if in.Stamped {
		def = record.Defaults{Received: in.Moment, Stamped: true}
	}
	f.decoder.Decode(in.Line, &def, to)
}

// moment is the moment of the record in hand. One that says none comes when the one
// before it came.
func (f *feeder) moment(in Input) int64 {
	switch {
	case in.Stamped:
		return in.Moment
	case f.rec.Received == 0:
		return f.engine.Now()
	}
	return f.rec.Received
}

// apply decides on the record in hand.
func (f *feeder) apply(moment int64) {
	entry := engine.Entry{Kind: decision.Record, Moment: moment, Record: f.rec}
	if f.rec.Retracted && f.rec.Type != nil {
		if row := f.back[decision.Ref{Type: f.rec.Type, ID: f.rec.ID}]; row != nil {
			entry.Prior = &engine.Prior{Row: row}
		}
	}
	f.engine.Apply(&entry, f.emitted)
}

// keep keeps what a retraction needs, and hands the decision on.
func (f *feeder) keep(in *engine.Entry, d *decision.Decision) {
	if len(f.back) > 0 && in.Kind == decision.Record && d.Outcome == decision.Accepted {
		if row, is := f.back[d.Record]; is && row == nil {
			f.back[d.Record] = append([]byte{}, d.Row...)
		}
	}
	f.emit(in, d)
}
