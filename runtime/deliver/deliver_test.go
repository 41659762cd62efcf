package deliver_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/throughline/throughline/runtime/deliver"
	"github.com/throughline/throughline/runtime/deliver/channel"
)

// TestEveryChannelTells: what a policy says reaches each platform in the form that it takes.
func TestEveryChannelTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channels := standard()
		channels[0].Address = "wecom"
		r := newRig(t, "", channels...)
		defer r.close()
		for _, via := range []string{"wecom", "dingtalk", "feishu", "sms", "hook"} {
			r.visit(via)
		}
		time.Sleep(3 * time.Minute)
		for name, want := range map[string]string{"wecom": "visit 1 by Li", "dingtalk": "visit 2",
			"feishu": "visit 3", "sms": "138 visit 4", "hook": "visit 5"} {
			if got := r.p.taken(name); !slices.Equal(got, []string{want}) {
				t.Errorf("%s took %q, want %q", name, got, want)
			}
			if s := r.status(name); s.Sent != 1 || s.Waiting+s.Dead != 0 || s.Broken {
				t.Errorf("%s: %+v", name, s)
			}
		}
		if len(r.p.broken) > 0 {
			t.Error(r.p.broken)
		}
		sent := r.list("sent")
		if len(sent) != 5 || !slices.ContainsFunc(sent, func(d deliver.Delivery) bool { return d.Text == "visit 4" }) || sent[0].For[0] != "Rep/li" || !strings.HasPrefix(sent[0].Rule, "By") {
			t.Errorf("%+v", sent)
		}
	})
}

// TestRobotsAreNotHurried: one visit a second for four minutes, and no platform has to refuse
// anything. Everybody is told of every visit once.
func TestRobotsAreNotHurried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "", standard()...)
		defer r.close()
		for range 240 {
			for _, via := range []string{"wecom", "dingtalk", "feishu"} {
				r.visit(via)
			}
			time.Sleep(time.Second)
		}
		time.Sleep(15 * time.Minute)
		if len(r.p.broken) > 0 {
			t.Errorf("broken rules: %q", r.p.broken)
		}
		for _, name := range []string{"wecom", "dingtalk", "feishu"} {
			s := r.status(name)
			if s.Sent != 240 || s.Waiting+s.Dead != 0 {
				t.Errorf("%s: %+v", name, s)
			}
			if name != "feishu" && s.Messages > 18*19 {
				t.Errorf("%s: %d messages", name, s.Messages)
			}
		}
	})
}

// TestManyAreToldInOne: what piles up is a digest, within what a message may be long.
func TestManyAreToldInOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "", channel.Channel{Name: "wecom", Kind: channel.WeCom, Off: true})
		defer r.close()
		for range 150 {
			r.visit("wecom")
		}
		time.Sleep(time.Minute)
		if got := r.status("wecom"); got.Waiting != 150 || len(r.p.taken("wecom")) != 0 {
			t.Fatalf("%+v", got)
		}
		r.change(standard())
		r.service.Changed("east")
		time.Sleep(time.Minute)
		got := r.p.taken("wecom")
		if len(got) != 2 || !strings.HasPrefix(got[0], "112 messages\n· visit 1 by Li\n· visit 2") ||
			len(got[0]) > 2048 || !strings.HasPrefix(got[1], "38 messages\n· visit 113 by Li\n") {
			t.Errorf("%q", got)
		}
		if s := r.status("wecom"); s.Sent != 150 || s.Messages != 2 {
			t.Errorf("%+v", s)
		}
	})
}

// TestAThrottledChannelWaits: others have used up the robot's minute, so it is shut for ten.
func TestAThrottledChannelWaits(t *testing.T) {
	for _, instead := range []string{"", "feishu"} {
		synctest.Test(t, func(t *testing.T) {
			channels := standard()
			channels[1].Instead = instead
			r := newRig(t, "", channels...)
			defer r.close()
			for range 20 {
				r.p.often("dingtalk", 20, time.Minute)
			}
			r.visit("dingtalk")
			time.Sleep(2 * time.Minute)
			ding, fei := r.p.taken("dingtalk"), r.p.taken("feishu")
			s := r.status("dingtalk")
			if s.Shut.IsZero() || s.Broken || !strings.Contains(s.Why, "130101") {
				t.Errorf("%+v", s)
			}
			if _, ahead := s.Shut.Zone(); ahead != 8*3600 {
				t.Errorf("told in a time that is not the workspace's: %v", s.Shut)
			}
			if len(ding) != 0 || instead == "" && len(fei) != 0 || instead != "" && len(fei) != 1 {
				t.Errorf("instead %q: %q, %q", instead, ding, fei)
			}
			time.Sleep(10 * time.Minute)
			ding = r.p.taken("dingtalk")
			if instead == "" && len(ding) != 1 || instead != "" && len(ding) != 0 {
				t.Errorf("instead %q: %q", instead, ding)
			}
			if len(r.p.broken) != 1 {
				t.Error(r.p.broken)
			}
		})
	}
}

