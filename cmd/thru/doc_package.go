package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/throughline/throughline/builder/doc"
	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/diff"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/templates/pack"
)

// documented is what the flags of doc say.
type documented struct {
	sourcing
	out, in string
	page    bool
}

// packagePage writes the page of a package: of a folder, or of a name at its source.
func (a *app) packagePage(ctx context.Context, o *documented, of string, langs []string) error {
	s, err := o.of(".")
	if err != nil {
		return err
	}
	in, err := a.packageIn(ctx, s, of)
	if err != nil {
		return err
	}
	k, diags, err := doc.ReadPackage(in)
	if err != nil {
		return err
	}
	if dsl.HasErrors(diags) {
		p := &folder{dir: of, policy: k.Policy, files: fromHere(k.Policy.Files, of), diags: diags}
		if err := a.tell(p); err != nil {
			return err
		}
		a.sum(p)
		return errFault
	}
	id := pack.ID{Name: k.Manifest.Name, Version: k.Manifest.Version}
	if err := id.Check(); err != nil {
		return err
	}
	if k.History, err = history(ctx, s, id, k.Policy); err != nil {
		return err
	}
	library, err := pack.Library()
	if err != nil {
		return err
	}
	versions, err := library.Versions(ctx, id.Name)
	if err != nil {
		return err
	}
	k.Library = slices.Contains(versions, id.Version)
	if o.out == "" {
		_, err := a.out.Write(k.Page(langs[0]))
		return err
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return err
	}
	for _, lang := range langs {
		name := filepath.Join(o.out, doc.PageName(id.Name, lang))
		if err := os.WriteFile(name, k.Page(lang), 0o644); err != nil {
			return err
		}
		fmt.Fprintln(a.out, name)
	}
	return nil
}

// packageIn is the files of a package with what it requires beside them.
func (a *app) packageIn(ctx context.Context, s pack.Source, of string) (fs.FS, error) {
	if info, err := os.Stat(of); err == nil && info.IsDir() {
		return pack.Open(os.DirFS(of))
	}
	name, version, ok := strings.Cut(of, "@")
	id := pack.ID{Name: name, Version: version}
	if !ok {
		var err error
		if id, err = pack.Latest(ctx, s, name); err != nil {
			return nil, err
		}
	}
	return whole(ctx, s, id)
}

// whole fetches a package and what it requires.
func whole(ctx context.Context, s pack.Source, id pack.ID) (fs.FS, error) {
	if err := id.Check(); err != nil {
		return nil, err
	}
	p, err := s.Fetch(ctx, id)
	if err != nil {
		return nil, err
	}
	c, err := pack.Prepare(ctx, p.FS(), s, pack.Want{})
	if err != nil {
		return nil, err
	}
	return c.Preview(p.FS()), nil
}

// history is the versions of a package up to one, the newest first, each with what it changed.
func history(
	ctx context.Context, s pack.Source, id pack.ID, now *policy.Policy,
) ([]doc.Release, error) {
	versions, err := s.Versions(ctx, id.Name)
	if err != nil {
		return nil, err
	}
	var before *policy.Policy
	var out []doc.Release
	add := func(version string, p *policy.Policy) {
		r := doc.Release{Version: version}
		if before != nil {
			r.Changes = diff.Of(before, p).Text
		}
		out, before = append([]doc.Release{r}, out...), p
	}
	for _, v := range versions {
		if !pack.Newer(id.Version, v) {
			continue
		}
		in, err := whole(ctx, s, pack.ID{Name: id.Name, Version: v})
		if err != nil {
			return nil, err
		}
		p, _, err := dsl.Load(in, ".")
		if err != nil {
			return nil, err
		}
		add(v, p)
	}
	add(id.Version, now)
	return out, nil
}
