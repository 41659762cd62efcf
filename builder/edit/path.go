package edit

import (
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/syntax"
)

// Path names a line of the policy: the keys of the lines around it, outermost first, and its own.
// The empty path is the policy itself. A line that has a name has that as its key, else the key is
// its words without its block, one blank between them; the second of two such lines ends in " #2".
type Path []string

// String is the path as a person reads it.
func (p Path) String() string { return strings.Join(p, " › ") }

// named is a line and its key.
type named struct {
	key  string
	line *syntax.Line
}

// keyed gives the lines of one block their keys.
func keyed(lines []*syntax.Line) []named {
	out := make([]named, len(lines))
	seen := map[string]int{}
	for i, l := range lines {
		key := nameOf(l)
		if key == "" {
			key = strings.Join(words(l), " ")
		}
		if seen[key]++; seen[key] > 1 {
			key += " #" + strconv.Itoa(seen[key])
		}
		out[i] = named{key, l}
	}
	return out
}

// Keys are the keys of the lines of one block.
func Keys(lines []*syntax.Line) []string {
	all := keyed(lines)
	out := make([]string, len(all))
	for i, n := range all {
		out[i] = n.key
	}
	return out
}

// words are the texts of a line's tokens without its block.
func words(l *syntax.Line) []string {
	var out []string
	text := l.File().Text
	for _, t := range l.Tokens() {
		out = append(out, text[t.Off:t.End])
	}
	return out
}

// nameOf is what a line declares, "" where it declares nothing.
func nameOf(l *syntax.Line) string {
	switch n := l.Node.(type) {
	case *syntax.Stage:
		return l.Name(n.Name.Tok)
	case *syntax.FieldLine:
		return l.Name(n.Name.Tok)
	case *syntax.Term:
		return l.Name(n.Name.Tok)
	case *syntax.ProofLine:
		return l.Name(n.Name.Tok)
	case *syntax.Allocate:
		return l.Dotted(n.Path)
	}
	if h := headOf(l.Node); h != nil {
		return l.Name(h.Name.Tok)
	}
	return ""
}

func headOf(n syntax.Node) *syntax.Head {
	switch n := n.(type) {
	case *syntax.Let:
		return &n.Head
	case *syntax.Choice:
		return &n.Head
	case *syntax.Extern:
		return &n.Head
	case *syntax.Record:
		return &n.Head
	case *syntax.Calendar:
		return &n.Head
	case *syntax.Score:
		return &n.Head
	case *syntax.Rule:
		return &n.Head
	case *syntax.Alert:
		return &n.Head
	case *syntax.Segment:
		return &n.Head
	case *syntax.Journey:
		return &n.Head
	case *syntax.Action:
		return &n.Head
	case *syntax.Metric:
		return &n.Head
	case *syntax.Goal:
		return &n.Head
	case *syntax.Remedy:
		return &n.Head
	}
	return nil
}

// block is the lines of one block, or of one file.
type block struct {
	file *syntax.File
	head *syntax.Line // nil: the file
	kids []*syntax.Line
	own  bool // what is put in was taken from here: it needs no more room
}

// find is the line a path names and the block it stands in. With a file's name only that file is
// looked at.
func (t *Text) find(p Path, file string) (*syntax.Line, block, error) {
	var in block
	level := []block{}
	for _, f := range t.trees {
		if file == "" || f.Name == file {
			level = append(level, block{file: f, kids: f.Lines})
		}
	}
	var at *syntax.Line
	for depth, key := range p {
		at = nil
		seen := 0
		for _, b := range level {
			for _, n := range keyed(b.kids) {
				if n.key == key {
					if seen++; at == nil {
						at, in = n.line, b
					}
				}
			}
		}
		switch {
		case at == nil:
			return nil, in, &Refused{Why: NotThere, What: p[:depth+1].String()}
		case seen > 1:
			return nil, in, &Refused{Why: Twice, What: p[:depth+1].String()}
		}
		level = []block{{file: at.File(), head: at, kids: at.Lines()}}
	}
	if at == nil {
		return nil, in, &Refused{Why: NotThere, What: p.String()}
	}
	return at, in, nil
}

// Find is the line that a path names; file says which, where two files have one. The error is a
// *Refused.
func (t *Text) Find(p Path, file string) (*syntax.Line, error) {
	l, _, err := t.find(p, file)
	return l, err
}

// PathOf is the path of a line of this text, nil for a line of another.
func (t *Text) PathOf(l *syntax.Line) Path { return pathIn(l.File().Lines, l) }

func pathIn(lines []*syntax.Line, l *syntax.Line) Path {
	off := l.Span().Off
	for _, n := range keyed(lines) {
		if n.line == l {
			return Path{n.key}
		}
		if s := n.line.Whole(); s.Off <= off && off < s.End {
			if in := pathIn(n.line.Lines(), l); in != nil {
				return append(Path{n.key}, in...)
			}
		}
	}
	return nil
}
