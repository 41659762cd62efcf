package language_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/internal/golden"
	"github.com/throughline/throughline/internal/railroad"
)

// TestGrammarChapter holds the grammar chapter, EBNF and a picture for each production, to the
// grammar that the parser runs; -update writes it.
func TestGrammarChapter(t *testing.T) {
	files := chapter(t)
	if golden.Update() {
		if err := os.RemoveAll("grammar"); err != nil {
			t.Fatal(err)
		}
		for name, text := range files {
			write(t, name, text)
		}
	}
	for name, text := range files {
		if got, err := os.ReadFile(name); err != nil || string(got) != text {
			t.Errorf("%s is not what the grammar says (%v): run this test with -update", name, err)
		}
	}
	there, err := filepath.Glob("grammar/*")
	if err != nil || len(there) != len(files)-2 {
		t.Errorf("%d pictures, the grammar has %d (%v)", len(there), len(files)-2, err)
	}
}

// part is one part of the chapter.
type part struct{ en, zh, names string }

var parts = []part{
	{"Files", "文件", "Package Import Use Given Bind Let Choice ChoiceValue " +
		"Extern Head Label Param Range Path"},
	{"Records", "记录", "Record Extend FieldLine Type Personal Fill Drop"},
	{"Calendars and schedules", "日历与日程", "Calendar Hours Shift Days DayRange Clock Every Check"},
	{"Journeys", "旅程", "Journey Stage Require Counted Sla Hook Unmet"},
	{"Actions", "动作", "Action On By About Done Proof ProofLine Target Why Moves Weight " +
		"Block Step Show"},
	{"Scores, rules, alerts, segments", "评分、规则、预警、分群",
		"Score Term Rule Top Do Alert For Until Segment Member Table Row Cond Mode"},
	{"Effects", "效果", "Effect TaskEffect Met Handed NotifyEffect SetEffect SayEffect FlagEffect " +
		"CallEffect PoolEffect"},
	{"Allocation", "分配", "Allocate Accept Recycle WarnAfter Hold AwayWithin Cool Same Baseline Else ShareBy"},
	{"Metrics, goals, remedies", "指标、目标、对策",
		"Metric Better Goal GoalMetric GoalTarget During Through Yield Capacity Remedy Verify"},
	{"Tests", "测试", "Test GivenLine TestAt TestAfter TestRecord ExpectLine ExpectEffect ExpectOutcome"},
	{"Expressions", "表达式", "Expr Disjunction Conjunction Negation Comparison " +
		"ComparisonTail Between Near Sum SumTail Product ProductTail Unary Dotted Primary Conditional Call Argument Window"},
}

// called are the names of the expressions' productions for readers.
var called = strings.NewReplacer("SCmpEnd", "ComparisonTail", "SBetween", "Between", "SPrimary",
	"Primary", "SWindow", "Window", "SUnary", "Unary", "SMulBy", "ProductTail", "SAddTo", "SumTail",
	"SExpr", "Expr", "SCall", "Call", "SPath", "Dotted", "SNear", "Near", "SArg", "Argument", "SCmp",
	"Comparison", "SNot", "Negation", "SAnd", "Conjunction", "SAdd", "Sum", "SMul", "Product", "SOr",
	"Disjunction", "SIf", "Conditional")

// left out are productions that only name a list of others, and those that are one word long.
var leftOut = []string{"Productions", "Lone", "EffectLine", "SLine"}

// chapter makes the files of the chapter, by name.
func chapter(t *testing.T) map[string]string {
	t.Helper()
	exprs := read(t, "../../dsl/syntax/testdata/expressions.ebnf")
	all, err := railroad.Parse(syntax.EBNF() + "\n" + called.Replace(exprs))
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]*railroad.Node{}
	for _, p := range all {
		by[p.Name] = p.Is
	}
	zhOf := chinese()
	files, en, zh := map[string]string{}, introEn, introZh
	for _, g := range parts {
		en += "\n## " + g.en + "\n"
		zh += "\n## " + g.zh + "\n"
		for _, name := range strings.Fields(g.names) {
			is, ok := by[name]
			if !ok {
				t.Fatalf("there is no production %s", name)
			}
			delete(by, name)
			file := "grammar/" + strings.ToLower(name) + ".svg"
			files[file] = railroad.SVG(is, func(w string) string { return zhOf[w] })
			text := fmt.Sprintf("\n```ebnf\n%s = %s .\n```\n\n![%s](%s)\n", name, is, name, file)
			en, zh = en+text, zh+text
		}
	}
	for name := range by {
		if !slices.Contains(leftOut, name) {
			t.Errorf("production %s is in no part of the chapter", name)
		}
	}
	files["grammar.md"], files["grammar.zh-CN.md"] = en, zh
	return files
}

// chinese gives the Chinese forms of a word, one for each of its roles.
func chinese() map[string]string {
	out := map[string]string{}
	for _, v := range syntax.Vocabulary() {
		if had := out[v.En]; had != "" && !slices.Contains(strings.Split(had, "/"), v.Zh) {
			out[v.En] = had + "/" + v.Zh
		} else if had == "" {
			out[v.En] = v.Zh
		}
	}
	return out
}

const introEn = `# The grammar

[Contents](README.md) · 中文：[grammar.zh-CN.md](grammar.zh-CN.md)

Written from the grammar that the parser runs, by a test. A line is read by itself:
the block it stands in and its first word choose the production. Blocks are ` + "`{ … }`" + ` and
hold lines; which lines a block may hold, the chapters say. In the pictures a round box is a word of
the language with its Chinese form below, a square box is another production or one of these:

| name | is |
| --- | --- |
| Word, word | a name |
| Quoted, text | a text in quotation marks |
| raw | raw text in backquotes |
| Number, number, Amount | a number with its unit |
| Moment, moment | a date or a moment |
| Bound | a number or a date |
| ID | the id of a record, a word or a text |
| Value | a JSON value with bare names and moments |
| Full | an expression, or a decision table: ` + "`pick { condition : value … }`" + ` |
| Source | an expression, or a source with a window: ` + "`Event in 7d`" + ` |
| Expected | an expression, with ` + "`of`" + ` and the record it is about, or ` + "`in`" + ` and ` + "`by`" + ` behind a metric |
`

const introZh = `# 语法

[目录](README.zh-CN.md) · English: [grammar.md](grammar.md)

本页由测试从解析器实际运行的语法写出。每一行单独读取：它所在的块和它的第一个词选定产生式。
块写作 ` + "`{ … }`" + `，里面是行；一个块里可以有哪些行，见各章。图中圆角框是语言的词，下面是它的中文形式；
方框是另一个产生式，或下列之一：

| 名称 | 含义 |
| --- | --- |
| Word, word | 名称 |
| Quoted, text | 引号里的文本 |
| raw | 反引号里的原始文本 |
| Number, number, Amount | 带单位的数 |
| Moment, moment | 日期或时刻 |
| Bound | 数或日期 |
| ID | 记录的编号，词或文本 |
| Value | JSON 值，可用裸名称和时刻 |
| Full | 表达式，或决策表：` + "`择一 { 条件 : 值 … }`" + ` |
| Source | 表达式，或带窗口的来源：` + "`事件 属于 7天`" + ` |
| Expected | 表达式，可带 ` + "`之于`" + ` 与所关于的记录，指标后可带 ` + "`属于`" + ` 和 ` + "`按照`" + ` |
`
