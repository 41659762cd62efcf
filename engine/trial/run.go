package trial

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/explain"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/internal/calendar"
)

// run is one test while it runs.
type run struct {
	policy  *policy.Policy
	opts    Options
	engine  *engine.Engine
	decoder *record.Decoder
	cals    *calendar.Set
	w       *decision.Writer
	both    [2]*decision.Writer // in English and in Chinese
	why     *explain.Explainer
	say     says

	clock    int64
	number   int                           // number of the step in hand
	since    int                           // the step that last moved the clock
	brings   string                        // the id of the record in hand
	given    bool                          // it is a `given`: its effects are not looked at
	pending  []pending                     // effects that no expectation has taken off
	last     map[string]*decision.Decision // by id: the last decision on a record
	looked   map[string]*decision.Decision // by declaration: the last decision it looked in
	unknown  map[string]uint64             // by declaration: looks left undecided before this step
	frozen   map[string][]*frozen          // by id: what is expected of an event's values
	back     map[decision.Ref][]byte       // of accepted events: what taking them back takes
	asked    measures
	allotted allotted
	failures []failure
	stages   map[decision.Ref]string // that records with a journey are in, where coverage asks
}

// pending is an effect that waits for its expectation.
type pending struct {
	step    int
	brought string // the id of the record that the decision, or what it caused, is on
	of      *decision.Decision
	*decision.Effect
}

func newRun(p *policy.Policy, t *policy.Test, o Options) (*run, error) {
	if o.Recorder != nil {
		o.Engine.Probe = o.Recorder
	}
	grown, asked := measuring(p, t)
	e, err := engine.New(grown, o.Engine)
	if err != nil {
		return nil, err
	}
	show := decision.Options{Zone: e.Zone(), Lang: o.Lang}
	en, zh := show, show
	en.Lang, zh.Lang = "en", "zh"
	return &run{
		both:   [2]*decision.Writer{decision.NewWriter(p, en), decision.NewWriter(p, zh)},
		policy: p, opts: o, engine: e, asked: asked, decoder: record.NewDecoder(p, e.Zone()),
		cals: calendar.NewSet(p.Calendars, p.Settings), w: decision.NewWriter(p, show),
		why: explain.New(p, show), say: saysIn(o.Lang),
		last: map[string]*decision.Decision{}, looked: map[string]*decision.Decision{},
		frozen: map[string][]*frozen{}, back: map[decision.Ref][]byte{},
		stages: map[decision.Ref]string{}}, nil
}

// begin sets the clock: a test begins at its first `at`, and before that where records given
// earlier say a moment of their own.
func (r *run) begin(t *policy.Test) {
	r.clock = calendar.At(calendar.Date(2026, time.January, 5), 9*value.Hour, r.engine.Zone())
	for _, s := range t.Steps {
		if s.Kind == policy.StepAt {
			r.clock = s.At
			break
		}
	}
	for _, s := range t.Steps {
		if s.Kind == policy.StepAt {
			break
		}
		for _, m := range r.moments(s) {
			r.clock = min(r.clock, m)
		}
	}
	r.freeze(t)
	r.engine.Advance(r.clock, r.keep)
}

// moments are those that a step's records give themselves.
func (r *run) moments(s *policy.Step) []int64 {
	var out []int64
	switch s.Kind {
	case policy.StepGiven, policy.StepRecord:
		if m, ok := r.momentOf(s.JSON); ok {
			out = append(out, m)
		}
	case policy.StepGivenFile:
		lines, _ := r.lines(s.File) // the step itself says what is wrong with the file
		for _, line := range lines {
			if m, ok := r.momentOf(line); ok {
				out = append(out, m)
			}
		}
	}
	return out
}

// step does what one line says and reports whether the test can go on.
func (r *run) step(s *policy.Step) bool {
	r.number++
	if s.Kind == policy.StepAt || s.Kind == policy.StepAfter || s.Times > 1 && s.Every > 0 {
		r.since = r.number
	}
	r.given = s.Kind == policy.StepGiven || s.Kind == policy.StepGivenFile
	r.unknown = r.undecided()
	switch s.Kind {
	case policy.StepAt:
		return r.moveTo(s.Span, s.At)
	case policy.StepAfter:
		return r.moveTo(s.Span, r.after(s.Due))
	case policy.StepGivenFile:
		return r.givenFile(s)
	}
	return r.records(s)
}

