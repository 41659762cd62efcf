package doc

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/cover"
	"github.com/throughline/throughline/engine/trial"
)

// Package is what the page of a package tells: what its policy says, and what stands beside it.
type Package struct {
	Policy   *policy.Policy
	Manifest dsl.Manifest
	Tests    int             // how many it has
	Failed   int             // of them
	Cover    *cover.Coverage // what they see
	History  []Release       // its versions, the newest first
	Library  bool            // it is one of the library, whose packages stand beside each other
}

// Release is a version, with what changed in meaning since the one before: nothing said of the
// first.
type Release struct {
	Version string
	Changes func(lang string) string // nil: there is none before it
}

// ReadPackage reads the package in a file system, where what it requires stands beside it, and runs
// its tests. Where the policy has errors the package is not whole, and they are all there is.
func ReadPackage(in fs.FS) (*Package, []source.Diagnostic, error) {
	m, bad, err := dsl.ReadManifest(in, ".")
	if err != nil {
		return nil, nil, err
	}
	p, diags, err := dsl.Load(in, ".")
	if err != nil || dsl.HasErrors(append(bad, diags...)) {
		return &Package{Policy: p, Manifest: m}, diags, err
	}
	c := trial.Cover(p, trial.Options{Lang: "en",
		Read: func(name string) ([]byte, error) { return fs.ReadFile(in, name) }}, nil)
	k := &Package{Policy: p, Manifest: m, Tests: len(c.Results), Cover: c.Cover}
	for _, r := range c.Results {
		if !r.Passed {
			k.Failed++
		}
	}
	return k, diags, nil
}

// Page is the package's page in a language, as Markdown: what it is for, its actions as sentences,
// its parameters, the sample journey, what it measures and records, its tests, its changes and what
// it works with.
func (k *Package) Page(lang string) []byte {
	s := newSite(k.Policy, []string{lang})
	v := &sheet{view: &view{site: s, lang: lang, Speaker: say.In(lang)}, k: k}
	v.begin()
	v.actions()
	v.parameters()
	v.journeys()
	v.measures()
	v.records()
	v.tests()
	v.changes()
	v.works()
	text := bytes.ReplaceAll(v.b.Bytes(), []byte("\n\n\n"), []byte("\n\n"))
	return append(bytes.TrimRight(text, "\n"), '\n')
}

// PageName is the file that holds the page of a package in a language.
func PageName(name, lang string) string {
	if lang == "zh" {
		return name + ".zh-CN.md"
	}
	return name + ".md"
}

// A sheet is a page that is being written.
type sheet struct {
	*view
	k *Package
	b bytes.Buffer
}

func (v *sheet) line(format string, args ...any) { fmt.Fprintf(&v.b, format+"\n", args...) }

func (v *sheet) head(en, zh string) { v.line("\n## %s\n", v.Say(en, zh)) }

// mark keeps an author's signs from meaning anything to Markdown.
var mark = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "<", "&lt;",
	"[", `\[`, "|", `\|`, "\n", " ")

// plain is a sentence as Markdown.
func plain(p say.Phrase) string { return mark.Replace(p.String()) }

