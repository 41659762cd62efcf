package api

import (
	"context"
	"io/fs"
	"net/http"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/diff"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
)

// Pages are the doors by which pages for people do what the routes do, with the same sessions, the
// same checks and the same words for what goes wrong.
type Pages struct{ s *Server }

// Pages are the doors of a server.
func (s *Server) Pages() Pages { return Pages{s} }

// Who is who asks; an error: nobody who is known.
func (p Pages) Who(r *http.Request) (*access.Who, error) { return p.s.known(r) }

// Own reports whether a request comes from a page of ours, or changes nothing: a browser brings
// cookies along whichever page asks it to.
func (p Pages) Own(r *http.Request) bool { return p.s.csrf.Check(r) == nil }

// ComeIn lets somebody in who knows a password: the answer gets the cookie of their session.
func (p Pages) ComeIn(w http.ResponseWriter, r *http.Request, login, password string) error {
	token, _, err := p.s.o.Access.Login(r.Context(),
		access.Attempt{Login: login, Password: password, Address: p.s.address(r)})
	if err == nil {
		w.Header().Add("Set-Cookie", p.s.session(token))
	}
	return err
}

// Admit lets somebody in whom whoever runs the server vouches for, by a mail address: the answer
// gets the cookie of their session.
func (p Pages) Admit(w http.ResponseWriter, r *http.Request, email string) error {
	token, _, err := p.s.o.Access.Admit(r.Context(), email, email)
	if err == nil {
		w.Header().Add("Set-Cookie", p.s.session(token))
	}
	return err
}

// GoOut ends the session of a request, if it has one.
func (p Pages) GoOut(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Set-Cookie", p.s.session(""))
	who, err := p.s.known(r)
	if err != nil || who.Person == nil {
		return nil // there is nothing to end
	}
	return p.s.o.Access.Leave(r.Context(), who)
}

// Provider is where people come in through an identity provider; "": there is none.
func (p Pages) Provider() string {
	if p.s.o.Provider == nil {
		return ""
	}
	return providerLogin
}

// Secure reports whether people reach the server over TLS.
func (p Pages) Secure() bool { return p.s.o.Secure }

// Ends is done when the server stops.
func (p Pages) Ends() context.Context { return p.s.ends }

// Problem is what an error is to whoever asked, in a language.
func (p Pages) Problem(err error, lang string) *Problem { return p.s.problemOf(err).in(lang) }

// Language is the better liked one of en and zh in an Accept-Language header; "": neither is
// named.
func Language(header string) string { return language(header) }

// A Looked is what publishing a policy would come to.
type Looked struct {
	Policy *policy.Policy
	Diags  []source.Diagnostic
	In     *policy.Policy // in force
	Diff   *diff.Report   // nil: the policy has mistakes
	Tests  []trial.Result
	More   string // what else than numbers it changes; "": nothing
}

// Look checks a policy, compares it with the one in force, and runs its tests where it is sound.
func (p Pages) Look(ctx context.Context, workspace string, x Files, lang string) (*Looked, error) {
	l, err := p.s.load(x.Files)
	if err != nil {
		return nil, err
	}
	out := &Looked{Policy: l.policy, Diags: l.diags}
	err = p.s.use(ctx, workspace, func(w *runtime.Workspace) error {
		out.In, err = inForce(ctx, w)
		return err
	})
	if err != nil || dsl.HasErrors(l.diags) {
		return out, err
	}
	out.Diff, out.More = diff.Of(out.In, l.policy), diff.Structure(out.In, l.policy)
	leave, err := token(ctx, p.s.trials) // not behind passes over whole logs, which take longer
	if err != nil {
		return nil, err
	}
	defer leave()
	o := trial.Options{Lang: lang,
		Read: func(name string) ([]byte, error) { return fs.ReadFile(l.fsys, name) }}
	out.Tests = trial.All(l.policy, o, func(string) bool { return true })
	return out, nil
}

// Publish puts a policy in force, as the route does, for somebody who may; the hash of its text.
func (p Pages) Publish(
	ctx context.Context, who *access.Who, workspace string, x Files,
) (string, error) {
	c, err := p.publisher(who, workspace)
	if err != nil {
		return "", err
	}
	out, err := p.s.publish(context.WithValue(ctx, callerKey{}, c),
		&filesIn{InWorkspace{workspace}, x})
	if err != nil {
		return "", err
	}
	return out.Body.Source, nil
}
