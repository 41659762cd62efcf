package deliver

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/http"

	"github.com/throughline/throughline/runtime/deliver/channel"
	"github.com/throughline/throughline/runtime/deliver/door"
	"github.com/throughline/throughline/runtime/deliver/hook"
	"github.com/throughline/throughline/runtime/deliver/mail"
	"github.com/throughline/throughline/runtime/deliver/robot"
)

// sender sends messages through the door, each as its channel takes it.
type sender struct {
	door  *door.Door
	roots *x509.CertPool
}

func (s *sender) send(ctx context.Context, x *channel.Sending) error {
	var r *http.Request
	var err error
	switch kind := x.Channel.Kind; {
	case kind == channel.Mail:
		return (&mail.Sender{Door: s.door, Roots: s.roots}).Send(ctx, x)
	case kind.Robot():
		r, err = robot.Request(ctx, x)
	case kind == channel.SMS:
		r, err = hook.SMS(ctx, x)
	default:
		r, err = hook.Request(ctx, x)
	}
	if err != nil {
		return err
	}
	a, err := s.door.Do(r)
	if err != nil {
		return err
	}
	var no *channel.Refusal
	switch kind := x.Channel.Kind; {
	case kind.Robot():
		no = robot.Answer(kind, a.Status, a.Header, a.Body)
	default:
		if no = channel.Status(a.Status, robot.After(a.Header)); no == nil && kind == channel.SMS {
			no = hook.Took(x.Channel, a.Body)
		}
	}
	if no != nil {
		return no
	}
	return nil
}

// refusal says of any error what it means for trying again, without what is secret.
func refusal(err error, s *channel.Secret) *channel.Refusal {
	var r *channel.Refusal
	var slow net.Error
	switch {
	case errors.As(err, &r):
		out := *r
		out.Text = s.Veil(out.Text)
		return &out
	case errors.Is(err, door.ErrInside):
		return &channel.Refusal{Code: "inside", Text: "the address is in a network of its own; the " +
			"operator names those that may be gone to", Shut: true, Broken: true,
			After: channel.BrokenFor}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		return &channel.Refusal{Code: "timeout", Text: "no answer in time"}
	}
	return &channel.Refusal{Code: "network", Text: channel.Cut(s.Veil(err.Error()), 200)}
}
