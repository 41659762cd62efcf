package access

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/throughline/throughline/runtime/ask"
)

// A Role is what somebody is in a workspace.
type Role string

// The roles, by how much of the records they see. An admin, an author and an auditor see all; a
// consultant sees all but what is personal; a manager sees what belongs to his team, a rep what
// belongs to him.
const (
	RoleAdmin      Role = "admin"
	RoleAuthor     Role = "author"
	RoleAuditor    Role = "auditor"
	RoleManager    Role = "manager"
	RoleConsultant Role = "consultant"
	RoleRep        Role = "rep"
)

// Roles are all roles. Who has several in a workspace sees what the first of them sees.
func Roles() []Role {
	return []Role{RoleAdmin, RoleAuthor, RoleAuditor, RoleManager, RoleConsultant, RoleRep}
}

// A Grant gives somebody a role.
type Grant struct {
	Role      Role   `json:"role" enum:"admin,author,consultant,manager,rep,auditor"`
	Workspace string `json:"workspace" doc:"Where; * is everywhere"`
	Numbers   bool   `json:"numbers,omitempty" doc:"Of an author: may change numbers, not structure"`
	As        string `json:"as,omitempty" doc:"Of a manager or rep: who that is in the workspace, as Rep/li"`
}

// may reports whether a grant lets somebody do something, wherever it applies.
func (g *Grant) may(v Verb) bool {
	switch g.Role {
	case RoleAdmin:
		return true
	case RoleAuthor:
		return v == Read || v == Draft || v == Tune || v == Publish && !g.Numbers
	case RoleAuditor:
		return v == Read || v == Audit
	case RoleConsultant:
		return v == Read || v == Draft
	case RoleManager, RoleRep:
		return v == Read || v == Submit
	}
	return false
}

// at reports whether a grant applies to a workspace; "" is the server itself, to which only grants
// everywhere do.
func (g *Grant) at(workspace string) bool { return g.Workspace == "*" || g.Workspace == workspace }

// ErrPerson says that somebody cannot be like this.
var ErrPerson = errors.New("a person needs a login, a name and sound grants")

func (g *Grant) sound() error {
	typ, id, named := strings.Cut(g.As, "/")
	own := g.Role == RoleManager || g.Role == RoleRep
	why := ""
	switch {
	case !slices.Contains(Roles(), g.Role):
		why = fmt.Sprintf("%q is no role", g.Role)
	case g.Workspace == "" || strings.ContainsFunc(g.Workspace, notPlain):
		why = fmt.Sprintf("no workspace is called %q", g.Workspace)
	case g.Numbers && g.Role != RoleAuthor:
		why = "numbers is of an author"
	case own && (!named || typ == "" || id == "" || g.Workspace == "*"):
		why = fmt.Sprintf("a %s is somebody in one workspace: as Rep/li, not %q in %q", g.Role, g.As,
			g.Workspace)
	case !own && g.As != "":
		why = fmt.Sprintf("%s is nobody in particular: without as", g.Role)
	default:
		return nil
	}
	return fmt.Errorf("%w; %s", ErrPerson, why)
}

func notPlain(r rune) bool { return r <= ' ' || r > '~' }

// viewOf is what a role sees. The lock is held for reading.
func (a *Access) viewOf(g *Grant, workspace string) ask.View {
	v := ask.View{As: g.As, Team: g.Role == RoleManager, Personal: g.Role != RoleConsultant}
	v.All = g.Role != RoleManager && g.Role != RoleRep
	for h := range a.hidden {
		if h.role == g.Role && (h.workspace == "*" || h.workspace == workspace) {
			if v.Hidden == nil {
				v.Hidden = map[string]bool{}
			}
			v.Hidden[h.field] = true
		}
	}
	return v
}

// Who is somebody who asks: a key, or a person.
type Who struct {
	Key    *Key
	Person *Person // as it was when it asked

	a       *Access
	session string // hash of the session
}

// ID is what the server's own log calls them.
func (w *Who) ID() string {
	if w.Key != nil {
		return w.Key.ID
	}
	return w.Person.ID
}

// May reports whether they may do something in a workspace; "" is the server itself.
func (w *Who) May(v Verb, workspace string) bool {
	if w.Key != nil {
		return w.Key.May(v, workspace)
	}
	return w.grant(v, workspace) != nil
}

// grant is the one by which a person does something: the first by the order of roles.
func (w *Who) grant(v Verb, workspace string) (best *Grant) {
	rank := func(g *Grant) int { return slices.Index(Roles(), g.Role) }
	for i := range w.Person.Grants {
		g := &w.Person.Grants[i]
		if g.at(workspace) && g.may(v) && (best == nil || cmp.Less(rank(g), rank(best))) {
			best = g
		}
	}
	return best
}

// View is how much they see where they do something.
func (w *Who) View(v Verb, workspace string) ask.View {
	if w.Key != nil {
		if !w.Key.May(v, workspace) {
			return ask.View{}
		}
		return ask.Everything()
	}
	g := w.grant(v, workspace)
	if g == nil {
		return ask.View{}
	}
	w.a.mu.RLock()
	defer w.a.mu.RUnlock()
	return w.a.viewOf(g, workspace)
}

// hiding is a field that a role does not see.
type hiding struct {
	workspace string
	role      Role
	field     string // Type.field
}

// Hiding says that a role does not see a field, or does again.
type Hiding struct {
	Workspace string `json:"workspace" doc:"Where; * is everywhere"`
	Role      Role   `json:"role" enum:"admin,author,consultant,manager,rep,auditor"`
	Field     string `json:"field" doc:"As Contact.phone"`
	Hidden    bool   `json:"hidden"`
}

func (a *Access) learnHidden(f *fact) {
	h := hiding{f.Workspace, Role(f.Role), f.Field}
	if f.Hidden != nil && !*f.Hidden {
		delete(a.hidden, h)
		return
	}
	a.hidden[h] = true
}

// ErrHiding says that a field cannot be hidden like this.
var ErrHiding = errors.New("a field is hidden in a workspace, from a role, as Type.field")

// Hide hides a field from a role, or shows it again.
func (a *Access) Hide(ctx context.Context, h Hiding, who string) error {
	typ, field, _ := strings.Cut(h.Field, ".")
	if !slices.Contains(Roles(), h.Role) || typ == "" || field == "" || h.Workspace == "" ||
		strings.ContainsFunc(h.Workspace, notPlain) {
		return ErrHiding
	}
	a.change.Lock()
	defer a.change.Unlock()
	return a.add(ctx, &fact{Type: "FieldHidden", Workspace: h.Workspace, Role: string(h.Role),
		Field: h.Field, Hidden: &h.Hidden, Who: who})
}

// Hidings lists what is hidden from whom.
func (a *Access) Hidings() []Hiding {
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := make([]Hiding, 0, len(a.hidden))
	for h := range a.hidden {
		out = append(out, Hiding{h.workspace, h.role, h.field, true})
	}
	slices.SortFunc(out, func(x, y Hiding) int {
		return cmp.Or(cmp.Compare(x.Workspace, y.Workspace), cmp.Compare(x.Role, y.Role),
			cmp.Compare(x.Field, y.Field))
	})
	return out
}
