package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// inTypeScript is the client's methods in JavaScript, and its types.
func (d *description) inTypeScript() (js, dts []byte) {
	var code, types bytes.Buffer
	list := d.operations()
	code.WriteString(head + "import { Base } from \"./base.js\";\n\n" +
		"export class Client extends Base {\n")
	types.WriteString(head + "import { Base } from \"./base.js\";\n\n")
	for _, name := range d.used(list) {
		fmt.Fprintf(&types, "export interface %s {\n", name)
		s := d.Components.Schemas[name]
		for _, p := range slices.Sorted(maps.Keys(s.Properties)) {
			if p == "$schema" {
				continue
			}
			maybe := "?"
			if slices.Contains(s.Required, p) {
				maybe = ""
			}
			if text := s.Properties[p].Description; text != "" {
				fmt.Fprintf(&types, "  /** %s */\n", text)
			}
			fmt.Fprintf(&types, "  %s%s: %s;\n", p, maybe, tsType(s.Properties[p]))
		}
		types.WriteString("}\n\n")
	}
	types.WriteString("export class Client extends Base {\n")
	for i := range list {
		tsMethod(&code, &types, &list[i])
	}
	code.WriteString("}\n")
	types.WriteString("}\n")
	return code.Bytes(), types.Bytes()
}

func tsType(s *schema) string {
	if nameless(s) {
		return s.name() + " | null"
	}
	if s.Ref != "" {
		return s.name()
	}
	kind, null := s.kind()
	out := "unknown"
	switch kind {
	case "string":
		out = "string"
		if len(s.Enum) > 0 {
			var words []string
			for _, w := range s.Enum {
				b, _ := json.Marshal(w) // a text is always written
				words = append(words, string(b))
			}
			out = strings.Join(words, " | ")
		}
	case "integer", "number":
		out = "number"
	case "boolean":
		out = "boolean"
	case "array":
		of := "unknown"
		if s.Items != nil {
			of = tsType(s.Items)
		}
		out = "(" + of + ")[]"
	case "object":
		if of := s.of(); of != nil {
			out = "Record<string, " + tsType(of) + ">"
		}
	}
	if null {
		out += " | null"
	}
	return out
}

func tsMethod(code, types *bytes.Buffer, o *operation) {
	name := lower(camel(o.ID))
	path := o.Path
	var names, typed []string
	for _, step := range o.steps() {
		path = strings.Replace(path, "{"+step+"}", "${encodeURIComponent("+step+"_)}", 1)
		names, typed = append(names, step+"_"), append(typed, step+"_: string")
	}
	body, query, out := "undefined", "undefined", "void"
	if o.In != "" {
		names, typed, body = append(names, "body"), append(typed, "body: "+o.In), "body"
	}
	if len(o.Params) > 0 {
		var fields []string
		for _, p := range o.Params {
			fields = append(fields, p.Name+"?: "+tsType(p.Schema))
		}
		names, query = append(names, "query = {}"), "query"
		typed = append(typed, "query?: { "+strings.Join(fields, "; ")+" }")
	}
	if o.Out != "" {
		out = o.Out
	}
	fmt.Fprintf(code, "  %s(%s) {\n    return this.ask(%q, `%s`, %s, %s);\n  }\n", name,
		strings.Join(names, ", "), o.Method, path, body, query)
	fmt.Fprintf(types, "  /** %s. It takes %s. */\n  %s(%s): Promise<%s>;\n", o.Summary, o.Verb, name,
		strings.Join(typed, ", "), out)
}
