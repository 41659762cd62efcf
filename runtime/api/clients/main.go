// Command clients writes what a client of the API needs to know of it: its description, and the
// types and methods of the clients in Go and TypeScript.
//
//	go generate ./runtime/api/clients
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/format"
	"log"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/throughline/throughline/runtime/api"
)

//go:generate sh -c "cd ../../.. && go run ./runtime/api/clients"

func main() {
	if err := writeAll("client"); err != nil {
		log.Fatal(err)
	}
}

// writeAll writes every file into a folder.
func writeAll(dir string) error {
	files, err := all()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), files[name], 0o666)
		}
	}
	return err
}

// all are the files, by their names in the folder client.
func all() (map[string][]byte, error) {
	text, err := json.MarshalIndent(api.New(api.Options{}).OpenAPI(), "", " ")
	if err != nil {
		return nil, err
	}
	d := new(description)
	if err := json.Unmarshal(text, d); err != nil {
		return nil, err
	}
	code, err := format.Source(d.inGo())
	if err != nil {
		return nil, err
	}
	js, dts := d.inTypeScript()
	return map[string][]byte{"openapi.json": append(text, '\n'), "generated.go": code,
		"typescript/generated.js": js, "typescript/generated.d.ts": dts}, nil
}

// description is what is read of the OpenAPI description.
type description struct {
	Paths      map[string]map[string]json.RawMessage
	Components struct{ Schemas map[string]*schema }
}

type schema struct {
	Ref         string `json:"$ref"`
	Type        any
	Format      string
	Description string
	Enum        []any
	Items       *schema
	Properties  map[string]*schema
	Required    []string
	Additional  json.RawMessage `json:"additionalProperties"`
}

// kind is the type of a schema; null says that it may be null.
func (s *schema) kind() (kind string, null bool) {
	switch t := s.Type.(type) {
	case string:
		return t, false
	case []any:
		for _, x := range t {
			if x == "null" {
				null = true
			} else {
				kind, _ = x.(string)
			}
		}
	}
	return kind, null
}

// of is the schema of an object's values; nil: they have names of their own.
func (s *schema) of() *schema {
	if len(s.Additional) == 0 || s.Additional[0] != '{' {
		return nil
	}
	x := new(schema)
	if json.Unmarshal(s.Additional, x) != nil {
		return nil
	}
	return x
}

func (s *schema) name() string { return s.Ref[strings.LastIndexByte(s.Ref, '/')+1:] }

// operation is one that a method is written for: JSON in, JSON out.
type operation struct {
	ID, Summary, Verb string `json:"-"`
	Method, Path      string
	Params            []param // of the query
	In, Out           string  // names of schemas; "": there is none
}

type param struct {
	Name        string
	In          string
	Description string
	Schema      *schema
}

type rawOperation struct {
	OperationID string
	Summary     string
	Verb        string `json:"x-verb"`
	Parameters  []param
	RequestBody *struct {
		Content map[string]struct{ Schema *schema }
	}
	Responses map[string]struct {
		Content map[string]struct{ Schema *schema }
	}
}

// operations are those that a method is written for, by id. What streams, or is a file, is written
// by hand; so is coming in with a password, which programs do not.
func (d *description) operations() (out []operation) {
	for path, methods := range d.Paths { //tidy:order sorted below
		for method, text := range methods { //tidy:order sorted below
			var raw rawOperation
			if json.Unmarshal(text, &raw) != nil || raw.OperationID == "" || raw.Verb == "anyone" {
				continue
			}
			o := operation{ID: raw.OperationID, Summary: raw.Summary, Verb: raw.Verb,
				Method: strings.ToUpper(method), Path: path}
			if o.read(&raw) {
				out = append(out, o)
			}
		}
	}
	slices.SortFunc(out, func(a, b operation) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// read reports whether an operation takes and answers JSON.
func (o *operation) read(raw *rawOperation) bool {
	for _, p := range raw.Parameters {
		if p.In == "query" {
			o.Params = append(o.Params, p)
		}
	}
	if raw.RequestBody != nil {
		s := raw.RequestBody.Content["application/json"].Schema
		if s == nil || s.Ref == "" {
			return false
		}
		o.In = s.name()
	}
	if answer, ok := raw.Responses["200"]; ok {
		s := answer.Content["application/json"].Schema
		if s == nil || s.Ref == "" {
			return false
		}
		o.Out = s.name()
		return true
	}
	_, empty := raw.Responses["204"]
	return empty
}

// steps are the names in a path.
func (o *operation) steps() (out []string) {
	for _, part := range strings.Split(o.Path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			out = append(out, strings.TrimSuffix(name, "}"))
		}
	}
	return out
}

// used are the schemas that operations name, and those that they name.
func (d *description) used(list []operation) []string {
	seen := map[string]bool{"Decision": true, "Problem": true, "StoredFiles": true, "Import": true}
	for _, o := range list {
		seen[o.In], seen[o.Out] = true, true
	}
	delete(seen, "")
	for more := true; more; {
		more = false
		for name := range seen { //tidy:order a set that grows to the same
			for _, ref := range d.Components.Schemas[name].refs() {
				if !seen[ref] {
					seen[ref], more = true, true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func (s *schema) refs() (out []string) {
	switch {
	case s == nil:
		return nil
	case s.Ref != "":
		return []string{s.name()}
	}
	out = append(s.Items.refs(), s.of().refs()...)
	for _, p := range s.Properties { //tidy:order into a set
		out = append(out, p.refs()...)
	}
	return out
}

// camel is a name of parts as one of capitals.
func camel(name string) string {
	var b strings.Builder
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' }) {
		switch part {
		case "id", "url", "sha256", "json":
			b.WriteString(strings.ToUpper(part))
		default:
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String()
}

// lower begins a name with a small letter.
func lower(name string) string { return strings.ToLower(name[:1]) + name[1:] }

const head = "// Code generated by runtime/api/clients. DO NOT EDIT.\n\n"

// comment is a text as lines of comment.
func comment(b *bytes.Buffer, indent, text string) {
	if text != "" {
		fmt.Fprintf(b, "%s// %s\n", indent, strings.ReplaceAll(text, "\n", " "))
	}
}
