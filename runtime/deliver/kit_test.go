package deliver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/deliver"
	"github.com/throughline/throughline/runtime/deliver/channel"
	"github.com/throughline/throughline/runtime/deliver/door"
	"github.com/throughline/throughline/runtime/deliver/hook"
	"github.com/throughline/throughline/runtime/deliver/link"
	"github.com/throughline/throughline/runtime/deliver/robot"
	"github.com/throughline/throughline/runtime/deliver/vault"
)

// told is a policy that tells through every kind of channel.
const told = `entity Rep {
  name    text
  phone   text?
  email   text?
  wecom   text?
  manager Rep?
}
event Visit {
  rep Rep
  via text
  n   int?
  load int?
}
rule ByWeCom on Visit {
  when via == "wecom"
  do { notify rep via wecom "visit {n} by {rep.name}" }
}
rule ByDingTalk on Visit {
  when via == "dingtalk"
  do { notify rep via dingtalk "visit {n}" }
}
rule ByFeishu on Visit {
  when via == "feishu"
  do { notify rep via feishu "visit {n}" }
}
rule ByMail on Visit {
  when via == "mail"
  do { notify rep via mail "visit {n}" }
}
rule BySMS on Visit {
  when via == "sms"
  do { notify rep via sms "visit {n}" }
}
rule ByHook on Visit {
  when via == "hook"
  do { notify rep via hook "visit {n}" }
}
rule Said on Visit {
  when via == "nothing"
  do { notify rep "visit {n}"; task "look at {n}" for rep due 1d; call judge "visit {n}" }
}
alert Busy of Rep {
  when sum(Visit.load in 1h) >= 100
  do { notify self via wecom "{name} is busy" }
}
`

func check(t testing.TB, text string) *policy.Policy {
	t.Helper()
	p, diags := dsl.Check([]source.File{{Name: "told.thru", Text: text}},
		policy.Settings{Timezone: "Asia/Shanghai"})
	if dsl.HasErrors(diags) {
		t.Fatal(diags)
	}
	return p
}

// platforms are the other sides, with the rules that they have: who breaks one is refused as there.
type platforms struct {
	mu     sync.Mutex
	got    map[string][]string    // texts taken, by channel
	ids    map[string]int         // how often an id came
	at     map[string][]time.Time // of all that came, by robot
	shut   map[string]time.Time   // DingTalk throttles for ten minutes
	broken []string               // rules that were broken
	hook   *hook.Receiver
	fail   func(name string) int // status of the next answers; 0: as it should be
	slow   time.Duration
}

// failing says what the next answers are like; nil: as they should be.
func (p *platforms) failing(f func(name string) int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fail = f
}

func newPlatforms() *platforms {
	return &platforms{got: map[string][]string{}, ids: map[string]int{}, at: map[string][]time.Time{},
		shut: map[string]time.Time{}, hook: &hook.Receiver{Secret: "whsec_aGVsbG8=", Now: time.Now}}
}

// RoundTrip answers without a network, so that time may be a test's.
func (p *platforms) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	slow := p.slow
	p.mu.Unlock()
	if slow > 0 {
		time.Sleep(slow)
	}
	w := httptest.NewRecorder()
	p.mu.Lock()
	defer p.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	name := map[string]string{"qyapi.weixin.qq.com": "wecom", "oapi.dingtalk.com": "dingtalk",
		"open.feishu.cn": "feishu", "sms.example.com": "sms", "hook.example.com": "hook"}[r.URL.Host]
	if p.fail != nil {
		if status := p.fail(name); status < 0 {
			return nil, fmt.Errorf("connect to %s: refused", r.URL)
		} else if status > 0 {
			w.WriteHeader(status)
			fmt.Fprintf(w, "you sent %s", r.URL)
			return w.Result(), nil
		}
	}
	answer := map[string]func(*http.Request, []byte) string{"wecom": p.wecom, "dingtalk": p.dingtalk,
		"feishu": p.feishu, "sms": p.sms, "hook": p.webhook}[name](r, body)
	if answer == "401" {
		w.WriteHeader(http.StatusUnauthorized)
	}
	w.WriteString(answer)
	return w.Result(), nil
}

// often counts a message and reports whether more than n came within d.
func (p *platforms) often(who string, n int, d time.Duration) bool {
	now := time.Now()
	p.at[who] = append(p.at[who], now)
	count := 0
	for _, at := range p.at[who] {
		if now.Sub(at) < d {
			count++
		}
	}
	return count > n
}

func (p *platforms) refuse(who, code, text string) string {
	p.broken = append(p.broken, who+" "+code)
	return fmt.Sprintf(`{"errcode":%s,"code":%s,"errmsg":%q,"msg":%q}`, code, code, text, text)
}

type said struct {
	MsgType   string `json:"msgtype"`
	Text      struct{ Content string }
	Content   struct{ Text string }
	Timestamp string
	Sign      string
}

