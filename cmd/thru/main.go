// Command thru checks, formats, tests and runs policies, and explains what they decided.
//
// One file holds one command. Commands wire packages together and print what comes back; they
// decide nothing themselves. What is told to people exists in English and Chinese, and with
// --json every command answers one JSON object a line instead.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

func main() {
	outlive()
	a := &app{in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv,
		environ: os.Environ()}
	os.Exit(a.run(os.Args[1:]))
}

// An app is one invocation: its streams, its environment and what every command's flags say.
type app struct {
	in       io.Reader
	out, err io.Writer
	env      func(string) string
	environ  []string // all of it, NAME=value
	lang     lang
	json     bool
	frozen   bool // nothing may be fetched or written for packages
}

// The exit codes, which scripts rely on.
const (
	exitFine  = 0
	exitFault = 1 // the policy or a test is at fault; what is wrong has been told
	exitUsage = 2 // the command line is wrong
	exitWorld = 3 // the world: a file, a disk, a database in use
)

// errFault ends a command whose findings have been printed already.
var errFault = errors.New("at fault")

// A usageError is a command line that cannot be meant.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// run is the command with its exit code. Errors are printed here and nowhere else.
func (a *app) run(args []string) int {
	a.lang = langOf(args, a.env)
	root := a.root()
	root.SetArgs(args)
	cmd, err := root.ExecuteC()
	var usage usageError
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, errFault):
		return exitFault
	case errors.As(err, &usage):
		fmt.Fprintf(a.err, "thru: %s\n%s\n", a.words(err),
			a.say("see: ", "参见：")+cmd.CommandPath()+" --help")
		return exitUsage
	}
	fmt.Fprintf(a.err, "thru: %s\n", a.words(err))
	return exitWorld
}

// root is the command with all commands below it.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "thru",
		Short: a.say("Policies for sales teams: check, run, explain.", "销售团队的策略：检查、运行、解释。"),
		Long: a.say(
			"thru works on policies: folders of .thru files that say what a sales team's records mean.",
			"thru 处理策略，也就是一个由 .thru 文件组成的目录，说明销售团队的记录意味着什么。"),
		SilenceErrors: true,
		SilenceUsage:  true,

		SuggestionsMinimumDistance: 2,
		Args:                       a.oneOf,

		PersistentPreRunE: a.before,
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.AddCommand(a.diff(), a.backtest())
	root.SetFlagErrorFunc(a.badFlag)
	flags := root.PersistentFlags()
	flags.BoolVar(&a.json, "json", false, a.say("answer one JSON object a line", "每行输出一个 JSON 对象"))
	flags.String("lang", a.lang.String(), a.say("language of messages: en or zh", "提示语言：en 或 zh"))
	root.AddCommand(a.check(), a.format(), a.test(), a.runRecords(),
		a.show(), a.tasks(), a.reviews(), a.waivers(), a.heatmap(), a.metric(), a.mapTable(),
		a.importTable(), a.coaching(),
		a.explain(), a.demo(), a.doc(), a.search(), a.add(), a.remove(),
		a.update(), a.new(), a.pack(), a.publish(), a.keys(), a.vendor(), a.audit(),
		a.simulate(), a.fairness(),
		a.verifyLog(), a.checkpoint(), a.prove(), a.erase(), a.export(),
		a.backup(), a.restore(), a.doctor(), a.bugreport(),
		a.serve(), a.policies(), a.channels(), a.deliveries(), a.languageServer(), a.version())
	a.translate(root)
	return root
}

// oneOf refuses a word that is no command, and offers the nearest.
func (a *app) oneOf(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf(a.say("%q is not a command", "%q 不是一个命令"), args[0])
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		text += fmt.Sprintf(a.say("; did you mean %q?", "；是否想用 %q？"), near[0])
	}
	return usageError{errors.New(text)}
}

// takes turns cobra's check of the number of arguments into a usage error that says what is wanted.
func (a *app) takes(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if check(c, args) == nil {
			return nil
		}
		return usageError{fmt.Errorf(a.say("arguments given: %d; it is: %s", "参数个数为 %d；用法：%s"),
			len(args), c.UseLine())}
	}
}
