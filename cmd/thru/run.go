package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/internal/plural"
	"github.com/throughline/throughline/runtime"
)

// asked is what the flags of run say.
type asked struct {
	records []string
	out     string
	until   string
	db      string
	files   string
	maps    []string
	back    string
	strict  bool
	virtual bool
}

func (a *app) runRecords() *cobra.Command {
	var o asked
	c := &cobra.Command{
		Use:   "run DIR --records FILE…",
		Short: a.say("Run records through a policy.", "让记录经过策略。"),
		Long: a.say(
			"run takes records (.ndjson, TYPE.csv, or - for standard input) through a policy, in the "+
				"order\n"+
				"in which they were received, and writes the decisions as JSON, one a line. Tables of any "+
				"form,\n"+
				"CSV or Excel, come with a mapping (--map, see thru map). A summary follows on standard "+
				"error. A line that is no record is a decision as well: rejected, with its reason.\n"+
				"With --db the log is kept in a file, and a file that is there is continued. Effects are\n"+
				"only told, never carried out. With --files photos, recordings and files are measured from\n"+
				"their bytes: hash, look, capture time, device, position. A record names one by its name in\n"+
				"that folder or by its SHA-256.",
			"run 让记录（.ndjson、TYPE.csv，或用 - 表示标准输入）按接收的先后经过策略，\n"+
				"把决定写成每行一个 JSON 对象，并在标准错误上给出小结。\n"+
				"任何形式的表格（CSV 或 Excel）配上映射即可（--map，见 thru map）。不是记录的行也有决定：拒绝，并附原因。\n"+
				"用 --db 把日志保存在文件里；文件已存在时接着写。效果只会列出，不会真的执行。\n"+
				"用 --files 时，照片、录音和文件按其内容测量：散列值、外观指纹、拍摄时间、设备、位置；\n"+
				"记录用该文件夹中的文件名或 SHA-256 指明文件。"),
		Example: "  thru run . --records visits.ndjson --files photos\n" +
			"  thru run . --records 拜访.xlsx --map visits.toml --returned 退回.xlsx\n" +
			"  thru run . --records Rep.csv --records Visit.csv --out decisions.ndjson\n" +
			"  thru run . --db team.db --records - --until 2026-04-01 < march.ndjson",
		Args:              a.takes(cobra.MinimumNArgs(1)),
		ValidArgsFunction: folderThen("ndjson", "jsonl", "csv", "xlsx"),
		RunE: func(c *cobra.Command, args []string) error {
			o.records = append(o.records, args[1:]...)
			return a.runAll(c, args[0], &o)
		},
	}
	f := c.Flags()
	a.recordsFlag(c, &o.records)
	a.frozenFlag(c)
	f.StringVar(&o.out, "out", "",
		a.say("file for the decisions, not standard output", "决定写入的文件，默认标准输出"))
	f.StringVar(&o.until, "until", "", a.say("move time on to this moment at the end", "结束时把时间推进到此刻"))
	f.StringVar(&o.db, "db", "", a.say("database to keep the log in", "保存日志的数据库"))
	f.StringVar(&o.files, "files", "",
		a.say("folder of the files that records name: measured on arrival",
			"记录中提到的文件所在的文件夹：收到时测量"))
	f.StringArrayVar(&o.maps, "map", nil, a.say(
		"mapping of a table, as thru map drafts it: one for each, or one for all",
		"表格的映射，由 thru map 起草：每个表格一个，或共用一个"))
	_ = c.MarkFlagFilename("map", "toml")
	f.StringVar(&o.back, "returned", "", a.say(
		"table for the rows that were rejected, with the reasons: .xlsx or .csv",
		"把被拒绝的行连同原因写入此表格：.xlsx 或 .csv"))
	f.BoolVar(&o.strict, "strict", false,
		a.say("exit with 1 if a record is rejected", "有记录被拒绝时以 1 退出"))
	f.BoolVar(&o.virtual, "virtual", false,
		a.say("take records that are later than the clock", "接受晚于本机时钟的记录"))
	return c
}

func (a *app) runAll(c *cobra.Command, dir string, o *asked) error {
	if len(o.records) == 0 && o.until == "" {
		return usageError{errors.New(a.say("nothing to run: name --records or --until",
			"没有可运行的内容：请给出 --records 或 --until"))}
	}
	p, err := a.loadSound(dir)
	if err != nil {
		return err
	}
	a.notYet(p)
	until, err := a.until(p.policy, o.until)
	if err != nil {
		return err
	}
	in, err := a.recordsFrom(p.policy, &origin{o.records, o.files, o.maps})
	if err != nil {
		return err
	}
	if err := in.returnable(o.back); err != nil {
		return err
	}
	out, err := a.output(o)
	if err != nil {
		return err
	}
	w, err := a.open(o.db, runtime.Config{Policy: p.policy, Import: true, Virtual: o.virtual})
	if err != nil {
		return errors.Join(err, out.Close())
	}
	if err := out.begin(); err != nil {
		return firstOf(err, w.Close(), out.Close())
	}
	r := &running{app: a, w: w, in: in, out: bufio.NewWriterSize(out, 1<<16),
		sum: newSummary(), texts: a.texts(c)}
	r.sum.files = in.files
	err = r.all(o.virtual, until)
	err = firstOf(err, a.named(o.out, r.out.Flush()), w.Close(), a.named(o.out, out.Close()),
		in.sendBack(o.back))
	if told := r.tell(err); err == nil {
		err = told
	}
	if err == nil && o.strict && r.sum.Outcomes["rejected"] > 0 {
		return errFault
	}
	return err
}

