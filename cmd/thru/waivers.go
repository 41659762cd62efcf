package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime"
)

// closing is what the flags of waivers say.
type closing struct {
	db, by, why, at string
	close, dry      bool
}

func (a *app) waivers() *cobra.Command {
	var o closing
	c := &cobra.Command{
		Use:   "waivers --db FILE",
		Short: a.say("List the exemptions in force, or close them all.", "列出生效中的豁免，或一次全部收回。"),
		Long: a.say(
			"waivers lists every exemption in force: which check, for whom, granted by whom, why and until "+
				"when.\n"+
				"With --close one record ends all of them at once; it says who closed them and why, and "+
				"stands in the\n"+
				"log like any other. What was waived before stays waived. --dry-run lists what --close would "+
				"end.",
			"waivers 列出每一条生效中的豁免：哪项检查、对谁、由谁批准、为何、到何时。\n"+
				"用 --close 则以一条记录一次全部收回；它写明由谁、为何收回，与其他记录一样留在日志里。\n"+
				"此前已豁免的仍算豁免。--dry-run 只列出 --close 会收回什么。"),
		Example: "  thru waivers --db team.db\n" +
			"  thru waivers --db team.db --close --by wang --why \"audit\" --dry-run\n" +
			"  thru waivers --db team.db --close --by wang --why \"audit\"",
		Args:              a.takes(cobra.NoArgs),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(*cobra.Command, []string) error { return a.waive(&o) },
	}
	f := c.Flags()
	f.StringVar(&o.db, "db", "", a.say("database to look into", "要查看的数据库"))
	f.BoolVar(&o.close, "close", false, a.say("close them all", "全部收回"))
	f.StringVar(&o.by, "by", "", a.say("who closes them", "由谁收回"))
	f.StringVar(&o.why, "why", "", a.say("why they are closed", "为何收回"))
	f.StringVar(&o.at, "at", "", a.say("the moment, instead of now", "代替此刻的时刻"))
	f.BoolVar(&o.dry, "dry-run", false, a.say("only say what would be closed", "只说明会收回什么"))
	return c
}

func (a *app) waive(o *closing) error {
	switch {
	case o.db == "":
		return usageError{errors.New(a.say("name the database with --db", "请用 --db 指明数据库"))}
	case o.close && (o.by == "" || o.why == ""):
		return usageError{errors.New(a.say("--close needs --by and --why: both stand in the log",
			"--close 需要 --by 和 --why：两者都会写入日志"))}
	case o.dry && !o.close:
		return usageError{errors.New(a.say("--dry-run goes with --close", "--dry-run 要与 --close 一起用"))}
	}
	writes := o.close && !o.dry
	w, err := a.open(o.db,
		runtime.Config{ReadOnly: !writes, MustExist: true, Import: true, Virtual: true})
	if err != nil {
		return err
	}
	err = a.waiveIn(w, o, writes)
	return firstOf(err, w.Close())
}

func (a *app) waiveIn(w *runtime.Workspace, o *closing, writes bool) error {
	var list []engine.Waiver
	var zone *time.Location
	var at int64
	var bad error
	ctx := context.Background()
	err := w.View(ctx, func(e *engine.Engine) {
		zone = e.Zone()
		at, bad = a.closingAt(e, o)
		list = e.Waivers(at)
	})
	if err = firstOf(err, bad); err != nil {
		return err
	}
	if writes && len(list) > 0 {
		if err := a.closeAll(ctx, w, o, string(value.AppendTime(nil, at, zone))); err != nil {
			return err
		}
	}
	out := bufio.NewWriter(a.out)
	if a.json {
		err = waiversJSON(out, list, zone)
	} else {
		err = a.waiversText(out, list, zone, o)
	}
	return firstOf(err, out.Flush())
}

// closingAt is the moment in question: the one asked for, else the clock's, and where the log is
// ahead of that the log's.
func (a *app) closingAt(e *engine.Engine, o *closing) (int64, error) {
	if o.at == "" {
		return max(time.Now().UnixMicro(), e.Now()), nil
	}
	at, err := a.until(e.Policy(), o.at)
	if err == nil && at < e.Now() {
		text := a.say("--at is before the last record, %s", "--at 早于最后一条记录 %s")
		err = usageError{fmt.Errorf(text, moment(e.Now(), e.Zone()))}
	}
	return at, err
}

// closeAll writes the one record that ends them all: a Waive of every check whose time is over.
func (a *app) closeAll(ctx context.Context, w *runtime.Workspace, o *closing, at string) error {
	line, err := json.Marshal(map[string]string{"type": "Waive", "id": "close " + at, "at": at,
		"received": at, "rule": "*", "until": at, "by": o.by, "why": o.why})
	if err != nil {
		return err
	}
	answer, err := w.Submit(ctx, line)
	if err != nil {
		return err
	}
	if answer.Outcome.String() != "accepted" {
		return fmt.Errorf(a.say("the closing record was %s", "收回的记录结果为 %s"), answer.Outcome)
	}
	return nil
}

func (a *app) waiversText(
	out *bufio.Writer, list []engine.Waiver, zone *time.Location, o *closing,
) error {
	rows := [][]string{{a.say("check", "检查"), a.say("for", "对象"), a.say("by", "批准人"),
		a.say("until", "到"), a.say("why", "原因")}}
	for _, x := range list {
		record := x.Record
		if record == "" {
			record = a.say("everybody", "全部")
		}
		rows = append(rows, []string{x.Rule, record, x.By, moment(x.Until, zone), x.Why})
	}
	if len(list) > 0 {
		if err := writeRows(out, rows); err != nil {
			return err
		}
	}
	text := a.say("%d in force\n", "生效中 %d 条\n")
	switch {
	case o.dry:
		text = a.say("%d would be closed\n", "将收回 %d 条\n")
	case o.close:
		text = a.say("%d closed\n", "已收回 %d 条\n")
	}
	_, err := fmt.Fprintf(out, text, len(list))
	return err
}

func waiversJSON(out *bufio.Writer, list []engine.Waiver, zone *time.Location) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for _, x := range list {
		err := enc.Encode(struct {
			Waive  string `json:"waive"`
			Rule   string `json:"rule"`
			Record string `json:"record,omitempty"`
			By     string `json:"by"`
			Why    string `json:"why"`
			At     string `json:"at"`
			Until  string `json:"until"`
		}{x.ID, x.Rule, x.Record, x.By, x.Why, string(value.AppendTime(nil, x.At, zone)),
			string(value.AppendTime(nil, x.Until, zone))})
		if err != nil {
			return err
		}
	}
	return nil
}
