// Package discreet keeps where people are outside their working time out of the log: at the door,
// before there is an entry, since what was once written has to be erased.
//
// A policy asks for it by the purpose of a field: location point? personal for "working hours".
package discreet

import (
	"bytes"
	"encoding/json"
	"slices"
	"sync"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/internal/calendar"
)

// purposes are those by which a field is for working time alone.
func purposes() []string { return []string{"working hours", "工作时间"} }

// Rule is what a policy asks for. It may be used from any goroutine.
type Rule struct {
	mu      sync.Mutex
	hours   *calendar.Calendar
	decoder *record.Decoder
	rec     record.Record
}

// For is a policy's rule; nil: it has none.
func For(p *policy.Policy) (*Rule, error) {
	asks := slices.ContainsFunc(p.Records, func(r *policy.Record) bool {
		return slices.ContainsFunc(r.Fields, asked)
	})
	if !asks {
		return nil, nil
	}
	zone, err := calendar.Zone(p.Settings.Timezone)
	if err != nil {
		return nil, err
	}
	return &Rule{hours: calendar.NewSet(p.Calendars, p.Settings).For(nil),
		decoder: record.NewDecoder(p, zone)}, nil
}

func asked(f *policy.Field) bool {
	return f.Personal != nil && slices.Contains(purposes(), f.Personal.Purpose) &&
		(f.Type.Kind == value.Point || f.Type.Kind == value.Photo)
}

// second is how long somebody has to be at work for a moment to be of their working time.
const second = 1_000_000

// Line is a record as it may be kept, which arrives at a moment: without positions where it is
// about a time outside the workspace's working time. Photos stay, without the place where they were
// taken.
func (r *Rule) Line(line []byte, now int64) []byte {
	if r == nil {
		return line
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.decoder.Decode(line, &record.Defaults{Received: now, Stamped: true}, &r.rec)
	of, zone := r.rec.Type, r.decoder.Zone()
	if of == nil || !slices.ContainsFunc(of.Fields, asked) ||
		r.hours.Workhours(r.rec.At, r.rec.At+second, zone) > 0 {
		return line
	}
	return without(line, of)
}

// without takes positions out of a record. One that is no object is left as it is: it is rejected.
func without(line []byte, of *policy.Record) []byte {
	in := json.NewDecoder(bytes.NewReader(line))
	if t, err := in.Token(); err != nil || t != json.Delim('{') {
		return line
	}
	out := []byte{'{'}
	for in.More() {
		t, err := in.Token()
		key, isText := t.(string)
		var raw json.RawMessage
		if err != nil || !isText || in.Decode(&raw) != nil {
			return line
		}
		if f := fieldOf(of, key); f != nil && asked(f) {
			if f.Type.Kind == value.Point {
				continue
			}
			raw = placeless(raw)
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(value.AppendQuoted(out, key), ':'), raw...)
	}
	return append(out, '}')
}

// placeless is a photo without where it was taken.
func placeless(raw json.RawMessage) json.RawMessage {
	var photo map[string]json.RawMessage
	if json.Unmarshal(raw, &photo) != nil || photo["location"] == nil {
		return raw
	}
	delete(photo, "location")
	out, err := json.Marshal(photo)
	if err != nil {
		return raw // what was read can be written
	}
	return out
}

// fieldOf is a record's field by any of its names.
func fieldOf(of *policy.Record, key string) *policy.Field {
	for _, f := range of.Fields {
		if key != "" && (f.Name == key || f.Label.Main == key || f.Label.En == key ||
			f.Label.Zh == key || slices.Contains(f.Was, key)) {
			return f
		}
	}
	return nil
}