func (p *platforms) wecom(r *http.Request, body []byte) string {
	var x said
	switch err := json.Unmarshal(body, &x); {
	case r.URL.Query().Get("key") != "wecom-key":
		return p.refuse("wecom", "93000", "invalid webhook url")
	case err != nil || x.MsgType != "text":
		return p.refuse("wecom", "40008", "invalid message type")
	case len(x.Text.Content) > 2048:
		return p.refuse("wecom", "40058", "text.content exceed max length 2048")
	case p.often("wecom", 20, time.Minute):
		return p.refuse("wecom", "45009", "api freq out of limit")
	}
	p.got["wecom"] = append(p.got["wecom"], x.Text.Content)
	return `{"errcode":0,"errmsg":"ok"}`
}

func (p *platforms) dingtalk(r *http.Request, body []byte) string {
	q := r.URL.Query()
	at, _ := strconv.ParseInt(q.Get("timestamp"), 10, 64)
	off := time.Since(time.UnixMilli(at))
	var x said
	switch err := json.Unmarshal(body, &x); {
	case q.Get("access_token") != "ding-token":
		return p.refuse("dingtalk", "300005", "token is not exist")
	case off.Abs() > time.Hour || q.Get("sign") != robot.DingTalkSign(q.Get("timestamp"), "SECding"):
		return p.refuse("dingtalk", "310000", "sign not match")
	case err != nil || x.MsgType != "text" || len(body) > 20_000:
		return p.refuse("dingtalk", "40035", "invalid parameter")
	case time.Now().Before(p.shut["dingtalk"]):
		return p.refuse("dingtalk", "130101", "send too fast, exceed 20 times per minute")
	case p.often("dingtalk", 20, time.Minute):
		p.shut["dingtalk"] = time.Now().Add(10 * time.Minute)
		return p.refuse("dingtalk", "130101", "send too fast, exceed 20 times per minute")
	}
	p.got["dingtalk"] = append(p.got["dingtalk"], x.Text.Content)
	return `{"errcode":0,"errmsg":"ok"}`
}

func (p *platforms) feishu(r *http.Request, body []byte) string {
	var x said
	err := json.Unmarshal(body, &x)
	at, _ := strconv.ParseInt(x.Timestamp, 10, 64)
	switch {
	case !strings.HasSuffix(r.URL.Path, "/hook/feishu-id"):
		return p.refuse("feishu", "19001", "param invalid: incoming webhook access token invalid")
	case err != nil || len(body) > 20<<10:
		return p.refuse("feishu", "19002", "params error")
	case time.Since(time.Unix(at, 0)).Abs() > time.Hour ||
		x.Sign != robot.FeishuSign(x.Timestamp, "feishu-key"):
		return p.refuse("feishu", "19021", "sign match fail or timestamp is not within one hour")
	case p.often("feishu", 100, time.Minute), p.often("feishu/s", 5, time.Second):
		return p.refuse("feishu", "11232", "frequency limited psm")
	}
	p.got["feishu"] = append(p.got["feishu"], x.Content.Text)
	return `{"StatusCode":0,"StatusMessage":"success"}`
}

func (p *platforms) sms(r *http.Request, body []byte) string {
	var x struct{ PhoneNumbers, Text string }
	if err := json.Unmarshal(body, &x); err != nil || r.Header.Get("Authorization") != "Bearer sms-token" {
		return "401"
	}
	if p.often("sms "+x.PhoneNumbers, 50, 24*time.Hour) {
		p.broken = append(p.broken, "sms limit")
		return `{"Code":"isv.BUSINESS_LIMIT_CONTROL"}`
	}
	p.ids[r.Header.Get("Idempotency-Key")]++
	p.got["sms"] = append(p.got["sms"], x.PhoneNumbers+" "+x.Text)
	return `{"Code":"OK"}`
}

func (p *platforms) webhook(r *http.Request, body []byte) string {
	if err := p.hook.Check(r.Header, body); err != nil && err != hook.ErrReplayed {
		p.broken = append(p.broken, "hook "+err.Error())
		return "401"
	}
	var x struct{ Data channel.Line }
	if err := json.Unmarshal(body, &x); err != nil {
		return "401"
	}
	p.ids[x.Data.ID]++
	p.got["hook"] = append(p.got["hook"], x.Data.Text)
	return "{}"
}

// taken are the texts that a platform took.
func (p *platforms) taken(name string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.got[name]...)
}

// rig is a workspace with channels to the platforms.
type rig struct {
	tampered string                                        // the secret that cannot be read
	send     func(context.Context, *channel.Sending) error // nil: through the door
	links    *link.Signer
	stopped  func(workspace, channel, ref string) bool

	t        testing.TB
	dir      string
	p        *platforms
	vault    *vault.Vault
	mu       sync.Mutex
	channels []channel.Channel
	service  *deliver.Service
	w        *runtime.Workspace
	leave    func() time.Time
	visits   int
}

