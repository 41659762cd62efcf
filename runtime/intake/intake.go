// Package intake takes people's tables into workspaces: a table that came is looked at and tried,
// taken in beside everything else that happens, sent back with reasons, and taken back.
//
// Each is a folder beside the workspace, and may be interrupted at any moment: what became of a row
// is written down, and what could not be written down is found again in the log, so that no row is
// taken in twice.
//
//	east.imports/20260302-093000-4f0c/job.json    what it is and how far it is
//	                                  table.xlsx  as it came
//	                                  rows.ndjson what became of each row, in order
package intake

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/internal/disk"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/files"
	"github.com/throughline/throughline/runtime/host"
	"github.com/throughline/throughline/runtime/ingest"
)

// The states of an import.
const (
	Ready     = "ready"     // it was looked at; nobody began it
	Running   = "running"   // its rows are being taken in
	Done      = "done"      // they all were
	Cancelled = "cancelled" // somebody ended it
	Failed    = "failed"    // something did
	Undoing   = "undoing"   // what it brought is being taken back
	Undone    = "undone"
)

// Kept is how long a table and what became of its rows are kept: so long it can be taken back.
const Kept = 7 * 24 * time.Hour

// A Job is one table on its way in.
type Job struct {
	ID      string         `json:"id"`
	Name    string         `json:"name" doc:"Of the file"`
	By      string         `json:"by" doc:"Who sent it"`
	Source  string         `json:"source,omitempty" doc:"The file of a watched folder that it was"`
	Lang    string         `json:"lang,omitempty" doc:"Of reasons, where none is asked for"`
	At      time.Time      `json:"at" doc:"When it came"`
	State   string         `json:"state" enum:"ready,running,done,cancelled,failed,undoing,undone"`
	Why     string         `json:"why,omitempty" doc:"Why it failed"`
	WhyZh   string         `json:"why_zh,omitempty" doc:"The same in Chinese"`
	Type    string         `json:"type" doc:"What its rows are"`
	Mapping string         `json:"mapping" doc:"As TOML: what thru run --map reads"`
	Rows    int            `json:"rows" doc:"Rows that say something"`
	Done    int            `json:"done" doc:"Rows that were gone through"`
	Counts  map[string]int `json:"counts" doc:"Rows by what became of them"`
	Began   *time.Time     `json:"began,omitempty"`
	Ended   *time.Time     `json:"ended,omitempty"`
	From    uint64         `json:"from,omitempty" doc:"The last entry of the log before it"`
	Until   *time.Time     `json:"until,omitempty" doc:"Until when it can be taken back"`
	Undo    *Undo          `json:"undo,omitempty"`

	ext string
}

// Undo is how far an import was taken back.
type Undo struct {
	By   string `json:"by"`
	Done int    `json:"done" doc:"Rows that were gone through"`
	Back int    `json:"back" doc:"Rows of which what they brought was taken back"`
	Left int    `json:"left" doc:"Rows whose records somebody else has changed since: they stay"`
}

// Why something cannot be done with an import.
var (
	ErrNone  = errors.New("there is no such import")
	ErrState = errors.New("this cannot be done with an import as it is now")
	ErrGone  = errors.New("its table is not kept any more")
)

// Options are what a desk works with.
type Options struct {
	Host  *host.Host
	Dir   string           // of the workspaces' databases
	Files *files.Cabinet   // that rows may name; nil: none are kept
	Now   func() time.Time // nil: the machine's clock

	Settled time.Duration // a file in a watched folder must have been the same for this; 0: 2 s
	Log     *slog.Logger  // nil: nothing is logged
}

// Desk takes tables in. All methods may be called from any goroutine.
type Desk struct {
	o    Options
	ctx  context.Context
	stop context.CancelFunc
	work sync.WaitGroup
	turn chan struct{} // one token for each import that runs

	mu   sync.Mutex
	live map[string]*live // by workspace and job
}

// live is an import that runs.
type live struct {
	job    Job
	cancel context.CancelCauseFunc
}

// errCancelled is why an import ends that somebody cancelled.
var errCancelled = errors.New("cancelled")

// atOnce is how many imports run at the same time.
const atOnce = 2

