package builder

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/host"
)

// screens is every page of a workspace, in the order of the navigation. A screen's own file makes
// it; this is the one list.
func screens() []Screen {
	return []Screen{
		todayScreen(), handInScreen(),
		boardScreen(), rulesScreen(), startScreen(), startedScreen(),
		textScreen(),
		benchScreen(), publishScreen(), versionsScreen(),
		healthScreen(), healthCellScreen(), healthScoreScreen(),
		alertsScreen(), alertScreen(), reviewsScreen(),
		coachingScreen(), caseScreen(),
		allocationScreen(), labScreen(), allocatedScreen(),
		importsScreen(), importScreen(),
		peopleScreen(), personScreen(), channelsScreen(), channelScreen(),
		overviewScreen(), logScreen(), logEntryScreen(), recordScreen(), helpScreen(),
	}
}

// groups is what navigation puts screens under, in its order.
func groups() []words.Text {
	return []words.Text{words.Working, words.Authoring, words.Steering, words.Governing}
}

// A Screen is a page of a workspace.
type Screen struct {
	// Path is where it is, below the workspace: "today", or with wildcards as http.ServeMux has
	// them, "reviews/{review}".
	Path string

	Name  words.Text // its title, and what navigation calls it
	Icon  string     // see view/icons.go
	Group words.Text // one of groups; none: it is not in the navigation

	// Needs is what somebody must be allowed to see it, and Does what to send it a form; "": Needs.
	Needs, Does access.Verb
	// Roles are those in whose navigation it is; none: in that of everybody who may see it.
	Roles []access.Role

	Wide bool // it takes all the room there is
	// Live: an open page of it follows the log. Its rows have ids, see view.Anchor.
	Live bool
	// Server: it is about the whole server, so it takes to be allowed what it needs there.
	Server bool

	// Show draws it.
	Show func(*Visit) (view.Component, error)
	// Do takes a form that was sent to it; nil: it takes none. What it returns is shown in place of
	// the page (the form again, with what is wrong in it); nothing: the browser goes where Visit.Go
	// said, or to the page itself.
	Do func(*Visit) (view.Component, error)
	// Serve answers requests that are for no page, below the path: a socket, a file. nil: none.
	Serve map[string]func(*Visit)
}

// screen registers the routes of a screen.
func (b *Builder) screen(s *Screen) {
	at := "/w/{workspace}/" + s.Path
	b.page("GET "+at, func(v *Visit) { v.screen(s, s.Needs, s.Show) })
	if s.Do != nil {
		need := s.Does
		if need == "" {
			need = s.Needs
		}
		b.page("POST "+at, func(v *Visit) { v.screen(s, need, s.Do) })
	}
	if s.Live {
		b.page("GET "+at+"/live", func(v *Visit) {
			if v.let(s.Needs) {
				v.follow(s)
			}
		})
	}
	for path, f := range s.Serve {
		b.page(at+"/"+path, func(v *Visit) {
			if v.let(s.Needs) {
				f(v)
			}
		})
	}
}

// let lets in who may; who may not is answered.
func (v *Visit) let(verb access.Verb) bool {
	switch {
	case v.Who == nil:
		v.redirect("/sign-in?to=" + url.QueryEscape(local(v.Path)))
	case !v.Who.May(verb, v.Workspace):
		v.forbid()
	case !slices.Contains(v.b.o.Host.Names(), v.Workspace):
		v.fault(&host.NoWorkspaceError{Name: v.Workspace})
	default:
		v.verb = verb
		return true
	}
	return false
}

// forbid answers who may not.
func (v *Visit) forbid() {
	v.show(http.StatusForbidden, &view.Page{Title: v.Say(words.NotYours), Groups: v.groups(),
		Body: view.Trouble(&v.Viewer, v.Say(words.NotYours), v.Say(words.NotYoursFor))})
}

// screen shows a screen, or what came of a form.
func (v *Visit) screen(
	s *Screen, need access.Verb, draw func(*Visit) (view.Component, error),
) {
	if !v.let(need) {
		return
	}
	if s.Server && !v.Who.May(need, "") {
		v.forbid()
		return
	}
	var seen uint64
	if s.Live {
		seen = v.last()
	}
	body, err := v.drawn(s, draw)
	if v.working {
		seen = 0 // what it follows may be there before it follows
	}
	status := http.StatusOK
	switch {
	case err != nil:
		v.fault(err)
		return
	case body == nil:
		if v.to == "" {
			v.to = v.R.URL.Path
		}
		v.redirect(v.to)
		return
	case v.R.Method == http.MethodPost && !v.done:
		status = http.StatusUnprocessableEntity
	}
	v.show(status, &view.Page{Title: v.Say(s.Name), Groups: v.groups(), Wide: s.Wide, Body: body,
		Help: v.help(s), Watch: v.liveAddress(s, seen)})
}

// groups is the navigation: what whoever asks may see of their workspace.
func (v *Visit) groups() []view.Group {
	if v.Who == nil || v.Workspace == "" || !v.May(access.Read) {
		return nil
	}
	var out []view.Group
	for _, title := range groups() {
		g := view.Group{Title: v.Say(title)}
		for i := range v.b.screens {
			s := &v.b.screens[i]
			if s.Group == title && v.has(s) {
				href := v.In(s.Path)
				g.Links = append(g.Links, view.Link{Name: v.Say(s.Name), Icon: s.Icon, Href: href,
					Here: href == v.R.URL.Path})
			}
		}
		if len(g.Links) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// has reports whether a screen is in the navigation of whoever asks.
func (v *Visit) has(s *Screen) bool {
	if !v.May(s.Needs) || s.Server && !v.Who.May(s.Needs, "") {
		return false
	}
	return len(s.Roles) == 0 || v.Who.Key != nil ||
		slices.ContainsFunc(v.Who.Person.Grants, func(g access.Grant) bool {
			return (g.Workspace == "*" || g.Workspace == v.Workspace) && slices.Contains(s.Roles, g.Role)
		})
}

// enterWorkspace sends somebody to the first of their screens.
func (b *Builder) enterWorkspace(v *Visit) {
	if !v.let(access.Read) {
		return
	}
	for _, g := range v.groups() {
		v.redirect(g.Links[0].Href)
		return
	}
	v.fault(errors.New("a workspace without screens"))
}
