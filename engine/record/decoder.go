package record

import (
	"fmt"
	"strconv"
	"time"
	"unsafe"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// MaxLine is how many bytes a record may have.
const MaxLine = 1 << 20

// maxDepth is how deep arrays and objects may be nested.
const maxDepth = 64

// Late is how much later than received a record's at may be.
const Late = 5 * value.Minute

// Decoder decodes records against one policy. It is not safe for concurrent use, because it learns
// the order of keys; several decoders of one policy decode alike.
type Decoder struct {
	zone   *time.Location
	datum  value.Datum
	shapes []*shape
	byName map[string]*shape
	types  []string // names of record types, to find the nearest of an unknown one
	last   *shape   // of the record before

	choices map[*policy.Choice]*choice
	none    Defaults
}

// NewDecoder plans the decoding of a policy's records. Moments without offset are of the zone,
// UTC where it is nil.
func NewDecoder(p *policy.Policy, zone *time.Location) *Decoder {
	if zone == nil {
		zone = time.UTC
	}
	d := &Decoder{zone: zone, datum: p.Settings.Datum, byName: map[string]*shape{},
		choices: map[*policy.Choice]*choice{}}
	for _, rec := range p.Records {
		gather(rec, d.choices)
	}
	for _, rec := range p.Records {
		sh := newShape(rec, len(d.shapes), d.choices)
		d.shapes = append(d.shapes, sh)
		d.byName[rec.Full] = sh
		d.types = append(d.types, rec.Full)
	}
	for _, a := range p.Actions {
		if a.DoneWithin != nil {
			// A second system may send what an event waits for and nothing else: whether the event is
			// there already only the engine knows, and it refuses what is lacking then.
			clear(d.byName[a.On.Full].need)
		}
	}
	d.alias(func(r *policy.Record) []string { return []string{r.Name} })
	d.alias(func(r *policy.Record) []string { return texts(r.Label) })
	d.alias(func(r *policy.Record) []string { return r.Was })
	return d
}

// gather plans the choices of a record type, of its lists and of their rows.
func gather(rec *policy.Record, choices map[*policy.Choice]*choice) {
	for _, f := range rec.Fields {
		for t := &f.Type; t != nil; t = t.Elem {
			if t.Choice != nil && choices[t.Choice] == nil {
				choices[t.Choice] = newChoice(t.Choice)
			}
			if t.Kind == value.Row && t.Record != nil && t.Record != rec {
				gather(t.Record, choices)
			}
		}
	}
}

// alias makes types known by further names. A name that two types share is none of either.
func (d *Decoder) alias(names func(*policy.Record) []string) {
	found := map[string]*shape{}
	var order []string
	for _, sh := range d.shapes {
		for _, n := range names(sh.rec) {
			if _, taken := d.byName[n]; taken || n == "" {
				continue
			}
			if other, twice := found[n]; twice && other != sh {
				found[n] = nil
				continue
			}
			found[n] = sh
			order = append(order, n)
		}
	}
	for _, n := range order {
		if sh := found[n]; sh != nil {
			d.byName[n] = sh
		}
	}
}

// Zone returns the zone of moments without offset.
func (d *Decoder) Zone() *time.Location { return d.zone }

// Type returns the record type that data calls by this name: its name, label or former name.
func (d *Decoder) Type(name string) *policy.Record {
	if sh := d.byName[name]; sh != nil {
		return sh.rec
	}
	return nil
}

// Decode decodes one JSON object. def may be nil. The record is rejected, never lost: what could
// be read of a rejected one is in r too.
func (d *Decoder) Decode(line []byte, def *Defaults, r *Record) {
	if def == nil {
		def = &d.none
	}
	if len(line) > MaxLine || !d.fast(line, def, r) {
		d.full(line, def, r)
	}
}

// envelopeSeen is what the envelope of a record said.
type envelopeSeen struct {
	id            string
	at, received  int64
	hasAt, hasRec bool
	hasID         bool
	typed         bool // the fast path met the type
	badMoment     bool // one was given and refused
	broken        bool // a table's row that is no record: what is missing in it is not told too
}

// settle fills id and moments in and checks what holds for the record as a whole. It reports
// whether there was nothing to find.
func (d *Decoder) settle(sh *shape, e *envelopeSeen, def *Defaults, r *Record) bool {
	n := len(r.Findings)
	r.ID = e.id
	if !e.hasID && def.ID != "" {
		r.ID = def.ID
	}
	if r.ID == "" && !e.hasID && !e.broken { // an empty one was told already
		r.find(decision.Finding{Code: source.RecordNoID, Args: []string{"id", "–"}})
	}
	d.moments(e, def, r)
	if sh.idPos >= 0 {
		r.Slots.Mark(sh.idBit)
		r.Slots.S[sh.idPos] = r.ID
	}
	if sh.atPos >= 0 {
		r.Slots.Mark(sh.atBit)
		r.Slots.N[sh.atPos] = r.At
	}
	if sh.recPos >= 0 {
		r.Slots.Mark(sh.recBit)
		r.Slots.N[sh.recPos] = r.Received
	}
	if !r.Retracted && !r.Deleted && !e.broken {
		for i, need := range sh.need {
			if lack := need &^ r.Slots.Known[i]; lack != 0 {
				d.lacking(sh, r)
				break
			}
		}
	}
	if r.more > 0 {
		r.Findings = append(r.Findings, decision.Finding{Code: source.RecordMore,
			Args: []string{strconv.Itoa(r.more)}})
	}
	return r.Reject == nil && len(r.Findings) == n
}

// moments settles at and received.
func (d *Decoder) moments(e *envelopeSeen, def *Defaults, r *Record) {
	if def.Stamped {
		r.Sent, r.HasSent = e.received, e.hasRec
		e.received, e.hasRec = def.Received, true
	}
	if !e.hasAt && !e.hasRec && def.HasAt {
		e.at, e.hasAt = def.At, true
	}
	switch {
	case !e.hasAt && !e.hasRec && (e.badMoment || e.broken):
	case !e.hasAt && !e.hasRec:
		r.find(decision.Finding{Code: source.RecordNoMoment})
	case !e.hasAt:
		e.at = e.received
	case !e.hasRec:
		e.received = e.at
	}
	if e.hasAt && e.at < earliest {
		r.find(decision.Finding{Code: source.RecordEarly, Args: []string{
			d.written(e.at), d.written(earliest)}})
		if e.received < earliest {
			e.received = 0 // a typing error must not be the moment at which a log begins
		}
	}
	r.At, r.Received = e.at, e.received
	if r.At-r.Received > Late {
		r.find(decision.Finding{Code: source.RecordFuture, Args: []string{
			d.written(r.At), d.written(r.Received)}})
	}
}

// earliest is before everything that anybody recorded. With a year mistyped as 24, the next record
// would have the daily looks of two thousand years fall due.
const earliest = -2_208_988_800_000_000 // 1900-01-01T00:00:00Z

// lacking finds the fields that an event must have and has not. One that was named and refused
// was told already.
func (d *Decoder) lacking(sh *shape, r *Record) {
	for i, f := range sh.rec.Fields {
		if sh.need[i>>6]>>(i&63)&1 == 1 && !r.Slots.Has(i) && (!r.names(i) || r.clears(i)) {
			r.find(lacks(sh.rec, f))
		}
	}
}

// lacks returns the finding that a field which must have a value has none.
func lacks(rec *policy.Record, f *policy.Field) decision.Finding {
	return decision.Finding{Code: source.RecordRequired, Args: []string{rec.Name, f.Name}, Field: f}
}

func (d *Decoder) written(moment int64) string {
	return string(value.AppendTime(nil, moment, d.zone))
}

// view returns bytes as a text without copying them.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// clip shortens what came for a finding.
func clip(b []byte) string {
	const most = 80
	if len(b) <= most {
		return string(b)
	}
	n := most
	for n > 0 && b[n]&0xc0 == 0x80 {
		n--
	}
	return fmt.Sprintf("%s… (%d bytes)", b[:n], len(b))
}
