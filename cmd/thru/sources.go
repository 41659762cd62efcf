package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/templates/pack"
	"github.com/throughline/throughline/templates/pack/remote"
)

// sourcing is what the flags about places of packages say.
type sourcing struct {
	from  []string
	plain bool
}

func (o *sourcing) flags(a *app, c *cobra.Command) {
	c.Flags().StringArrayVar(&o.from, "from", nil, a.say(
		"take packages from here first: a folder, an archive, https://… or oci://…; may be repeated",
		"先从这里取程序包：目录、归档、https://… 或 oci://…；可重复"))
	o.plainFlag(a, c)
}

func (o *sourcing) plainFlag(a *app, c *cobra.Command) {
	c.Flags().BoolVar(&o.plain, "plain-http", false, a.say(
		"reach other machines without encryption too", "访问其他机器时也允许不加密"))
}

// remotely is how networks are reached.
func (o *sourcing) remotely() remote.Options {
	out := remote.Options{PlainHTTP: o.plain}
	if dir, err := os.UserCacheDir(); err == nil {
		out.Cache = filepath.Join(dir, "throughline", "packages")
	}
	return out
}

// at is the source at a location. Folders and archives are named from a folder.
func (o *sourcing) at(location, dir string) (pack.Source, error) {
	if remote.Is(location) {
		return remote.Open(location, o.remotely())
	}
	if !filepath.IsAbs(location) {
		location = filepath.Join(dir, location)
	}
	return pack.At(location)
}

// of is where a workspace takes packages from: what the flags name, then for each name the source
// that [sources] of its thru.toml names for it, else the library of this program.
func (o *sourcing) of(dir string) (pack.Source, error) {
	var all pack.Sources
	for _, location := range o.from {
		s, err := o.at(location, ".")
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	library, err := pack.Library()
	if err != nil {
		return nil, err
	}
	m, _, err := dsl.ReadManifest(os.DirFS(dir), ".")
	if err != nil {
		return nil, err
	}
	routes := pack.Routes{Under: map[string]pack.Source{}, Else: library}
	for _, name := range slices.Sorted(maps.Keys(m.Sources)) {
		if err := (pack.ID{Name: name, Version: "0.0.0"}).Check(); err != nil {
			return nil, fmt.Errorf("[sources] of thru.toml: %w", err)
		}
		routes.Under[name] = &lazily{open: func() (pack.Source, error) {
			return o.at(m.Sources[name], dir)
		}}
	}
	return append(all, routes), nil
}

// lazily is a source that is opened when it is first asked: a folder that is away harms nobody who
// needs nothing from it.
type lazily struct {
	open   func() (pack.Source, error)
	source pack.Source
}

func (l *lazily) opened() (s pack.Source, err error) {
	if l.source == nil {
		l.source, err = l.open()
	}
	return l.source, err
}

// Versions implements pack.Source.
func (l *lazily) Versions(ctx context.Context, name string) ([]string, error) {
	s, err := l.opened()
	if err != nil {
		return nil, err
	}
	return s.Versions(ctx, name)
}

// Fetch implements pack.Source.
func (l *lazily) Fetch(ctx context.Context, id pack.ID) (*pack.Package, error) {
	s, err := l.opened()
	if err != nil {
		return nil, err
	}
	return s.Fetch(ctx, id)
}

// frozenFlag adds --frozen, with which nothing may be fetched or written.
func (a *app) frozenFlag(c *cobra.Command) {
	c.Flags().BoolVar(&a.frozen, "frozen", false, a.say(
		"refuse a thru.lock that is not what thru.toml requires; fetch and write nothing",
		"thru.lock 与 thru.toml 的要求不符时拒绝；不获取、不写入"))
}

// verify holds a workspace to its lock where --frozen asks for it.
func (a *app) verify(ctx context.Context, dir string) error {
	if !a.frozen {
		return nil
	}
	return pack.Verify(ctx, os.DirFS(dir))
}
