package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/throughline/throughline/runtime/access"
)

// people are the routes by which people come in, and by which it is said who may.
func (s *Server) people() {
	add(s, route{verb: anyone, method: http.MethodPost, path: "/v1/-/setup", id: "setup",
		sum: "Make the first administrator",
		more: "It takes the code that the server shows when it starts, as long as it has no " +
			"administrator."}, s.setUp)
	add(s, route{verb: anyone, method: http.MethodPost, path: "/v1/-/login", id: "login",
		sum: "Come in with a password",
		more: "The answer sets a cookie. After five wrong passwords in a row a login waits a minute, " +
			"then longer; who tries often from one address waits too."}, s.login)
	add(s, route{verb: somebody, method: http.MethodPost, path: "/v1/-/logout", id: "logout",
		sum: "Go out"}, s.logout)
	add(s, route{verb: somebody, method: http.MethodGet, path: "/v1/-/me", id: "me",
		sum: "Who asks, and what they may do"}, s.me)
	add(s, route{verb: somebody, method: http.MethodPut, path: "/v1/-/me/password", id: "my-password",
		sum: "Take another password", more: "All sessions end."}, s.myPassword)
	add(s, route{verb: access.Admin, method: http.MethodGet, path: "/v1/-/people", id: "people",
		sum: "Everybody, with their roles"}, s.everybody)
	add(s, route{verb: access.Admin, method: http.MethodPost, path: "/v1/-/people", id: "enrol",
		sum:  "Make an account",
		more: "Without a password its owner comes in through the identity provider."}, s.enrol)
	add(s, route{verb: access.Admin, method: http.MethodPut, path: "/v1/-/people/{person}",
		id: "alter", sum: "Say anew what somebody is called and may do"}, s.alter)
	add(s, route{verb: access.Admin, method: http.MethodPut, path: "/v1/-/people/{person}/password",
		id: "set-password", sum: "Give somebody another password",
		more: "Their sessions end, and so does waiting after wrong ones."}, s.setPassword)
	add(s, route{verb: access.Admin, method: http.MethodGet, path: "/v1/-/hidden", id: "hidden",
		sum: "Which fields are hidden from which roles"}, s.hidings)
	add(s, route{verb: access.Admin, method: http.MethodPut, path: "/v1/-/hidden", id: "hide",
		sum: "Hide a field from a role, or show it again"}, s.hide)
	add(s, route{verb: access.Audit, method: http.MethodGet, path: "/v1/-/acts", id: "acts",
		sum: "What was done to the server, and by whom"}, s.acts)
}

// Me is who asks.
type Me struct {
	ID     string         `json:"id"`
	Name   string         `json:"name" doc:"Of a key, its label"`
	Login  string         `json:"login,omitempty"`
	Grants []access.Grant `json:"grants,omitempty" doc:"Of a person"`
	Key    *access.Key    `json:"key,omitempty"`
}

func meOf(w *access.Who) Me {
	if w.Key != nil {
		return Me{ID: w.Key.ID, Name: w.Key.Label, Key: w.Key}
	}
	p := w.Person
	return Me{ID: p.ID, Name: p.Name, Login: p.Login, Grants: p.Grants}
}

// entered answers somebody who came in.
type entered struct {
	SetCookie string `header:"Set-Cookie"`
	Body      Me
}

type setUpIn struct {
	Body struct {
		Code     string `json:"code" maxLength:"200"`
		Login    string `json:"login" maxLength:"200"`
		Name     string `json:"name" maxLength:"200"`
		Password string `json:"password" maxLength:"800"`
	}
}

func (s *Server) setUp(ctx context.Context, i *setUpIn) (*entered, error) {
	b := &i.Body
	_, err := s.o.Access.SetUp(ctx, b.Code, access.Person{Login: b.Login, Name: b.Name}, b.Password)
	if err != nil {
		return nil, err
	}
	return s.comeIn(ctx, b.Login, b.Password)
}

type loginIn struct {
	Body struct {
		Login    string `json:"login" maxLength:"200"`
		Password string `json:"password" maxLength:"800"`
	}
}

func (s *Server) login(ctx context.Context, i *loginIn) (*entered, error) {
	return s.comeIn(ctx, i.Body.Login, i.Body.Password)
}

func (s *Server) comeIn(ctx context.Context, login, password string) (*entered, error) {
	token, who, err := s.o.Access.Login(ctx, s.attempt(ctx, login, password))
	if err != nil {
		return nil, err
	}
	return &entered{s.session(token), meOf(who)}, nil
}

