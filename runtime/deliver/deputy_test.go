package deliver_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/throughline/throughline/runtime/deliver/channel"
)

// TestADeputyIsToldAsWell: while somebody is away, what is told them is told their deputy too, with
// the reason; to a group once, with who stands in.
func TestADeputyIsToldAsWell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // it is 2000-01-01T00:00Z: 08:00 in Shanghai
		channels := standard()
		channels[0].Address = "wecom"
		channels[1].Lang, channels[3].Lang = "zh", "zh"
		var mentioned []string
		var away []channel.Absence
		p := newPlatforms()
		r := &rig{t: t, p: p, channels: channels}
		r.send = func(ctx context.Context, x *channel.Sending) error {
			m := x.Message
			p.mu.Lock() // every channel sends beside the others
			defer p.mu.Unlock()
			mentioned = append(mentioned, m.Mention...)
			away = append(away, m.Lines[0].Away...)
			p.got[x.Channel.Name] = append(p.got[x.Channel.Name],
				strings.TrimSpace(m.To+" "+m.Text(2000)))
			return nil
		}
		begin(r, "")
		defer r.close()
		r.submit(`{"type":"Rep","id":"wu","name":"Wu","phone":"137","wecom":"wu.er"}`,
			`{"type":"Away","id":"a1","who":"li","from":"2000-01-01T00:00:00+08:00",`+
				`"until":"2000-01-03T00:00:00+08:00","deputy":"wu"}`)
		for _, via := range []string{"wecom", "dingtalk", "sms", "hook", "nothing"} {
			r.visit(via)
		}
		time.Sleep(3 * time.Minute)
		for name, want := range map[string][]string{
			"wecom":    {"visit 1 by Li (Li is away until 2000-01-03 00:00; Wu stands in)"},
			"dingtalk": {"visit 2（Li 离岗至 2000-01-03 00:00，由 Wu 代理）"},
			"sms":      {"138 visit 3", "137 代 Li（离岗至 2000-01-03 00:00）：visit 3"},
			"hook":     {"visit 4"},
		} {
			if got := p.taken(name); !slices.Equal(got, want) {
				t.Errorf("%s took %q, want %q", name, got, want)
			}
			if s := r.status(name); s.Waiting+s.Dead != 0 || s.Sent != uint64(len(want)) {
				t.Errorf("%s: %+v", name, s)
			}
		}
		if !slices.Equal(mentioned, []string{"li.si", "wu.er"}) {
			t.Errorf("mentioned %q", mentioned)
		}
		if len(away) != 1 || away[0].Who != "Rep/li" || away[0].Deputy != "Rep/wu" {
			t.Errorf("%+v", away)
		}
		var told []string
		for _, d := range r.list("sent") {
			if d.Channel == "sms" {
				told = append(told, d.For...)
			}
		}
		slices.Sort(told)
		if !slices.Equal(told, []string{"Rep/li", "Rep/wu"}) {
			t.Errorf("the log says %q were told", told)
		}

		// He is back, and told alone.
		time.Sleep(48 * time.Hour)
		r.visit("sms")
		time.Sleep(3 * time.Minute)
		if got := p.taken("sms"); len(got) != 3 || got[2] != "138 visit 6" {
			t.Errorf("%q", got)
		}
	})
}

// TestADeputyOfNoAddress: what cannot reach the deputy is a dead letter of theirs; the other was told.
// It can be sent again when the deputy has an address, also after a restart.
func TestADeputyOfNoAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := t.TempDir() + "/east.db"
		r := newRig(t, file, standard()...)
		r.submit(`{"type":"Rep","id":"wu","name":"Wu"}`,
			`{"type":"Away","id":"a1","who":"Rep/li","from":"2000-01-01T00:00:00+08:00",`+
				`"until":"2000-01-09T00:00:00+08:00","deputy":"wu"}`)
		r.visit("sms")
		time.Sleep(3 * time.Minute)
		dead := r.list("dead")
		if len(dead) != 1 || dead[0].ID != dead[0].Effect.String()+" sms 0-deputy" ||
			!slices.Equal(dead[0].For, []string{"Rep/wu"}) || !strings.Contains(dead[0].Why, "no-address") {
			t.Fatalf("%+v", dead)
		}
		if got := r.p.taken("sms"); !slices.Equal(got, []string{"138 visit 1"}) {
			t.Errorf("%q", got)
		}
		r.close()
		r.open(file)
		defer r.close()
		r.submit(`{"type":"Rep","id":"wu","phone":"137"}`)
		n, err := r.service.Replay(t.Context(), "east", letters(dead[0].ID))
		if err != nil || n != 1 {
			t.Fatal(n, err)
		}
		time.Sleep(3 * time.Minute)
		got := r.p.taken("sms")
		if len(got) != 2 || got[1] != "137 for Li, who is away until 2000-01-09 00:00: visit 1" {
			t.Errorf("%q", got)
		}
		if s := r.status("sms"); s.Waiting+s.Dead != 0 {
			t.Errorf("%+v", s)
		}
	})
}
