package runtime_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/store/bolt"
	"github.com/throughline/throughline/runtime/store/mem"
)

// reworded means what a text of erase_test.go means: another order of declarations and fields, a
// comment and a label.
func reworded(t *testing.T, first *policy.Policy) *policy.Policy {
	t.Helper()
	text := strings.Replace(private, "  rep   Rep\n  n     int\n", "  n     int\n  rep   Rep\n", 1)
	text = strings.Replace(text, "action Look {", "// Whether somebody looked.\naction Look \"Have a look\" {", 1)
	at := strings.Index(text, "alert Busy")
	p := check(t, text[at:]+text[:at])
	if p.Hash != first.Hash {
		t.Fatal("it is to mean the same")
	}
	return p
}

// inForce is the text of the policy in force, and what it calls an action.
func inForce(t *testing.T, w *runtime.Workspace) (text, label string) {
	t.Helper()
	err := w.View(context.Background(), func(e *engine.Engine) {
		text, label = e.Policy().Files[0].Text, e.Policy().Actions[0].Label.Main
	})
	if err != nil {
		t.Fatal(err)
	}
	return text, label
}

func texts(t *testing.T, w *runtime.Workspace) (out []string) {
	t.Helper()
	all, err := w.Versions(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		out = append(out, v.By+": "+v.Policy.Files[0].Text)
	}
	return out
}

// TestAnotherText puts another text of the same meaning in force. It is the one that people are
// shown, the log says who put it there, every version keeps its own, and nothing that was decided,
// counted or running is another: neither at once, nor for whoever opens the log or a copy of it.
func TestAnotherText(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.db")
	first := check(t, private)
	second := reworded(t, first)
	w, err := runtime.Open(path, runtime.Config{Policy: first})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, w)
	was, last := standing(t, w), w.Last()
	ctx := context.Background()
	seq, err := w.ActivateAs(ctx, second, runtime.Given{By: "ann", How: "publish"})
	if err != nil {
		t.Fatal(err)
	}
	if seq != last+1 || w.Last() != seq {
		t.Errorf("entry %d puts it in force after %d, and the log ends with %d", seq, last, w.Last())
	}
	if now := standing(t, w); now != was {
		t.Errorf("it stands\n%snot\n%s", now, was)
	}
	submit(t, w, []byte(`{"type":"Visit","id":"x","rep":"r1","n":9,"note":"more of it","phone":"1"}`))
	entries, now := told(t, w), standing(t, w)
	want := []string{": " + private, "ann: " + second.Files[0].Text}
	holds := func(t *testing.T, w *runtime.Workspace) {
		t.Helper()
		if text, label := inForce(t, w); text != second.Files[0].Text || label != "Have a look" {
			t.Errorf("in force is, with the action %q:\n%s", label, text)
		}
		if got := texts(t, w); !slices.Equal(got, want) {
			t.Errorf("versions %q", got)
		}
		if got := told(t, w); !slices.Equal(got, entries) {
			t.Errorf("entries\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(entries, "\n"))
		}
		if got := standing(t, w); got != now {
			t.Errorf("it stands\n%snot\n%s", got, now)
		}
	}
	holds(t, w)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	// Whoever opens it with the policy that it began with does not take the text back.
	for _, cfg := range []runtime.Config{{}, {Policy: first}} {
		log, err := bolt.Open(path, bolt.Options{})
		if err != nil {
			t.Fatal(err)
		}
		w := open(t, log, cfg)
		holds(t, w)
		audited(t, log)
		copied := new(mem.Log)
		if _, err := runtime.Restore(ctx, log, copied, runtime.Until{}); err != nil {
			t.Fatal(err)
		}
		audited(t, copied)
		holds(t, open(t, copied, runtime.Config{}))
		w.Close()
	}

	if w, err = runtime.Open(path, runtime.Config{}); err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	before := w.Last()
	for _, p := range []*policy.Policy{second, first, second} {
		if err := w.Activate(ctx, p); err != nil {
			t.Fatal(err)
		}
		if text, _ := inForce(t, w); text != p.Files[0].Text {
			t.Errorf("in force is\n%s", text)
		}
	}
	if got := standing(t, w); got != now || w.Last() != before+3 {
		t.Errorf("there and back it stands, %d entries later,\n%s", w.Last()-before, got)
	}
}
