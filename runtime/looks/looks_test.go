package looks_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime/looks"
)

func TestLooks(t *testing.T) {
	dir := t.TempDir()
	at := time.Date(2026, 1, 30, 9, 0, 0, 0, time.UTC)
	now := func() time.Time { return at }
	l, err := looks.Open(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	note := func(who string, records ...string) {
		t.Helper()
		if err := l.Note("east", looks.Look{Who: who, Route: "/r", Records: records}); err != nil {
			t.Fatal(err)
		}
		at = at.Add(24 * time.Hour)
	}
	list := func(x looks.Wanted) string {
		t.Helper()
		if x.Limit == 0 {
			x.Limit = 100
		}
		out, more, err := l.List("east", x)
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, o := range out {
			text += fmt.Sprintf("%s %s %v; ", o.At.Format("01-02"), o.Who, o.Records)
		}
		if more {
			text += "more"
		}
		return text
	}
	note("li", "Contact/b", "Contact/a", "Contact/b")
	note("wu", "Contact/c")
	note("li")
	note("li", "Contact/c")
	for _, c := range []struct {
		x    looks.Wanted
		want string
	}{
		{looks.Wanted{}, "01-30 li [Contact/a Contact/b]; 01-31 wu [Contact/c]; 02-02 li [Contact/c]; "},
		{looks.Wanted{Who: "li"}, "01-30 li [Contact/a Contact/b]; 02-02 li [Contact/c]; "},
		{looks.Wanted{Record: "Contact/c"}, "01-31 wu [Contact/c]; 02-02 li [Contact/c]; "},
		{looks.Wanted{Limit: 2}, "01-30 li [Contact/a Contact/b]; 01-31 wu [Contact/c]; more"},
		{looks.Wanted{Since: at.AddDate(0, 0, -2)}, "02-02 li [Contact/c]; "},
		{looks.Wanted{Record: "Contact"}, ""},
	} {
		if got := list(c.x); got != c.want {
			t.Errorf("%+v: %q, want %q", c.x, got, c.want)
		}
	}

	// A crash cut the last line short: it is lost, and the next one is not.
	file := filepath.Join(dir, "east.2026-02.ndjson")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(b, `{"at":"2026-02-`...), 0o600); err != nil {
		t.Fatal(err)
	}
	if l, err = looks.Open(dir, now); err != nil {
		t.Fatal(err)
	}
	note("wu", "Contact/d")
	if got := list(looks.Wanted{Who: "wu"}); got != "01-31 wu [Contact/c]; 02-03 wu [Contact/d]; " {
		t.Error(got)
	}
	if got, _, _ := l.List("west", looks.Wanted{Limit: 9}); len(got) != 0 {
		t.Errorf("another workspace's: %v", got)
	}

	many := make([]string, 1500)
	for i := range many {
		many[i] = fmt.Sprintf("Contact/%04d", i)
	}
	note("export", many...)
	if out, _, err := l.List("east", looks.Wanted{Who: "export", Limit: 1}); err != nil ||
		len(out[0].Records) != 1000 || out[0].N != 1500 {
		t.Error(len(out), err)
	}

	at = at.AddDate(1, 0, 0) // what is older than a year goes
	note("li", "Contact/a")
	left, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(left) != 2 || !strings.HasSuffix(left[0], "2026-02.ndjson") {
		t.Error(left)
	}
}
