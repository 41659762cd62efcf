package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/internal/plural"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
	"github.com/throughline/throughline/runtime/files"
)

// erasing is what the flags of erase say.
type erasing struct {
	db      string
	dry     bool
	erasure runtime.Erasure
}

func (a *app) erase() *cobra.Command {
	var o erasing
	c := &cobra.Command{
		Use:   "erase --db FILE {TYPE/ID | --expired}",
		Short: a.say("Erase personal data from a log.", "从日志中删除个人信息。"),
		Long: a.say(
			"erase deletes what the policy calls personal from the records of a person or thing and\n"+
				"from those that refer to it, with the decisions and receipts that may repeat it. With\n"+
				"--expired it does so for every field whose `keep` is over. What counted still counts:\n"+
				"verdicts and scores stay, tasks stay without their texts. The chain stays valid, the log\n"+
				"says what was erased, by whom and why, and nothing of it stays in the file; backups have\n"+
				"their own time. --whole erases whole records, which then count no more.",
			"erase 从某人（或某对象）的记录以及引用它的记录中删除策略标为“个人信息”的字段，\n"+
				"连同可能重复这些内容的决定和依据一起删除。--expired 对所有保留期已过的字段这样做。\n"+
				"已计入的仍然计入：核验结论和评分保留，任务保留但去掉文字。链依然有效，\n"+
				"日志写明删除了什么、由谁、为何，文件里不再留有任何内容；备份另有期限。\n"+
				"--whole 删除整条记录，这些记录不再计入。"),
		Example: "  thru erase --db team.db Rep/li --dry-run\n" +
			"  thru erase --db team.db Rep/li --by hr --why \"asked on 2026-03-02\"\n" +
			"  thru erase --db team.db --expired",
		Args:              a.takes(cobra.MaximumNArgs(1)),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.erasure.Record = args[0]
			}
			return a.eraseFrom(c.Context(), &o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.db, "db", "", a.say("database that holds the log", "保存日志的数据库"))
	f.BoolVar(&o.dry, "dry-run", false, a.say("say what would be erased", "只说明将删除什么"))
	f.BoolVar(&o.erasure.Expired, "expired", false,
		a.say("fields whose time is over", "保留期已过的字段"))
	f.BoolVar(&o.erasure.Whole, "whole", false, a.say("whole records", "整条记录"))
	f.StringVar(&o.erasure.By, "by", "", a.say("who asked for it", "由谁提出"))
	f.StringVar(&o.erasure.Why, "why", "", a.say("why", "原因"))
	_ = c.MarkFlagFilename("db", "db") // the flags are there: just made
	_ = c.RegisterFlagCompletionFunc("by", cobra.NoFileCompletions)
	_ = c.RegisterFlagCompletionFunc("why", cobra.NoFileCompletions)
	return c
}

// sound refuses flags that cannot be meant.
func (o *erasing) sound(a *app) error {
	x := &o.erasure
	_, _, named := strings.Cut(x.Record, "/")
	switch {
	case o.db == "":
		return usageError{errors.New(a.say("name the database: --db FILE", "请给出数据库：--db FILE"))}
	case x.Record == "" && !x.Expired:
		return usageError{errors.New(a.say(
			"name whose data it is, such as Rep/li, or say --expired",
			"请给出是谁的数据，例如 Rep/li，或者用 --expired"))}
	case x.Record != "" && !named:
		return usageError{fmt.Errorf(a.say("a record is called Rep/li, not %q",
			"记录应写作 Rep/li，而不是 %q"), x.Record)}
	case x.Expired && x.Whole:
		return usageError{errors.New(a.say("fields expire, records do not: --expired or --whole",
			"过期的是字段而不是记录：--expired 与 --whole 只能选一个"))}
	}
	return nil
}

func (a *app) eraseFrom(ctx context.Context, o *erasing) error {
	if err := o.sound(a); err != nil {
		return err
	}
	// Moments of a log that was run by its records are not the clock's: nothing falls due here.
	w, err := a.open(o.db, runtime.Config{MustExist: true, ReadOnly: o.dry, Import: true})
	if err != nil {
		return err
	}
	if err := a.typeOf(ctx, w, o.erasure.Record); err != nil {
		return firstOf(err, w.Close())
	}
	var out runtime.Erased
	if o.dry {
		out, err = w.WouldErase(ctx, o.erasure)
	} else {
		out, err = eraseAll(ctx, w, o)
	}
	if err := firstOf(err, w.Close()); err != nil {
		return err
	}
	return a.tellErased(o, &out)
}

