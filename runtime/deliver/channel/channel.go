// Package channel is what a channel to people or systems is: a group's robot, mail, text messages,
// a webhook; what is sent through one; and what one answers when it does not take it.
package channel

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// A Kind is what a channel speaks.
type Kind string

// The kinds of channels.
const (
	WeCom    Kind = "wecom"    // 企业微信: a group's robot
	DingTalk Kind = "dingtalk" // 钉钉: likewise, signed
	Feishu   Kind = "feishu"   // 飞书: likewise, signed
	Mail     Kind = "mail"
	SMS      Kind = "sms" // by whoever takes them over HTTP
	Webhook  Kind = "webhook"
)

// Kinds are all kinds.
func Kinds() []Kind { return []Kind{WeCom, DingTalk, Feishu, Mail, SMS, Webhook} }

// Robot reports whether a channel is a group's robot, which everybody in the group hears.
func (k Kind) Robot() bool { return k == WeCom || k == DingTalk || k == Feishu }

// Personal reports whether every recipient gets a message of their own.
func (k Kind) Personal() bool { return k == Mail || k == SMS }

// A Channel is one way out of a workspace, without what is secret of it.
type Channel struct {
	Name string `json:"name,omitempty" doc:"As policies say it after via"`
	Kind Kind   `json:"kind" enum:"wecom,dingtalk,feishu,mail,sms,webhook"`

	URL    string            `json:"url,omitempty" maxLength:"2000" doc:"Of a webhook or sms: where; of mail: smtp://HOST:587 or smtps://HOST:465"`
	From   string            `json:"from,omitempty" maxLength:"300" doc:"Of mail: who writes, as Sales <sales@example.com>"`
	User   string            `json:"user,omitempty" maxLength:"300" doc:"Of mail: who logs in; the password is secret"`
	Body   json.RawMessage   `json:"body,omitempty" doc:"Of sms: the JSON to send, with {to}, {text}, {id} and {key} in its texts"`
	Expect map[string]string `json:"expect,omitempty" doc:"Of sms: what an answer says that took it, as {\"code\":\"0\"}"`

	Address string   `json:"address,omitempty" maxLength:"100" doc:"Field of a recipient with their address; of a robot, who is mentioned"`
	Takes   []string `json:"takes,omitempty" maxItems:"3" enum:"notify,task,call" doc:"Effects that name no channel and are sent here all the same"`
	Lang    string   `json:"lang,omitempty" enum:"en,zh" doc:"Of the texts, where the policy gives both"`
	Most    int      `json:"most,omitempty" minimum:"0" maximum:"6000" doc:"Messages a minute; 0: as many as this kind allows"`
	Quiet   string   `json:"quiet,omitempty" maxLength:"20" doc:"When only alerts are sent, as 21:00-08:00"`
	Digest  string   `json:"digest,omitempty" maxLength:"5" doc:"When all but alerts are sent, in one message, as 09:00"`
	Instead string   `json:"instead,omitempty" maxLength:"63" doc:"Channel that takes over while this one is throttled or broken"`
	Off     bool     `json:"off,omitempty" doc:"Nothing is sent; what comes waits"`

	Since time.Time `json:"since,omitzero" readOnly:"true" doc:"What was decided before and names no channel is not sent"`
}

// Secret is what is secret of a channel. It is kept sealed and never shown.
type Secret struct {
	URL      string            `json:"url,omitempty" maxLength:"2000" doc:"Of a robot: the address that the platform shows, with its token"`
	Key      string            `json:"key,omitempty" maxLength:"500" doc:"Signs: SEC… of DingTalk, Feishu's, whsec_… of a webhook"`
	Password string            `json:"password,omitempty" maxLength:"500" doc:"Of mail"`
	Headers  map[string]string `json:"headers,omitempty" doc:"Of sms and webhooks: sent along, as Authorization"`
}

