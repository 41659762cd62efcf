package pages

import (
	"path"
	"strings"

	"github.com/throughline/throughline/dsl/source"
)

// words are those of a page that are not the code's own.
type words struct {
	cause, mend, example, told, right, none, all, other, otherLang string

	severity [3]string
	phases   map[string]string
}

func wordsOf(lang string) words {
	if lang == "zh" {
		return words{cause: "原因", mend: "如何改正", example: "示例", told: "得到的提示：",
			right: "改正后：", none: "没有示例：", all: "全部代码", other: "English", otherLang: "en",
			severity: [3]string{"错误：策略不能运行，或记录被拒绝。", "警告：很可能不是本意。", "提示。"},
			phases: map[string]string{"T01": "语法", "T02": "名称与引入", "T03": "类型与单位",
				"T04": "声明", "T05": "本版本尚不执行的内容", "T06": "记录与决定", "T07": "测试",
				"T08": "证明", "T09": "分配"}}
	}
	return words{cause: "Cause", mend: "How to mend it", example: "Example", told: "What is told:",
		right: "Mended:", none: "There is no example: ", all: "All codes", other: "中文", otherLang: "zh",
		severity: [3]string{"Error: the policy cannot run, or the record is rejected.",
			"Warning: most likely not what is meant.", "Note."},
		phases: map[string]string{"T01": "Syntax", "T02": "Names and imports",
			"T03": "Types and units", "T04": "Declarations", "T05": "What this version does not run",
			"T06": "Records and decisions", "T07": "Tests", "T08": "Proofs", "T09": "Allocations"}}
}

// FileName is the name of a page's Markdown file.
func FileName(c source.Code, lang string) string { return string(c) + ending(lang) }

// IndexName is the name of the index's Markdown file.
func IndexName(lang string) string { return "README" + ending(lang) }

func ending(lang string) string {
	if lang == "zh" {
		return ".zh-CN.md"
	}
	return ".md"
}

// title is the code's sentence with an ellipsis for what differs from case to case.
func title(c source.Code, lang string) string {
	args := make([]string, 10)
	for i := range args {
		args[i] = "…"
	}
	return c.Message(lang, args)
}

// Title is the page's first line.
func (p *Page) Title(lang string) string { return string(p.Code) + ": " + title(p.Code, lang) }

// Markdown is the page as a document.
func (p *Page) Markdown(lang string) string {
	w, text := wordsOf(lang), p.prose[lang]
	var b strings.Builder
	b.WriteString("# " + p.Title(lang) + "\n\n*" + w.severity[p.Code.Severity()] + "*\n\n")
	b.WriteString(text.meaning + "\n\n## " + w.cause + "\n\n" + text.cause + "\n\n## " + w.mend +
		"\n\n" + text.mend + "\n\n## " + w.example + "\n\n")
	if p.Exempt != "" {
		b.WriteString(w.none + p.Exempt + "\n\n")
	} else {
		fences(&b, p.Files)
		b.WriteString(w.told + "\n\n```text\n" + p.told[lang] + "```\n\n")
		b.WriteString(w.right + "\n\n")
		fences(&b, p.Mended)
	}
	b.WriteString("[" + w.all + "](" + IndexName(lang) + ") · [" + w.other + "](" +
		FileName(p.Code, w.otherLang) + ")\n")
	return b.String()
}

func fences(b *strings.Builder, files []source.File) {
	for _, f := range files {
		if len(files) > 1 || f.Name != "a.thru" {
			b.WriteString("`" + f.Name + "`\n\n")
		}
		kind := strings.TrimPrefix(path.Ext(f.Name), ".")
		if kind == "" {
			kind = "text"
		}
		b.WriteString("```" + kind + "\n" + f.Text + "```\n\n")
	}
}

// Text is the page for a terminal.
func (p *Page) Text(lang string) string {
	w, text := wordsOf(lang), p.prose[lang]
	var b strings.Builder
	b.WriteString(p.Title(lang) + "\n" + w.severity[p.Code.Severity()] + "\n\n")
	wrapped(&b, text.meaning)
	b.WriteString("\n" + w.cause + "\n")
	wrapped(&b, text.cause)
	b.WriteString("\n" + w.mend + "\n")
	wrapped(&b, text.mend)
	b.WriteString("\n")
	if p.Exempt != "" {
		b.WriteString(w.none + p.Exempt + "\n")
		return b.String()
	}
	b.WriteString(w.example + "\n")
	indented(&b, p.Files)
	b.WriteString(w.told + "\n")
	indented(&b, []source.File{{Name: "a.thru", Text: p.told[lang]}})
	b.WriteString(w.right + "\n")
	indented(&b, p.Mended)
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// lineWidth is how many columns of a terminal a page's text takes.
const lineWidth = 78

// wrapped writes a paragraph in lines: broken at blanks, and Chinese, which has none, anywhere but
// before a sign that closes.
func wrapped(b *strings.Builder, text string) {
	column, blank := 0, ""
	for _, word := range pieces(text) {
		if word == " " {
			blank = word
			continue
		}
		n := len(blank) + source.Columns(word)
		switch {
		case column == 0:
			n -= len(blank)
		case column+n > lineWidth:
			b.WriteString("\n")
			column, n = 0, n-len(blank)
		default:
			b.WriteString(blank)
		}
		b.WriteString(word)
		column, blank = column+n, ""
	}
	b.WriteString("\n")
}

// pieces are the parts of a text between which a line may be broken.
func pieces(text string) []string {
	var out []string
	last := ""
	for _, r := range text {
		c := string(r)
		wide := source.Columns(c) == 2
		closing := strings.ContainsRune("，。；：、？！）”》", r)
		switch {
		case last == "" || c == " " || last == " " || wide && !closing || isWide(last) && !closing:
			out = append(out, c)
		default:
			out[len(out)-1] += c
		}
		last = c
	}
	return out
}

func isWide(c string) bool { return source.Columns(c) == 2 }

func indented(b *strings.Builder, files []source.File) {
	for _, f := range files {
		if len(files) > 1 || f.Name != "a.thru" {
			b.WriteString("  " + f.Name + "\n")
		}
		for line := range strings.Lines(f.Text) {
			b.WriteString("    " + line)
		}
		b.WriteString("\n")
	}
}

// List is the list of all codes for a terminal.
func List(lang string) string {
	var b strings.Builder
	for _, c := range inOrder() {
		b.WriteString(string(c) + "  " + title(c, lang) + "\n")
	}
	return b.String()
}

// Index is the list of all codes as a document, by phase.
func Index(lang string) string {
	w := wordsOf(lang)
	var b strings.Builder
	if lang == "zh" {
		b.WriteString("# 代码\n\n程序指出的每一处问题都有一个代码。`thru help T0101` 显示其说明。\n")
	} else {
		b.WriteString("# Codes\n\nWhatever the program tells of a policy or a record has a code. " +
			"`thru help T0101` shows its page.\n")
	}
	phase := ""
	for _, c := range inOrder() {
		if p := string(c[:3]); p != phase {
			phase = p
			b.WriteString("\n## " + w.phases[p] + "\n\n")
		}
		b.WriteString("- [" + string(c) + "](" + FileName(c, lang) + ") " + title(c, lang) + "\n")
	}
	b.WriteString("\n[" + w.other + "](" + IndexName(w.otherLang) + ")\n")
	return b.String()
}
