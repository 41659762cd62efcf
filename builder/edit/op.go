package edit

import (
	"reflect"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// The operations.
const (
	Insert  = "insert"  // Text becomes the Index-th line of the block of Into
	Move    = "move"    // the line What becomes the Index-th line of the block of Into
	Delete  = "delete"  // the line What goes, with its comments
	Replace = "replace" // Text stands where the line What stood; its comments stay
	Set     = "set"     // Text stands where Was stood: Count words of What from the Index-th on
)

// Op is an operation. What it is about is named, so it needs no revision.
type Op struct {
	Do    string `json:"do"`
	What  Path   `json:"what,omitempty"`
	Into  Path   `json:"into,omitempty"` // empty: file level
	File  string `json:"file,omitempty"` // where Into is empty, or two files have a line of that name
	Index int    `json:"index"`          // among the other lines there; beyond them: the last
	Text  string `json:"text,omitempty"`
	Count int    `json:"count,omitempty"` // of set; 0: Text goes before the Index-th word
	Was   string `json:"was,omitempty"`   // of set: the words as whoever asks saw them
}

// Do is the fewest edits that do an operation: in order, apart from each other, all counted in the
// text as it is. An operation that changes nothing has none. The error is a *Refused.
func (t *Text) Do(op Op) ([]source.Edit, error) {
	edits, want, err := t.done(op)
	if err != nil || len(edits) == 0 {
		return nil, err
	}
	if err := t.holds(edits, want); err != nil {
		return nil, err
	}
	return edits, nil
}

// All is the edits of several operations at once, all of them about the text as it is. They are to
// be apart from each other.
func (t *Text) All(ops []Op) ([]source.Edit, error) {
	var all []source.Edit
	for _, op := range ops {
		edits, err := t.Do(op)
		if err != nil {
			return nil, err
		}
		all = append(all, edits...)
	}
	if all = ordered(all); !apart(all) {
		return nil, &Refused{Why: WouldChange, What: ops[0].What.String()}
	}
	return all, nil
}

// Try is the edits of an operation that nobody does: what would fit where a line is half-written is
// asked of a text in which it stands, and whether it is one does not matter.
func (t *Text) Try(op Op) ([]source.Edit, error) {
	edits, _, err := t.done(op)
	return edits, err
}

func (t *Text) done(op Op) (edits []source.Edit, want change, err error) {
	switch op.Do {
	case Insert:
		edits, want, err = t.insert(op)
	case Move:
		edits, want, err = t.move(op)
	case Delete:
		edits, want, err = t.remove(op)
	case Replace:
		edits, want, err = t.replace(op)
	case Set:
		edits, want, err = t.set(op)
	default:
		err = &Refused{Why: Unknown, What: op.Do}
	}
	return edits, want, err
}

func (t *Text) insert(op Op) ([]source.Edit, change, error) {
	b, err := t.into(op)
	if err != nil {
		return nil, change{}, err
	}
	if len(tokens(op.Text)) == 0 {
		return nil, change{}, &Refused{Why: Empty}
	}
	i := min(max(op.Index, 0), len(b.kids))
	return b.put(i, op.Text), change{put: op.Text, into: b, at: i}, nil
}

func (t *Text) move(op Op) ([]source.Edit, change, error) {
	l, from, err := t.find(op.What, op.File)
	if err != nil {
		return nil, change{}, err
	}
	to, err := t.into(op)
	if err != nil {
		return nil, change{}, err
	}
	if to.head != nil && within(to.head, l) {
		return nil, change{}, &Refused{Why: IntoItself, What: op.What.String()}
	}
	if from.file.Mended() {
		return nil, change{}, &Refused{Why: Unbalanced, What: from.file.Name}
	}
	was := slices.Index(to.kids, l)
	if was >= 0 {
		to.kids, to.own = slices.Delete(slices.Clone(to.kids), was, was+1), true
	}
	i := min(max(op.Index, 0), len(to.kids))
	if i == was {
		return nil, change{}, nil
	}
	p := pieceOf(l)
	text := l.File().Text[p.body[0]:p.body[1]]
	if p.alone {
		text = l.File().Text[p.from:p.to]
	}
	edits := ordered(append(cut(l, p), to.put(i, text)...))
	return edits, change{gone: l, put: text, into: to, at: i, as: reflect.TypeOf(l.Node)}, nil
}

// within reports whether a line stands in another, or is it.
func within(l, outer *syntax.Line) bool {
	s, off := outer.Whole(), l.Span().Off
	return l.File() == outer.File() && s.Off <= off && off < s.End
}

func (t *Text) remove(op Op) ([]source.Edit, change, error) {
	l, from, err := t.find(op.What, op.File)
	if err != nil {
		return nil, change{}, err
	}
	if from.file.Mended() {
		return nil, change{}, &Refused{Why: Unbalanced, What: from.file.Name}
	}
	return cut(l, pieceOf(l)), change{gone: l}, nil
}

func (t *Text) replace(op Op) ([]source.Edit, change, error) {
	l, in, err := t.find(op.What, op.File)
	if err != nil {
		return nil, change{}, err
	}
	if in.file.Mended() {
		return nil, change{}, &Refused{Why: Unbalanced, What: in.file.Name}
	}
	if len(tokens(op.Text)) == 0 {
		return nil, change{}, &Refused{Why: Empty}
	}
	p := pieceOf(l)
	old := in.file.Text[p.body[0]:p.body[1]]
	text := strings.TrimLeft(laid(op.Text, p.indent, lineEnd(in.file.Text)), " \t")
	if old == text {
		return nil, change{}, nil
	}
	head, tail := shared(old, text)
	at := source.Span{File: in.file.Index, Off: p.body[0] + int32(head), End: p.body[1] - int32(tail)}
	edits := []source.Edit{{Span: at, New: text[head : len(text)-tail]}}
	return edits, change{gone: l, put: op.Text, into: in, at: slices.Index(in.kids, l)}, nil
}

// shared is how many bytes two texts have in common at their beginning and at their end, whole
// characters only.
func shared(a, b string) (head, tail int) {
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	for head > 0 && (head < len(a) && a[head]&0xC0 == 0x80 || head < len(b) && b[head]&0xC0 == 0x80) {
		head--
	}
	for tail < min(len(a), len(b))-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	for tail > 0 && (a[len(a)-tail]&0xC0 == 0x80 || b[len(b)-tail]&0xC0 == 0x80) {
		tail--
	}
	return head, tail
}

// into is the block that an operation puts something in.
func (t *Text) into(op Op) (block, error) {
	if len(op.Into) == 0 {
		for _, f := range t.trees {
			if f.Name == op.File || op.File == "" && len(t.trees) == 1 {
				if f.Mended() {
					return block{}, &Refused{Why: Unbalanced, What: f.Name}
				}
				return block{file: f, kids: f.Lines}, nil
			}
		}
		return block{}, &Refused{Why: NoSuchFile, What: op.File}
	}
	l, in, err := t.find(op.Into, op.File)
	switch {
	case err != nil:
		return block{}, err
	case in.file.Mended():
		return block{}, &Refused{Why: Unbalanced, What: in.file.Name}
	case l.Inner() == syntax.NoBlock && !l.HasBlock():
		return block{}, &Refused{Why: HoldsNone, What: op.Into.String()}
	}
	return block{file: in.file, head: l, kids: l.Lines()}, nil
}

// tokens are the tokens of a text that mean something.
func tokens(text string) []string {
	var out []string
	for _, t := range syntax.Scan(text) {
		switch t.Kind {
		case syntax.KindBlank, syntax.KindComment, syntax.KindNewline:
		default:
			out = append(out, text[t.Off:t.End])
		}
	}
	return out
}
