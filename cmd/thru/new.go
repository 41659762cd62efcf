package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/templates"
	"github.com/throughline/throughline/templates/pack"
)

// What `thru new` begins with; NAME stands for the name.
var (
	//go:embed new/policy.thru
	newPolicy string
	//go:embed new/package.thru
	newPackage string
)

// beginning is what the flags of new say.
type beginning struct {
	pkg      string
	industry string
}

func (a *app) new() *cobra.Command {
	var o beginning
	c := &cobra.Command{
		Use:   "new DIR [--package NAME | --industry NAME]",
		Short: a.say("Begin a policy, a package or an industry's workspace.", "新建策略、程序包或行业工作区。"),
		Long: a.say(
			"new makes a folder with a policy that runs: a rule and its test. With --package it is a\n"+
				"package for others: a template and its tests. With --industry it is a workspace with a\n"+
				"journey, an allocation, an alert and a segment over a package of the library, which is\n"+
				"fetched and locked; thru demo --industry runs it on sample data. The folder must be new\n"+
				"or empty, and appears whole or not at all.",
			"new 新建目录，其中是可以运行的策略：一条规则及其测试。给出 --package 时是供他人使用的程序包：\n"+
				"一个模板及其测试。给出 --industry 时是行业工作区：旅程、分配、预警、分群，建立在库中的程序包之上，\n"+
				"程序包已取得并锁定；thru demo --industry 用样例数据运行它。目录必须是新的或空的，要么完整出现，\n"+
				"要么不出现。"),
		Example: "  thru new east-china\n  thru new shelf --package acme.shelf\n" +
			"  thru new east-china --industry fmcg",
		Args: a.takes(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return a.begin(c.Context(), args[0], &o)
		},
	}
	c.Flags().StringVar(&o.pkg, "package", "", a.say("make a package of this name", "新建此名称的程序包"))
	c.Flags().StringVar(&o.industry, "industry", "", a.say("begin with this industry: ", "以此行业起步：")+
		strings.Join(templates.Starters(), ", "))
	c.MarkFlagsMutuallyExclusive("package", "industry")
	_ = c.RegisterFlagCompletionFunc("industry", // the flag is there: just made
		cobra.FixedCompletions(templates.Starters(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

// begin makes the folder beside its place and then moves it there.
func (a *app) begin(ctx context.Context, dir string, o *beginning) error {
	at, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	there, err := os.ReadDir(at)
	if err != nil && !errors.Is(err, fs.ErrNotExist) || len(there) > 0 {
		return usageError{fmt.Errorf(a.say("%s is there and not empty; name a new folder",
			"%s 已存在且不为空；请给出新目录"), dir)}
	}
	empty := err == nil
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		return err
	}
	made, err := os.MkdirTemp(filepath.Dir(at), ".thru-new-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(made)
	if err := a.fill(ctx, made, filepath.Base(at), o); err != nil {
		return err
	}
	if err := move(made, at, empty); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, a.say("made %[1]s; next: thru test %[1]s\n",
		"已新建 %[1]s；接下来：thru test %[1]s\n"), dir)
	return err
}

// move puts what is in a folder in its place, which may be there empty, such as the one we are in.
func move(made, at string, empty bool) error {
	if !empty {
		if err := os.Chmod(made, 0o755); err != nil {
			return err
		}
		return os.Rename(made, at)
	}
	list, err := os.ReadDir(made)
	for _, e := range list {
		if err == nil {
			err = os.Rename(filepath.Join(made, e.Name()), filepath.Join(at, e.Name()))
		}
	}
	return err
}

// fill writes what there is to begin with.
func (a *app) fill(ctx context.Context, dir, base string, o *beginning) error {
	if o.industry != "" {
		in, err := a.starter(o.industry)
		if err != nil {
			return err
		}
		if err := os.CopyFS(dir, in); err != nil {
			return err
		}
		change, err := required(ctx, in)
		if err != nil {
			return err
		}
		return change.Write(dir)
	}
	name, text, more := o.pkg, newPackage, "title    = \"\"\nlicense  = \"Apache-2.0\"\n"
	if name == "" {
		name, text = plainName(base), newPolicy
		more = "timezone = \"Asia/Shanghai\"\ncalendar = \"CN\"\n"
	}
	if err := (pack.ID{Name: name, Version: "0.1.0"}).Check(); err != nil {
		return usageError{err}
	}
	toml := fmt.Sprintf("name     = %q\nversion  = \"0.1.0\"\n%slanguage = %d\n", name, more,
		dsl.Language)
	err := os.WriteFile(filepath.Join(dir, "thru.toml"), []byte(toml), 0o644)
	if err != nil {
		return err
	}
	text = strings.ReplaceAll(text, "NAME", name)
	return os.WriteFile(filepath.Join(dir, "policy.thru"), []byte(text), 0o644)
}

// starter is the workspace that an industry begins with.
func (a *app) starter(industry string) (fs.FS, error) {
	in, ok := templates.Starter(industry)
	if !ok {
		return nil, usageError{fmt.Errorf(a.say("there is no starter for %q; there are %s",
			"没有 %q 的起步工作区；现有 %s"), industry, strings.Join(templates.Starters(), ", "))}
	}
	return in, nil
}

// required is what fetching the packages that a workspace requires comes to, from the library.
func required(ctx context.Context, workspace fs.FS) (*pack.Change, error) {
	library, err := pack.Library()
	if err != nil {
		return nil, err
	}
	return pack.Prepare(ctx, workspace, library, pack.Want{})
}

// plainName makes a package's name of a folder's.
func plainName(base string) string {
	out := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, strings.ToLower(base))
	if out = strings.TrimLeft(out, "_0123456789"); out == "" {
		return "policy"
	}
	return out
}
