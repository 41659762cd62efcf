package lsp

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// A Book answers about a policy's text what the server answers, without a conversation and without
// a disk: for pages, which hold the text themselves. Places are counted in bytes. It belongs to one
// goroutine.
type Book struct {
	s     *server
	f     *folder
	files []source.File
}

// bookDir is where a book's files seem to lie.
var bookDir = filepath.Join(string(filepath.Separator), "book")

// NewBook makes a book without text.
func NewBook() *Book {
	b := &Book{s: newServer(Options{})}
	b.f = &folder{dir: bookDir, stale: true}
	b.s.book, b.s.folders[bookDir] = b.f, b.f
	return b
}

// Open gives the book a text, and the language in which it answers: en or zh.
func (b *Book) Open(files []source.File, lang string) {
	b.s.lang = lang
	if slices.Equal(files, b.files) {
		return
	}
	b.files = slices.Clone(files)
	b.f.disk, b.f.stale, b.f.set, b.f.about = slices.Clone(files), true, policy.Settings{}, nil
	clear(b.s.docs)
	for _, f := range files {
		if f.Name == tomlName {
			b.f.settings(f.Text)
		}
	}
	b.f.disk = slices.DeleteFunc(b.f.disk, func(f source.File) bool {
		return filepath.Ext(f.Name) != ".thru"
	})
	for _, f := range b.f.disk {
		path := b.f.pathOf(f)
		b.s.docs[path] = &document{text: newText(f.Text, false), uri: uriOf(path), path: path}
	}
}

// at is a place of a file; false where the file is none of the policy.
func (b *Book) at(file string, off int32) (positionParams, here, bool) {
	var p positionParams
	p.TextDocument.URI = uriOf(filepath.Join(bookDir, filepath.FromSlash(file)))
	h, ok := b.s.at(p.TextDocument.URI)
	if ok {
		p.Position = h.d.position(off)
	}
	return p, h, ok
}

// A Suggestion is what may stand at a place.
type Suggestion struct {
	Label  string // what a list shows
	Text   string // what is put in place of the bytes from From to To
	Kind   string // field, event, entity, choice, value, word, function, unit, name
	Detail string
	Doc    string
	Find   string // what letters typed are compared with: names, labels, initials in pinyin
	From   int32
	To     int32
}

// Complete is what may stand at a place, the most likely first, whatever of it is written already.
func (b *Book) Complete(file string, off int32) []Suggestion {
	p, h, ok := b.at(file, off)
	if !ok {
		return nil
	}
	answer, err := b.s.complete(context.Background(), p)
	list, is := answer.(completionList)
	if err != nil || !is {
		return nil
	}
	items := slices.Clone(list.Items)
	slices.SortStableFunc(items, func(a, b completionItem) int {
		return strings.Compare(a.SortText, b.SortText)
	})
	out := make([]Suggestion, len(items))
	for i, x := range items {
		out[i] = Suggestion{Label: x.Label, Text: x.TextEdit.NewText, Kind: kindWord(x.Kind),
			Detail: x.Detail, Find: x.Label + " " + x.FilterText,
			From: h.d.offset(x.TextEdit.Range.Start), To: h.d.offset(x.TextEdit.Range.End)}
		if x.Documentation != nil {
			out[i].Doc = x.Documentation.Value
		}
	}
	return out
}

// kindWord is a word for the protocol's number of a suggestion.
func kindWord(n int) string {
	switch n {
	case completionField:
		return "field"
	case completionEvent:
		return "event"
	case completionClass:
		return "entity"
	case completionType:
		return "choice"
	case completionMember, completionConstant:
		return "value"
	case completionKeyword, completionSnippet:
		return "word"
	case completionFunction:
		return "function"
	case completionUnit:
		return "unit"
	}
	return "name"
}

// Hover is what there is to say of what stands at a place, as Markdown; "": nothing.
func (b *Book) Hover(file string, off int32) (text string, at source.Span) {
	p, h, ok := b.at(file, off)
	if !ok {
		return "", at
	}
	answer, err := b.s.hover(context.Background(), p)
	x, is := answer.(*hover)
	if err != nil || !is {
		return "", at
	}
	return x.Contents.Value, source.Span{File: h.file, Off: h.d.offset(x.Range.Start),
		End: h.d.offset(x.Range.End)}
}

// A Spot is a place in a file of the policy.
type Spot struct {
	File     string
	Off, End int32
	Own      bool // the file is of the policy itself, not of what comes with the program
}

func (h here) spot(at source.Span) Spot {
	f := h.files[at.File]
	return Spot{f.Name, at.Off, at.End, !h.f.readOnly(f)}
}

// Definition is where what stands at a place is declared; false: it is no name, or built in.
func (b *Book) Definition(file string, off int32) (Spot, bool) {
	p, _, ok := b.at(file, off)
	if !ok {
		return Spot{}, false
	}
	h, r, ok := b.s.ref(p)
	if !ok || r.To.Span.IsZero() {
		return Spot{}, false
	}
	return h.spot(r.To.Span), true
}

// References are the places that name what stands at a place, without its declaration.
func (b *Book) References(file string, off int32) []Spot {
	p, _, ok := b.at(file, off)
	if !ok {
		return nil
	}
	h, r, ok := b.s.ref(p)
	if !ok {
		return nil
	}
	var out []Spot
	for _, ref := range h.x.RefsTo(r.To) {
		if ref.Span != ref.To.Span {
			out = append(out, h.spot(ref.Span))
		}
	}
	return out
}

// A Change is an edit of a file.
type Change struct {
	File     string
	Off, End int32
	New      string
}

// Rename is what gives what stands at a place another name, everywhere. Running state stays with
// it. The error says why not, in the book's language.
func (b *Book) Rename(file string, off int32, name string) ([]Change, error) {
	p, _, ok := b.at(file, off)
	if !ok {
		return nil, nil
	}
	answer, err := b.s.rename(context.Background(), renameParams{positionParams: p, NewName: name})
	w, is := answer.(*workspaceEdit)
	if err != nil || !is {
		return nil, err
	}
	var out []Change
	for _, f := range b.f.disk {
		uri := uriOf(b.f.pathOf(f))
		d := b.s.docs[b.f.pathOf(f)]
		for _, e := range w.Changes[uri] {
			out = append(out, Change{f.Name, d.offset(e.Range.Start), d.offset(e.Range.End), e.NewText})
		}
	}
	return out, nil
}

// Format is what lays a file out; comments and all that means something stay.
func (b *Book) Format(file string) []Change {
	_, h, ok := b.at(file, 0)
	if !ok {
		return nil
	}
	var out []Change
	for _, e := range h.d.lineEdits(syntax.Format(h.d.s, syntax.Options{}), nil) {
		out = append(out, Change{file, h.d.offset(e.Range.Start), h.d.offset(e.Range.End), e.NewText})
	}
	return out
}

// Folds are the pieces of a file that can be folded: the first and the last line of each, counted
// from 0.
func (b *Book) Folds(file string) [][2]int {
	p, _, ok := b.at(file, 0)
	if !ok {
		return nil
	}
	answer, err := b.s.foldings(context.Background(), documentParams{p.TextDocument})
	list, is := answer.([]folding)
	if err != nil || !is {
		return nil
	}
	var out [][2]int
	for _, x := range list {
		out = append(out, [2]int{int(x.StartLine), int(x.EndLine)})
	}
	return out
}

// Index is what the names of the text stand for.
func (b *Book) Index() *dsl.Index { return b.s.indexed(b.f) }
