package pack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ErrCycle is the error of packages that require one another.
var ErrCycle = errors.New("packages require one another")

// Select works out the versions that requirements come to, and fetches the packages: of each name
// the greatest version that is the least somebody asks for (minimal version selection). Adding a
// package therefore changes nothing that nobody asked to change, and there is one answer.
func Select(ctx context.Context, s Source, requires map[string]string) ([]*Package, error) {
	c := &selection{ctx: ctx, source: s, got: map[ID]*Package{}, least: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(requires)) {
		if err := c.ask(ID{name, requires[name]}); err != nil {
			return nil, err
		}
	}
	var out []*Package
	for _, name := range slices.Sorted(maps.Keys(c.least)) {
		out = append(out, c.got[ID{name, c.least[name]}])
	}
	if err := acyclic(out); err != nil {
		return nil, err
	}
	return out, apartAll(out)
}

// apartAll refuses a package that has a folder where another package stands.
func apartAll(list []*Package) error {
	for _, p := range list {
		for _, q := range list {
			rest, below := strings.CutPrefix(q.Folder(), p.Folder()+"/")
			if !below {
				continue
			}
			for _, name := range p.names {
				if name == rest || strings.HasPrefix(name, rest+"/") {
					return fmt.Errorf("%w: %s has %s, where %s stands", ErrClash, p.ID, name, q.ID)
				}
			}
		}
	}
	return nil
}

type selection struct {
	ctx    context.Context
	source Source
	got    map[ID]*Package
	least  map[string]string
}

// ask takes a requirement in, and those of the version it names.
func (c *selection) ask(id ID) error {
	if err := id.Check(); err != nil {
		return err
	}
	if v, ok := c.least[id.Name]; !ok || newer(id.Version, v) > 0 {
		c.least[id.Name] = id.Version
	}
	if c.got[id] != nil {
		return nil
	}
	p, err := c.source.Fetch(c.ctx, id)
	if err != nil {
		return err
	}
	c.got[id] = p
	for _, name := range slices.Sorted(maps.Keys(p.Manifest.Requires)) {
		if err := c.ask(ID{name, p.Manifest.Requires[name]}); err != nil {
			return fmt.Errorf("%s requires %s: %w", id, name, err)
		}
	}
	return nil
}

// acyclic refuses packages that require one another: their imports would be a cycle.
func acyclic(list []*Package) error {
	byName := map[string]*Package{}
	for _, p := range list {
		byName[p.Name] = p
	}
	done := map[string]bool{}
	var visit func(name string, way []string) error
	visit = func(name string, way []string) error {
		if i := slices.Index(way, name); i >= 0 {
			return fmt.Errorf("%w: %s", ErrCycle, strings.Join(append(way[i:], name), " → "))
		}
		if done[name] {
			return nil
		}
		for _, next := range slices.Sorted(maps.Keys(byName[name].Manifest.Requires)) {
			if err := visit(next, append(way, name)); err != nil {
				return err
			}
		}
		done[name] = true
		return nil
	}
	for _, p := range list {
		if err := visit(p.Name, nil); err != nil {
			return err
		}
	}
	return nil
}
