package measure

import (
	"cmp"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/throughline/throughline/templates"
)

// The sample that a person reads: as many as SampleSize, those whose names come first by the
// SHA-256 of SampleSeed/NAME. A template more or less changes one line of it, not all.
const (
	SampleSeed = "throughline"
	SampleSize = 30
)

// Criteria are those of the rubric in their order. A template passes with at least LeastSum of the
// 2 that each gives, and with no 0 in the first Hard.
var Criteria = []templates.Text{
	{En: "trigger", Zh: "触发"}, {En: "acceptance", Zh: "验收"}, {En: "evidence", Zh: "凭证"},
	{En: "trade", Zh: "行业"}, {En: "steps", Zh: "步骤"}, {En: "outcome", Zh: "结果"},
	{En: "effort", Zh: "工作量"}, {En: "failure", Zh: "失败"}, {En: "parameters", Zh: "参数"},
	{En: "tests", Zh: "测试"},
}

// Limits of the rubric.
const (
	Hard     = 4
	LeastSum = 16
)

// Judgement is what a reader thought of a template.
type Judgement struct {
	Name  string
	Marks []int // one a criterion, 0 to 2
	Text  templates.Text
}

// Sum is what the marks come to.
func (j *Judgement) Sum() (n int) {
	for _, m := range j.Marks {
		n += m
	}
	return n
}

//go:embed sample.tsv
var judged string

// Judgements are what was thought of the sample, in the order of the file.
func Judgements() ([]Judgement, error) {
	var out []Judgement
	for line := range strings.Lines(judged) {
		f := strings.Split(strings.TrimSpace(line), "\t")
		if len(f) != 4 || len(f[1]) != len(Criteria) {
			return nil, fmt.Errorf("sample.tsv: %q is not name, ten marks, English, Chinese", f)
		}
		j := Judgement{Name: f[0], Text: templates.Text{En: f[2], Zh: f[3]}}
		for _, m := range f[1] {
			if m < '0' || m > '2' {
				return nil, fmt.Errorf("sample.tsv: %s: %c is no mark", j.Name, m)
			}
			j.Marks = append(j.Marks, int(m-'0'))
		}
		out = append(out, j)
	}
	return out, nil
}

// Sample are the names of the templates to be read, in order.
func (l *Library) Sample() []string {
	var names []string
	for i := range l.Templates {
		names = append(names, l.Templates[i].name())
	}
	slices.SortFunc(names, func(a, b string) int {
		x, y := sha256.Sum256([]byte(SampleSeed+"/"+a)), sha256.Sum256([]byte(SampleSeed+"/"+b))
		return slices.Compare(x[:], y[:])
	})
	names = names[:min(SampleSize, len(names))]
	slices.Sort(names)
	return names
}

// Unread lists what is wrong with the judgements: one of the sample without one, one of nothing in
// the sample, and one that the rubric does not pass.
func (l *Library) Unread(all []Judgement) []string {
	var out []string
	sample := l.Sample()
	for _, n := range sample {
		if !slices.ContainsFunc(all, func(j Judgement) bool { return j.Name == n }) {
			out = append(out, n+" is of the sample and was not read")
		}
	}
	for _, j := range all {
		if !slices.Contains(sample, j.Name) {
			out = append(out, j.Name+" was read and is not of the sample")
		}
		if j.Sum() < LeastSum || slices.Contains(j.Marks[:Hard], 0) {
			out = append(out, fmt.Sprintf("%s does not pass: %v", j.Name, j.Marks))
		}
	}
	return out
}

// Fill writes the generated parts into a page: what stands between <!-- NAME --> and <!-- end -->.
func (l *Library) Fill(page, lang string, all []Judgement) (string, error) {
	for name, block := range map[string]string{
		"figures": l.figures(lang), "counts": l.counts(lang), "sample": sample(lang, all),
	} {
		before, rest, ok := strings.Cut(page, "<!-- "+name+" -->\n")
		_, after, ended := strings.Cut(rest, "<!-- end -->")
		if !ok || !ended {
			return "", fmt.Errorf("no <!-- %s --> … <!-- end -->", name)
		}
		page = before + "<!-- " + name + " -->\n" + block + "<!-- end -->" + after
	}
	return page, nil
}

