package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/internal/plural"
	"github.com/throughline/throughline/runtime/api"
)

// attempt is a policy that is tried on a server, beside the one in force or on some.
type attempt struct {
	stop, promote bool
	files         api.Files
	some          api.Some
	path          string
	begin         func(*attempt) any // what is sent
	look          func(*cobra.Command, string) error
}

func (a *app) attemptFlags(c *cobra.Command, x *attempt) {
	c.Flags().BoolVar(&x.stop, "stop", false, a.say("end it", "结束试运行"))
	c.Flags().BoolVar(&x.promote, "promote", false, a.say("put it in force", "使其生效"))
	a.confirmFlags(c, &x.files.Why, &x.files.Confirm)
}

// try begins it, looks at it, ends it or puts it in force.
func (a *app) try(c *cobra.Command, o *distant, x *attempt, args []string) (err error) {
	at := pathOf(args[0], "policy", x.path)
	switch {
	case x.stop && x.promote, (x.stop || x.promote) && len(args) == 2:
		return usageError{errors.New(a.say("begin, look, --promote or --stop: one at a time",
			"开始、查看、--promote、--stop 一次只能做一件"))}
	case x.promote:
		return a.published(c, o, inquiry{method: http.MethodPost, path: at + "/promote",
			in: map[string]any{"why": x.files.Why, "confirm": x.files.Confirm}})
	case x.stop:
		_, err := ofServer[struct{}](a, c, o, inquiry{method: http.MethodDelete, path: at})
		return err
	case len(args) == 1:
		return x.look(c, at)
	}
	if x.files.Files, err = a.filesOf(args[1]); err != nil {
		return err
	}
	_, err = ofServer[struct{}](a, c, o, inquiry{method: http.MethodPost, path: at, in: x.begin(x)})
	return err
}

func (a *app) policyShadow(o *distant) *cobra.Command {
	x := &attempt{path: "shadow", begin: func(x *attempt) any { return x.files }}
	x.look = func(c *cobra.Command, at string) error {
		seen, err := ofServer[api.Shadowed](a, c, o, inquiry{method: http.MethodGet, path: at})
		if err != nil {
			return err
		}
		return tellOf(a, seen, a.shadowText)
	}
	c := &cobra.Command{
		Use:   "shadow WORKSPACE [DIR]",
		Short: a.say("Run a policy beside the one in force.", "让策略在旁边试运行。"),
		Long: a.say(
			"shadow begins to run the policy in DIR beside the one in force; without DIR it tells what\n"+
				"that decides otherwise since. Nothing of it leaves. --promote puts it in force, and\n"+
				"--stop ends it.",
			"shadow 让 DIR 中的策略在当前策略旁边试运行；不给 DIR 时说明自那时起有哪些不同的决定。\n"+
				"它的任何效果都不会执行。--promote 使其生效，--stop 结束试运行。"),
		Example: "  thru policy shadow east ./policy" + elsewhere + "\n" +
			"  thru policy shadow east" + elsewhere + "\n" +
			"  thru policy shadow east --promote" + elsewhere,
		Args:              a.takes(cobra.RangeArgs(1, 2)),
		ValidArgsFunction: folders(2),
		RunE:              func(c *cobra.Command, args []string) error { return a.try(c, o, x, args) },
	}
	a.attemptFlags(c, x)
	return c
}

func (a *app) shadowText(x *api.Shadowed) string {
	var b bytes.Buffer
	plural.Fprintf(&b, a.say("since %s: %d of %d decision{ differs|s differ} (%.1f%%), "+
		"about %d subject{|s}\n",
		"自 %[1]s 起：%[3]d 个决定中有 %[2]d 个不同（%.1[4]f%%），涉及 %[5]d 个对象\n"),
		x.From.Local().Format(time.DateTime), x.Differ, x.Decisions, x.Percent, x.Subjects)
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	for i, r := range x.Rules {
		if i == 0 {
			fmt.Fprintln(w, a.say("RULE\tONLY IN FORCE\tONLY BESIDE\tOTHERWISE",
				"规则\t仅当前策略\t仅试运行\t两者不同"))
		}
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", or(r.Name, "–"), r.OnlyOld, r.OnlyNew, r.Changed)
	}
	_ = w.Flush() // into memory
	for _, d := range x.Newest {
		fmt.Fprintf(&b, "%s\n", d)
	}
	return b.String()
}

func (a *app) policyCanary(o *distant) *cobra.Command {
	x := &attempt{path: "canary", begin: func(x *attempt) any {
		return struct {
			api.Files
			api.Some
		}{x.files, x.some}
	}}
	x.look = func(c *cobra.Command, at string) error {
		seen, err := ofServer[api.Canaried](a, c, o, inquiry{method: http.MethodGet, path: at})
		if err != nil {
			return err
		}
		return tellOf(a, seen, a.canaryText)
	}
	c := &cobra.Command{
		Use:   "canary WORKSPACE [DIR --of ENTITY {--share PERCENT | --when EXPRESSION}]",
		Short: a.say("Put some subjects under a policy.", "让一部分对象先用新策略。"),
		Long: a.say(
			"canary puts some records of an entity, and what leads to them, under the rules and alerts\n"+
				"of the policy in DIR: a share as their ids fall, or those whom a condition holds of. The\n"+
				"others stay under the policy in force. Without DIR it tells how both sides do. --promote\n"+
				"puts everybody under it, and --stop nobody.",
			"canary 让某类对象的一部分（以及指向它们的记录）先用 DIR 中策略的规则和预警：\n"+
				"按标识分出一定比例，或满足某个条件；其余仍用当前策略。不给 DIR 时说明两边的情况。\n"+
				"--promote 使其对所有对象生效，--stop 结束试运行。"),
		Example: "  thru policy canary east ./policy --of Rep --share 10" + elsewhere + "\n" +
			"  thru policy canary east" + elsewhere + "\n" +
			"  thru policy canary east --stop" + elsewhere,
		Args:              a.takes(cobra.RangeArgs(1, 2)),
		ValidArgsFunction: folders(2),
		RunE:              func(c *cobra.Command, args []string) error { return a.try(c, o, x, args) },
	}
	f := c.Flags()
	f.StringVar(&x.some.Of, "of", "", a.say("entity whose records are parted", "按哪类对象划分"))
	f.Float64Var(&x.some.Share, "share", 0, a.say("percent of them", "其中的百分比"))
	f.StringVar(&x.some.When, "when", "", a.say("those whom this holds of", "满足此条件的对象"))
	for _, name := range []string{"of", "share", "when"} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions) // the flags are there: just made
	}
	a.attemptFlags(c, x)
	return c
}

func (a *app) canaryText(x *api.Canaried) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, a.say("since %s: %d %s under it, %d not\n",
		"自 %[1]s 起：%[2]d 个 %[3]s 使用新策略，%[4]d 个不用\n"),
		x.From.Local().Format(time.DateTime), x.Inside, x.Of, x.Others)
	if x.Over {
		b.WriteString(a.say("another policy was put in force meanwhile\n", "其间已有其他策略生效\n"))
	}
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, a.say("RULE\tEFFECTS UNDER IT\tABOUT\tOTHERS' EFFECTS\tABOUT",
		"规则\t新策略的效果\t涉及\t其余的效果\t涉及"))
	for _, r := range x.Sides {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\n", r.Rule, r.Inside.Effects, r.Inside.Subjects,
			r.Others.Effects, r.Others.Subjects)
	}
	_ = w.Flush() // into memory
	return b.String()
}
