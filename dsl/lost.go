package dsl

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// lost are the names that lines declare which could not be read. Such a line has been told; that
// its name is not known elsewhere has the same cause and is not told again.
type lost struct {
	names   map[string]bool // of declarations
	fields  map[string]bool // bare, and as Record.field
	records map[string]bool // with a field that could not be read, or whose type is not known
	choices map[string]bool // with a row or stage that could not be read, as messages call them

	journeys map[string]bool // with a line that could not be read
}

// losses looks for them in what was read.
func (c *checker) losses() *lost {
	o := &lost{map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{},
		map[string]bool{}}
	for _, p := range c.everyPackage() {
		for _, f := range p.files {
			for _, l := range f.Lines {
				o.line(l)
			}
		}
	}
	for f, d := range c.byField { //tidy:order a set
		if d.bad && f.Of != nil {
			o.records[recordName(f.Of)] = true
		}
	}
	for _, d := range c.decls {
		if d.segment != nil && d.segment.Kinds != nil && torn(d.line) {
			kinds := policy.Type{Kind: value.Choice, Choice: d.segment.Kinds}
			o.choices[d.name], o.choices[typeWord(kinds)] = true, true
		}
		if j := d.journey; j != nil && j.Stage != nil && unread(d.line) {
			o.choices[typeWord(j.Stage.Type)], o.journeys[d.name] = true, true
		}
	}
	return o
}

func (o *lost) line(l *syntax.Line) {
	if l.Node == nil {
		o.names[l.Written(1)] = true
		return
	}
	var name string
	switch n := l.Node.(type) {
	case *syntax.Record:
		name = l.Name(n.Head.Name.Tok)
	case *syntax.Extend:
		name = l.Name(n.Path.Names[len(n.Path.Names)-1].Tok)
	default:
		return
	}
	o.body(name, l.Body)
}

// body looks at the fields of a record and at the columns of its lists.
func (o *lost) body(record string, lines []*syntax.Line) {
	for _, l := range lines {
		if l.Node == nil {
			name := l.Written(0)
			o.fields[name], o.fields[record+"."+name] = true, true
			o.records[record] = true
		}
		o.body(recordName(&policy.Record{}), l.Body)
	}
}

// torn reports whether a row of a segment's table could not be read.
func torn(l *syntax.Line) bool {
	return slices.ContainsFunc(l.Body, func(l *syntax.Line) bool {
		return len(l.Body) > 0 && unread(l)
	})
}

// follows reports whether a diagnostic follows from a line that could not be read.
func (o *lost) follows(d source.Diagnostic) bool {
	switch d.Code {
	case source.UnknownName, source.UnknownType, source.UnknownFunction, source.UnknownIn:
		return o.names[d.Args[0]]
	case source.UnknownSource:
		return o.names[d.Args[0]] || o.fields[d.Args[0]]
	case source.UnknownHere:
		return o.names[d.Args[0]] || o.fields[d.Args[1]+"."+d.Args[0]]
	case source.UnknownField:
		return o.fields[d.Args[0]+"."+d.Args[1]]
	case source.UnknownValue:
		return o.choices[d.Args[1]]
	case source.NoWon:
		return o.journeys[d.Args[0]]
	case source.NoReference:
		return o.records[d.Args[0]]
	}
	return false
}
