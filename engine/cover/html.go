package cover

import (
	"cmp"
	_ "embed" // the style
	"fmt"
	"html"
	"slices"

	"github.com/throughline/throughline/dsl/source"
)

// AppendHTML writes a page of its own: the policy's files with every point marked, in both
// languages; the reader switches between them, and lang is the one to begin with.
func (c *Coverage) AppendHTML(dst []byte, lang string) []byte {
	en, zh := wordsIn("en"), wordsIn("zh")
	name := html.EscapeString(c.policy.Settings.Name)
	dst = fmt.Appendf(dst, `<!doctype html>
<html lang="%s"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>%s · %s</title><style>%s</style>
<input type="radio" name="lang" id="en"%s><label for="en">English</label>
<input type="radio" name="lang" id="zh"%s><label for="zh">中文</label>
<main><h1>%s %s</h1>
`, lang, name, wordsIn(lang).title, style, checked(lang != "zh"), checked(lang == "zh"), name,
		pair(en.title, zh.title))
	dst = c.appendShares(dst, en, zh)
	dst = append(dst, `<p class="legend">`...)
	for _, x := range [][3]string{{"full", en.covered, zh.covered}, {"half", en.partly, zh.partly},
		{"none", en.unseen, zh.unseen}} {
		dst = fmt.Appendf(dst, `<span class="%s">%s</span> `, x[0], pair(x[1], x[2]))
	}
	dst = append(dst, "</p>\n"...)
	for i, f := range c.policy.Files {
		if points := c.in(int32(i)); len(points) > 0 {
			dst = fmt.Appendf(dst, "<h2>%s <small>%s</small></h2>\n<pre>", html.EscapeString(f.Name),
				share(points))
			m := marker{dst: dst, text: f.Text, points: points}
			m.all()
			dst = append(m.dst, "</pre>\n"...)
		}
	}
	return append(dst, "</main></html>\n"...)
}

func checked(is bool) string {
	if is {
		return " checked"
	}
	return ""
}

// pair is a text in both languages, of which the style shows one.
func pair(en, zh string) string {
	return fmt.Sprintf(`<i class="en">%s</i><i class="zh">%s</i>`, html.EscapeString(en),
		html.EscapeString(zh))
}

func (c *Coverage) appendShares(dst []byte, en, zh words) []byte {
	dst = append(dst, "<table>\n"...)
	row := func(a, b string, s Share) {
		if s.All > 0 {
			dst = fmt.Appendf(dst, "<tr><th>%s<td>%d / %d<td>%s<td>", pair(a, b), s.Seen, s.All, s)
			dst = fmt.Appendf(dst, `<meter value="%d" max="%d"></meter>`+"\n", s.Seen, s.All)
		}
	}
	for w := range whats {
		row(en.names[w], zh.names[w], c.Share(w))
	}
	row(en.all, zh.all, c.Total())
	return append(dst, "</table>\n"...)
}

func share(points []*Point) Share {
	var s Share
	for _, p := range points {
		seen, all := p.Sides()
		s.Seen, s.All = s.Seen+seen, s.All+all
	}
	return s
}

// in lists the points of a file, those that begin first before those inside them.
func (c *Coverage) in(file int32) []*Point {
	var out []*Point
	for _, p := range c.Points {
		if p.Span.File == file && p.Span.End > p.Span.Off {
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b *Point) int {
		return cmp.Or(cmp.Compare(a.Span.Off, b.Span.Off), cmp.Compare(b.Span.End, a.Span.End))
	})
	return out
}

// marker writes a file's text with its points marked, one inside another.
type marker struct {
	dst    []byte
	text   string
	points []*Point
	next   int
	at     int32
}

func (m *marker) all() {
	m.until(source.Span{End: int32(len(m.text))})
}

// until writes up to the end of a span: the points in it, and the text between them.
func (m *marker) until(s source.Span) {
	for m.next < len(m.points) && m.points[m.next].Span.Off < s.End {
		p := m.points[m.next]
		m.next++
		inner := p.Span
		inner.End = min(inner.End, s.End) // a point that leaves the one it stands in ends with it
		m.plain(inner.Off)
		seen, all := p.Sides()
		class := "none"
		switch {
		case seen == all:
			class = "full"
		case seen > 0:
			class = "half"
		}
		m.dst = fmt.Appendf(m.dst, `<span class="%s" title="%s">`, class, html.EscapeString(p.tip()))
		m.until(inner)
		m.dst = append(m.dst, "</span>"...)
	}
	m.plain(s.End)
}

func (m *marker) plain(to int32) {
	if to > m.at {
		m.dst = append(m.dst, html.EscapeString(m.text[m.at:to])...)
		m.at = to
	}
}

// tip is what a reader sees who points at a point.
func (p *Point) tip() string {
	en, zh := wordsIn("en"), wordsIn("zh")
	name := p.Decl
	if p.Part != "" {
		name += " " + p.Part
	}
	if !p.twoSided() {
		return fmt.Sprintf("%s: %d×", name, p.Seen.True)
	}
	return fmt.Sprintf("%s: %s %s %d×, %s %s %d×, %s %s %d×", name, en.yes, zh.yes, p.Seen.True,
		en.no, zh.no, p.Seen.False, en.unknown, zh.unknown, p.Seen.Unknown)
}

// style is the page's own: it asks nothing of the network.
//
//go:embed page.css
var style string
