package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// A lang is the language in which people are spoken to.
type lang uint8

const (
	english lang = iota
	chinese
)

func (l lang) String() string {
	if l == chinese {
		return "zh"
	}
	return "en"
}

// say is the one of two texts that the reader wants. The two stand side by side in the code, so
// that who changes one sees the other.
func (a *app) say(en, zh string) string {
	if a.lang == chinese {
		return zh
	}
	return en
}

// langOf reads the language before the commands are made, since their help is in it: --lang, then
// $THRU_LANG, then $LC_ALL and $LANG. To fmt
// and doc, --lang is the language of what they write.
func langOf(args []string, env func(string) string) lang {
	words := true // no command seen yet, or one whose --lang is for messages
	command := ""
	for i, arg := range args {
		if command == "" && !strings.HasPrefix(arg, "-") {
			command = arg
		}
		switch value, ok := strings.CutPrefix(arg, "--lang"); {
		case arg == "--":
			words = false
		case command == "fmt" || command == "doc" || !ok || !words:
		case strings.HasPrefix(value, "="):
			return langNamed(value[1:])
		case value == "" && i+1 < len(args):
			return langNamed(args[i+1])
		}
	}
	for _, name := range []string{"THRU_LANG", "LC_ALL", "LANG"} {
		if value := env(name); value != "" {
			return langNamed(value)
		}
	}
	return english
}

func langNamed(name string) lang {
	if strings.HasPrefix(strings.ToLower(name), "zh") {
		return chinese
	}
	return english
}

// checkLang refuses a language that nobody here speaks.
func (a *app) checkLang(c *cobra.Command) error {
	switch name, _ := c.Root().PersistentFlags().GetString("lang"); name {
	case "en", "zh":
		return nil
	default:
		return a.noSuchLang(name)
	}
}

func (a *app) noSuchLang(name string) error {
	text := a.say("--lang is en or zh, not %q", "--lang 只能是 en 或 zh，不是 %q")
	return usageError{fmt.Errorf(text, name)}
}

// translate puts what cobra says by itself into the reader's language.
func (a *app) translate(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range append(root.Commands(), root) {
		c.InitDefaultHelpFlag()
		c.Flags().Lookup("help").Usage = a.say("show this help", "显示本帮助")
		switch c.Name() {
		case "help":
			a.helpCodes(c)
		case "completion":
			a.completion(c)
		}
	}
	if a.lang != chinese {
		return
	}
	root.SetUsageTemplate(strings.NewReplacer(
		"Usage:", "用法：", "Aliases:", "别名：", "Examples:", "示例：",
		"Available Commands:", "命令：", "Additional Commands:", "其他命令：",
		"Global Flags:", "通用选项：", "Flags:", "选项：", "Additional help topics:", "其他帮助：",
		"Use \"{{.CommandPath}} [command] --help\" for more information about a command.",
		"运行 {{.CommandPath}} [command] --help 查看某个命令的帮助。",
	).Replace(root.UsageTemplate()))
}

// completion says of cobra's own commands what a person has to know: how a shell loads the script.
func (a *app) completion(c *cobra.Command) {
	c.Short = a.say("Write a shell's completion script.", "生成命令行补全脚本。")
	c.Long = a.say(
		"completion writes the script with which a shell completes commands, flags and files.",
		"completion 生成脚本，让命令行能够补全命令、选项和文件名。")
	c.Example = "  source <(thru completion bash)\n  thru completion fish | source"
	for _, shell := range c.Commands() {
		load := "source <(thru completion " + shell.Name() + ")"
		switch shell.Name() {
		case "fish":
			load = "thru completion fish | source"
		case "powershell":
			load = "thru completion powershell | Out-String | Invoke-Expression"
		}
		shell.Short = fmt.Sprintf(a.say("Write the script for %s.", "生成 %s 的补全脚本。"), shell.Name())
		shell.Long = shell.Short + "\n" + a.say("Put this where the shell starts, to have it always:",
			"把下面这一行放进启动文件，以后每次都会生效：")
		shell.Long += "\n\n  " + load
		shell.InitDefaultHelpFlag()
		shell.Flags().Lookup("help").Usage = a.say("show this help", "显示本帮助")
		if f := shell.Flags().Lookup("no-descriptions"); f != nil {
			f.Usage = a.say("without descriptions", "不带说明")
		}
	}
}
