//go:build browser

package builder

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// A tourStep is a line of a table of docs/tour.md.
type tourStep struct{ at, open, follow, see string }

var (
	tourLine = regexp.MustCompile(`(?m)^\| ([0-9]+) \| (.*) \| \*\*(.*)\*\* \|$`)
	tourOpen = regexp.MustCompile("`(/[^`]*)`")
	tourLink = regexp.MustCompile(`\*\*(.*?)\*\*`)
)

func tourOf(t *testing.T, file string) (out []tourStep) {
	t.Helper()
	text, err := os.ReadFile("../docs/" + file)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range tourLine.FindAllStringSubmatch(string(text), -1) {
		s := tourStep{at: file + " " + m[1], see: m[3]}
		if o := tourOpen.FindStringSubmatch(m[2]); o != nil {
			s.open = strings.Replace(o[1], "/w/distributor/", "/w/d/", 1)
		} else if f := tourLink.FindStringSubmatch(m[2]); f != nil {
			s.follow = f[1]
		}
		out = append(out, s)
	}
	if len(out) < 15 {
		t.Fatalf("%s has %d steps", file, len(out))
	}
	return out
}

// TestTour goes through docs/tour.md as whoever reads it does.
func TestTour(t *testing.T) {
	site := newDistributor(t, 52)
	p := site.enrol("root", everywhere).tab(t)
	steps := tourOf(t, "tour.md")
	for _, s := range steps {
		if s.open != "" {
			p.Go(s.open)
		} else {
			p.Wait(fmt.Sprintf(`(() => { const a = [...document.querySelectorAll("main a")].find(a =>
				a.textContent.includes(%q)); if (a) location.href = a.href; return !!a; })()`, s.follow))
		}
		t.Log(s.at)
		p.Says("main", s.see)
	}
	other := tourOf(t, "tour.zh-CN.md")
	if len(other) != len(steps) {
		t.Fatalf("%d steps in Chinese, %d in English", len(other), len(steps))
	}
	for i := range steps {
		if steps[i].open != other[i].open {
			t.Errorf("%s goes to %s, %s to %s", steps[i].at, steps[i].open, other[i].at, other[i].open)
		}
	}
}
