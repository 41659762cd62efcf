package syntax

import (
	"strings"
	"unicode/utf8"

	"github.com/throughline/throughline/dsl/source"
)

// review tells what is wrong with a line that parsed: escapes, what is filled into messages, and
// a text for people given twice.
func (p *parser) review(l *Line, n Node) {
	var shown []Quoted
	for i := l.from; i < l.to; i++ {
		if p.file.Tokens[i].Kind != KindText {
			continue
		}
		text := p.file.tokenText(i)
		if !strings.ContainsAny(text, "\\{") {
			continue
		}
		if shown == nil {
			shown = messages(n)
		}
		p.reviewText(l, Tok{int32(i-l.from) + 1}, shown)
	}
	p.reviewWords(l, n)
	if first, second := labels(n); first != nil && second != nil {
		p.file.Diags = append(p.file.Diags, source.Diagnostic{Code: source.TwoLabels,
			Span: l.TokSpan(second.Text.Tok), Found: l.Text(second.Text.Tok),
			Related: []source.Related{{Span: l.TokSpan(first.Text.Tok), Code: source.FirstLabel}}})
	}
}

// reviewWords notes Chinese words that are the form for another place: 相距 where 面向 is meant.
// They are read all the same, because place says what is meant.
func (p *parser) reviewWords(l *Line, n Node) {
	if !l.isChinese() {
		return
	}
	if _, ok := n.(*For); ok {
		return
	}
	w := rolesOf(&Line{Node: n, Block: l.Block, file: l.file, from: l.from, to: l.to}, NoBlock)
	for i := range l.to - l.from {
		text := p.file.tokenText(l.from + i)
		if !w.keyword(i) || text[0] < utf8.RuneSelf {
			continue
		}
		right := zhOf(canon(text), w.role(i))
		if right == "" || right == text || canon(text) == text {
			continue
		}
		span := p.file.tokenSpan(l.from + i)
		p.file.Diags = append(p.file.Diags, source.Diagnostic{Code: source.OtherRole, Span: span,
			Args: []string{text, right}, Fix: &source.Fix{Edits: []source.Edit{{Span: span, New: right}}}})
	}
}

// reviewText tells what is wrong inside one text: in a message also what is filled in.
func (p *parser) reviewText(l *Line, t Tok, shown []Quoted) {
	for _, q := range shown {
		if q.Tok == t {
			_, diags := l.message(t, nil)
			p.file.Diags = append(p.file.Diags, diags...)
			return
		}
	}
	body, open := unquote(l.Text(t))
	for i := 0; i < len(body); {
		_, n, ok := unescape(body[i:])
		if !ok {
			off := l.TokSpan(t).Off + int32(open+i)
			p.file.Diags = append(p.file.Diags, l.badEscape(off, body[i:i+n]))
		}
		i += n
	}
}

// messages are the texts of a line in which {expr} is filled in (reference, section 1): those of
// effects, show, requirements and proof lines.
func messages(n Node) []Quoted {
	var out []Quoted
	add := func(labels ...*Label) {
		for _, t := range labels {
			if t != nil {
				out = append(out, t.Text, t.Other)
			}
		}
	}
	switch n := n.(type) {
	case *EffectLine:
		add(n.Do.texts()...)
	case *Else:
		add(n.Do.texts()...)
	case *Show:
		add(n.Text)
	case *Require:
		add(n.Text)
	case *ProofLine:
		add(n.Text, n.Text2)
	}
	return out
}

// texts are the texts of an effect.
func (e *Effect) texts() []*Label {
	switch {
	case e.Task != nil:
		return []*Label{e.Task.Text}
	case e.Notify != nil:
		return []*Label{e.Notify.Text}
	case e.Say != nil:
		return []*Label{e.Say.Text}
	case e.Flag != nil:
		return []*Label{e.Flag.Text}
	case e.Call != nil:
		return []*Label{e.Call.Text}
	}
	return nil
}

// labels are the first two places where a line gives its text for people.
func labels(n Node) (first, second *Label) {
	var all []*Label
	switch n := n.(type) {
	case *FieldLine:
		all = []*Label{n.Label, n.Label2, n.Label3}
	case *Term:
		all = []*Label{n.Label, n.Label2}
	case *Stage:
		all = []*Label{n.Label, n.Label2}
	case *Allocate:
		all = []*Label{n.Label, n.Label2}
	case *ProofLine:
		all = []*Label{n.Text, n.Text2}
	default:
		if h, l := headed(n); h != nil {
			all = []*Label{h.Label, l}
		}
	}
	for _, l := range all {
		switch {
		case l == nil:
		case first == nil:
			first = l
		case second == nil:
			second = l
		}
	}
	return first, second
}

// headed is the head of a declaration and the label that may stand behind the rest.
func headed(n Node) (*Head, *Label) {
	switch n := n.(type) {
	case *Let:
		return &n.Head, nil
	case *Choice:
		return &n.Head, nil
	case *Record:
		return &n.Head, nil
	case *Calendar:
		return &n.Head, nil
	case *Extern:
		return &n.Head, n.Label
	case *Score:
		return &n.Head, n.Label
	case *Rule:
		return &n.Head, n.Label
	case *Alert:
		return &n.Head, n.Label
	case *Segment:
		return &n.Head, n.Label
	case *Journey:
		return &n.Head, n.Label
	case *Action:
		return &n.Head, n.Label
	case *Metric:
		return &n.Head, n.Label
	case *Goal:
		return &n.Head, n.Label
	case *Remedy:
		return &n.Head, n.Label
	}
	return nil, nil
}

// LabelOf is the text for people of a line, wherever in it that stands; nil without one.
func LabelOf(n Node) *Label {
	first, _ := labels(n)
	return first
}

// HeadOf is the head of a declaration's line; nil for a line that has none.
func HeadOf(n Node) *Head {
	h, _ := headed(n)
	return h
}

// strays tells the Bad tokens of blocks that were not looked into: none may pass in silence, but
// of those that stand side by side for one cause only the first is told.
func (p *parser) strays(lines []*Line) {
	for _, l := range lines {
		if l.Block == NoBlock {
			told := source.Code("")
			for i := l.from; i < l.to; i++ {
				if p.file.Tokens[i].Kind != KindBad {
					told = ""
					continue
				}
				if code := badCode(p.file.tokenText(i)); code != told {
					told = code
					p.file.tell(code, i)
				}
			}
		}
		p.strays(l.kids)
	}
}

func firstRune(s string) (rune, int) { return utf8.DecodeRuneInString(s) }

func lastRune(s string) (rune, int) { return utf8.DecodeLastRuneInString(s) }