// moveTo moves the clock on and fires what falls due on the way.
func (r *run) moveTo(at source.Span, to int64) bool {
	if to < r.clock {
		r.fail(at, r.say.backwards, r.moment(to), r.moment(r.clock))
		return false
	}
	r.clock = to
	r.close(to)
	r.engine.Advance(to, r.keep)
	return true
}

func (r *run) moment(m int64) string {
	return string(r.w.AppendValue(nil, policy.Type{Kind: value.Time}, value.OfWord(value.Time, m)))
}

// after is the moment that a span of time, working or not, leads to.
func (r *run) after(d policy.Due) int64 {
	if !d.Work {
		return r.clock + d.Micro
	}
	c := r.cals.For(d.Calendar)
	var to int64
	var ok bool
	if d.Days != 0 {
		to, ok = c.AddWorkdays(r.clock, d.Days, r.engine.Zone())
	} else {
		to, ok = c.AddWorkTime(r.clock, d.Micro, r.engine.Zone())
	}
	if !ok {
		return r.clock
	}
	return to
}

// records gives the engine a step's records: v, or v1, v2, … where there are several.
func (r *run) records(s *policy.Step) bool {
	for i := range max(s.Times, 1) {
		id := s.ID
		if s.Times > 1 {
			id += strconv.Itoa(i + 1)
		}
		if i > 0 && !r.moveTo(s.Span, r.clock+s.Every) {
			return false
		}
		r.apply(s.JSON, &record.Defaults{Type: s.Type, ID: id, At: r.clock, HasAt: true})
		if s.Kind == policy.StepGiven && !r.accepted(s.Span, id) {
			return false
		}
	}
	return true
}

// accepted makes sure that what a test takes as given is so.
func (r *run) accepted(at source.Span, id string) bool {
	d := r.last[id]
	if d != nil && (d.Outcome == decision.Accepted || d.Outcome == decision.Duplicate) {
		return true
	}
	r.fail(at, r.say.notGiven, id, r.outcome(d))
	return false
}

// apply hands one record to the engine and returns its decision. Records without a moment of
// their own come at the test's clock, and one that comes later moves it.
func (r *run) apply(line []byte, def *record.Defaults) *decision.Decision {
	rec := new(record.Record)
	r.decoder.Decode(line, def, rec)
	var own *decision.Decision
	entry := engine.Entry{Kind: decision.Record, Moment: rec.Received, Record: rec}
	if row, is := r.back[decision.Ref{Type: rec.Type, ID: rec.ID}]; is && rec.Retracted {
		entry.Prior = &engine.Prior{Row: row}
	}
	r.close(rec.Received)
	r.engine.Apply(&entry, func(in *engine.Entry, d *decision.Decision) {
		r.keep(in, d)
		if in.Kind == decision.Record {
			own = r.last[d.Record.ID]
		}
	})
	r.clock = max(r.clock, rec.Received)
	return own
}

// keep remembers a decision: the last on each record, the last in which each declaration looked,
// and the effects that expectations may take off. What a shadow rule would have done is none.
func (r *run) keep(_ *engine.Entry, d *decision.Decision) {
	c := d.Clone()
	switch c.Kind {
	case decision.Record:
		r.brings = c.Record.ID
	case decision.Tick:
		r.brings = ""
	}
	if c.Kind == decision.Record {
		r.last[c.Record.ID] = c
		if _, is := r.back[c.Record]; !is && c.Outcome == decision.Accepted {
			r.back[c.Record] = c.Row
		}
		r.thaw(c)
	}
	r.travelled(c)
	r.allot(c)
	for i := range c.Receipts {
		r.looked[c.Receipts[i].Watch.Head.Full] = c
	}
	if r.given {
		return
	}
	for i := range c.Effects {
		if !c.Effects[i].Shadow {
			r.pending = append(r.pending, pending{r.number, r.brings, c, &c.Effects[i]})
		}
	}
}

// undecided counts each declaration's looks that came out unknown.
func (r *run) undecided() map[string]uint64 {
	out := map[string]uint64{}
	for name, c := range r.engine.Counters() { //tidy:order a map is made of it
		out[name] = c.Unknown
	}
	return out
}

// momentOf reads the moment that a record gives itself.
func (r *run) momentOf(line []byte) (int64, bool) {
	var own struct{ At, Received string }
	if json.Unmarshal(line, &own) != nil {
		return 0, false
	}
	text := own.At
	if own.Received != "" {
		text = own.Received
	}
	m, fault := value.ReadMoment(text)
	return m.In(r.engine.Zone()), fault == value.MomentOK
}
