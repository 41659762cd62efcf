package templates

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
)

//go:generate go run ./internal/index

//go:embed index.json
var index []byte

// Text is a text in both languages.
type Text struct {
	Zh string `json:"zh"`
	En string `json:"en,omitempty"`
}

// Entry is one template as the index knows it.
type Entry struct {
	Package  string `json:"package"`
	Version  string `json:"version"`
	Title    string `json:"title"`
	Industry string `json:"industry"`
	Name     string `json:"name"`
	Label    Text   `json:"label"`
	Why      Text   `json:"why"`
	Steps    []Text `json:"steps"`
}

// Index is a list of templates that can be searched.
type Index struct {
	entries []Entry
	places  [][3]string // by entry, in lower case: its names, why, its steps and package
}

// Library is the index of the embedded library.
func Library() (*Index, error) {
	d := json.NewDecoder(bytes.NewReader(index))
	var list []Entry
	for d.More() {
		var e Entry
		if err := d.Decode(&e); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return NewIndex(list), nil
}

// NewIndex makes an index of templates.
func NewIndex(list []Entry) *Index {
	x := &Index{entries: list}
	for i := range list {
		e := &list[i]
		called := label(e.Industry)
		rest := []string{e.Package, e.Title, e.Industry, called.Zh, called.En}
		for _, s := range e.Steps {
			rest = append(rest, s.Zh, s.En)
		}
		x.places = append(x.places, [3]string{
			strings.ToLower(e.Name + "\n" + e.Label.Zh + "\n" + e.Label.En),
			strings.ToLower(e.Why.Zh + "\n" + e.Why.En),
			strings.ToLower(strings.Join(rest, "\n")),
		})
	}
	return x
}

// Search lists the templates in which every word of a query stands, in whichever language: those
// that are called by it first, then those whose reason says it, then those whose steps or package
// do; among equals in the index's order. No words: all.
func (x *Index) Search(query string) []*Entry {
	words := strings.Fields(strings.ToLower(query))
	type hit struct{ at, score int }
	var hits []hit
	for i := range x.places {
		if s, ok := score(&x.places[i], words); ok {
			hits = append(hits, hit{i, s})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return b.score - a.score })
	out := make([]*Entry, len(hits))
	for i, h := range hits {
		out[i] = &x.entries[h.at]
	}
	return out
}

// score is how well an entry answers: 4 for a word in its names, 2 in its reason, 1 elsewhere.
func score(places *[3]string, words []string) (sum int, ok bool) {
	for _, w := range words {
		switch {
		case strings.Contains(places[0], w):
			sum += 4
		case strings.Contains(places[1], w):
			sum += 2
		case strings.Contains(places[2], w):
			sum++
		default:
			return 0, false
		}
	}
	return sum, true
}
