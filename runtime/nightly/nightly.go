// Package nightly does for workspaces what has to be done once a day: personal data whose time is
// over is erased, and what the log is gets signed, so that it can be held to it.
package nightly

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/internal/disk"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/files"
	"github.com/throughline/throughline/runtime/host"
	"github.com/throughline/throughline/runtime/seal"
)

// A Setting is what is done for a workspace, and when.
type Setting struct {
	At         string `json:"at" pattern:"^([01][0-9]|2[0-3]):[0-5][0-9]$" doc:"Time of day, in the workspace's zone"`
	Erase      bool   `json:"erase" doc:"Personal data whose keep is over"`
	Checkpoint bool   `json:"checkpoint" doc:"Sign what the log is"`
	Channel    string `json:"channel,omitempty" maxLength:"200" doc:"Channel to which the checkpoint is posted"`
}

// Usual is what is done where nobody says otherwise.
func Usual() Setting { return Setting{At: "03:30", Erase: true, Checkpoint: true} }

// minute is the time of day.
func (s *Setting) minute() int {
	t, err := time.Parse("15:04", s.At)
	if err != nil {
		return 3*60 + 30
	}
	return t.Hour()*60 + t.Minute()
}

// Done is what was done the last time.
type Done struct {
	At      time.Time `json:"at" doc:"When"`
	Zone    string    `json:"zone,omitempty" doc:"Of the workspace"`
	Erased  int       `json:"erased" doc:"Entries of which something was erased"`
	Files   int       `json:"files,omitempty" doc:"Files that were deleted: erased, or named by no record"`
	Entries uint64    `json:"entries,omitempty" doc:"Entries that were signed"`
	Posted  uint64    `json:"posted,omitempty" doc:"Entries of the last checkpoint that was posted"`
	Why     string    `json:"why,omitempty" doc:"What went wrong"`
}

// Options are what a keeper works with.
type Options struct {
	Host    *host.Host
	Dir     string // of the server
	Setting func(workspace string) Setting
	Files   *files.Cabinet // the workspaces' files; nil: none are kept
	Key     *seal.Key      // signs
	Post    func(ctx context.Context, workspace, channel, text string) error
	Now     func() time.Time // nil: the machine's clock
	Log     *slog.Logger     // nil: nothing is logged
}

// Keeper does it. All methods may be called from any goroutine.
type Keeper struct {
	o    Options
	quit chan struct{}
	done sync.WaitGroup

	mu sync.Mutex // one workspace at a time: there is the whole night
}

// Start begins to look every minute whether something has to be done.
func Start(o Options) (*Keeper, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	k := &Keeper{o: o, quit: make(chan struct{})}
	if err := os.MkdirAll(filepath.Join(o.Dir, "checkpoints"), 0o700); err != nil {
		return nil, err
	}
	k.done.Go(k.run)
	return k, nil
}

// Stop ends that.
func (k *Keeper) Stop() {
	close(k.quit)
	k.done.Wait()
}

func (k *Keeper) run() {
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-k.quit; cancel() }()
	timer := time.NewTicker(time.Minute)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		for _, name := range k.o.Host.Names() {
			if ctx.Err() == nil {
				k.tend(ctx, name)
			}
		}
	}
}

// again is how long a checkpoint that could not be posted waits.
const again = 10 * time.Minute

// tend does what is due for a workspace.
func (k *Keeper) tend(ctx context.Context, name string) {
	s := k.o.Setting(name)
	now := k.o.Now()
	d, err := k.Last(name)
	switch {
	case err == nil && d.At.IsZero(): // it is new: its first night comes
		d.At = now
		err = k.keep(name, &d)
	case err == nil && !now.Before(next(&d, &s)):
		_, err = k.Run(ctx, name)
	case err == nil && s.Channel != "" && d.Posted < d.Entries && now.Minute()%10 == 0 &&
		now.Sub(d.At) >= again:
		err = k.postAgain(ctx, name, s.Channel)
	}
	if err != nil && ctx.Err() == nil {
		k.o.Log.Error("nightly", "workspace", name, "err", err)
	}
}

// postAgain posts a checkpoint that could not be posted. What is known of it is read again: in the
// meantime somebody may have had everything done.
func (k *Keeper) postAgain(ctx context.Context, name, channel string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	d, err := k.Last(name)
	if err != nil {
		return err
	}
	return errors.Join(k.post(ctx, name, channel, &d), k.keep(name, &d))
}

// next is when it is to be done after the last time.
func next(d *Done, s *Setting) time.Time {
	zone, err := calendar.Zone(d.Zone)
	if err != nil || d.Zone == "" {
		zone, _ = calendar.Zone("Asia/Shanghai") // a policy's, where it says none
	}
	was := d.At.UnixMicro()
	clock := int64(s.minute()) * time.Minute.Microseconds()
	date := calendar.DateOf(was, zone)
	at := calendar.At(date, clock, zone)
	if at <= was {
		at = calendar.At(date+1, clock, zone)
	}
	return time.UnixMicro(at)
}

func (k *Keeper) file(name string) string {
	return filepath.Join(k.o.Dir, "checkpoints", name+".json")
}

func (k *Keeper) signedFile(name string) string {
	return filepath.Join(k.o.Dir, "checkpoints", name+".txt")
}

