package api

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"sync"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/deliver/hook"
	"github.com/throughline/throughline/runtime/intake"
)

// hooks are the routes by which other systems tell of what happens in them.
func (s *Server) hooks() {
	const path, one = "/v1/{workspace}/hooks", "/v1/{workspace}/hooks/{hook}"
	add(s, route{verb: access.Admin, method: http.MethodGet, path: path, id: "hooks",
		sum: "Where other systems tell of what happens in them"}, s.listHooks)
	add(s, route{verb: access.Admin, method: http.MethodPut, path: one, id: "set-hook",
		sum: "Take what another system sends",
		more: "By a mapping that is kept, whose columns are paths into its JSON. The answer has the " +
			"secret that it signs with, once: when the hook is made, and with renew."}, s.setHook)
	add(s, route{verb: access.Admin, method: http.MethodDelete, path: one, id: "drop-hook",
		sum: "Take nothing more from another system"}, s.dropHook)
	add(s, route{verb: anyone, method: http.MethodPost, path: one, id: "tell-hook",
		sum: "Tell of what happened",
		more: "Signed as Standard Webhooks has it: Webhook-Id, Webhook-Timestamp, Webhook-Signature " +
			"(HMAC-SHA256 over id.timestamp.body), within five minutes. What is sent again under an id " +
			"counts once.",
		raw: map[string]string{"application/json": "What the other system has to tell"}}, s.tellHook)
}

// receivers are the hooks that something was sent to.
type receivers struct {
	mu   sync.Mutex
	all  map[string]*hook.Receiver
	kept map[string]*hook.Memory // by workspace
}

// of is the receiver of a hook; it remembers what was here as long as its secret is the same.
func (r *receivers) of(i *OfHook, secret, file string) *hook.Receiver {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all, r.kept = map[string]*hook.Receiver{}, map[string]*hook.Memory{}
	}
	name := i.Workspace + "/" + i.Hook
	x := r.all[name]
	if x == nil || x.Secret != secret {
		m := r.kept[i.Workspace]
		if m == nil {
			m = &hook.Memory{File: file}
			r.kept[i.Workspace] = m
		}
		x = &hook.Receiver{Secret: secret, Memory: m, Name: i.Hook}
		r.all[name] = x
	}
	return x
}

// hookSetting is what a hook's setting is called, and hookSecret its secret: no workspace is called
// "-hook".
const (
	hookSetting = "hook/"
	hookSecret  = "-hook/"
)

var hookName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// Hooks are where other systems tell of what happens in them.
type Hooks struct {
	Hooks []intake.Hook `json:"hooks"`
}

// hooked calls f where somebody takes what other systems send.
func (s *Server) hooked(ctx context.Context, workspace string, f func() error) error {
	return s.use(ctx, workspace, func(*runtime.Workspace) error {
		if s.o.Desk == nil || s.o.Vault == nil {
			return s.problem("no-imports", "", "")
		}
		return f()
	})
}

func (s *Server) listHooks(ctx context.Context, i *InWorkspace) (*body[Hooks], error) {
	out := Hooks{Hooks: []intake.Hook{}}
	return &body[Hooks]{out}, s.hooked(ctx, i.Workspace, func() error {
		for _, name := range s.o.Access.Settings(i.Workspace, hookSetting) {
			var h intake.Hook
			if _, err := s.o.Access.Setting(i.Workspace, name, &h); err != nil {
				return err
			}
			out.Hooks = append(out.Hooks, h)
		}
		return nil
	})
}

// OfHook is what every request about a hook names.
type OfHook struct {
	InWorkspace
	Hook string `path:"hook"`
}

type setHookIn struct {
	OfHook
	Body struct {
		Mapping string `json:"mapping" minLength:"1" doc:"Name of one that is kept"`
		Rows    string `json:"rows,omitempty" doc:"Path to a list of which each element is a record"`
		Renew   bool   `json:"renew,omitempty" doc:"Make another secret"`
	}
}

// SetHook is a hook that was set.
type SetHook struct {
	intake.Hook
	Secret string `json:"secret,omitempty" doc:"That the other system signs with; it is shown this once"`
}