func in(t templates.Text, lang string) string {
	if lang == "zh" {
		return cmp.Or(t.Zh, t.En)
	}
	return cmp.Or(t.En, t.Zh)
}

// figures are the table of what must be and what is.
func (l *Library) figures(lang string) string {
	f := l.Measure()
	tx := func(en, zh string) string { return in(templates.Text{En: en, Zh: zh}, lang) }
	n := func(x int) string { return fmt.Sprint(x) }
	pc := func(x float64) string { return fmt.Sprintf("%.1f %%", x*100) }
	rows := [][3]string{
		{tx("what", "项目"), tx("must be", "要求"), tx("is", "实际")}, {"---", "---", "---"},
		{tx("templates", "模板总数"), "", n(f.Templates)},
	}
	for _, i := range templates.Industries {
		least := LeastIndustry
		if i.ID == "common" {
			least = LeastCommon
		}
		rows = append(rows, [3]string{in(i.Label, lang), "≥ " + n(least), n(f.Industry[i.ID])})
	}
	often := 1
	if len(f.Repeated) > 0 {
		often = f.Repeated[0].N
	}
	rows = append(rows,
		[3]string{tx("step text that two templates share, nouns masked",
			"两个模板共有的步骤文字（遮去名词）"),
			"< " + pc(MostAlike), pc(f.Closest.Alike)},
		[3]string{tx("an acceptance no other has", "验收条件独有"),
			"≥ " + pc(OwnAccept), pc(f.Accepts)},
		[3]string{tx("the most often a step sentence is used", "同一步骤句最多用几次"),
			"≤ " + n(MostOften), n(often)},
		[3]string{tx("steps a template", "每个模板步骤数"), fmt.Sprintf("%d–%d", LeastStep, MostStep),
			fmt.Sprintf("%.1f", float64(f.Steps)/float64(f.Templates))})
	for _, p := range Parts {
		must := ""
		if p.All {
			must = tx("all", "全部")
		}
		rows = append(rows, [3]string{in(p.Text, lang), must, n(f.Shapes[p.Key])})
	}
	return table(rows)
}

func table(rows [][3]string) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r[0], r[1], r[2])
	}
	return b.String()
}

// counts are the packages with how many templates each has.
func (l *Library) counts(lang string) string {
	f := l.Measure()
	ending := in(templates.Text{En: ".md", Zh: ".zh-CN.md"}, lang) // of the packages' pages
	var b strings.Builder
	for _, i := range templates.Industries {
		fmt.Fprintf(&b, "- %s: %d\n", in(i.Label, lang), f.Industry[i.ID])
		for k := range l.Templates {
			t := &l.Templates[k]
			if t.Industry != i.ID || k > 0 && l.Templates[k-1].Package == t.Package {
				continue
			}
			name := fmt.Sprintf("[`%s`](templates/%[1]s%s)", t.Package, ending)
			if _, process, ok := strings.Cut(t.title, "·"); ok && lang == "zh" {
				name = process + " " + name
			}
			fmt.Fprintf(&b, "  - %s: %d\n", name, f.Package[t.Package])
		}
	}
	return b.String()
}

// sample is the table of what was read: the marks in the order of the criteria.
func sample(lang string, all []Judgement) string {
	var heads []string
	for _, c := range Criteria {
		heads = append(heads, in(c, lang))
	}
	var b strings.Builder
	head := templates.Text{En: "| template | %s | sum | judgement |\n",
		Zh: "| 模板 | %s | 合计 | 评语 |\n"}
	fmt.Fprintf(&b, in(head, lang), strings.Join(heads, " · "))
	b.WriteString("| --- | --- | --- | --- |\n")
	for i := range all {
		j := &all[i]
		marks := strings.Trim(fmt.Sprint(j.Marks), "[]")
		fmt.Fprintf(&b, "| `%s` | %s | %d | %s |\n", j.Name, marks, j.Sum(), in(j.Text, lang))
	}
	return b.String()
}
