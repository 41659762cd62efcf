package record

import (
	"strings"

	"github.com/throughline/throughline/dsl/policy"
)

// choice finds a choice's values by name or label.
type choice struct {
	values []policy.ChoiceValue
	byName map[string]int32

	// Names whose length, first and last byte tell them apart are found by one comparison.
	cells   []cell
	a, b    uint
	perfect bool
}

// cell is one place of a perfect table; an empty one has the index -1.
type cell struct {
	name  string
	index int32
}

func newChoice(c *policy.Choice) *choice {
	t := &choice{values: c.Values, byName: map[string]int32{}}
	put := func(name string, i int) {
		if _, taken := t.byName[name]; !taken && name != "" {
			t.byName[name] = int32(i)
		}
	}
	for i, v := range c.Values {
		put(v.Name, i)
	}
	for i, v := range c.Values {
		for _, l := range texts(v.Label) {
			put(l, i)
		}
	}
	for i, v := range c.Values {
		for _, was := range v.Was {
			put(was, i)
		}
	}
	t.arrange()
	return t
}

// arrange looks for multipliers under which no two names share a cell.
func (t *choice) arrange() {
	size := 16
	for size < 4*len(t.values) {
		size *= 2
	}
	for a := uint(1); a < 64 && !t.perfect; a += 2 {
		for b := uint(1); b < 64 && !t.perfect; b += 2 {
			t.a, t.b = a, b
			t.cells = make([]cell, size)
			for i := range t.cells {
				t.cells[i].index = -1
			}
			t.perfect = t.fill()
		}
	}
}

// fill puts the names into their cells; it is false where two meet.
func (t *choice) fill() bool {
	for _, v := range t.values {
		if v.Name == "" {
			continue
		}
		c := &t.cells[t.cell(v.Name)]
		if c.index >= 0 && c.name != v.Name {
			return false
		}
		c.name, c.index = v.Name, t.byName[v.Name]
	}
	return true
}

func (t *choice) cell(name string) uint {
	first, last := uint(name[0]), uint(name[len(name)-1])
	return (uint(len(name)) + first*t.a + last*t.b) & uint(len(t.cells)-1)
}

// find returns the index of the value called so.
func (t *choice) find(name string) (int64, bool) {
	if t.perfect && name != "" {
		if c := &t.cells[t.cell(name)]; c.index >= 0 && c.name == name {
			return int64(c.index), true
		}
	}
	i, ok := t.byName[name]
	return int64(i), ok
}

// list writes the values as a policy does.
func (t *choice) list() string {
	var b strings.Builder
	for i, v := range t.values {
		if i > 0 {
			b.WriteString(" | ")
		}
		b.WriteString(v.Name)
	}
	return b.String()
}
