package host

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/internal/disk"
	"github.com/throughline/throughline/runtime"
)

// open opens a workspace; it is busy until then. One whose commit failed is closed first: what was
// durable is found again in its log.
func (h *Host) open(s *space) {
	if s.w != nil {
		s.left()
		if err := s.w.Close(); err != nil {
			h.o.Notice(s.name, err)
		}
	}
	// What was due when it was closed says nothing from here on, not even after a crash.
	w, err := (*runtime.Workspace)(nil), h.forgetDue(s.name)
	if err == nil {
		cfg := h.o.Config
		cfg.Policy, cfg.MustExist = nil, true
		w, err = runtime.Open(h.file(s.name), h.noticing(s.name, cfg))
	}
	now := h.o.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	s.w, s.err, s.used, s.due = w, err, now, time.Time{}
	if err != nil {
		s.w, s.due = nil, now.Add(again)
		h.o.Notice(s.name, err)
	} else {
		h.attend(s)
	}
	h.free(s)
}

// attend tells who attends to workspaces of one that was opened. The lock is held.
func (h *Host) attend(s *space) {
	if h.o.Attend != nil {
		s.leave = h.o.Attend(s.name, s.w)
	}
}

// left tells them that it is going to be closed, and says when it has to be open again; zero: they
// do not mind. It is busy.
func (s *space) left() (due time.Time) {
	if s.leave != nil {
		due, s.leave = s.leave(), nil
	}
	return due
}

// again is how long a workspace that could not be opened or written is left alone, unless somebody
// asks for it.
const again = time.Minute

// free ends a space's being busy. The lock is held.
func (h *Host) free(s *space) {
	close(s.busy)
	s.busy = nil
	h.wake()
}

// shut closes a workspace, once nobody uses it.
func (h *Host) shut(name string) error {
	for {
		h.mu.Lock()
		s := h.spaces[name]
		switch {
		case s.busy != nil:
			wait := s.busy
			h.mu.Unlock()
			<-wait
			continue
		case s.w == nil:
			h.mu.Unlock()
			return nil
		case s.users > 0:
			h.mu.Unlock()
			<-h.woken // the keeper is gone: nobody else waits
			continue
		}
		s.busy = make(chan struct{})
		h.mu.Unlock()
		return h.closeIdle(s)
	}
}

// closeIdle closes a workspace that nobody uses and is busy for it, and remembers what is due.
func (h *Host) closeIdle(s *space) error {
	wanted := s.left()
	due, some := s.w.Due()
	if !some {
		due = time.Time{}
	}
	if due.IsZero() || !wanted.IsZero() && wanted.Before(due) {
		due = wanted
	}
	// What is due in a workspace that had to stop is only known once its log was read again.
	failed := s.w.Err()
	err := s.w.Close()
	switch {
	case failed != nil:
		due = h.o.Now().Add(again)
	case err == nil:
		err = h.writeDue(s.name, due)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	s.w, s.due = nil, due
	h.free(s)
	if err != nil {
		return fmt.Errorf("close workspace %s: %w", s.name, err)
	}
	return nil
}

// wake tells the keeper to look again.
func (h *Host) wake() {
	select {
	case h.woken <- struct{}{}:
	default:
	}
}

// keep closes what is idle and opens what is due, until the host is closed.
func (h *Host) keep() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-h.quit:
			return
		case <-h.woken:
		case <-timer.C:
		}
		timer.Reset(h.tend())
	}
}

// wakeAtOnce is how many workspaces are opened at the same time for what is due: at midnight it may
// be all of them.
const wakeAtOnce = 4

// tend does what the keeper has to do now and says when to look again.
func (h *Host) tend() time.Duration {
	for _, s := range h.idle() {
		if err := h.closeIdle(s); err != nil {
			h.o.Notice(s.name, err)
		}
	}
	now := h.o.Now()
	next := h.o.Idle
	h.mu.Lock()
	defer h.mu.Unlock()
	waking := 0
	for _, s := range h.spaces {
		if s.busy != nil {
			waking++
		}
	}
	for _, s := range h.spaces {
		switch {
		case s.busy != nil || s.w != nil || s.due.IsZero():
		case s.due.After(now):
			next = min(next, s.due.Sub(now))
		case waking < wakeAtOnce: // the others' turn comes when one of these is open
			waking++
			s.busy = make(chan struct{})
			go h.open(s) // it does what is due by itself
		}
	}
	return max(next, time.Millisecond)
}

// idle takes the open workspaces that are to be closed, making them busy: those that nobody has
// used for a while, those that had to stop, and of the others the ones unused longest where too
// many are open. One that has something to do this moment is left to do it.
func (h *Host) idle() (out []*space) {
	now := h.o.Now()
	h.mu.Lock()
	defer h.mu.Unlock()
	var unused []*space
	for _, s := range h.spaces {
		if s.w != nil && s.busy == nil && s.users == 0 && (s.w.Err() != nil || !dueBy(s.w, now)) {
			unused = append(unused, s)
		}
	}
	slices.SortFunc(unused, func(a, b *space) int {
		return cmp.Or(a.used.Compare(b.used), cmp.Compare(a.name, b.name))
	})
	for i, s := range unused {
		if now.Sub(s.used) >= h.o.Idle || s.w.Err() != nil || len(unused)-i > h.o.MostOpen {
			s.busy = make(chan struct{})
			out = append(out, s)
		}
	}
	return out
}

func dueBy(w *runtime.Workspace, now time.Time) bool {
	due, some := w.Due()
	return some && !due.After(now)
}

// A closed workspace's next due moment stands in a file beside it, with when its database was last
// changed: where that does not fit, because somebody put another file there, or where it cannot be
// read, the workspace is opened once to find out. Then only time is lost.
func (h *Host) readDue(name string) (due time.Time, known bool) {
	b, err := os.ReadFile(h.dueFile(name))
	if err != nil {
		return h.o.Now(), false
	}
	at, changed, _ := strings.Cut(strings.TrimSpace(string(b)), " ")
	if is, err := h.changed(name); err != nil || is != changed {
		return h.o.Now(), false
	}
	if at == "never" {
		return time.Time{}, true
	}
	n, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return h.o.Now(), false
	}
	return time.UnixMicro(n), true
}

func (h *Host) writeDue(name string, due time.Time) error {
	text := "never"
	if !due.IsZero() {
		text = strconv.FormatInt(due.UnixMicro(), 10)
	}
	changed, err := h.changed(name)
	if err != nil {
		return err
	}
	file := h.dueFile(name)
	if err := os.WriteFile(file+".new", []byte(text+" "+changed+"\n"), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// forgetDue is durable before the database changes.
func (h *Host) forgetDue(name string) error {
	err := os.Remove(h.dueFile(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return errors.Join(err, disk.SyncDir(h.dir))
}

// changed says which state of a database's file this is.
func (h *Host) changed(name string) (string, error) {
	info, err := os.Stat(h.file(name))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d/%d", info.ModTime().UnixNano(), info.Size()), nil
}

func (h *Host) dueFile(name string) string { return filepath.Join(h.dir, name+".due") }
