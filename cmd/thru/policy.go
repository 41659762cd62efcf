package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/internal/plural"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/ask"
)

func (a *app) policies() *cobra.Command {
	var o distant
	c := &cobra.Command{
		Use: "policy",
		Short: a.say("Policies of a running server: versions, publishing, trying.",
			"服务器上的策略：版本、发布、试运行。"),
		Long: a.say(
			"policy lists which policies were in force in a workspace of a running server, puts one in\n"+
				"force, goes back to one, and runs one beside the one in force, where nothing of it leaves.",
			"policy 列出运行中服务器上某工作区的历次策略，发布新策略、回到旧策略，\n"+
				"或让一个策略在旁边试运行：它的任何效果都不会执行。"),
		Example: "  thru policy versions east" + elsewhere + "\n" +
			"  thru policy publish east ./policy --why \"visits grew\"" + elsewhere + "\n" +
			"  thru policy rollback east 1" + elsewhere,
		Args:              a.takes(cobra.NoArgs),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	a.remoteFlags(c, &o)
	c.AddCommand(a.policyVersions(&o), a.policyPlan(&o), a.policyPublish(&o), a.policyRollback(&o),
		a.policyShadow(&o), a.policyCanary(&o))
	return c
}

// filesOf are the files of a policy's folder as a server takes them: all that are text, but hidden
// ones.
func (a *app) filesOf(dir string) (out []api.File, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		hidden := strings.HasPrefix(d.Name(), ".") && path != dir
		switch {
		case err != nil:
			return err
		case hidden && d.IsDir():
			return filepath.SkipDir
		case hidden || !d.Type().IsRegular():
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil || !utf8.Valid(b) {
			return err
		}
		name, err := filepath.Rel(dir, path)
		out = append(out, api.File{Name: filepath.ToSlash(name), Text: string(b)})
		return err
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf(a.say("%s has no files", "%s 中没有文件"), dir)
	}
	return out, err
}

// tellOf prints an answer: as it is, or as text for people.
func tellOf[T any](a *app, x *T, text func(*T) string) error {
	if a.json {
		return json.NewEncoder(a.out).Encode(x)
	}
	_, err := fmt.Fprint(a.out, text(x))
	return err
}

// ofServer is a question to a server about a workspace's policy.
func ofServer[T any](a *app, c *cobra.Command, o *distant, q inquiry) (*T, error) {
	s, err := a.reach(o)
	if err != nil {
		return nil, err
	}
	x := new(T)
	q.out = x
	return x, s.ask(c.Context(), q)
}

func (a *app) policyVersions(o *distant) *cobra.Command {
	limit := 20
	c := &cobra.Command{
		Use:               "versions WORKSPACE",
		Short:             a.say("Which policies were in force.", "历次生效的策略。"),
		Example:           "  thru policy versions east" + elsewhere,
		Args:              a.takes(cobra.ExactArgs(1)),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			path := pathOf(args[0], "policy", "versions") + "?limit=" + strconv.Itoa(limit)
			x, err := ofServer[api.Versions](a, c, o, inquiry{method: http.MethodGet, path: path})
			if err != nil {
				return err
			}
			return tellOf(a, x, a.versionsText)
		},
	}
	c.Flags().IntVar(&limit, "limit", limit, a.say("at most so many, the newest", "最多列出最近多少个"))
	return c
}

func (a *app) versionsText(x *api.Versions) string {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, a.say("SEQ\tSINCE\tHASH\tHOW\tBY\tWHY", "序号\t生效时间\t散列值\t方式\t操作者\t原因"))
	for _, v := range x.Versions {
		fmt.Fprintf(w, "%d\t%s\t%.12s\t%s\t%s\t%s\n", v.Seq, v.At.Local().Format("2006-01-02 15:04"),
			v.Hash, or(v.How, "–"), or(v.Name, or(v.By, "–")), or(v.Why, "–"))
		for _, line := range v.Changed {
			fmt.Fprintf(w, "\t\t  %s\n", line)
		}
		if v.Blast != nil && v.Blast.Over {
			plural.Fprintf(w, "\t\t  "+a.say("confirmed: %d of %d decision{|s} (%.1f%%) differ\n",
				"已确认：%[2]d 个决定中有 %[1]d 个（%.1[3]f%%）不同\n"),
				v.Blast.Differ, v.Blast.Decisions, v.Blast.Percent)
		}
	}
	_ = w.Flush() // into memory
	return b.String()
}

// or is a text, or another where that is empty.
func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func (a *app) policyPlan(o *distant) *cobra.Command {
	return &cobra.Command{
		Use:               "plan WORKSPACE DIR",
		Short:             a.say("What would become of open records on journeys.", "进行中的记录会怎样。"),
		Example:           "  thru policy plan east ./policy" + elsewhere,
		Args:              a.takes(cobra.ExactArgs(2)),
		ValidArgsFunction: folders(2),
		RunE: func(c *cobra.Command, args []string) error {
			files, err := a.filesOf(args[1])
			if err != nil {
				return err
			}
			x, err := ofServer[api.Plan](a, c, o, inquiry{method: http.MethodPost,
				path: pathOf(args[0], "policy", "plan"), in: api.Files{Files: files}})
			if err != nil {
				return err
			}
			return tellOf(a, x, a.planText)
		},
	}
}