func (v *sheet) begin() {
	m := &v.k.Manifest
	title := m.Title
	if v.lang != "zh" && chinese(title) {
		title = ""
		for _, j := range v.policy.Journeys {
			if int(j.Span.File) < v.policy.Own && title == "" {
				title = v.Name(&j.Head)
			}
		}
	}
	if title != "" {
		title += " "
	}
	v.line("# %s`%s`", title, m.Name)
	v.head("What it is for", "用途")
	var n int
	raises := map[bool][]string{}
	for _, a := range v.policy.Actions {
		if !v.ours(&a.Head) {
			continue
		}
		n++
		if name := v.metricName(a.Moves); name != "" && !slices.Contains(raises[a.MovesUp], name) {
			raises[a.MovesUp] = append(raises[a.MovesUp], name)
		}
	}
	v.line("%s%s", v.Count(int64(n), "action", "个动作"), v.Say(".", "。"))
	list := func(names []string, en, zh string) {
		if len(names) > 0 {
			v.line("%s%s%s", v.Say(en, zh), strings.Join(names, v.Say(", ", "、")), v.Say(".", "。"))
		}
	}
	list(raises[true], "They are meant to raise: ", "目的是提高：")
	list(raises[false], "They are meant to lower: ", "目的是降低：")
	for _, j := range v.policy.Journeys {
		if v.ours(&j.Head) && j.Doc != "" && chinese(j.Doc) == (v.lang == "zh") {
			v.line("\n%s", mark.Replace(j.Doc))
		}
	}
	last := m.Name[strings.LastIndex(m.Name, ".")+1:]
	v.line("\n```text\nthru add %s\n```\n", m.Name)
	if n > 0 {
		use := slices.IndexFunc(v.policy.Actions, func(a *policy.Action) bool { return v.ours(&a.Head) })
		v.line("```thru fragment\nimport %s\nuse %s.%s as Mine\n```", m.Name, last,
			v.policy.Actions[use].Name)
	}
}

func (v *sheet) ours(h *policy.Head) bool {
	return !h.Span.IsZero() && int(h.Span.File) < v.policy.Own
}

// metricName is what people call a metric.
func (v *sheet) metricName(full string) string {
	for _, m := range v.policy.Metrics {
		if m.Full == full {
			return mark.Replace(v.Name(&m.Head))
		}
	}
	return mark.Replace(full)
}

// block writes a piece of what is told about a declaration: titles are in bold, because there are
// many.
func (v *sheet) block(x block) {
	if x.title != "" {
		v.line("\n**%s**", mark.Replace(x.title))
	}
	if len(x.lead) > 0 {
		v.line("\n%s", plain(x.lead))
	}
	if len(x.items) > 0 {
		v.line("")
	}
	for _, p := range x.items {
		v.line("- %s", plain(p))
	}
	if x.table != nil {
		v.table(x.table)
	}
}

func (v *sheet) table(t *table) {
	heads := slices.Clone(t.heads)
	for i := range heads {
		heads[i] = mark.Replace(heads[i])
	}
	v.line("\n| %s |\n|%s", strings.Join(heads, " | "), strings.Repeat(" --- |", len(heads)))
	for _, r := range t.rows {
		cells := []string{plain(r.name)}
		for _, c := range r.cells {
			cells = append(cells, plain(c.Phrase))
		}
		v.line("| %s |", strings.Join(cells, " | "))
	}
}

// named writes the title of a declaration: what people call it, and its name in the policy.
func (v *sheet) named(h *policy.Head) {
	v.line("\n### %s `%s`", mark.Replace(v.Name(h)), h.Name)
	if h.Doc != "" && chinese(h.Doc) == (v.lang == "zh") {
		v.line("\n%s", mark.Replace(h.Doc))
	}
}

func (v *sheet) actions() {
	first := true
	for _, a := range v.policy.Actions {
		if !v.ours(&a.Head) {
			continue
		}
		if first {
			v.head("Actions", "动作")
			first = false
		}
		v.named(&a.Head)
		for _, x := range v.action(a) {
			v.block(x)
		}
	}
	first = true
	for _, r := range v.policy.Rules {
		if !v.ours(&r.Head) {
			continue
		}
		if first {
			v.head("What else asks for something", "其他触发规则")
			first = false
		}
		v.named(&r.Head)
		for _, x := range v.rule(r) {
			v.block(x)
		}
	}
}

func (v *sheet) journeys() {
	for _, j := range v.policy.Journeys {
		if !v.ours(&j.Head) {
			continue
		}
		v.line("\n## %s%s", v.Say("Sample journey: ", "示例旅程："), mark.Replace(v.Name(&j.Head)))
		for _, x := range v.journey(j) {
			v.block(x)
		}
	}
}

