package builder

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/ask"
)

// peopleScreen is who comes in, and what they may do. Accounts and keys are of the whole server.
func peopleScreen() Screen {
	return Screen{Path: "people", Name: words.People, Icon: "people", Group: words.Governing,
		Needs: access.Admin, Server: true, Does: access.Admin,
		Show: func(v *Visit) (view.Component, error) { return v.peoplePage(view.PeoplePage{}) },
		Do:   doPeople}
}

// personScreen is somebody.
func personScreen() Screen {
	return Screen{Path: "people/{person}", Name: words.People, Needs: access.Admin, Server: true,
		Show: func(v *Visit) (view.Component, error) { return v.personPage(view.PersonPage{}) },
		Do:   doPerson}
}

// roleWords are what a role is called, and what it is.
func roleWords(r access.Role) (name, is words.Text) {
	switch r {
	case access.RoleAdmin:
		return words.RoleAdmin, words.RoleAdminIs
	case access.RoleAuthor:
		return words.RoleAuthor, words.RoleAuthorIs
	case access.RoleAuditor:
		return words.RoleAuditor, words.RoleAuditorIs
	case access.RoleManager:
		return words.RoleManager, words.RoleManagerIs
	case access.RoleConsultant:
		return words.RoleConsultant, words.RoleConsultIs
	}
	return words.RoleRep, words.RoleRepIs
}

func (v *Visit) roles() (out [][2]string) {
	for _, r := range access.Roles() {
		name, _ := roleWords(r)
		out = append(out, [2]string{string(r), v.Say(name)})
	}
	return out
}

// verbWord is what a verb is called.
func verbWord(x access.Verb) words.Text {
	switch x {
	case access.Read:
		return words.VerbRead
	case access.Submit:
		return words.VerbSubmit
	case access.Draft:
		return words.VerbDraft
	case access.Tune:
		return words.VerbTune
	case access.Publish:
		return words.VerbPublish
	case access.Audit:
		return words.VerbAudit
	}
	return words.VerbAdmin
}

// peoplePage draws the page; what p has already is what a form was answered with.
func (v *Visit) peoplePage(p view.PeoplePage) (view.Component, error) {
	pol, err := v.Policy()
	if err != nil {
		return nil, err
	}
	for _, r := range access.Roles() {
		name, is := roleWords(r)
		p.Roles = append(p.Roles, view.RoleRow{Name: v.Say(name), Is: v.Say(is)})
	}
	p.Choices.Roles = v.roles()
	p.Key.Verbs = nil
	for _, x := range access.Verbs() {
		p.Key.Verbs = append(p.Key.Verbs, [2]string{string(x), v.Say(verbWord(x))})
	}
	err = v.Ask().Look(func(e *engine.Engine, x *ask.Sight) {
		for _, one := range v.b.o.Access.People() {
			p.People = append(p.People, v.personRow(e, &one))
		}
		p.Add.Persons = (&seen{v, e, x}).persons(pol)
	})
	p.Add.New, p.Add.Roles = true, v.roles()
	if p.Add.Role == "" {
		p.Add.Role = string(access.RoleRep)
	}
	if err != nil {
		return nil, err
	}
	_, zone, err := v.now()
	for _, k := range v.b.o.Access.Keys() {
		p.Keys = append(p.Keys, v.keyRow(&k, zone))
	}
	v.hiddenRows(pol, &p)
	return view.People(&v.Viewer, p), err
}

// persons are those of the workspace that somebody may be, as Type/id.
func (s *seen) persons(p *policy.Policy) (out [][2]string) {
	of := persons(p)
	if of == nil {
		return nil
	}
	for _, c := range s.choices(of) {
		out = append(out, [2]string{of.Full + "/" + c[0], c[1]})
	}
	return out
}

