package trial

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/plural"
)

// told are the words of backtests in one language; the two stand side by side.
type told struct {
	head, differ, alike, first, nothing string
	stays, still, none                  string
	person, region, count               string
}

func toldIn(lang string) told {
	if lang == "zh" {
		return told{
			head: "%d 条记录，%s 至 %s\n", differ: "%d 处决定不同。\n", alike: "两个策略的决定相同。\n",
			first: "最早的不同：", nothing: "没有记录。\n",
			stays: "持续 %d 次，共 %s，中位 %s", still: "，%d 个未结束", none: "–",
			person: "人员", region: "区域", count: "%d 处只在旧策略，%d 处只在新策略，%d 处改变",
		}
	}
	return told{
		head: "%d record{|s}, %s to %s\n", differ: "%d decision{ differs|s differ}.\n",
		alike: "The two policies decide alike.\n", first: "The first difference: ",
		nothing: "No records.\n",
		stays:   "open %d time{|s}, %s in all, median %s", still: ", %d still open", none: "–",
		person: "person", region: "region", count: "%d only in the old, %d only in the new, %d changed",
	}
}

// AppendText writes what a difference says as a line: when, what, of whom, and both sides.
func (d *Difference) AppendText(dst []byte) []byte {
	dst = append(dst, value.Style{Zone: d.zone}.Text(value.OfWord(value.Time, d.Moment))...)
	for _, s := range []string{d.Rule, d.What, d.Subject} {
		if s != "" {
			dst = append(append(dst, ' '), s...)
		}
	}
	side := func(is bool, text string) string {
		switch {
		case !is:
			return value.MissingText
		case text == "":
			return "✓"
		}
		return text
	}
	return append(dst, ": "+side(d.InOld, d.Old)+" → "+side(d.InNew, d.New)...)
}

// AppendJSON writes a difference as one object; a side that says nothing is null.
func (d *Difference) AppendJSON(dst []byte) []byte {
	dst = value.AppendTime(append(dst, `{"at":"`...), d.Moment, d.zone)
	dst = append(dst, '"')
	for _, f := range [][2]string{{"kind", d.What}, {"rule", d.Rule}, {"of", d.Subject},
		{"person", d.Person}, {"region", d.Region}} {
		if f[1] != "" {
			dst = value.AppendQuoted(append(dst, `,"`+f[0]+`":`...), f[1])
		}
	}
	dst = appendSide(append(dst, `,"old":`...), d.InOld, d.Old)
	return append(appendSide(append(dst, `,"new":`...), d.InNew, d.New), '}')
}

func appendSide(dst []byte, is bool, text string) []byte {
	if !is {
		return append(dst, "null"...)
	}
	return value.AppendQuoted(dst, text)
}

// pair is what a declaration does under both policies.
type pair struct {
	kind, name string
	old, new   Tally
	differ     Count
}

// pairs are all declarations that either policy has, by name.
func (b *Backtest) pairs(names map[string]string) []pair {
	var out []pair
	at := func(kind, name string) *pair {
		i := slices.IndexFunc(out, func(p pair) bool { return p.name == name })
		if i < 0 {
			out = append(out, pair{kind: kind, name: name})
			i = len(out) - 1
		}
		return &out[i]
	}
	for _, t := range b.New {
		at(t.Kind, t.Name).new = t
	}
	for _, t := range b.Old {
		at(t.Kind, cmp.Or(names[t.Name], t.Name)).old = t
	}
	for _, c := range b.Rules {
		if i := slices.IndexFunc(out, func(p pair) bool { return p.name == c.Name }); i >= 0 {
			out[i].differ = c
		}
	}
	slices.SortFunc(out, func(a, b pair) int { return strings.Compare(a.name, b.name) })
	return out
}

// AppendText writes the sums as people read them.
func (b *Backtest) AppendText(dst []byte, lang string) []byte {
	w := toldIn(lang)
	if b.Records == 0 {
		return append(dst, w.nothing...)
	}
	show := func(m int64) string {
		return value.Style{Zone: b.zone}.Text(value.OfWord(value.Time, m))
	}
	dst = append(dst, plural.Sprintf(w.head, b.Records, show(b.From), show(b.To))...)
	all := b.pairs(b.names)
	width := 0
	for _, p := range all {
		width = max(width, source.Columns(kind.Named(p.kind, lang)+" "+p.name))
	}
	for _, p := range all {
		dst = fmt.Appendf(dst, "  %s  %7d → %-7d", padded(kind.Named(p.kind, lang)+" "+p.name, width),
			p.old.Fired, p.new.Fired)
		if n := p.differ.All(); n > 0 {
			dst = fmt.Appendf(dst, " ±%d", n)
		}
		if p.old.Stays+p.new.Stays > 0 {
			dst = append(dst, "  "+p.old.stays(w, lang)+" → "+p.new.stays(w, lang)...)
		}
		dst = append(trimmed(dst), '\n')
	}
	for _, g := range []struct {
		name string
		list []Count
	}{{w.person, b.People}, {w.region, b.Regions}} {
		for _, c := range g.list {
			dst = fmt.Appendf(dst, "  %s %s: "+w.count+"\n", g.name, c.Name, c.OnlyOld, c.OnlyNew, c.Change)
		}
	}
	if b.First == nil {
		return append(dst, w.alike...)
	}
	dst = append(b.First.AppendText(append(dst, w.first...)), '\n')
	return append(dst, plural.Sprintf(w.differ, b.Differences)...)
}

