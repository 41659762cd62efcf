// Package pages holds the page of every code: what it means, why it comes up, how to mend it, in
// English and Chinese, and an example that yields exactly that code.
//
// A page is an archive named after its code. Its head is the English text, the section zh the
// Chinese one: three paragraphs each, what it means, its cause, how to mend it. Then come the
// files of the example (a policy, thru.toml, records, or an expression that is asked for), what is
// told of it (told and told.zh), and under mended/ the files as they are right. A test runs every
// example and writes what is told, and what a fix makes of it, with -update.
package pages

//go:generate go run ../../../internal/codedocs ../../../docs/codes

import (
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/throughline/throughline/dsl/source"
)

//go:embed *.txtar
var archives embed.FS

// Langs are the languages that every page is in.
func Langs() []string { return []string{"en", "zh"} }

// Page is what is told of a code beyond its one sentence.
type Page struct {
	Code   source.Code
	Files  []source.File // of the example
	Mended []source.File // those of the example that change, as they are right
	Exempt string        // why there is no example that a test could run; "" where there is one

	prose map[string]prose
	told  map[string]string
}

// prose is a page's text in one language.
type prose struct{ meaning, cause, mend string }

// Of reads the page of a code.
func Of(c source.Code) (*Page, error) {
	data, err := archives.ReadFile(string(c) + ".txtar")
	if err != nil {
		return nil, fmt.Errorf("no page for %s: %w", c, err)
	}
	return parse(c, data)
}

// Codes are the codes that have a page, whether or not there is such a code.
func Codes() []source.Code {
	files, err := archives.ReadDir(".")
	if err != nil {
		panic("pages: the embedded folder cannot be read: " + err.Error())
	}
	var out []source.Code
	for _, f := range files {
		out = append(out, source.Code(strings.TrimSuffix(f.Name(), ".txtar")))
	}
	return out
}

func parse(c source.Code, data []byte) (*Page, error) {
	a := txtar.Parse(data)
	p := &Page{Code: c, prose: map[string]prose{}, told: map[string]string{}}
	var err error
	if p.prose["en"], err = paragraphs(string(a.Comment)); err != nil {
		return nil, fmt.Errorf("%s, English: %w", c, err)
	}
	for _, f := range a.Files {
		text := string(f.Data)
		mended, isMended := strings.CutPrefix(f.Name, "mended/")
		switch {
		case f.Name == "zh":
			if p.prose["zh"], err = paragraphs(text); err != nil {
				return nil, fmt.Errorf("%s, Chinese: %w", c, err)
			}
		case f.Name == "exempt":
			p.Exempt = strings.TrimSpace(text)
		case f.Name == "told":
			p.told["en"] = text
		case f.Name == "told.zh":
			p.told["zh"] = text
		case isMended:
			p.Mended = append(p.Mended, source.File{Name: mended, Text: text})
		default:
			p.Files = append(p.Files, source.File{Name: f.Name, Text: text})
		}
	}
	if p.prose["zh"] == (prose{}) {
		return nil, fmt.Errorf("%s: no Chinese", c)
	}
	return p, nil
}

// paragraphs takes a page's text apart.
func paragraphs(text string) (prose, error) {
	parts := strings.Split(strings.TrimSpace(text), "\n\n")
	if len(parts) != 3 || strings.TrimSpace(parts[0]) == "" {
		return prose{}, errors.New("a page has three paragraphs: meaning, cause, how to mend it")
	}
	return prose{parts[0], parts[1], parts[2]}, nil
}

// inOrder are all codes, by number.
func inOrder() []source.Code {
	var out []source.Code
	for _, e := range source.Codes() {
		out = append(out, e.Code)
	}
	slices.Sort(out)
	return out
}

// Documents are the pages and the index of every language, by file name. A code without a page is
// an error, as is a page without a code.
func Documents() (map[string]string, error) {
	out := map[string]string{}
	for _, lang := range Langs() {
		out[IndexName(lang)] = Index(lang)
	}
	known := inOrder()
	for _, c := range known {
		p, err := Of(c)
		if err != nil {
			return nil, err
		}
		for _, lang := range Langs() {
			out[FileName(c, lang)] = p.Markdown(lang)
		}
	}
	for _, c := range Codes() {
		if _, ok := slices.BinarySearch(known, c); !ok {
			return nil, fmt.Errorf("%s.txtar is the page of no code", c)
		}
	}
	return out, nil
}
