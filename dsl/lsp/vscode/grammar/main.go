// Command grammar writes the TextMate grammar of the language from the table of words, for editors
// that colour without a server, or before it answers. Run it with go generate.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

//go:generate go run . ../syntaxes/thru.tmLanguage.json

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: grammar FILE")
		os.Exit(2)
	}
	if err := os.WriteFile(os.Args[1], grammar(), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A rule is one pattern of a TextMate grammar.
type rule struct {
	Name     string          `json:"name,omitempty"`
	Match    string          `json:"match,omitempty"`
	Begin    string          `json:"begin,omitempty"`
	End      string          `json:"end,omitempty"`
	Captures map[string]rule `json:"captures,omitempty"`
	Patterns []rule          `json:"patterns,omitempty"`
	Include  string          `json:"include,omitempty"`
}

// The words of groups that mean the same wherever they stand. What is in none of them is a word
// only at the head of a line, or before a parenthesis.
func operators() []string {
	return []string{"and", "or", "not", "not in", "in", "between", "contains", "matches", "within",
		"has", "if", "then", "else", "pick"}
}

func constants() []string { return []string{"true", "false", "null", "now", "self"} }

func types() []string {
	return []string{"text", "int", "number", "percent", "money", "bool", "date", "time", "duration",
		"distance", "point", "area", "photo", "audio", "file", "list of"}
}

func clauses() []string {
	return []string{"of", "on", "by", "for", "in a row", "to", "at", "each", "per", "every", "due",
		"after", "before", "until", "needs", "with", "where", "via", "when", "at most", "times", "skip",
		"as", "was", "from", "is", "en", "zh", "because", "day", "workday", "workdays", "week", "month",
		"quarter", "year", "this day", "this week", "this month", "this quarter", "this year",
		"last day", "last week", "last month", "last quarter", "last year", "monday", "tuesday",
		"wednesday", "thursday", "friday", "saturday", "sunday", "unknown", "personal", "keep",
		"yields", "across", "against", "candidate"}
}

// declarations are the words that begin a line at file level.
func declarations() []string {
	return syntax.Parse(0, source.File{}).At(0).Expect().Words
}

const (
	notAfter  = `(?<![\p{L}\p{M}\p{N}_.])`
	notBefore = `(?![\p{L}\p{M}\p{N}_])`
	name      = `[\p{L}_][\p{L}\p{M}\p{N}_]*`
)

// either matches one of the words in either vocabulary, the longest first.
func either(words []string) string {
	var all []string
	for _, v := range syntax.Vocabulary() {
		if slices.Contains(words, v.En) {
			all = append(all, v.En, v.Zh)
		}
	}
	slices.SortFunc(all, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	for i, w := range all {
		all[i] = strings.ReplaceAll(regexp.QuoteMeta(w), " ", `\s+`)
	}
	return "(?:" + strings.Join(slices.Compact(all), "|") + ")"
}

// everyWord is all words of the language.
func everyWord() []string {
	var all []string
	for _, v := range syntax.Vocabulary() {
		all = append(all, v.En)
	}
	return all
}

// units matches the unit of a number in either vocabulary.
func units() string {
	all := []string{"%", "％", "万", "亿"}
	for _, u := range syntax.Units() {
		all = append(all, u.En, u.Zh)
	}
	slices.SortFunc(all, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return "(?:" + strings.Join(all, "|") + ")"
}

func grammar() []byte {
	word := func(words []string) string { return notAfter + either(words) + notBefore }
	captured := func(names ...string) map[string]rule {
		m := map[string]rule{}
		for i, n := range names {
			m[fmt.Sprint(i+1)] = rule{Name: n + ".thru"}
		}
		return m
	}
	expression := []rule{
		{Include: "#comment"}, {Include: "#string"},
		{Name: "constant.numeric.moment.thru",
			Match: `\b\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?`},
		{Match: notAfter + `((?:\d[\d_]*(?:\.\d+)?` + units() + `?)+)` + notBefore,
			Captures: captured("constant.numeric")},
		{Match: notAfter + "(" + either(everyWord()) + `)(?=[(（])`,
			Captures: captured("support.function")},
		{Match: notAfter + "(" + name + `)(?=[(（])`, Captures: captured("entity.name.function")},
		{Name: "keyword.operator.word.thru", Match: word(operators())},
		{Name: "constant.language.thru", Match: word(constants())},
		{Name: "support.type.thru", Match: word(types()) + `(?!\s*[.:=])`},
		{Name: "keyword.other.thru", Match: word(clauses()) + `(?!\s*[.:])`},
		{Name: "keyword.operator.thru", Match: `==|!=|<=|>=|\?\?|[-+*/<>=|±≤≥≠×]`},
	}
	g := map[string]any{
		"name":      "Throughline",
		"scopeName": "source.thru",
		"fileTypes": []string{"thru"},
		"patterns": append([]rule{
			{Match: `^\s*\x{FEFF}?\s*(` + either(declarations()) + `)` + notBefore + `(?:\s+(` + name +
				`(?:\.` + name + `)*))?`, Captures: captured("keyword.declaration", "entity.name.type")},
			{Match: `(?:^|(?<=[{;]))\s*(` + either(everyWord()) + `)` + notBefore + `(?!\s*[.:=(（])(?!\s+` +
				either(types()) + notBefore + `)`, Captures: captured("keyword.control")},
		}, expression...),
		"repository": map[string]rule{
			"comment": {Name: "comment.line.double-slash.thru", Match: `//.*$`},
			"string": {Patterns: []rule{
				{Name: "string.quoted.double.thru", Begin: `["“＂]`, End: `["”＂]|$`, Patterns: []rule{
					{Name: "constant.character.escape.thru", Match: `\\.`},
					{Name: "meta.embedded.thru", Begin: `\{`, End: `\}|(?=["”])|$`, Patterns: expression[2:]},
				}},
				{Name: "string.quoted.other.thru", Match: "`[^`]*`"},
			}},
		},
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(g); err != nil {
		panic("grammar: strings and maps of them are always JSON: " + err.Error())
	}
	return out.Bytes()
}
