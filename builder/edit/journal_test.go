package edit_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/builder/edit"
	"github.com/throughline/throughline/dsl/source"
)

// desk is a text that several edit, with its journal.
type desk struct {
	t       interface{ Fatalf(string, ...any) }
	files   []source.File
	journal *edit.Journal
}

func newDesk(t interface{ Fatalf(string, ...any) }, files []source.File) *desk {
	return &desk{t, files, edit.NewJournal(files)}
}

// follow does edits to the files that a page shows, and holds them to the journal's.
func (d *desk) follow(edits []source.Edit) {
	d.files = edit.Apply(d.files, edits)
	if now := d.journal.Files(); now[0] != d.files[0] {
		d.t.Fatalf("the journal has\n%s\nand a page\n%s", now[0].Text, d.files[0].Text)
	}
}

func (d *desk) do(by, name string, edits []source.Edit) {
	d.journal.Do(by, name, edits)
	d.follow(edits)
}

// types is typing: what is typed without a pause is one step.
func (d *desk) types(by string, off int, text string) {
	edits := []source.Edit{{Span: source.Span{Off: int32(off), End: int32(off)}, New: text}}
	d.journal.Extend(by, "typing", edits)
	d.follow(edits)
}

func (d *desk) undo(by string) (string, error) {
	name, edits, err := d.journal.Undo(by)
	d.follow(edits)
	return name, err
}

func (d *desk) redo(by string) string {
	name, edits, err := d.journal.Redo(by)
	if err != nil {
		d.t.Fatalf("%v", err)
	}
	d.follow(edits)
	return name
}

func TestEachTakesBackTheirOwn(t *testing.T) {
	d := newDesk(t, []source.File{{Name: "a.thru", Text: "let A = 1\nlet B = 2\nlet C = 3\n"}})
	put := func(by string, off, end int, text string) {
		d.do(by, "put "+text, []source.Edit{{Span: source.Span{Off: int32(off), End: int32(end)}, New: text}})
	}
	put("李", 8, 9, "10")
	put("Wang", 19, 20, "20")
	put("李", 30, 31, "30")
	text := func(want string) {
		t.Helper()
		if d.files[0].Text != want {
			t.Errorf("%q, want %q", d.files[0].Text, want)
		}
	}
	text("let A = 10\nlet B = 20\nlet C = 30\n")
	say := func(name string, err error) func(string) {
		return func(want string) {
			t.Helper()
			if name != want || err != nil {
				t.Errorf("%q %v, want %q", name, err, want)
			}
		}
	}
	again := func(by, want string) {
		t.Helper()
		if name := d.redo(by); name != want {
			t.Errorf("%q, want %q", name, want)
		}
	}
	say(d.undo("Wang"))("put 20")
	text("let A = 10\nlet B = 2\nlet C = 30\n")
	say(d.undo("Wang"))("")
	say(d.undo("李"))("put 30")
	say(d.undo("李"))("put 10")
	text("let A = 1\nlet B = 2\nlet C = 3\n")
	again("李", "put 10")
	again("Wang", "put 20")
	text("let A = 10\nlet B = 20\nlet C = 3\n")
	put("Wang", 8, 10, "11")
	again("Wang", "") // they did something else since
	name, err := d.undo("李")
	if way := new(edit.InTheWay); name != "put 10" || !errors.As(err, &way) || way.By != "Wang" || way.Name != "put 11" {
		t.Errorf("%q %v", name, err)
	}
	text("let A = 11\nlet B = 20\nlet C = 3\n")
	d.types("李", 8, "7")
	d.types("李", 9, "8")
	text("let A = 7811\nlet B = 20\nlet C = 3\n")
	say(d.undo("李"))("typing")
	text("let A = 11\nlet B = 20\nlet C = 3\n")
}

// TestTakingBackIsExact: two people change a policy, take back and do again, in any order. What is
// taken back and done again at once changes nothing; and once all is taken back, the text is what it
// was.
func TestTakingBackIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := newDesk(t, anyPolicy(t))
		was := d.files[0].Text
		people := []string{"李", "Wang"}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			by := draw(t, people)
			before := d.files[0].Text
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0:
				if name, err := d.undo(by); name != "" && err == nil {
					after := d.files[0].Text
					if again := d.redo(by); again != name || d.files[0].Text != before {
						t.Fatalf("done again: %q, want %q", again, name)
					}
					if again, err := d.undo(by); again != name || err != nil || d.files[0].Text != after {
						t.Fatalf("taken back again: %q %v, want %q", again, err, name)
					}
				}
			case 1:
				d.redo(by)
			case 2:
				d.types(by, rapid.IntRange(0, len(before)).Draw(t, "at"), draw(t, []string{"x", "和", "\n"}))
			default:
				text := edit.Read(d.files)
				if len(text.Lines(0)) == 0 {
					continue
				}
				op := anyOp(t, text)
				if edits, err := text.Do(op); err == nil && len(edits) > 0 {
					d.do(by, op.Do, edits)
				}
			}
		}
		for left := true; left; {
			left = false
			for _, by := range people {
				if name, err := d.undo(by); name != "" && err == nil {
					left = true
				}
			}
		}
		stuck := false
		for _, by := range people {
			_, _, err := d.journal.Undo(by)
			stuck = stuck || err != nil
		}
		if !stuck && d.files[0].Text != was {
			t.Fatalf("all is taken back, and the text is\n%s", d.files[0].Text)
		}
	})
}

// TestOnly: what one changed is put in force without what others did, unless one wrote into the
// other's text or over it; what is in force already is nobody's any more.
func TestOnly(t *testing.T) {
	const text = "let A = 1\nlet B = 2\nlet C = 3\n"
	d := newDesk(t, []source.File{{Name: "a.thru", Text: text}})
	put := func(by string, off, end int, text string) {
		d.do(by, "put "+text, []source.Edit{{Span: source.Span{Off: int32(off), End: int32(end)}, New: text}})
	}
	only := func(by, want string) {
		t.Helper()
		files, err := d.journal.Only(by)
		if err != nil || files[0].Text != want {
			t.Errorf("of %s: %q %v, want %q", by, files[0].Text, err, want)
		}
	}
	put("Li", 8, 9, "10")
	put("Wang", 19, 20, "20")
	only("Li", "let A = 10\nlet B = 2\nlet C = 3\n")
	only("Wang", "let A = 1\nlet B = 20\nlet C = 3\n")
	only("Zhou", text)
	d.journal.Settle("Li") // hers is in force, his is not
	only("Wang", "let A = 10\nlet B = 20\nlet C = 3\n")
	put("Li", 30, 31, "30")
	only("Li", "let A = 10\nlet B = 2\nlet C = 30\n")
	if _, err := d.undo("Li"); err != nil {
		t.Fatal(err)
	}
	put("Li", 19, 21, "25") // over what Wang wrote
	var way *edit.InTheWay
	if _, err := d.journal.Only("Li"); !errors.As(err, &way) || way.By != "Wang" {
		t.Errorf("%v", err)
	}
	if _, err := d.undo("Li"); err != nil {
		t.Fatal(err)
	}
	put("Li", 20, 20, "5") // into it
	if _, err := d.journal.Only("Li"); !errors.As(err, &way) || way.By != "Wang" {
		t.Errorf("%v", err)
	}
	only("Wang", "let A = 10\nlet B = 20\nlet C = 3\n")
	d.journal.Settle("")
	only("Li", d.files[0].Text)
	only("Wang", d.files[0].Text)
}
