package intake

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/discreet"
	"github.com/throughline/throughline/runtime/files"
	"github.com/throughline/throughline/runtime/ingest"
)

// Row is what became of one row.
type Row struct {
	Row     int             `json:"row"` // in the file
	Seq     uint64          `json:"seq,omitempty"`
	ID      string          `json:"id"`
	Outcome string          `json:"outcome"`           // "refused": it named a file that is not there
	Missing string          `json:"missing,omitempty"` // the file that is not there
	Why     string          `json:"why,omitempty"`     // as an older version told it
	New     bool            `json:"new,omitempty"`     // the entity was not there before
	Was     json.RawMessage `json:"was,omitempty"`     // what the entity's fields were, and then are
	Is      json.RawMessage `json:"is,omitempty"`
}

// refused is the outcome of a row that did not go into the log.
const refused = "refused"

// force is the policy in force.
type force struct {
	policy *policy.Policy
	zone   *time.Location
}

func forceOf(ctx context.Context, w *runtime.Workspace) (x force, err error) {
	err = w.View(ctx, func(e *engine.Engine) { x = force{e.Policy(), e.Zone()} })
	return x, err
}

func (x *force) decoder() *record.Decoder { return record.NewDecoder(x.policy, x.zone) }

// Start takes a table's rows in, beside whatever else happens; one that was cancelled or failed
// goes on where it was.
func (d *Desk) Start(workspace, id string) (*Job, error) {
	return d.turnTo(workspace, id, Running, func(j *Job) error {
		if j.State != Ready && j.State != Cancelled && j.State != Failed || j.Undo != nil {
			return ErrState
		}
		return nil
	})
}

// UndoBy takes back what an import brought: events are retracted, new entities deleted, and the
// others get the values that they had, unless somebody has changed them since.
func (d *Desk) UndoBy(workspace, id, by string) (*Job, error) {
	return d.turnTo(workspace, id, Undoing, func(j *Job) error {
		switch {
		case j.State != Done && j.State != Cancelled && j.State != Failed || j.Began == nil:
			return ErrState
		case d.o.Now().After(*j.Until):
			return ErrGone
		}
		if j.Undo == nil {
			j.Undo = &Undo{By: by}
		}
		return nil
	})
}

func (d *Desk) turnTo(workspace, id, state string, may func(*Job) error) (*Job, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	j, err := d.job(workspace, id)
	if err != nil {
		return nil, err
	}
	if err := may(j); err != nil {
		return nil, err
	}
	if j.ext == "" {
		return nil, ErrGone
	}
	now := d.o.Now().UTC()
	if j.Began == nil {
		j.Began = &now
	}
	j.State, j.Why, j.WhyZh, j.Ended = state, "", "", nil
	until := now.Add(Kept)
	j.Until = &until
	if err := d.keep(workspace, j); err != nil {
		return nil, err
	}
	d.begun(workspace, j)
	return d.job(workspace, id)
}

// begin is begun without the lock.
func (d *Desk) begin(workspace string, j *Job) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.begun(workspace, j)
}

func (d *Desk) begun(workspace string, j *Job) {
	ctx, cancel := context.WithCancelCause(d.ctx)
	l := &live{job: *j, cancel: cancel}
	d.live[workspace+"/"+j.ID] = l
	d.work.Go(func() { d.run(ctx, workspace, l) })
}

// Cancel ends an import that runs. What it has brought stays, and may be taken back.
func (d *Desk) Cancel(workspace, id string) (*Job, error) {
	d.mu.Lock()
	l := d.live[workspace+"/"+id]
	if l == nil || l.job.State != Running {
		_, err := d.job(workspace, id)
		d.mu.Unlock()
		return nil, errors.Join(err, ErrState)
	}
	l.cancel(errCancelled)
	d.mu.Unlock()
	for { // it ends with the batch in hand
		j, err := d.Job(workspace, id)
		if err != nil || j.State != Running {
			return j, err
		}
		select {
		case <-time.After(time.Millisecond):
		case <-d.ctx.Done():
			return j, nil
		}
	}
}

// run takes rows in, or back, until all are, or it is ended.
func (d *Desk) run(ctx context.Context, workspace string, l *live) {
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
	}
	x := &running{d: d, workspace: workspace, live: l}
	err := d.use(ctx, workspace, func(w *runtime.Workspace) error {
		x.w = w
		if l.job.State == Undoing {
			return x.undo(ctx)
		}
		return x.all(ctx)
	})
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.live, workspace+"/"+l.job.ID)
	j := &l.job
	switch {
	case d.ctx.Err() != nil && !errors.Is(context.Cause(ctx), errCancelled):
		return // the process ends: the next one goes on
	case errors.Is(context.Cause(ctx), errCancelled):
		j.State = Cancelled
	case err != nil:
		j.State = Failed
		j.Why, j.WhyZh = told(err)
		d.o.Log.Error("import", "workspace", workspace, "import", j.ID, "err", err)
	case j.State == Undoing:
		j.State = Undone
	default:
		j.State = Done
	}
	now := d.o.Now().UTC()
	until := now.Add(Kept)
	j.Ended, j.Until = &now, &until
	if err := d.keep(workspace, j); err != nil {
		d.o.Log.Error("import", "workspace", workspace, "import", j.ID, "err", err)
	}
}

