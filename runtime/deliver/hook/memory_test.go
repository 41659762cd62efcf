package hook_test

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime/deliver/hook"
)

// TestMemory: a request that was taken is not taken again by a process that begins later, until its
// signature is too old; one that came to nothing is. The file does not grow for ever.
func TestMemory(t *testing.T) {
	file := filepath.Join(t.TempDir(), "east.heard")
	now := time.Unix(1_800_000_000, 0)
	begin := func(name string) *hook.Receiver {
		return &hook.Receiver{Secret: secret, Now: func() time.Time { return now },
			Memory: &hook.Memory{File: file}, Name: name}
	}
	signed := func(id string) http.Header {
		h := http.Header{}
		hook.Signed{ID: id, At: now}.Sign(h, secret, []byte("{}"))
		return h
	}
	check := func(r *hook.Receiver, id string, want error) {
		t.Helper()
		if err := r.Check(signed(id), []byte("{}")); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", id, err, want)
		}
	}
	took := func(r *hook.Receiver, id string) {
		t.Helper()
		check(r, id, nil)
		if err := r.Took(signed(id)); err != nil {
			t.Fatal(err)
		}
	}
	r := begin("crm")
	took(r, "a")
	took(r, "b")
	check(r, "c", nil) // the process ends before it comes to anything
	r = begin("crm")
	check(r, "a", hook.ErrReplayed)
	check(r, "b", hook.ErrReplayed)
	check(r, "c", nil)
	check(begin("erp"), "a", nil)

	// A line that was cut short spoils neither those before nor those after it.
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("\n18000"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	r = begin("crm")
	check(r, "b", hook.ErrReplayed)
	took(r, "d")
	check(begin("crm"), "d", hook.ErrReplayed)

	now = now.Add(2*hook.Window + time.Second)
	took(r, "a")
	for n := range 600 {
		if n%100 == 0 {
			now = now.Add(2*hook.Window + time.Second)
		}
		took(r, fmt.Sprint("e", n))
	}
	if s, err := os.Stat(file); err != nil || s.Size() > 44*400 {
		t.Errorf("%d bytes: %v", s.Size(), err)
	}
	check(begin("crm"), "e599", hook.ErrReplayed)
	check(begin("crm"), "e1", nil)

	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(file, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := begin("crm").Check(signed("f"), []byte("{}")); err == nil {
		t.Error("taken without looking whether it was here")
	}
}
