package builder

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
)

// TestAPassOverTheLogHoldsUpNoPage: a page that needs one comes all the same, says that it is
// still being worked out, and comes by itself when it is.
func TestAPassOverTheLogHoldsUpNoPage(t *testing.T) {
	s := newDistributor(t, 2)
	s.b.o.Patience = time.Second / 10
	boss := s.person("boss", access.RoleManager, "Rep/m3")
	u, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	who, err := s.access.Came(boss.client.Jar.Cookies(u)[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	// Two may pass over logs at once. They do, until the test lets them go.
	ctx, let := context.WithCancel(t.Context())
	defer let()
	holds, ended := make(chan bool), make(chan error)
	for range 2 {
		go func() {
			a := s.b.doors.Ask(t.Context(), api.Caller{Who: who, Verb: access.Read, Workspace: "d"})
			ended <- a.Long(func(*runtime.Workspace) error { holds <- true; <-ctx.Done(); return nil })
		}()
		<-holds
	}
	boss.get("/w/d/health?in=Team/t3").wants(200, "Being worked out from the log").lacks("Deng Kai")
	boss.get("/w/d/coaching").wants(200, "Being worked out from the log…")
	boss.get("/w/d/today").wants(200)
	s.enrol("root", everywhere).get("/w/d/publish").wants(200)
	page := boss.watch("/w/d/health?in=Team/t3")
	let()
	for range 2 {
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
	}
	page.shows("Deng Kai")
	boss.get("/w/d/health?in=Team/t3").wants(200, "Deng Kai").lacks("Being worked out")
}