// Last is what was done the last time; the zero Done: nothing yet.
func (k *Keeper) Last(name string) (d Done, err error) {
	b, err := os.ReadFile(k.file(name))
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	if err == nil && json.Unmarshal(b, &d) != nil {
		return Done{}, nil // cut short: it is done again
	}
	return d, err
}

func (k *Keeper) keep(name string, d *Done) error {
	b, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return disk.Replace(k.file(name), b)
}

// Run does at once what is done every night.
func (k *Keeper) Run(ctx context.Context, name string) (Done, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := k.o.Setting(name)
	d, err := k.Last(name)
	if err != nil {
		return d, err
	}
	w, leave, err := k.o.Host.Use(ctx, name)
	if err != nil {
		return d, err
	}
	defer leave()
	d.At, d.Erased, d.Files, d.Why = k.o.Now().UTC(), 0, 0, ""
	err = k.work(ctx, &night{name, w, &d, &s})
	if err != nil {
		d.Why = err.Error()
	}
	return d, errors.Join(err, k.keep(name, &d))
}

// night is one workspace's.
type night struct {
	name string
	w    *runtime.Workspace
	d    *Done
	s    *Setting
}

func (k *Keeper) work(ctx context.Context, x *night) error {
	name, w, d, s := x.name, x.w, x.d, x.s
	var p *policy.Policy
	if err := w.View(ctx, func(e *engine.Engine) { p = e.Policy() }); err != nil {
		return err
	}
	d.Zone = p.Settings.Timezone
	if k.o.Files != nil { // what an erased record named is not to be found in it afterwards
		if err := k.o.Files.Of(name).Follow(w); err != nil {
			return fmt.Errorf("files: %w", err)
		}
	}
	if s.Erase && forgets(p) {
		x := runtime.Erasure{Expired: true, By: "server", Why: "its time to be kept is over"}
		// Looking does not hold up the writer; erasing does, so it begins only where there is need.
		would, err := w.WouldErase(ctx, x)
		if err == nil && would.Entries > 0 {
			would, err = w.Erase(ctx, x)
		}
		if err != nil {
			return fmt.Errorf("erase: %w", err)
		}
		d.Erased = would.Entries
	}
	if k.o.Files != nil {
		var err error
		if d.Files, err = k.o.Files.Of(name).Sweep(w); err != nil {
			return fmt.Errorf("files: %w", err)
		}
	}
	if !s.Checkpoint || k.o.Key == nil {
		return nil
	}
	if err := k.sign(name, w, d); err != nil {
		return err
	}
	if s.Channel == "" {
		return nil
	}
	return k.post(ctx, name, s.Channel, d)
}

// forgets reports whether a policy keeps anything personal for a time.
func forgets(p *policy.Policy) bool {
	for _, r := range p.Records {
		for _, f := range r.Fields {
			if f.Personal != nil && f.Personal.Keep > 0 {
				return true
			}
		}
	}
	return false
}

// ErrOther says that a log is not the one that was signed before. It is not signed again.
var ErrOther = errors.New("the log is not the one that was signed before: see thru verify")

// ErrUnsigned says that nobody signs here.
var ErrUnsigned = errors.New("there is no key to sign with")

// Attest is a signed checkpoint of a log's first entries, after it was held to the one before.
// Where nothing has happened since that, it is that one.
func (k *Keeper) Attest(
	name string, tree *seal.Tree, last uint64,
) (*seal.Checkpoint, []byte, error) {
	if k.o.Key == nil {
		return nil, nil, ErrUnsigned
	}
	if before, err := k.Signed(name); err != nil {
		return nil, nil, err
	} else if before != nil {
		old, err := seal.Open(before, k.o.Key.Public())
		if err != nil {
			return nil, nil, fmt.Errorf("the checkpoint before: %w", err)
		}
		if old.Entries > last {
			return nil, nil, ErrOther
		}
		if root, err := tree.Root(old.Entries); err != nil || root != old.Root {
			return nil, nil, errors.Join(ErrOther, err)
		}
		if old.Entries == last {
			return old, before, nil
		}
	}
	c, err := tree.Checkpoint(name, last, k.o.Now())
	if err != nil {
		return nil, nil, err
	}
	signed, err := k.o.Key.Sign(c)
	return c, signed, err
}

// sign signs what a log is, and keeps that.
func (k *Keeper) sign(name string, w *runtime.Workspace, d *Done) error {
	c, signed, err := k.Attest(name, w.Sealed(), w.Last())
	if err == nil {
		err = disk.Replace(k.signedFile(name), signed)
	}
	if err == nil {
		d.Entries = c.Entries
	}
	return err
}

// Signed is the last checkpoint of a workspace; nil: there is none.
func (k *Keeper) Signed(name string) ([]byte, error) {
	b, err := os.ReadFile(k.signedFile(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// Public is the key that checkpoints are checked with.
func (k *Keeper) Public() string {
	if k.o.Key == nil {
		return ""
	}
	return k.o.Key.Public()
}

// post posts the last checkpoint, where it is not there yet.
func (k *Keeper) post(ctx context.Context, name, channel string, d *Done) error {
	signed, err := k.Signed(name)
	if err != nil || signed == nil || d.Posted >= d.Entries || k.o.Post == nil {
		return err
	}
	if err := k.o.Post(ctx, name, channel, string(signed)); err != nil {
		return fmt.Errorf("post the checkpoint to %s: %w", channel, err)
	}
	d.Posted = d.Entries
	return nil
}