// told is why an import failed, in English and where it can be in Chinese.
func told(err error) (en, zh string) {
	var f *ingest.Fault
	if errors.As(err, &f) {
		return f.In("en"), f.In("zh")
	}
	return err.Error(), ""
}

// running is one import that runs.
type running struct {
	d         *Desk
	workspace string
	live      *live
	w         *runtime.Workspace

	in     force
	rows   *ingest.Rows
	kinds  *files.Filling
	rule   *discreet.Rule
	states *states
	out    *os.File
	saved  time.Time
}

// batch is how many rows are submitted at once.
const batch = 128

// pending is a row that is not written down yet.
type pending struct {
	row  Row
	line []byte // as it goes into the log
	at   int    // among the lines that are submitted; -1: it is not
}

// all takes in all rows that were not.
func (x *running) all(ctx context.Context) (err error) {
	if err := x.open(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.out.Close()) }()
	done, last, err := x.written()
	if err != nil {
		return err
	}
	if x.live.job.From == 0 && done == 0 {
		from := x.w.Last()
		x.change(func(j *Job) { j.From = from })
		if err := x.save(true); err != nil {
			return err
		}
	}
	var rec record.Record
	for range done {
		if _, _, err := x.rows.Next(nil, &rec); err != nil {
			return err
		}
	}
	last = max(last, x.live.job.From)
	for {
		list, err := x.gather(&rec)
		if len(list) > 0 && err == nil {
			last, err = x.take(ctx, list, last)
		}
		if err != nil || len(list) == 0 {
			return errors.Join(err, x.save(true))
		}
		if err := ctx.Err(); err != nil {
			return errors.Join(err, x.save(true))
		}
	}
}

