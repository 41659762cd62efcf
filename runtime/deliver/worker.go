package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/deliver/channel"
	"github.com/throughline/throughline/runtime/deliver/door"
)

// worker delivers for one workspace as long as that is open. Its goroutine owns everything but the
// channels; what others want of it they send as calls.
type worker struct {
	s    *Service
	name string
	ws   *runtime.Workspace
	file string

	results chan *outcome
	calls   chan func()
	news    chan struct{} // the log is longer, or channels are others
	gone    chan struct{} // closed at its end

	planner
	reader
	flying int
	wake   int64 // when there is something to do; valid once it is gone
	swept  int64
	saved  uint64 // seq of the last cache
}

// outcome is what became of a message.
type outcome struct {
	job job
	no  *channel.Refusal // nil: it was taken
}

// saveEvery is how many entries may lie behind the cache.
const saveEvery = 20_000

// A round looks at all that waits, and a log that grows fast beside a channel that is down would
// have one at every commit. So it rests, in microseconds, for every effect beyond the first few.
const (
	restFor = 20
	fewWait = 100
)

func (w *worker) run(ctx context.Context) {
	defer close(w.gone)
	w.wake = never
	if err := w.begin(); err != nil {
		w.complain(err)
		return
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go w.watch(watching)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for rest, grown := int64(0), false; ; {
		at := rest
		if !grown || w.now() >= rest { // that the log is longer can wait, what else comes cannot
			if err := w.round(); err != nil {
				w.complain(err)
				w.wake = w.now() + minute // whoever opens the workspace again tries again
				return
			}
			at, rest = w.wake, w.now()+restFor*int64(max(len(w.state.Waiting)-fewWait, 0))
		}
		if at = min(at, w.wake); at == never {
			timer.Stop()
		} else {
			timer.Reset(time.Duration(max(at-w.now(), 0)) * time.Microsecond)
		}
		grown = false
		select {
		case <-ctx.Done():
			w.end()
			return
		case o := <-w.results:
			w.learn(o)
		case f := <-w.calls:
			f()
		case <-w.news:
			grown = true
		case <-timer.C:
		}
	}
}

func (w *worker) complain(err error) {
	if w.ws.Err() == nil && !errors.Is(err, runtime.ErrClosed) {
		w.s.o.Log.Error("deliver", "workspace", w.name, "err", err)
	}
}

func (w *worker) now() int64 { return w.s.o.Now().UnixMicro() }

func (w *worker) begin() error {
	state, err := load(w.ws, w.file)
	if err != nil {
		return err
	}
	w.saved = state.Seq
	w.planner = planner{state: state, lines: map[string]*line{}, tries: map[Part]*try{},
		chance: w.s.o.Chance, zone: time.UTC}
	w.reader = reader{name: w.name, w: w.ws, o: &w.s.o}
	if email := w.s.o.Email; email != nil {
		w.email = func(ref string) string { return email(w.name, ref) }
	}
	return nil
}

// watch tells of every commit.
func (w *worker) watch(ctx context.Context) {
	for after := uint64(0); ; {
		last, err := w.ws.Moved(ctx, after)
		if err != nil {
			return
		}
		after = last
		w.nudge()
	}
}

func (w *worker) nudge() {
	select {
	case w.news <- struct{}{}:
	default:
	}
}

// round takes in what is new and sends what can be sent.
func (w *worker) round() error {
	if err := w.state.follow(w.ws, w.ws.Last()); err != nil {
		return err
	}
	if err := w.deputies(context.Background()); err != nil {
		return err
	}
	w.channels()
	w.prune()
	now := w.now()
	if len(w.state.Waiting) > 0 && now >= w.swept+minute {
		w.swept = now
		w.state.forget(now)
		for q, t := range w.tries { //tidy:order each by itself
			if x, _ := w.state.find(q.Effect); x == nil && !t.flying {
				delete(w.tries, q) // it was cancelled
			}
		}
		if err := w.bury(w.late(now), tooLate); err != nil {
			return err
		}
	}
	jobs, wake := w.next(now)
	if len(w.state.Waiting) > 0 {
		wake = min(wake, w.swept+minute)
	}
	w.wake = wake
	for i := range jobs {
		if err := w.send(&jobs[i]); err != nil {
			return err
		}
	}
	if w.state.Seq >= w.saved+saveEvery {
		w.saved = w.state.Seq
		return w.state.save(w.ws, w.file)
	}
	return nil
}

// channels takes in what the channels are. How they fared stays with those that are the same.
func (w *worker) channels() {
	was := w.lines
	w.lines = map[string]*line{}
	for _, c := range w.s.o.Channels(w.name) {
		l := was[c.Name]
		if l == nil || !l.c.Since.Equal(c.Since) {
			l = &line{flying: l != nil && l.flying}
		}
		l.c = &c
		w.lines[c.Name] = l
	}
	if last := w.ws.Last(); last > 0 && w.zone == time.UTC {
		w.zone = w.zoneOf(last)
	}
}

// zoneOf is the workspace's zone: the one of the policy that decided last.
func (w *worker) zoneOf(last uint64) *time.Location {
	zone := time.UTC
	_ = w.ws.Entries(last, last, false, func(l *runtime.Logged) error {
		z, err := calendar.Zone(l.Policy().Settings.Timezone)
		if err == nil {
			zone = z
		}
		return err
	}) // without one the hours are those of UTC
	return zone
}

// send sends a message aside.
func (w *worker) send(j *job) error {
	l := w.lines[j.through]
	ctx := context.Background() // what was broken off, nobody would know what became of it
	secret, err := w.s.Secret(w.name, j.through)
	if err != nil { // the others go on
		l.shut, l.broken = w.now()+channel.BrokenFor.Microseconds(), true
		l.why = "its secret cannot be read: " + err.Error()
		w.wake = min(w.wake, l.shut)
		return nil
	}
	m, erased, err := w.message(ctx, j, l.c)
	if err := w.bury(erased, "erased"); err != nil {
		return err
	}
	var no *channel.Refusal
	switch {
	case errors.Is(err, errGone):
		return nil
	case errors.As(err, &no):
		return w.bury(j.parts, no.Error())
	case err != nil:
		return err
	}
	l.flying = true
	for _, q := range j.parts {
		w.tries[q].flying = true
	}
	w.flying++
	x := &channel.Sending{Channel: l.c, Secret: secret, Message: m, Now: w.s.o.Now()}
	go func(j job) {
		ctx, cancel := context.WithTimeout(ctx, 2*door.Within)
		defer cancel()
		o := &outcome{job: j}
		if err := w.s.o.Send(ctx, x); err != nil {
			o.no = refusal(err, secret)
		}
		w.results <- o
	}(*j)
	return nil
}

// learn takes in what became of a message, and of those that came back with it.
func (w *worker) learn(o *outcome) {
	var ended []result
	for {
		ended = append(ended, w.judge(o)...)
		select {
		case o = <-w.results:
			continue
		default:
		}
		break
	}
	if err := w.report(ended); err != nil {
		w.complain(err)
	}
}

// judge says what of a message has come to its end, and when the rest is tried again.
func (w *worker) judge(o *outcome) (ended []result) {
	w.flying--
	now := w.now()
	l := w.lines[o.job.through]
	if l != nil {
		l.flying = false
		if o.no == nil {
			l.broken, l.why = false, ""
		} else if o.no.Shut {
			l.shut = now + o.no.After.Microseconds() + int64(w.chance()*float64(10*second))
			l.broken, l.why = o.no.Broken, o.no.Error()
		}
	}
	for i, q := range o.job.parts {
		t := w.tries[q]
		t.flying = false
		r := result{Part: q, As: asSent, With: i > 0}
		if q.Channel != o.job.through {
			r.Through = o.job.through
		}
		if q.To < everybody {
			r.For = o.job.of[i].to(q.To)
		}
		switch {
		case o.no == nil:
			r.Tries = t.n + 1
		case o.no.Shut && !o.no.Never:
			t.why, t.next = o.no.Error(), now
			continue
		default:
			t.n++
			t.why = o.no.Error()
			if !o.no.Never && t.n < mostTries {
				t.next = now + max(w.backoff(t.n), o.no.After.Microseconds())
				continue
			}
			r.As, r.Why, r.Tries = asDead, t.why, t.n
		}
		ended = append(ended, r)
	}
	return ended
}

// forgive lets every channel try again: somebody has changed something.
func (w *worker) forgive() {
	for _, l := range w.lines { //tidy:order each by itself
		l.shut, l.broken = 0, false
	}
}

const tooLate = "too late"

// bury ends parts that will not be sent.
func (w *worker) bury(parts []Part, why string) error {
	var ended []result
	for _, q := range parts {
		r := result{Part: q, As: asDead, Why: why}
		if w.lines[q.Channel] == nil {
			r.Why += ": there is no channel of this name"
		}
		if x, _ := w.state.find(q.Effect); x != nil && q.To < everybody {
			r.For = x.to(q.To)
		}
		if t := w.tries[q]; t != nil {
			r.Tries = t.n
			if t.why != "" && why == tooLate {
				r.Why += ": " + t.why
			}
		} else {
			w.tries[q] = &try{}
		}
		ended = append(ended, r)
	}
	return w.report(ended)
}

// report puts into the log what has come to its end, and takes that in.
func (w *worker) report(ended []result) error {
	if len(ended) == 0 {
		return nil
	}
	for i := range ended {
		w.tries[ended[i].Part].over = true
	}
	for i := range ended {
		r := &ended[i]
		if x, _ := w.state.find(r.Effect); x != nil && len(w.left(x)) == 0 {
			r.Last = !slices.ContainsFunc(ended[i+1:], func(o result) bool { return o.Effect == r.Effect })
		}
	}
	err := w.command(&report{Do: doDeliver, Results: ended})
	for i := range ended {
		delete(w.tries, ended[i].Part)
	}
	return err
}

func (w *worker) command(r *report) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if _, err := w.ws.Command(context.Background(), b); err != nil {
		return err
	}
	return w.state.follow(w.ws, w.ws.Last())
}

// end waits for what is on its way, and keeps how far it came.
func (w *worker) end() {
	for w.flying > 0 {
		w.learn(<-w.results)
	}
	for {
		select {
		case f := <-w.calls:
			f()
			continue
		default:
		}
		break
	}
	if err := w.state.save(w.ws, w.file); err != nil {
		w.complain(err)
	}
}

// do runs a function in the worker's goroutine; false: the worker is gone.
func (w *worker) do(ctx context.Context, f func()) bool {
	done := make(chan struct{})
	select {
	case w.calls <- func() { f(); close(done) }:
	case <-w.gone:
		return false
	case <-ctx.Done():
		return false
	}
	select {
	case <-done:
		return true
	case <-w.gone:
	}
	select {
	case <-done:
		return true
	default:
		return false
	}
}