func (v *Visit) personRow(e *engine.Engine, p *access.Person) view.PersonRow {
	r := view.PersonRow{Name: p.Name, Login: p.Login, Href: v.In("people/" + p.ID), Off: p.Off,
		You: v.Who.Person != nil && v.Who.Person.ID == p.ID}
	for _, g := range p.Grants {
		name, _ := roleWords(g.Role)
		if g.Workspace != "*" && g.Workspace != v.Workspace {
			continue
		}
		r.Roles = append(r.Roles, v.Say(name))
		if g.As != "" {
			r.As, r.AsHref = v.named(e, g.As), v.recordLink(g.As)
		}
	}
	return r
}

func (v *Visit) keyRow(k *access.Key, zone *time.Location) view.KeyRow {
	r := view.KeyRow{ID: k.ID, Label: k.Label, Until: v.Say(words.KeyForever), Valid: !k.Revoked,
		State: v.Say(words.KeyValid), Tone: view.Good, Where: strings.Join(k.Workspaces, ", ")}
	if slices.Contains(k.Workspaces, "*") {
		r.Where = v.Say(words.KeyEverywhere)
	}
	may := make([]string, len(k.Verbs))
	for i, x := range k.Verbs {
		may[i] = v.Say(verbWord(x))
	}
	r.May = strings.Join(may, " · ")
	if !k.Expires.IsZero() {
		r.Until = k.Expires.In(zone).Add(-1).Format(time.DateOnly) // the last day that it is good on
	}
	switch {
	case k.Revoked:
		r.State, r.Tone = v.Say(words.KeyRevoked), view.Plain
	case !k.Expires.IsZero() && time.Now().After(k.Expires):
		r.State, r.Tone, r.Valid = v.Say(words.KeyOver), view.Plain, false
	}
	return r
}

// hiddenRows are the fields that are hidden here, and those that could be.
func (v *Visit) hiddenRows(pol *policy.Policy, p *view.PeoplePage) {
	sp := say.In(v.Lang)
	names := map[string]string{}
	for _, r := range pol.Records {
		if r.Builtin {
			continue
		}
		for _, f := range r.Fields {
			if f.System != policy.NotSystem {
				continue
			}
			full := r.Full + "." + f.Name
			names[full] = sp.Name(&r.Head) + " · " + sp.FieldName(f)
			p.Choices.Fields = append(p.Choices.Fields, [2]string{full, names[full]})
		}
	}
	for _, h := range v.b.o.Access.Hidings() {
		if h.Workspace != "*" && h.Workspace != v.Workspace {
			continue
		}
		role, _ := roleWords(h.Role)
		row := view.HiddenRow{Field: h.Field, Name: names[h.Field], Role: string(h.Role),
			RoleName: v.Say(role), Workspace: h.Workspace}
		if row.Name == "" {
			row.Name = h.Field
		}
		p.Hidden = append(p.Hidden, row)
	}
}

// doPeople adds somebody, makes or ends a key, hides a field.
func doPeople(v *Visit) (view.Component, error) {
	p := view.PeoplePage{}
	a, who := v.b.o.Access, v.Who.ID()
	wrong := func(of string, err error) (view.Component, error) {
		if err == nil {
			return nil, nil
		}
		p.Wrong, p.WrongFor = v.said(err), of
		return v.peoplePage(p)
	}
	switch v.R.FormValue("do") {
	case "add":
		return v.addPerson(p)
	case "key":
		return v.makeKey(p)
	case "revoke":
		return wrong("key", a.Revoke(v.Context(), v.R.FormValue("key"), who))
	case "hide", "show":
		in := v.R.FormValue("in")
		if in == "" {
			in = v.Workspace
		}
		return wrong("hide", a.Hide(v.Context(), access.Hiding{Workspace: in,
			Role: access.Role(v.R.FormValue("from")), Field: v.R.FormValue("field"),
			Hidden: v.R.FormValue("do") == "hide"}, who))
	}
	return v.peoplePage(p)
}

// said is what went wrong, as the API would tell it, in a line.
func (v *Visit) said(err error) string {
	p := v.problem(err)
	if p.Detail == "" {
		return p.Title
	}
	return p.Title + v.Say(words.Colon) + p.Detail
}

