package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/throughline/throughline/dsl/source"
)

// envPrefix stands before the name of a flag of serve in the environment: THRU_SERVE_ADDR.
const envPrefix = "THRU_SERVE_"

// configure gives the flags of a command that were not given the values of the environment, and of
// those that are not there either the ones of a file.
func (a *app) configure(c *cobra.Command) error {
	flags := c.Flags()
	file, _ := flags.GetString("config") // the flag is there
	if file == "" {
		file = a.env(envPrefix + "CONFIG")
	}
	values := map[string]any{}
	if file != "" {
		if _, err := toml.DecodeFile(file, &values); err != nil {
			var place toml.ParseError
			if errors.As(err, &place) {
				return usageError{fmt.Errorf("%s:%d: %s", file, place.Position.Line, place.Message)}
			}
			return err
		}
	}
	var own []string
	var bad error
	set := func(f *pflag.Flag, from string, v string) {
		if err := flags.Set(f.Name, v); err != nil && bad == nil {
			bad = usageError{fmt.Errorf("%s: %w", from, a.badFlag(c, err))}
		}
	}
	c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" || f.Name == "config" {
			return
		}
		own = append(own, f.Name)
		name := settingName(f.Name)
		given, there := values[f.Name]
		delete(values, f.Name)
		switch env := a.env(name); {
		case f.Changed:
		case env != "" && repeats(f):
			for v := range strings.SplitSeq(env, ",") {
				set(f, name, strings.TrimSpace(v))
			}
		case env != "":
			set(f, name, env)
		case there:
			list, ok := each(given, repeats(f))
			if !ok && bad == nil {
				bad = usageError{fmt.Errorf(a.say("%s: %s takes one value, or several in [ ] where it may be "+
					"repeated; this is %s", "%s：%s 只能是一个值（可重复的设置可用 [ ] 给出多个），现为%s"),
					file, f.Name, a.kindOf(given))}
			}
			for _, v := range list {
				set(f, file, v)
			}
		}
	})
	if strange := slices.Sorted(maps.Keys(values)); len(strange) > 0 {
		return a.noSetting(file, strange[0], own)
	}
	for i, name := range own {
		own[i] = settingName(name)
	}
	own = append(own, envPrefix+"CONFIG")
	for _, pair := range a.environ {
		name, v, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, envPrefix) && v != "" && !slices.Contains(own, name) {
			return a.noSetting(a.say("the environment", "环境变量"), name, own)
		}
	}
	return bad
}

// settingName is what a flag of serve is called in the environment.
func settingName(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

func (a *app) noSetting(in, name string, own []string) error {
	text := fmt.Sprintf(a.say("%s: there is no setting %q", "%s：没有名为 %q 的设置"), in, name)
	if near := source.Nearest(name, own); near != "" {
		text += fmt.Sprintf(a.say("; did you mean %q?", "；是否想用 %q？"), near)
	}
	return usageError{errors.New(text)}
}

// repeats reports whether a flag may be given several times.
func repeats(f *pflag.Flag) bool {
	_, ok := f.Value.(pflag.SliceValue)
	return ok
}

// kindOf is what a file gave that cannot be a setting.
func (a *app) kindOf(v any) string {
	switch v := v.(type) {
	case map[string]any:
		return a.say("a table with ", "一个表，含 ") + strings.Join(slices.Sorted(maps.Keys(v)), ", ")
	case []any:
		for _, x := range v {
			if _, ok := each(x, false); !ok {
				return a.say("a list with ", "一个列表，含") + a.kindOf(x)
			}
		}
		return fmt.Sprintf(a.say("a list of %d", "含 %d 项的列表"), len(v))
	case time.Time:
		return a.say("a date", "一个日期")
	}
	return fmt.Sprint(v)
}

// each are the values of a setting, several where it may have several; false: it is none.
func each(v any, several bool) (out []string, ok bool) {
	list, is := v.([]any)
	if !is {
		list = []any{v}
	} else if !several {
		return nil, false
	}
	for _, x := range list {
		switch x.(type) {
		case string, bool, int64, float64:
			out = append(out, fmt.Sprint(x))
		default:
			return nil, false
		}
	}
	return out, true
}
