package explain

import (
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/evidence"
)

// noted says what a note was judged by: the earlier one that it is like, with what both say in
// brackets, and where the points of its richness come from.
func (p *page) noted(n *decision.Noted) {
	w := &p.x.words
	p.title(w.noted)
	if l := n.Like; l != nil {
		of := "–" // it was erased
		if l.Of.Type != nil {
			of = l.Of.String()
		}
		p.line(1, "%s", w.fill(w.like, of, strconv.FormatUint(l.Record, 10), l.Person,
			p.percent(l.Jaccard)))
		if l.Text != "" {
			p.line(2, "%s", marked(n.Note, same(n.Note, l.Text)))
			p.line(2, "%s", marked(l.Text, same(l.Text, n.Note)))
		}
	}
	r := n.Rich
	if r == nil {
		return
	}
	p.line(1, "%s", w.fill(w.rich, p.figure(r.Score)))
	for _, f := range r.Features {
		if f.Points == 0 {
			p.line(2, "%s", w.fill(w.noPoints, w.features[f.Name], p.figure(f.Most)))
			continue
		}
		text := w.fill(w.points, w.features[f.Name], p.figure(f.Points), p.figure(f.Most))
		if len(f.Words) > 0 {
			text += w.by + strings.Join(f.Words, w.listed)
		}
		p.line(2, "%s", text)
	}
	if r.Novelty < 1 {
		p.line(2, "%s", w.fill(w.novelty, p.percent(r.Novelty), p.figure(min(1, 0.4+r.Novelty))))
	}
	if r.Copy {
		p.line(2, "%s", w.copied)
	}
}

func same(a, b string) []evidence.Span {
	return evidence.Matching(evidence.Fold(a, nil), evidence.Fold(b, nil))
}

// marked is a note with parts of it in brackets.
func marked(note string, parts []evidence.Span) string {
	runes := []rune(note)
	var b strings.Builder
	at := 0
	for _, s := range parts {
		if s.From < at || s.To > len(runes) {
			continue
		}
		b.WriteString(string(runes[at:s.From]) + "[" + string(runes[s.From:s.To]) + "]")
		at = s.To
	}
	return b.String() + string(runes[at:])
}

func (x *Explainer) appendNoted(dst []byte, n *decision.Noted) []byte {
	dst = append(dst, `,"note":{`...)
	if l := n.Like; l != nil {
		dst = strconv.AppendUint(append(dst, `"like":{"seq":`...), l.Record, 10)
		if l.Of.Type != nil {
			dst = appendKey(dst, "record", l.Of.String())
		}
		dst = appendKey(dst, "person", l.Person)
		dst = x.appendNumber(append(dst, `,"jaccard":`...), l.Jaccard, true)
		dst = append(dst, `,"same":[`...)
		runes := []rune(n.Note)
		for i, s := range same(n.Note, l.Text) {
			dst = value.AppendQuoted(comma(dst, i), string(runes[s.From:min(s.To, len(runes))]))
		}
		dst = append(dst, `]}`...)
	}
	if r := n.Rich; r != nil {
		if n.Like != nil {
			dst = append(dst, ',')
		}
		dst = x.appendNumber(append(dst, `"richness":{"score":`...), r.Score, true)
		dst = x.appendNumber(append(dst, `,"novelty":`...), r.Novelty, true)
		dst = strconv.AppendBool(append(dst, `,"copy":`...), r.Copy)
		dst = append(dst, `,"features":[`...)
		for i, f := range r.Features {
			dst = value.AppendQuoted(append(comma(dst, i), `{"name":`...), f.Name)
			dst = x.appendNumber(append(dst, `,"points":`...), f.Points, true)
			dst = x.appendNumber(append(dst, `,"most":`...), f.Most, true)
			dst = append(dst, `,"words":[`...)
			for j, word := range f.Words {
				dst = value.AppendQuoted(comma(dst, j), word)
			}
			dst = append(dst, `]}`...)
		}
		dst = append(dst, `]}`...)
	}
	return append(dst, '}')
}