// Open goes on with what was running when the last process ended.
func Open(o Options) (*Desk, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Settled <= 0 {
		o.Settled = 2 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d := &Desk{o: o, turn: make(chan struct{}, atOnce), live: map[string]*live{}}
	d.ctx, d.stop = context.WithCancel(context.Background())
	for _, workspace := range o.Host.Names() {
		list, err := d.List(workspace)
		if err != nil {
			return nil, err
		}
		for i := range list {
			if s := list[i].State; s == Running || s == Undoing {
				d.begin(workspace, &list[i])
			}
		}
	}
	d.work.Go(d.tidy)
	return d, nil
}

// Close ends what runs; it goes on when the next process begins.
func (d *Desk) Close() {
	d.stop()
	d.work.Wait()
}

// tidy takes away tables whose time is over, now and every hour.
func (d *Desk) tidy() {
	timer := time.NewTicker(time.Hour)
	defer timer.Stop()
	for {
		for _, workspace := range d.o.Host.Names() {
			if err := d.forget(workspace); err != nil {
				d.o.Log.Error("imports", "workspace", workspace, "err", err)
			}
		}
		select {
		case <-d.ctx.Done():
			return
		case <-timer.C:
		}
	}
}

// forget takes away the tables of a workspace whose time is over. What is left says who took what
// in, and nothing of what was in it.
func (d *Desk) forget(workspace string) error {
	list, err := d.List(workspace)
	old := d.o.Now().Add(-Kept)
	for i := range list {
		err = errors.Join(err, d.forgetOne(workspace, list[i].ID, old))
	}
	return err
}

func (d *Desk) forgetOne(workspace, id string, old time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	j, err := d.job(workspace, id)
	if err != nil {
		return err
	}
	last := j.At
	if j.Ended != nil {
		last = *j.Ended
	}
	at := d.folder(workspace, id)
	switch {
	case j.State == Running, j.State == Undoing, !last.Before(old), j.ext == "":
		return nil
	case j.State == Ready:
		return os.RemoveAll(at)
	}
	for _, name := range []string{"table" + j.ext, "rows.ndjson", "intent.ndjson"} {
		err = errors.Join(err, remove(filepath.Join(at, name)))
	}
	return err
}

func remove(file string) error {
	if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// called is how an import is called: no name from outside becomes a path.
var called = regexp.MustCompile(`^[0-9]{8}-[0-9]{6}-[0-9a-f]{8}$`)

func (d *Desk) folder(workspace, id string) string {
	return filepath.Join(d.o.Dir, workspace+".imports", id)
}

// List lists the imports of a workspace, the last first.
func (d *Desk) List(workspace string) ([]Job, error) {
	folders, err := os.ReadDir(filepath.Join(d.o.Dir, workspace+".imports"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Job
	for _, f := range folders {
		j, err := d.Job(workspace, f.Name())
		if errors.Is(err, ErrNone) {
			continue // it was being made when a process ended
		}
		if err != nil {
			return nil, err
		}
		out = append(out, *j)
	}
	slices.SortFunc(out, func(a, b Job) int { return cmp.Compare(b.ID, a.ID) })
	return out, nil
}

// Job is an import as it is now.
func (d *Desk) Job(workspace, id string) (*Job, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.job(workspace, id)
}

func (d *Desk) job(workspace, id string) (*Job, error) {
	if l := d.live[workspace+"/"+id]; l != nil {
		j := l.job
		j.Counts = copied(j.Counts)
		if j.Undo != nil {
			u := *j.Undo
			j.Undo = &u
		}
		return &j, nil
	}
	if !called.MatchString(id) {
		return nil, ErrNone
	}
	at := d.folder(workspace, id)
	b, err := os.ReadFile(filepath.Join(at, "job.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	j := new(Job)
	if err == nil {
		err = json.Unmarshal(b, j)
	}
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", id, err)
	}
	for _, ext := range exts {
		if _, err := os.Stat(filepath.Join(at, "table"+ext)); err == nil {
			j.ext = ext
		}
	}
	return j, nil
}

func copied(m map[string]int) map[string]int {
	out := make(map[string]int, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// exts are the kinds of file that a table is kept as.
var exts = []string{".csv", ".tsv", ".txt", ".xlsx", ".xlsm"}

func (d *Desk) keep(workspace string, j *Job) error {
	b, err := json.Marshal(j)
	if err != nil {
		return err
	}
	return disk.Replace(filepath.Join(d.folder(workspace, j.ID), "job.json"), b)
}

// A Table is what somebody sends.
type Table struct {
	Name    string // of the file: its end says what it is
	Data    []byte
	By      string
	Lang    string // in which reasons are told; "": the policy's
	Source  string // the file that it was, where a folder is watched
	Type    string // what the rows are; "": what fits best
	Sheet   string // the worksheet; "": the first
	At      string // when rows without a moment of their own count; "": today
	Mapping string // TOML; "": one is suggested
	Mends   bool   // somebody mends a suggestion that does not do: the table is kept for it
}

// Looked is a table that was looked at and tried.
type Looked struct {
	Job     *Job
	Guesses []ingest.Guess // where the mapping was suggested
	Columns []ingest.Guess // in any case, by the type that the rows are
	Report  *ingest.Report
	Wrong   error // why the suggestion does not do, where somebody mends it
}

// Take keeps a table, suggests a mapping where none is given, and tries its rows.
func (d *Desk) Take(ctx context.Context, workspace string, t *Table) (*Looked, error) {
	ext := strings.ToLower(filepath.Ext(t.Name))
	if !slices.Contains(exts, ext) {
		return nil, ingest.Unread(files.Called(t.Name))
	}
	var salt [4]byte
	_, _ = rand.Read(salt[:]) // it never fails
	now := d.o.Now().UTC()
	j := &Job{ID: now.Format("20060102-150405-") + hex.EncodeToString(salt[:]), At: now, By: t.By,
		Name: files.Called(t.Name), Lang: t.Lang, Source: t.Source, State: Ready, ext: ext}
	x, err := d.look(ctx, workspace, j, t)
	if t.Mends && mendable(err) {
		x.Wrong, err = err, nil
	}
	if err != nil {
		return nil, err
	}
	at := d.folder(workspace, j.ID)
	if err := os.MkdirAll(at, 0o700); err != nil {
		return nil, err
	}
	err = disk.Replace(filepath.Join(at, "table"+ext), t.Data)
	if err == nil {
		err = d.keep(workspace, j)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(at))
	}
	return x, nil
}

// mendable reports whether columns alone are missing in a mapping that was suggested.
func mendable(err error) bool {
	var f *ingest.Fault
	return errors.As(err, &f) && (f.Why == ingest.NoID || f.Why == ingest.NothingMapped)
}

// Again tries the rows of a table under another mapping, which takes the place of the one before.
// With an error, too, it tells the columns of a table that could be read. Reasons are told in the
// language of what is given; "": as to whoever sent the table.
func (d *Desk) Again(ctx context.Context, workspace, id string, as Table) (*Looked, error) {
	j, err := d.Job(workspace, id)
	if err != nil {
		return nil, err
	}
	if j.State != Ready {
		return nil, ErrState
	}
	data, err := d.table(workspace, j)
	if err != nil {
		return nil, err
	}
	x, err := d.look(ctx, workspace, j, &Table{Name: j.Name, Data: data, Mapping: as.Mapping,
		Lang: cmp.Or(as.Lang, j.Lang)})
	if err != nil {
		return x, err
	}
	return x, d.keep(workspace, j)
}

// WhyIn is why an import failed, in a language; of one that an older version kept, as it was told.
func (j *Job) WhyIn(lang string) string {
	if lang == "zh" && j.WhyZh != "" {
		return j.WhyZh
	}
	return j.Why
}

// file is what messages call the table; its end says what it is.
func (j *Job) file() string {
	if strings.ToLower(filepath.Ext(j.Name)) == j.ext {
		return j.Name
	}
	return "table" + j.ext
}

func (d *Desk) table(workspace string, j *Job) ([]byte, error) {
	if j.ext == "" {
		return nil, ErrGone
	}
	return os.ReadFile(filepath.Join(d.folder(workspace, j.ID), "table"+j.ext))
}

// look finds or reads a mapping and tries the rows.
func (d *Desk) look(ctx context.Context, workspace string, j *Job, t *Table) (*Looked, error) {
	out := &Looked{Job: j}
	err := d.use(ctx, workspace, func(w *runtime.Workspace) error {
		in, err := forceOf(ctx, w)
		if err != nil {
			return err
		}
		m := &ingest.Mapping{Sheet: t.Sheet}
		if t.Mapping != "" {
			if m, err = ingest.ReadMapping(t.Mapping); err != nil {
				return err
			}
		}
		s, err := ingest.Read(j.file(), t.Data, ingest.Options{Sheet: m.Sheet, Header: m.Header})
		if err != nil {
			return err
		}
		h := ingest.Hints{Type: cmp.Or(m.Type, t.Type), Zone: in.zone, At: t.At}
		if h.At == "" {
			h.At = d.o.Now().In(in.zone).Format("2006-01-02")
		}
		like, columns, unlike := ingest.Suggest(in.policy, s, h)
		if out.Columns = columns; t.Mapping == "" {
			if m, out.Guesses = like, columns; m == nil {
				return unlike
			}
			m.Sheet, j.Type, j.Rows = t.Sheet, m.Type, len(s.Rows)
			if j.Mapping, err = m.Text(); err != nil || unlike != nil {
				return errors.Join(err, unlike)
			}
		}
		rows, err := ingest.NewRows(in.policy, in.decoder(), s, m)
		if err != nil {
			return err
		}
		known, err := knownIn(ctx, w, m.Type)
		if err != nil {
			return err
		}
		if out.Report, err = rows.Try(in.policy, t.Lang, known); err != nil {
			return err
		}
		j.Type, j.Rows, j.Counts = out.Report.Type, out.Report.Rows, map[string]int{}
		j.Mapping, err = m.Text()
		return err
	})
	return out, err
}

// knownIn knows which entities of a type there are.
func knownIn(
	ctx context.Context, w *runtime.Workspace, typ string,
) (func(typ, id string) bool, error) {
	ids := map[string]bool{}
	err := w.View(ctx, func(e *engine.Engine) {
		for _, r := range e.Policy().Records {
			if (r.Full == typ || r.Name == typ) && r.Kind == policy.Entity {
				for _, id := range e.IDs(r) {
					ids[id] = true
				}
			}
		}
	})
	return func(_, id string) bool { return ids[id] }, err
}

func (d *Desk) use(ctx context.Context, workspace string, f func(*runtime.Workspace) error) error {
	w, leave, err := d.o.Host.Use(ctx, workspace)
	if err != nil {
		return err
	}
	defer leave()
	return f(w)
}
