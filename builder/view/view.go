// Package view draws pages: components in templ files, typed, in the language of whoever looks. A
// component gets everything it shows handed in; it asks nobody.
//
// Pages work without a script for reading, and every text comes from builder/words. There are no
// inline scripts and no style attributes: the policy for contents (CSP) lets none run.
package view

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/throughline/throughline/builder/words"
)

//go:generate go tool -modfile=../../internal/tools.mod templ generate -log-level error

// Component is a piece of a page.
type Component = templ.Component

// WithNonce gives the pages drawn with a context the nonce that their answer names.
func WithNonce(ctx context.Context, nonce string) context.Context {
	return templ.WithNonce(ctx, nonce)
}

// A Viewer is who looks at a page, and how they like it.
type Viewer struct {
	Lang      string // en or zh
	Theme     string // auto, light or dark
	ID        string // whose pages they are; "": nobody is in
	Name      string // what they are called; "": nobody is in
	Workspace string // where they are; "": in none
	Title     string // what people call that; "": as its address does
	Path      string // of the page that they look at
	Guests    []Guest
}

// Say is a text in the viewer's language.
func (v *Viewer) Say(t words.Text) string { return t.In(v.Lang) }

// Sayf is a text with arguments in the viewer's language.
func (v *Viewer) Sayf(t words.Text, args ...any) string { return t.With(args...).In(v.Lang) }

// Tag is the viewer's language as pages name it: the form of a Chinese sign depends on the region.
func (v *Viewer) Tag() string { return tag(v.Lang) }

func tag(lang string) string {
	if lang == "zh" {
		return "zh-CN"
	}
	return lang
}

// Where is what the viewer's workspace is called.
func (v *Viewer) Where() string { return cmp.Or(v.Title, v.Workspace) }

// In is the address of a page of the viewer's workspace.
func (v *Viewer) In(path string) string { return "/w/" + v.Workspace + "/" + path }

// A Link leads to a page from the navigation.
type Link struct {
	Name, Icon, Href string
	Here             bool // it is the page that is shown
}

// A Group is links under a title.
type Group struct {
	Title string
	Links []Link
}

// A Page is what the frame needs to know.
type Page struct {
	Title  string
	Style  string   // address of the style
	Script string   // address of the script
	Early  []string // addresses of what the script will ask for at once
	Groups []Group
	Wide   bool // the body takes all the room there is
	Body   Component
	Help   string // address of its help; "": it has none
	Watch  string // address where the page hears of what changes; "": nowhere
}

// Anchor is the id of a part of a page that is sent by itself where it changes: of what the part is
// about.
func Anchor(about ...string) string {
	var b strings.Builder
	for i, s := range about {
		if i > 0 {
			b.WriteByte('.')
		}
		for _, r := range s {
			plain := r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' ||
				r >= 'A' && r <= 'Z'
			if plain {
				b.WriteRune(r)
			} else {
				b.WriteString("-" + strconv.FormatInt(int64(r), 36) + "-")
			}
		}
	}
	return b.String()
}

// Themes are those that there are, with what they are called.
func themes() []struct {
	id   string
	name words.Text
} {
	return []struct {
		id   string
		name words.Text
	}{{"auto", words.ThemeAuto}, {"light", words.ThemeLight}, {"dark", words.ThemeDark}}
}

// languages are those that pages come in, each called as itself.
func languages() [][2]string { return [][2]string{{"zh", "中文"}, {"en", "English"}} }

// full is the title of a page's window.
func (v *Viewer) full(p *Page) string {
	out := v.Say(words.Product)
	if v.Workspace != "" {
		out = v.Where() + " · " + out
	}
	if p.Title != "" {
		out = p.Title + " · " + out
	}
	return out
}
