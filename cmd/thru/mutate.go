package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/throughline/throughline/dsl/mutate"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/internal/plural"
)

// mutate changes the policy one place at a time and tells the changes that no test notices.
func (a *app) mutate(p *folder, o *tested, all *trial.Covered, opts trial.Options) error {
	set := mutate.Of(p.policy)
	bar := a.meter(a.say("changing", "改动"), set.Len())
	m := all.Mutate(set, opts, func(done, _ int) { bar.at(int64(done)) })
	bar.done()
	w := decision.NewWriter(p.policy, decision.Options{})
	for i, fate := range m.Fates {
		if fate == trial.None || fate == trial.Noticed && !a.json {
			continue
		}
		x := set.Mutant(i)
		place := filepath.Join(p.dir, string(w.AppendPlace(nil, x.Place)))
		if _, err := fmt.Fprintln(a.out, a.change(place, x, fate)); err != nil {
			return err
		}
	}
	score := m.Score()
	if a.json {
		fmt.Fprintf(a.out, `{"noticed":%d,"of":%d,"percent":%s}`+"\n", m.Noticed, m.All,
			strings.TrimSuffix(score.String(), "%"))
	} else {
		plural.Fprintf(a.out, a.say("%d of %d change{|s} noticed, a mutation score of %s\n",
			"%[2]d 处改动中有 %[1]d 处被察觉，变异得分 %[3]s\n"), m.Noticed, m.All, score)
	}
	return a.atLeast(o, score, a.say("%s: %s of the changes are noticed, %s is asked for",
		"%s：改动的察觉率为 %s，要求 %s"), p.dir)
}

// change is one change as a line.
func (a *app) change(place string, m *mutate.Mutant, fate trial.Fate) string {
	if a.json {
		var b bytes.Buffer
		w := json.NewEncoder(&b)
		w.SetEscapeHTML(false) // operators are signs
		_ = w.Encode(struct {  // strings always can be
			Mutant string `json:"mutant"`
			Name   string `json:"name"`
			Source string `json:"source"`
			Old    string `json:"old"`
			New    string `json:"new"`
			Fate   string `json:"fate"`
		}{m.What.String(), m.Decl, place, m.Old, m.New, fate.String()})
		return strings.TrimSuffix(b.String(), "\n")
	}
	was, is := flat(m.Old), flat(m.New)
	var text string
	switch {
	case m.What == mutate.Off:
		text = fmt.Sprintf(a.say("%s switched off", "关闭 %s"), m.Decl)
	case is == "":
		text = fmt.Sprintf(a.say("%s: %s left out", "%s：去掉 %s"), m.Decl, was)
	default:
		text = fmt.Sprintf(a.say("%s: %s → %s", "%s：%s → %s"), m.Decl, was, is)
	}
	if fate == trial.Unreached {
		text += a.say(" (no test looks at it)", "（没有测试看到这里）")
	}
	return place + ": " + text
}

// flat is a text on one line.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }
