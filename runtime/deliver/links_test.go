package deliver_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/throughline/throughline/runtime/deliver/channel"
	"github.com/throughline/throughline/runtime/deliver/link"
)

// TestLinksInMail: a letter has an address to say that it was read, a digest one to end digests,
// both for whom it is for alone; who ended them gets none any more.
func TestLinksInMail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &link.Signer{Key: []byte("a key"), Base: "https://r.example.com"}
		var mu sync.Mutex
		var sent []*channel.Message
		stopped := false
		r := begin(&rig{t: t, p: newPlatforms(), links: s,
			channels: []channel.Channel{{Name: "mail", Kind: channel.Mail, URL: "smtp://mail.example.com",
				From: "a@example.com", Address: "phone", Digest: "09:00"}},
			stopped: func(workspace, channel, ref string) bool {
				mu.Lock()
				defer mu.Unlock()
				return stopped && workspace+channel+ref == "eastmailRep/li"
			},
			send: func(_ context.Context, x *channel.Sending) error {
				mu.Lock()
				defer mu.Unlock()
				m := *x.Message
				sent = append(sent, &m)
				return nil
			}}, "")
		defer r.close()
		r.visit("mail")
		time.Sleep(26 * time.Hour)
		mu.Lock()
		if len(sent) != 1 {
			t.Fatalf("%d letters", len(sent))
		}
		for do, url := range map[string]string{link.Seen: sent[0].Seen, link.Stop: sent[0].Stop} {
			token, ours := strings.CutPrefix(url, "https://r.example.com"+link.Path)
			l, err := s.Open(token, time.Now())
			if !ours || err != nil || l.Do != do || l.For != "Rep/li" || l.Workspace != "east" ||
				l.Channel != "mail" || (l.Message == "") != (do == link.Stop) {
				t.Errorf("%s: %+v, %v", url, l, err)
			}
			if _, err := s.Open(token, time.Now().Add(400*24*time.Hour)); err == nil {
				t.Errorf("%s never ends", do)
			}
		}
		stopped = true
		mu.Unlock()
		r.visit("mail")
		time.Sleep(26 * time.Hour)
		mu.Lock()
		defer mu.Unlock()
		if dead := r.list("dead"); len(sent) != 1 || len(dead) != 1 || !strings.Contains(dead[0].Why, "no digests") {
			t.Errorf("%d letters, %+v", len(sent), dead)
		}
	})
}
