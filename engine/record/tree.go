package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/decision"
)

// kind is the kind of a JSON value.
type kind uint8

const (
	isNull kind = iota
	isBool
	isNumber
	isText
	isList
	isObject
)

// node is one JSON value as it came.
type node struct {
	kind kind
	text string // of a text its meaning; of all else what was written
	raw  []byte
	keys []string // of an object
	list []node   // elements; values of an object
}

// at returns the value of an object's key, nil where it has none.
func (n *node) at(name string) *node {
	for i, k := range n.keys {
		if k == name {
			return &n.list[i]
		}
	}
	return nil
}

// tree reads one JSON value by encoding/json's tokens: the definition of what a line says.
type tree struct {
	dec   *json.Decoder
	line  []byte
	twice string // the first key that came twice in one object
}

// parseTree reads a whole line, or a value depth levels down in one, as one JSON value. The line is
// valid UTF-8.
func parseTree(line []byte, depth int) (*node, decision.Finding) {
	t := &tree{dec: json.NewDecoder(bytes.NewReader(line)), line: line}
	t.dec.UseNumber()
	root, err := t.value(depth)
	if err == nil {
		end := int(t.dec.InputOffset())
		if _, more := t.dec.Token(); more != io.EOF {
			return nil, stray(source.RecordAfter, line, end)
		}
	}
	switch {
	case errors.Is(err, errDeep):
		return nil, decision.Finding{Code: source.RecordTooDeep, Args: []string{strconv.Itoa(maxDepth)}}
	case err != nil:
		return nil, t.broken(err)
	case t.twice != "":
		return root, decision.Finding{Code: source.RecordKeyTwice, Args: []string{t.twice}}
	}
	return root, decision.Finding{}
}

// broken says where a line stops being JSON.
func (t *tree) broken(err error) decision.Finding {
	var syntax *json.SyntaxError
	at := int(t.dec.InputOffset())
	if errors.As(json.Unmarshal(t.line, new(json.RawMessage)), &syntax) {
		at = max(0, int(syntax.Offset)-1)
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF || at >= len(t.line) {
		return decision.Finding{Code: source.RecordCut, Args: []string{strconv.Itoa(len(t.line))}}
	}
	return stray(source.RecordNotJSON, t.line, at)
}

// stray finds what stands at a place where it cannot.
func stray(code source.Code, line []byte, at int) decision.Finding {
	at += len(line[at:]) - len(bytes.TrimLeft(line[at:], " \t\r\n"))
	return decision.Finding{Code: code, Args: []string{strconv.Itoa(at + 1), clip(line[at:])}}
}

var errDeep = errors.New("nested too deep")

// value reads the next value, depth levels down.
func (t *tree) value(depth int) (*node, error) {
	before := t.dec.InputOffset()
	tok, err := t.dec.Token()
	if err != nil {
		return nil, err
	}
	n := &node{}
	switch v := tok.(type) {
	case nil:
		n.kind = isNull
	case bool:
		n.kind = isBool
	case json.Number:
		n.kind, n.text = isNumber, v.String()
	case string:
		n.kind, n.text = isText, v
	case json.Delim:
		if depth >= maxDepth {
			return nil, errDeep
		}
		if err := t.inside(n, v, depth); err != nil {
			return nil, err
		}
	}
	n.raw = bytes.TrimLeft(t.line[before:t.dec.InputOffset()], " \t\r\n,:")
	if n.kind == isBool {
		n.text = string(n.raw)
	}
	return n, nil
}

// inside reads what an array or an object holds, and its end.
func (t *tree) inside(n *node, open json.Delim, depth int) error {
	n.kind = isList
	if open == '{' {
		n.kind = isObject
	}
	var seen map[string]bool
	for t.dec.More() {
		if n.kind == isObject {
			tok, err := t.dec.Token()
			if err != nil {
				return err
			}
			name, _ := tok.(string)
			seen = t.once(n, name, seen)
			n.keys = append(n.keys, name)
		}
		v, err := t.value(depth + 1)
		if err != nil {
			return err
		}
		n.list = append(n.list, *v)
	}
	_, err := t.dec.Token()
	return err
}

// once notes a key that came before. Objects that are too large to search get a set of keys.
func (t *tree) once(n *node, name string, seen map[string]bool) map[string]bool {
	if seen == nil && len(n.keys) == 32 {
		seen = make(map[string]bool, 64)
		for _, k := range n.keys {
			seen[k] = true
		}
	}
	again := seen[name]
	if seen == nil {
		again = n.at(name) != nil
	} else {
		seen[name] = true
	}
	if again && t.twice == "" {
		t.twice = name
	}
	return seen
}
