package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/builder/doc"
	"github.com/throughline/throughline/internal/plural"
)

func (a *app) doc() *cobra.Command {
	var o documented
	c := &cobra.Command{
		Use:   "doc [DIR] | --package DIR|NAME[@VERSION]",
		Short: a.say("Write a policy as a site that anyone can read.", "把策略写成人人能读的网站。"),
		Long: a.say(
			"doc writes what a policy says in plain sentences, as static pages in English and Chinese:\n"+
				"records, journeys with a picture, scores, rules, alerts, segments, tests and words. The\n"+
				"pages need no server and no network: open index.html. A site that is in the folder is\n"+
				"replaced; a folder that holds anything else is left alone.\n"+
				"With --package it writes the page of a package as Markdown: what it is for, its actions as\n"+
				"sentences, parameters, sample journey, tests and coverage, changes, what it works with.\n"+
				"It is printed, or written below --out in both languages.",
			"doc 用通俗的句子写出策略的内容，生成中英文静态页面：\n"+
				"记录、旅程（带图）、评分、规则、预警、分群、测试和用语。\n"+
				"页面不需要服务器或网络：打开 index.html 即可。\n"+
				"目录中已有的网站会被替换；含有其他内容的目录保持原样。\n"+
				"给出 --package 时写出程序包的说明页（Markdown）：用途、以句子写出的动作、参数、示例旅程、\n"+
				"测试与覆盖率、变更、适用范围；直接打印，或以两种语言写入 --out。"),
		Example: "  thru doc .\n  thru doc policies/east-china --out handbook\n" +
			"  thru doc . --lang zh --out handbook\n  thru doc --package fmcg.listing",
		Args:              a.takes(cobra.MaximumNArgs(1)),
		ValidArgsFunction: folderThen(),
		RunE: func(c *cobra.Command, args []string) error {
			langs := doc.Languages()
			if o.in != "both" {
				if !slices.Contains(langs, o.in) {
					return usageError{fmt.Errorf(a.say("--lang is en, zh or both, not %q",
						"--lang 只能是 en、zh 或 both，不是 %q"), o.in)}
				}
				langs = []string{o.in}
			}
			switch {
			case o.page && o.out == "" && o.in == "both":
				langs = []string{a.lang.String()}
			case !o.page && o.out == "":
				o.out = "site"
			}
			if o.page {
				return a.packagePage(c.Context(), &o, here(args), langs)
			}
			return a.writeSite(here(args), o.out, langs)
		},
	}
	o.flags(a, c)
	c.Flags().BoolVar(&o.page, "package", false, a.say("write the page of a package", "写出程序包的说明页"))
	c.Flags().StringVar(&o.out, "out", "", a.say("folder to write; a site goes to site by default",
		"写入的目录；网站默认写入 site"))
	c.Flags().StringVar(&o.in, "lang", "both", a.say("languages of the pages: en, zh or both",
		"页面的语言：en、zh 或 both"))
	_ = c.MarkFlagDirname("out") // the flags are there: just made
	_ = c.RegisterFlagCompletionFunc("lang", cobra.FixedCompletions(
		append(doc.Languages(), "both"), cobra.ShellCompDirectiveNoFileComp))
	return c
}

// writeSite writes the site of a sound policy; what is wrong with another is told as check does.
func (a *app) writeSite(dir, out string, langs []string) error {
	p, err := a.load(dir)
	if err != nil {
		return err
	}
	if p.broken() {
		if err := a.tell(p); err != nil {
			return err
		}
		a.sum(p)
		return errFault
	}
	if p.policy.Settings.Title == "" && p.policy.Settings.Name == "" && p.policy.Package == "" {
		p.policy.Settings.Title = baseName(dir)
	}
	files, err := doc.Make(p.policy, langs)
	if err != nil {
		return err
	}
	if err := doc.Write(out, files); err != nil {
		if errors.Is(err, doc.ErrForeign) {
			return fmt.Errorf(a.say("%s is not empty and no site of thru doc; name another folder",
				"%s 不是空目录，也不是 thru doc 写的网站；请换一个目录"), out)
		}
		return err
	}
	if !a.json {
		_, err = plural.Fprintf(a.out, a.say("%d file{|s}; open %s\n", "%d 个文件；请打开 %s\n"), len(files),
			filepath.Join(out, "index.html"))
		return err
	}
	for _, f := range files {
		name := filepath.Join(out, filepath.FromSlash(f.Name))
		if err := json.NewEncoder(a.out).Encode(map[string]string{"file": name}); err != nil {
			return err
		}
	}
	return nil
}

// baseName is what a folder is called, also where it is given as ".".
func baseName(dir string) string {
	if full, err := filepath.Abs(dir); err == nil {
		dir = full
	}
	return filepath.Base(dir)
}