// firstOf is the first error: those after it follow from it.
func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// texts is the language of decisions that go to programs: as written, unless one was asked for.
func (a *app) texts(c *cobra.Command) string {
	if c.Root().PersistentFlags().Changed("lang") {
		return a.lang.String()
	}
	return ""
}

// notYet says which declarations are checked and do nothing yet.
func (a *app) notYet(p *folder) {
	w := decision.NewWriter(p.policy, decision.Options{})
	for _, l := range p.policy.Later {
		text := a.say("%s: %s %s is checked and does not run yet", "%s：%s %s 已检查，尚不运行")
		line := fmt.Sprintf(text, w.AppendPlace(nil, l.Span), l.What, l.Full)
		if l.Why != "" {
			line += fmt.Sprintf(a.say(" (%s)", "（%s）"), l.Why)
		}
		fmt.Fprintln(a.err, line)
	}
}

// until reads a moment of the policy's zone; 0 where none was given.
func (a *app) until(p *policy.Policy, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	zone, err := calendar.Zone(p.Settings.Timezone)
	if err != nil {
		return 0, err
	}
	m, fault := value.ReadMoment(text)
	if fault != value.MomentOK {
		return 0, usageError{fmt.Errorf(a.say("--until is a moment such as 2026-03-02T18:00, not %q",
			"--until 是时刻，例如 2026-03-02T18:00，而不是 %q"), text)}
	}
	return m.In(zone), nil
}

// An outlet is where decisions go.
type outlet struct {
	io.Writer
	file *os.File // nil: a stream that is not ours to close
}

// output opens the outlet. What stands in the file stays until there is something to replace it by.
func (a *app) output(o *asked) (outlet, error) {
	if o.out == "" || o.out == "-" {
		return outlet{Writer: a.out}, nil
	}
	if info, err := os.Stat(o.out); err == nil {
		for _, name := range append(o.records, o.db) {
			if other, err := os.Stat(name); err == nil && os.SameFile(info, other) {
				text := a.say("--out %s would write over %s", "--out %s 会覆盖 %s")
				return outlet{}, usageError{fmt.Errorf(text, o.out, name)}
			}
		}
	}
	f, err := os.OpenFile(o.out, os.O_WRONLY|os.O_CREATE, 0o666)
	return outlet{Writer: f, file: f}, err
}

// begin empties the file. A device or pipe has nothing to empty.
func (o outlet) begin() error {
	if o.file == nil {
		return nil
	}
	info, err := o.file.Stat()
	if err == nil && info.Mode().IsRegular() {
		err = o.file.Truncate(0)
	}
	return err
}

// Close closes the file.
func (o outlet) Close() error {
	if o.file == nil {
		return nil
	}
	return o.file.Close()
}

// named says where writing decisions failed.
func (a *app) named(name string, err error) error {
	if err != nil && name == "" {
		return fmt.Errorf(a.say("write decisions: %w", "写入决定：%w"), err)
	}
	return err
}

// running is one run: records in, decisions out.
type running struct {
	app   *app
	w     *runtime.Workspace
	in    *intake
	out   *bufio.Writer
	sum   *summary
	texts string

	bar    *meter
	writer *decision.Writer // of the policy that decided last
	policy *policy.Policy
	line   []byte
	dec    decision.Decision
	from   uint64 // entries up to here are written
	next   int    // the arrival that the next record's entry is of
}

// drainEvery is how many entries are decided between two times that they are written.
const drainEvery = 4096

// begin puts the policy of an empty log in force.
func (r *running) begin(ctx context.Context, virtual bool) error {
	r.from = r.w.Last()
	r.bar = r.app.meter(r.app.say("running", "运行"), len(r.in.list))
	if at, ok := r.in.first(virtual); ok && r.from == 0 {
		return r.w.Begin(ctx, at)
	}
	return nil
}

// quietly takes the records in where nobody asks for the decisions; a rejected one is told still.
func (r *running) quietly(virtual bool) error {
	r.out = bufio.NewWriter(io.Discard)
	return r.all(virtual, 0)
}

