// Package deliver carries out in the world what decisions ask for: it tells people and systems
// through the channels of a workspace, as often and as fast as those allow, at least once each.
//
// What is to be done stands in the log's outbox, committed with its decision (decision D6). What
// became of it is a command in the same log, so "who was told, and when" has the same proof as
// everything else, and what still waits is a fold over the log: killed at any moment, it goes on
// where the log ends. What was on its way then is sent again under the same id.
package deliver

import (
	"context"
	"crypto/x509"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"time"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/deliver/channel"
	"github.com/throughline/throughline/runtime/deliver/door"
	"github.com/throughline/throughline/runtime/deliver/link"
	"github.com/throughline/throughline/runtime/deliver/vault"
)

// Options are what a service works with.
type Options struct {
	Dir      string // where caches are kept, beside the workspaces
	Channels func(workspace string) []channel.Channel
	Vault    *vault.Vault
	Door     *door.Door

	// Email is the address of somebody's account; nil: none is known.
	Email func(workspace, ref string) string

	// Links signs the addresses in messages; nil: there are none. Stopped reports whether somebody
	// ended the digests of a channel.
	Links   *link.Signer
	Stopped func(workspace, channel, ref string) bool

	Roots  *x509.CertPool   // who may vouch for mail servers; nil: whom the system trusts
	Now    func() time.Time // nil: the machine's clock
	Chance func() float64   // in [0, 1); nil: the machine's
	Log    *slog.Logger     // nil: nothing is logged

	// Send sends a message; nil: through the door.
	Send func(context.Context, *channel.Sending) error
}

// Service delivers what the workspaces of a host ask for. All methods may be called from any
// goroutine.
type Service struct {
	o Options

	mu      sync.Mutex
	workers map[string]*worker
}

// New makes a service.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Chance == nil {
		o.Chance = rand.Float64
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Send == nil {
		o.Send = (&sender{door: o.Door, roots: o.Roots}).send
	}
	return &Service{o: o, workers: map[string]*worker{}}
}

// Attend begins to deliver for a workspace that was opened. What it returns ends that, and says
// when there is something to do again; the zero moment: only when something happens.
func (s *Service) Attend(name string, ws *runtime.Workspace) (leave func() time.Time) {
	ctx, cancel := context.WithCancel(context.Background())
	w := &worker{s: s, name: name, ws: ws, file: filepath.Join(s.o.Dir, name+".sent"),
		results: make(chan *outcome, 64), calls: make(chan func(), 16),
		news: make(chan struct{}, 1), gone: make(chan struct{})}
	s.mu.Lock()
	s.workers[name] = w
	s.mu.Unlock()
	go w.run(ctx)
	return func() time.Time {
		cancel()
		<-w.gone
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.workers[name] == w {
			delete(s.workers, name)
		}
		if w.wake == never {
			return time.Time{}
		}
		return time.UnixMicro(w.wake)
	}
}

// Changed tells that the channels of a workspace are others.
func (s *Service) Changed(workspace string) {
	w := s.worker(workspace)
	if w == nil {
		return
	}
	select {
	case w.calls <- w.forgive:
	case <-w.gone:
	}
}

func (s *Service) worker(name string) *worker {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.workers[name]
}

// secretName is what a channel's secret is kept as.
func secretName(workspace, name string) string { return workspace + "/" + name }

// Secret is what is secret of a channel.
func (s *Service) Secret(workspace, name string) (*channel.Secret, error) {
	x := new(channel.Secret)
	_, err := s.o.Vault.Get(secretName(workspace, name), x)
	return x, err
}

// HasSecret reports whether a channel has a secret.
func (s *Service) HasSecret(workspace, name string) bool {
	return s.o.Vault.Has(secretName(workspace, name))
}

// Keep keeps the secret of a channel; nil: it forgets it.
func (s *Service) Keep(workspace, name string, x *channel.Secret) error {
	if x == nil {
		return s.o.Vault.Drop(secretName(workspace, name))
	}
	return s.o.Vault.Put(secretName(workspace, name), x)
}

// Own reports whether a host is in a network of the operator's own.
func (s *Service) Own(host string) bool { return s.o.Door.OwnHost(host) }

// Try sends a message through a channel at once, to see whether it works. To is whom a channel of
// its own for everybody writes to.
func (s *Service) Try(
	ctx context.Context, workspace string, c *channel.Channel, to string,
) error {
	text := "Throughline: a message to try channel " + c.Name + " of workspace " + workspace
	if c.Lang == "zh" {
		text = "动线：用于测试工作区 " + workspace + " 的通道 " + c.Name
	}
	return s.atOnce(ctx, workspace, c, channel.Message{To: to,
		Lines: []channel.Line{{Kind: "try", Rule: "try", Text: text}}})
}

// Post tells something through a channel at once that is no effect. To a channel of its own for
// everybody it goes to the address that the channel writes from.
func (s *Service) Post(ctx context.Context, workspace, name, text string) error {
	for _, c := range s.o.Channels(workspace) {
		if c.Name == name && !c.Off {
			return s.atOnce(ctx, workspace, &c, channel.Message{To: c.From,
				Lines: []channel.Line{{Kind: "post", Rule: "post", Text: text}}})
		}
	}
	return &channel.Refusal{Code: "no-channel", Text: "there is no channel of this name: " + name}
}

// atOnce sends a message that does not stand in the log.
func (s *Service) atOnce(
	ctx context.Context, workspace string, c *channel.Channel, m channel.Message,
) error {
	secret, err := s.Secret(workspace, c.Name)
	if err != nil {
		return err
	}
	now := s.o.Now()
	m.Workspace, m.Lang = workspace, c.Lang
	m.ID = workspace + "/" + m.Lines[0].Kind + "/" + now.UTC().Format("20060102150405.000")
	m.Lines[0].ID, m.Lines[0].At = m.ID, now
	ctx, cancel := context.WithTimeout(ctx, 2*door.Within)
	defer cancel()
	err = s.o.Send(ctx, &channel.Sending{Channel: c, Secret: secret, Message: &m, Now: now})
	if err != nil {
		return refusal(err, secret)
	}
	return nil
}

// Now is the service's clock.
func (s *Service) Now() time.Time { return s.o.Now() }
