package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/deliver"
	"github.com/throughline/throughline/runtime/deliver/channel"
)

// channels are the routes by which it is said how people and systems are told, and what became of
// telling them.
func (s *Server) channels() {
	const one = "/v1/{workspace}/channels/{channel}"
	add(s, route{verb: access.Admin, method: http.MethodGet, path: "/v1/{workspace}/channels",
		id: "channels", sum: "The channels, and how they fare",
		more: "Those are listed as well that a policy names and nobody has set."}, s.listChannels)
	add(s, route{verb: access.Admin, method: http.MethodPut, path: one, id: "set-channel",
		sum: "Set a channel",
		more: "Without secret, the one that it has stays; that goes to the same host alone. Secrets " +
			"are kept sealed and never shown."}, s.setChannel)
	add(s, route{verb: access.Admin, method: http.MethodDelete, path: one, id: "drop-channel",
		sum: "Take a channel away", more: "What waits for it waits on, for a day."}, s.dropChannel)
	add(s, route{verb: access.Admin, method: http.MethodPost, path: one + "/try",
		id: "try-channel", sum: "Send a message through a channel, to see whether it works",
	}, s.tryChannel)
	add(s, route{verb: access.Admin, method: http.MethodGet, path: "/v1/{workspace}/deliveries",
		id: "deliveries", sum: "What waits, was sent lately, or could not be sent"}, s.deliveries)
	add(s, route{verb: access.Admin, method: http.MethodPost,
		path: "/v1/{workspace}/deliveries/replay", id: "replay",
		sum: "Send again what could not be sent"}, s.replay)
	add(s, route{verb: access.Admin, method: http.MethodPost,
		path: "/v1/{workspace}/deliveries/discard", id: "discard",
		sum: "Give up what could not be sent"}, s.discard)
}

// channelSetting is what a channel's setting is called.
const channelSetting = "channel/"

// Channels reads the channels of workspaces from where they are set.
func Channels(a *access.Access) func(workspace string) []channel.Channel {
	return func(workspace string) (out []channel.Channel) {
		for _, name := range a.Settings(workspace, channelSetting) {
			var c channel.Channel
			if ok, err := a.Setting(workspace, name, &c); ok && err == nil {
				c.Name = strings.TrimPrefix(name, channelSetting)
				out = append(out, c)
			}
		}
		return out
	}
}

// Channel is a channel with how it fares.
type Channel struct {
	channel.Channel
	Set    bool           `json:"set" doc:"false: a policy names it and nobody has set it"`
	Secret bool           `json:"secret" doc:"It has one"`
	Host   string         `json:"host,omitempty" doc:"Where it goes"`
	Status deliver.Status `json:"status"`
}

// ChannelList are the channels of a workspace.
type ChannelList struct {
	Channels []Channel `json:"channels"`
}

func (s *Server) listChannels(ctx context.Context, i *InWorkspace) (*body[ChannelList], error) {
	out := ChannelList{Channels: []Channel{}}
	err := s.delivering(ctx, i.Workspace, func() error {
		fares, err := s.o.Deliver.Statuses(ctx, i.Workspace)
		if err != nil {
			return err
		}
		for _, c := range Channels(s.o.Access)(i.Workspace) {
			secret, err := s.o.Deliver.Secret(i.Workspace, c.Name)
			if err != nil {
				return err
			}
			out.Channels = append(out.Channels, Channel{c, true,
				s.o.Deliver.HasSecret(i.Workspace, c.Name), c.Host(secret), fares[c.Name]})
			delete(fares, c.Name)
		}
		for name := range fares { //tidy:order sorted below
			out.Channels = append(out.Channels, Channel{Channel: channel.Channel{Name: name},
				Status: fares[name]})
		}
		slices.SortFunc(out.Channels, func(a, b Channel) int { return strings.Compare(a.Name, b.Name) })
		return nil
	})
	return &body[ChannelList]{out}, err
}

