package intake_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime/intake"
)

// TestWatch puts tables into a folder, whole and in pieces, sound and not.
func TestWatch(t *testing.T) {
	k := newKit(t)
	dir := t.TempDir()
	const name = "visits"
	x := k.take("a.csv", visits(3), "Visit")
	if err := k.desk.SaveMapping("east", intake.Mapping{Name: name, Text: x.Job.Mapping}); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("before.csv", visits(4))
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- k.desk.Watch(ctx, intake.Folder{Dir: dir, Workspace: "east", Mapping: name}) }()
	wait := func(name string) string {
		t.Helper()
		for range 2000 {
			if b, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
				return string(b)
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Fatal("there is no ", name)
		return ""
	}
	wait("done/before.csv")
	write("~$open.csv", "a")
	write(".hidden.csv", "a")
	write("picture.jpg", "a")
	write("some.csv", visits(5)+"2026-03-02,s9,li,viele\n")
	if back := wait("back/some.returned.csv"); !strings.Contains(back, "viele") || strings.Contains(back, "s1,") {
		t.Error(back)
	}
	wait("done/some.csv")
	write("broken.xlsx", "PK no workbook")
	if why := wait("back/broken.xlsx.why.txt"); !strings.Contains(why, "broken.xlsx") {
		t.Error(why)
	}
	wait("back/broken.xlsx")
	write("some.csv", visits(7)) // under a name that was here
	for range 2000 {
		if list, _ := filepath.Glob(filepath.Join(dir, "done", "some*")); len(list) == 2 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	end()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if records, _ := k.entries("Visit"); records != 4+6+7 {
		t.Errorf("%d records", records)
	}
	for _, name := range []string{"~$open.csv", ".hidden.csv", "picture.jpg"} {
		wait(name)
	}
}

// TestWatchedOnce does not take a file in again that a process before this one did.
func TestWatchedOnce(t *testing.T) {
	k := newKit(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.csv"), []byte(visits(4)), 0o600); err != nil {
		t.Fatal(err)
	}
	watch := func() {
		t.Helper()
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- k.desk.Watch(ctx, intake.Folder{Dir: dir, Workspace: "east"}) }()
		for range 2000 {
			if _, err := os.Stat(filepath.Join(dir, "done", "a.csv")); err == nil {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		end()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	watch()
	// The process ended before it came to move the file.
	if err := os.Rename(filepath.Join(dir, "done", "a.csv"), filepath.Join(dir, "a.csv")); err != nil {
		t.Fatal(err)
	}
	k.close()
	k.open()
	watch()
	if list, err := k.desk.List("east"); err != nil || len(list) != 1 {
		t.Errorf("%d imports: %v", len(list), err)
	}
}
