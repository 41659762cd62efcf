package builder

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/builder/edit"
	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// A drawing makes the board of a text. It stands also while the text is wrong: what has a meaning
// comes from the checked policy where that has it, all else is shown as it is written.
type drawing struct {
	text   *edit.Text
	policy *policy.Policy // of this very text; it may have mistakes
	lang   string
	speak  say.Speaker
	needs  map[string]map[int32]*policy.Requirement // by file and where they stand
	names  map[string]*policy.Head
	ids    map[string]int
	traces []trace // of pinned records
}

// on draws what pinned records have and lack over the board.
func (d *drawing) on(list []trace) *drawing {
	d.traces = list
	return d
}

// marks are what pinned records that are in a stage have or lack of a line of it.
func (d *drawing) marks(p place) (out []view.Mark) {
	need, ok := p.line.Node.(*syntax.Require)
	if !ok || need.Kind == "entry" || len(p.path) != 3 {
		return nil
	}
	at := p.line.File().Name + ":" + strconv.Itoa(lineOf(p.line))
	for i := range d.traces {
		t := &d.traces[i]
		if t.journey != p.path[0] || t.stage != p.path[1] {
			continue
		}
		m := view.Mark{Tone: view.Good, Text: t.id + d.say(words.Colon) + d.say(words.BenchMet)}
		if text, unmet := t.lines[at]; unmet {
			m = view.Mark{Tone: view.Warn, Text: t.id + d.say(words.Colon) +
				strings.TrimSpace(d.say(words.BenchUnmet)+" "+text)}
		}
		if out = append(out, m); len(out) == mostMarks {
			break
		}
	}
	return out
}

// mostMarks is how many pinned records a card tells of.
const mostMarks = 3

func newDrawing(text *edit.Text, p *policy.Policy, lang string) *drawing {
	d := &drawing{text: text, policy: p, lang: lang, speak: say.In(lang),
		needs: map[string]map[int32]*policy.Requirement{}, names: map[string]*policy.Head{},
		ids: map[string]int{}}
	for _, j := range p.Journeys {
		for _, s := range j.Stages {
			for _, r := range append(append([]*policy.Requirement{}, s.Entry...), s.Must...) {
				d.learn(r)
			}
		}
	}
	for _, a := range p.Actions {
		d.names[a.Name] = &a.Head
	}
	for _, r := range p.Records {
		d.names[r.Name] = &r.Head
	}
	return d
}

func (d *drawing) learn(r *policy.Requirement) {
	if r.Span.IsZero() || int(r.Span.File) >= len(d.policy.Files) {
		return
	}
	file := d.policy.Files[r.Span.File].Name
	if d.needs[file] == nil {
		d.needs[file] = map[int32]*policy.Requirement{}
	}
	d.needs[file][r.Span.Off] = r
}

// meant is what a line requires, where the checker knows it.
func (d *drawing) meant(l *syntax.Line) *policy.Requirement {
	s := l.Span()
	for off, r := range d.needs[l.File().Name] {
		if s.Off <= off && off < s.End {
			return r
		}
	}
	return nil
}

// used reports whether a journey is one of the policy, or would be if it had no mistake.
func (d *drawing) used(l *syntax.Line) bool {
	name := l.File().Name
	at := slices.IndexFunc(d.policy.Files,
		func(f source.File) bool { return f.Name == name })
	if at < d.policy.Own {
		return true
	}
	in := l.Whole()
	return slices.ContainsFunc(d.policy.Journeys, func(j *policy.Journey) bool {
		return slices.ContainsFunc(j.Stages, func(g *policy.Stage) bool {
			s := g.Span
			return int(s.File) == at && in.Off <= s.Off && s.Off < in.End
		})
	})
}

func (d *drawing) say(t words.Text) string { return t.In(d.lang) }

