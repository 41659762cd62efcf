package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/examples/demo"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/templates"
)

// demoed is what the flags of demo say.
type demoed struct {
	db, industry, addr string
	text               bool
	last               time.Duration
}

// forever is until somebody interrupts it.
const forever = -1 * time.Second

func (a *app) demo() *cobra.Command {
	var o demoed
	c := &cobra.Command{
		Use:   "demo",
		Short: a.say("Open a sample workspace with a year of history.", "打开一个有一年历史的样例工作区。"),
		Long: a.say(
			"demo makes a year of a drinks distributor and serves its pages to this machine, with records\n"+
				"going on to come; whoever opens them chooses who to be. It ends on an interrupt and keeps\n"+
				"nothing.\n"+
				"With --text, and where nobody is at a terminal, it runs six weeks of a field team through\n"+
				"the policy in examples/demo instead, on a database of its own, and tells some of what was\n"+
				"decided and why. Records are the same every time.",
			"demo 生成一家饮料经销商一年的记录，在本机提供页面，并继续产生新的记录；打开页面的人选择自己的身份。\n"+
				"收到中断信号后结束，不保留任何内容。\n"+
				"用 --text，或没有终端时，则让一支外勤团队六周的记录经过 examples/demo 中的策略，写入单独的数据库，\n"+
				"然后讲讲其中一些决定以及理由。每次的记录都一样。"),
		Example: "  thru demo\n  thru demo --text --lang zh\n  thru demo --db demo.db\n" +
			"  thru demo --industry medical",
		Args: a.takes(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			f := c.Flags()
			pages := f.Changed("addr") || f.Changed("for")
			told := o.text || o.db != "" || o.industry != ""
			if pages && told {
				return usageError{errors.New(a.say(
					"--addr and --for are of pages; --text, --db and --industry tell a text",
					"--addr 和 --for 用于页面；--text、--db 和 --industry 输出文本"))}
			}
			if pages || !told && a.watched() {
				return a.serveDemo(c.Context(), &o)
			}
			s, err := a.sampleOf(c.Context(), o.industry)
			if err != nil {
				return err
			}
			return a.runDemo(o.db, s)
		},
	}
	a.demoFlags(c, &o)
	return c
}

func (a *app) demoFlags(c *cobra.Command, o *demoed) {
	f := c.Flags()
	f.BoolVar(&o.text, "text", false, a.say("tell a story here instead of serving pages",
		"在终端里讲述，而不是提供页面"))
	f.StringVar(&o.addr, "addr", demoAddr, a.say("where to serve pages", "页面的监听地址"))
	f.DurationVar(&o.last, "for", forever, a.say("end after this time, such as 30m; 0 at once",
		"到时结束，例如 30m；0 为立即结束"))
	f.StringVar(&o.industry, "industry", "", a.say(
		"tell of the workspace that thru new --industry makes: ", "讲述 thru new --industry 新建的工作区：")+
		strings.Join(templates.Starters(), ", "))
	f.StringVar(&o.db, "db", "", a.say(
		"new database to keep what is told of; else one in the temporary folder",
		"保留所讲内容的新数据库；不给则放在临时目录"))
	_ = c.RegisterFlagCompletionFunc("industry", // the flags are there: just made
		cobra.FixedCompletions(templates.Starters(), cobra.ShellCompDirectiveNoFileComp))
	for _, name := range []string{"addr", "for"} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
}

