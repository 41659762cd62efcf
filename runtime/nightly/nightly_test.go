package nightly_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/host"
	"github.com/throughline/throughline/runtime/nightly"
	"github.com/throughline/throughline/runtime/seal"
)

const people = `entity Contact {
  name  text
  phone text? personal for "calls" keep 3d
}
`

// signer is the key of all rigs.
var signer = sync.OnceValues(func() ([]byte, error) { return seal.NewKey("test") })

// rig is a host with one workspace, tended by a keeper.
type rig struct {
	t   *testing.T
	dir string
	h   *host.Host
	k   *nightly.Keeper

	mu      sync.Mutex // the keeper has its own time
	setting nightly.Setting
	posted  []string
	fail    error
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), setting: nightly.Usual()}
	p, diags := dsl.Check([]source.File{{Name: "p.thru", Text: people}},
		policy.Settings{Timezone: "Asia/Shanghai"})
	if dsl.HasErrors(diags) {
		t.Fatal(diags)
	}
	var err error
	r.h, err = host.Open(r.dir, host.Options{Notice: func(_ string, err error) { t.Error(err) }})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.h.Create("east", p); err != nil {
		t.Fatal(err)
	}
	text, err := signer()
	if err != nil {
		t.Fatal(err)
	}
	key, err := seal.ReadKey(text)
	if err != nil {
		t.Fatal(err)
	}
	r.k, err = nightly.Start(nightly.Options{Host: r.h, Dir: r.dir, Key: key,
		Setting: func(string) nightly.Setting {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.setting
		},
		Post: func(_ context.Context, workspace, channel, text string) error {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.fail == nil {
				r.posted = append(r.posted, workspace+" "+channel+" "+text)
			}
			return r.fail
		},
		Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.k.Stop()
		if err := r.h.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// told is what was posted; to says where, and with what error.
func (r *rig) told() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.posted)
}

func (r *rig) to(channel string, fail error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.setting.Channel, r.fail = channel, fail
}

func (r *rig) submit(line string) {
	r.t.Helper()
	w, leave, err := r.h.Use(r.t.Context(), "east")
	if err != nil {
		r.t.Fatal(err)
	}
	defer leave()
	if _, err := w.Submit(r.t.Context(), []byte(line)); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) last() nightly.Done {
	r.t.Helper()
	d, err := r.k.Last("east")
	if err != nil {
		r.t.Fatal(err)
	}
	return d
}

// TestEveryNight: what is personal goes when its time is over, the log is signed, and the
// checkpoint is posted; when there is nothing new, nothing is.
func TestEveryNight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // it is 2000-01-01T00:00Z: 08:00 in Shanghai
		r := newRig(t)
		r.to("audit", nil)
		r.submit(`{"type":"Contact","id":"k1","name":"Wang","phone":"13900000000"}`)
		time.Sleep(18 * time.Hour)
		if d := r.last(); len(r.told()) != 0 || d.Entries != 0 {
			t.Errorf("before the first night: %q, %+v", r.told(), d)
		}
		time.Sleep(2 * time.Hour)
		d := r.last()
		if d.Entries != 2 || d.Posted != 2 || d.Erased != 0 || d.Zone != "Asia/Shanghai" ||
			d.At.Format("15:04") != "19:30" {
			t.Errorf("%+v", d)
		}
		if len(r.told()) != 1 || !strings.HasPrefix(r.told()[0], "east audit ") {
			t.Fatalf("%q", r.told())
		}
		c, err := seal.Open([]byte(strings.TrimPrefix(r.told()[0], "east audit ")), r.k.Public())
		if err != nil || c.Entries != 2 || c.Log != "east" {
			t.Errorf("%+v, %v", c, err)
		}
		time.Sleep(24 * time.Hour)
		if len(r.told()) != 1 {
			t.Errorf("a night without anything new: %q", r.told())
		}
		time.Sleep(2 * 24 * time.Hour)
		if d := r.last(); d.Erased != 1 || d.Entries != 3 || len(r.told()) != 2 {
			t.Errorf("%+v, %d posted", d, len(r.told()))
		}
		w, leave, err := r.h.Use(t.Context(), "east")
		if err != nil {
			t.Fatal(err)
		}
		defer leave()
		if err := w.Entries(1, w.Last(), false, func(l *runtime.Logged) error {
			if strings.Contains(string(l.Payload), "13900000000") {
				t.Errorf("seq %d still has it: %s", l.Seq, l.Payload)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	})
}

// TestWhatCouldNotBePostedIsPostedLater.
func TestWhatCouldNotBePostedIsPostedLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.to("audit", errors.New("nobody answers"))
		time.Sleep(20 * time.Hour)
		if d := r.last(); d.Posted != 0 || !strings.Contains(d.Why, "nobody answers") {
			t.Errorf("%+v", d)
		}
		r.to("audit", nil)
		time.Sleep(time.Hour)
		if d := r.last(); d.Posted != 1 || len(r.told()) != 1 {
			t.Errorf("%+v, %q", d, r.told())
		}
	})
}

// TestALogThatIsAnotherIsNotSigned: somebody put an older copy, or another log, in its place.
func TestALogThatIsAnotherIsNotSigned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.submit(`{"type":"Contact","id":"k1","name":"Wang"}`)
		if d, err := r.k.Run(t.Context(), "east"); err != nil || d.Entries != 2 {
			t.Fatal(d, err)
		}
		r.submit(`{"type":"Contact","id":"k2","name":"Li"}`)
		if d, err := r.k.Run(t.Context(), "east"); err != nil || d.Entries != 3 {
			t.Fatal(d, err)
		}
		// The checkpoint of a log that went on from elsewhere.
		file := filepath.Join(r.dir, "checkpoints", "east.txt")
		other := newRig(t)
		other.submit(`{"type":"Contact","id":"k1","name":"Wu"}`)
		if _, err := other.k.Run(t.Context(), "east"); err != nil {
			t.Fatal(err)
		}
		good, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		foreign, err := os.ReadFile(filepath.Join(other.dir, "checkpoints", "east.txt"))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			text string
			want error
		}{{string(foreign), nightly.ErrOther},
			{strings.Replace(string(good), "east\n3\n", "east\n9\n", 1), seal.ErrSignature},
			{"", seal.ErrCheckpoint}, {string(good), nil}} {
			if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := r.k.Run(t.Context(), "east"); !errors.Is(err, c.want) {
				t.Errorf("%q: %v", c.text, err)
			}
		}
	})
}
