package lsp

import (
	"context"
	"fmt"
	"strings"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

func (s *server) hover(_ context.Context, p positionParams) (any, error) {
	h, ok := s.at(p.TextDocument.URI)
	if !ok {
		return nil, nil
	}
	off := h.d.offset(p.Position)
	if ref, ok := h.x.At(h.file, off); ok {
		return h.over(ref.To, h.d.span(ref.Span)), nil
	}
	file := h.x.Files[h.file]
	for _, k := range h.x.Keywords(h.file) {
		if k.Span.Off <= off && off <= k.Span.End {
			written := file.Text[k.Span.Off:k.Span.End]
			return &hover{markup{"markdown", s.wordText(k.Vocable, written)}, h.d.span(k.Span)}, nil
		}
	}
	if t := file.TokenAt(off); t.Kind == syntax.KindNumber {
		at := source.Span{File: h.file, Off: t.Off, End: t.End}
		if text := s.unitText(file.Text[t.Off:t.End]); text != "" {
			return &hover{markup{"markdown", text}, h.d.span(at)}, nil
		}
	}
	return nil, nil
}

// over is the answer to who hovers over a symbol.
func (h here) over(to *dsl.Symbol, at span) any {
	told := h.told(to)
	known := &hover{markup{"markdown", told}, at}
	rest := h.rest(to)
	if rest == nil {
		return known
	}
	s := h.s
	return aside(func(ctx context.Context) any {
		more := ""
		if !s.alone(ctx, func() { more = rest(ctx) }) || more == "" {
			return known
		}
		return &hover{markup{"markdown", fmt.Sprintf("%s\n---\n%s\n", told, more)}, at}
	})
}

// vocabulary is the one that the document is written in.
func (h here) vocabulary() string {
	if lang := h.x.Files[h.file].Lang(); lang != "" {
		return lang
	}
	if h.f.set.Lang != "" {
		return h.f.set.Lang
	}
	return h.s.lang
}

// told is what there is to say of a symbol.
func (h here) told(to *dsl.Symbol) string {
	lang := h.vocabulary()
	var b strings.Builder
	fmt.Fprintf(&b, "```thru\n%s\n```\n", head(to, lang))
	if label := labels(to.Label, h.s.lang); label != "" {
		fmt.Fprintf(&b, "\n**%s**\n", label)
	}
	if to.Doc != "" {
		fmt.Fprintf(&b, "\n%s\n", to.Doc)
	}
	if note := h.s.systemText(to); note != "" {
		fmt.Fprintf(&b, "\n%s\n", note)
	}
	return b.String()
}

// head is a symbol as its declaration begins, in a vocabulary.
func head(to *dsl.Symbol, lang string) string {
	name := to.Name
	if to.In != "" && to.Kind != "parameter" && to.Kind != "record" && !declares(to.Kind) {
		name = to.In + "." + name
	}
	if to.Fn != "" || to.Kind == "extern" {
		name += "(" + typeIn(to.Fn, lang) + ")"
	}
	out := word(to.Kind, lang) + " " + name
	switch {
	case to.Type == "" || to.Kind == "score":
	case to.Kind == "package" || to.Kind == "choice":
		out += " = " + to.Type
	default:
		out += " " + typeIn(to.Type, lang)
	}
	if to.In != "" && declares(to.Kind) {
		out += " " + syntax.WordIn("of", "declaration", lang) + " " + to.In
	}
	return out
}

// declares reports whether a word begins a declaration.
func declares(kind string) bool {
	switch kind {
	case "score", "rule", "alert", "segment", "journey", "action", "metric", "allocate":
		return true
	}
	return false
}

// word is a word for what something is: of the language where it has one.
func word(kind, lang string) string {
	if lang == "zh" {
		switch kind {
		case "field":
			return "字段"
		case "parameter":
			return "参数"
		case "record":
			return "记录"
		case "name":
			return "名称"
		case "term":
			return "分项"
		case "source":
			return "内置数据"
		}
	}
	switch kind {
	case "stage":
		return syntax.WordIn("stage", "declaration", lang)
	case "value", "source", "term", "record", "name":
		if lang != "zh" {
			return kind
		}
		return "取值"
	}
	return syntax.WordIn(kind, "", lang)
}

// typeIn writes the words of types of a vocabulary.
func typeIn(text, lang string) string {
	if lang != "zh" {
		return text
	}
	words := strings.Split(strings.ReplaceAll(text, "list of ", "list_of "), " ")
	for i, w := range words {
		bare := strings.TrimRight(w, "?,")
		en := strings.ReplaceAll(bare, "_", " ")
		if isType(en) {
			words[i] = syntax.WordIn(en, "", lang) + w[len(bare):]
		}
	}
	return strings.Join(words, " ")
}

func isType(w string) bool {
	for _, t := range typeWords() {
		if t == w {
			return true
		}
	}
	return false
}

// typeWords are the words of the built-in types.
func typeWords() []string {
	return []string{"text", "int", "number", "percent", "money", "bool", "date", "time", "duration",
		"distance", "point", "area", "photo", "audio", "file", "list of"}
}

// labels is a text for people in both languages, the reader's first.
func labels(t policy.Text, lang string) string {
	if t.Main == "" {
		return ""
	}
	first, second := t.Main, t.En
	if second == "" {
		second = t.Zh
	}
	if lang == "zh" && t.Zh != "" || lang == "en" && t.En != "" {
		first, second = second, first
	}
	if second == "" {
		return first
	}
	return first + " · " + second
}

// systemText explains the built-in fields.
func (s *server) systemText(to *dsl.Symbol) string {
	if to.Kind != "field" || !to.Span.IsZero() {
		return ""
	}
	switch to.Name {
	case "id":
		return s.say("Built in: the record's id.", "内置：记录的编号。")
	case "at":
		return s.say("Built in: when it happened.", "内置：发生的时间。")
	case "received":
		return s.say("Built in: when it came in.", "内置：收到的时间。")
	case "created":
		return s.say("Built in: when the first record of it came.", "内置：首条记录到达的时间。")
	case "updated":
		return s.say("Built in: the moment of the latest update.", "内置：最近一次更新的时间。")
	case "stage":
		return s.say("Built in: the stage of its journey.", "内置：旅程中所处的阶段。")
	case "stage_since":
		return s.say("Built in: since when it has been in its stage.", "内置：进入当前阶段的时间。")
	case "open":
		return s.say("Built in: whether its journey has not ended.", "内置：旅程是否尚未结束。")
	}
	return ""
}

// rest is what a running workspace or records have to say of a symbol; nil: nothing.
func (h here) rest(to *dsl.Symbol) func(context.Context) string {
	o := h.s.options
	switch {
	case o.Fired != nil && !to.Span.IsZero() && fires(to.Kind):
		return h.fired(to)
	case o.Metric != nil && to.Kind == "metric":
		return h.metric(to)
	case o.Live != nil && to.Part && to.Of != nil && to.Of.Kind == policy.Entity:
		return h.live(to)
	}
	return nil
}

func fires(kind string) bool {
	return kind == "rule" || kind == "alert" || kind == "segment" || kind == "journey"
}

// fired is how often a declaration would have fired over the records that the server was given.
func (h here) fired(to *dsl.Symbol) func(context.Context) string {
	s, lang, text := h.s, h.s.lang, h.f.snapshot()
	file, off := h.x.Texts[to.Span.File].Name, to.Span.Off
	failed := s.say("not tried on records: ", "未能在记录上试算：")
	return func(ctx context.Context) string {
		p := s.tried.sound(text)
		if p == nil {
			return ""
		}
		for _, d := range kind.All(p) {
			at := d.Head.Span
			if at.Off != off || p.Files[at.File].Name != file {
				continue
			}
			name, _, _ := strings.Cut(d.Head.Full, "/") // an alert by action is one of each
			said, err := s.options.Fired(ctx, p, name, lang)
			if err != nil {
				return failed + firstLine(err.Error())
			}
			return said
		}
		return ""
	}
}

// live is what a running workspace has for a field, score or tier of an entity.
func (h here) live(to *dsl.Symbol) func(context.Context) string {
	s, typ, expr := h.s, to.Of.Full, to.Name
	failed := s.say("no live value: ", "没有实时值：")
	of := s.say("now, of %d:", "现在，共 %d 个：")
	return func(ctx context.Context) string {
		got, err := s.options.Live(ctx, typ, expr)
		if err != nil {
			return failed + firstLine(err.Error())
		}
		var b strings.Builder
		fmt.Fprintf(&b, of, got.Total)
		for i, id := range got.IDs {
			fmt.Fprintf(&b, "\n- `%s` %s", id, got.Values[i])
		}
		return b.String()
	}
}

// metric is what a running workspace has for a metric.
func (h here) metric(to *dsl.Symbol) func(context.Context) string {
	s, name, lang := h.s, to.Name, h.s.lang
	failed := s.say("no live value: ", "没有实时值：")
	return func(ctx context.Context) string {
		got, err := s.options.Metric(ctx, name, lang)
		if err != nil {
			return failed + firstLine(err.Error())
		}
		return got
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// wordText is what a word of the language means, with its form in the other vocabulary.
func (s *server) wordText(v syntax.Vocable, written string) string {
	other := v.Zh
	if written == v.Zh {
		other = v.En
	}
	return fmt.Sprintf("**%s** · %s\n\n%s\n", written, other, s.meaning(v))
}

// meaning is the sentence about a word in the reader's language.
func (s *server) meaning(v syntax.Vocable) string {
	m, ok := meanings()[v.En+"/"+v.Role]
	if !ok {
		m = meanings()[v.En+"/"]
	}
	return s.say(m.en, m.zh)
}

// unitText is a number's unit in both vocabularies.
func (s *server) unitText(number string) string {
	unit := strings.TrimLeft(number, "0123456789._")
	for _, u := range syntax.Units() {
		if unit == u.En || unit == u.Zh {
			other := u.Zh
			if unit == u.Zh {
				other = u.En
			}
			m := meanings()["unit "+u.En+"/"]
			return fmt.Sprintf("**%s** · %s\n\n%s\n", unit, other, s.say(m.en, m.zh))
		}
	}
	return ""
}
