package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/engine/cover"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/internal/plural"
)

// tested is what the flags of test say.
type tested struct {
	run    string
	cover  bool
	html   string
	out    string
	in     []string
	min    string
	mutate bool
	junit  string

	wanted *regexp.Regexp
	least  float64 // percent; 0: nothing is asked
}

func (a *app) test() *cobra.Command {
	var o tested
	c := &cobra.Command{
		Use:   "test [DIR]",
		Short: a.say("Run a policy's own tests.", "运行策略自带的测试。"),
		Long: a.say(
			"test runs the test blocks of the policy in a folder, each over a workspace of its own and in\n"+
				"virtual time. What failed is told with its place, what was expected and what is so.\n"+
				"--cover says which rules, rows and conditions no test has seen, each condition both ways.\n"+
				"--mutate changes the policy in many small ways, one at a time, and lists the changes that\n"+
				"no test notices. It exits with 1 if a test fails, the policy cannot run, or less than\n"+
				"--min was reached.",
			"test 运行目录中策略的测试块，每个测试都有自己的工作区和虚拟时间。\n"+
				"失败的测试会说明位置、期望与实际。\n"+
				"--cover 说明哪些规则、表格行和条件没有任何测试看到，条件要看到真假两面。\n"+
				"--mutate 对策略逐一做许多小改动，列出没有测试察觉的改动。\n"+
				"有测试失败、策略不能运行或未达到 --min 时以 1 退出。"),
		Example: "  thru test .\n  thru test --run '^Cold' policies/east-china\n" +
			"  thru test --cover --min 90% --cover-html cover.html .\n  thru test --mutate --json .",
		Args:              a.takes(cobra.MaximumNArgs(1)),
		ValidArgsFunction: folderThen(),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := a.readTested(&o); err != nil {
				return err
			}
			return a.runTests(here(args), &o)
		},
	}
	a.testFlags(c, &o)
	return c
}

func (a *app) testFlags(c *cobra.Command, o *tested) {
	f := c.Flags()
	f.StringVar(&o.run, "run", "",
		a.say("only tests whose name matches this pattern", "只运行名称匹配此模式的测试"))
	f.BoolVar(&o.cover, "cover", false,
		a.say("say what no test has seen", "说明没有测试看到的内容"))
	f.StringVar(&o.html, "cover-html", "",
		a.say("write the policy with what was seen marked, as a page", "把标出覆盖情况的策略写成网页"))
	f.StringVar(&o.out, "cover-out", "",
		a.say("write what was seen to a file that can be merged", "把覆盖情况写入可合并的文件"))
	f.StringArrayVar(&o.in, "cover-in", nil,
		a.say("add what an earlier run has seen; may be repeated", "并入之前运行的覆盖文件；可重复"))
	f.StringVar(&o.min, "min", "",
		a.say("exit with 1 if less is covered, or noticed with --mutate, such as 90%",
			"覆盖率（或 --mutate 的察觉率）低于此值时以 1 退出，例如 90%"))
	f.BoolVar(&o.mutate, "mutate", false,
		a.say("list small changes that no test notices", "列出没有测试察觉的小改动"))
	f.StringVar(&o.junit, "junit", "",
		a.say("write the results as JUnit XML to a file", "把结果以 JUnit XML 写入文件"))
	a.frozenFlag(c)
	_ = c.MarkFlagFilename("cover-html", "html") // the flags are there: just made
	_ = c.MarkFlagFilename("junit", "xml")
}

// readTested makes sense of the flags.
func (a *app) readTested(o *tested) (err error) {
	if o.wanted, err = regexp.Compile(o.run); err != nil {
		return usageError{err}
	}
	if o.min != "" {
		o.least, err = strconv.ParseFloat(strings.TrimSuffix(o.min, "%"), 64)
		if err != nil || !(o.least >= 0 && o.least <= 100) {
			return usageError{fmt.Errorf(a.say("--min is a percentage such as 90%%, not %q",
				"--min 是百分比，例如 90%%，而不是 %q"), o.min)}
		}
		o.cover = o.cover || !o.mutate
	}
	o.cover = o.cover || o.html != "" || o.out != "" || len(o.in) > 0
	return nil
}

