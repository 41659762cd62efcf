package wire

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/throughline/throughline/dsl/source"
)

var update = flag.Bool("update", false, "write the script's types")

// TestTypes holds the script's types to the ones here.
func TestTypes(t *testing.T) {
	var b strings.Builder
	b.WriteString("// Made from builder/wire: go test ./builder/wire -update\n")
	for _, v := range []any{Command{}, Update{}, Change{}, Offers{}, Offer{}, Told{}, Go{}, Carets{},
		Here{}, Caret{}, Diags{}, Diag{}} {
		typ := reflect.TypeOf(v)
		fmt.Fprintf(&b, "\nexport interface %s {\n", typ.Name())
		for i := range typ.NumField() {
			f := typ.Field(i)
			name, optional, _ := strings.Cut(f.Tag.Get("json"), ",")
			mark := ""
			if optional == "omitempty" {
				mark = "?"
			}
			fmt.Fprintf(&b, "  %s%s: %s;\n", name, mark, script(f.Type))
		}
		b.WriteString("}\n")
	}
	const file = "../ui/src/lib/wire.ts"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != b.String() {
		t.Errorf("%s is not of these types: go test ./builder/wire -update", file)
	}
}

func script(t reflect.Type) string {
	switch {
	case t == reflect.TypeOf(Set{}):
		return "unknown" // the editor's own form
	case t.Kind() == reflect.Slice:
		return script(t.Elem()) + "[]"
	case t.Kind() == reflect.Pointer:
		return script(t.Elem())
	case t.Kind() == reflect.Struct:
		return t.Name()
	case t.Kind() == reflect.Int:
		return "number"
	case t.Kind() == reflect.Bool:
		return "boolean"
	}
	return "string"
}

// TestSets: what the editor writes is read, with signs that take two units and Chinese ones.
func TestSets(t *testing.T) {
	const text = "打📞 call\n结束"
	for _, c := range []struct{ set, want string }{
		{`[11]`, text},
		{`[0,[0,"x"],11]`, "x" + text},
		{`[1,[2,"电"],8]`, "打电 call\n结束"},
		{`[3,[6],2]`, "打📞结束"},
		{`[11,[0,"","第三行"]]`, text + "\n第三行"},
		{`[2,[1,"x"],8]`, ""},   // in the middle of a sign
		{`[10]`, ""},            // too short
		{`[12]`, ""},            // too long
		{`[-1,12]`, ""},         // nonsense
		{`[11,[0,"a\rb"]]`, ""}, // a line end of its own
	} {
		var s Set
		if err := json.Unmarshal([]byte(c.set), &s); err != nil {
			t.Fatal(c.set, err)
		}
		edits, err := s.Edits(0, text)
		if err != nil {
			if c.want != "" {
				t.Errorf("%s: %v", c.set, err)
			}
			continue
		}
		if got := applied(text, edits); got != c.want {
			t.Errorf("%s: %q, want %q", c.set, got, c.want)
		}
	}
}

func applied(text string, edits []source.Edit) string {
	for i := len(edits) - 1; i >= 0; i-- {
		e := edits[i]
		text = text[:e.Span.Off] + e.New + text[e.Span.End:]
	}
	return text
}

// TestSetOf: edits become a set, go over the wire, and are the same edits again.
func TestSetOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sign := rapid.StringOfN(rapid.RuneFrom([]rune("aé打📞\n ")), 0, 12, -1)
		var text string
		var edits []source.Edit
		for range rapid.IntRange(0, 4).Draw(t, "edits") {
			text += sign.Draw(t, "kept") + "."
			gone := sign.Draw(t, "gone")
			put := sign.Draw(t, "put")
			if gone == "" && put == "" {
				continue
			}
			edits = append(edits, source.Edit{New: put, Span: source.Span{Off: int32(len(text)),
				End: int32(len(text) + len(gone))}})
			text += gone
		}
		b, err := json.Marshal(SetOf(text, edits))
		if err != nil {
			t.Fatal(err)
		}
		var s Set
		if err := json.Unmarshal(b, &s); err != nil {
			t.Fatal(err)
		}
		again, err := s.Edits(0, text)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := applied(text, again), applied(text, edits); got != want {
			t.Fatalf("%s makes %q of %q, want %q", b, got, text, want)
		}
	})
}