// Words are the parts that must not be seen anywhere.
func (s *Secret) Words() (out []string) {
	add := func(w string) {
		if len(w) >= 4 {
			out = append(out, w)
		}
	}
	add(s.URL)
	add(s.Key)
	add(s.Password)
	for _, v := range s.Headers { //tidy:order longer ones are put first below
		add(v)
	}
	if u, err := url.Parse(s.URL); err == nil {
		for _, v := range u.Query() { //tidy:order likewise
			add(v[0])
		}
		if i := strings.LastIndexByte(u.Path, '/'); i >= 0 {
			add(u.Path[i+1:])
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	return out
}

// Veil takes a secret's words out of a text, which may have come from the other side.
func (s *Secret) Veil(text string) string {
	for _, w := range s.Words() {
		text = strings.ReplaceAll(text, w, "…")
		text = strings.ReplaceAll(text, url.QueryEscape(w), "…")
	}
	return text
}

// A Mistake is why a channel cannot be like this.
type Mistake struct{ En, Zh string }

// Error is the mistake in English.
func (m *Mistake) Error() string { return m.En }

func mistake(en, zh string, args ...any) error {
	return &Mistake{fmt.Sprintf(en, args...), fmt.Sprintf(zh, args...)}
}

var (
	named = regexp.MustCompile(`^[\p{L}_][\p{L}\p{M}\p{Nd}_]{0,62}$`)
	field = regexp.MustCompile(`^[\p{L}_][\p{L}\p{M}\p{Nd}_]*$`)
)

// hosts are where the platforms take messages for robots.
func hosts(k Kind) []string {
	switch k {
	case WeCom:
		return []string{"qyapi.weixin.qq.com"}
	case DingTalk:
		return []string{"oapi.dingtalk.com"}
	case Feishu:
		return []string{"open.feishu.cn", "open.larksuite.com"}
	}
	return nil
}

// Sound says why a channel cannot be like this; nil: it can. Own says of a host's name that it is
// the operator's own network, where a robot's stand-in may be.
func (c *Channel) Sound(s *Secret, own func(host string) bool) error {
	if !named.MatchString(c.Name) {
		return mistake("a channel is called like anything in a policy, not %q",
			"通道名与策略中的其他名称规则相同，不能是 %q", c.Name)
	}
	if !slices.Contains(Kinds(), c.Kind) {
		return mistake("%q is no kind of channel", "没有 %q 这种通道", c.Kind)
	}
	if c.Address != "" && !field.MatchString(c.Address) {
		return mistake("%q is no field", "%q 不是字段名", c.Address)
	}
	if c.Instead == c.Name {
		return mistake("a channel cannot take over from itself", "通道不能接替自己")
	}
	for _, t := range c.Takes {
		if t != "notify" && t != "task" && t != "call" {
			return mistake("takes is notify, task or call, not %q",
				"takes 只能是 notify、task 或 call，而不是 %q", t)
		}
	}
	if _, err := c.hours(); err != nil {
		return err
	}
	if s.Headers != nil {
		if err := soundHeaders(s.Headers); err != nil {
			return err
		}
	}
	switch {
	case c.Kind.Robot():
		return c.soundRobot(s, own)
	case c.Kind == Mail:
		return c.soundMail()
	}
	return c.soundHTTP(s, own)
}

func (c *Channel) soundRobot(s *Secret, own func(string) bool) error {
	u, err := url.Parse(s.URL)
	if err != nil || u.Host == "" || u.User != nil {
		return mistake("a robot needs its address as the platform shows it (secret.url)",
			"机器人需要平台给出的完整地址（secret.url）")
	}
	if own(u.Hostname()) {
		return nil
	}
	if u.Scheme != "https" || !slices.Contains(hosts(c.Kind), u.Host) {
		return mistake("messages for a %s robot go to https://%s", "%s 机器人的地址应为 https://%s",
			c.Kind, strings.Join(hosts(c.Kind), ", https://"))
	}
	return nil
}

func (c *Channel) soundMail() error {
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" ||
		u.User != nil || u.Path != "" {
		return mistake("mail goes to smtp://HOST:587 or smtps://HOST:465, not %q",
			"邮件服务器写作 smtp://主机:587 或 smtps://主机:465，而不是 %q", c.URL)
	}
	if c.From == "" || strings.ContainsAny(c.From, "\r\n") {
		return mistake("mail needs somebody who writes it (from)", "邮件需要发件人（from）")
	}
	return nil
}

func (c *Channel) soundHTTP(s *Secret, own func(string) bool) error {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" &&
		(u.Scheme != "http" || !own(u.Hostname())) {
		return mistake("it goes to https://HOST/…, without a password in it, not %q",
			"地址应为 https://主机/…，且不含密码，而不是 %q", c.URL)
	}
	if c.Kind == SMS {
		var tree any
		if json.Unmarshal(c.Body, &tree) != nil || !strings.Contains(string(c.Body), "{to}") ||
			!strings.Contains(string(c.Body), "{text}") {
			return mistake("a text message needs a body: JSON with {to} and {text} in its texts",
				"短信需要发送内容（body）：含 {to} 与 {text} 的 JSON")
		}
		return nil
	}
	if s.Key == "" {
		return mistake("a webhook needs a key that signs (secret.key)", "webhook 需要签名密钥（secret.key）")
	}
	return nil
}

func soundHeaders(h map[string]string) error {
	for name, v := range h { //tidy:order any bad one will do
		if name == "" || strings.ContainsAny(name+v, "\r\n\x00") || strings.ContainsAny(name, ": ") {
			return mistake("a header is one line", "请求头只能是一行")
		}
	}
	return nil
}

// Hours are when a channel sends, as minutes of a day; -1: not said.
type Hours struct{ From, To, Digest int }

// Hours reads them. They were looked at when the channel was set.
func (c *Channel) Hours() Hours {
	h, err := c.hours()
	if err != nil {
		return Hours{-1, -1, -1}
	}
	return h
}

func (c *Channel) hours() (h Hours, err error) {
	h = Hours{-1, -1, -1}
	if c.Quiet != "" {
		from, to, _ := strings.Cut(c.Quiet, "-")
		var a, b bool
		h.From, a = minute(from)
		h.To, b = minute(to)
		if !a || !b || h.From == h.To {
			return h, mistake("hours with alerts only (quiet) are FROM-TO, as 21:00-08:00, not %q",
				"仅发送预警的时段（quiet）应为 开始-结束，如 21:00-08:00，而不是 %q", c.Quiet)
		}
	}
	if c.Digest != "" {
		var ok bool
		if h.Digest, ok = minute(c.Digest); !ok {
			return h, mistake("one message for all (digest) comes at a time of day, as 09:00, not %q",
				"每日汇总时间（digest）应为一天中的时刻，如 09:00，而不是 %q", c.Digest)
		}
	}
	return h, nil
}

func minute(text string) (int, bool) {
	t, err := time.Parse("15:04", strings.TrimSpace(text))
	return t.Hour()*60 + t.Minute(), err == nil
}

// Host is where it goes, for those who look at it: without what is secret.
func (c *Channel) Host(s *Secret) string {
	text := c.URL
	if c.Kind.Robot() {
		text = s.URL
	}
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Host
}

// Dial is the address of a mail server: host and port.
func (c *Channel) Dial() (host, port string, tls bool) {
	u, err := url.Parse(c.URL)
	if err != nil {
		return "", "", false
	}
	tls = u.Scheme == "smtps"
	host, port = u.Hostname(), u.Port()
	if port == "" && tls {
		port = "465"
	}
	return host, cmp.Or(port, "587"), tls
}
