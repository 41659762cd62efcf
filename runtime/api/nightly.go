package api

import (
	"context"
	"net/http"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/nightly"
)

// nights are the routes about what the server does for a workspace by itself.
func (s *Server) nights() {
	const path = "/v1/{workspace}/nightly"
	add(s, route{verb: access.Admin, method: http.MethodGet, path: path, id: "nightly",
		sum: "What is done every night, and how it went"}, s.nightly)
	add(s, route{verb: access.Admin, method: http.MethodPut, path: path, id: "set-nightly",
		sum: "Say what is done every night"}, s.setNightly)
	add(s, route{verb: access.Admin, method: http.MethodPost, path: path, id: "do-nightly",
		sum: "Do it now"}, s.doNightly)
}

// nightlySetting is what the setting is called.
const nightlySetting = "nightly"

// Nightly reads what is done for workspaces every night from where it is set.
func Nightly(a *access.Access) func(workspace string) nightly.Setting {
	return func(workspace string) nightly.Setting {
		s := nightly.Usual()
		if ok, err := a.Setting(workspace, nightlySetting, &s); !ok || err != nil {
			return nightly.Usual()
		}
		return s
	}
}

// Nights are what is done every night, and what was done the last time.
type Nights struct {
	Setting nightly.Setting `json:"setting"`
	Last    *nightly.Done   `json:"last,omitempty"`
}

// tended calls f where there is such a workspace and somebody tends to it.
func (s *Server) tended(ctx context.Context, workspace string, f func() error) error {
	return s.use(ctx, workspace, func(*runtime.Workspace) error {
		if s.o.Nightly == nil {
			return s.problem("no-nightly", "", "")
		}
		return f()
	})
}

func (s *Server) nightly(ctx context.Context, i *InWorkspace) (*body[Nights], error) {
	out := Nights{Setting: Nightly(s.o.Access)(i.Workspace)}
	err := s.tended(ctx, i.Workspace, func() error {
		d, err := s.o.Nightly.Last(i.Workspace)
		if !d.At.IsZero() {
			out.Last = &d
		}
		return err
	})
	return &body[Nights]{out}, err
}

type setNightlyIn struct {
	InWorkspace
	Body nightly.Setting
}

func (s *Server) setNightly(ctx context.Context, i *setNightlyIn) (*body[Nights], error) {
	err := s.tended(ctx, i.Workspace, func() error {
		return s.o.Access.Set(ctx, access.Setting{Workspace: i.Workspace, Name: nightlySetting,
			Value: i.Body}, callerOf(ctx).who.ID())
	})
	if err != nil {
		return nil, err
	}
	return s.nightly(ctx, &i.InWorkspace)
}

func (s *Server) doNightly(ctx context.Context, i *InWorkspace) (*body[Nights], error) {
	out := Nights{Setting: Nightly(s.o.Access)(i.Workspace)}
	err := s.tended(ctx, i.Workspace, func() error {
		d, err := s.o.Nightly.Run(ctx, i.Workspace)
		if out.Last = &d; d.Why != "" {
			err = nil // it is told
		}
		return err
	})
	return &body[Nights]{out}, err
}
