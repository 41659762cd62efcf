package railroad

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
)

// What is read is written the same, but for lookahead, needless brackets and alike alternatives.
func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		`A = "let" Head "=" Expr .`:                       `"let" Head "=" Expr`,
		`A = (Word ("," Word)*)? .`:                       `(Word ("," Word)*)?`,
		`A = ((?= "for" (<number> | <word>) "in") "a") .`: `"a"`,
		`A = (?! "of" | "by") Path .`:                     `Path`,
		`A = ("x" | ("x")) "y"+ <eof> .`:                  `"x" "y" ("y")*`,
		`A = <word> (":" | <bad>)? .`:                     `word ":"?`,
	} {
		all, err := Parse(in)
		if err != nil || len(all) != 1 || all[0].Is.String() != strings.ReplaceAll(want, `("y")*`, `"y"*`) {
			t.Errorf("%s: %v %v, want %s", in, all, err, want)
		}
	}
	for _, bad := range []string{`A`, `A = "x .`, `A = ( "x" .`, `A = ) .`} {
		if all, err := Parse(bad); err == nil {
			t.Errorf("%s is read: %v", bad, all[0].Is)
		}
	}
}

// Every picture is well-formed, holds every word of its production once, and keeps within its frame.
func TestSVG(t *testing.T) {
	all, err := Parse(`A = "alert" Head ("by" Path ("," Path)*)? ("<" | "&") Label? .`)
	if err != nil {
		t.Fatal(err)
	}
	svg := SVG(all[0].Is, func(w string) string { return map[string]string{"alert": "预警"}[w] })
	d := xml.NewDecoder(strings.NewReader(svg))
	var texts []string
	inText := false
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := tok.(type) {
		case xml.StartElement:
			inText = x.Name.Local == "text"
		case xml.CharData:
			if inText {
				texts = append(texts, string(x))
			}
		case xml.EndElement:
			inText = false
		}
	}
	if got := strings.Join(texts, " "); got != "alert 预警 Head by Path , Path < & Label" {
		t.Errorf("it shows %s", got)
	}
	if strings.Contains(svg, "v--") {
		t.Error("a curve turns back")
	}
}