func (s *Server) attempt(ctx context.Context, login, password string) access.Attempt {
	r, _ := humago.Unwrap(callerOf(ctx).http)
	return access.Attempt{Login: login, Password: password, Address: s.address(r)}
}

// left answers somebody who went out.
type left struct {
	SetCookie string `header:"Set-Cookie"`
}

func (s *Server) logout(ctx context.Context, _ *struct{}) (*left, error) {
	return &left{s.session("")}, s.o.Access.Leave(ctx, callerOf(ctx).who)
}

func (s *Server) me(ctx context.Context, _ *struct{}) (*body[Me], error) {
	return &body[Me]{meOf(callerOf(ctx).who)}, nil
}

type myPasswordIn struct {
	Body struct {
		Old string `json:"old" maxLength:"800"`
		New string `json:"new" maxLength:"800"`
	}
}

func (s *Server) myPassword(ctx context.Context, i *myPasswordIn) (*left, error) {
	p := callerOf(ctx).who.Person
	if p == nil {
		return nil, s.problem("not-allowed", "a key has no password", "密钥没有密码")
	}
	if err := s.o.Access.Confirm(ctx, s.attempt(ctx, p.Login, i.Body.Old)); err != nil {
		return nil, err
	}
	return &left{s.session("")}, s.o.Access.SetPassword(ctx, p.ID, i.Body.New, p.ID)
}

// Everybody is people without their secrets.
type Everybody struct {
	People []access.Person `json:"people"`
}

func (s *Server) everybody(context.Context, *struct{}) (*body[Everybody], error) {
	return &body[Everybody]{Everybody{s.o.Access.People()}}, nil
}

// Account is what is said of somebody.
type Account struct {
	Login  string         `json:"login" maxLength:"200"`
	Name   string         `json:"name" maxLength:"200"`
	Email  string         `json:"email,omitempty" maxLength:"200" doc:"As the identity provider has it"`
	Grants []access.Grant `json:"grants" maxItems:"1000"`
	Off    bool           `json:"off,omitempty" doc:"Comes in no more"`
}

func (a *Account) person(id string) access.Person {
	return access.Person{ID: id, Login: a.Login, Name: a.Name, Email: a.Email, Grants: a.Grants,
		Off: a.Off}
}

type enrolIn struct {
	Body struct {
		Account
		Password string `json:"password,omitempty" maxLength:"800"`
	}
}

func (s *Server) enrol(ctx context.Context, i *enrolIn) (*body[access.Person], error) {
	p, err := s.o.Access.Enrol(ctx, i.Body.person(""), i.Body.Password, callerOf(ctx).who.ID())
	if err != nil {
		return nil, err
	}
	return &body[access.Person]{*p}, nil
}

type alterIn struct {
	Person string `path:"person"`
	Body   Account
}

func (s *Server) alter(ctx context.Context, i *alterIn) (*body[access.Person], error) {
	p, err := s.o.Access.Alter(ctx, i.Body.person(i.Person), callerOf(ctx).who.ID())
	if err != nil {
		return nil, err
	}
	return &body[access.Person]{*p}, nil
}

type setPasswordIn struct {
	Person string `path:"person"`
	Body   struct {
		Password string `json:"password" maxLength:"800"`
	}
}

func (s *Server) setPassword(ctx context.Context, i *setPasswordIn) (*struct{}, error) {
	return nil, s.o.Access.SetPassword(ctx, i.Person, i.Body.Password, callerOf(ctx).who.ID())
}

// Hidings are the fields that are hidden.
type Hidings struct {
	Hidden []access.Hiding `json:"hidden"`
}

func (s *Server) hidings(context.Context, *struct{}) (*body[Hidings], error) {
	return &body[Hidings]{Hidings{s.o.Access.Hidings()}}, nil
}

type hideIn struct{ Body access.Hiding }

func (s *Server) hide(ctx context.Context, i *hideIn) (*struct{}, error) {
	return nil, s.o.Access.Hide(ctx, i.Body, callerOf(ctx).who.ID())
}

type actsIn struct {
	After uint64 `query:"after" doc:"The entry after which to begin; 0: at the beginning"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// Acts are a part of the server's own log.
type Acts struct {
	Acts []access.Noted `json:"acts"`
	Next uint64         `json:"next" doc:"What to ask for after next time"`
}

func (s *Server) acts(_ context.Context, i *actsIn) (*body[Acts], error) {
	list, next, err := s.o.Access.Acts(i.After, i.Limit)
	return &body[Acts]{Acts{append([]access.Noted{}, list...), next}}, err
}