// delivering calls f while the workspace is open and somebody delivers for it.
func (s *Server) delivering(ctx context.Context, workspace string, f func() error) error {
	return s.use(ctx, workspace, func(*runtime.Workspace) error {
		if s.o.Deliver == nil {
			return deliver.ErrNotOpen
		}
		return f()
	})
}

// OfChannel names a channel of a workspace.
type OfChannel struct {
	InWorkspace
	Channel string `path:"channel" maxLength:"200"`
}

type setChannelIn struct {
	OfChannel
	Body struct {
		channel.Channel
		Secret *channel.Secret `json:"secret,omitempty"`
	}
}

func (s *Server) setChannel(ctx context.Context, i *setChannelIn) (*body[Channel], error) {
	c, given := i.Body.Channel, i.Body.Secret
	c.Name = i.Channel
	err := s.delivering(ctx, i.Workspace, func() error {
		unlock, err := s.setting.lock(ctx, i.Workspace)
		if err != nil {
			return err
		}
		defer unlock()
		secret, err := s.o.Deliver.Secret(i.Workspace, c.Name)
		if err != nil {
			return err
		}
		c.Since = s.o.Deliver.Now().UTC()
		var was channel.Channel
		there, err := s.o.Access.Setting(i.Workspace, channelSetting+c.Name, &was)
		if err != nil {
			return err
		}
		if there && slices.Equal(was.Takes, c.Takes) {
			c.Since = was.Since
		}
		if given != nil {
			secret = given
		} else if there && !sameWay(&was, &c, secret) {
			return &channel.Mistake{En: "it goes elsewhere: give its secret again",
				Zh: "通道指向了别处：请重新提供密钥"}
		}
		if err := s.soundChannel(i.Workspace, &c, secret); err != nil {
			return err
		}
		if given != nil {
			if err := s.o.Deliver.Keep(i.Workspace, c.Name, given); err != nil {
				return err
			}
		}
		return s.o.Access.Set(ctx, access.Setting{Workspace: i.Workspace,
			Name: channelSetting + c.Name, Value: c}, callerOf(ctx).who.ID())
	})
	if err != nil {
		return nil, err
	}
	s.o.Deliver.Changed(i.Workspace)
	secret, err := s.o.Deliver.Secret(i.Workspace, c.Name)
	return &body[Channel]{Channel{Channel: c, Set: true, Host: c.Host(secret),
		Secret: s.o.Deliver.HasSecret(i.Workspace, c.Name)}}, err
}

// sameWay reports whether a channel's secret still goes where it went: whoever may set channels
// does not learn the secrets of others by sending them to himself.
func sameWay(was, is *channel.Channel, s *channel.Secret) bool {
	return was.Kind == is.Kind && (was.Kind.Robot() || was.URL == is.URL || was.Host(s) == is.Host(s))
}

func (s *Server) soundChannel(workspace string, c *channel.Channel, x *channel.Secret) error {
	if err := c.Sound(x, s.o.Deliver.Own); err != nil {
		return err
	}
	if c.Instead == "" {
		return nil
	}
	var o channel.Channel
	there, err := s.o.Access.Setting(workspace, channelSetting+c.Instead, &o)
	if err != nil {
		return err
	}
	if !there || o.Kind.Personal() != c.Kind.Personal() {
		return &channel.Mistake{
			En: "what takes over is a channel of this workspace that tells as many: " +
				"a group, or one person at a time",
			Zh: "接替的通道须在本工作区中，且对象相同：同为群组，或同为个人"}
	}
	return nil
}

func (s *Server) dropChannel(ctx context.Context, i *OfChannel) (*struct{}, error) {
	err := s.delivering(ctx, i.Workspace, func() error {
		if err := s.isSet(i); err != nil {
			return err
		}
		err := s.o.Access.Set(ctx, access.Setting{Workspace: i.Workspace,
			Name: channelSetting + i.Channel}, callerOf(ctx).who.ID())
		return errors.Join(err, s.o.Deliver.Keep(i.Workspace, i.Channel, nil))
	})
	if err == nil {
		s.o.Deliver.Changed(i.Workspace)
	}
	return nil, err
}

