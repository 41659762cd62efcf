package robot_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime/deliver/channel"
	"github.com/throughline/throughline/runtime/deliver/robot"
)

// TestSignaturesAreTheirs: the two look alike and are not. The values were computed apart.
func TestSignaturesAreTheirs(t *testing.T) {
	const key = "SECtest"
	if got := robot.DingTalkSign("1767225600000", key); got != "VFnS0ToY3dOa75/lvH0rYNwJBmfT5at2UOkds8G1Cuo=" {
		t.Errorf("DingTalk: %s", got)
	}
	if got := robot.FeishuSign("1767225600", key); got != "8wfORKxBzLJIoNNdA7auruCXB+DNZIC3E/qp0HY+lIo=" {
		t.Errorf("Feishu: %s", got)
	}
	at := time.UnixMilli(1767225600000)
	got, err := robot.Sign("https://oapi.dingtalk.com/robot/send?access_token=T", key, at)
	if err != nil || !strings.Contains(got, "sign=VFnS0ToY3dOa75%2FlvH0rYNwJBmfT5at2UOkds8G1Cuo%3D") ||
		!strings.Contains(got, "timestamp=1767225600000") || !strings.Contains(got, "access_token=T") {
		t.Errorf("the address is %s, %v", got, err)
	}
}

// TestWhatComesFromRecordsMentionsNobody: a customer may be called <at user_id="all">.
func TestWhatComesFromRecordsMentionsNobody(t *testing.T) {
	for _, kind := range []channel.Kind{channel.WeCom, channel.DingTalk, channel.Feishu} {
		m := &channel.Message{Mention: []string{`li"><at user_id="all`}, Lines: []channel.Line{
			{Text: `visit <at user_id="all">x</at> and <@all>`}}}
		r, err := robot.Request(t.Context(), &channel.Sending{Channel: &channel.Channel{Kind: kind},
			Secret: &channel.Secret{URL: "https://example.com/x"}, Message: m})
		if err != nil {
			t.Fatal(err)
		}
		var body struct {
			Text, Content struct{ Content, Text string }
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			t.Fatal(err)
		}
		text := body.Text.Content + body.Content.Text
		if strings.Contains(text, "<@") || strings.Count(text, "<at") > 1 ||
			strings.Contains(text, `"all"`) && strings.Contains(text, `<at user_id="all"`) {
			t.Errorf("%s: %s", kind, text)
		}
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		kind   channel.Kind
		status int
		header string
		body   string
		want   string
	}{
		{channel.WeCom, 200, "", `{"errcode":0,"errmsg":"ok"}`, "took it"},
		{channel.WeCom, 200, "", `{"errcode":45009,"errmsg":"api freq out of limit"}`, "shut 1m0s"},
		{channel.WeCom, 200, "", `{"errcode":93000,"errmsg":"invalid webhook url"}`, "broken 15m0s"},
		{channel.WeCom, 200, "", `{"errcode":45002}`, "never"},
		{channel.WeCom, 200, "", `{"errcode":-1}`, "again"},
		{channel.DingTalk, 200, "", `{"errcode":130101,"errmsg":"send too fast"}`, "shut 10m0s"},
		{channel.DingTalk, 200, "", `{"errcode":310000,"errmsg":"sign not match"}`, "broken 15m0s"},
		{channel.Feishu, 200, "", `{"StatusCode":0,"StatusMessage":"success"}`, "took it"},
		{channel.Feishu, 200, "", `{"code":0,"msg":"success"}`, "took it"},
		{channel.Feishu, 200, "", `{"code":19021,"msg":"sign match fail"}`, "broken 15m0s"},
		{channel.Feishu, 200, "", `{"code":11232,"msg":"frequency limited"}`, "shut 1m0s"},
		{channel.Feishu, 429, "90", `{"code":99991400}`, "shut 1m30s"},
		{channel.Feishu, 200, "", `<html>`, "again"},
		{channel.Feishu, 200, "", `{}`, "again"},
		{channel.WeCom, 502, "", `bad gateway`, "again"},
		{channel.WeCom, 302, "", ``, "broken 15m0s"},
		{channel.WeCom, 404, "", ``, "broken 15m0s"},
	} {
		h := http.Header{}
		if c.header != "" {
			h.Set("x-ogw-ratelimit-reset", c.header)
		}
		got := "took it"
		switch r := robot.Answer(c.kind, c.status, h, []byte(c.body)); {
		case r == nil:
		case r.Never:
			got = "never"
		case r.Broken:
			got = "broken " + r.After.String()
		case r.Shut:
			got = "shut " + r.After.String()
		default:
			got = "again"
		}
		if got != c.want {
			t.Errorf("%s %d %s: %s, want %s", c.kind, c.status, c.body, got, c.want)
		}
	}
}

// TestBodiesFit: a Chinese character is three bytes, and an escaped one is more.
func TestBodiesFit(t *testing.T) {
	for _, c := range []struct {
		kind channel.Kind
		most int
	}{{channel.WeCom, 2048}, {channel.DingTalk, 20_000}, {channel.Feishu, 20_480}} {
		for _, text := range []string{"拜访", `"\`, "a\n", "👨‍👩‍👧", "<&>", "\x01"} {
			m := &channel.Message{Lang: "zh", Mention: []string{"li"}}
			for range 40 {
				m.Lines = append(m.Lines, channel.Line{Text: strings.Repeat(text, 200)})
				m.Lines = append(m.Lines, channel.Line{Text: strings.Repeat(text, 201)})
			}
			r, err := robot.Request(t.Context(), &channel.Sending{
				Channel: &channel.Channel{Kind: c.kind}, Secret: &channel.Secret{URL: "https://e.com"},
				Message: m})
			if err != nil {
				t.Fatal(err)
			}
			var body struct {
				Text struct{ Content string }
			}
			size := r.ContentLength
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				t.Fatal(err)
			}
			if c.kind != channel.Feishu {
				size = int64(len(body.Text.Content))
			}
			if size > int64(c.most) {
				t.Errorf("%s with %q: %d bytes", c.kind, text, size)
			}
		}
	}
}

func TestASecretIsVeiled(t *testing.T) {
	s := &channel.Secret{URL: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abc-def",
		Key: "SECxyz/+", Headers: map[string]string{"Authorization": "Bearer tok"}}
	for _, text := range []string{s.URL, "key=abc-def", "sign with SECxyz/+", "Bearer tok",
		"sent " + url.QueryEscape(s.Key)} {
		got := s.Veil("Post " + text + ": timeout")
		for _, w := range append(s.Words(), "abc-def") {
			if strings.Contains(got, w) {
				t.Errorf("%q shows %q", got, w)
			}
		}
	}
}