func secrets() map[string]channel.Secret {
	return map[string]channel.Secret{
		"wecom":    {URL: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=wecom-key"},
		"dingtalk": {URL: "https://oapi.dingtalk.com/robot/send?access_token=ding-token", Key: "SECding"},
		"feishu":   {URL: "https://open.feishu.cn/open-apis/bot/v2/hook/feishu-id", Key: "feishu-key"},
		"sms":      {Headers: map[string]string{"Authorization": "Bearer sms-token"}},
		"hook":     {Key: "whsec_aGVsbG8="},
	}
}

func standard() []channel.Channel {
	return []channel.Channel{{Name: "wecom", Kind: channel.WeCom},
		{Name: "dingtalk", Kind: channel.DingTalk}, {Name: "feishu", Kind: channel.Feishu},
		{Name: "sms", Kind: channel.SMS, URL: "https://sms.example.com/send", Expect: map[string]string{
			"Code": "OK"}, Body: json.RawMessage(`{"PhoneNumbers":"{to}","Text":"{text}"}`)},
		{Name: "hook", Kind: channel.Webhook, URL: "https://hook.example.com/in"}}
}

// newRig opens the workspace of a file; "": in memory.
func newRig(t testing.TB, file string, channels ...channel.Channel) *rig {
	t.Helper()
	return begin(&rig{t: t, p: newPlatforms(), channels: channels}, file)
}

// begin opens the workspace of a rig.
func begin(r *rig, file string) *rig {
	t := r.t
	t.Helper()
	r.dir = t.TempDir()
	var err error
	r.vault, err = vault.Open(filepath.Join(r.dir, "secrets"), bytes.Repeat([]byte{7}, vault.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range secrets() { //tidy:order each by itself
		if err := r.vault.Put("east/"+name, s); err != nil {
			t.Fatal(err)
		}
	}
	if r.tampered != "" {
		r.tamper()
	}
	r.open(file)
	r.submit(`{"type":"Rep","id":"wang","name":"Wang","phone":"139"}`,
		`{"type":"Rep","id":"li","name":"Li","phone":"138","manager":"wang","wecom":"li.si"}`)
	return r
}

// tamper changes what is sealed of one secret in the file of all.
func (r *rig) tamper() {
	name := filepath.Join(r.dir, "secrets")
	sealed := map[string][]byte{}
	b, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(b, &sealed)
	}
	if err == nil {
		sealed[r.tampered][20] ^= 1
		b, err = json.Marshal(sealed)
	}
	if err == nil {
		err = os.WriteFile(name, b, 0o600)
	}
	if err == nil {
		r.vault, err = vault.Open(name, bytes.Repeat([]byte{7}, vault.KeySize))
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) open(file string) {
	r.t.Helper()
	w, err := runtime.Open(file, runtime.Config{Policy: check(r.t, told), Deliver: true, Now: time.Now,
		Notice: func(err error) { r.t.Error(err) }})
	if err != nil {
		r.t.Fatal(err)
	}
	r.w = w
	r.service = deliver.New(deliver.Options{Dir: r.dir, Vault: r.vault, Chance: func() float64 { return 0.5 },
		Channels: r.current,
		Door:     door.New(nil).Via(r.p), Now: time.Now, Send: r.send, Links: r.links, Stopped: r.stopped})
	r.leave = r.service.Attend("east", w)
}

// current and change are what channels there are, which the service asks in its own time.
func (r *rig) current(string) []channel.Channel {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.channels
}

func (r *rig) change(channels []channel.Channel) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.channels = channels
}

func (r *rig) close() time.Time {
	r.t.Helper()
	due := r.leave()
	if err := r.w.Close(); err != nil {
		r.t.Fatal(err)
	}
	return due
}

func (r *rig) submit(lines ...string) {
	r.t.Helper()
	for _, l := range lines {
		a, err := r.w.Submit(r.t.Context(), []byte(l))
		if err != nil || a.Outcome.String() != "accepted" {
			r.t.Fatal(l, a.Outcome, err)
		}
	}
}

// visit makes a visit that is told somehow.
func (r *rig) visit(via string) {
	r.t.Helper()
	r.visits++
	r.submit(fmt.Sprintf(`{"type":"Visit","id":"v%d","rep":"li","via":%q,"n":%d}`, r.visits, via,
		r.visits))
}

// statuses are how the channels fare, as one line each.
func (r *rig) status(name string) deliver.Status {
	r.t.Helper()
	all, err := r.service.Statuses(r.t.Context(), "east")
	if err != nil {
		r.t.Fatal(err)
	}
	return all[name]
}

func (r *rig) list(state string) []deliver.Delivery {
	r.t.Helper()
	list, _, err := r.service.List(r.t.Context(), "east", deliver.Wanted{State: state, Limit: 1000})
	if err != nil {
		r.t.Fatal(err)
	}
	return list
}

// letters are the dead ones of some ids.
func letters(ids ...string) deliver.Letters { return deliver.Letters{IDs: ids, By: "test"} }
