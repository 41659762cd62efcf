package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/source/pages"
)

var codeForm = regexp.MustCompile(`^[Tt]\d{4}$`)

// helpCodes lets help show the page of a code besides the help of a command: whoever reads T0123
// in a message asks for it where they ask for everything else.
func (a *app) helpCodes(c *cobra.Command) {
	c.Use = "help [COMMAND | CODE | codes]"
	c.Short = a.say("Show the help of a command, or the page of a code.",
		"显示某个命令的帮助，或某个代码的说明。")
	c.Long = a.say(
		"help shows the help of a command. For a code such as T0202 it shows what the code\n"+
			"means, why it comes up and how to mend it, with an example. \"codes\" lists all codes.",
		"help 显示某个命令的帮助；对于 T0202 这样的代码，显示其含义、原因、改正方法和示例。\n"+
			"“codes” 列出全部代码。")
	c.Example = "  thru help check\n  thru help T0202\n  thru help codes"
	commands := c.Run
	c.Run = nil
	c.RunE = func(c *cobra.Command, args []string) error {
		switch {
		case len(args) == 1 && codeForm.MatchString(args[0]):
			return a.page(source.Code(strings.ToUpper(args[0])))
		case len(args) == 1 && args[0] == "codes":
			_, err := io.WriteString(a.out, pages.List(a.lang.String()))
			return err
		}
		if to, _, err := c.Root().Find(args); len(args) > 0 && (err != nil || to == c.Root()) {
			return a.oneOf(c.Root(), args)
		}
		commands(c, args)
		return nil
	}
}

func (a *app) page(c source.Code) error {
	if _, ok := source.Lookup(c); !ok {
		return usageError{fmt.Errorf(a.say("there is no code %s; `thru help codes` lists all",
			"没有代码 %s；`thru help codes` 列出全部代码"), c)}
	}
	p, err := pages.Of(c)
	if err != nil {
		return err
	}
	_, err = io.WriteString(a.out, p.Text(a.lang.String()))
	return err
}