// newPassword is one to hand to somebody.
func newPassword() string {
	s := rand.Text()
	return strings.ToLower(s[:5] + "-" + s[5:10] + "-" + s[10:15] + "-" + s[15:20])
}

func (v *Visit) addPerson(p view.PeoplePage) (view.Component, error) {
	x, f := v.personOfForm(access.Person{})
	password := newPassword()
	_, err := v.b.o.Access.Enrol(v.Context(), x, password, v.Who.ID())
	if err != nil {
		p.Add, p.Wrong, p.WrongFor = f, v.said(err), "person"
		return v.peoplePage(p)
	}
	p.Once = v.passwordOnce(x.Name, password)
	v.done = true
	return v.peoplePage(p)
}

func (v *Visit) passwordOnce(name, password string) *view.Secret {
	return &view.Secret{Title: v.Sayf(words.PersonDone, name), Label: v.Say(words.PersonPass),
		Value: password, Hint: v.Say(words.PersonHand)}
}

// grantOf is which of somebody's grants the form is about: the last that counts here; -1: none. A
// program may have given them more.
func (v *Visit) grantOf(p *access.Person) int {
	for i := len(p.Grants) - 1; i >= 0; i-- {
		if g := &p.Grants[i]; g.Workspace == "*" || g.Workspace == v.Workspace {
			return i
		}
	}
	return -1
}

// personOfForm is somebody as the form says it; what they may do elsewhere stays.
func (v *Visit) personOfForm(p access.Person) (access.Person, view.PersonForm) {
	r := v.R
	f := view.PersonForm{Name: strings.TrimSpace(r.FormValue("name")),
		Login: strings.TrimSpace(r.FormValue("login")), Email: strings.TrimSpace(r.FormValue("email")),
		Role: r.FormValue("role"), As: strings.TrimSpace(r.FormValue("as")),
		Numbers: r.FormValue("numbers") != "", Everywhere: r.FormValue("everywhere") != "",
		Off: r.FormValue("off") != ""}
	p.Name, p.Login, p.Email, p.Off = f.Name, f.Login, f.Email, f.Off
	p.Grants = slices.Clone(p.Grants)
	if i := v.grantOf(&p); i >= 0 {
		p.Grants = slices.Delete(p.Grants, i, i+1)
	}
	if f.Role != "" {
		g := access.Grant{Role: access.Role(f.Role), Workspace: v.Workspace, As: f.As}
		if f.Everywhere {
			g.Workspace = "*"
		}
		g.Numbers = f.Numbers && g.Role == access.RoleAuthor
		if g.Role != access.RoleManager && g.Role != access.RoleRep {
			g.As = "" // the form keeps it in sight for whoever changes the role back
		}
		p.Grants = append(p.Grants, g)
	}
	return p, f
}

func (v *Visit) makeKey(p view.PeoplePage) (view.Component, error) {
	p.Key = view.KeyForm{Label: strings.TrimSpace(v.R.FormValue("label")),
		Expires: v.R.FormValue("expires")}
	k := access.Key{Label: p.Key.Label, Workspaces: []string{v.Workspace}}
	if v.R.FormValue("everywhere") != "" {
		k.Workspaces = []string{"*"}
	}
	for _, x := range v.R.Form["verb"] {
		k.Verbs = append(k.Verbs, access.Verb(x))
	}
	if p.Key.Expires != "" {
		_, zone, err := v.now()
		if err != nil {
			return nil, err
		}
		day, err := time.ParseInLocation(time.DateOnly, p.Key.Expires, zone)
		if err != nil {
			p.Wrong, p.WrongFor = v.Say(words.KeyExpires), "key"
			return v.peoplePage(p)
		}
		k.Expires = day.AddDate(0, 0, 1) // that day included
	}
	token, _, err := v.b.o.Access.Make(v.Context(), k, v.Who.ID())
	if err != nil {
		p.Wrong, p.WrongFor = v.said(err), "key"
		return v.peoplePage(p)
	}
	p.Once = &view.Secret{Title: p.Key.Label, Label: v.Say(words.KeyToken), Value: token,
		Hint: v.Say(words.KeyTokenKeep)}
	p.Key, v.done = view.KeyForm{}, true
	return v.peoplePage(p)
}

