package access_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/store"
)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func open(t *testing.T, file string, c *clock) *access.Access {
	t.Helper()
	a, err := access.Open(file, c.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func TestKeys(t *testing.T) {
	file := filepath.Join(t.TempDir(), "system.db")
	c := &clock{time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	a := open(t, file, c)
	made := func(k access.Key) (string, string) {
		t.Helper()
		token, k1, err := a.Make(t.Context(), k, "test")
		if err != nil {
			t.Fatal(err)
		}
		return token, k1.ID
	}
	east := []string{"east"}
	feed, _ := made(access.Key{Label: "feed", Workspaces: east, Verbs: []access.Verb{access.Submit}})
	brief, _ := made(access.Key{Label: "brief", Workspaces: []string{"*"},
		Verbs: []access.Verb{access.Read}, Expires: c.at.Add(time.Hour)})
	lost, id := made(access.Key{Label: "lost", Workspaces: east, Verbs: access.Verbs()})
	if err := a.Revoke(t.Context(), id, "test"); err != nil {
		t.Fatal(err)
	}
	if err := a.Note(t.Context(), access.Act{What: "publish", Workspace: "east", Who: "test"}); err != nil {
		t.Fatal(err)
	}
	for _, again := range []bool{false, true} {
		if again {
			if err := a.Close(); err != nil {
				t.Fatal(err)
			}
			c.at = c.at.Add(time.Hour)
			a = open(t, file, c)
		}
		for _, x := range []struct {
			name, token string
			want        error
		}{
			{"good", feed, nil}, {"revoked", lost, access.ErrRevoked},
			{"none", "", access.ErrUnknown}, {"no key", "thru_", access.ErrUnknown},
			{"another's secret", feed[:18] + brief[18:], access.ErrUnknown},
			{"cut short", feed[:len(feed)-2], access.ErrUnknown},
		} {
			if _, err := a.Check(x.token); !errors.Is(err, x.want) {
				t.Errorf("%s, again %v: %v", x.name, again, err)
			}
		}
		want := error(nil)
		if again {
			want = access.ErrExpired
		}
		if _, err := a.Check(brief); !errors.Is(err, want) {
			t.Errorf("expiring, again %v: %v", again, err)
		}
		if got := a.Keys(); len(got) != 3 || got[0].Label != "feed" || !got[2].Revoked {
			t.Errorf("keys, again %v: %+v", again, got)
		}
	}
	k, err := a.Check(feed)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		verb      access.Verb
		workspace string
		may       bool
	}{
		{access.Submit, "east", true}, {access.Submit, "west", false}, {access.Read, "east", false},
		{access.Submit, "", false},
	} {
		if k.May(x.verb, x.workspace) != x.may {
			t.Errorf("may %s %q: %v", x.verb, x.workspace, !x.may)
		}
	}
	db, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{feed, brief, lost} {
		if strings.Contains(string(db), token[18:]) {
			t.Error("the database holds a secret")
		}
	}
}

func TestUnsoundKeysAreRefused(t *testing.T) {
	a := open(t, filepath.Join(t.TempDir(), "system.db"), &clock{time.Now()})
	all := []string{"*"}
	read := []access.Verb{access.Read}
	for _, k := range []access.Key{
		{}, {Label: " ", Workspaces: all, Verbs: read}, {Label: "x", Verbs: read},
		{Label: "x", Workspaces: all}, {Label: "x", Workspaces: []string{"a b"}, Verbs: read},
		{Label: "x", Workspaces: all, Verbs: []access.Verb{"all"}},
	} {
		if _, _, err := a.Make(t.Context(), k, "test"); !errors.Is(err, access.ErrKey) {
			t.Errorf("%+v: %v", k, err)
		}
	}
}

func TestTwoServersDoNotRunOnOneFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "system.db")
	open(t, file, &clock{time.Now()})
	if _, err := access.Open(file, nil); !errors.Is(err, store.ErrInUse) {
		t.Errorf("opened twice: %v", err)
	}
}