// isSet says that there is no such channel.
func (s *Server) isSet(i *OfChannel) error {
	var c channel.Channel
	there, err := s.o.Access.Setting(i.Workspace, channelSetting+i.Channel, &c)
	if err == nil && !there {
		return s.problem("unknown-channel", "", "")
	}
	return err
}

type tryIn struct {
	OfChannel
	Body struct {
		To string `json:"to,omitempty" maxLength:"300" doc:"Of mail and sms: the address to write to"`
	}
}

// Tried is what became of a message that was to try a channel.
type Tried struct {
	Taken bool   `json:"taken"`
	Why   string `json:"why,omitempty" doc:"What the other side said"`
}

func (s *Server) tryChannel(ctx context.Context, i *tryIn) (*body[Tried], error) {
	var out Tried
	err := s.delivering(ctx, i.Workspace, func() error {
		if err := s.isSet(&i.OfChannel); err != nil {
			return err
		}
		var c channel.Channel
		if _, err := s.o.Access.Setting(i.Workspace, channelSetting+i.Channel, &c); err != nil {
			return err
		}
		err := s.o.Deliver.Try(ctx, i.Workspace, &c, i.Body.To)
		var no *channel.Refusal
		if out.Taken = err == nil; errors.As(err, &no) {
			out.Why, err = no.Error(), nil
		}
		return err
	})
	return &body[Tried]{out}, err
}

type deliveriesIn struct {
	InWorkspace
	State   string `query:"state" enum:"waiting,sent,dead" default:"waiting"`
	Channel string `query:"channel"`
	Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// Deliveries are what waits, was sent or could not be.
type Deliveries struct {
	Deliveries []deliver.Delivery `json:"deliveries" doc:"The oldest first; of what was sent, the last"`
	All        int                `json:"all" doc:"How many there are, where not all are told"`
}

func (s *Server) deliveries(ctx context.Context, i *deliveriesIn) (*body[Deliveries], error) {
	var out Deliveries
	err := s.delivering(ctx, i.Workspace, func() error {
		list, all, err := s.o.Deliver.List(ctx, i.Workspace, deliver.Wanted{State: i.State,
			Channel: i.Channel, Limit: i.Limit, Lang: callerOf(ctx).lang})
		out = Deliveries{append([]deliver.Delivery{}, list...), all}
		return err
	})
	return &body[Deliveries]{out}, err
}

type lettersIn struct {
	InWorkspace
	Body struct {
		IDs     []string `json:"ids,omitempty" maxItems:"10000" doc:"As deliveries are called; none: all"`
		Channel string   `json:"channel,omitempty" maxLength:"200" doc:"Only of this channel"`
	}
}

// Acted is how many deliveries something was done with.
type Acted struct {
	Deliveries int `json:"deliveries"`
}

type lettersDo func(context.Context, string, deliver.Letters) (int, error)

func (s *Server) letters(ctx context.Context, i *lettersIn, replay bool) (*body[Acted], error) {
	var out Acted
	err := s.delivering(ctx, i.Workspace, func() (err error) {
		do := lettersDo(s.o.Deliver.Discard)
		if replay {
			do = s.o.Deliver.Replay
		}
		out.Deliveries, err = do(ctx, i.Workspace, deliver.Letters{IDs: i.Body.IDs,
			Channel: i.Body.Channel, By: callerOf(ctx).who.ID()})
		return err
	})
	return &body[Acted]{out}, err
}

func (s *Server) replay(ctx context.Context, i *lettersIn) (*body[Acted], error) {
	return s.letters(ctx, i, true)
}

func (s *Server) discard(ctx context.Context, i *lettersIn) (*body[Acted], error) {
	return s.letters(ctx, i, false)
}
