package api

import (
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/deliver/channel"
)

// Channels are those of the workspace, and how they fare.
func (a Asking) Channels() ([]Channel, error) {
	list, err := bodyOf(a.s.listChannels(a.ctx, &a.in))
	return list.Channels, err
}

// SetChannel sets a channel; without a secret, the one that it has stays.
func (a Asking) SetChannel(c *channel.Channel, secret *channel.Secret) error {
	in := setChannelIn{OfChannel: OfChannel{a.in, c.Name}}
	in.Body.Channel, in.Body.Secret = *c, secret
	_, err := a.s.setChannel(a.ctx, &in)
	return err
}

// PauseChannel lets a channel rest, or go on; all else of it stays.
func (a Asking) PauseChannel(name string, off bool) error {
	return a.s.delivering(a.ctx, a.in.Workspace, func() error {
		if err := a.s.isSet(&OfChannel{a.in, name}); err != nil {
			return err
		}
		unlock, err := a.s.setting.lock(a.ctx, a.in.Workspace)
		if err != nil {
			return err
		}
		defer unlock()
		var c channel.Channel
		_, err = a.s.o.Access.Setting(a.in.Workspace, channelSetting+name, &c)
		if err != nil {
			return err
		}
		c.Off = off
		err = a.s.o.Access.Set(a.ctx, access.Setting{Workspace: a.in.Workspace,
			Name: channelSetting + name, Value: c}, a.c.who.ID())
		if err == nil {
			a.s.o.Deliver.Changed(a.in.Workspace)
		}
		return err
	})
}

// DropChannel takes a channel away.
func (a Asking) DropChannel(name string) error {
	_, err := a.s.dropChannel(a.ctx, &OfChannel{a.in, name})
	return err
}

// TryChannel sends a message through a channel.
func (a Asking) TryChannel(name, to string) (Tried, error) {
	in := tryIn{OfChannel: OfChannel{a.in, name}}
	in.Body.To = to
	return bodyOf(a.s.tryChannel(a.ctx, &in))
}

// Deliveries are the messages of a channel in a state.
func (a Asking) Deliveries(name, state string, most int) (Deliveries, error) {
	return bodyOf(a.s.deliveries(a.ctx, &deliveriesIn{a.in, state, name, most}))
}

// Letters sends again, or gives up, what could not be sent through a channel; without ids, all.
func (a Asking) Letters(name string, ids []string, replay bool) (int, error) {
	in := lettersIn{InWorkspace: a.in}
	in.Body.IDs, in.Body.Channel = ids, name
	x, err := bodyOf(a.s.letters(a.ctx, &in, replay))
	return x.Deliveries, err
}

// Delivers reports whether anything of a server is delivered.
func (a Asking) Delivers() bool { return a.s.o.Deliver != nil }
