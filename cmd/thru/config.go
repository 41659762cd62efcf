package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

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
			bad = usageError{fmt.Errorf("%s: %w", from, err)}
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
		case env != "":
			set(f, name, env)
		case there:
			for _, v := range each(given) {
				set(f, file+": "+f.Name, v)
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

// each are the values of a setting: a list has several.
func each(v any) (out []string) {
	if list, ok := v.([]any); ok {
		for _, x := range list {
			out = append(out, fmt.Sprint(x))
		}
		return out
	}
	return []string{fmt.Sprint(v)}
}
