package intake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/throughline/throughline/runtime/files"
)

// A Folder is one whose tables are taken in as they are put there. What was taken in moves to its
// folder done; what could not be, and the rows that were refused, to its folder back.
type Folder struct {
	Dir       string
	Workspace string
	Mapping   string // the name of one that is kept; "": it is suggested, and must be sure
}

// unsureWhy says that nobody is there to be asked which column is which.
const unsureWhy = "not every column is sure: keep a mapping and name it\n" +
	"不是每一列都有把握：请保存一个映射并指定它"

// pollEvery is how often a folder is looked at whatever the system tells of it, since it tells
// nothing of a folder on another machine.
const pollEvery = 30 * time.Second

// Watch takes in what is put into a folder, until ctx ends.
func (d *Desk) Watch(ctx context.Context, f Folder) error {
	for _, sub := range []string{"done", "back"} {
		if err := os.MkdirAll(filepath.Join(f.Dir, sub), 0o700); err != nil {
			return err
		}
	}
	x := &watching{d: d, f: f, sizes: map[string]seenFile{}, settled: d.o.Settled,
		log: d.o.Log.With("folder", f.Dir, "workspace", f.Workspace)}
	told, wrong := make(chan fsnotify.Event), make(chan error)
	w, err := fsnotify.NewWatcher()
	if err == nil {
		defer w.Close() // nothing more is asked of it
		told, wrong = w.Events, w.Errors
		err = w.Add(f.Dir)
	}
	if err != nil { // it is polled alone then
		x.log.Warn("watch", "err", err)
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-told:
			timer.Reset(x.settled)
		case err := <-wrong: // it is polled all the same
			x.log.Warn("watch", "err", err)
		case <-timer.C:
			again := x.look(ctx)
			timer.Reset(again)
		}
	}
}

// seenFile is how a file was when it was last looked at.
type seenFile struct {
	size    int64
	changed time.Time
	since   time.Time
}

// watching is a folder that is watched.
type watching struct {
	d       *Desk
	f       Folder
	log     *slog.Logger
	sizes   map[string]seenFile
	settled time.Duration
}

// look takes in the files that are whole, and says when to look again.
func (x *watching) look(ctx context.Context) time.Duration {
	list, err := os.ReadDir(x.f.Dir)
	if err != nil {
		x.log.Error("watch", "err", err)
		return pollEvery
	}
	again := pollEvery
	there := map[string]bool{}
	for _, f := range list {
		name := f.Name()
		info, err := f.Info()
		if err != nil || !f.Type().IsRegular() || strings.HasPrefix(name, ".") ||
			strings.HasPrefix(name, "~$") || !slices.Contains(exts, strings.ToLower(filepath.Ext(name))) {
			continue // a folder, or what programs keep beside a file that is open
		}
		there[name] = true
		now := time.Now()
		is := seenFile{info.Size(), info.ModTime(), now}
		was, known := x.sizes[name]
		if !known || was.size != is.size || !was.changed.Equal(is.changed) {
			x.sizes[name] = is
			again = min(again, x.settled)
			continue
		}
		if now.Sub(was.since) < x.settled {
			again = min(again, x.settled)
			continue
		}
		if err := x.take(ctx, name, &is); err != nil {
			if ctx.Err() != nil {
				return again
			}
			x.log.Error("watch", "file", name, "err", err)
		}
	}
	for name := range x.sizes { //tidy:order each by itself
		if !there[name] {
			delete(x.sizes, name)
		}
	}
	return again
}

// take takes one file in, or goes on with it where a process before this one did.
func (x *watching) take(ctx context.Context, name string, is *seenFile) error {
	source := fmt.Sprintf("%s/%s %d %d", x.f.Dir, name, is.size, is.changed.UnixNano())
	j, err := x.before(source)
	if err == nil && j == nil {
		j, err = x.begin(ctx, name, source)
	}
	var why *refusal
	if errors.As(err, &why) {
		return x.refuse(name, why)
	}
	if err != nil {
		return err
	}
	if j, err = x.await(ctx, j.ID); err != nil {
		return err
	}
	if j.State == Failed || j.State == Cancelled {
		return x.refuse(name, &refusal{j.State + ": " + j.Why})
	}
	if err := x.sendBack(ctx, name, j); err != nil {
		return err
	}
	x.log.Info("watch", "file", name, "import", j.ID, "rows", j.Done)
	return x.move(name, "done")
}

// before is the import that a process before this one made of a file; nil: none did.
func (x *watching) before(source string) (*Job, error) {
	list, err := x.d.List(x.f.Workspace)
	for i := range list {
		if list[i].Source == source && list[i].State != Ready {
			return &list[i], err
		}
	}
	return nil, err
}

// refusal is why a file is given back whole.
type refusal struct{ why string }

func (r *refusal) Error() string { return r.why }

func (x *watching) begin(ctx context.Context, name, source string) (*Job, error) {
	data, err := os.ReadFile(filepath.Join(x.f.Dir, name))
	if err != nil {
		return nil, err
	}
	t := &Table{Name: name, Data: data, By: "watch", Source: source}
	if x.f.Mapping != "" {
		m, err := x.d.Mapping(x.f.Workspace, x.f.Mapping)
		if err != nil {
			return nil, fmt.Errorf("mapping %s: %w", x.f.Mapping, err)
		}
		t.Mapping = m.Text
	}
	looked, err := x.d.Take(ctx, x.f.Workspace, t)
	if err != nil {
		return nil, refusedTable(err)
	}
	if unsure(looked) {
		return nil, &refusal{unsureWhy}
	}
	return x.d.Start(x.f.Workspace, looked.Job.ID)
}

// await waits until an import does not run any more.
func (x *watching) await(ctx context.Context, id string) (*Job, error) {
	for {
		j, err := x.d.Job(x.f.Workspace, id)
		if err != nil || j.State != Running && j.State != Undoing {
			return j, err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// sendBack writes the rows that were refused into the folder back.
func (x *watching) sendBack(ctx context.Context, name string, j *Job) error {
	if j.Counts[refused]+j.Counts["rejected"]+j.Counts["held"] == 0 {
		return nil
	}
	ext := "xlsx"
	if strings.EqualFold(filepath.Ext(name), ".csv") {
		ext = "csv"
	}
	b, err := x.d.Returned(ctx, x.f.Workspace, j.ID, Form{Ext: "." + ext})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(x.f.Dir, "back", ReturnedName(name, ext)), b, 0o600)
}

// refuse gives a file back whole, with the reason in a file beside it.
func (x *watching) refuse(name string, why *refusal) error {
	x.log.Warn("watch", "file", name, "why", why.why)
	err := os.WriteFile(filepath.Join(x.f.Dir, "back", files.Called(name)+".why.txt"),
		[]byte(why.why+"\n"), 0o600)
	return errors.Join(err, x.move(name, "back"))
}

// move moves a file into one of the folder's, under its own name where that is free.
func (x *watching) move(name, to string) error {
	at := filepath.Join(x.f.Dir, to, name)
	if _, err := os.Lstat(at); !errors.Is(err, fs.ErrNotExist) {
		ext := filepath.Ext(name)
		at = strings.TrimSuffix(at, ext) + x.d.o.Now().UTC().Format(".20060102-150405.000") + ext
	}
	delete(x.sizes, name)
	return os.Rename(filepath.Join(x.f.Dir, name), at)
}
