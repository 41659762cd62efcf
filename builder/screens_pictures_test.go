//go:build browser && screens

package builder

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/builder/browsertest"
	"github.com/throughline/throughline/runtime/access"
)

// TestScreensPictures makes the pictures of docs/screens: every screen in both languages and
// appearances. It is run by hand, when screens have changed.
func TestScreensPictures(t *testing.T) {
	if fonts, err := exec.Command("fc-list", ":lang=zh").Output(); err != nil || len(fonts) == 0 {
		t.Fatalf("there is no Chinese font, and the pictures would show boxes (%v)", err)
	}
	const dir = "../docs/screens"
	site := newDistributor(t, 20)
	root := site.enrol("root", everywhere).tab(t)
	rep := site.person("deng", access.RoleRep, "Rep/r13").tab(t)
	small := importing(t).enrol("ann", everywhere)
	table := small.sendFile("/w/east/import", "拜访.csv", calls, "type", "Call").wants(200).at
	small.gesture(`{"do":"move","what":["Sale","New","must FirstCall within 4wh"],"into":["Sale","Talks"]}`)
	small.post("/w/east/publish", "do", "publish").wants(200, "in force")
	small.gesture(`{"do":"move","what":["Sale","Talks","must FirstCall within 4wh"],"into":["Sale","New"]}`)
	small.pinNow(`{"type":"Rep","id":"li","at":"2026-11-30T08:00","name":"李"}
{"type":"Customer","id":"c1","at":"2026-11-30T09:00","name":"华美","owner":"li"}
{"type":"Call","id":"k1","at":"2026-11-30T10:00","customer":"c1","rep":"li","answered":true}`)
	author := small.tab(t)
	var index [2]strings.Builder
	for _, s := range []struct {
		name, path string
		of         *browsertest.Page
	}{
		{"today", "today", rep}, {"hand-in", "hand-in/Distribution", rep},
		{"board", "board", root}, {"rules", "rules", root}, {"text", "text", root},
		{"bench", "/w/east/bench", author}, {"publish", "/w/east/publish", author},
		{"versions", "/w/east/versions", author}, {"start", "start", root},
		{"health", "health", root}, {"health-cell", "health/Rep/r13/Distribution", root},
		{"alerts", "alerts", root}, {"alert", "alert?rule=LowQuality&of=r13", root},
		{"reviews", "reviews", root}, {"coaching", "coaching", root},
		{"case", "case?rule=LowQuality&of=r13", root}, {"allocation", "allocation", root},
		{"lab", "allocation/lab?days=90&w.idle=10&w.fit=40", root}, {"import", table, author},
		{"people", "people", root}, {"channels", "channels", root}, {"overview", "overview", root},
		{"log", "log", root}, {"log-entry", "log/60", root},
	} {
		for i, lang := range []string{"en", "zh"} {
			fmt.Fprintf(&index[i], "\n## `%s`\n\n", s.name)
			for _, theme := range []string{"light", "dark"} {
				s.of.Cookies(&http.Cookie{Name: "thru-lang", Value: lang},
					&http.Cookie{Name: "thru-theme", Value: theme})
				at := s.path
				if !strings.HasPrefix(at, "/") {
					at = "/w/d/" + at
				}
				s.of.Go(at)
				file := s.name + "-" + lang + "-" + theme + ".webp"
				s.of.Picture(filepath.Join(dir, file))
				fmt.Fprintf(&index[i], "![%s, %s](%s)\n", s.name, theme, file)
			}
		}
	}
	heads := []string{"# Screens\n\n[中文](README.zh-CN.md)\n\nMade by `go test -tags " +
		"browser,screens ./builder -run Pictures`.\n",
		"# 界面\n\n[English](README.md)\n\n由 `go test -tags browser,screens ./builder " +
			"-run Pictures` 生成。\n"}
	for i, name := range []string{"README.md", "README.zh-CN.md"} {
		err := os.WriteFile(filepath.Join(dir, name), []byte(heads[i]+index[i].String()), 0o644)
		if err != nil {
			t.Fatal(err)
		}
	}
}
