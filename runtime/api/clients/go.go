package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// inGo is the client's types and methods in Go.
func (d *description) inGo() []byte {
	var b bytes.Buffer
	b.WriteString(head + "package client\n\nimport (\n\t\"context\"\n\t\"encoding/json\"\n" +
		"\t\"net/url\"\n\t\"time\"\n)\n\n")
	list := d.operations()
	for _, name := range d.used(list) {
		called := goName(name)
		fmt.Fprintf(&b, "// %s is part of what the API takes or answers.\ntype %s ", called, called)
		goStruct(&b, d.Components.Schemas[name])
		b.WriteString("\n\n")
	}
	for i := range list {
		goMethod(&b, &list[i])
	}
	return b.Bytes()
}

func goStruct(b *bytes.Buffer, s *schema) {
	b.WriteString("struct {\n")
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		p := s.Properties[name]
		if name == "$schema" {
			continue
		}
		tag := name
		typ := goType(p)
		if !slices.Contains(s.Required, name) {
			tag += ",omitempty"
			if typ == "time.Time" || p.Ref != "" {
				typ = "*" + typ
			}
		} else if nameless(p) {
			typ = "*" + typ
		}
		comment(b, "\t", p.Description)
		fmt.Fprintf(b, "\t%s %s `json:%q`\n", camel(name), typ, tag)
	}
	b.WriteString("}")
}

// nameless reports whether a property is a struct without a name, of which the description does not
// say that it may be null: that of what a timer did.
func nameless(s *schema) bool { return strings.HasSuffix(s.Ref, "Struct") }

// goName is a type's name, which is not one of the client's own.
func goName(name string) string {
	if name == "Client" || name == "Space" {
		return "API" + name
	}
	return name
}

func goType(s *schema) string {
	if s.Ref != "" {
		return goName(s.name())
	}
	switch kind, _ := s.kind(); kind {
	case "string":
		if s.Format == "date-time" {
			return "time.Time"
		}
		return "string"
	case "integer":
		return "int64"
	case "number":
		return "float64"
	case "boolean":
		return "bool"
	case "array":
		if s.Items == nil {
			return "[]json.RawMessage"
		}
		return "[]" + goType(s.Items)
	case "object":
		if of := s.of(); of != nil {
			return "map[string]" + goType(of)
		}
	}
	return "json.RawMessage"
}

// goMethod writes an operation: of a workspace on a Space, of the server on the Client.
func goMethod(b *bytes.Buffer, o *operation) {
	name, on, path := camel(o.ID), "*Client", `"`+o.Path+`"`
	call := "c"
	var args []string
	for _, step := range o.steps() {
		if step == "workspace" {
			on, call = "*Space", "c.client"
			path = strings.Replace(path, "{workspace}", `"+url.PathEscape(c.name)+"`, 1)
			continue
		}
		arg := step + "_"
		args = append(args, arg+" string")
		path = strings.Replace(path, "{"+step+"}", `"+url.PathEscape(`+arg+`)+"`, 1)
	}
	path = strings.TrimSuffix(path, `+""`)
	query := "nil"
	if len(o.Params) > 0 {
		goParams(b, name, o.Params)
		args = append(args, "params *"+name+"Params")
		query = "params.query()"
	}
	in := "nil"
	if o.In != "" {
		args, in = append(args, "in *"+goName(o.In)), "in"
	}
	comment(b, "", name+": "+lower(o.Summary)+". It takes "+o.Verb+".")
	args = append([]string{"ctx context.Context"}, args...)
	if o.Out == "" {
		fmt.Fprintf(b, "func (c %s) %s(%s) error {\n"+
			"\treturn %s.do(ctx, request{%q, %s, %s, %s, nil})\n}\n\n",
			on, name, strings.Join(args, ", "), call, o.Method, path, query, in)
		return
	}
	fmt.Fprintf(b, "func (c %s) %s(%s) (*%s, error) {\n\tout := new(%[4]s)\n"+
		"\treturn out, %s.do(ctx, request{%q, %s, %s, %s, out})\n}\n\n",
		on, name, strings.Join(args, ", "), goName(o.Out), call, o.Method, path, query, in)
}

func goParams(b *bytes.Buffer, name string, params []param) {
	fmt.Fprintf(b, "// %sParams are what %[1]s may be asked with; nil, and what is zero, is not "+
		"said.\ntype %[1]sParams struct {\n", name)
	for _, p := range params {
		comment(b, "\t", p.Description)
		fmt.Fprintf(b, "\t%s %s\n", camel(p.Name), goType(p.Schema))
	}
	fmt.Fprintf(b, "}\n\nfunc (p *%sParams) query() url.Values {\n\tq := url.Values{}\n"+
		"\tif p == nil {\n\t\treturn q\n\t}\n", name)
	for _, p := range params {
		fmt.Fprintf(b, "\tset(q, %q, p.%s)\n", p.Name, camel(p.Name))
	}
	b.WriteString("\treturn q\n}\n\n")
}
