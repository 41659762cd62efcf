package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/throughline/throughline/dsl/source"
)

// before is what holds for the flags of every command.
func (a *app) before(c *cobra.Command, _ []string) error {
	if err := a.checkLang(c); err != nil {
		return err
	}
	return a.apart(c)
}

// badFlag is what is wrong with a flag of c, said to its reader, with the way out.
func (a *app) badFlag(c *cobra.Command, err error) error {
	var none *pflag.NotExistError
	var empty *pflag.ValueRequiredError
	var value *pflag.InvalidValueError
	var syntax *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &none) && none.GetSpecifiedShortnames() != "":
		err = fmt.Errorf(a.say("there is no flag -%s", "没有选项 -%s"), none.GetSpecifiedName()[:1])
	case errors.As(err, &none):
		text := fmt.Sprintf(a.say("there is no flag --%s", "没有选项 --%s"), none.GetSpecifiedName())
		if near := source.Nearest(none.GetSpecifiedName(), flagsOf(c)); near != "" {
			text += fmt.Sprintf(a.say("; did you mean --%s?", "；是否想用 --%s？"), near)
		}
		err = errors.New(text)
	case errors.As(err, &empty):
		err = fmt.Errorf(a.say("--%s needs a value: %s", "--%s 需要一个值：%s"),
			empty.GetFlag().Name, a.wants(empty.GetFlag()))
	case errors.As(err, &value):
		f := value.GetFlag()
		err = fmt.Errorf(a.say("--%s takes %s, not %q", "--%s 只能是%s，不是 %q"),
			f.Name, a.wants(f), value.GetValue())
	case errors.As(err, &syntax):
		err = fmt.Errorf(a.say("%s is not a flag; it is --NAME or --NAME=VALUE",
			"%s 不是一个选项；写法为 --NAME 或 --NAME=VALUE"), syntax.GetSpecifiedFlag())
	}
	return usageError{err}
}

// wants is what a flag can be.
func (a *app) wants(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "bool":
		return a.say("true or false", " true 或 false")
	case "int", "int64", "uint64":
		return a.say("a whole number", "整数")
	case "float64":
		return a.say("a number", "数字")
	case "duration":
		return a.say("a length of time as 90s or 2h", "时长（如 90s、2h）")
	}
	return f.Usage
}

// flagsOf are the names of the flags that c takes.
func flagsOf(c *cobra.Command) (names []string) {
	add := func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	}
	c.LocalFlags().VisitAll(add)
	c.InheritedFlags().VisitAll(add)
	return names
}

// apart refuses flags of c that exclude one another.
func (a *app) apart(c *cobra.Command) error {
	if c.ValidateFlagGroups() == nil {
		return nil
	}
	var given []string
	c.Flags().Visit(func(f *pflag.Flag) {
		for _, group := range f.Annotations[exclusive] {
			var of []string
			for name := range strings.FieldsSeq(group) {
				if c.Flags().Changed(name) {
					of = append(of, "--"+name)
				}
			}
			if len(of) > 1 {
				given = of
			}
		}
	})
	return usageError{fmt.Errorf(a.say("%s: only one of them can be given", "%s：只能给出其中一个"),
		strings.Join(given, ", "))}
}

// exclusive is how cobra marks flags of which one may be given.
const exclusive = "cobra_annotation_mutually_exclusive"