func (a *app) runTests(dir string, o *tested) error {
	p, err := a.loadSound(dir)
	if err != nil {
		return err
	}
	fsys := os.DirFS(dir)
	opts := trial.Options{Lang: a.lang.String(),
		Read: func(name string) ([]byte, error) { return fs.ReadFile(fsys, name) }}
	all := &trial.Covered{}
	if o.cover || o.mutate {
		all = trial.Cover(p.policy, opts, o.wanted.MatchString)
	} else {
		all.Results = trial.All(p.policy, opts, o.wanted.MatchString)
	}
	failed, err := a.tellResults(dir, all.Results)
	if err != nil {
		return err
	}
	if len(all.Results) == 0 && o.run != "" {
		text := a.say("no test of %s matches %s", "%s 中没有匹配 %s 的测试")
		return usageError{fmt.Errorf(text, dir, o.wanted)}
	}
	plural.Fprintf(a.err, a.say("%s: %d test{|s}, %d failed\n", "%s：%d 个测试，%d 个失败\n"),
		dir, len(all.Results), failed)
	if err := a.junit(dir, o.junit, all.Results); err != nil {
		return err
	}
	var short error
	if o.cover {
		if short = a.tellCover(p, o, all.Cover); short != nil && !errors.Is(short, errFault) {
			return short
		}
	}
	if failed > 0 {
		return errFault // changes are measured against tests that pass
	}
	if o.mutate {
		if err := a.mutate(p, o, all, opts); err != nil {
			return err
		}
	}
	return short
}

// tellResults tells every result and counts the failed ones.
func (a *app) tellResults(dir string, results []trial.Result) (failed int, err error) {
	for _, r := range results {
		if !r.Passed {
			failed++
		}
		if err := a.tellResult(dir, r); err != nil {
			return failed, err
		}
	}
	return failed, nil
}

// tellResult is one line for a test that passed, and one more for each thing that did not hold.
func (a *app) tellResult(dir string, r trial.Result) error {
	r.File = filepath.Join(dir, filepath.FromSlash(r.File))
	var text string
	switch {
	case a.json:
		text = string(r.AppendJSON(nil)) + "\n"
	case r.Passed:
		text = fmt.Sprintf("%s %s\n", a.say("ok  ", "通过"), r.Name)
	default:
		text = fmt.Sprintf("%s %s\n     %s:%d: %s\n", a.say("FAIL", "失败"), r.Name, r.File, r.Line,
			strings.ReplaceAll(r.Message, "\n", "\n     "))
	}
	_, err := fmt.Fprint(a.out, text)
	return err
}

// tellCover merges, tells and writes the coverage.
func (a *app) tellCover(p *folder, o *tested, c *cover.Coverage) error {
	for _, name := range o.in {
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := c.Merge(b); err != nil {
			return fmt.Errorf(a.say("read %s: %w", "读取 %s：%w"), name, err)
		}
	}
	if err := writeIf(o.out, func() []byte { return c.AppendFile(nil) }); err != nil {
		return err
	}
	err := writeIf(o.html, func() []byte { return c.AppendHTML(nil, a.lang.String()) })
	if err != nil {
		return err
	}
	c.Dir = filepath.ToSlash(p.dir)
	text := c.AppendText(nil, a.lang.String())
	if a.json {
		text = c.AppendJSON(nil)
	}
	if _, err := a.out.Write(text); err != nil {
		return err
	}
	return a.atLeast(o, c.Total(), a.say("%s: %s is covered, %s is asked for",
		"%s：覆盖率 %s，要求 %s"), p.dir)
}

// atLeast says where less was reached than --min asks for.
func (a *app) atLeast(o *tested, s cover.Share, text, dir string) error {
	if s.Percent() >= o.least {
		return nil
	}
	fmt.Fprintf(a.err, text+"\n", dir, s, strings.TrimSuffix(o.min, "%")+"%")
	return errFault
}

// writeIf writes a file that was asked for.
func writeIf(name string, text func() []byte) error {
	if name == "" {
		return nil
	}
	return os.WriteFile(name, text(), 0o666)
}
