package builder

import (
	"bytes"
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/ask"
)

// A Visit is one request for a page.
type Visit struct {
	view.Viewer
	Who *access.Who // nil: nobody who is known
	R   *http.Request
	W   http.ResponseWriter

	b     *Builder
	verb  access.Verb // by which they were let in
	nonce string
	to    string // where to go after a form was taken
	done  bool   // the form was taken, and what came of it is shown this one time

	waits   time.Time // how long it waits for what takes long; zero: nothing did yet
	working bool      // and it came without
}

// page answers requests for a page. Nothing that a browser sends by itself changes anything: what
// is no page of ours may not.
func (b *Builder) page(pattern string, f func(*Visit)) {
	b.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		v := b.visit(w, r)
		v.headers()
		if !b.doors.Own(r) {
			v.trouble(http.StatusForbidden, words.Wrong, words.ForeignPage)
			return
		}
		most := int64(maxForm)
		if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
			most = maxFiles
		}
		r.Body = http.MaxBytesReader(w, r.Body, most)
		f(v)
	})
}

// maxForm is how many bytes a form may have that holds no file.
const maxForm = 1 << 20

// maxFiles is how many a form may have that holds files: photos of a phone.
const maxFiles = 24 << 20

// Names of the cookies that keep how somebody likes pages.
const (
	langCookie  = "thru-lang"
	themeCookie = "thru-theme"
)

func (b *Builder) visit(w http.ResponseWriter, r *http.Request) *Visit {
	v := &Visit{R: r, W: w, b: b, nonce: rand.Text()}
	v.Workspace, v.Path = r.PathValue("workspace"), r.URL.RequestURI()
	if r.Method != http.MethodGet {
		v.Path = r.URL.Path
	}
	v.Lang = api.Language(r.Header.Get("Accept-Language"))
	if c, err := r.Cookie(langCookie); err == nil {
		v.Lang = c.Value
	}
	if v.Lang != "zh" {
		v.Lang = "en"
	}
	v.Guests = b.guests(v.Lang)
	v.Theme = "auto"
	if c, err := r.Cookie(themeCookie); err == nil && (c.Value == "light" || c.Value == "dark") {
		v.Theme = c.Value
	}
	if who, err := b.doors.Who(r); err == nil {
		v.Who = who
		v.ID, v.Name = who.ID(), calledAs(who)
	}
	return v
}

func calledAs(who *access.Who) string {
	if who.Key != nil {
		return who.Key.Label
	}
	return who.Person.Name
}

// headers are those of every page: nothing runs and nothing is loaded that is not ours.
func (v *Visit) headers() {
	h := v.W.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self' "+
		"'nonce-"+v.nonce+"'; img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; "+
		"manifest-src 'self'; media-src 'self' blob:; form-action 'self'; base-uri 'none'; "+
		"frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Vary", "Accept-Language, Cookie, Accept-Encoding")
}

// show answers with a page.
func (v *Visit) show(status int, p *view.Page) {
	p.Style, _ = v.b.assets.url("app.css")
	p.Script, p.Early = v.b.assets.url("app.ts")
	if v.Workspace != "" && v.May(access.Read) {
		if in, err := v.Policy(); err == nil { // else it goes by its address
			v.Title = in.Settings.Title
		}
	}
	var b bytes.Buffer
	ctx := view.WithNonce(v.R.Context(), v.nonce)
	if err := view.Frame(&v.Viewer, p).Render(ctx, &b); err != nil {
		v.b.o.Log.Error("page", "path", v.R.URL.Path, "err", err)
		http.Error(v.W, v.Say(words.Wrong), http.StatusInternalServerError)
		return
	}
	text := b.Bytes()
	if takesGzip(v.R) {
		v.W.Header().Set("Content-Encoding", "gzip")
		text = zip(text)
	}
	v.W.WriteHeader(status)
	_, _ = v.W.Write(text) // who asked is gone otherwise
}

// fault answers with what an error is to whoever asked.
func (v *Visit) fault(err error) {
	p := v.problem(err)
	text := p.Detail
	if p.Status == http.StatusNotFound && v.Who == nil {
		text = ""
	}
	v.show(p.Status, &view.Page{Title: p.Title, Groups: v.groups(),
		Body: view.Trouble(&v.Viewer, p.Title, text)})
}

// problem is what an error is to whoever asked. It begins as a sentence does: programs are told in
// small letters.
func (v *Visit) problem(err error) *api.Problem {
	p := *v.b.doors.Problem(err, v.Lang)
	first, size := utf8.DecodeRuneInString(p.Title)
	p.Title = string(unicode.ToUpper(first)) + p.Title[size:]
	return &p
}

func (v *Visit) trouble(status int, title, text words.Text) {
	v.show(status, &view.Page{Title: v.Say(title),
		Body: view.Trouble(&v.Viewer, v.Say(title), v.Say(text))})
}

// redirect sends the browser to another page.
func (v *Visit) redirect(to string) { http.Redirect(v.W, v.R, to, http.StatusSeeOther) }

// Go says where the browser goes after a form was taken; else it stays.
func (v *Visit) Go(to string) { v.to = to }

// Context is that of the request.
func (v *Visit) Context() context.Context { return v.R.Context() }

// Use calls f with the workspace.
func (v *Visit) Use(f func(*runtime.Workspace) error) error {
	return v.b.use(v.Context(), v.Workspace, f)
}

// Policy is the one in force in the workspace.
func (v *Visit) Policy() (*policy.Policy, error) { return v.b.inForce(v.Context(), v.Workspace) }

// May reports whether whoever asks may do something in the workspace.
func (v *Visit) May(verb access.Verb) bool { return v.Who != nil && v.Who.May(verb, v.Workspace) }

// Sees is how much whoever asks sees of the workspace.
func (v *Visit) Sees() ask.View { return v.Who.View(v.verb, v.Workspace) }

// local is an address of this server that somebody named to come back to, or the first page.
func local(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(to, "/") ||
		strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return to
}

// keep gives the browser a cookie that holds how somebody likes pages.
func (v *Visit) keep(name, value string) {
	http.SetCookie(v.W, &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true,
		Secure: v.b.doors.Secure(), SameSite: http.SameSiteLaxMode,
		MaxAge: int((365 * 24 * time.Hour).Seconds())})
}
