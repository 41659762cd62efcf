//go:build browser

package builder

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/throughline/throughline/builder/browsertest"
	"github.com/throughline/throughline/runtime/access"
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

// TestScreensPictures makes the pictures of docs/screens, where THRU_SCREENS names that folder: every screen
// in both languages and appearances. They are made by hand, when screens have changed.
func TestScreensPictures(t *testing.T) {
	dir := os.Getenv("THRU_SCREENS")
	if dir == "" {
		t.Skip("THRU_SCREENS names no folder")
	}
	site := newDistributor(t, 20)
	root := site.enrol("root", everywhere).tab(t)
	rep := site.person("deng", access.RoleRep, "Rep/r13").tab(t)
	var index [2]strings.Builder
	for _, s := range []struct {
		name, path string
		of         *browsertest.Page
	}{
		{"today", "today", rep}, {"hand-in", "hand-in/Distribution", rep},
		{"board", "board", root}, {"rules", "rules", root}, {"text", "text", root},
		{"publish", "publish", root}, {"versions", "versions", root}, {"start", "start", root},
		{"health", "health", root}, {"health-cell", "health/Rep/r13/Distribution", root},
		{"alerts", "alerts", root}, {"alert", "alert?rule=LowQuality&of=r13", root},
		{"reviews", "reviews", root}, {"coaching", "coaching", root},
		{"case", "case?rule=LowQuality&of=r13", root}, {"allocation", "allocation", root},
		{"lab", "allocation/lab?days=90&w.idle=10&w.fit=40", root}, {"import", "import", root},
		{"people", "people", root}, {"channels", "channels", root}, {"overview", "overview", root},
		{"log", "log", root}, {"log-entry", "log/60", root},
	} {
		for i, lang := range []string{"en", "zh"} {
			fmt.Fprintf(&index[i], "\n## `%s`\n\n", s.path)
			for _, theme := range []string{"light", "dark"} {
				s.of.Cookies(&http.Cookie{Name: "thru-lang", Value: lang},
					&http.Cookie{Name: "thru-theme", Value: theme})
				s.of.Go("/w/d/" + s.path)
				file := s.name + "-" + lang + "-" + theme + ".webp"
				s.of.Picture(filepath.Join(dir, file))
				fmt.Fprintf(&index[i], "![%s, %s](%s)\n", s.name, theme, file)
			}
		}
	}
	heads := []string{"# Screens\n\n[中文](README.zh-CN.md)\n\nMade by `THRU_SCREENS=$PWD/docs/screens " +
		"go test -tags browser ./builder -run Pictures`.\n",
		"# 界面\n\n[English](README.md)\n\n由 `THRU_SCREENS=$PWD/docs/screens go test -tags browser ./builder " +
			"-run Pictures` 生成。\n"}
	for i, name := range []string{"README.md", "README.zh-CN.md"} {
		err := os.WriteFile(filepath.Join(dir, name), []byte(heads[i]+index[i].String()), 0o644)
		if err != nil {
			t.Fatal(err)
		}
	}
}