// TestABrokenChannelKeepsWhatWaits: a wrong key is found out once, not for every message, and when
// it is right everything goes.
func TestABrokenChannelKeepsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "", standard()...)
		defer r.close()
		bad := channel.Secret{URL: "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=wrong-key"}
		if err := r.service.Keep("east", "wecom", &bad); err != nil {
			t.Fatal(err)
		}
		for range 5 {
			r.visit("wecom")
			time.Sleep(time.Second)
		}
		time.Sleep(10 * time.Minute)
		s := r.status("wecom")
		if !s.Broken || s.Waiting != 5 || s.Dead != 0 || len(r.p.broken) != 1 {
			t.Errorf("%+v after %q", s, r.p.broken)
		}
		good := secrets()["wecom"]
		if err := r.service.Keep("east", "wecom", &good); err != nil {
			t.Fatal(err)
		}
		r.service.Changed("east")
		time.Sleep(time.Minute)
		if s := r.status("wecom"); s.Broken || s.Waiting != 0 || s.Sent != 5 || s.Why != "" {
			t.Errorf("%+v", s)
		}
	})
}

// TestASecretThatCannotBeReadShutsItsChannel: the others go on, and it goes on once it is kept anew.
func TestASecretThatCannotBeReadShutsItsChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := begin(&rig{t: t, p: newPlatforms(), channels: standard(), tampered: "east/wecom"}, "")
		defer r.close()
		r.visit("wecom")
		time.Sleep(time.Second)
		r.visit("feishu")
		time.Sleep(time.Minute)
		if s := r.status("wecom"); !s.Broken || s.Waiting != 1 || !strings.Contains(s.Why, "secret") {
			t.Errorf("%+v", s)
		}
		if s := r.status("feishu"); s.Sent != 1 || s.Broken {
			t.Errorf("the other: %+v", s)
		}
		good := secrets()["wecom"]
		if err := r.service.Keep("east", "wecom", &good); err != nil {
			t.Fatal(err)
		}
		r.service.Changed("east")
		time.Sleep(time.Minute)
		if s := r.status("wecom"); s.Broken || s.Waiting != 0 || s.Sent != 1 {
			t.Errorf("kept anew: %+v", s)
		}
	})
}

// TestRetriesGrow: what fails is tried again, each time later, in the order of the log, and at last
// it is a dead letter that may be sent again.
func TestRetriesGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "", standard()...)
		defer r.close()
		var at []time.Time
		r.p.failing(func(string) int { at = append(at, time.Now()); return -1 })
		r.visit("hook")
		r.visit("hook")
		time.Sleep(30 * time.Second)
		waiting := r.list("waiting")
		if len(waiting) != 2 || waiting[0].Tries == 0 || waiting[1].Tries != 0 ||
			!strings.Contains(waiting[0].Why, "network") || waiting[0].Next.IsZero() {
			t.Errorf("%+v", waiting)
		}
		time.Sleep(4 * time.Hour)
		if s := r.status("hook"); s.Dead != 2 || s.Waiting != 0 {
			t.Errorf("%+v", s)
		}
		for i := 2; i < 12; i++ {
			if a, b := at[i-1].Sub(at[i-2]), at[i].Sub(at[i-1]); b < a && b < 10*time.Minute {
				t.Errorf("try %d came %v after the one before, and that %v", i, b, a)
			}
		}
		dead := r.list("dead")
		if len(dead) != 2 || dead[0].Text != "visit 1" || dead[0].Tries != 12 {
			t.Fatalf("%+v", dead)
		}
		r.p.failing(nil)
		n, err := r.service.Replay(t.Context(), "east", deliver.Letters{IDs: []string{dead[0].ID}, By: "ada"})
		if n != 1 || err != nil {
			t.Error(n, err)
		}
		if n, err = r.service.Discard(t.Context(), "east", deliver.Letters{Channel: "hook"}); n != 1 || err != nil {
			t.Error(n, err)
		}
		time.Sleep(time.Minute)
		if s := r.status("hook"); s.Dead != 0 || s.Waiting != 0 || s.Sent != 1 {
			t.Errorf("%+v", s)
		}
		if got := r.p.taken("hook"); !slices.Equal(got, []string{"visit 1"}) {
			t.Error(got)
		}
	})
}

// TestWhatIsRefusedForGoodIsDeadAtOnce, and those after it go on.
func TestWhatIsRefusedForGoodIsDeadAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "", standard()...)
		defer r.close()
		n := 0
		r.p.failing(func(string) int { n++; return map[int]int{1: 400}[n] })
		r.visit("hook")
		r.visit("hook")
		r.submit(`{"type":"Rep","id":"wu","name":"Wu"}`,
			`{"type":"Visit","id":"x","rep":"wu","via":"sms"}`) // who has no number
		time.Sleep(time.Minute)
		dead := r.list("dead")
		if len(dead) != 2 || !strings.HasPrefix(dead[0].Why, "http 400") && !strings.HasPrefix(dead[1].Why, "http 400") ||
			!strings.Contains(dead[0].Why+dead[1].Why, "Rep/wu has no address") {
			t.Errorf("%+v", dead)
		}
		if got := r.p.taken("hook"); !slices.Equal(got, []string{"visit 2"}) {
			t.Error(got)
		}
	})
}

