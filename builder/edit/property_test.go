package edit_test

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/builder/edit"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// shipped are the policies and packages that ship, in both vocabularies.
var shipped = sync.OnceValue(func() []source.File {
	var out []source.File
	for _, dir := range []string{"../../examples", "../../templates"} {
		err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".thru") {
				b, err := os.ReadFile(dir + "/" + path)
				if err != nil {
					return err
				}
				out = append(out, source.File{Name: "policy.thru", Text: string(b)})
			}
			return err
		})
		if err != nil {
			panic(err)
		}
	}
	return out
})

// draw is a random one of some values.
func draw[T any](t *rapid.T, of []T) T { return of[rapid.IntRange(0, len(of)-1).Draw(t, "")] }

// anyPolicy is a shipped file, in Chinese or English words.
func anyPolicy(t *rapid.T) []source.File {
	f := draw(t, shipped())
	if lang := draw(t, []string{"", "en", "zh"}); lang != "" {
		f.Text = syntax.Format(f.Text, syntax.Options{Lang: lang})
	}
	return []source.File{f}
}

// all are the lines of a text, those of blocks too.
func all(lines []*syntax.Line) []*syntax.Line {
	var out []*syntax.Line
	for _, l := range lines {
		out = append(append(out, l), all(l.Lines())...)
	}
	return out
}

// anyOp is a random operation on lines that are there.
func anyOp(t *rapid.T, text *edit.Text) edit.Op {
	lines := all(text.Lines(0))
	l := draw(t, lines)
	op := edit.Op{What: text.PathOf(l), Index: rapid.IntRange(0, 6).Draw(t, "index"), File: "policy.thru"}
	op.Do = draw(t, []string{edit.Move, edit.Move, edit.Move, edit.Delete, edit.Insert, edit.Replace,
		edit.Set})
	// A line mostly goes among its like.
	like := lines
	if rapid.IntRange(0, 9).Draw(t, "like") > 0 {
		like = nil
		for _, o := range lines {
			if len(o.Lines()) > 0 && o.Lines()[0].Block == l.Block {
				like = append(like, o)
			}
		}
	}
	if len(like) > 0 {
		op.Into = text.PathOf(draw(t, like))
	}
	if op.Do == edit.Insert || op.Do == edit.Replace {
		o := draw(t, lines)
		s := o.Whole()
		op.Text = o.File().Text[s.Off:s.End]
	}
	if words := l.Tokens(); op.Do == edit.Set && len(words) > 0 {
		text := l.File().Text
		op.Index = rapid.IntRange(0, len(words)).Draw(t, "word")
		op.Count = rapid.IntRange(0, min(2, len(words)-op.Index)).Draw(t, "words")
		if op.Count > 0 {
			op.Was = text[words[op.Index].Off:words[op.Index+op.Count-1].End]
		}
		o := words[rapid.IntRange(0, len(words)-1).Draw(t, "of")]
		op.Text = draw(t, []string{text[o.Off:o.End], "3wd", "", "\"一\"", "a or b", "x) {"})
	}
	return op
}

// tokensOf are the tokens of some kinds, sorted.
func tokensOf(text string, keep func(syntax.Kind) bool) []string {
	var out []string
	for _, t := range syntax.Scan(text) {
		if keep(t.Kind) {
			out = append(out, text[t.Off:t.End])
		}
	}
	slices.Sort(out)
	return out
}

func isComment(k syntax.Kind) bool { return k == syntax.KindComment }

// TestOperationsAreExact: on policies that ship an operation is done or refused with a reason that
// the author can act on, and never because the edits would have done something else. A move loses
// and adds no token that means something and no comment. The way back is exact.
func TestOperationsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		files := anyPolicy(t)
		text := edit.Read(files)
		if len(text.Lines(0)) == 0 {
			return
		}
		op := anyOp(t, text)
		edits, err := text.Do(op)
		if refused := new(edit.Refused); errors.As(err, &refused) {
			if op.Do != edit.Set && refused.Why == edit.WouldChange || refused.Why == edit.NotThere ||
				refused.Why == edit.Unbalanced {
				t.Fatalf("%+v: %v", op, err)
			}
			return
		}
		after := edit.Apply(files, edits)
		if back := edit.Apply(after, invert(files, edits)); back[0].Text != files[0].Text {
			t.Fatalf("%+v: the way back is not exact", op)
		}
		if op.Do == edit.Move {
			means := func(k syntax.Kind) bool {
				return k != syntax.KindBlank && k != syntax.KindNewline && k != syntax.KindSign
			}
			if !slices.Equal(tokensOf(files[0].Text, means), tokensOf(after[0].Text, means)) {
				t.Fatalf("%+v: words were lost or added:\n%s", op, after[0].Text)
			}
		}
		if op.Do == edit.Replace && len(edits) > 0 &&
			!slices.Equal(tokensOf(files[0].Text, isComment), tokensOf(after[0].Text, isComment)) &&
			!strings.Contains(op.Text, "//") && !strings.Contains(replaced(text, op), "//") {
			t.Fatalf("%+v: a comment was lost", op)
		}
	})
}

