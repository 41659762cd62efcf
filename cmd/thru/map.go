package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/internal/plural"
	"github.com/throughline/throughline/runtime/ingest"
)

// drafted is what the flags of map say.
type drafted struct {
	typ   string
	sheet string
	use   string
	out   string
	at    string
}

func (a *app) mapTable() *cobra.Command {
	var o drafted
	c := &cobra.Command{
		Use:   "map DIR TABLE",
		Short: a.say("Say which columns of a table are which fields.", "指明表格的各列对应哪些字段。"),
		Long: a.say(
			"map reads a table as people keep it: .csv in UTF-8 or GB 18030, .tsv, .xlsx; headers in\n"+
				"Chinese or English, a title above them, merged cells, 1,234.5 or ￥8, 2026年3月2日. It says\n"+
				"which field each column may be and how sure that is, and tries all rows without taking\n"+
				"them in: how many are new, which are refused and why, grouped by cause. --out writes the\n"+
				"mapping, a small TOML file to be looked over and kept; --map tries one that there is.\n"+
				"thru run --map takes the table in.",
			"map 读取人们日常使用的表格（UTF-8 或 GB 18030 的 .csv、.tsv、.xlsx；中英文表头，上方可有标题，\n"+
				"合并单元格，1,234.5 或 ￥8，2026年3月2日），说明每一列可能是哪个字段、有多大把握，\n"+
				"并试读所有行但不导入：多少是新的，哪些被拒绝、为什么，按原因归类。\n"+
				"用 --out 写出映射（一个可查看、可保存的小 TOML 文件），用 --map 试用已有的映射；\n"+
				"用 thru run --map 导入表格。"),
		Example: "  thru map . 门店档案.xlsx\n" +
			"  thru map . visits.csv --type Visit --out visits.toml\n" +
			"  thru map . visits.csv --map visits.toml --json",
		Args:              a.takes(cobra.ExactArgs(2)),
		ValidArgsFunction: folderThen("csv", "tsv", "txt", "xlsx"),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.mapIt(args[0], args[1], &o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.typ, "type", "", a.say(
		"entity or event that the rows are; without it the one that fits best",
		"各行是哪种对象或事件；不给时取最合适的"))
	f.StringVar(&o.sheet, "sheet", "", a.say("worksheet, if not the first", "工作表，不是第一个时给出"))
	f.StringVar(&o.use, "map", "", a.say("mapping to try instead of a draft", "试用此映射，而不是起草"))
	f.StringVar(&o.out, "out", "", a.say("file to write the mapping to", "映射写入的文件"))
	f.StringVar(&o.at, "at", "", a.say("when rows without a moment count; today", "没有时间的行算在何时；默认今天"))
	_ = c.MarkFlagFilename("map", "toml")
	c.MarkFlagsMutuallyExclusive("map", "out")
	c.MarkFlagsMutuallyExclusive("map", "type")
	return c
}

// mappedJSON is the answer of --json.
type mappedJSON struct {
	Mapping *ingest.Mapping `json:"mapping"`
	Columns []columnJSON    `json:"columns,omitempty"`
	Report  *ingest.Report  `json:"report"`
}

type columnJSON struct {
	Column     string   `json:"column"`
	Field      string   `json:"field,omitempty"`
	Confidence float64  `json:"confidence"`
	Samples    []string `json:"samples"`
}

func (a *app) mapIt(dir, file string, o *drafted) error {
	p, err := a.loadSound(dir)
	if err != nil {
		return err
	}
	zone, err := calendar.Zone(p.policy.Settings.Timezone)
	if err != nil {
		return err
	}
	m := &ingest.Mapping{Sheet: o.sheet}
	if o.use != "" {
		if m, err = a.mapping(o.use); err != nil {
			return err
		}
	}
	s, err := a.sheet(file, ingest.Options{Sheet: m.Sheet, Header: m.Header})
	if err != nil {
		return err
	}
	var guesses []ingest.Guess
	if o.use == "" {
		at := o.at
		if at == "" {
			at = time.Now().In(zone).Format("2006-01-02")
		}
		m, guesses, err = ingest.Suggest(p.policy, s, ingest.Hints{Type: o.typ, Zone: zone, At: at})
		var fault *ingest.Fault
		if errors.As(err, &fault) && fault.Why == ingest.NoType {
			return usageError{errors.New(fault.In(a.lang.String()))}
		}
		if err != nil {
			return a.faulty(file, err)
		}
	}
	if err := a.writeMapping(o.out, m); err != nil {
		return err
	}
	rows, err := ingest.NewRows(p.policy, record.NewDecoder(p.policy, zone), s, m)
	var fault *ingest.Fault
	if errors.As(err, &fault) && o.use == "" {
		a.tellGuesses(m, guesses)
		return a.faulty(file, err)
	}
	if err != nil {
		return a.faulty(file, err)
	}
	r, err := rows.Try(p.policy, a.lang.String(), nil)
	if err != nil {
		return err
	}
	if a.json {
		return a.answerMapped(m, guesses, r)
	}
	a.tellGuesses(m, guesses)
	a.tellReport(r)
	return nil
}

func (a *app) writeMapping(to string, m *ingest.Mapping) error {
	if to == "" {
		return nil
	}
	text, err := m.Text()
	if err != nil {
		return err
	}
	return os.WriteFile(to, []byte(text), 0o666)
}

func (a *app) answerMapped(m *ingest.Mapping, guesses []ingest.Guess, r *ingest.Report) error {
	out := mappedJSON{Mapping: m, Report: r}
	for _, g := range guesses {
		out.Columns = append(out.Columns, columnJSON{g.Header, g.Field, g.Confidence, g.Samples})
	}
	return json.NewEncoder(a.out).Encode(out)
}

// tellGuesses shows each column with what it may be.
func (a *app) tellGuesses(m *ingest.Mapping, guesses []ingest.Guess) {
	if len(guesses) == 0 {
		return
	}
	fmt.Fprintf(a.out, a.say("Rows are %s. A column, the field it may be, and how sure that is:\n",
		"各行是 %s。列、可能的字段，以及把握：\n"), m.Type)
	for _, g := range guesses {
		if g.Header == "" {
			continue
		}
		sure, mark := a.say("left out", "不导入"), " "
		switch {
		case g.Field == "":
		case g.Confidence >= ingest.Sure:
			sure = fmt.Sprintf("%3.0f %%", g.Confidence*100)
		default:
			sure, mark = fmt.Sprintf("%3.0f %%", g.Confidence*100), "?"
		}
		fmt.Fprintf(a.out, "%s %s → %s  %s  %s\n", mark, g.Header, orDash(g.Field), sure,
			strings.Join(g.Samples, " · "))
	}
	if at := m.Constants["at"]; at != "" {
		fmt.Fprintf(a.out, a.say("  no column says when: every row counts on %s (--at)\n",
			"  没有列说明时间：所有行都算在 %s（--at）\n"), at)
	}
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// tellReport says what taking the table in would do, and what is wrong, by cause.
func (a *app) tellReport(r *ingest.Report) {
	plural.Fprintf(a.out, a.say("%d row{|s} of %s: %d record{|s}, %d again, %d refused\n",
		"%[2]s 共 %[1]d 行：%[3]d 条记录，%[4]d 条重复，%[5]d 条被拒绝\n"),
		r.Rows, r.Type, r.New+r.Update, r.Again, r.Refused)
	for _, p := range r.Problems {
		what := a.say("remark", "提示")
		if p.Refuses {
			what = a.say("refused", "拒绝")
		}
		text := a.say("%s %s %s: %d row{|s}\n", "%s %s %s：%d 行\n")
		plural.Fprintf(a.out, text, what, p.Code, p.Field, p.Count)
		for _, e := range p.Examples[:min(3, len(p.Examples))] {
			fmt.Fprintf(a.out, a.say("  row %d: %s\n", "  第 %d 行：%s\n"), e.Row, e.Text)
		}
	}
}
