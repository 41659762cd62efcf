package deliver

import (
	"math"
	"slices"
	"time"

	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/runtime/deliver/channel"
)

// Spans, in microseconds as moments are.
const (
	second = int64(time.Second / time.Microsecond)
	minute = 60 * second
	day    = 24 * 60 * minute
	never  = math.MaxInt64
)

// How long and how often something is tried.
const (
	firstRetry = 5 * second
	mostRetry  = 10 * minute
	mostTries  = 12          // about an hour
	mostAge    = 1 * day     // what waits longer says nothing any more
	digestAge  = 2*day - 1   // of what waits for its time
	mostMerged = 200         // effects in one message
	manyWait   = 10          // from here on they are told in one
	busyMinute = 60 * second // after full and half hours, when every robot speaks
)

// line is what waits for one channel.
type line struct {
	c *channel.Channel
	// Until when it takes nothing, and why.
	shut   int64
	broken bool
	why    string
	flying bool // something is on its way
}

// try is how often a part was tried.
type try struct {
	n      int
	next   int64
	flying bool
	over   bool // its end is not in the log yet
	why    string
}

// job is one message to be sent.
type job struct {
	through string // the channel that carries it
	parts   []Part
	of      []*waiting
}

// planner says what is to be sent next. It reads no clock.
type planner struct {
	state  *state
	lines  map[string]*line
	tries  map[Part]*try
	zone   *time.Location
	chance func() float64 // in [0, 1)
}

// parts are what the channels do of an effect. None: nobody carries it out here.
func (p *planner) parts(x *waiting) (out []Part) {
	if x.Only != nil {
		return x.Only
	}
	for _, c := range p.takers(x) {
		l := p.lines[c]
		if l == nil || !l.c.Kind.Personal() || len(x.For) == 0 {
			out = append(out, Part{x.Key, c, everybody})
			continue
		}
		for i := range x.For {
			out = append(out, Part{x.Key, c, i})
			if i < len(x.stead) && x.stead[i].who != "" {
				out = append(out, Part{x.Key, c, deputyOf(i)})
			}
		}
	}
	return out
}

