package diff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/source"
)

// saying is what a report says in one language; the two stand side by side.
type saying struct {
	what                       [6]string
	state                      [6]string
	reads, within, join, colon string
	comma                      string
	none, sum, leaves, called  string
}

func sayingIn(lang string) saying {
	if lang == "zh" {
		return saying{
			what:  [...]string{"不变", "新增", "移除", "改名", "改变", "次序改变"},
			state: [...]string{"", "运行状态保留", "运行状态随新名称移动", "运行状态重置", "安静地开始", "运行状态结束"},
			reads: "所读的内容有变：%s", within: "%s，位于 %s", join: "、", comma: "，", colon: "：",
			none: "含义没有变化。", sum: "%d 处改变；%d 个声明的运行状态继续。",
			leaves: "，处于此阶段的从第一阶段重新开始", called: "%s（%s）",
		}
	}
	return saying{
		what: [...]string{"the same", "added", "removed", "renamed", "changed", "in another order"},
		state: [...]string{"", "running state is kept", "running state moves to the new name",
			"running state is reset", "begins in silence", "running state ends"},
		reads: "what it reads has changed: %s", within: "%s, in %s", join: ", ", comma: ", ", colon: ": ",
		none: "No change in meaning.", sum: "%d changed; running state goes on in %d.",
		leaves: ", who is in it begins again in the first", called: "%s (%s)",
	}
}

// Text writes the report as people read it: by kind, each change with its details below.
func (r *Report) Text(lang string) string {
	s := sayingIn(lang)
	if r.Empty() {
		return s.none + "\n"
	}
	var b strings.Builder
	n := 0
	for _, g := range r.Groups {
		fmt.Fprintf(&b, "%s\n", kind.In(g.Label, lang))
		for i := range g.Changes {
			n++
			for j, line := range g.Changes[i].Says(lang) {
				indent := "  "
				if j > 0 {
					indent = "    "
				}
				b.WriteString(indent + line + "\n")
			}
		}
	}
	fmt.Fprintf(&b, s.sum+"\n", n, r.Kept)
	return b.String()
}

// Lines is the report in short: a line a declaration that is not what it was.
func (r *Report) Lines(lang string) []string {
	out := []string{}
	for _, g := range r.Groups {
		word := g.Kind
		if lang == "zh" {
			word = g.Label.Zh
		}
		for i := range g.Changes {
			out = append(out, word+" "+strings.Join(g.Changes[i].Says(lang), "; "))
		}
	}
	return out
}

// Says is a change in sentences: what became of the declaration, then its details.
func (c *Change) Says(lang string) []string {
	s := sayingIn(lang)
	name := c.Name
	if c.Was != "" {
		name = c.Was + " → " + c.Name
	}
	line := s.behind(name, labelIn(c.Label, lang)) + s.colon + s.what[c.What]
	if c.State != None {
		line += s.comma + s.state[c.State]
	}
	out := []string{line}
	for i := range c.Details {
		out = append(out, c.Details[i].says(lang, s))
	}
	if len(c.Reads) > 0 {
		var reads []string
		for _, t := range c.reads {
			reads = append(reads, s.behind(t.Name, labelIn(t.Label, lang)))
		}
		out = append(out, fmt.Sprintf(s.reads, strings.Join(reads, s.join)))
	}
	return out
}

// labelIn is a label in a language; "": there is none in it.
func labelIn(t policy.Text, lang string) string {
	text := t.En
	if lang == "zh" {
		text = t.Zh
	}
	han := strings.ContainsFunc(t.Main, func(r rune) bool { return unicode.Is(unicode.Han, r) })
	if text == "" && han == (lang == "zh") {
		text = t.Main
	}
	return text
}

// says is one detail: when: 60% → 65%, in completion(action in 7d) < 65%.
func (x *Detail) says(lang string, s saying) string {
	in := func(t policy.Text, of []called) string {
		if x.What == Renamed {
			of = nil // it is the names that differ
		}
		return s.label(kind.In(t, lang), lang, of, false)
	}
	old, now := in(x.Old, x.olds), in(x.New, x.news)
	part := s.label(kind.Named(x.Part, lang), lang, x.names, true)
	var text string
	switch {
	case x.What == Added || x.What == Removed:
		text = strings.TrimSuffix(s.what[x.What]+" "+old+now, " ")
	default:
		text = blank(old) + " → " + blank(now)
	}
	if x.What == Removed && strings.HasPrefix(x.Part, kind.StageName("")) {
		text += s.leaves
	}
	if w := in(x.Within, x.news); w != "" && w != now {
		text = fmt.Sprintf(s.within, text, w)
	}
	return part + s.colon + text
}

func blank(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// The report as JSON, one object a change.
type (
	changeJSON struct {
		Kind    string       `json:"kind"`
		Name    string       `json:"name"`
		Was     string       `json:"was,omitempty"`
		Change  string       `json:"change"`
		State   string       `json:"state,omitempty"`
		Details []detailJSON `json:"details,omitempty"`
		Reads   []string     `json:"reads,omitempty"`
		Old     string       `json:"old,omitempty"`
		New     string       `json:"new,omitempty"`
	}
	detailJSON struct {
		Part   string `json:"part"`
		Change string `json:"change"`
		Old    string `json:"old,omitempty"`
		New    string `json:"new,omitempty"`
		Within string `json:"within,omitempty"`
	}
)

// String is a change as JSON writes it.
func (w What) String() string {
	return [...]string{"same", "added", "removed", "renamed", "changed", "moved"}[w]
}

// String is a state as JSON writes it.
func (s State) String() string {
	return [...]string{"", "kept", "moved", "reset", "begun", "ended"}[s]
}

// AppendJSON writes one object a line for every change.
func (r *Report) AppendJSON(dst []byte) []byte {
	b := bytes.NewBuffer(dst)
	w := json.NewEncoder(b)
	w.SetEscapeHTML(false) // a condition is full of signs
	for _, g := range r.Groups {
		for _, c := range g.Changes {
			j := changeJSON{Kind: g.Kind, Name: c.Name, Was: c.Was, Change: c.What.String(),
				State: c.State.String(), Reads: c.Reads, Old: place(r.old, c.Old),
				New: place(r.new, c.New)}
			for _, x := range c.Details {
				j.Details = append(j.Details, detailJSON{x.Part, x.What.String(), kind.In(x.Old, "en"),
					kind.In(x.New, "en"), kind.In(x.Within, "en")})
			}
			if err := w.Encode(j); err != nil {
				panic("diff: texts cannot be written: " + err.Error())
			}
		}
	}
	return b.Bytes()
}

func place(p *policy.Policy, s source.Span) string {
	if s.IsZero() || int(s.File) >= len(p.Files) {
		return ""
	}
	f := p.Files[s.File]
	at := f.Position(s.Off)
	return fmt.Sprintf("%s:%d:%d", f.Name, at.Line, at.Col)
}
