package syntax

import "strings"

// translate says which tokens are written as other words to put a file into a vocabulary. Words
// of lines that did not parse stay as they are: only a node tells a word from a name.
func translate(f *File, lang string) map[int]string {
	if lang != "en" && lang != "zh" {
		return nil
	}
	t := &translator{f: f, zh: lang == "zh", swap: map[int]string{}}
	t.lines(f.Lines, FileBlock)
	return t.swap
}

type translator struct {
	f    *File
	zh   bool
	swap map[int]string
}

// lines translates lines; in is the block of the declaration they stand in.
func (t *translator) lines(lines []*Line, in BlockKind) {
	for _, l := range lines {
		if l.Node != nil {
			t.line(l, in)
		}
		below := in
		if in == FileBlock && len(l.Body) > 0 {
			below = t.declared(l)
		}
		t.lines(l.kids, below)
	}
}

// declared is what a declaration's lines stand in: its block, and for an alert that is on a metric
// for certain, across groups or on one of this file, that of metrics.
func (t *translator) declared(l *Line) BlockKind {
	a, ok := l.Node.(*Alert)
	if !ok {
		return l.Body[0].Block
	}
	if len(a.Across) > 0 {
		return MetricBlock
	}
	for _, d := range t.f.Lines {
		m, ok := d.Node.(*Metric)
		if ok && len(a.Of.Names) == 1 && d.Name(m.Head.Name.Tok) == l.Name(a.Of.Names[0].Tok) {
			return MetricBlock
		}
	}
	return AlertBlock
}

func (t *translator) line(l *Line, in BlockKind) {
	if n, ok := l.Node.(*For); ok && n.Count().Ok() {
		t.looks(l, n.Count().Tok)
		return
	}
	w := rolesOf(l, in)
	for i := l.from; i < l.to; i++ {
		switch t.f.Tokens[i].Kind {
		case KindNumber:
			t.number(i)
		case KindWord:
			if w.keyword(i - l.from) {
				i = t.word(l, w, i)
			}
		}
	}
}

// word swaps a word, or several that are one in the other vocabulary, and answers the last.
func (t *translator) word(l *Line, w *wordRoles, i int) int {
	text := t.f.tokenText(i)
	en := canon(text)
	if !t.zh {
		if en != text {
			t.swap[i] = en
		}
		return i
	}
	joined, last := t.joined(l, w, i)
	if joined != "" {
		t.swap[i] = joined
		for j := i + 1; j <= last; j++ {
			if t.f.Tokens[j].Kind == KindWord {
				t.swap[j] = ""
			}
		}
		return last
	}
	if zh := zhOf(en, w.role(i-l.from)); zh != "" {
		t.swap[i] = zh
	}
	return i
}

// joined finds a Chinese form for this word and the next together: `this week`, `not in`.
func (t *translator) joined(l *Line, w *wordRoles, i int) (string, int) {
	for j := i + 1; j < l.to; j++ {
		if ofKind[t.f.Tokens[j].Kind] == 0 {
			continue
		}
		if t.f.Tokens[j].Kind != KindWord || !w.keyword(j-l.from) {
			return "", i
		}
		return zhOf(canon(t.f.tokenText(i))+" "+canon(t.f.tokenText(j)), ""), j
	}
	return "", i
}

// looks swaps `for 3 in a row` and `连续 3 次`, whose words stand around the number.
func (t *translator) looks(l *Line, number Tok) {
	for i := l.from; i < l.to; i++ {
		if t.f.Tokens[i].Kind != KindWord || i == l.from+number.at() {
			continue
		}
		switch en := canon(t.f.tokenText(i)); {
		case t.zh && en == "for":
			t.swap[i] = zhOf("in a row", "")
		case t.zh && en == "in":
			t.swap[i] = zhOf("times", "")
		case t.zh && (en == "a" || en == "row"):
			t.swap[i] = ""
		case !t.zh && en == "in a row":
			t.swap[i] = "for"
		case !t.zh && en == "times":
			t.swap[i] = "in a row"
		}
	}
}

// number swaps the units of a number: 4wh and 4个工时, 1h30min and 1小时30分钟.
func (t *translator) number(i int) {
	text := fold(t.f.tokenText(i))
	var out strings.Builder
	for at := 0; at < len(text); {
		end := at
		for end < len(text) && (isDigit(rune(text[end])) || text[end] == '.' || text[end] == '_') {
			end++
		}
		out.WriteString(text[at:end])
		unit := end
		for unit < len(text) && !isDigit(rune(text[unit])) {
			unit++
		}
		out.WriteString(t.unit(text[end:unit]))
		at = unit
	}
	if s := out.String(); s != text {
		t.swap[i] = s
	}
}

func (t *translator) unit(u string) string {
	for _, row := range Units() {
		if t.zh && u == row.En {
			return row.Zh
		}
		if !t.zh && u == row.Zh {
			return row.En
		}
	}
	return u
}
