package edit_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/builder/edit"
	"github.com/throughline/throughline/dsl/source"
)

// filing is a policy of two files and its settings, with the numbers 0 to 2.
func filing() *edit.Journal {
	return edit.NewJournal([]source.File{{Name: "a.thru", Text: "let A = 1\n"},
		{Name: "b.thru", Text: "let B = 2\n"}, {Name: "thru.toml", Text: "title = \"x\"\n"}})
}

// act does something to a file, or fails.
func act(t *testing.T, j *edit.Journal, by string, op edit.FileOp) {
	t.Helper()
	if err := j.May(op); err != nil {
		t.Fatal(err)
	}
	j.Act(by, op.Do+" "+op.Name, op)
}

// has compares the files of a journal: name=text, in order.
func has(t *testing.T, j *edit.Journal, want string) {
	t.Helper()
	if got := listed(j.Files()); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func listed(files []source.File) string {
	var out []string
	for _, f := range files {
		out = append(out, f.Name+"="+strings.TrimSpace(f.Text))
	}
	return strings.Join(out, ", ")
}

const asItWas = `a.thru=let A = 1, b.thru=let B = 2, thru.toml=title = "x"`

// types puts a text at the beginning of a file, by its name.
func types(t *testing.T, j *edit.Journal, by, file, text string) {
	t.Helper()
	for i, f := range j.Files() {
		if f.Name == file {
			j.Do(by, "type "+file, []source.Edit{{Span: source.Span{File: int32(i)}, New: text}})
			return
		}
	}
	t.Fatalf("there is no %s", file)
}

// blockedBy holds that somebody cannot undo because of another's step.
func blockedBy(t *testing.T, j *edit.Journal, by, other, name string) {
	t.Helper()
	before := listed(j.Files())
	_, _, err := j.Undo(by)
	var way *edit.InTheWay
	if !errors.As(err, &way) || way.By != other || way.Name != name {
		t.Errorf("%v, want %s by %s in the way", err, name, other)
	}
	has(t, j, before)
}

func undone(t *testing.T, j *edit.Journal, by, want string) {
	t.Helper()
	if name, _, err := j.Undo(by); name != want || err != nil {
		t.Errorf("undone %q, %v; want %q", name, err, want)
	}
}

func redone(t *testing.T, j *edit.Journal, by, want string) {
	t.Helper()
	if name, _, err := j.Redo(by); name != want || err != nil {
		t.Errorf("redone %q, %v; want %q", name, err, want)
	}
}

// TestFilesComeAndGo: files are made, renamed and deleted, in the order in which a policy is read;
// one undo takes back one of these, and the text of a file comes back with it.
func TestFilesComeAndGo(t *testing.T) {
	j := filing()
	act(t, j, "Li", edit.FileOp{Do: edit.MakeFile, Name: "aa.thru"})
	types(t, j, "Li", "aa.thru", "let X = 0")
	has(t, j, `a.thru=let A = 1, aa.thru=let X = 0, b.thru=let B = 2, thru.toml=title = "x"`)
	act(t, j, "Li", edit.FileOp{Do: edit.RenameFile, File: 0, Name: "z/a.thru"})
	act(t, j, "Li", edit.FileOp{Do: edit.RemoveFile, File: 1})
	has(t, j, `aa.thru=let X = 0, z/a.thru=let A = 1, thru.toml=title = "x"`)
	undone(t, j, "Li", "remove ")
	has(t, j, `aa.thru=let X = 0, b.thru=let B = 2, z/a.thru=let A = 1, thru.toml=title = "x"`)
	undone(t, j, "Li", "rename z/a.thru")
	undone(t, j, "Li", "type aa.thru")
	undone(t, j, "Li", "make aa.thru")
	has(t, j, asItWas)
	redone(t, j, "Li", "make aa.thru")
	redone(t, j, "Li", "type aa.thru")
	redone(t, j, "Li", "rename z/a.thru")
	redone(t, j, "Li", "remove ")
	has(t, j, `aa.thru=let X = 0, z/a.thru=let A = 1, thru.toml=title = "x"`)
	if n, there := j.Named("b.thru"); n != 1 || there {
		t.Errorf("b.thru is %d, %t", n, there)
	}
	if name, there, by := j.FileOf(1); name != "b.thru" || there || by != "Li" {
		t.Errorf("%s %t %s", name, there, by)
	}
	act(t, j, "Wang", edit.FileOp{Do: edit.RestoreFile, File: 1})
	has(t, j, `aa.thru=let X = 0, b.thru=let B = 2, z/a.thru=let A = 1, thru.toml=title = "x"`)
}

// TestFilesRefused: what a file cannot be called, and which must stay; each sentence in both
// languages.
func TestFilesRefused(t *testing.T) {
	j := filing()
	for _, c := range []struct {
		op     edit.FileOp
		why    edit.Why
		en, zh string
	}{
		{edit.FileOp{Do: edit.MakeFile}, edit.NoName, "Give the file a name", "请给文件起名"},
		{edit.FileOp{Do: edit.MakeFile, Name: "notes.txt"}, edit.NotThru, "“notes.txt” does not", "“notes.txt” 不是"},
		{edit.FileOp{Do: edit.MakeFile, Name: ".thru"}, edit.NotThru, "ends in .thru", "以 .thru 结尾"},
		{edit.FileOp{Do: edit.MakeFile, Name: "../../etc/x.thru"}, edit.NoPlace, "../../etc/x.thru", "../../etc/x.thru"},
		{edit.FileOp{Do: edit.MakeFile, Name: "/x.thru"}, edit.NoPlace, "/x.thru", "/x.thru"},
		{edit.FileOp{Do: edit.MakeFile, Name: `a\b.thru`}, edit.NoPlace, "folders", "文件夹"},
		{edit.FileOp{Do: edit.MakeFile, Name: ".git/b.thru"}, edit.NoPlace, ".git", ".git"},
		{edit.FileOp{Do: edit.MakeFile, Name: "con.thru"}, edit.NoPlace, "con.thru", "con.thru"},
		{edit.FileOp{Do: edit.MakeFile, Name: "std/x.thru"}, edit.NoPlace, "std/x.thru", "std/x.thru"},
		{edit.FileOp{Do: edit.MakeFile, Name: "B.thru"}, edit.NameTaken, "b.thru already", "已有文件 b.thru"},
		{edit.FileOp{Do: edit.MakeFile, Name: "b.thru/c.thru"}, edit.NameTaken, "b.thru already", "已有文件 b.thru"},
		{edit.FileOp{Do: edit.RenameFile, File: 0, Name: "b.thru"}, edit.NameTaken, "b.thru already", "已有文件 b.thru"},
		{edit.FileOp{Do: edit.RenameFile, File: 2, Name: "c.thru"}, edit.NotPolicy, "thru.toml holds the settings", "thru.toml 是"},
		{edit.FileOp{Do: edit.RemoveFile, File: 2}, edit.NotPolicy, "thru.toml holds the settings", "thru.toml 是"},
		{edit.FileOp{Do: edit.RemoveFile, File: 9}, edit.NoSuchFile, "There is no file", "没有文件"},
		{edit.FileOp{Do: edit.RestoreFile, File: 0}, edit.Unknown, "no operation", "没有"},
	} {
		var refused *edit.Refused
		if err := j.May(c.op); !errors.As(err, &refused) || refused.Why != c.why ||
			!strings.Contains(refused.In("en"), c.en) || !strings.Contains(refused.In("zh"), c.zh) {
			t.Errorf("%+v: %v", c.op, err)
		}
	}
	act(t, j, "Li", edit.FileOp{Do: edit.RenameFile, File: 1, Name: "B.thru"}) // of its own name
	act(t, j, "Li", edit.FileOp{Do: edit.RemoveFile, File: 0})
	var refused *edit.Refused
	if err := j.May(edit.FileOp{Do: edit.RemoveFile, File: 1}); !errors.As(err, &refused) ||
		refused.Why != edit.LastFile {
		t.Errorf("the last file: %v", err)
	}
}

// TestFilesOfTwo: nobody's undo takes away what another wrote, or makes two files of one name.
func TestFilesOfTwo(t *testing.T) {
	t.Run("a file that another writes in stays made", func(t *testing.T) {
		j := filing()
		act(t, j, "Li", edit.FileOp{Do: edit.MakeFile, Name: "c.thru"})
		types(t, j, "Wang", "c.thru", "let C = 3")
		blockedBy(t, j, "Li", "Wang", "type c.thru")
		undone(t, j, "Wang", "type c.thru")
		undone(t, j, "Li", "make c.thru")
		has(t, j, asItWas)
		if _, _, err := j.Redo("Wang"); err == nil {
			t.Error("typing is done again in a file that is not there")
		}
	})
	t.Run("what another wrote in a file comes back with it", func(t *testing.T) {
		j := filing()
		types(t, j, "Wang", "b.thru", "let W = 9 // ")
		act(t, j, "Li", edit.FileOp{Do: edit.RemoveFile, File: 1})
		has(t, j, `a.thru=let A = 1, thru.toml=title = "x"`)
		blockedBy(t, j, "Wang", "Li", "remove ")
		undone(t, j, "Li", "remove ")
		has(t, j, `a.thru=let A = 1, b.thru=let W = 9 // let B = 2, thru.toml=title = "x"`)
		undone(t, j, "Wang", "type b.thru")
		has(t, j, asItWas)
	})
	t.Run("a name that another gave a file since is taken", func(t *testing.T) {
		j := filing()
		act(t, j, "Li", edit.FileOp{Do: edit.RemoveFile, File: 1})
		act(t, j, "Wang", edit.FileOp{Do: edit.MakeFile, Name: "b.thru"})
		var refused *edit.Refused
		if _, _, err := j.Undo("Li"); !errors.As(err, &refused) || refused.Why != edit.NameTaken {
			t.Error(err)
		}
		if err := j.May(edit.FileOp{Do: edit.RestoreFile, File: 1}); !errors.As(err, &refused) {
			t.Error(err)
		}
		has(t, j, `a.thru=let A = 1, b.thru=, thru.toml=title = "x"`)
		if n, there := j.Named("b.thru"); n != 3 || !there {
			t.Errorf("b.thru is %d, %t", n, there)
		}
	})
	t.Run("a file stays called as another called it last", func(t *testing.T) {
		j := filing()
		act(t, j, "Li", edit.FileOp{Do: edit.RenameFile, File: 1, Name: "c.thru"})
		act(t, j, "Wang", edit.FileOp{Do: edit.RenameFile, File: 1, Name: "d.thru"})
		blockedBy(t, j, "Li", "Wang", "rename d.thru")
		if n, there := j.Named("c.thru"); n != 1 || there {
			t.Errorf("c.thru leads to %d, %t", n, there)
		}
	})
	t.Run("the last file stays", func(t *testing.T) {
		j := edit.NewJournal([]source.File{{Name: "a.thru"}})
		act(t, j, "Li", edit.FileOp{Do: edit.MakeFile, Name: "b.thru"})
		act(t, j, "Wang", edit.FileOp{Do: edit.RemoveFile, File: 0})
		var refused *edit.Refused
		if _, _, err := j.Undo("Li"); !errors.As(err, &refused) || refused.Why != edit.LastFile {
			t.Error(err)
		}
		has(t, j, "b.thru=")
	})
}

// TestOnlyFiles: files that one made, renamed or deleted are published without what others did,
// unless one needs what another made or gave up.
func TestOnlyFiles(t *testing.T) {
	j := filing()
	only := func(by, want string) {
		t.Helper()
		files, err := j.Only(by)
		if err != nil || listed(files) != want {
			t.Errorf("%s: %s, %v; want %s", by, listed(files), err, want)
		}
	}
	way := func(by, name string) {
		t.Helper()
		files, err := j.Only(by)
		var way *edit.InTheWay
		if !errors.As(err, &way) || way.Name != name {
			t.Errorf("%s: %s, %v; want %q in the way", by, listed(files), err, name)
		}
	}
	act(t, j, "Li", edit.FileOp{Do: edit.MakeFile, Name: "c.thru"})
	types(t, j, "Li", "c.thru", "let C = 3")
	act(t, j, "Wang", edit.FileOp{Do: edit.RemoveFile, File: 1})
	only("Li", `a.thru=let A = 1, b.thru=let B = 2, c.thru=let C = 3, thru.toml=title = "x"`)
	only("Wang", `a.thru=let A = 1, thru.toml=title = "x"`)
	types(t, j, "Wang", "c.thru", "let D = 4\n")
	way("Wang", "make c.thru")
	j.Settle("Li")
	only("Wang", "a.thru=let A = 1, c.thru=let D = 4\nlet C = 3, thru.toml=title = \"x\"")
	act(t, j, "Zhou", edit.FileOp{Do: edit.RenameFile, File: 0, Name: "b.thru"})
	way("Zhou", "remove ") // in force there is a b.thru, as long as Wang's part is not
	j.Settle("Wang")
	only("Zhou", "b.thru=let A = 1, c.thru=let D = 4\nlet C = 3, thru.toml=title = \"x\"")
}

// TestFilesHold: whatever several people do to files and texts in whatever order, names are apart, a
// file of the policy is left, what the journal says that undo edits is what it edits, and where
// everything is taken back all is as it was.
func TestFilesHold(t *testing.T) {
	names := []string{"a.thru", "b.thru", "c.thru", "d/e.thru"}
	rapid.Check(t, func(t *rapid.T) {
		j := filing()
		who := rapid.SampledFrom([]string{"Li", "Wang", "Zhou"})
		shown := map[int]string{} // the text of each file, as a page that follows the edits has it
		take := func(edits []source.Edit) {
			for i, n := range j.Shown() {
				var own []source.Edit
				for _, e := range edits {
					if int(e.Span.File) == i {
						e.Span.File = 0
						own = append(own, e)
					}
				}
				if len(own) > 0 {
					shown[n] = edit.Apply([]source.File{{Text: shown[n]}}, own)[0].Text
				}
			}
		}
		for i, f := range j.Files() {
			shown[i] = f.Text
		}
		check := func() {
			seen, policies := map[string]bool{}, 0
			for i, f := range j.Files() {
				if low := strings.ToLower(f.Name); seen[low] {
					t.Fatalf("two files are called %s", low)
				} else {
					seen[low] = true
				}
				if strings.HasSuffix(f.Name, ".thru") {
					policies++
				}
				if n := j.Shown()[i]; shown[n] != f.Text {
					t.Fatalf("%s has %q, a page %q", f.Name, f.Text, shown[n])
				}
			}
			if policies == 0 {
				t.Fatal("no file is left")
			}
		}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			by := who.Draw(t, "by")
			switch rapid.IntRange(0, 5).Draw(t, "do") {
			case 0:
				_, edits, _ := j.Undo(by)
				take(edits)
			case 1:
				_, edits, _ := j.Redo(by)
				take(edits)
			case 2, 3:
				op := edit.FileOp{File: rapid.IntRange(0, 4).Draw(t, "file"),
					Do: draw(t, []string{edit.MakeFile, edit.RenameFile, edit.RemoveFile, edit.RestoreFile})}
				if op.Do == edit.MakeFile || op.Do == edit.RenameFile {
					op.Name = draw(t, names)
				}
				if j.May(op) == nil {
					j.Act(by, op.Do, op)
				}
			default:
				i := rapid.IntRange(0, len(j.Files())-1).Draw(t, "in")
				end := rapid.IntRange(0, min(3, len(j.Files()[i].Text))).Draw(t, "end")
				edits := []source.Edit{{Span: source.Span{File: int32(i), End: int32(end)}, New: "x"}}
				j.Do(by, "type", edits)
				take(edits)
			}
			check()
			for _, by := range []string{"Li", "Wang", "Zhou"} {
				files, err := j.Only(by)
				var way *edit.InTheWay
				if err != nil && !errors.As(err, &way) {
					t.Fatalf("only %s: %v", by, err)
				}
				if err == nil && !strings.Contains(listed(files), ".thru=") {
					t.Fatalf("only %s: no file", by)
				}
			}
		}
		for left := true; left; { // whoever can takes back, until nobody can
			left = false
			for _, by := range []string{"Li", "Wang", "Zhou"} {
				name, edits, err := j.Undo(by)
				take(edits)
				left = left || name != "" && err == nil
			}
			check()
		}
		for _, by := range []string{"Li", "Wang", "Zhou"} {
			if name, _ := j.Next(by); name != "" {
				return // others are in the way
			}
		}
		if got := listed(j.Files()); got != asItWas {
			t.Fatalf("everything is taken back: %s", got)
		}
	})
}
