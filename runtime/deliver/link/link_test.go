package link_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime/deliver/link"
)

// TestLinks opens what was signed, as long as it holds, and nothing else.
func TestLinks(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s := link.Signer{Key: []byte("a key"), Base: "https://rules.example.com"}
	want := link.Link{Do: link.Seen, Workspace: "east", Message: "east/7/0", Channel: "mail",
		For: "Rep/li", Until: now.Add(time.Hour).Unix()}
	url := s.URL(want)
	token, ours := strings.CutPrefix(url, "https://rules.example.com"+link.Path)
	if got, err := s.Open(token, now); !ours || got != want || err != nil {
		t.Fatalf("%s: %+v, %v", url, got, err)
	}
	if _, err := s.Open(token, now.Add(2*time.Hour)); !errors.Is(err, link.ErrOver) {
		t.Errorf("too late: %v", err)
	}
	other := link.Signer{Key: []byte("another"), Base: s.Base}
	body, sum, _ := strings.Cut(token, ".")
	stop, _ := strings.CutPrefix(s.URL(link.Link{Do: link.Stop, Until: want.Until}), s.Base+link.Path)
	foreign, _, _ := strings.Cut(stop, ".")
	for what, token := range map[string]string{"nothing": "", "no signature": body, "half": token[:len(token)-4],
		"another's content": foreign + "." + sum, "no text": "!.!", "more": token + "x"} {
		if _, err := s.Open(token, now); !errors.Is(err, link.ErrLink) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := other.Open(token, now); !errors.Is(err, link.ErrLink) {
		t.Errorf("by another key: %v", err)
	}
	if _, err := (&link.Signer{}).Open(token, now); !errors.Is(err, link.ErrLink) {
		t.Errorf("without a key: %v", err)
	}
	if url := (&link.Signer{Key: s.Key}).URL(want); url != "" {
		t.Errorf("to nowhere: %s", url)
	}
}
