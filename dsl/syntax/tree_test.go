package syntax

import (
	"fmt"
	"reflect"
	"strings"
)

// tree prints parsed lines for eyes: one line a line, its node's type and what it holds.
func tree(lines []*Line) string {
	var b strings.Builder
	for _, l := range lines {
		writeTree(&b, l, 0)
	}
	return b.String()
}

func writeTree(b *strings.Builder, l *Line, depth int) {
	b.WriteString(strings.Repeat("  ", depth))
	if l.Node == nil {
		fmt.Fprintf(b, "?? %s\n", strings.Join(strings.Fields(l.file.slice(l.Span())), " "))
	} else {
		v := reflect.ValueOf(l.Node).Elem()
		fmt.Fprintf(b, "%s%s\n", v.Type().Name(), fields(l, v))
	}
	for _, k := range l.Body {
		writeTree(b, k, depth+1)
	}
}

// fields prints what a struct holds, without what is not there.
func fields(l *Line, v reflect.Value) string {
	var b strings.Builder
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if v.Field(i).IsZero() || f.Name == "extent" || f.Name == "FnAt" || f.Name == "OpAt" {
			continue
		}
		if s := show(l, v.Field(i)); s != "" {
			fmt.Fprintf(&b, " %s=%s", strings.ToLower(f.Name), s)
		}
	}
	return b.String()
}

func show(l *Line, v reflect.Value) string {
	if v.CanInterface() {
		switch x := v.Interface().(type) {
		case Tok:
			return l.Text(x)
		case Expr:
			return sexpr(l, x)
		case *Path:
			return l.Dotted(x)
		}
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		return show(l, v.Elem())
	case reflect.Slice:
		var all []string
		for i := range v.Len() {
			all = append(all, show(l, v.Index(i)))
		}
		return "[" + strings.Join(all, " ") + "]"
	case reflect.Struct:
		if v.NumField() == 1 && v.Type().Field(0).Name == "Tok" {
			return l.Text(v.Field(0).Interface().(Tok))
		}
		return "{" + strings.TrimPrefix(fields(l, v), " ") + "}"
	}
	return fmt.Sprint(v.Interface())
}

// sexpr prints an expression with the operator in front.
func sexpr(l *Line, x Expr) string {
	switch x := x.(type) {
	case nil:
		return "nil"
	case *Lit:
		return l.Text(x.Tok)
	case *Name:
		return l.Text(x.Tok)
	case *Const:
		return strings.ToUpper(x.Word)
	case *Dot:
		return sexpr(l, x.X) + "." + l.Text(x.Name)
	case *Paren:
		return "(paren " + sexpr(l, x.X) + ")"
	case *Unary:
		return "(" + x.Op + " " + sexpr(l, x.X) + ")"
	case *Binary:
		return "(" + strings.ReplaceAll(x.Op, " ", "-") + " " + sexpr(l, x.L) + " " + sexpr(l, x.R) + ")"
	case *List:
		return "[" + sexprs(l, x.Items) + "]"
	case *Pick:
		return "(pick)"
	case *Object:
		var all []string
		for _, f := range x.Fields {
			all = append(all, l.Key(f.Key)+": "+sexpr(l, f.X))
		}
		return "{" + strings.Join(all, ", ") + "}"
	case *Call:
		return scall(l, x)
	}
	v := reflect.ValueOf(x).Elem()
	return "(" + strings.ToLower(v.Type().Name()) + fields(l, v) + ")"
}

func sexprs(l *Line, xs []Expr) string {
	var all []string
	for _, x := range xs {
		all = append(all, sexpr(l, x))
	}
	return strings.Join(all, " ")
}

func scall(l *Line, c *Call) string {
	s := "(" + c.Fn + "!"
	for _, a := range c.Args {
		s += " "
		if a.Name.Ok() {
			s += l.Text(a.Name) + ": "
		}
		s += sexpr(l, a.X)
	}
	if c.Window != nil {
		s += " (in " + strings.TrimSpace(fields(l, reflect.ValueOf(c.Window).Elem())) + ")"
	}
	for _, p := range []struct {
		word string
		x    Expr
	}{{"of", c.Of}, {"via", c.Via}, {"where", c.Where}, {"by", c.By}} {
		if p.x != nil {
			s += " (" + p.word + " " + sexpr(l, p.x) + ")"
		}
	}
	return s + ")"
}
