package access

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// setting names what is set in a workspace.
type setting struct{ workspace, name string }

func (a *Access) learnSetting(f *fact) {
	s := setting{f.Workspace, f.Name}
	if f.Value == "" {
		delete(a.settings, s)
		return
	}
	a.settings[s] = f.Value
}

// A Setting is how something of a workspace is set.
type Setting struct {
	Workspace, Name string
	Value           any // kept as JSON; nil: it is set no more
}

// Set sets something of a workspace. Nothing secret goes here: it is in a log.
func (a *Access) Set(ctx context.Context, s Setting, who string) error {
	f := &fact{Type: "SettingSet", Workspace: s.Workspace, Name: s.Name, Who: who}
	if s.Value != nil {
		b, err := json.Marshal(s.Value)
		if err != nil {
			return err
		}
		f.Value = string(b)
	}
	a.change.Lock()
	defer a.change.Unlock()
	return a.add(ctx, f)
}

// Setting reads what is set into what it was made of; false: nothing is.
func (a *Access) Setting(workspace, name string, into any) (bool, error) {
	a.mu.RLock()
	text, ok := a.settings[setting{workspace, name}]
	a.mu.RUnlock()
	if !ok {
		return false, nil
	}
	return true, json.Unmarshal([]byte(text), into)
}

// Settings lists the names under which something is set in a workspace, as far as they begin with
// something, in order.
func (a *Access) Settings(workspace, prefix string) []string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	var out []string
	for s := range maps.Keys(a.settings) { //tidy:order sorted below
		if s.workspace == workspace && strings.HasPrefix(s.name, prefix) {
			out = append(out, s.name)
		}
	}
	slices.Sort(out)
	return out
}

// EmailAs is the mail address of whoever is somebody in a workspace, as Rep/li; "": nobody is, or
// theirs is not known.
func (a *Access) EmailAs(workspace, as string) string {
	a.mu.RLock()
	defer a.mu.RUnlock()
	for _, id := range a.persons {
		p := a.people[id]
		if p == nil || p.Off || p.Email == "" {
			continue
		}
		for i := range p.Grants {
			if g := &p.Grants[i]; g.As == as && g.Workspace == workspace {
				return p.Email
			}
		}
	}
	return ""
}
