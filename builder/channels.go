package builder

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/deliver/channel"
)

// channelsScreen is how people and systems are told.
func channelsScreen() Screen {
	return Screen{Path: "channels", Name: words.Channels, Icon: "channels", Group: words.Governing,
		Needs: access.Admin, Show: showChannels}
}

// channelScreen is one channel, which the question names: nothing that a policy may call one is
// ruled out by an address.
func channelScreen() Screen {
	return Screen{Path: "channel", Name: words.Channels, Needs: access.Admin,
		Show: func(v *Visit) (view.Component, error) { return v.channelPage(view.ChannelPage{}, nil) },
		Do:   doChannel}
}

// mostLetters is how many messages of a state a page lists.
const mostLetters = 50

func kindWord(k channel.Kind) words.Text {
	switch k {
	case channel.WeCom:
		return words.KindWeCom
	case channel.DingTalk:
		return words.KindDingTalk
	case channel.Feishu:
		return words.KindFeishu
	case channel.Mail:
		return words.KindMail
	case channel.SMS:
		return words.KindSMS
	}
	return words.KindWebhook
}

func (v *Visit) kinds() (out [][2]string) {
	for _, k := range channel.Kinds() {
		out = append(out, [2]string{string(k), v.Say(kindWord(k))})
	}
	return out
}

func showChannels(v *Visit) (view.Component, error) {
	p := view.ChannelsPage{Kinds: v.kinds(), Off: !v.Ask().Delivers()}
	if p.Off {
		return view.Channels(&v.Viewer, p), nil
	}
	list, err := v.Ask().Channels()
	for i := range list {
		p.Channels = append(p.Channels, v.channelRow(&list[i]))
	}
	return view.Channels(&v.Viewer, p), err
}

func (v *Visit) channelRow(c *api.Channel) view.ChannelRow {
	r := view.ChannelRow{Name: c.Name, Host: c.Host, Set: c.Set, Paused: c.Off, Why: c.Status.Why,
		Waiting: c.Status.Waiting, Dead: c.Status.Dead, Sent: int(c.Status.Sent),
		State: v.Say(words.ChannelWorks), Tone: view.Good,
		Href: v.In("channel?" + url.Values{"name": {c.Name}}.Encode())}
	if c.Set {
		r.Kind = v.Say(kindWord(c.Kind))
	}
	switch {
	case !c.Set:
		r.State, r.Tone = v.Say(words.ChannelUnset), view.Warn
	case c.Off:
		r.State, r.Tone = v.Say(words.ChannelPaused), view.Plain
	case c.Status.Broken:
		r.State, r.Tone = v.Say(words.ChannelBroken), view.Bad
	case !c.Status.Shut.IsZero():
		r.State, r.Tone = v.Sayf(words.ChannelShut, c.Status.Shut.Format("15:04")), view.Warn
	}
	return r
}

// channelPage draws the channel of the question. c is how the form has it; nil: as it is set.
func (v *Visit) channelPage(p view.ChannelPage, c *channel.Channel) (view.Component, error) {
	a := v.Ask()
	list, err := a.Channels()
	if err != nil {
		return nil, err
	}
	name := v.R.FormValue("name")
	is := api.Channel{Channel: channel.Channel{Name: name}}
	i := slices.IndexFunc(list, func(x api.Channel) bool { return name != "" && x.Name == name })
	if i >= 0 {
		is = list[i]
		p.ChannelRow = v.channelRow(&is)
	}
	if c == nil {
		c = &is.Channel
	}
	if c.Kind == "" {
		c.Kind = channel.Kind(v.R.FormValue("kind"))
	}
	if !slices.Contains(channel.Kinds(), c.Kind) {
		c.Kind = channel.WeCom
	}
	if v.R.FormValue("done") == "set" && p.Told == "" && p.Wrong == "" {
		p.Told, p.ToldTone = v.Say(words.ChannelSetDone), view.Good
	}
	p.New, p.Kept, p.Personal = i < 0, is.Secret, c.Kind.Personal()
	p.KindID, p.Kind, p.Lang = string(c.Kind), v.Say(kindWord(c.Kind)), c.Lang
	if p.Title = is.Name; p.Title == "" {
		p.Title = p.Kind
	}
	v.channelFields(&p, c)
	if p.New {
		return view.Channel(&v.Viewer, p), nil
	}
	for state, to := range map[string]*[]view.Letter{"dead": &p.DeadList, "waiting": &p.WaitList,
		"sent": &p.SentList} {
		if *to, err = v.lettersOf(name, state); err != nil {
			return nil, err
		}
	}
	return view.Channel(&v.Viewer, p), nil
}

