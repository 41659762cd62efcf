package lsp

import (
	"context"
	"strings"

	"github.com/throughline/throughline/dsl/syntax"
)

// A function of the language as its help shows it.
type function struct {
	name   string
	params string // with commas
	result string
}

// functions are those that an expression may call.
func functions() []function {
	return []function{
		{"count", "source", "int"}, {"sum", "source.field", "number"},
		{"avg", "source.field", "number"}, {"sd", "source.field", "number"},
		{"min", "source.field | a, b", "number"}, {"max", "source.field | a, b", "number"},
		{"median", "source.field", "number"}, {"p90", "source.field", "number"},
		{"share", "source where test", "percent"}, {"distinct", "source.field", "int"},
		{"first", "source, n", "record"}, {"last", "source, n", "record"},
		{"corr", "source.field, field", "number"}, {"abs", "x", "number"}, {"round", "x", "int"},
		{"floor", "x", "int"}, {"ceil", "x", "int"}, {"sqrt", "x", "number"},
		{"clamp", "x, lo, hi", "number"}, {"scale", "x, lo, hi", "number"},
		{"len", "text | list", "int"}, {"lower", "text", "text"}, {"days", "duration", "number"},
		{"hours", "duration", "number"}, {"minutes", "duration", "number"}, {"hour", "time", "int"},
		{"weekday", "time", "int"}, {"month", "time", "int"}, {"date", "time", "date"},
		{"workdays", "from, to", "int"},
		{"workhours", "from, to", "number"}, {"age", "time", "duration"},
		{"distance", "a, b", "distance"}, {"missing", "x", "bool"}, {"bucket", "n", "int"},
		{"rank", "x by group", "int"}, {"quintile", "x by group", "int"},
		{"percentile", "x by group", "percent"}, {"completion", "action in window", "percent"},
		{"verified", "action", "bool"}, {"time_in", "stage", "duration"},
		{"entered", "stage", "time"}, {"left", "stage", "time"}, {"fresh", "photo", "bool"},
		{"original", "photo", "bool"}, {"vague", "text", "bool"}, {"hits", "text, list", "int"},
		{"richness", "text", "number"}, {"plausible", "", "bool"}, {"usual_device", "", "bool"},
		{"prompt", "", "bool"}, {"burst", "duration", "int"}, {"origin", "", "choice"},
	}
}

// role is the role in which a function's name has its own Chinese form.
func (f function) role() string {
	switch f.name {
	case "share", "lower", "workdays", "month":
		return "function"
	}
	return ""
}

// functionNamed is the English name of a function in either vocabulary, "" where it is none.
func functionNamed(word string) string {
	for _, f := range functions() {
		if word == f.name || word == syntax.WordIn(f.name, f.role(), "zh") {
			return f.name
		}
	}
	return ""
}

func isAggregate(name string) bool {
	switch name {
	case "count", "sum", "avg", "sd", "min", "max", "median", "p90", "share", "distinct", "first",
		"last", "corr":
		return true
	}
	return false
}

// function adds a function with its parentheses.
func (c *completer) function(f function) {
	name := syntax.WordIn(f.name, f.role(), c.lang)
	other := syntax.WordIn(f.name, f.role(), "zh")
	if c.lang == "zh" {
		other = f.name
	}
	text := name + "($1)$0"
	if f.params == "" {
		text = name + "()"
	}
	c.add(completionItem{Label: name, Kind: completionFunction, Format: isSnippet,
		Detail: f.label(name, c.lang), FilterText: filter(name, other),
		Documentation: &markup{"markdown",
			c.s.meaning(syntax.Vocable{En: f.name, Role: f.role()})}}, text, "4")
}

func (f function) label(name, lang string) string {
	return name + "(" + f.params + ") " + typeIn(f.result, lang)
}

// signature shows the parameters of the function, extern or template whose parenthesis is open.
func (s *server) signature(_ context.Context, p positionParams) (any, error) {
	h, ok := s.at(p.TextDocument.URI)
	if !ok {
		return nil, nil
	}
	c := &completer{here: h, lang: h.vocabulary(), seen: map[string]bool{}}
	c.start(h.x.Files[h.file], h.d.offset(p.Position))
	open, commas := c.openParen()
	if open <= 0 {
		return nil, nil
	}
	name := c.before[open-1]
	for _, f := range functions() {
		if f.name == functionNamed(name) {
			m := s.meaning(syntax.Vocable{En: f.name, Role: f.role()})
			return signed(f.label(name, c.lang), f.params, m, commas), nil
		}
	}
	for _, sym := range c.names.Declared("extern") {
		if sym.Name == name {
			text := labels(sym.Label, s.lang)
			return signed(name+"("+typeIn(sym.Fn, c.lang)+") "+typeIn(sym.Type, c.lang),
				typeIn(sym.Fn, c.lang), text, commas), nil
		}
	}
	return nil, nil
}

func signed(label, params, text string, active int) *signatureHelp {
	sig := signature{Label: label, Parameters: []parameter{}}
	if text != "" {
		sig.Documentation = &markup{"markdown", text}
	}
	if params != "" {
		for _, p := range strings.Split(params, ", ") {
			sig.Parameters = append(sig.Parameters, parameter{p})
		}
	}
	return &signatureHelp{Signatures: []signature{sig},
		ActiveParameter: min(active, max(len(sig.Parameters)-1, 0))}
}