// takers are the channels of an effect: the one it names, which may not be there yet; else those
// that take its kind and did when it was decided.
func (p *planner) takers(x *waiting) (out []string) {
	if x.Kind == decision.Notify && x.Via != "" {
		return []string{x.Via}
	}
	for name, l := range p.lines { //tidy:order sorted below
		named := x.Kind == decision.Call && name == x.Via
		if (named || slices.Contains(l.c.Takes, x.Kind.String())) && l.c.Since.UnixMicro() <= x.At {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// left are the parts of an effect that have not come to an end.
func (p *planner) left(x *waiting) []Part {
	return slices.DeleteFunc(slices.Clone(p.parts(x)), func(q Part) bool {
		t := p.tries[q]
		return slices.Contains(x.Done, q) || t != nil && t.over
	})
}

// carrier is the channel by which a part goes: its own, or the one that takes over.
func (p *planner) carrier(name string, now int64) *line {
	l := p.lines[name]
	if l == nil || l.c.Off {
		return nil
	}
	if l.shut > now {
		if o := p.lines[l.c.Instead]; o != nil && !o.c.Off && o.shut <= now &&
			o.c.Kind.Personal() == l.c.Kind.Personal() {
			return o
		}
	}
	return l
}

// ready says from when on a part may be sent through a channel, as far as the part goes.
func (p *planner) ready(x *waiting, q Part, c *channel.Channel, now int64) int64 {
	at := p.tryOf(x, q, c).next
	if x.Urgent {
		return at
	}
	h := c.Hours()
	if h.Digest >= 0 {
		at = max(at, p.nextTime(max(x.At, x.From), h.Digest))
	}
	if h.From >= 0 && p.within(max(at, now), h.From, h.To) {
		at = p.nextTime(max(at, now), h.To)
	}
	return at
}

// tryOf is how often a part was tried. When everybody sends, one that can wait does, by chance.
func (p *planner) tryOf(x *waiting, q Part, c *channel.Channel) *try {
	t := p.tries[q]
	if t == nil {
		t = &try{next: max(x.At, x.From)}
		clock := calendar.ClockOf(t.next, p.zone)
		if c.Kind.Robot() && !x.Urgent && clock%(30*minute) < busyMinute {
			t.next += int64(p.chance() * float64(busyMinute))
		}
		p.tries[q] = t
	}
	return t
}

// nextTime is the first moment from one on at which the clock shows some minute of the day.
func (p *planner) nextTime(from int64, of int) int64 {
	date := calendar.DateOf(from, p.zone)
	at := calendar.At(date, int64(of)*minute, p.zone)
	if at < from {
		at = calendar.At(date+1, int64(of)*minute, p.zone)
	}
	return at
}

// within reports whether a moment lies between two times of the day, which may have midnight
// between them.
func (p *planner) within(at int64, from, to int) bool {
	m := int(calendar.ClockOf(at, p.zone) / minute)
	if from < to {
		return m >= from && m < to
	}
	return m >= from || m < to
}

// free says from when on a channel takes a message to a recipient.
func (p *planner) free(l *line, to string, now int64) int64 {
	at := max(l.shut, now)
	for _, limit := range l.c.Limits() {
		who := l.c.Name
		if limit.To {
			who += " " + to
		}
		list := p.state.Paced[who]
		if len(list) >= limit.N {
			at = max(at, list[len(list)-limit.N]+limit.Per.Microseconds()+1)
		}
	}
	return at
}

// found is what could be sent to one recipient through one channel.
type found struct {
	line   *line
	to     string
	parts  []Part
	of     []*waiting
	urgent bool
	wait   bool // what comes first has to wait, and what comes after it too
}

type lane struct{ channel, to string }

// next lists what is to be sent now, at most one message a channel, and says when to look again.
func (p *planner) next(now int64) (jobs []job, wake int64) {
	wake = never
	lanes := map[lane]*found{}
	var order []lane
	for _, x := range p.state.Waiting {
		for _, q := range p.left(x) {
			l := p.carrier(q.Channel, now)
			if l == nil || l.flying {
				continue
			}
			to := x.to(q.To)
			key := lane{l.c.Name, to}
			f := lanes[key]
			if f == nil {
				f = &found{line: l, to: to}
				lanes[key] = f
				order = append(order, key)
			}
			wake = min(wake, p.put(f, x, q, now))
		}
	}
	best := map[string]*found{}
	for _, key := range order {
		f := lanes[key]
		if len(f.parts) == 0 {
			continue
		}
		if at := p.free(f.line, f.to, now); at > now {
			wake = min(wake, at)
			continue
		}
		if b := best[key.channel]; b == nil || f.urgent && !b.urgent {
			best[key.channel] = f
		}
	}
	for _, key := range order {
		if f := best[key.channel]; f == lanes[key] && f != nil {
			jobs = append(jobs, f.job())
		}
	}
	return jobs, wake
}

// put puts a part into its lane where it may be sent, and says when to look at it again. Parts go
// in the order of the log; only what waits for its hour is passed by what is urgent.
func (p *planner) put(f *found, x *waiting, q Part, now int64) int64 {
	t := p.tryOf(x, q, f.line.c)
	at := p.ready(x, q, f.line.c, now)
	switch {
	case t.flying:
		f.wait = true
		return never
	case at > now:
		f.wait = f.wait || t.next > now // it has its turn before those that came later
		return at
	case f.wait:
		return never
	}
	f.parts, f.of = append(f.parts, q), append(f.of, x)
	f.urgent = f.urgent || x.Urgent
	return never
}

// job is the message that is sent of what could be: the first, with all that say the same or with
// all where many wait.
func (f *found) job() job {
	j := job{through: f.line.c.Name}
	c := f.line.c
	all := c.Kind.Merges() && (len(f.parts) > manyWait || c.Digest != "")
	for i, x := range f.of {
		if i > 0 && (!all || x.Urgent != f.of[0].Urgent || i >= mostMerged) {
			break
		}
		j.parts, j.of = append(j.parts, f.parts[i]), append(j.of, x)
	}
	return j
}

// backoff is how long to wait after so many tries: twice as long each time, by chance up to half
// less or more, so that what failed together is not tried together.
func (p *planner) backoff(n int) int64 {
	d := mostRetry
	if n < 20 {
		d = min(mostRetry, firstRetry<<(n-1))
	}
	return int64(float64(d) * (0.5 + p.chance()))
}

// late lists the parts that have waited too long.
func (p *planner) late(now int64) (out []Part) {
	for _, x := range p.state.Waiting {
		for _, q := range p.left(x) {
			age := int64(mostAge)
			if l := p.lines[q.Channel]; l != nil && l.c.Digest+l.c.Quiet != "" {
				age = digestAge
			}
			if t := p.tries[q]; max(x.At, x.From) < now-age && (t == nil || !t.flying) {
				out = append(out, q)
			}
		}
	}
	return out
}

// prune lets go of effects of which nobody carries out anything here, or anything more.
func (p *planner) prune() {
	p.state.Waiting = slices.DeleteFunc(p.state.Waiting, func(x *waiting) bool {
		return len(p.left(x)) == 0
	})
}