// somebody is who the address names; nil: nobody.
func (v *Visit) somebody() *access.Person {
	for _, p := range v.b.o.Access.People() {
		if p.ID == v.R.PathValue("person") {
			return &p
		}
	}
	return nil
}

func (v *Visit) personPage(p view.PersonPage) (view.Component, error) {
	one := v.somebody()
	if one == nil {
		return nil, access.ErrNobody
	}
	pol, err := v.Policy()
	if err != nil {
		return nil, err
	}
	p.Name = one.Name
	at := v.grantOf(one)
	if p.Wrong == "" {
		p.Form = view.PersonForm{Name: one.Name, Login: one.Login, Email: one.Email, Off: one.Off}
		if at >= 0 {
			g := &one.Grants[at]
			p.Form.Role, p.Form.As, p.Form.Numbers = string(g.Role), g.As, g.Numbers
			p.Form.Everywhere = g.Workspace == "*"
		}
	}
	for i, g := range one.Grants {
		if i != at {
			role, _ := roleWords(g.Role)
			where := g.Workspace
			if where == "*" {
				where = v.Say(words.KeyEverywhere)
			}
			p.Form.Elsewhere = append(p.Form.Elsewhere, v.Sayf(words.PersonOther, v.Say(role), where))
		}
	}
	p.Form.Roles = v.roles()
	err = v.Ask().Look(func(e *engine.Engine, x *ask.Sight) {
		p.Form.Persons = (&seen{v, e, x}).persons(pol)
	})
	return view.OnePerson(&v.Viewer, p), err
}

// doPerson changes what somebody is, or gives them another password.
func doPerson(v *Visit) (view.Component, error) {
	one := v.somebody()
	if one == nil {
		return nil, access.ErrNobody
	}
	p := view.PersonPage{}
	if v.R.FormValue("do") == "reset" {
		password := newPassword()
		err := v.b.o.Access.SetPassword(v.Context(), one.ID, password, v.Who.ID())
		if err != nil {
			return nil, err
		}
		p.Once, v.done = v.passwordOnce(one.Name, password), true
		return v.personPage(p)
	}
	x, f := v.personOfForm(*one)
	if _, err := v.b.o.Access.Alter(v.Context(), x, v.Who.ID()); err != nil {
		p.Wrong, p.Form = v.said(err), f
		return v.personPage(p)
	}
	v.Go(v.In("people"))
	return nil, nil
}

// myPassword is the form by which somebody changes their own password.
func (b *Builder) myPassword(v *Visit) { v.passwordForm(http.StatusOK, "") }

func (v *Visit) passwordForm(status int, wrong string) {
	switch {
	case v.Who == nil:
		v.redirect("/sign-in?to=/password")
	case v.Who.Person == nil:
		v.trouble(http.StatusForbidden, words.NotYours, words.NoKeyPassword)
	default:
		v.show(status, &view.Page{Title: v.Say(words.MyPassword), Body: view.MyPassword(&v.Viewer,
			view.PasswordPage{Wrong: wrong, Login: v.Who.Person.Login})})
	}
}

func (b *Builder) changePassword(v *Visit) {
	if v.Who == nil || v.Who.Person == nil {
		v.passwordForm(http.StatusForbidden, "")
		return
	}
	err := b.doors.ChangePassword(v.R, v.Who, v.R.FormValue("old"), v.R.FormValue("new"))
	if err != nil {
		v.passwordForm(v.problem(err).Status, v.said(err))
		return
	}
	v.redirect("/sign-in")
}
