package view

import (
	"github.com/a-h/templ"
	"strings"
	"unicode"
	"unicode/utf8"
)

// pressed says whether a button of a choice is the chosen one.
func pressed(yes bool) string {
	if yes {
		return "true"
	}
	return "false"
}

// initial is what stands for somebody where there is room for one sign: of a Chinese name the
// last, since families share the first.
func initial(name string) string {
	name = strings.TrimSpace(name)
	r, _ := utf8.DecodeRuneInString(name)
	if unicode.Is(unicode.Han, r) {
		r, _ = utf8.DecodeLastRuneInString(name)
	}
	return string(unicode.ToUpper(r))
}

// An Empty is what a page shows where nothing is there yet: what the thing is for, and the ways on.
type Empty struct {
	Title, Text string
	Ways        Component // buttons or a form; nil: none
}

// A Table is a table of a page. Numbers stand right.
type Table struct {
	Caption string
	Heads   []Head
	Rows    []Row
	Stacks  bool // on a phone a row is a card: what is done with it must not be out of sight
}

// role is that of a part of a table that stacks its rows.
func (t *Table) role(name string) templ.Attributes {
	if !t.Stacks {
		return nil
	}
	return templ.Attributes{"role": name}
}

// cell is what a cell of a column has besides, where rows stack: the name of its column.
func (t *Table) cell(column int) templ.Attributes {
	if !t.Stacks {
		return nil
	}
	return templ.Attributes{"role": "cell", "data-head": t.Heads[column].Name}
}

// A Head is the title of a column.
type Head struct {
	Name   string
	Number bool
}

// A Row has a cell for every column; the first names the row.
type Row struct {
	ID    string
	Cells []Component
}

// A Field is a control with its label.
type Field struct {
	ID, Label, Hint string
	Type            string // as of an input; "": text
	Value           string
	Auto            string // as of autocomplete
	Wrong           string // what is wrong with what was given
	Optional        bool
	First           bool // it has the focus when the page comes
	Pattern         string
	Most            int // how many characters it takes; 0: that is not said
}

func (f *Field) kind() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// about are the ids of what describes the control.
func (f *Field) about() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID+"-hint")
	}
	if f.Wrong != "" {
		ids = append(ids, f.ID+"-wrong")
	}
	return strings.Join(ids, " ")
}

// Tones of chips and notes: what state they tell of.
const (
	Plain  = "plain"
	Good   = "good"
	Warn   = "warn"
	Bad    = "bad"
	Info   = "info"
	Accent = "accent"
)

// list is names in a row, as the viewer's language sets them apart.
func list(v *Viewer, names []string) string {
	sep := ", "
	if v.Lang == "zh" {
		sep = "、"
	}
	return strings.Join(names, sep)
}