func (r *running) all(virtual bool, until int64) error {
	ctx := context.Background()
	if err := firstOf(r.change(ctx), r.begin(ctx, virtual)); err != nil {
		return err
	}
	defer r.bar.done()
	err := r.w.Import(ctx, r.lines(), func(x *runtime.Answer) error {
		if x.Seq < r.from+drainEvery {
			return nil
		}
		return r.drain(x.Seq)
	})
	if err == nil && until != 0 {
		err = r.w.Until(ctx, until)
	}
	if bad := r.drain(r.w.Last()); err == nil {
		err = bad
	}
	if err != nil {
		return firstOf(err, r.count())
	}
	return r.w.View(ctx, func(e *engine.Engine) { r.sum.look(e) })
}

// count finds out how many records are decided on where not all decisions could be written.
func (r *running) count() error {
	return r.w.Entries(r.from+1, r.w.Last(), false, func(l *runtime.Logged) error {
		if decision.Kind(l.Kind) == decision.Record {
			r.next++
		}
		return nil
	})
}

// lines yields the records in order.
func (r *running) lines() runtime.Lines {
	i := -1
	return func() ([]byte, error) {
		if i++; i >= len(r.in.list) {
			return nil, io.EOF
		}
		return r.in.list[i].text, nil
	}
}

// change tells what a changed policy found when it came into force.
func (r *running) change(ctx context.Context) error {
	all, err := r.w.Silent(ctx)
	if err != nil || len(all) == 0 {
		return err
	}
	say := r.app.say
	fmt.Fprintln(r.app.err, say("The policy has changed and is in force from here on.",
		"策略已改变，从此刻起生效。"))
	for _, s := range all {
		switch {
		case s.Kept || s.Count == 0:
		default:
			fmt.Fprintf(r.app.err, say("  %s: %d meet it already, without effects\n",
				"  %s：%d 个已经满足，不产生效果\n"), s.Declaration, s.Count)
		}
	}
	return nil
}

// drain writes the decisions up to a durable entry.
func (r *running) drain(to uint64) error {
	if to <= r.from {
		return nil
	}
	err := r.w.Entries(r.from+1, to, false, func(l *runtime.Logged) error {
		if err := l.Decode(&r.dec); err != nil {
			return err
		}
		r.from = l.Seq
		return r.write(l)
	})
	r.bar.at(int64(r.next))
	return err
}

func (r *running) write(l *runtime.Logged) error {
	if p := l.Policy(); p != r.policy {
		zone, err := calendar.Zone(p.Settings.Timezone)
		if err != nil {
			return err
		}
		r.policy, r.writer = p, decision.NewWriter(p, decision.Options{Zone: zone, Lang: r.texts})
	}
	kind := decision.Kind(l.Kind)
	switch kind {
	case decision.Record:
		if r.dec.Outcome == decision.Rejected {
			r.rejected()
		}
		r.next++
	case decision.Tick, decision.Step:
	default:
		return nil // the policy's coming into force and the end of time decide nothing
	}
	r.sum.add(kind, &r.dec)
	r.line = append(r.writer.AppendJSON(r.line[:0], &r.dec), '\n')
	_, err := r.out.Write(r.line)
	return err
}

// most is how many rejected records are told one by one.
const most = 20

// rejected tells why a record was, where it stands in its file.
func (r *running) rejected() {
	n := r.sum.Outcomes[decision.Rejected.String()]
	if r.next >= len(r.in.list) || len(r.dec.Findings) == 0 {
		return
	}
	f := &r.dec.Findings[len(r.dec.Findings)-1]
	w := decision.NewWriter(r.policy, decision.Options{Lang: r.app.lang.String()})
	x := &r.in.list[r.next]
	text := w.AppendFinding(nil, f)
	r.in.refused(x, string(text))
	if n < most {
		fmt.Fprintf(r.app.err, r.app.say("%s: rejected: %s %s\n", "%s：拒绝：%s %s\n"),
			r.in.where(x), f.Code, text)
	}
}

// tell ends a run: what came of it, or where it stopped.
func (r *running) tell(err error) error {
	if err == nil {
		r.sum.Seq = r.w.Last()
		return r.app.tellSummary(r.sum)
	}
	plural.Fprintf(r.app.err, r.app.say("stopped: %d of %d record{|s} decided on, up to seq %d",
		"已中断：%d/%d 条记录已作出决定，到 seq %d"), r.next, len(r.in.list), r.w.Last())
	if r.next < len(r.in.list) {
		fmt.Fprintf(r.app.err, r.app.say("; the next is %s", "；下一条是 %s"),
			r.in.where(&r.in.list[r.next]))
	}
	fmt.Fprintln(r.app.err)
	return nil
}

// open opens a workspace; what somebody should look at is said on standard error.
func (a *app) open(file string, cfg runtime.Config) (*runtime.Workspace, error) {
	cfg.Progress = a.meter(a.say("replaying", "重放"), 0).of
	cfg.Notice = func(err error) { fmt.Fprintf(a.err, "thru: %s\n", a.words(err)) }
	cfg.Now = time.Now
	return runtime.Open(file, cfg)
}