// eraseAll erases records, and the bytes of files that they alone named.
func eraseAll(ctx context.Context, w *runtime.Workspace, o *erasing) (runtime.Erased, error) {
	kept := files.Open(files.Beside(o.db), files.Options{})
	if err := kept.Follow(w); err != nil { // afterwards the records do not say what they named
		return runtime.Erased{}, err
	}
	out, err := w.Erase(ctx, o.erasure)
	if err != nil {
		return out, err
	}
	return out, kept.Follow(w)
}

// typeOf refuses a record of a type that there is not.
func (a *app) typeOf(ctx context.Context, w *runtime.Workspace, name string) error {
	if name == "" {
		return nil
	}
	typ, _, _ := strings.Cut(name, "/")
	var bad error
	err := w.View(ctx, func(e *engine.Engine) { _, bad = ask.Type(e.Policy(), typ) })
	if err == nil && bad != nil {
		err = a.asked(bad)
	}
	return err
}

func (a *app) tellErased(o *erasing, out *runtime.Erased) error {
	if a.json {
		return json.NewEncoder(a.out).Encode(map[string]any{"seq": out.Seq, "entries": out.Entries,
			"fields": out.Fields, "dry_run": o.dry})
	}
	switch {
	case out.Entries == 0:
		fmt.Fprintln(a.out, a.say("nothing to erase", "没有可删除的内容"))
	case o.dry:
		plural.Fprintf(a.out, a.say("would erase from %d record{|s}\n", "将从 %d 条记录中删除\n"), out.Entries)
	default:
		plural.Fprintf(a.out, a.say("erased from %d record{|s}; entry %d says so\n",
			"已从 %d 条记录中删除；见条目 %d\n"), out.Entries, out.Seq)
	}
	for _, name := range slices.Sorted(maps.Keys(out.Fields)) {
		fmt.Fprintf(a.out, "  %s  %d\n", name, out.Fields[name])
	}
	return nil
}

func (a *app) export() *cobra.Command {
	var db string
	c := &cobra.Command{
		Use:   "export --db FILE TYPE/ID",
		Short: a.say("Print everything that a log holds about somebody.", "输出日志中关于某人的全部内容。"),
		Long: a.say(
			"export prints the records of a person or thing and those that refer to it, each as it came\n"+
				"and with what was decided on it, one JSON object a line. It is what the person may ask for;\n"+
				"what it holds about others has to be looked through before it is given away.",
			"export 输出某人（或某对象）的记录以及引用它的记录，每条按原样给出并附上作出的决定，\n"+
				"每行一个 JSON 对象。这是本人可以要求得到的内容；其中涉及他人的部分，交出前须先查看。"),
		Example:           "  thru export --db team.db Rep/li >li.ndjson",
		Args:              a.takes(cobra.ExactArgs(1)),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			return a.exportFrom(c.Context(), db, args[0])
		},
	}
	c.Flags().StringVar(&db, "db", "", a.say("database that holds the log", "保存日志的数据库"))
	_ = c.MarkFlagFilename("db", "db") // the flag is there: just made
	return c
}

func (a *app) exportFrom(ctx context.Context, db, name string) error {
	o := erasing{db: db, erasure: runtime.Erasure{Record: name}}
	if err := o.sound(a); err != nil {
		return err
	}
	w, err := a.open(db, runtime.Config{MustExist: true, ReadOnly: true})
	if err != nil {
		return err
	}
	if err := a.typeOf(ctx, w, name); err != nil {
		return firstOf(err, w.Close())
	}
	to := json.NewEncoder(a.out)
	to.SetEscapeHTML(false)
	n := 0
	err = w.EachAbout(runtime.About{Record: name}, func(f *runtime.Found) error {
		n++
		out := struct {
			Seq      uint64          `json:"seq"`
			Received time.Time       `json:"received"`
			Record   json.RawMessage `json:"record"`
			Decision json.RawMessage `json:"decision,omitempty"`
			Erased   bool            `json:"erased,omitempty"`
		}{f.Seq, time.UnixMicro(f.Moment).UTC(), f.Line, nil, f.Erased}
		if d := f.Decision(); d != nil {
			zone, err := calendar.Zone(f.Policy.Settings.Timezone)
			if err != nil {
				return err
			}
			show := decision.NewWriter(f.Policy, decision.Options{Zone: zone, Lang: a.lang.String()})
			out.Decision = show.AppendJSON(nil, d)
		}
		if !json.Valid(f.Line) {
			out.Record, _ = json.Marshal(string(f.Line)) // a text is always written
		}
		return to.Encode(&out)
	})
	if err == nil && n == 0 {
		typ, id, _ := strings.Cut(name, "/")
		err = &ask.NoRecordError{Type: typ, ID: id}
	}
	return firstOf(err, w.Close())
}
