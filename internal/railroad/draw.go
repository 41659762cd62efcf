package railroad

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"
)

// Measures of a picture, in pixels.
const (
	boxHeight = 34 // two lines of text
	gap       = 14 // between what stands side by side, and the radius of curves
	rows      = 10 // between alternatives
)

// box is a laid out node: its width, and how far it reaches above and below its line.
type box struct {
	w, up, down float64
	draw        func(p *pen, x, y float64)
}

type pen struct{ strings.Builder }

func (p *pen) path(format string, args ...any) {
	fmt.Fprintf(p, `<path d="`+format+`"/>`+"\n", args...)
}

// SVG draws a production. Second gives the second line of a word's box, such as the word in another
// vocabulary; "" for none. The colours follow the page's.
func SVG(is *Node, second func(word string) string) string {
	b := layout(is, second)
	w, h := b.w+2*gap+20, b.up+b.down+2*rows
	var p pen
	fmt.Fprintf(&p, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" width="%g" `+
		`height="%g" font-family="ui-monospace,Menlo,Consolas,'Noto Sans Mono CJK SC',monospace" `+
		`font-size="13">`+"\n", w, h, w, h)
	p.WriteString("<style>path{fill:none;stroke:#667}rect{fill:#eef3fb;stroke:#88a}" +
		"rect.r{fill:#fff}text{fill:#223;text-anchor:middle}" +
		"@media(prefers-color-scheme:dark){path{stroke:#99a}rect{fill:#24304a;stroke:#88a}" +
		"rect.r{fill:#1b1f27}text{fill:#e6e9ef}}</style>\n")
	y := b.up + rows
	p.path("M10 %g v10 m0 -5 h%d", y-5, gap)
	b.draw(&p, 10+gap, y)
	p.path("M%g %g h%d m0 -5 v10", 10+gap+b.w, y, gap-4)
	p.WriteString("</svg>\n")
	return p.String()
}

func layout(n *Node, second func(string) string) box {
	if n == nil {
		return box{w: gap, draw: func(p *pen, x, y float64) { p.path("M%g %g h%d", x, y, gap) }}
	}
	var parts []box
	for _, x := range n.Parts {
		parts = append(parts, layout(x, second))
	}
	switch n.Kind {
	case Word:
		return leaf(n.Text, second(n.Text), 6)
	case Rule:
		return leaf(n.Text, "", 0)
	case Seq:
		return inLine(parts)
	case Choice:
		return stacked(parts)
	case Option:
		return stacked([]box{layout(nil, nil), parts[0]})
	}
	return loop(parts[0])
}

// leaf is a word or the name of another production.
func leaf(text, under string, round float64) box {
	w := max(width(text), width(under)) + 16
	return box{w: w, up: boxHeight / 2, down: boxHeight / 2, draw: func(p *pen, x, y float64) {
		class := ""
		if round == 0 {
			class = ` class="r"`
		}
		fmt.Fprintf(p, `<rect%s x="%g" y="%g" width="%g" height="%d" rx="%g"/>`+"\n", class, x,
			y-boxHeight/2, w, boxHeight, round)
		if under == "" || under == text {
			fmt.Fprintf(p, `<text x="%g" y="%g">%s</text>`+"\n", x+w/2, y+4.5, html.EscapeString(text))
			return
		}
		fmt.Fprintf(p, `<text x="%g" y="%g">%s</text><text x="%g" y="%g">%s</text>`+"\n", x+w/2, y-3,
			html.EscapeString(text), x+w/2, y+12, html.EscapeString(under))
	}}
}

// width is about how wide a text is: Chinese characters take two columns.
func width(s string) float64 {
	n := 0.0
	for _, r := range s {
		n += 8
		if utf8.RuneLen(r) > 2 {
			n += 6
		}
	}
	return n
}

func inLine(parts []box) box {
	b := box{w: gap * float64(len(parts)-1)}
	for _, x := range parts {
		b.w += x.w
		b.up, b.down = max(b.up, x.up), max(b.down, x.down)
	}
	b.draw = func(p *pen, x, y float64) {
		for i, part := range parts {
			if i > 0 {
				p.path("M%g %g h%d", x, y, gap)
				x += gap
			}
			part.draw(p, x, y)
			x += part.w
		}
	}
	return b
}

// stacked puts alternatives below each other; the first stands on the line.
func stacked(parts []box) box {
	b := box{up: parts[0].up, down: parts[0].down}
	at := make([]float64, len(parts))
	for i, x := range parts {
		b.w = max(b.w, x.w+4*gap)
		if i > 0 {
			at[i] = max(b.down+rows+x.up, 2*gap) // the curves need so much
			b.down = at[i] + x.down
		}
	}
	b.draw = func(p *pen, x, y float64) {
		for i, part := range parts {
			from, to := x+2*gap, x+b.w-2*gap
			if i == 0 {
				p.path("M%g %g h%d M%g %g h%d", x, y, 2*gap, to, y, 2*gap)
			} else {
				p.path("M%g %g q%d 0 %d %d v%g q0 %d %d %d M%g %g q%d 0 %d -%d v-%g q0 -%d %d -%d",
					x, y, gap, gap, gap, at[i]-2*gap, gap, gap, gap,
					to, y+at[i], gap, gap, gap, at[i]-2*gap, gap, gap, gap)
			}
			part.draw(p, from, y+at[i])
			if rest := to - from - part.w; rest > 0 {
				p.path("M%g %g h%g", from+part.w, y+at[i], rest)
			}
		}
	}
	return b
}

// loop lets one pass by a part, or go through it and back again.
func loop(part box) box {
	depth := rows + part.up + 6
	b := box{w: part.w + 4*gap, up: 4, down: depth + part.down}
	b.draw = func(p *pen, x, y float64) {
		p.path("M%g %g h%g", x, y, b.w)
		// Back along the part below, against the reading direction: out at the right, in at the left.
		p.path("M%g %g q%d 0 %d %d v%g q0 %d -%d %d M%g %g q-%d 0 -%d -%d v-%g q0 -%d %d -%d",
			x+b.w-2*gap, y, gap, gap, gap, depth-2*gap, gap, gap, gap,
			x+2*gap, y+depth, gap, gap, gap, depth-2*gap, gap, gap, gap)
		part.draw(p, x+2*gap, y+depth)
	}
	return b
}