// open reads the table under the policy in force.
func (x *running) open(ctx context.Context) (err error) {
	j := &x.live.job
	data, err := x.d.table(x.workspace, j)
	if err != nil {
		return err
	}
	m, err := x.mapping(ctx)
	if err != nil {
		return err
	}
	s, err := ingest.Read(j.file(), data, ingest.Options{Sheet: m.Sheet, Header: m.Header})
	if err != nil {
		return err
	}
	decoder := x.in.decoder()
	if x.rows, err = ingest.NewRows(x.in.policy, decoder, s, m); err != nil {
		return err
	}
	if err = x.measure(decoder); err != nil {
		return err
	}
	x.out, err = os.OpenFile(x.file(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	return err
}

// measure lets rows name files that are kept, and finds out what is not to be kept of them.
func (x *running) measure(decoder *record.Decoder) (err error) {
	if x.d.o.Files != nil {
		x.kinds = x.d.o.Files.Of(x.workspace).Fill(files.Kinds(decoder), nil)
	}
	x.rule, err = discreet.For(x.in.policy)
	return err
}

// mapping reads what the rows are, under the policy in force.
func (x *running) mapping(ctx context.Context) (m *ingest.Mapping, err error) {
	if x.in, err = forceOf(ctx, x.w); err != nil {
		return nil, err
	}
	if m, err = ingest.ReadMapping(x.live.job.Mapping); err != nil {
		return nil, err
	}
	x.states, err = statesOf(&x.in, m)
	return m, err
}

func (x *running) file() string {
	return filepath.Join(x.d.folder(x.workspace, x.live.job.ID), "rows.ndjson")
}

// written counts the rows that are written down, taking off a line that was cut short.
func (x *running) written() (n int, last uint64, err error) {
	counts := map[string]int{}
	whole := int64(0)
	err = eachRow(x.file(), func(r *Row, to int64) error {
		n, whole = n+1, to
		last = max(last, r.Seq)
		counts[r.Outcome]++
		return nil
	})
	x.change(func(j *Job) { j.Done, j.Counts = n, counts })
	return n, last, errors.Join(err, os.Truncate(x.file(), whole))
}

// eachRow hands out the rows of a file that are whole, with where each ends.
func eachRow(file string, each func(r *Row, to int64) error) error {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close() // it is only read
	in := bufio.NewReader(f)
	to := int64(0)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		to += int64(len(line))
		var r Row
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		if err := each(&r, to); err != nil {
			return err
		}
	}
}

// gather reads some rows.
func (x *running) gather(rec *record.Record) (list []pending, err error) {
	for len(list) < batch {
		line, number, err := x.rows.Next(nil, rec)
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		list = append(list, pending{Row{Row: number, ID: string(append([]byte(nil), rec.ID...))},
			bytes.Clone(line), -1})
	}
	return list, nil
}

// take takes rows in and writes down what became of them. Those after an entry of the log may be in
// it already; 0: none are. It tells after which entry the next may be.
func (x *running) take(ctx context.Context, list []pending, after uint64) (uint64, error) {
	if x.kinds != nil {
		defer x.kinds.Done()
	}
	for i := range list {
		if err := x.fill(&list[i]); err != nil {
			return 0, err
		}
	}
	found := uint64(0)
	if after > 0 {
		var err error
		if found, err = x.find(list, after); err != nil {
			return 0, err
		}
	}
	var lines [][]byte
	for i := range list {
		if p := &list[i]; p.row.Outcome == "" {
			p.at = len(lines)
			lines = append(lines, p.line)
		}
	}
	if err := x.states.before(ctx, x.w, list); err != nil {
		return 0, err
	}
	if err := x.intend(list, after > 0); err != nil {
		return 0, err
	}
	return found, x.decide(ctx, list, lines)
}

// decide submits rows and writes down what was decided on them.
func (x *running) decide(ctx context.Context, list []pending, lines [][]byte) error {
	answers, err := x.submit(ctx, lines)
	if err != nil {
		return err
	}
	for i := range list {
		if p := &list[i]; p.at >= 0 {
			a := &answers[p.at]
			p.row.Seq, p.row.Outcome = a.Seq, a.Outcome.String()
		}
	}
	if err := x.states.after(ctx, x.w, list); err != nil {
		return err
	}
	return x.note(list)
}

// fill writes into a row's record what was measured of the files that it names.
func (x *running) fill(p *pending) error {
	defer func() { p.line = x.rule.Line(p.line, x.d.o.Now().UnixMicro()) }()
	if x.kinds == nil || !files.Tells(p.line) {
		return nil
	}
	line, missing, err := x.kinds.Line(p.line)
	if len(missing) > 0 {
		p.row.Outcome, p.row.Missing = refused, missing[0].Name
	}
	p.line = line
	return err
}

// find finds rows in the log that a process before this one took in and did not come to write down;
// the last entry of one.
func (x *running) find(list []pending, after uint64) (last uint64, err error) {
	at := map[string][]*pending{}
	for i := range list {
		if p := &list[i]; p.row.Outcome == "" {
			at[string(p.line)] = append(at[string(p.line)], p)
		}
	}
	err = x.w.Entries(after+1, x.w.Last(), false, func(l *runtime.Logged) error {
		same := at[string(l.Payload)]
		if decision.Kind(l.Kind) != decision.Record || len(same) == 0 {
			return nil
		}
		at[string(l.Payload)], last = same[1:], l.Seq
		var d decision.Decision
		var gone *runtime.ErasedError
		if err := l.Decode(&d); errors.As(err, &gone) {
			same[0].row.Seq, same[0].row.Outcome = l.Seq, refused
			return nil
		} else if err != nil {
			return err
		}
		same[0].row.Seq, same[0].row.Outcome = l.Seq, d.Outcome.String()
		return nil
	})
	return last, err
}

// submit submits records, as soon as there is room for them.
func (x *running) submit(ctx context.Context, lines [][]byte) ([]runtime.Answer, error) {
	for {
		answers, err := x.w.SubmitAll(ctx, lines)
		var busy *runtime.BusyError
		if !errors.As(err, &busy) {
			return answers, err
		}
		select {
		case <-time.After(max(busy.After, 10*time.Millisecond)): // others go first
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// intend writes down what entities were before their rows go into the log; where a process before
// this one did, that counts for the rows that it took in.
func (x *running) intend(list []pending, again bool) error {
	if x.states.question == nil {
		return nil
	}
	file := filepath.Join(filepath.Dir(x.file()), "intent.ndjson")
	if again {
		were := map[int]Row{}
		err := eachRow(file, func(r *Row, _ int64) error { were[r.Row] = *r; return nil })
		if err != nil {
			return err
		}
		for i := range list {
			r := &list[i].row
			if was, ok := were[r.Row]; ok && r.Outcome != "" {
				r.Was, r.New = was.Was, was.New
			}
		}
	}
	b, err := linesOf(list)
	if err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o600) // a power cut may lose it: then those rows stay as they are
}

func linesOf(list []pending) ([]byte, error) {
	var b bytes.Buffer
	to := json.NewEncoder(&b)
	to.SetEscapeHTML(false)
	for i := range list {
		if err := to.Encode(&list[i].row); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// note writes down what became of rows.
func (x *running) note(list []pending) error {
	b, err := linesOf(list)
	if err == nil {
		_, err = x.out.Write(b)
	}
	if err != nil {
		return err
	}
	x.change(func(j *Job) {
		j.Done += len(list)
		for i := range list {
			j.Counts[list[i].row.Outcome]++
		}
	})
	return x.save(false)
}

// change changes the job that others look at.
func (x *running) change(f func(*Job)) {
	x.d.mu.Lock()
	defer x.d.mu.Unlock()
	f(&x.live.job)
}

// saveEvery is how often the job is written while it runs: only for those who look at it after a
// crash, before it goes on.
const saveEvery = 2 * time.Second

func (x *running) save(now bool) error {
	if !now && time.Since(x.saved) < saveEvery {
		return nil
	}
	x.saved = time.Now()
	x.d.mu.Lock()
	defer x.d.mu.Unlock()
	return x.d.keep(x.workspace, &x.live.job)
}