func (v *Visit) lettersOf(name, state string) (out []view.Letter, err error) {
	list, err := v.Ask().Deliveries(name, state, mostLetters)
	if err != nil {
		return nil, err
	}
	for _, d := range list.Deliveries {
		to := make([]string, len(d.For))
		for i, ref := range d.For {
			to[i] = v.called(ref)
		}
		l := view.Letter{ID: d.ID, When: d.At.Format("2006-01-02 15:04"), Text: d.Text, Why: d.Why,
			To: strings.Join(to, ", ")}
		if l.Text == "" {
			l.Text = d.Rule
		}
		out = append(out, l)
	}
	return out, nil
}

// channelFields are the controls for what a channel of a kind has.
func (v *Visit) channelFields(p *view.ChannelPage, c *channel.Channel) {
	to := &p.Fields
	add := func(id string, label, hint words.Text, value string, optional bool) {
		f := view.Field{ID: id, Label: v.Say(label), Value: value, Optional: optional, Auto: "off"}
		if hint != (words.Text{}) {
			f.Hint = v.Say(hint)
		}
		*to = append(*to, f)
	}
	none := words.Text{}
	if p.New || !p.Set {
		add("name", words.ChannelName, words.ChannelNameFor, c.Name, false)
	}
	secret := func(id string, label words.Text) {
		p.Secrets = append(p.Secrets, view.Field{ID: id, Label: v.Say(label), Type: "password",
			Auto: "new-password", Optional: true})
	}
	switch c.Kind {
	case channel.Mail:
		add("url", words.ChannelURL, words.ChannelURLMail, c.URL, false)
		add("from", words.ChannelFrom, none, c.From, false)
		add("user", words.ChannelUser, none, c.User, true)
		secret("password", words.ChannelSecretPass)
	case channel.SMS:
		add("url", words.ChannelURL, none, c.URL, false)
		p.HasBody, p.Body, p.HasHeaders = true, string(c.Body), true
		add("expect", words.ChannelExpect, words.ChannelExpectFor, pairs(c.Expect), true)
		secret("key", words.ChannelSecretKey)
	case channel.Webhook:
		add("url", words.ChannelURL, none, c.URL, false)
		secret("key", words.ChannelSecretKey)
		p.HasHeaders = true
	default:
		secret("secret-url", words.ChannelSecretURL)
		secret("key", words.ChannelSecretKey)
	}
	if !c.Kind.Personal() {
		to = &p.More
	}
	add("address", words.ChannelAddress, none, c.Address, true)
	to = &p.More
	add("quiet", words.ChannelQuiet, words.ChannelQuietFor, c.Quiet, true)
	add("digest", words.ChannelDigest, words.ChannelDigestFor, c.Digest, true)
	add("instead", words.ChannelInstead, words.ChannelInsteadOf, c.Instead, true)
	for _, t := range []struct {
		id   string
		name words.Text
	}{{"notify", words.ChannelTakesN}, {"task", words.ChannelTakesT}, {"call", words.ChannelTakesC}} {
		yes := ""
		if slices.Contains(c.Takes, t.id) {
			yes = "yes"
		}
		p.Takes = append(p.Takes, [3]string{t.id, v.Say(t.name), yes})
	}
}

