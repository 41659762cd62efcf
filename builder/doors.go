package builder

import (
	"errors"
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/host"
)

func (b *Builder) signIn(v *Visit) {
	to := local(v.R.FormValue("to"))
	if v.Who != nil {
		v.redirect(to)
		return
	}
	v.signInForm(http.StatusOK, view.SignInForm{To: to})
}

func (v *Visit) signInForm(status int, f view.SignInForm) {
	f.Unset, f.Provider = v.b.o.Access.SetupCode() != "", v.b.doors.Provider()
	v.show(status, &view.Page{Title: v.Say(words.SignIn), Body: view.SignIn(&v.Viewer, f)})
}

func (b *Builder) comeIn(v *Visit) {
	f := view.SignInForm{To: local(v.R.FormValue("to")), Login: v.R.FormValue("login")}
	err := b.doors.ComeIn(v.W, v.R, f.Login, v.R.FormValue("password"))
	if err != nil {
		p := v.problem(err)
		f.Wrong = p.Title
		if p.Detail != "" {
			f.Wrong += v.Say(words.Colon) + p.Detail
		}
		v.signInForm(p.Status, f)
		return
	}
	v.redirect(f.To)
}

func (b *Builder) setUp(v *Visit) {
	v.show(http.StatusOK, &view.Page{Title: v.Say(words.SetUp), Body: view.SetUp(&v.Viewer,
		view.SetUpForm{Done: b.o.Access.SetupCode() == ""})})
}

func (b *Builder) becomeAdmin(v *Visit) {
	f := view.SetUpForm{Code: v.R.FormValue("code"), Login: v.R.FormValue("login"),
		Name: v.R.FormValue("name")}
	password := v.R.FormValue("password")
	_, err := b.o.Access.SetUp(v.Context(), f.Code,
		access.Person{Login: f.Login, Name: f.Name}, password)
	if err == nil {
		err = b.doors.ComeIn(v.W, v.R, f.Login, password)
	}
	if err != nil {
		p := v.problem(err)
		f.Wrong, f.More = p.Title, p.Detail
		v.show(p.Status, &view.Page{Title: v.Say(words.SetUp), Body: view.SetUp(&v.Viewer, f)})
		return
	}
	v.redirect("/")
}

func (b *Builder) signOut(v *Visit) {
	if err := b.doors.GoOut(v.W, v.R); err != nil {
		v.fault(err)
		return
	}
	v.redirect("/sign-in")
}

// settings keeps how somebody likes pages, in their browser.
func (b *Builder) settings(v *Visit) {
	if lang := v.R.FormValue("lang"); lang == "zh" || lang == "en" {
		v.keep(langCookie, lang)
	}
	switch theme := v.R.FormValue("theme"); theme {
	case "auto", "light", "dark":
		v.keep(themeCookie, theme)
	}
	v.redirect(local(v.R.FormValue("to")))
}

func (b *Builder) home(v *Visit) {
	switch {
	case v.Who == nil && b.o.Access.SetupCode() != "" && len(b.o.Access.People()) == 0:
		v.redirect("/set-up")
	case v.Who == nil:
		v.redirect("/sign-in")
	case v.only() != "":
		v.redirect("/w/" + v.only() + "/")
	default:
		v.spaces(http.StatusOK, view.SpacesPage{})
	}
}

// only is the workspace of somebody who may open one and make none; "": they choose.
func (v *Visit) only() (name string) {
	for _, n := range v.b.o.Host.Names() {
		if v.Who.May(access.Read, n) {
			if name != "" {
				return ""
			}
			name = n
		}
	}
	if v.Who.May(access.Admin, "") {
		return ""
	}
	return name
}

// spaces shows the workspaces that somebody may open, and nothing of others.
func (v *Visit) spaces(status int, p view.SpacesPage) {
	p.MayMake = v.Who.May(access.Admin, "")
	for _, name := range v.b.o.Host.Names() {
		if !v.Who.May(access.Read, name) {
			continue
		}
		s := view.Space{Name: name}
		if in, err := v.b.inForce(v.Context(), name); err != nil {
			v.b.o.Log.Error("workspace", "workspace", name, "err", err)
			s.Broken = true
		} else {
			s.Title = in.Settings.Title
			s.Counts = v.Sayf(words.WorkspaceCounts, len(in.Journeys), len(in.Actions), len(in.Rules))
		}
		p.Spaces = append(p.Spaces, s)
	}
	v.show(status, &view.Page{Title: v.Say(words.Workspaces), Body: view.Spaces(&v.Viewer, p)})
}

// makeWorkspace makes a workspace that begins with the small example.
func (b *Builder) makeWorkspace(v *Visit) {
	if v.Who == nil {
		v.redirect("/sign-in")
		return
	}
	if !v.Who.May(access.Admin, "") {
		v.trouble(http.StatusForbidden, words.NotYours, words.NotYoursFor)
		return
	}
	name, title := v.R.FormValue("name"), plainTitle(v.R.FormValue("title"))
	given := view.SpacesPage{Title: title, Name: name}
	if utf8.RuneCountInString(title) > view.MostTitle {
		given.TitleWrong = v.Sayf(words.WorkspaceTitleLong, view.MostTitle)
		v.spaces(http.StatusUnprocessableEntity, given)
		return
	}
	name, err := b.beginAs(v.Context(), name, title, v.Who.ID())
	switch {
	case err == nil:
		v.redirect("/w/" + url.PathEscape(name) + "/start")
	case errors.Is(err, host.ErrName), errors.Is(err, host.ErrExists):
		p := v.problem(err)
		given.Wrong = p.Title
		v.spaces(p.Status, given)
	default:
		v.fault(err)
	}
}

// nowhere answers where there is no page. Who is not in learns nothing of what there is.
func (b *Builder) nowhere(v *Visit) {
	v.show(http.StatusNotFound, &view.Page{Title: v.Say(words.NoPage),
		Body: view.Trouble(&v.Viewer, v.Say(words.NoPage), v.Say(words.NoPageNext))})
}
