package runtime

import (
	"time"

	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime/store"
)

// jobsInTurn is how many jobs exist: one is filled, one applied, one waits in between.
const jobsInTurn = 3

// job is what the sequencer hands to the applier at once.
type job struct {
	plan    *plan // that the records were decoded with
	inputs  []input
	task    *request // run alone, after the inputs
	advance int64    // fire what is due up to this moment, where it is not 0
	last    bool     // nothing comes after it

	records []*record.Record // reused; inputs point into it
}

// input is one record on its way.
type input struct {
	of     *request
	n      int // which of its lines
	line   []byte
	moment int64
	flags  store.Flags
	rec    *record.Record
}

func (j *job) reset(p *plan) {
	j.plan, j.inputs, j.task, j.advance, j.last = p, j.inputs[:0], nil, 0, false
}

func (j *job) empty() bool {
	return len(j.inputs) == 0 && j.task == nil && j.advance == 0 && !j.last
}

// add makes room for one more input.
func (j *job) add(in input) *input {
	if len(j.inputs) == len(j.records) {
		j.records = append(j.records, new(record.Record))
	}
	in.rec = j.records[len(j.inputs)]
	j.inputs = append(j.inputs, in)
	return &j.inputs[len(j.inputs)-1]
}

// sequencer gives every record its place and its moment. It is the only one to read the clock.
type sequencer struct {
	w       *Workspace
	last    int64 // the greatest moment given out; a clock that goes back does not move it back
	plan    *plan
	decoder *record.Decoder
	timer   *time.Timer
}

// run ends when the workspace is closed and everything that waited was handed on.
func (s *sequencer) run() {
	s.timer = time.NewTimer(time.Hour)
	defer s.timer.Stop()
	for {
		var j *job
		select {
		case j = <-s.w.free:
		case <-s.w.dead:
			return
		}
		s.begin(j)
		s.first(j)
		if !s.hand(j) || j.last {
			return
		}
	}
}

func (s *sequencer) begin(j *job) {
	if p := s.w.plans.current.Load(); p != s.plan {
		s.plan, s.decoder = p, p.decoder()
	}
	j.reset(s.plan)
}

// first waits for something to do.
func (s *sequencer) first(j *job) {
	for j.empty() {
		s.arm()
		select {
		case r := <-s.w.queue:
			s.take(j, r)
		case <-s.timer.C:
			if at := s.now(); at >= s.w.due.Load() {
				j.advance = at
			}
		case <-s.w.woken:
		case <-s.w.quit:
			s.rest(j)
		}
	}
}

// rest takes what still waits when the workspace closes, as much as one job holds.
func (s *sequencer) rest(j *job) {
	for !s.full(j) {
		select {
		case r := <-s.w.queue:
			s.take(j, r)
		default:
			j.last = true
			return
		}
	}
}

// arm sets the timer to what falls due next. Where moments come with the records nothing happens
// by the clock.
func (s *sequencer) arm() {
	wait := time.Hour
	if due := s.w.due.Load(); due != noDue && !s.w.cfg.Import {
		wait = min(wait, time.Duration(due-s.now())*time.Microsecond)
	}
	s.timer.Reset(max(wait, 0))
}

// hand passes a job on. While the applier is busy it takes more.
func (s *sequencer) hand(j *job) bool {
	for {
		queue := s.w.queue
		if s.full(j) {
			queue = nil
		} else {
			select {
			case r := <-queue:
				s.take(j, r)
				continue
			default:
			}
		}
		select {
		case s.w.jobs <- j:
			return true
		case r := <-queue:
			s.take(j, r)
		case <-s.w.dead:
			return false
		}
	}
}

func (s *sequencer) full(j *job) bool {
	return j.task != nil || j.advance != 0 || j.last || len(j.inputs) >= s.w.cfg.BatchMax
}

// take stamps and decodes the records of a request.
func (s *sequencer) take(j *job, r *request) {
	if r.task != nil {
		j.task = r
		return
	}
	r.answers, r.left = make([]Answer, len(r.lines)), len(r.lines)
	at := s.now()
	for n, line := range r.lines {
		in := j.add(input{of: r, n: n, line: line, moment: at})
		if r.imported {
			in.flags |= store.Imported
		}
		in.decode(s.decoder)
		if r.imported {
			in.own(s.w.cfg.Virtual, at, s.decoder)
		}
	}
}

// now reads the clock. Moments are those of the log; they never go back.
func (s *sequencer) now() int64 {
	at := s.w.cfg.Now().UnixMicro()
	if !s.w.cfg.Import {
		at = max(at, s.last)
		s.last = at
	}
	return at
}
