package engine_test

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/internal/floor"
)

func load(t testing.TB, file string) *policy.Policy {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return check(t, string(b))
}

func newEngine(t testing.TB, p *policy.Policy) *engine.Engine {
	t.Helper()
	e, err := engine.New(p, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func recordType(p *policy.Policy, name string) *policy.Record {
	for _, r := range p.Records {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// leads decodes the leads of the first floor once; the ids are given when they are applied.
func leads(t testing.TB, p *policy.Policy, n int) []*record.Record {
	d := record.NewDecoder(p, nil)
	typ := recordType(p, "Lead")
	var out []*record.Record
	for _, line := range floor.LeadLines(n) {
		r := new(record.Record)
		d.Decode(line, &record.Defaults{Type: typ, ID: "x", At: 1, HasAt: true}, r)
		if r.Reject != nil {
			t.Fatalf("%s: %v", line, r.Reject)
		}
		out = append(out, r)
	}
	return out
}

// cpu reports the process's own CPU time an operation, which other work on the machine moves less
// than the time on the wall.
func cpu(b *testing.B) func() {
	from := cpuTime(b)
	return func() { b.ReportMetric(float64(cpuTime(b)-from)/float64(b.N), "cpu-ns/op") }
}

func cpuTime(b *testing.B) int64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return r.Utime.Nano() + r.Stime.Nano()
}

// ids gives each record an id of its own without an allocation.
type ids struct {
	n   int
	buf [24]byte
}

func (s *ids) next() string {
	s.n++
	b := strconv.AppendInt(s.buf[:0], int64(s.n), 10)
	return unsafe.String(&b[0], len(b))
}

// TestJudgesLikeTheFloor compares gates, complexity, score and alerts with the hand-written ones.
func TestJudgesLikeTheFloor(t *testing.T) {
	const n = 20_000
	p := load(t, "testdata/part1.thru")
	e := newEngine(t, p)
	complexity := -1
	typ := recordType(p, "Lead")
	for i, f := range typ.Fields {
		if f.Name == "complexity" {
			complexity = i
		}
	}
	desk := floor.NewDesk(floor.RepStates()[0])
	var id ids
	plain := floor.Leads(n)
	for i, r := range leads(t, p, n) {
		r.ID = id.next()
		want := floor.Judge(&plain[i], desk, floor.RepStates()[0])
		var got floor.Outcome
		e.Apply(&engine.Entry{Kind: decision.Record, Moment: 1, Record: r},
			func(_ *engine.Entry, d *decision.Decision) {
				got = outcome(d)
				got.Complexity = uint8(r.Layout.Value(&r.Slots, complexity).N)
			})
		got.Rep = want.Rep // allocation is not part of this policy
		if got != want {
			t.Fatalf("lead %d: got %+v, want %+v", i, got, want)
		}
	}
}

// outcome reads gates, alerts and the score off a decision.
func outcome(d *decision.Decision) (o floor.Outcome) {
	for i := range d.Effects {
		name := d.Effects[i].Rule
		k, _ := strconv.Atoi(name[len(name)-2:])
		if name[0] == 'G' {
			o.Missing |= 1 << (name[4] - '0')
		} else {
			o.Alerts |= 1 << k
		}
	}
	o.Score = d.Scores[0].Value
	return o
}

// harness is how many leads the harness of the floor judges.
const harness = 100_000

// applier applies the leads over and over, each time under new ids. The values lie side by side as
// the floor's do, and are used where they lie, as each engine of the harness has its records ready
// in its own form.
type applier struct {
	e     *engine.Engine
	o     engine.Options
	r     *record.Record
	pool  []int64
	known []uint64
	n     int      // leads
	ids   []string // of the harness's run, made before like the values
	id    ids      // of the records after it
	i     int
	in    engine.Entry
	sum   int
}

func newApplier(t testing.TB, n int, o engine.Options) *applier {
	p := load(t, "testdata/part1.thru")
	a := &applier{o: o, n: n}
	for _, r := range leads(t, p, n) {
		a.pool, a.known, a.r = append(a.pool, r.Slots.N...), append(a.known, r.Slots.Known...), r
	}
	for range harness {
		a.ids = append(a.ids, strings.Clone(a.id.next()))
	}
	a.renew(p)
	return a
}

// renew begins with an engine that has seen nothing.
func (a *applier) renew(p *policy.Policy) {
	e, err := engine.New(p, a.o)
	if err != nil {
		panic(err)
	}
	a.e = e
}

func (a *applier) emit(_ *engine.Entry, d *decision.Decision) { a.sum += len(d.Effects) }

func (a *applier) step(emit engine.Emit) {
	k, r := a.i%a.n, a.r
	w, u := len(r.Slots.N), len(r.Slots.Known)
	r.Slots.N, r.Slots.Known = a.pool[k*w:(k+1)*w], a.known[k*u:(k+1)*u]
	if a.i < len(a.ids) {
		r.ID = a.ids[a.i]
	} else {
		r.ID = a.id.next()
	}
	a.i++
	a.in = engine.Entry{Kind: decision.Record, Moment: 1, Record: r}
	a.e.Apply(&a.in, emit)
}

// judge is the floor's loop beside it. Bare leaves the allocation out, which the policy has not.
type judge struct {
	plain []floor.Lead
	desk  *floor.Desk
	reps  [][]floor.Rep
	i     int
	sum   uint64
}

func newJudge(n int) *judge {
	return &judge{plain: floor.Leads(n), desk: floor.NewDesk(floor.RepStates()[0]),
		reps: floor.RepStates()}
}

func (j *judge) step() {
	o := floor.Judge(&j.plain[j.i%len(j.plain)], j.desk, j.reps[j.i%len(j.reps)])
	j.sum += uint64(o.Alerts)
	j.i++
}

func BenchmarkApply(b *testing.B) {
	const n = 10_000
	b.Run("floor", func(b *testing.B) {
		j := newJudge(n)
		b.ReportAllocs()
		defer cpu(b)()
		for b.Loop() {
			j.step()
		}
	})
	b.Run("engine", func(b *testing.B) {
		a := newApplier(b, n, engine.Options{})
		emit := a.emit
		b.ReportAllocs()
		defer cpu(b)()
		for b.Loop() {
			a.step(emit)
		}
	})
	b.Run("interleaved", benchmarkInterleaved)
}

// benchmarkInterleaved goes over the floor, the engine, and the engine without receipts in turn,
// in blocks of CPU time, so that whatever else runs on the machine hits all alike. It reports the
// medians of the blocks and of the ratios of neighbours. As in the harness there are 100 000
// records; then it begins with new engines. What the ids of millions add is in the benchmark without the floor.
func benchmarkInterleaved(b *testing.B) {
	const n, block = 10_000, 20_000
	j, a := newJudge(n), newApplier(b, n, engine.Options{})
	bare := newApplier(b, n, engine.Options{NoReceipts: true})
	with, without := a.emit, bare.emit
	steps := []func(){j.step, func() { a.step(with) }, func() { bare.step(without) }}
	took := make([][]float64, len(steps))
	for b.Loop() {
		if a.i == harness {
			a.renew(a.e.Policy())
			bare.renew(a.e.Policy())
			a.i, bare.i = 0, 0
		}
		for k, step := range steps {
			from := cpuTime(b)
			for range block {
				step()
			}
			took[k] = append(took[k], float64(cpuTime(b)-from)/block)
		}
	}
	b.ReportMetric(slices.Min(took[1])/slices.Min(took[0]), "best-×floor")
	b.ReportMetric(middle(took[0]), "floor-ns/record")
	b.ReportMetric(middle(took[1]), "engine-ns/record")
	b.ReportMetric(middle(ratios(took[1], took[0])), "×floor")
	b.ReportMetric((middle(ratios(took[1], took[2]))-1)*100, "%receipts")
}

// ratios are those of neighbouring blocks, which ran under the same conditions.
func ratios(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] / b[i]
	}
	return out
}

func middle(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}

// TestApplyMakesNoGarbage holds the hot path to no allocation a record; what the table of ids
// grows by is spread over many.
func TestApplyMakesNoGarbage(t *testing.T) {
	a := newApplier(t, 1000, engine.Options{})
	emit := a.emit
	for range 2000 {
		a.step(emit)
	}
	if n := testing.AllocsPerRun(5000, func() { a.step(emit) }); n > 0 {
		t.Errorf("%v allocations a record", n)
	}
}

// stream feeds the events of the second floor to the engine.
type stream struct {
	e                        *engine.Engine
	batch                    [engine.Ahead]record.Record
	bufs                     [engine.Ahead][24]byte
	coming                   []*record.Record
	in                       engine.Entry
	customer, rep, kind, gap int32
	score, amount            int32
	c7, c30, s90, d30        *engine.Program
	cust                     *policy.Record
	sums                     floor.Sums
	n                        int64
	names                    []string
	since                    map[int64]int64 // week in which a rep's alert opened
}

// monday is the moment the stream begins: a Monday at midnight in UTC.
const monday = 1_767_571_200 * value.Second

func newStream(t testing.TB, customers, reps int) *stream {
	p := load(t, "testdata/part2.thru")
	p.Settings.Timezone = "UTC" // the floor counts its weeks from a Monday there
	s := &stream{e: newEngine(t, p), cust: recordType(p, "Customer"), since: map[int64]int64{}}
	for _, f := range s.cust.Fields {
		x := &policy.Expr{Op: policy.OpField, Type: f.Type, Field: f,
			Args: []*policy.Expr{{Op: policy.OpSelf, Type: policy.Type{Kind: value.Ref, Record: s.cust}}}}
		switch f.Name {
		case "c7":
			s.c7 = s.e.Program(x)
		case "c30":
			s.c30 = s.e.Program(x)
		case "s90":
			s.s90 = s.e.Program(x)
		case "d30":
			s.d30 = s.e.Program(x)
		}
	}
	d := record.NewDecoder(p, s.e.Zone())
	feed := func(typ string, n int) {
		for i := range n {
			line := `{"type":"` + typ + `","id":"` + s.name(i) + `","at":"2026-01-05T00:00:00Z"}`
			var r record.Record
			d.Decode([]byte(line), nil, &r)
			s.e.Apply(&engine.Entry{Kind: decision.Record, Moment: r.Received, Record: &r}, s.emit)
		}
	}
	feed("Customer", customers)
	feed("Rep", reps)
	for i := range s.batch {
		r := &s.batch[i]
		d.Decode([]byte(`{"type":"Event","id":"x","at":"2026-01-05T00:00:00Z","customer":"0","rep":"0",`+
			`"kind":"visit","score":1,"amount":1}`), nil, r)
		r.Own()
		s.coming = append(s.coming, r)
	}
	s.places()
	return s
}

func (s *stream) name(i int) string {
	for len(s.names) <= i {
		s.names = append(s.names, strconv.Itoa(len(s.names)))
	}
	return s.names[i]
}

func (s *stream) places() {
	r := &s.batch[0]
	for i, f := range r.Type.Fields {
		switch f.Name {
		case "customer":
			s.customer = int32(i)
		case "rep":
			s.rep = int32(i)
		case "gap":
			s.gap = int32(i)
		case "kind":
			s.kind = r.Layout.Pos[i]
		case "score":
			s.score = r.Layout.Pos[i]
		case "amount":
			s.amount = r.Layout.Pos[i]
		}
	}
}

func (s *stream) emit(_ *engine.Entry, d *decision.Decision) {
	for i := range d.Effects {
		x := &d.Effects[i]
		n, _ := strconv.Atoi(x.Subject.ID)
		at := (d.At - monday) / value.Second
		switch x.Kind {
		case decision.Segment:
			s.sums.AddSegment(int32(n), int32(at), x.State == decision.Enter)
		case decision.Alert:
			s.low(int64(n), at/(7*86400)-1, x.State == decision.Open)
		}
	}
}

// low counts the weeks that an alert was open: the floor tells each of them.
func (s *stream) low(rep, week int64, open bool) {
	if open {
		s.since[rep] = week
		return
	}
	for w := s.since[rep]; w < week; w++ {
		s.sums.AddWeek(rep, w)
	}
	delete(s.since, rep)
}

// push applies the events one after the other, told the engine together as a batch would be.
func (s *stream) pushAll(all []floor.Event) {
	for len(all) > 0 {
		n := min(len(all), engine.Ahead)
		for i := range all[:n] {
			s.make(i, &all[i])
		}
		s.e.Foresee(s.coming[:n])
		for i := range all[:n] {
			s.apply(&s.batch[i], &all[i])
		}
		all = all[n:]
	}
}

func (s *stream) push(v *floor.Event) {
	s.make(0, v)
	s.apply(&s.batch[0], v)
}

func (s *stream) make(i int, v *floor.Event) {
	r := &s.batch[i]
	at := monday + int64(v.At)*value.Second
	s.n++
	id := strconv.AppendInt(s.bufs[i][:0], s.n, 10)
	r.ID, r.At, r.Received = unsafe.String(&id[0], len(id)), at, at
	for i, f := range r.Type.Fields {
		if f.System == policy.SysAt || f.System == policy.SysReceived {
			r.Slots.N[r.Layout.Pos[i]] = at
		}
	}
	r.Refs[s.customer], r.Refs[s.rep] = s.name(int(v.Customer)), s.name(int(v.Rep))
	r.Slots.N[s.kind], r.Slots.N[s.score], r.Slots.N[s.amount] = int64(v.Kind), int64(v.Score), int64(v.Amount)
}

func (s *stream) apply(r *record.Record, v *floor.Event) {
	s.in = engine.Entry{Kind: decision.Record, Moment: r.At, Record: r}
	s.e.Apply(&s.in, s.emit)
	h := int32(r.Slots.N[r.Layout.Pos[s.customer]])
	gap := r.Layout.Value(&r.Slots, int(s.gap)).N / value.Second // a missing one is 0
	s.sums.AddFeatures(v.Seq, floor.Features{Count7: s.c7.At(s.cust, h).N, Count30: s.c30.At(s.cust, h).N,
		Amount90: s.s90.At(s.cust, h).N, Reps30: s.d30.At(s.cust, h).N, Gap: gap})
}

func (s *stream) finish() {
	s.e.Advance(monday+floor.StreamSeconds*value.Second, s.emit)
	for rep := range s.since {
		s.low(rep, floor.StreamSeconds/(7*86400), false)
	}
}

// TestStreamsLikeTheFloor compares windows, the segment by time alone and the weekly means.
func TestStreamsLikeTheFloor(t *testing.T) {
	const n, customers, reps = 100_000, 1000, 20
	events := floor.Events(n, customers, reps)
	w := floor.NewWindows(customers, reps)
	s := newStream(t, customers, reps)
	for i := range events {
		w.Push(&events[i])
		s.push(&events[i])
	}
	w.Finish()
	s.finish()
	if s.sums != w.Sums {
		t.Errorf("got  %+v\nwant %+v", s.sums, w.Sums)
	}
}

func BenchmarkWindows(b *testing.B) {
	const n, customers, reps = 1_000_000, 10_000, 200
	events := floor.Events(n, customers, reps)
	b.Run("floor", func(b *testing.B) {
		defer cpu(b)()
		for b.Loop() {
			w := floor.NewWindows(customers, reps)
			for i := range events {
				w.Push(&events[i])
			}
			w.Finish()
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	})
	b.Run("engine", func(b *testing.B) {
		defer cpu(b)()
		for b.Loop() {
			s := newStream(b, customers, reps)
			for i := range events {
				s.push(&events[i])
			}
			s.finish()
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	})
}

// BenchmarkWindowsInterleaved pushes the same events into the floor and the engine in turn, in
// blocks of CPU time, and reports the sums of the blocks: other work on the machine hits both.
func BenchmarkWindowsInterleaved(b *testing.B) {
	const n, customers, reps, block = 1_000_000, 10_000, 200, 20_000
	events := floor.Events(n, customers, reps)
	var took [2]int64
	for b.Loop() {
		w, s := floor.NewWindows(customers, reps), newStream(b, customers, reps)
		for from := 0; from < n; from += block {
			start := cpuTime(b)
			for i := range events[from : from+block] {
				w.Push(&events[from+i])
			}
			middle := cpuTime(b)
			s.pushAll(events[from : from+block])
			took[0] += middle - start
			took[1] += cpuTime(b) - middle
		}
		w.Finish()
		s.finish()
		if s.sums != w.Sums {
			b.Fatalf("got  %+v\nwant %+v", s.sums, w.Sums)
		}
	}
	all := float64(n) * float64(b.N)
	b.ReportMetric(float64(took[0])/all, "floor-ns/event")
	b.ReportMetric(float64(took[1])/all, "engine-ns/event")
	b.ReportMetric(float64(took[1])/float64(took[0]), "×floor")
	b.ReportMetric(all/float64(took[1])*1e9, "events/cpu-s")
}
