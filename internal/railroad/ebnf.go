// Package railroad draws the productions of a grammar as railroad pictures: one line that a reader
// follows with a finger, in SVG.
package railroad

import (
	"fmt"
	"slices"
	"strings"
)

// Kind says what a node of a production is.
type Kind uint8

// The kinds.
const (
	Word   Kind = iota // a word or sign of the language, Text
	Rule               // another production, or a kind of token, Text
	Seq                // Parts one after the other
	Choice             // one of Parts
	Option             // Parts[0] or nothing
	Repeat             // Parts[0], as often as one likes, also not at all
)

// Node is a part of a production.
type Node struct {
	Kind  Kind
	Text  string
	Parts []*Node
}

// Production is one rule of the grammar.
type Production struct {
	Name string
	Is   *Node
}

// Parse reads EBNF as participle prints it. Its lookahead, (?= …) and (?! …), says how a parser
// decides and not what may be written, so it is left out; alternatives that are alike are one.
func Parse(text string) ([]Production, error) {
	var out []Production
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		name, rest, ok := strings.Cut(strings.TrimSuffix(strings.TrimSpace(line), "."), " = ")
		if !ok {
			return nil, fmt.Errorf("no production: %s", line)
		}
		p := &parser{rest: rest}
		n := p.choice()
		if p.blank(); p.rest != "" || p.bad {
			return nil, fmt.Errorf("production %s is not understood at: %s", name, p.rest)
		}
		out = append(out, Production{name, n})
	}
	return out, nil
}

type parser struct {
	rest string
	bad  bool
}

func (p *parser) blank() { p.rest = strings.TrimLeft(p.rest, " ") }

func (p *parser) take(sign string) bool {
	p.blank()
	rest, ok := strings.CutPrefix(p.rest, sign)
	if ok {
		p.rest = rest
	}
	return ok
}

func (p *parser) choice() *Node {
	parts := []*Node{p.seq()}
	for p.take("|") {
		parts = append(parts, p.seq())
	}
	return either(parts)
}

// either makes one node of alternatives; empty and equal ones go.
func either(parts []*Node) *Node {
	var out []*Node
	for _, n := range parts {
		alike := func(m *Node) bool { return m.String() == n.String() }
		if n != nil && !slices.ContainsFunc(out, alike) {
			out = append(out, n)
		}
	}
	switch len(out) {
	case 0:
		return nil
	case 1:
		return out[0]
	}
	return &Node{Kind: Choice, Parts: out}
}

func (p *parser) seq() *Node {
	var parts []*Node
	for {
		p.blank()
		if p.rest == "" || strings.ContainsRune("|)", rune(p.rest[0])) {
			break
		}
		n := p.item()
		if p.bad {
			return nil
		}
		if n != nil {
			parts = append(parts, n)
		}
	}
	return joined(parts)
}

func joined(parts []*Node) *Node {
	var out []*Node
	for _, n := range parts {
		if n.Kind == Seq {
			out = append(out, n.Parts...)
		} else {
			out = append(out, n)
		}
	}
	// Words that belong together are one: "list" "of" is the keyword "list of".
	switch len(out) {
	case 0:
		return nil
	case 1:
		return out[0]
	}
	return &Node{Kind: Seq, Parts: out}
}

func (p *parser) item() *Node {
	n := p.atom()
	for p.rest != "" && !p.bad {
		var k Kind
		switch p.rest[0] {
		case '?':
			k = Option
		case '*':
			k = Repeat
		case '+':
			p.rest = p.rest[1:]
			if n != nil {
				n = joined([]*Node{n, {Kind: Repeat, Parts: []*Node{n}}})
			}
			continue
		default:
			return n
		}
		p.rest = p.rest[1:]
		if n != nil {
			n = &Node{Kind: k, Parts: []*Node{n}}
		}
	}
	return n
}

func (p *parser) atom() *Node {
	switch {
	case p.take("(?="), p.take("(?!"):
		p.choice()
		p.bad = p.bad || !p.take(")")
		return nil
	case p.take("("):
		n := p.choice()
		p.bad = p.bad || !p.take(")")
		return n
	case p.take(`"`):
		word, rest, ok := strings.Cut(p.rest, `"`)
		p.rest, p.bad = rest, p.bad || !ok
		return &Node{Kind: Word, Text: word}
	case p.take("<"):
		word, rest, ok := strings.Cut(p.rest, ">")
		p.rest, p.bad = rest, p.bad || !ok
		if word == "eof" || word == "bad" {
			return nil // the end of the line is not written
		}
		return &Node{Kind: Rule, Text: word}
	}
	i := strings.IndexAny(p.rest, ` |()?*+"<`)
	if i < 0 {
		i = len(p.rest)
	}
	if i == 0 {
		p.bad = true
		return nil
	}
	n := &Node{Kind: Rule, Text: p.rest[:i]}
	p.rest = p.rest[i:]
	return n
}

// String writes a node as EBNF.
func (n *Node) String() string {
	if n == nil {
		return ""
	}
	switch n.Kind {
	case Word:
		return `"` + n.Text + `"`
	case Rule:
		return n.Text
	case Option:
		return n.inner() + "?"
	case Repeat:
		return n.inner() + "*"
	}
	parts := make([]string, len(n.Parts))
	for i, x := range n.Parts {
		if parts[i] = x.String(); x.Kind == Choice && n.Kind == Seq {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	if n.Kind == Choice {
		return strings.Join(parts, " | ")
	}
	return strings.Join(parts, " ")
}

func (n *Node) inner() string {
	if k := n.Parts[0].Kind; k == Seq || k == Choice || k == Option || k == Repeat {
		return "(" + n.Parts[0].String() + ")"
	}
	return n.Parts[0].String()
}