// board is all journeys of the text, in the order in which they stand. Of a package that is beside
// it there are those that are used.
func (d *drawing) board() []view.Journey {
	var out []view.Journey
	for i := range d.text.Files() {
		lines := d.text.Lines(i)
		for k, key := range edit.Keys(lines) {
			if n, ok := lines[k].Node.(*syntax.Journey); ok && d.used(lines[k]) {
				out = append(out, d.journey(edit.Path{key}, lines[k], n))
			}
		}
	}
	return out
}

func (d *drawing) journey(path edit.Path, l *syntax.Line, n *syntax.Journey) view.Journey {
	name := l.Name(n.Head.Name.Tok)
	j := view.Journey{ID: d.id("j", name), Code: name, Path: pathText(path),
		Name: d.label(l, cmp.Or(n.Head.Label, n.Label), name), File: l.File().Name, Of: l.Dotted(n.Of)}
	if h := d.names[j.Of]; h != nil {
		j.Of = d.speak.Name(h)
	}
	for i, key := range edit.Keys(l.Lines()) {
		at := place{append(path[:len(path):len(path)], key), i, l.Lines()[i]}
		if s, ok := at.line.Node.(*syntax.Stage); ok {
			j.Columns = append(j.Columns, d.column(at, s))
		} else {
			j.Loose = append(j.Loose, d.card(at))
		}
	}
	j.End = len(l.Lines())
	return j
}

// A place is a line with its path and its index in the block that it stands in.
type place struct {
	path edit.Path
	at   int
	line *syntax.Line
}

func (d *drawing) column(p place, n *syntax.Stage) view.Column {
	l := p.line
	name := l.Name(n.Name.Tok)
	c := view.Column{ID: d.id("c", p.path[0]+"/"+name), Code: name, Name: d.label(l, n.Label, name),
		Path: pathText(p.path), File: l.File().Name, At: p.at, Text: written(l, true)}
	if n.Label == nil && n.Label2 != nil {
		c.Name = d.label(l, n.Label2, name)
	}
	switch n.Is {
	case "won":
		c.Tone, c.Kind = view.Good, d.say(words.KindWon)
	case "lost":
		c.Tone, c.Kind = view.Plain, d.say(words.KindLost)
	}
	c.Holds = "must"
	if !strings.HasPrefix(c.Text, "stage") {
		c.Holds = "必做"
	}
	for i, key := range edit.Keys(l.Lines()) {
		k := l.Lines()[i]
		card := d.card(place{append(p.path[:len(p.path):len(p.path)], key), i, k})
		_, limit := k.Node.(*syntax.Sla)
		need, _ := k.Node.(*syntax.Require)
		if limit || need != nil && need.Kind == "entry" {
			c.Head = append(c.Head, card)
		} else {
			c.Cards = append(c.Cards, card)
		}
	}
	c.End = len(l.Lines())
	for i := range d.traces {
		if t := &d.traces[i]; t.journey == p.path[0] && t.stage == name {
			c.Pinned = append(c.Pinned, t.id)
		}
	}
	return c
}

// card is one line of a block. What a card cannot say by itself is on it as it is written.
func (d *drawing) card(p place) view.Item {
	l := p.line
	c := view.Item{Key: p.path[len(p.path)-1], At: p.at, Text: written(l, false),
		Whole: written(l, true), Kind: d.say(words.KindText)}
	c.Title = c.Text
	switch n := l.Node.(type) {
	case *syntax.Require:
		d.requirement(&c, l, n)
	case *syntax.Sla:
		c.Kind, c.Title = d.say(words.KindSLA), d.amount(l, n)
	case *syntax.Hook:
		kind := words.KindEnter
		switch {
		case strings.HasSuffix(n.On, "leave"):
			kind = words.KindLeave
		case strings.HasSuffix(n.On, "late"):
			kind = words.KindLate
		}
		c.Kind, c.Title = d.say(kind), ""
		for _, k := range l.Lines() {
			c.Chips = append(c.Chips, written(k, true))
		}
	case *syntax.Unmet:
		c.Kind, c.Title = d.say(words.KindUnmet), d.say(words.UnmetBlock)
		if word := l.Written(1); cmp.Or(english()[word], word) == "warn" {
			c.Title = d.say(words.UnmetWarn)
		}
	default:
		c.Plain = true
	}
	if c.Title == "" {
		c.Title = c.Kind
	}
	c.Marks = d.marks(p)
	c.ID = d.id("k", p.path[0]+"/"+c.Key)
	return c
}