// TestHours: in quiet hours only alerts are told, and a digest comes once a day.
func TestHours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // it is 2000-01-01T00:00Z: 08:00 in Shanghai
		r := newRig(t, "", channel.Channel{Name: "wecom", Kind: channel.WeCom, Quiet: "21:00-08:30"},
			channel.Channel{Name: "feishu", Kind: channel.Feishu, Digest: "18:00"})
		defer r.close()
		r.visit("wecom")
		r.visit("feishu")
		r.submit(`{"type":"Visit","id":"much","rep":"li","via":"","load":200}`)
		time.Sleep(20 * time.Minute)
		if got := r.p.taken("wecom"); !slices.Equal(got, []string{"Li is busy"}) {
			t.Errorf("in quiet hours: %q", got)
		}
		time.Sleep(time.Hour)
		if got := r.p.taken("wecom"); len(got) != 2 || got[1] != "visit 1 by Li" {
			t.Errorf("after them: %q", got)
		}
		time.Sleep(time.Hour)
		r.visit("feishu")
		if got := r.p.taken("feishu"); len(got) != 0 {
			t.Errorf("before the digest: %q", got)
		}
		time.Sleep(8 * time.Hour)
		if got := r.p.taken("feishu"); !slices.Equal(got, []string{"2 messages\n· visit 2\n· visit 3"}) {
			t.Errorf("the digest: %q", got)
		}
	})
}

// TestAnAlertThatIsOverIsNotTold where nobody was told that it is open.
func TestAnAlertThatIsOverIsNotTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		channels := standard()
		channels[0].Off = true
		r := newRig(t, "", channels...)
		defer r.close()
		r.submit(`{"type":"Visit","id":"much","rep":"li","via":"","load":200}`)
		time.Sleep(time.Minute)
		if s := r.status("wecom"); s.Waiting != 1 {
			t.Errorf("%+v", s)
		}
		time.Sleep(time.Hour)
		if s := r.status("wecom"); s.Waiting != 0 || s.Cancelled != 1 || s.Dead != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// TestWhatNamesNoChannel is told where a channel takes it, from when that was set on.
func TestWhatNamesNoChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "", standard()...)
		defer r.close()
		r.visit("nothing") // nobody takes it
		time.Sleep(time.Minute)
		c := standard()
		c[4].Takes, c[4].Since = []string{"notify", "task"}, time.Now()
		c = append(c, channel.Channel{Name: "judge", Kind: channel.Webhook, Since: time.Now(),
			URL: "https://hook.example.com/judge"})
		r.change(c)
		if err := r.service.Keep("east", "judge", &channel.Secret{Key: "whsec_aGVsbG8="}); err != nil {
			t.Fatal(err)
		}
		r.service.Changed("east")
		r.visit("nothing")
		time.Sleep(time.Minute)
		got := r.p.taken("hook")
		slices.Sort(got)
		if !slices.Equal(got, []string{"look at 2", "visit 2", "visit 2"}) {
			t.Errorf("%q", got)
		}
		if n := len(r.list("waiting")) + len(r.list("dead")); n != 0 {
			t.Error(n)
		}
	})
}

// TestWhatNamesAChannelThatIsNotThere waits for it a day.
func TestWhatNamesAChannelThatIsNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "")
		defer func() { r.close() }()
		r.visit("wecom")
		time.Sleep(20 * time.Hour)
		r.visit("wecom")
		synctest.Wait() // the service takes it in its own time
		if list := r.list("waiting"); len(list) != 2 || !strings.Contains(list[0].Why, "no channel") {
			t.Errorf("%+v", list)
		}
		time.Sleep(5 * time.Hour)
		if dead := r.list("dead"); len(dead) != 1 || !strings.Contains(dead[0].Why, "too late") {
			t.Errorf("%+v", dead)
		}
		if due := r.close(); due.IsZero() {
			t.Error("nobody would open it again")
		}
		r.open("")
	})
}

// TestSecretsAreNotTold: what the other side says may repeat what it was sent.
func TestSecretsAreNotTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "", standard()...)
		defer r.close()
		r.p.failing(func(string) int { return -1 })
		for _, via := range []string{"wecom", "dingtalk", "feishu"} {
			r.visit(via)
		}
		time.Sleep(2 * time.Minute)
		for _, d := range r.list("waiting") {
			for _, w := range []string{"wecom-key", "ding-token", "SECding", "feishu-id", "feishu-key"} {
				if strings.Contains(d.Why, w) || d.Why == "" {
					t.Errorf("%s: %s", d.Channel, d.Why)
				}
			}
		}
	})
}

// TestANumberIsNotFlooded: at most fifty text messages a day.
func TestANumberIsNotFlooded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, "", standard()...)
		defer r.close()
		for range 60 {
			r.visit("sms")
		}
		time.Sleep(time.Hour)
		if s := r.status("sms"); s.Sent != 50 || s.Waiting != 10 || len(r.p.broken) != 0 {
			t.Errorf("%+v, %q", s, r.p.broken)
		}
	})
}
