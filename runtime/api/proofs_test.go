package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/seal"
)

// TestProofs has a server show what it cannot make up: that its log went on from what was signed,
// and that an entry is in it. Who keeps the checkpoint and the public key needs nothing else.
func TestProofs(t *testing.T) {
	s := newSite(t)
	read := s.keys[access.Read]
	grow := func(since uint64) string {
		return fmt.Sprintf("/v1/east/proofs/growth?since=%d", since)
	}
	s.submit(`{"type":"Rep","id":"li","name":"Li"}`)
	s.want(200, s.call(s.all, "POST", "/v1/east/nightly", ""))
	first := get[api.Signed](s, "/v1/east/checkpoint")
	kept, err := seal.Open([]byte(first.Signed), first.Key)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 20 {
		s.submit(rep(fmt.Sprintf("r%d", n)))
	}
	proof := s.want(200, s.call(read, "GET", grow(kept.Entries), "")).body
	now, err := seal.ReadGrowth([]byte(proof), kept, first.Key)
	if err != nil || now.Entries != kept.Entries+20 || now.Log != "east" {
		t.Errorf("%+v, %v", now, err)
	}
	for name, forked := range map[string]*seal.Checkpoint{
		"of another past": {Entries: kept.Entries, Root: now.Root},
		"of fewer":        {Entries: kept.Entries - 1, Root: kept.Root},
	} {
		if _, err := seal.ReadGrowth([]byte(proof), forked, first.Key); err == nil {
			t.Errorf("it went on from a checkpoint %s", name)
		}
	}
	s.problem("other-log", s.call(read, "GET", grow(1000), ""))
	s.problem("wrong-request", s.call(read, "GET", grow(0), ""))
	s.problem("unknown-workspace", s.call(s.all, "GET", "/v1/north/proofs/growth?since=1", ""))

	bare := s.want(200, s.call(read, "GET", "/v1/east/proofs/entries/2", "")).body
	shown := s.want(200, s.call(read, "GET", "/v1/east/proofs/entries/2?show=true", "")).body
	for body, came := range map[string]string{bare: "", shown: `{"type":"Rep","id":"li","name":"Li"}`} {
		p, err := seal.ReadProof([]byte(body), first.Key)
		if err != nil || p.Seq != 2 || string(p.Payload) != came {
			t.Errorf("%+v, %v", p, err)
		}
	}
	if strings.Contains(bare, `"payload"`) {
		t.Errorf("shown without being asked for: %s", bare)
	}
	s.problem("unknown-seq", s.call(read, "GET", "/v1/east/proofs/entries/1000", ""))
	// Who does not see all records whole is shown nothing of them; what they do not see is not there.
	li := s.person("li", access.Grant{Role: access.RoleRep, Workspace: "east", As: "Rep/li"})
	s.problem("not-allowed", s.as(li, "GET", "/v1/east/proofs/entries/2?show=true", ""))
	s.want(200, s.as(li, "GET", "/v1/east/proofs/entries/2", ""))
}
