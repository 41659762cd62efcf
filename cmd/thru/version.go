package main

import (
	"encoding/json"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// languageVersion is the version of the policy language that thru.toml may ask for.
const languageVersion = 1

// A release says which thru this is.
type release struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Language int    `json:"language"`
	Go       string `json:"go"`
}

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   a.say("Say which thru this is.", "显示版本。"),
		Example: "  thru version\n  thru version --json",
		Args:    a.takes(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			r := built()
			if a.json {
				return json.NewEncoder(a.out).Encode(r)
			}
			text := a.say("thru %s, language %d, %s\n", "thru %s，语言版本 %d，%s\n")
			_, err := fmt.Fprintf(a.out, text, r.Version, r.Language, r.Go)
			return err
		},
	}
}

// built is what the go command wrote into the binary.
func built() release {
	r := release{Version: "(devel)", Language: languageVersion}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return r
	}
	r.Go = info.GoVersion
	if info.Main.Version != "" {
		r.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			r.Revision = s.Value
		}
	}
	return r
}
