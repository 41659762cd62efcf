package doc

import (
	"context"
	"io"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/a-h/templ"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/policy/say"
)

type component = templ.Component

// A view is the site in one language.
type view struct {
	*site
	lang string
	say.Speaker
}

// htmlLang is a language as pages name it: the form of a Chinese sign depends on the region.
func htmlLang(lang string) string {
	if lang == "zh" {
		return "zh-CN"
	}
	return lang
}

// A block is a piece of what is told about a declaration, below its first sentence.
type block struct {
	id      string // where something leads to it
	title   string
	lead    say.Phrase   // a sentence before the items
	items   []say.Phrase // a list
	table   *table
	picture *picture
}

// A table has a header for every column; the first cell of a row names the row.
type table struct {
	caption string
	heads   []string
	rows    []row
}

type row struct {
	id    string
	name  say.Phrase
	code  string // the name in the policy, where the label is another
	cells []cell
}

type cell struct {
	say.Phrase
	bar float64 // drawn before the text where it is not 0: a fraction
}

// A chapter is what a page says about one declaration.
type chapter struct {
	id, name, code, doc, place, mode string
	former                           []string
	blocks                           []block
	users                            []say.Phrase
}

// body is what stands in the middle of a page.
func (v *view) body(pg *page) component {
	switch pg.file {
	case overviewFile:
		return overview(v)
	case testsFile:
		return testsBody(v)
	case wordsFile:
		return wordsBody(v, v.words())
	}
	list := make([]chapter, len(pg.decls))
	for i := range pg.decls {
		list[i] = v.chapter(&pg.decls[i])
	}
	return chapters(v, list)
}

func (v *view) chapter(d *kind.Decl) chapter {
	h := d.Head
	c := chapter{id: idOf(h), name: v.Name(h), doc: h.Doc, place: v.place(h.Span), former: h.Was,
		blocks: v.blocks(d)}
	if h.Full != c.name {
		c.code = h.Full
	}
	if !d.Kind.Plain {
		c.mode = v.mode(h.Mode)
	}
	for _, u := range v.usedBy(h) {
		c.users = append(c.users, v.Head(u))
	}
	return c
}

// usersOf says who uses a declaration.
func (v *view) usersOf(c chapter) say.Phrase {
	return say.Form(v.Say("Used by: {1}.", "被以下内容使用：{1}。"), say.Join(c.users, v.Say(", ", "、")))
}

// mode says what a declaration is allowed to do, where it is not everything.
func (v *view) mode(m policy.Mode) string {
	switch m {
	case policy.Warn:
		return v.Say("only warns", "只提醒")
	case policy.Shadow:
		return v.Say("on trial: without effect", "试运行：不产生效果")
	case policy.Off:
		return v.Say("switched off", "已关闭")
	}
	return ""
}

// A word is a row of the glossary.
type word struct {
	name   say.Phrase
	en, zh string
	what   string
}

// words are all labels that have been given, in the order of the pages.
func (v *view) words() []word {
	var out []word
	add := func(name say.Phrase, label policy.Text, what string) {
		if label.Main == "" && label.En == "" && label.Zh == "" {
			return
		}
		w := word{name: name, en: label.En, zh: label.Zh, what: what}
		if w.en == "" && !chinese(label.Main) {
			w.en = label.Main
		}
		if w.zh == "" && chinese(label.Main) {
			w.zh = label.Main
		}
		out = append(out, w)
	}
	for _, pg := range v.pages {
		for i := range pg.decls {
			d := &pg.decls[i]
			what := v.Text(d.Kind.Label)
			add(say.Phrase{{Text: d.Head.Full, To: d.Head, Own: true}}, d.Head.Label, what)
			v.inner(d, func(name say.Phrase, label policy.Text) {
				add(name, label, v.Name(d.Head))
			})
		}
	}
	return out
}

// inner calls f for what has a label inside a declaration.
func (v *view) inner(d *kind.Decl, f func(say.Phrase, policy.Text)) {
	plain := func(name string) say.Phrase { return say.Phrase{{Text: name, Own: true}} }
	if d.Of != nil && &d.Of.Head == d.Head {
		for _, field := range d.Of.Fields {
			if field.System == policy.NotSystem {
				f(say.Phrase{{Text: field.Name, To: d.Head, In: field, Own: true}}, field.Label)
			}
		}
	}
	for _, j := range v.policy.Journeys {
		for _, g := range j.Stages {
			if &j.Head == d.Head {
				f(say.Phrase{{Text: g.Name, To: &g.Head, Own: true}}, g.Label)
			}
		}
	}
	for _, c := range v.policy.Choices {
		for _, x := range c.Values {
			if &c.Head == d.Head {
				f(plain(x.Name), x.Label)
			}
		}
	}
	for _, s := range v.policy.Scores {
		for i := range s.Terms {
			if &s.Head == d.Head {
				f(plain(s.Terms[i].Name), s.Terms[i].Label)
			}
		}
	}
	for _, s := range v.policy.Segments {
		for i := range s.Tiers {
			if &s.Head == d.Head {
				f(plain(s.Tiers[i].Name), s.Tiers[i].Label)
			}
		}
	}
}

// chinese reports whether a text has Chinese signs in it.
func chinese(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// foreign is the language of an author's text where it is not the page's, else "". Names in Latin
// letters stand on Chinese pages as they are, as they do in any Chinese text.
func (v *view) foreign(text string) string {
	if v.lang != "zh" && chinese(text) {
		return htmlLang("zh")
	}
	return ""
}

// langOf is the value of a lang attribute for an author's text.
func (v *view) langOf(text string) string {
	if lang := v.foreign(text); lang != "" {
		return lang
	}
	return htmlLang(v.lang)
}

// languageName is what a language calls itself.
func languageName(lang string) string {
	if lang == "zh" {
		return "中文"
	}
	return "English"
}

// firstLine is what a list shows of a comment.
func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// fragment leads to an id of the same page.
func fragment(id string) templ.SafeURL { return templ.SafeURL("#" + url.PathEscape(id)) }

// idAttr is an id where there is one.
func idAttr(id string) templ.Attributes {
	if id == "" {
		return nil
	}
	return templ.Attributes{"id": id}
}

// phrase writes a sentence with its links. It is no template, because a sentence has no blanks but
// its own.
func (v *view) phrase(p say.Phrase) component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var b strings.Builder
		for i := range p {
			v.run(&b, &p[i])
		}
		_, err := io.WriteString(w, b.String())
		return err
	})
}

func (v *view) run(b *strings.Builder, r *say.Run) {
	lang := ""
	if r.Own {
		lang = v.foreign(r.Text)
	}
	if lang != "" {
		lang = ` lang="` + lang + `"`
	}
	text := templ.EscapeString(r.Text)
	switch href := v.href(r); {
	case href != "":
		b.WriteString(`<a href="` + templ.EscapeString(href) + `"` + lang + `>` + text + `</a>`)
	case lang != "":
		b.WriteString(`<span` + lang + `>` + text + `</span>`)
	default:
		b.WriteString(text)
	}
}

// own is an author's text as a phrase.
func own(s string) say.Phrase { return say.Phrase{{Text: s, Own: true}} }

func (v *view) number(n int) string { return strconv.Itoa(n) }
