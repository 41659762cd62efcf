package say_test

import (
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/source"
)

// sentences are the conditions of rules and what is said of them.
func sentences() [][3]string {
	return [][3]string{
		{"load > 8", "Load is more than 8", "负荷大于 8"},
		{"load == 8", "Load is exactly 8", "负荷等于 8"},
		{"not (load > 8)", "it is not so that Load is more than 8", "并非（负荷大于 8）"},
		{"load > 8 and (good or has since)", "Load is more than 8 and (good is yes or since is known)",
			"负荷大于 8 并且 （good为“是” 或者 since有值）"},
		{"not good", "good is no", "good为“否”"},
		{"not has since", "since is missing", "since缺失"},
		{"good == false", "good is no", "good为“否”"},
		{"level != top", "level is not “Top”", "级别不是“顶级”"},
		{"level in [top, low]", "level is one of “Top”, “low”", "级别是“顶级”、“low”之一"},
		{"level not in [top, low]", "level is none of “Top”, “low”", "级别不是“顶级”、“low”中的任何一个"},
		{"load between 1 and 2", "Load is between 1 and 2", "负荷在 1 与 2 之间"},
		{`name contains "x"`, "name contains “x”", "名称包含“x”"},
		{`name matches "^a+$"`, "name is of the form “^a+$”", "名称符合格式 “^a+$”"},
		{"paid >= 1234567.5", "paid is at least 1,234,567.50", "已付款不少于 1,234,567.50"},
		{"paid >= -300", "paid is at least -300", "已付款不少于 -300"},
		{"paid < -1234", "paid is less than -1,234", "已付款小于 -1,234"},
		{"since < 2026-03-02", "since is before 2026-03-02", "since早于 2026-03-02"},
		{"(load + 1) * 2 > 3", "(Load + 1) × 2 is more than 3", "（负荷 + 1） × 2大于 3"},
		{"(load ?? 1) > 3", "Load (where missing: 1) is more than 3", "负荷（缺失时：1）大于 3"},
		{"count(Call in 1d12h) > 1", "number of Call in the last 1 day 12 hours is more than 1",
			"最近 1 天 12 小时内通话的数量大于 1"},
		{"sum(Call.minutes in this week where minutes > 2) > 1",
			"total minutes of Call this week where minutes is more than 2 is more than 1",
			"本周通话的minutes合计（限minutes大于 2）大于 1"},
		{"share(Call in last month where minutes > 2) > 50%",
			"share of Call in the month before for which minutes is more than 2 is more than 50%",
			"上一月通话中满足（minutes大于 2）的占比大于 50%"},
		{"count(Call of workspace) > 1", "number of Call of all is more than 1", "全部通话的数量大于 1"},
		{"boss.load > 1", "Load of boss is more than 1", "boss的负荷大于 1"},
	}
}

func TestSentences(t *testing.T) {
	for _, c := range sentences() {
		text := `entity Rep { name text; load "Load" zh "负荷" number; good bool; since date?; paid money; boss Rep?
level top "Top" zh "顶级" | low }
event Call "Call" zh "通话" { rep Rep; minutes number }
rule R on Rep { when ` + c[0] + `; do { note "x" } }`
		p, diags := dsl.Check([]source.File{{Name: "a.thru", Text: text}}, policy.Settings{})
		if dsl.HasErrors(diags) {
			t.Errorf("%s: %s", c[0], source.Text(p.Files, diags[0], "en"))
			continue
		}
		for i, lang := range []string{"en", "zh"} {
			if got := say.In(lang).Expr(p.Rules[0].When).String(); got != c[i+1] {
				t.Errorf("%s is\n%q, want\n%q", c[0], got, c[i+1])
			}
		}
	}
}

// TestNamesLead: what a sentence names leads to what it names.
func TestNamesLead(t *testing.T) {
	text := "entity Rep { name text; n int = count(Call in 7d) }\nevent Call { rep Rep }\n"
	p, _ := dsl.Check([]source.File{{Name: "a.thru", Text: text}}, policy.Settings{})
	for _, r := range p.Records {
		for _, f := range r.Fields {
			if f.Compute == nil {
				continue
			}
			var to []string
			for _, run := range say.In("en").Expr(f.Compute) {
				if run.To != nil {
					to = append(to, run.Text+" → "+run.To.Full)
				}
			}
			if got := strings.Join(to, "; "); got != "Call → Call" {
				t.Errorf("%q", got)
			}
		}
	}
}
