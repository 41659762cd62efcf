package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/engine/trial"
)

func (a *app) test() *cobra.Command {
	var run string
	c := &cobra.Command{
		Use:   "test DIR",
		Short: a.say("Run a policy's own tests.", "运行策略自带的测试。"),
		Long: a.say(
			"test runs the test blocks of the policy in a folder, each over a workspace of its own and in\n"+
				"virtual time. What failed is told with its place, what was expected and what is so.\n"+
				"It exits with 1 if a test fails or the policy cannot run.",
			"test 运行目录中策略的测试块，每个测试都有自己的工作区和虚拟时间。\n"+
				"失败的测试会说明位置、期望与实际。有测试失败或策略不能运行时以 1 退出。"),
		Example: "  thru test .\n  thru test --run '^Cold' policies/east-china\n  thru test --json .",
		Args:    a.takes(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			wanted, err := regexp.Compile(run)
			if err != nil {
				return usageError{err}
			}
			return a.runTests(args[0], wanted)
		},
	}
	c.Flags().StringVar(&run, "run", "",
		a.say("only tests whose name matches this pattern", "只运行名称匹配此模式的测试"))
	return c
}

func (a *app) runTests(dir string, wanted *regexp.Regexp) error {
	p, err := a.loadSound(dir)
	if err != nil {
		return err
	}
	fsys := os.DirFS(dir)
	results := trial.All(p.policy, trial.Options{
		Lang: a.lang.String(),
		Read: func(name string) ([]byte, error) { return fs.ReadFile(fsys, name) },
	}, wanted.MatchString)
	failed := 0
	for _, r := range results {
		if !r.Passed {
			failed++
		}
		if err := a.tellResult(dir, r); err != nil {
			return err
		}
	}
	if len(results) == 0 && wanted.String() != "" {
		text := a.say("no test of %s matches %s", "%s 中没有匹配 %s 的测试")
		return usageError{fmt.Errorf(text, dir, wanted)}
	}
	fmt.Fprintf(a.err, a.say("%s: %d tests, %d failed\n", "%s：%d 个测试，%d 个失败\n"),
		dir, len(results), failed)
	if failed > 0 {
		return errFault
	}
	return nil
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