func (a *app) planText(x *api.Plan) string {
	var b bytes.Buffer
	held := false
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	for _, s := range x.Stages {
		fate := map[ask.Fate]string{ask.Stays: a.say("stays", "留在原处"), ask.Moves: a.say("moves", "移动"),
			ask.Stranded: a.say("begins anew", "从头开始")}[s.Fate]
		some := strings.Join(s.IDs[:min(len(s.IDs), 5)], " ")
		if s.Fate == ask.Stays {
			some = strings.Join(s.Rules, " ")
		}
		held = held || len(s.Rules) > 0
		fmt.Fprintf(w, "%s.%s\t%d\t%s\t%s\t%s\n", s.Journey, s.Stage, s.Count, fate, or(s.To, "–"),
			some)
	}
	_ = w.Flush() // into memory
	fmt.Fprintf(&b, a.say("%d stay, %d move, %d begin anew\n", "%d 条留在原处，%d 条移动，%d 条从头开始\n"),
		x.Stays, x.Moves, x.Stranded)
	if held {
		b.WriteString(a.say(
			"Open records are held to what is named from the moment it takes force. Who is to go on as\n"+
				"they began, the policy says: must created < 2026-03-01 or … (docs/rollout.md).\n",
			"进行中的记录自生效起即按列出的新要求。要让此前开始的按原来的要求走完，请写在策略里：\n"+
				"必做 created < 2026-03-01 或者 …（docs/rollout.zh-CN.md）。\n"))
	}
	return b.String()
}

func (a *app) policyPublish(o *distant) *cobra.Command {
	var x api.Files
	c := &cobra.Command{
		Use:   "publish WORKSPACE DIR",
		Short: a.say("Put the policy in a folder in force.", "使目录中的策略生效。"),
		Long: a.say(
			"publish sends a folder to the server, which puts it in force where it has no mistakes and\n"+
				"its tests pass. Where it would decide more of the last days otherwise than the budget\n"+
				"allows, or strand open records, the server says how many, and it takes --confirm and\n"+
				"--stranded with these figures.",
			"publish 把目录发给服务器；没有错误且测试通过时生效。若最近若干天的决定中会有超出预算的部分不同，\n"+
				"或有进行中的记录会失去所在阶段，服务器会给出数字；再用 --confirm 和 --stranded 带上这些数字确认。"),
		Example:           "  thru policy publish east ./policy --why \"visits grew\"" + elsewhere,
		Args:              a.takes(cobra.ExactArgs(2)),
		ValidArgsFunction: folders(2),
		RunE: func(c *cobra.Command, args []string) (err error) {
			if x.Files, err = a.filesOf(args[1]); err != nil {
				return err
			}
			return a.published(c, o, inquiry{method: http.MethodPut,
				path: pathOf(args[0], "policy"), in: x})
		},
	}
	c.Flags().StringVar(&x.Expect, "expect", "",
		a.say("hash of the policy that it comes from", "其所依据的策略的散列值"))
	a.confirmFlags(c, &x.Why, &x.Confirm)
	return c
}

func (a *app) confirmFlags(c *cobra.Command, why *string, confirm *api.Confirm) {
	f := c.Flags()
	f.StringVar(why, "why", "", a.say("for those who read the versions", "供查看版本的人阅读"))
	f.IntVar(&confirm.Differ, "confirm", 0,
		a.say("so many decisions may differ; -1: though it is not known",
			"确认有这么多决定会不同；-1 表示数字未知也继续"))
	f.IntVar(&confirm.Stranded, "stranded", 0,
		a.say("so many open records begin anew", "确认有这么多进行中的记录从头开始"))
	for _, name := range []string{"why", "confirm", "stranded", "expect"} {
		_ = c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions) // not every command has all
	}
}

func (a *app) published(c *cobra.Command, o *distant, q inquiry) error {
	x, err := ofServer[api.Published](a, c, o, q)
	if err != nil {
		return err
	}
	return tellOf(a, x, func(x *api.Published) string {
		return fmt.Sprintf(a.say("in force since entry %d: %.12s\n", "自条目 %d 起生效：%.12s\n"),
			x.Seq, x.Hash)
	})
}

func (a *app) policyRollback(o *distant) *cobra.Command {
	why := ""
	c := &cobra.Command{
		Use:   "rollback WORKSPACE VERSION",
		Short: a.say("Put a policy in force that was before.", "回到以前的策略。"),
		Long: a.say(
			"rollback goes back to a policy at once: VERSION is the entry that activated it, or its hash.",
			"rollback 立即回到以前的策略：VERSION 为启用它的条目序号，或它的散列值。"),
		Example:           "  thru policy rollback east 1" + elsewhere,
		Args:              a.takes(cobra.ExactArgs(2)),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			hash := args[1]
			if _, err := strconv.ParseUint(hash, 10, 64); err == nil && len(hash) < 20 {
				x, err := ofServer[api.VersionInFull](a, c, o, inquiry{method: http.MethodGet,
					path: pathOf(args[0], "policy", "versions", hash)})
				if err != nil {
					return err
				}
				hash = or(x.Source, x.Hash)
			}
			return a.published(c, o, inquiry{method: http.MethodPost,
				path: pathOf(args[0], "policy", "rollback"),
				in:   map[string]string{"hash": hash, "why": why}})
		},
	}
	c.Flags().StringVar(&why, "why", "", a.say("for those who read the versions", "供查看版本的人阅读"))
	_ = c.RegisterFlagCompletionFunc("why", cobra.NoFileCompletions) // the flag is there: just made
	return c
}
