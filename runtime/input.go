package runtime

import (
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime/store"
)

// decode reads the record. It depends on nothing but the line, the moment and the flags, which the
// log keeps: replaying decodes alike.
func (in *input) decode(d *record.Decoder) {
	def := record.Defaults{Received: in.moment, Stamped: true}
	if in.flags&store.Imported != 0 {
		def = record.Defaults{}
	}
	in.read(d, &def)
	switch {
	case in.flags&store.Quarantined != 0:
		in.refuse(source.RecordQuarantined)
	case in.flags&store.Ahead != 0:
		in.refuse(source.RecordAhead, string(value.AppendTime(nil, in.rec.Received, d.Zone())))
	}
}

// read decodes the line. A decoder that breaks is a bug of ours, and the line one that is kept,
// rejected and told of.
func (in *input) read(d *record.Decoder, def *record.Defaults) {
	defer func() {
		if recover() != nil {
			*in.rec = record.Record{}
			in.flags |= store.Quarantined
		}
	}()
	d.Decode(in.line, def, in.rec)
}

// refuse makes the record one that is rejected whatever else it says.
func (in *input) refuse(c source.Code, args ...string) {
	in.rec.Findings = in.rec.Findings[:0]
	in.rec.Reject = &decision.Finding{Code: c, Args: args}
}

// own takes the record's own moment for the entry's. A record that has none is rejected, and its
// entry has the moment of the one before it; so has one from the future, which would otherwise
// fire every timer up to then.
func (in *input) own(virtual bool, clock int64, d *record.Decoder) {
	in.moment = in.rec.Received
	if !virtual && in.moment-clock > record.Late {
		in.flags |= store.Ahead
		in.decode(d)
		in.moment = 0
	}
}
