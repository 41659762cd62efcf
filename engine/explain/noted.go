package explain

import (
	"cmp"
	"math"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/evidence"
)

// noted says what an event's proof was held against.
func (p *page) noted(n *decision.Noted) {
	w := &p.x.words
	if len(n.Files) > 0 {
		p.title(w.file)
	}
	for _, f := range n.Files {
		seq := strconv.FormatUint(f.Record, 10)
		if f.Bytes {
			p.line(1, "%s", w.fill(w.bytes, named(f.Of), seq))
		} else {
			p.line(1, "%s", w.fill(w.looks, named(f.Of), seq, strconv.Itoa(f.Bits)))
		}
	}
	if n.Trip != nil {
		p.title(w.place)
		p.trip(n.Trip)
	}
	if t := n.Phone; t != nil {
		usual := w.noUsual
		if len(t.Usual) > 0 {
			usual = w.fill(w.usually, strings.Join(t.Usual, w.listed))
		}
		p.title(w.fill(w.phone, cmp.Or(t.Is, w.noPhone), usual))
	}
	if len(n.Hits) > 0 {
		p.title(w.fill(w.hits, strings.Join(n.Hits, w.listed)))
	}
	if n.Like != nil || n.Rich != nil {
		p.title(w.noted)
		p.note(n)
	}
}

// named is a record by its name; one that was erased has none.
func named(r decision.Ref) string {
	if r.Type == nil {
		return "–"
	}
	return r.String()
}

func (p *page) trip(t *decision.Trip) {
	w := &p.x.words
	if t.Mock {
		p.line(1, "%s", w.mock)
	}
	seq := strconv.FormatUint(t.Other.Record, 10)
	switch km := p.figure(t.Metres / 1000); {
	case t.Other.Record == 0:
	case math.IsInf(t.Speed, 1):
		p.line(1, "%s", w.fill(w.atOnce, km, named(t.Of), seq))
	default:
		p.line(1, "%s", w.fill(w.trip, km, named(t.Of), seq, p.moment(t.Other.At),
			p.value(policy.Type{Kind: value.Duration}, value.Value{Kind: value.Duration,
				N: int64(t.Metres / t.Speed * float64(value.Second))}), p.figure(t.Speed*3.6)))
	}
}

// note says what a note was judged by: the earlier one that it is like, with what both say in
// brackets, and where the points of its richness come from.
func (p *page) note(n *decision.Noted) {
	w := &p.x.words
	if l := n.Like; l != nil {
		p.line(1, "%s", w.fill(w.like, named(l.Of), strconv.FormatUint(l.Record, 10), l.Person,
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
	if len(n.Files) > 0 {
		dst = append(dst, `,"files":[`...)
		for i, f := range n.Files {
			dst = strconv.AppendUint(append(comma(dst, i), `{"seq":`...), f.Record, 10)
			dst = appendRecord(dst, f.Of)
			dst = strconv.AppendBool(append(dst, `,"bytes":`...), f.Bytes)
			dst = append(strconv.AppendInt(append(dst, `,"bits":`...), int64(f.Bits), 10), '}')
		}
		dst = append(dst, ']')
	}
	if n.Trip != nil {
		dst = x.appendTrip(dst, n.Trip)
	}
	if t := n.Phone; t != nil {
		dst = value.AppendQuoted(append(dst, `,"device":{"is":`...), t.Is)
		dst = append(appendTexts(append(dst, `,"usual":`...), t.Usual), '}')
	}
	if len(n.Hits) > 0 {
		dst = appendTexts(append(dst, `,"hits":`...), n.Hits)
	}
	if n.Like != nil || n.Rich != nil {
		dst = x.appendNote(dst, n)
	}
	return dst
}

func appendTexts(dst []byte, list []string) []byte {
	dst = append(dst, '[')
	for i, text := range list {
		dst = value.AppendQuoted(comma(dst, i), text)
	}
	return append(dst, ']')
}

func appendRecord(dst []byte, r decision.Ref) []byte {
	if r.Type == nil {
		return dst
	}
	return appendKey(dst, "record", r.String())
}

func (x *Explainer) appendTrip(dst []byte, t *decision.Trip) []byte {
	dst = strconv.AppendBool(append(dst, `,"trip":{"mock":`...), t.Mock)
	if t.Other.Record > 0 {
		dst = strconv.AppendUint(append(dst, `,"seq":`...), t.Other.Record, 10)
		dst = appendRecord(dst, t.Of)
		dst = x.appendMoment(append(dst, `,"at":`...), t.Other.At)
		dst = x.appendNumber(append(dst, `,"metres":`...), t.Metres, true)
		dst = x.appendNumber(append(dst, `,"kmh":`...), t.Speed*3.6, !math.IsInf(t.Speed, 1))
	}
	return append(dst, '}')
}

func (x *Explainer) appendNote(dst []byte, n *decision.Noted) []byte {
	dst = append(dst, `,"note":{`...)
	if l := n.Like; l != nil {
		dst = strconv.AppendUint(append(dst, `"like":{"seq":`...), l.Record, 10)
		dst = appendRecord(dst, l.Of)
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
			dst = append(appendTexts(append(dst, `,"words":`...), f.Words), '}')
		}
		dst = append(dst, `]}`...)
	}
	return append(dst, '}')
}
