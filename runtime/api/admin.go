package api

import (
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
)

// admin are the routes about the server itself. No workspace is called "-".
func (s *Server) admin() {
	add(s, route{verb: "admin", method: http.MethodGet, path: "/v1/-/workspaces", id: "workspaces",
		sum: "The workspaces"}, s.workspaces)
	add(s, route{verb: "admin", method: http.MethodPost, path: "/v1/-/workspaces", id: "create",
		sum: "Make a workspace with a policy"}, s.create)
	add(s, route{verb: "admin", method: http.MethodGet, path: "/v1/-/keys", id: "keys",
		sum: "The keys, without their secrets"}, s.keys)
	add(s, route{verb: "admin", method: http.MethodPost, path: "/v1/-/keys", id: "make-key",
		sum: "Make a key", more: "The token is shown this once."}, s.makeKey)
	add(s, route{verb: "admin", method: http.MethodDelete, path: "/v1/-/keys/{key}", id: "revoke-key",
		sum: "End a key, at once"}, s.revokeKey)
	add(s, route{verb: "read", method: http.MethodGet, path: "/v1/{workspace}/verify", id: "verify",
		sum: "Walk the log's chain from its beginning",
		more: "Every entry is compared with what the next one says of it, and every payload and " +
			"decision with what its entry commits to."}, s.verify)
}

// Workspaces are names.
type Workspaces struct {
	Workspaces []string `json:"workspaces"`
}

func (s *Server) workspaces(context.Context, *struct{}) (*body[Workspaces], error) {
	return &body[Workspaces]{Workspaces{s.o.Host.Names()}}, nil
}

type createIn struct {
	Body struct {
		Name  string `json:"name" example:"east" doc:"1 to 63 small letters, digits and hyphens"`
		Files []File `json:"files" minItems:"1" maxItems:"1000"`
	}
}

// Created is a workspace that was made.
type Created struct {
	Name string `json:"name"`
	Hash string `json:"hash" doc:"Of its policy"`
}

func (s *Server) create(ctx context.Context, i *createIn) (*body[Created], error) {
	c := callerOf(ctx)
	l, err := s.sound(i.Body.Files, c.lang)
	if err != nil {
		return nil, err
	}
	if err := s.o.Host.Create(i.Body.Name, l.policy); err != nil {
		return nil, err
	}
	out := Created{i.Body.Name, hashOf(l.policy)}
	err = s.o.Access.Note(ctx, access.Act{What: "create", Workspace: out.Name, About: out.Hash,
		Who: c.who.ID()})
	return &body[Created]{out}, err
}

// Keys are keys without their secrets.
type Keys struct {
	Keys []access.Key `json:"keys"`
}

func (s *Server) keys(context.Context, *struct{}) (*body[Keys], error) {
	return &body[Keys]{Keys{s.o.Access.Keys()}}, nil
}

type makeKeyIn struct {
	Body struct {
		Label      string        `json:"label" doc:"What the key is for, for people"`
		Workspaces []string      `json:"workspaces" minItems:"1" doc:"What it opens; * is all"`
		Verbs      []access.Verb `json:"verbs" minItems:"1" doc:"read, submit, draft, tune, publish, audit, admin"`
		Expires    time.Time     `json:"expires,omitzero" doc:"When it ends; without it, never"`
	}
}

// Made is a new key with what its bearer shows.
type Made struct {
	Token string     `json:"token" doc:"Shown this once"`
	Key   access.Key `json:"key"`
}

func (s *Server) makeKey(ctx context.Context, i *makeKeyIn) (*body[Made], error) {
	b := &i.Body
	token, k, err := s.o.Access.Make(ctx, access.Key{Label: b.Label, Workspaces: b.Workspaces,
		Verbs: b.Verbs, Expires: b.Expires}, callerOf(ctx).who.ID())
	if err != nil {
		return nil, err
	}
	return &body[Made]{Made{token, *k}}, nil
}

type keyIn struct {
	Key string `path:"key"`
}

func (s *Server) revokeKey(ctx context.Context, i *keyIn) (*struct{}, error) {
	return nil, s.o.Access.Revoke(ctx, i.Key, callerOf(ctx).who.ID())
}

// Verified is what a log's chain comes to.
type Verified struct {
	Last uint64 `json:"last" doc:"Number of its last entry"`
	Head string `json:"head" doc:"Hash of that: it stands for all entries"`
}

func (s *Server) verify(ctx context.Context, i *InWorkspace) (*body[Verified], error) {
	var out Verified
	err := s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		leave, err := s.turn(ctx)
		if err != nil {
			return err
		}
		defer leave()
		last := w.Last()
		head, err := w.VerifyTo(last)
		out = Verified{last, hex.EncodeToString(head[:])}
		return err
	})
	return &body[Verified]{out}, err
}