// pairs is a table of texts in a line, as code=0, in order.
func pairs(m map[string]string) string {
	var out []string
	for k, x := range m { //tidy:order sorted below
		out = append(out, k+"="+x)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// channelOfForm is the channel that a form describes, and its secret; nil: none was given.
func (v *Visit) channelOfForm() (*channel.Channel, *channel.Secret) {
	r := v.R
	get := func(key string) string { return strings.TrimSpace(r.FormValue(key)) }
	c := &channel.Channel{Name: get("name"), Kind: channel.Kind(get("kind")), URL: get("url"),
		From: get("from"), User: get("user"), Address: get("address"), Lang: get("lang"),
		Quiet: get("quiet"), Digest: get("digest"), Instead: get("instead"), Takes: r.Form["takes"]}
	if s := get("body"); s != "" {
		c.Body = json.RawMessage(s)
	}
	for _, part := range strings.Split(get("expect"), ",") {
		if k, x, ok := strings.Cut(part, "="); ok {
			if c.Expect == nil {
				c.Expect = map[string]string{}
			}
			c.Expect[strings.TrimSpace(k)] = strings.TrimSpace(x)
		}
	}
	s := &channel.Secret{URL: get("secret-url"), Key: get("key"), Password: get("password")}
	for line := range strings.Lines(r.FormValue("headers")) {
		if k, x, ok := strings.Cut(line, ":"); ok {
			if s.Headers == nil {
				s.Headers = map[string]string{}
			}
			s.Headers[strings.TrimSpace(k)] = strings.TrimSpace(x)
		}
	}
	if s.URL == "" && s.Key == "" && s.Password == "" && s.Headers == nil {
		return c, nil
	}
	return c, s
}

// keepMost leaves a channel's pace as it is, which the form does not ask for.
func (v *Visit) keepMost(c *channel.Channel) error {
	list, err := v.Ask().Channels()
	for i := range list {
		if list[i].Name == c.Name && list[i].Kind == c.Kind {
			c.Most = list[i].Most
		}
	}
	return err
}

// doChannel does something with a channel.
func doChannel(v *Visit) (view.Component, error) {
	a, name := v.Ask(), v.R.FormValue("name")
	told := func(tone string, text string, err error) (view.Component, error) {
		p := view.ChannelPage{Told: text, ToldTone: tone}
		if v.done = err == nil; err != nil {
			p.Told, p.ToldTone = v.said(err), view.Bad
		}
		return v.channelPage(p, nil)
	}
	switch do := v.R.FormValue("do"); do {
	case "set":
		c, secret := v.channelOfForm()
		if err := v.keepMost(c); err != nil {
			return nil, err
		}
		if err := a.SetChannel(c, secret); err != nil {
			return v.channelPage(view.ChannelPage{Wrong: v.said(err)}, c)
		}
		v.Go(v.In("channel?" + url.Values{"name": {c.Name}, "done": {"set"}}.Encode()))
		return nil, nil
	case "on", "off":
		if err := a.PauseChannel(name, do == "off"); err != nil {
			return told("", "", err)
		}
		v.Go(v.In("channel?" + url.Values{"name": {name}}.Encode()))
		return nil, nil
	case "try":
		x, err := a.TryChannel(name, v.R.FormValue("to"))
		if err == nil && !x.Taken {
			return told(view.Bad, v.Say(words.ChannelRefused)+v.Say(words.Colon)+x.Why, nil)
		}
		return told(view.Good, v.Say(words.ChannelTook), err)
	case "again", "replay":
		n, err := a.Letters(name, v.R.Form["letter"], true)
		return told(view.Good, v.Sayf(words.DeadDid, n), err)
	case "discard":
		n, err := a.Letters(name, nil, false)
		return told(view.Plain, v.Sayf(words.DeadDropped, n), err)
	case "drop":
		if err := a.DropChannel(name); err != nil {
			return told("", "", err)
		}
		v.Go(v.In("channels"))
		return nil, nil
	}
	return v.channelPage(view.ChannelPage{}, nil)
}
