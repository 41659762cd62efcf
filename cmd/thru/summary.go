package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime/media"
)

// A summary is what a run came to.
type summary struct {
	Records  int               `json:"records"`
	Outcomes map[string]int    `json:"outcomes"`
	Effects  map[string]int    `json:"effects"`
	Shadow   int               `json:"shadow,omitempty"` // of mode shadow: decided, without effect
	Alerts   map[string]int    `json:"alerts"`
	Segments map[string]int    `json:"segments"`
	Timers   int               `json:"timers"` // entries that nothing but time made
	Steps    int               `json:"steps"`
	Unknown  map[string]uint64 `json:"unknown"`         // looks left undecided, by declaration
	Files    map[string]int    `json:"files,omitempty"` // measured or not, and what was found
	Seq      uint64            `json:"seq"`             // of the last entry

	files *media.Folder
}

func newSummary() *summary {
	return &summary{Outcomes: map[string]int{}, Effects: map[string]int{}, Alerts: map[string]int{},
		Segments: map[string]int{}, Unknown: map[string]uint64{}}
}

// add counts one entry.
func (s *summary) add(k decision.Kind, d *decision.Decision) {
	switch k {
	case decision.Record:
		s.Records++
		s.Outcomes[d.Outcome.String()]++
	case decision.Tick:
		s.Timers++
	case decision.Step:
		s.Steps++
	}
	for i := range d.Effects {
		switch e := &d.Effects[i]; {
		case e.Shadow:
			s.Shadow++
		case e.Kind == decision.Alert:
			s.Alerts[e.State.String()]++
		case e.Kind == decision.Segment:
			s.Segments[e.State.String()]++
		default:
			s.Effects[e.Kind.String()]++
		}
	}
}

// look takes in what the engine counted: what was left undecided is shown, never taken for false.
func (s *summary) look(e *engine.Engine) {
	for name, c := range e.Counters() { //tidy:order into a map
		if c.Unknown > 0 {
			s.Unknown[name] = c.Unknown
		}
	}
}

// tellSummary writes a summary on standard error.
func (a *app) tellSummary(s *summary) error {
	if a.json {
		s.countFiles()
		return json.NewEncoder(a.err).Encode(s)
	}
	row := func(name, text string) {
		if text != "" {
			fmt.Fprintf(a.err, "%s%s\n", pad(name, 10), text)
		}
	}
	row(a.say("records", "记录"), joined(fmt.Sprint(s.Records), tallies(a, s.Outcomes)))
	if s.Timers+s.Steps > 0 {
		row(a.say("besides", "此外"), fmt.Sprintf(a.say("%d by timers, %d steps", "定时 %d，连带 %d"),
			s.Timers, s.Steps))
	}
	row(a.say("effects", "效果"), tallies(a, s.Effects))
	row(a.say("alerts", "预警"), tallies(a, s.Alerts))
	row(a.say("segments", "分群"), tallies(a, s.Segments))
	if s.Shadow > 0 {
		row(a.say("shadow", "试运行"), fmt.Sprint(s.Shadow))
	}
	row(a.say("unknown", "未知"), tallies(a, s.Unknown))
	if s.files != nil {
		row(a.say("files", "文件"), tallies(a, s.files.Counts))
		for f, n := range s.files.Findings {
			if n > 0 {
				row("", fmt.Sprintf("%d × %s", n, media.Finding(f).Text(a.lang.String())))
			}
		}
	}
	row(a.say("last seq", "最后 seq"), fmt.Sprint(s.Seq))
	return nil
}

// countFiles puts what became of files into one list, by the names for programs.
func (s *summary) countFiles() {
	if s.files == nil {
		return
	}
	s.Files = maps.Clone(s.files.Counts)
	for f, n := range s.files.Findings {
		if n > 0 {
			s.Files[media.Finding(f).String()] = n
		}
	}
}

func joined(a, b string) string {
	if b == "" {
		return a
	}
	return a + ": " + b
}

// tallies lists counts, in order of their names.
func tallies[N int | uint64](a *app, m map[string]N) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		parts = append(parts, fmt.Sprintf("%s %d", a.word(k), m[k]))
	}
	return strings.Join(parts, a.say(", ", "，"))
}

// word is what people call an outcome, an effect or a state; other names are as they are.
func (a *app) word(name string) string {
	if a.lang != chinese {
		return name
	}
	zh := map[string]string{
		"accepted": "接受", "held": "拦下", "rejected": "拒绝", "duplicate": "重复", "dropped": "剔除",
		"task": "任务", "notify": "通知", "set": "设置", "suggest": "建议", "note": "备注", "flag": "标记",
		"call": "调用", "assign": "指派", "pool": "公海",
		"alert": "预警", "segment": "分群",
		"measured": "已测量", "missing": "缺失", "refused": "拒绝读取", "other": "内容不符",
		"open": "打开", "resolved": "解除", "withdrawn": "撤回", "enter": "进入", "leave": "离开",
	}
	if w := zh[name]; w != "" {
		return w
	}
	return name
}