func (d *drawing) requirement(c *view.Item, l *syntax.Line, n *syntax.Require) {
	c.Kind = d.say(words.KindMust)
	if n.Kind == "entry" {
		c.Kind = d.say(words.KindEntry)
	}
	r := d.meant(l)
	if n.Count != nil {
		name := l.Dotted(n.Count.Name)
		c.Title = name
		if h := d.names[name]; h != nil {
			c.Title = d.speak.Name(h)
		} else if h := d.names[name[strings.LastIndexByte(name, '.')+1:]]; h != nil {
			c.Title = d.speak.Name(h)
		}
		if r != nil && r.N > 1 {
			c.Chips = append(c.Chips, words.Times.With(strconv.Itoa(r.N)).In(d.lang))
		}
		if n.Count.Where != nil || n.Count.Distinct != nil || n.Count.Of != nil {
			c.Chips = append(c.Chips, "…") // the line below says what
		}
	} else if r != nil && r.X != nil {
		if text := d.speak.Expr(r.X).String(); text != "" {
			c.Title = text
		}
	}
	if r != nil && r.Within != nil {
		c.Chips = append(c.Chips, words.WithinFor.With(d.speak.Due(*r.Within).String()).In(d.lang))
	}
}

// amount is a stage's time limit in words.
func (d *drawing) amount(l *syntax.Line, _ *syntax.Sla) string {
	for _, j := range d.policy.Journeys {
		for _, s := range j.Stages {
			if x := s.Sla; x != nil && int(x.Span.File) < len(d.policy.Files) &&
				d.policy.Files[x.Span.File].Name == l.File().Name &&
				l.Span().Off <= x.Span.Off && x.Span.Off < l.Span().End {
				return d.speak.Due(x.Due).String()
			}
		}
	}
	return written(l, false)
}

// label is what people call what a line declares, in the language of whoever looks.
func (d *drawing) label(l *syntax.Line, n *syntax.Label, name string) string {
	return labelIn(l, n, name, d.lang)
}

// labelIn is a line's label in a language, else its name.
func labelIn(l *syntax.Line, n *syntax.Label, name, lang string) string {
	if n == nil {
		return name
	}
	t := policy.Text{Main: l.String(n.Text.Tok)}
	switch n.Lang {
	case "en":
		t.En = l.String(n.Other.Tok)
	case "zh":
		t.Zh = l.String(n.Other.Tok)
	}
	if text := say.In(lang).Text(t); text != "" {
		return text
	}
	return name
}

// id is the id of an element: it stays while what it is of keeps its name, so that a card which
// moved to another stage is the same element to whoever looks.
func (d *drawing) id(kind, name string) string {
	h := fnv.New64a()
	h.Write([]byte(name)) // never fails
	id := fmt.Sprintf("%s-%x", kind, h.Sum64())
	if d.ids[id]++; d.ids[id] > 1 {
		id += "-" + strconv.Itoa(d.ids[id])
	}
	return id
}

// written is a line as it is written, without or with its block.
func written(l *syntax.Line, whole bool) string {
	s := l.Span()
	if whole {
		s = l.Whole()
	}
	return strings.TrimSpace(l.File().Text[s.Off:s.End])
}

func lineOf(l *syntax.Line) int { return 1 + strings.Count(l.File().Text[:l.Span().Off], "\n") }

func pathText(p edit.Path) string {
	b, _ := json.Marshal(p) // texts in a list: it never fails
	return string(b)
}