func (v *sheet) measures() {
	first := true
	add := func(h *policy.Head, blocks []block) {
		if !v.ours(h) {
			return
		}
		if first {
			v.head("What it measures and watches", "度量与预警")
			first = false
		}
		v.named(h)
		for _, x := range blocks {
			v.block(x)
		}
	}
	for _, x := range v.policy.Scores {
		add(&x.Head, v.score(x))
	}
	for _, x := range v.policy.Metrics {
		add(&x.Head, v.metric(x))
	}
	for _, x := range v.policy.Alerts {
		add(&x.Head, v.alert(x))
	}
	for _, x := range v.policy.Segments {
		add(&x.Head, v.segment(x))
	}
}

// records lists what is recorded, with the fields that the package has or adds.
func (v *sheet) records() {
	t := &table{heads: []string{v.Say("Record", "记录"), v.Say("Name", "名称"),
		v.Say("Fields", "字段")}}
	for _, r := range v.policy.Records {
		var fields []say.Phrase
		for _, f := range r.Fields {
			if f.System == policy.NotSystem && !f.Span.IsZero() && int(f.Span.File) < v.policy.Own &&
				f.Name != "steps" { // which the checker makes
				fields = append(fields, own(v.FieldName(f)))
			}
		}
		if len(fields) == 0 {
			continue
		}
		name := own(v.Name(&r.Head))
		if !v.ours(&r.Head) {
			name = say.Form(v.Say("{1} (gains)", "{1}（增加字段）"), name)
		}
		t.rows = append(t.rows, row{name: name, cells: []cell{{Phrase: own(r.Name)},
			{Phrase: say.Join(fields, v.Say(", ", "、"))}}})
	}
	if len(t.rows) > 0 {
		v.head("Records", "记录")
		v.table(t)
	}
}

func (v *sheet) tests() {
	if v.k.Cover == nil {
		return
	}
	v.head("Tests", "测试")
	v.line(v.Say("%s, failed: %d. What they see of the package:", "%s，失败 %d 个。它们看到了："),
		v.Count(int64(v.k.Tests), "test", "个测试"), v.k.Failed)
	v.line("\n```text\n%s```", v.k.Cover.AppendText(nil, v.lang))
}

func (v *sheet) changes() {
	if len(v.k.History) == 0 {
		return
	}
	v.head("Changes", "变更")
	for _, r := range v.k.History {
		if r.Changes == nil {
			v.line("- %s%s", r.Version, v.Say(": no earlier one is known", "：未见更早的版本"))
			continue
		}
		v.line("- %s\n\n  ```text\n  %s\n  ```", r.Version,
			strings.ReplaceAll(strings.TrimSpace(r.Changes(v.lang)), "\n", "\n  "))
	}
}

func (v *sheet) works() {
	m := &v.k.Manifest
	v.head("Works with", "适用范围")
	v.line("- "+v.Say("language %d of thru, and the standard vocabulary `sales`",
		"thru 语言第 %d 版，以及标准词汇 `sales`"), m.Language)
	var needs []string
	for name, version := range m.Requires { //tidy:order sorted below
		needs = append(needs, "`"+name+"` "+version)
	}
	slices.Sort(needs)
	if len(needs) == 0 {
		v.line("- %s", v.Say("it requires no other package", "不依赖其他程序包"))
	} else {
		v.line("- %s%s", v.Say("it requires ", "依赖 "), strings.Join(needs, v.Say(", ", "、")))
	}
	if v.k.Library {
		v.line("- %s", v.Say("every other package of the library can stand in one workspace with it",
			"可与模板库中的其他所有程序包同在一个工作区"))
	}
	v.head("Licence", "许可")
	licence := m.License
	if licence == "" {
		licence = v.Say("none is named", "未注明")
	}
	if len(m.Authors) > 0 {
		licence += v.Say(", by ", "，作者 ") + strings.Join(m.Authors, v.Say(", ", "、"))
	}
	v.line("%s", mark.Replace(v.Say("Version ", "版本 ")+m.Version+v.Say(", ", "，")+licence)+
		v.Say(".", "。"))
}
