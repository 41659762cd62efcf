package cover

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// words are what a report says in one language; the two stand side by side.
type words struct {
	names                          [whats]string
	all, side, never               string
	yes, no, unknown, colon, title string
	covered, partly, unseen, also  string
	taken, lapsed                  string // of an offer: it never was
}

func wordsIn(lang string) words {
	if lang == "zh" {
		return words{
			names: [whats]string{"规则", "预警", "分群", "声明", "评分项", "阶段", "转移", "去向",
				"表格行", "凭证", "条件"},
			all: "合计", also: "，%d 个也曾未知",
			side: "%s 从未为%s", never: "%s 从未出现", yes: "真", no: "假", unknown: "未知", colon: "：",
			covered: "看到", partly: "只看到一半", unseen: "没有看到", title: "测试覆盖",
			taken: "%s 从未被接受", lapsed: "%s 从未逾期",
		}
	}
	return words{
		names: [whats]string{"rules", "alerts", "segments", "declarations", "score terms", "stages",
			"transitions", "outcomes", "rows", "proof", "conditions"},
		all: "all", also: ", %d also unknown",
		side: "%s was never %s", never: "%s was never seen", yes: "true", no: "false",
		unknown: "unknown", colon: ": ",
		covered: "seen", partly: "one way only", unseen: "not seen",
		title: "Test coverage", taken: "%s was never accepted", lapsed: "%s never lapsed",
	}
}

// Share is how much of something was seen.
type Share struct{ Seen, All int }

// Percent is a share as hundredths; of nothing it is 100.
func (s Share) Percent() float64 {
	if s.All == 0 {
		return 100
	}
	return float64(s.Seen) / float64(s.All) * 100
}

// String writes 40/44 as 90.9%, rounded down: only everything is 100%.
func (s Share) String() string {
	if s.Seen == s.All {
		return "100%"
	}
	tenths := s.Seen * 1000 / s.All
	return fmt.Sprintf("%d.%d%%", tenths/10, tenths%10)
}

// Share is what was seen of one kind of points.
func (c *Coverage) Share(w What) Share {
	var s Share
	for _, p := range c.Points {
		if p.What == w {
			seen, all := p.Sides()
			s.Seen, s.All = s.Seen+seen, s.All+all
		}
	}
	return s
}

// Total is what was seen of everything.
func (c *Coverage) Total() Share {
	var s Share
	for w := range whats {
		x := c.Share(w)
		s.Seen, s.All = s.Seen+x.Seen, s.All+x.All
	}
	return s
}

// Unseen are the points of which a side is missing.
func (c *Coverage) Unseen() []*Point {
	var out []*Point
	for _, p := range c.Points {
		if seen, all := p.Sides(); seen < all {
			out = append(out, p)
		}
	}
	return out
}

// AppendText writes the coverage as a table and then what is missing, each with its place.
func (c *Coverage) AppendText(dst []byte, lang string) []byte {
	w := wordsIn(lang)
	line := func(name string, s Share, unknown int) {
		if s.All == 0 {
			return
		}
		pad := strings.Repeat(" ", max(0, 14-source.Columns(name)))
		dst = fmt.Appendf(dst, "%s%s%5d /%5d %7s", name, pad, s.Seen, s.All, s)
		if unknown > 0 {
			dst = fmt.Appendf(dst, w.also, unknown)
		}
		dst = append(dst, '\n')
	}
	for k := range whats {
		line(w.names[k], c.Share(k), c.unknown(k))
	}
	line(w.all, c.Total(), 0)
	return c.AppendUnseen(dst, lang)
}

// unknown counts the conditions that were unknown at least once.
func (c *Coverage) unknown(w What) (n int) {
	for _, p := range c.Points {
		if p.What == w && p.Seen.Unknown > 0 {
			n++
		}
	}
	return n
}

// AppendUnseen names what is missing, one thing a line.
func (c *Coverage) AppendUnseen(dst []byte, lang string) []byte {
	w := wordsIn(lang)
	out := decision.NewWriter(c.policy, decision.Options{Lang: lang})
	for _, p := range c.Unseen() {
		dst = append(append(dst, c.place(out, p)...), ": "...)
		dst = append(dst, p.says(w, lang)...)
		dst = append(dst, '\n')
	}
	return dst
}

// place is where a point stands, as from where its reader is.
func (c *Coverage) place(w *decision.Writer, p *Point) string {
	return path.Join(c.Dir, string(w.AppendPlace(nil, p.Span)))
}

// says is what is missing of a point: Weak when: Health < 45 was never false.
func (p *Point) says(w words, lang string) string {
	name := kind.Named(p.Kind, lang) + " " + p.Decl
	if p.Part != "" {
		name += " " + kind.Named(p.Part, lang)
		if p.What != Outcome { // what stands there is the declaration's own name
			name += w.colon + oneLine(p.Text)
		}
	}
	missing := p.Missing()
	if len(missing) == 1 && p.both {
		return fmt.Sprintf(map[string]string{"true": w.taken, "false": w.lapsed}[missing[0]], name)
	}
	if len(missing) == 1 && missing[0] != "" {
		side := w.no
		if missing[0] == "true" {
			side = w.yes
		}
		return fmt.Sprintf(w.side, name, side)
	}
	return fmt.Sprintf(w.never, name)
}

// oneLine is a text without its line ends, cut to what a line holds.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}

// AppendJSON writes one object a point and at the end one for the whole.
func (c *Coverage) AppendJSON(dst []byte) []byte {
	out := decision.NewWriter(c.policy, decision.Options{})
	for _, p := range c.Points {
		dst = value.AppendQuoted(append(dst, `{"cover":`...), p.What.String())
		dst = value.AppendQuoted(append(dst, `,"kind":`...), p.Kind)
		dst = value.AppendQuoted(append(dst, `,"name":`...), p.Decl)
		dst = value.AppendQuoted(append(dst, `,"part":`...), p.Part)
		dst = value.AppendQuoted(append(dst, `,"source":`...), c.place(out, p))
		dst = value.AppendQuoted(append(dst, `,"text":`...), oneLine(p.Text))
		dst = strconv.AppendUint(append(dst, `,"true":`...), p.Seen.True, 10)
		if p.twoSided() {
			dst = strconv.AppendUint(append(dst, `,"false":`...), p.Seen.False, 10)
			dst = strconv.AppendUint(append(dst, `,"unknown":`...), p.Seen.Unknown, 10)
		}
		seen, all := p.Sides()
		dst = strconv.AppendBool(append(dst, `,"covered":`...), seen == all)
		dst = append(dst, "}\n"...)
	}
	t := c.Total()
	return fmt.Appendf(dst, `{"covered":%d,"of":%d,"percent":%s}`+"\n", t.Seen, t.All,
		strings.TrimSuffix(t.String(), "%"))
}

// String is a kind of points as JSON and files write it.
func (w What) String() string {
	return [...]string{"rule", "alert", "segment", "declaration", "term", "stage", "transition",
		"outcome", "row", "proof", "condition"}[w]
}
