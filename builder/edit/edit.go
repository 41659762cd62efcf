// Package edit turns what an author does on a page into edits of the policy's text.
//
// The text is all there is: a board, an inspector and an editor are views of it. An operation names
// the line it is about (a Path) instead of an offset, so that it means the same after somebody
// else's edit; it becomes the fewest edits that do it, and bytes outside them stay where they are.
// Comments directly above a line and behind it go where it goes. An operation whose edits would do
// anything else to the lines of the policy is refused, with a sentence and without a change.
//
// Everything here is pure: text in, edits out.
package edit

import (
	"cmp"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// Text is a policy's files and their lines. It is never changed: Apply makes another.
type Text struct {
	files []source.File
	trees []*syntax.File
	cache *syntax.Cache
}

// Read parses a policy's files.
func Read(files []source.File) *Text { return read(files, &syntax.Cache{}) }

func read(files []source.File, cache *syntax.Cache) *Text {
	t := &Text{files: files, cache: cache}
	for i, f := range files {
		t.trees = append(t.trees, cache.Parse(int32(i), f))
	}
	return t
}

// Files are the files as they now are.
func (t *Text) Files() []source.File { return t.files }

// Lines are the lines at file level of the n-th file.
func (t *Text) Lines(n int) []*syntax.Line { return t.trees[n].Lines }

// Apply makes the text after some edits of this one. Lines that did not change are not parsed
// again.
func (t *Text) Apply(edits []source.Edit) *Text {
	return read(Apply(t.files, edits), t.cache)
}

// Now is the text of other files. Lines that this one has as well are not parsed again.
func (t *Text) Now(files []source.File) *Text { return read(files, t.cache) }

// Apply makes the files after some edits, which are all counted in the files as they are, in order
// and apart from each other, as Do returns them.
func Apply(files []source.File, edits []source.Edit) []source.File {
	out := slices.Clone(files)
	for i := range out {
		var b strings.Builder
		text, at := out[i].Text, int32(0)
		for _, e := range edits {
			if e.Span.File == int32(i) {
				b.WriteString(text[at:e.Span.Off])
				b.WriteString(e.New)
				at = e.Span.End
			}
		}
		if at > 0 || b.Len() > 0 {
			out[i].Text = b.String() + text[at:]
		}
	}
	return out
}

// ordered sorts edits by place. Of two at one place the insertion comes first.
func ordered(edits []source.Edit) []source.Edit {
	slices.SortStableFunc(edits, func(a, b source.Edit) int {
		return cmp.Or(cmp.Compare(a.Span.File, b.Span.File), cmp.Compare(a.Span.Off, b.Span.Off),
			cmp.Compare(a.Span.End, b.Span.End))
	})
	return edits
}

// apart reports whether no two edits, in order, touch the same bytes.
func apart(edits []source.Edit) bool {
	for i := 1; i < len(edits); i++ {
		a, b := edits[i-1].Span, edits[i].Span
		if a.File == b.File && b.Off < a.End {
			return false
		}
	}
	return true
}