func replaced(text *edit.Text, op edit.Op) string {
	for _, l := range all(text.Lines(0)) {
		if slices.Equal(text.PathOf(l), op.What) {
			s := l.Whole()
			return l.File().Text[s.Off:s.End]
		}
	}
	return ""
}

// TestMovesBack: a line that is moved and moved back leaves the lines as they were.
func TestMovesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		files := anyPolicy(t)
		text := edit.Read(files)
		lines := all(text.Lines(0))
		if len(lines) == 0 {
			return
		}
		l := draw(t, lines)
		path := text.PathOf(l)
		siblings := text.Lines(0)
		into := path[:len(path)-1]
		for _, o := range lines {
			if slices.Equal(text.PathOf(o), into) {
				siblings = o.Lines()
			}
		}
		was := slices.Index(siblings, l)
		op := edit.Op{Do: edit.Move, What: path, Into: into, File: "policy.thru", Index: rapid.IntRange(0, len(siblings)-1).Draw(t, "to")}
		edits, err := text.Do(op)
		if err != nil {
			t.Fatalf("%+v: %v", op, err)
		}
		moved := text.Apply(edits)
		op.What, op.Index = moved.PathOf(at(moved, into, min(op.Index, len(siblings)-1))), was
		edits, err = moved.Do(op)
		if err != nil {
			t.Fatalf("%+v: %v", op, err)
		}
		again := moved.Apply(edits)
		if a, b := said(text.Lines(0)), said(again.Lines(0)); a != b {
			t.Fatalf("%+v:\n%s\n%s", op, a, b)
		}
	})
}

// at is the i-th line of a block.
func at(text *edit.Text, into edit.Path, i int) *syntax.Line {
	lines := text.Lines(0)
	for _, o := range all(lines) {
		if len(into) > 0 && slices.Equal(text.PathOf(o), into) {
			lines = o.Lines()
		}
	}
	return lines[i]
}

// said is what lines say, without comments and layout.
func said(lines []*syntax.Line) string {
	var b strings.Builder
	for _, l := range lines {
		for _, t := range l.Tokens() {
			b.WriteString(l.File().Text[t.Off:t.End] + " ")
		}
		b.WriteString("{" + said(l.Lines()) + "}\n")
	}
	return b.String()
}

// TestDamagedTexts: whatever the text, an operation is done exactly or refused.
func TestDamagedTexts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		files := anyPolicy(t)
		b := []byte(files[0].Text)
		for range rapid.IntRange(1, 5).Draw(t, "hits") {
			if len(b) > 0 {
				i := rapid.IntRange(0, len(b)-1).Draw(t, "at")
				hit := draw(t, []string{"{", "}", ";", "(", "\"", "\r", "\n", "//", "｛", "\xff", " "})
				b = slices.Replace(b, i, i+rapid.IntRange(0, 1).Draw(t, "over"), []byte(hit)...)
			}
		}
		files[0].Text = string(b)
		text := edit.Read(files)
		if len(text.Lines(0)) == 0 {
			return
		}
		op := anyOp(t, text)
		edits, err := text.Do(op)
		if err != nil {
			return
		}
		after := edit.Apply(files, edits)
		if back := edit.Apply(after, invert(files, edits)); back[0].Text != files[0].Text {
			t.Fatalf("%+v: the way back is not exact", op)
		}
	})
}

// invert makes the edits that lead back: of the files after the edits to the files before.
func invert(files []source.File, edits []source.Edit) []source.Edit {
	out := make([]source.Edit, 0, len(edits))
	moved := make([]int32, len(files))
	for _, e := range edits {
		s, by := e.Span, moved[e.Span.File]
		out = append(out, source.Edit{
			Span: source.Span{File: s.File, Off: s.Off + by, End: s.Off + by + int32(len(e.New))},
			New:  files[s.File].Text[s.Off:s.End],
		})
		moved[s.File] = by + int32(len(e.New)) - (s.End - s.Off)
	}
	return out
}