func (s *Server) setHook(ctx context.Context, i *setHookIn) (*body[SetHook], error) {
	out := &body[SetHook]{}
	return out, s.hooked(ctx, i.Workspace, func() error {
		if !hookName.MatchString(i.Hook) {
			return s.problem("wrong-request", "a hook's name is 1 to 63 small letters, digits and hyphens",
				"名称由 1 到 63 个小写字母、数字或连字符组成")
		}
		if _, err := s.o.Desk.Mapping(i.Workspace, i.Body.Mapping); err != nil {
			return err
		}
		unlock, err := s.setting.lock(ctx, i.Workspace)
		if err != nil {
			return err
		}
		defer unlock()
		secret := hookSecret + i.Workspace + "/" + i.Hook
		if i.Body.Renew || !s.o.Vault.Has(secret) {
			var b [24]byte
			_, _ = rand.Read(b[:]) // it never fails
			out.Body.Secret = "whsec_" + base64.StdEncoding.EncodeToString(b[:])
			if err := s.o.Vault.Put(secret, out.Body.Secret); err != nil {
				return err
			}
		}
		out.Body.Hook = intake.Hook{Name: i.Hook, Mapping: i.Body.Mapping, Rows: i.Body.Rows}
		return s.o.Access.Set(ctx, access.Setting{Workspace: i.Workspace, Name: hookSetting + i.Hook,
			Value: &out.Body.Hook}, callerOf(ctx).who.ID())
	})
}

func (s *Server) dropHook(ctx context.Context, i *OfHook) (*struct{}, error) {
	return nil, s.hooked(ctx, i.Workspace, func() error {
		unlock, err := s.setting.lock(ctx, i.Workspace)
		if err != nil {
			return err
		}
		defer unlock()
		var h intake.Hook
		if there, err := s.o.Access.Setting(i.Workspace, hookSetting+i.Hook, &h); err != nil || !there {
			return errors.Join(err, s.problem("unknown-hook", "", ""))
		}
		err = s.o.Access.Set(ctx, access.Setting{Workspace: i.Workspace, Name: hookSetting + i.Hook},
			callerOf(ctx).who.ID())
		return errors.Join(err, s.o.Vault.Drop(hookSecret+i.Workspace+"/"+i.Hook))
	})
}

// tellHook takes a delivery. Who does not know the secret is not told whether there is such a hook.
func (s *Server) tellHook(ctx context.Context, i *OfHook) (*body[intake.Heard], error) {
	if s.o.Desk == nil || s.o.Vault == nil {
		return nil, s.problem("no-imports", "", "")
	}
	c := callerOf(ctx)
	text, err := s.bytes(c.http)
	if err != nil {
		return nil, err
	}
	var secret string
	name := i.Workspace + "/" + i.Hook
	var h intake.Hook
	there, err := s.o.Access.Setting(i.Workspace, hookSetting+i.Hook, &h)
	if err == nil && there {
		there, err = s.o.Vault.Get(hookSecret+name, &secret)
	}
	if err != nil {
		return nil, err
	}
	if !there || secret == "" {
		return nil, s.problem("wrong-signature", "", "")
	}
	head := http.Header{}
	for _, key := range []string{"Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"} {
		head.Set(key, c.http.Header(key))
	}
	r := s.receivers.of(i, secret, s.o.Desk.HeardFile(i.Workspace))
	switch err := r.Check(head, text); {
	case errors.Is(err, hook.ErrReplayed):
		return &body[intake.Heard]{intake.Heard{Records: []intake.HeardRecord{}, Again: true}}, nil
	case errors.Is(err, hook.ErrMany):
		p := s.problem("busy", err.Error(), "短时间内收到的过多")
		p.after = hook.Window
		return nil, p
	case errors.Is(err, hook.ErrUnsigned), errors.Is(err, hook.ErrStale):
		return nil, s.problem("wrong-signature", err.Error(), "")
	case err != nil:
		return nil, err
	}
	out, err := s.o.Desk.Hear(ctx, i.Workspace, &h,
		&intake.Delivery{ID: strings.TrimSpace(head.Get("Webhook-Id")), Body: text})
	if err == nil {
		if no := r.Took(head); no != nil {
			s.o.Log.Error("write", "err", no)
			err = s.problem("disk", "", "")
		}
	}
	if err != nil {
		r.Forget(head) // it is sent again
	}
	return &body[intake.Heard]{out}, err
}
