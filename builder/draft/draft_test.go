package draft

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/throughline/throughline/builder/edit"
	"github.com/throughline/throughline/dsl/source"
)

func begin() (Beginning, error) {
	return Beginning{Base: "b0", Files: []source.File{
		{Name: "a.thru", Text: "entity Rep {\r\n  name text?\r\n}\r\n"},
		{Name: "b.thru", Text: "// 电话 📞\n"}}}, nil
}

// unsynced does not wait for the disk, which these tests do not pull the plug of.
func unsynced(*os.File) error { return nil }

func open(t testing.TB, file string) *Draft {
	t.Helper()
	d, err := openWith(file, begin, unsynced)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func put(file, off int32, text string) []source.Edit {
	return []source.Edit{{New: text, Span: source.Span{File: file, Off: off, End: off}}}
}

// TestAgain: whatever was done, opening the draft again gives the same text, the same revisions and
// the same things to undo.
func TestAgain(t *testing.T) {
	n := 0
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		n++
		file := filepath.Join(dir, string(rune('a'+n%26)), strings.Repeat("x", n/26), "draft")
		d, err := openWith(file, begin, unsynced)
		if err != nil {
			t.Fatal(err)
		}
		who := rapid.SampledFrom([]string{"ann", "bo"})
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			by := who.Draw(t, "by")
			var err error
			switch rapid.IntRange(0, 7).Draw(t, "do") {
			case 0:
				_, err = d.Undo(by)
			case 1:
				_, err = d.Redo(by)
			case 2:
				err = d.Published("b1", "")
			case 3, 4:
				err = d.Do(Step{By: by, Name: "file", File: &edit.FileOp{
					Do: rapid.SampledFrom([]string{edit.MakeFile, edit.RenameFile, edit.RemoveFile,
						edit.RestoreFile}).Draw(t, "op"),
					File: rapid.IntRange(-1, 3).Draw(t, "of"),
					Name: rapid.SampledFrom([]string{"", "a.thru", "c.thru", "../x.thru"}).Draw(t, "name")}})
			default:
				f := int32(rapid.IntRange(0, len(d.Files())-1).Draw(t, "file"))
				text := d.Files()[f].Text
				from := rapid.IntRange(0, len(text)).Draw(t, "from")
				to := rapid.IntRange(from, min(from+4, len(text))).Draw(t, "to")
				for from > 0 && from < len(text) && text[from]&0xC0 == 0x80 {
					from--
				}
				for to < len(text) && text[to]&0xC0 == 0x80 {
					to++
				}
				err = d.Do(Step{By: by, Name: "typing", From: "e" + by, More: rapid.Bool().Draw(t, "more"),
					Edits: []source.Edit{{New: rapid.SampledFrom([]string{"", "x", "话\n", "📞"}).Draw(t, "new"),
						Span: source.Span{File: f, Off: int32(from), End: int32(to)}}}})
			}
			var way *edit.InTheWay
			var refused *edit.Refused
			if err != nil && !errors.As(err, &way) && !errors.As(err, &refused) {
				t.Fatal(err)
			}
		}
		before := *d
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		d, err = Open(file, func() (Beginning, error) { return Beginning{}, errors.New("not again") })
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		if diff := cmp.Diff(before.Files(), d.Files()); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff(before.past, d.past); diff != "" {
			t.Fatal(diff)
		}
		if !reflect.DeepEqual(before.journal, d.journal) {
			t.Fatal("other things to undo")
		}
		if before.id != d.id || before.base != d.base || before.steps != d.steps || !cmp.Equal(before.Authors(), d.Authors()) {
			t.Fatal("another draft")
		}
		if diff := cmp.Diff(d.journal.Files(), d.Files()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestTorn: a last line that was not written to its end is as if it had never been; one in the
// middle that cannot be read is told, and nothing is written over it.
func TestTorn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "draft")
	d := open(t, file)
	for _, text := range []string{"one\n", "two\n"} {
		if err := d.Do(Step{By: "ann", Name: "typing", Edits: put(1, 0, text)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, whole[:len(whole)-9], 0o600); err != nil {
		t.Fatal(err)
	}
	d = open(t, file)
	if got := d.Files()[1].Text; !strings.HasPrefix(got, "one\n//") {
		t.Errorf("%q", got)
	}
	if err := d.Do(Step{By: "ann", Name: "typing", Edits: put(1, 0, "three\n")}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = open(t, file)
	if got := d.Files()[1].Text; !strings.HasPrefix(got, "three\none\n//") {
		t.Errorf("%q", got)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(whole), `"do":"do"`, `"do":"dö`, 1)
	if err := os.WriteFile(file, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file, begin); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a broken log: %v", err)
	}
	if left, err := os.ReadFile(file); err != nil || string(left) != broken {
		t.Errorf("it was written over: %v", err)
	}
}

// TestBegin: beginning anew keeps what was in a file beside it, and is another draft.
func TestBegin(t *testing.T) {
	file := filepath.Join(t.TempDir(), "draft")
	d := open(t, file)
	defer func() { d.Close() }()
	if strings.Contains(d.Files()[0].Text, "\r") {
		t.Error("line ends of two signs, which the editor counts as one")
	}
	if err := d.Do(Step{By: "ann", Name: "typing", Edits: put(1, 0, "mine\n")}); err != nil {
		t.Fatal(err)
	}
	id := d.ID()
	b, _ := begin()
	if err := d.Begin(b); err != nil {
		t.Fatal(err)
	}
	if again := d.ID(); d.Begin(b) != nil || d.ID() == again {
		t.Error("it does not begin again")
	}
	if left, _ := filepath.Glob(file + ".*"); len(left) != 1 {
		t.Errorf("what nobody changed is kept: %v", left)
	}
	if d.ID() == id || d.Rev(1) != 0 || strings.Contains(d.Files()[1].Text, "mine") {
		t.Error("it goes on")
	}
	old, err := os.ReadFile(file + "." + id)
	if err != nil || !strings.Contains(string(old), "mine") {
		t.Errorf("what was is gone: %v", err)
	}
	if err := d.Do(Step{By: "ann", Name: "x", Edits: put(1, 900, "x")}); err == nil {
		t.Error("an edit beyond the text")
	}
}

// TestFilesKept: a file keeps its number and its revisions while it is called otherwise, is deleted
// and comes back; it is found by its key and by what it was called.
func TestFilesKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "draft")
	d := open(t, file)
	do := func(op edit.FileOp) {
		t.Helper()
		if err := d.Do(Step{By: "ann", Name: op.Do, File: &op}); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Do(Step{By: "bo", Name: "typing", Edits: put(1, 0, "mine\n")}); err != nil {
		t.Fatal(err)
	}
	do(edit.FileOp{Do: edit.RenameFile, File: 1, Name: "0.thru"}) // the first by now
	if err := d.Do(Step{By: "bo", Name: "typing", Edits: put(0, 0, "more\n")}); err != nil {
		t.Fatal(err)
	}
	do(edit.FileOp{Do: edit.RemoveFile, File: 1})
	if n, there := d.File(Key(1)); n != 1 || there || len(d.Files()) != 1 {
		t.Errorf("%d %t", n, there)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = open(t, file)
	defer d.Close()
	if name, there, by := d.Called(1); name != "0.thru" || there || by != "ann" {
		t.Errorf("%s %t %s", name, there, by)
	}
	if name, err := d.Undo("ann"); name != edit.RemoveFile || err != nil {
		t.Fatal(name, err)
	}
	if n, there := d.File("0.thru"); n != 1 || !there || d.Rev(1) != 2 || d.Number(0) != 1 ||
		!strings.HasPrefix(d.Files()[0].Text, "more\nmine\n") {
		t.Errorf("%d %t, revision %d: %q", n, there, d.Rev(1), d.Files()[0].Text)
	}
	if since, ok := d.Since(1, 1); !ok || len(since) != 1 {
		t.Errorf("since revision 1: %v", since)
	}
	for _, wrong := range []string{"#", "#x", "#7", "#-1", "no.thru"} {
		if n, there := d.File(wrong); n != -1 || there {
			t.Errorf("%s is %d", wrong, n)
		}
	}
	if err := d.Do(Step{By: "ann", File: &edit.FileOp{Do: edit.MakeFile, Name: "x"}}); err == nil {
		t.Error("a name that no file has")
	}
}

// TestFull: a line that could not be written to its end leaves nothing before the next one.
func TestFull(t *testing.T) {
	file := filepath.Join(t.TempDir(), "draft")
	d := open(t, file)
	full := errors.New("no room")
	d.sync = func(*os.File) error { return full }
	if err := d.Do(Step{By: "ann", Name: "x", Edits: put(1, 0, "lost\n")}); !errors.Is(err, full) {
		t.Fatal(err)
	}
	d.sync = unsynced
	if err := d.Do(Step{By: "ann", Name: "x", Edits: put(1, 0, "kept\n")}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d = open(t, file)
	defer d.Close()
	if got := d.Files()[1].Text; !strings.HasPrefix(got, "kept\n//") {
		t.Errorf("%q", got)
	}
}