// watched reports whether somebody is at a terminal.
func (a *app) watched() bool {
	f, ok := a.out.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// sampled is a sample workspace: its policy, its records and what it is of.
type sampled struct {
	policy  *policy.Policy
	records [][]byte
	about   string // in the user's language
	tests   string // the folder that holds them
}

// sampleOf is the sample workspace, or that of an industry.
func (a *app) sampleOf(ctx context.Context, industry string) (s sampled, err error) {
	if industry == "" {
		s = sampled{records: demo.Records(0), tests: "examples/demo",
			about: a.say("A field team that sells drinks to shops", "一支向门店销售饮料的外勤团队")}
		s.policy, err = policyOf("demo")
		return s, err
	}
	in, err := a.starter(industry)
	if err != nil {
		return s, err
	}
	change, err := required(ctx, in)
	if err != nil {
		return s, err
	}
	s = sampled{records: demo.Industry(industry), about: fmt.Sprintf(
		a.say("The workspace of thru new --industry %s", "thru new --industry %s 的工作区"), industry)}
	var diags []source.Diagnostic
	s.policy, diags, err = dsl.Load(change.Preview(in), ".")
	if err == nil && dsl.HasErrors(diags) {
		err = fmt.Errorf("starter %s: %d diagnostics", industry, len(diags))
	}
	return s, err
}

func (a *app) runDemo(db string, s sampled) error {
	begun := time.Now()
	var err error
	if db, err = a.newDatabase(db); err != nil {
		return err
	}
	w, err := a.open(db, runtime.Config{Policy: s.policy, Import: true, Virtual: true})
	if err != nil {
		return err
	}
	t := &teller{app: a, w: w, sum: newSummary()}
	records := s.records
	err = firstOf(a.play(w, records), t.read())
	if err = firstOf(err, w.Close()); err != nil {
		return err
	}
	if a.json {
		return firstOf(t.tellJSON(), a.tellSummary(t.sum))
	}
	fmt.Fprintf(a.out, a.say(
		"%s, six weeks, %d records: decided in %.1f s.\n",
		"%s，六周，%d 条记录：用时 %.1f 秒作出决定。\n"),
		s.about, len(records), time.Since(begun).Seconds())
	if err := t.tell(); err != nil {
		return err
	}
	return a.next(db, t, s)
}

// newDatabase is a path where nothing is yet.
func (a *app) newDatabase(db string) (string, error) {
	if db == "" {
		dir, err := os.MkdirTemp("", "thru-demo-")
		return filepath.Join(dir, "demo.db"), err
	}
	if _, err := os.Stat(db); err == nil {
		return "", usageError{fmt.Errorf(a.say("%s is there already; name a new file",
			"%s 已经存在；请给出新的文件名"), db)}
	}
	return db, nil
}

// play runs the records and then lets a day go by.
func (a *app) play(w *runtime.Workspace, records [][]byte) error {
	bar := a.meter(a.say("running", "运行"), len(records))
	defer bar.done()
	ctx, i := context.Background(), 0
	err := w.Import(ctx, func() ([]byte, error) {
		if i == len(records) {
			return nil, io.EOF
		}
		i++
		return records[i-1], nil
	}, func(*runtime.Answer) error {
		bar.at(int64(i))
		return nil
	})
	if err != nil {
		return err
	}
	var now int64
	err = w.View(ctx, func(e *engine.Engine) { now = e.Now() })
	return firstOf(err, w.Until(ctx, now+24*time.Hour.Microseconds()))
}

// next says what may be tried on the database.
func (a *app) next(db string, t *teller, of sampled) error {
	thru := "thru"
	if self, err := os.Executable(); err == nil && strings.Contains(self, "go-build") {
		thru = "go run ./cmd/thru" // it is gone as soon as this ends
	}
	var b strings.Builder
	b.WriteString(a.say("\nTry next:\n", "\n接下来可以试试：\n"))
	line := func(args, what string) {
		fmt.Fprintf(&b, "  %s  # %s\n", fmt.Sprintf("%s "+args, thru, db), what)
	}
	if s := t.stories; len(s) > 0 {
		line("explain --db %s "+fmt.Sprint(s[0].Seq), a.say("why this alert opened", "这个预警为什么打开"))
		line("explain --db %s "+s[0].Of, a.say("how things stand", "现在的情况"))
	}
	if of.tests == "" {
		line("show --db %s Rep name 'count(Order in 30d)'", a.say("anything, for everybody", "任何指标，每个人"))
	} else {
		line("show --db %s Rep name RepHealth 'count(Order in 7d)'",
			a.say("anything, for everybody", "任何指标，每个人"))
		fmt.Fprintf(&b, "  %s test %s  # %s\n", thru, of.tests,
			a.say("the policy's own tests", "策略自带的测试"))
	}
	_, err := io.WriteString(a.out, b.String())
	return err
}

// tellJSON writes the stories, one a line.
func (t *teller) tellJSON() error {
	for i := range t.stories {
		if err := json.NewEncoder(t.app.out).Encode(&t.stories[i]); err != nil {
			return err
		}
	}
	return nil
}