func trimmed(b []byte) []byte { return []byte(strings.TrimRight(string(b), " ")) }

func padded(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-source.Columns(s)))
}

func (t *Tally) stays(w told, lang string) string {
	if t.Stays == 0 {
		return w.none
	}
	text := plural.Sprintf(w.stays, t.Stays, length(t.Total, lang), length(t.Median, lang))
	if t.Open > 0 {
		text += fmt.Sprintf(w.still, t.Open)
	}
	return text
}

// length is a time as people read it, in microseconds: a stay that ended with a day ended a
// microsecond before the next, which nobody wants to read.
func length(micro int64, lang string) string {
	to := int64(time.Second / time.Microsecond)
	if micro >= 60*60*to {
		to *= 60
	}
	if micro >= to {
		micro = (micro + to/2) / to * to
	}
	return value.Style{Lang: lang}.Text(value.OfWord(value.Duration, micro))
}

// AppendText writes how often a declaration fired, as a line without its end.
func (t *Tally) AppendText(dst []byte, lang string, width int) []byte {
	name := padded(kind.Named(t.Kind, lang)+" "+t.Name, width)
	dst = fmt.Appendf(dst, "  %s %7d", name, t.Fired)
	if t.Stays > 0 {
		dst = append(dst, "  "+t.stays(toldIn(lang), lang)...)
	}
	return dst
}

// AppendJSON writes a tally as one object; lengths are in seconds.
func (t *Tally) AppendJSON(dst []byte) []byte {
	dst = value.AppendQuoted(append(dst, `{"kind":`...), t.Kind)
	dst = value.AppendQuoted(append(dst, `,"name":`...), t.Name)
	return append(t.appendNumbers(append(dst, ',')), '}')
}

func (t *Tally) appendNumbers(dst []byte) []byte {
	dst = fmt.Appendf(dst, `"fired":%d,"stays":%d,"open":%d,"seconds":`, t.Fired, t.Stays, t.Open)
	dst = strconv.AppendFloat(dst, float64(t.Total)/1e6, 'f', -1, 64)
	return strconv.AppendFloat(append(dst, `,"median":`...), float64(t.Median)/1e6, 'f', -1, 64)
}

// AppendJSON writes the sums, one object a line: declarations, people, regions, the whole.
func (b *Backtest) AppendJSON(dst []byte) []byte {
	for _, p := range b.pairs(b.names) {
		dst = value.AppendQuoted(append(dst, `{"declaration":`...), p.name)
		dst = value.AppendQuoted(append(dst, `,"kind":`...), p.kind)
		dst = append(p.old.appendNumbers(append(dst, `,"old":{`...)), '}')
		dst = append(p.new.appendNumbers(append(dst, `,"new":{`...)), '}')
		dst = append(p.differ.appendNumbers(dst), "}\n"...)
	}
	for _, g := range []struct {
		name string
		list []Count
	}{{"person", b.People}, {"region", b.Regions}} {
		for _, c := range g.list {
			dst = value.AppendQuoted(append(dst, `{"`+g.name+`":`...), c.Name)
			dst = append(c.appendNumbers(dst), "}\n"...)
		}
	}
	dst = fmt.Appendf(dst, `{"records":%d`, b.Records)
	if b.Records > 0 {
		dst = value.AppendTime(append(dst, `,"from":"`...), b.From, b.zone)
		dst = append(value.AppendTime(append(dst, `","to":"`...), b.To, b.zone), '"')
	}
	return fmt.Appendf(dst, `,"differences":%d}`+"\n", b.Differences)
}

func (c Count) appendNumbers(dst []byte) []byte {
	return fmt.Appendf(dst, `,"only_old":%d,"only_new":%d,"changed":%d`, c.OnlyOld, c.OnlyNew,
		c.Change)
}
