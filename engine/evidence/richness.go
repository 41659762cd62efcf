package evidence

import (
	"math"
	"strings"

	"github.com/throughline/throughline/dsl/value"
)

// Feature is one part of a note's richness.
type Feature struct {
	Name   string // pain, answer, role, number, competitor, next, quote
	Points float64
	Most   float64
	Words  []string // what in the note gave the points
}

// Richness is the receipt of a note's score: rubric-based scoring of short texts by additive
// features, so that each point can be shown.
type Richness struct {
	Score    float64 // 0–100
	Features []Feature
	Novelty  float64 // 0–1: how much of the note the last five about the same subject did not say
	Copy     bool    // near-identical to one of the person's own: at most 20
}

// Lexicon are a policy's own words.
type Lexicon struct {
	Pain        []string
	Competitors []string
}

// copyCap is what a copy of an own note is worth at most.
const copyCap = 20

// Rich scores a note. Earlier are the sketches of the last notes about the same subject, at most
// five. A note that only has vague words scores 0. The score is rounded to a hundredth.
func Rich(note string, lex Lexicon, earlier []Sketch, isCopy bool) Richness {
	t := read(note)
	r := Richness{Novelty: 1, Copy: isCopy}
	pain := t.lexicon(append(append([]string{}, lex.Pain...), painWords...))
	r.add("pain", 25, pain, []float64{0, 15, 25})
	objection, answer := t.lexicon(objectionWords), t.lexicon(answerWords)
	switch {
	case len(objection) > 0 && len(answer) > 0:
		r.add("answer", 15, append(objection, answer...), []float64{0, 15})
	default:
		r.add("answer", 15, objection, []float64{0, 7.5})
	}
	r.add("role", 10, t.lexicon(roleWords), []float64{0, 10})
	r.flag("number", 15, t.numbered())
	r.add("competitor", 10, t.lexicon(append(append([]string{}, lex.Competitors...), "竞品", "竞争对手",
		"competitor")), []float64{0, 10})
	next := t.lexicon(nextWords)
	r.add("next", 15, next, []float64{0, 8})
	if len(next) > 0 && t.dated() {
		r.Features[len(r.Features)-1].Points = 15
	}
	r.flag("quote", 10, t.quoted())
	for _, f := range r.Features {
		r.Score += f.Points
	}
	if Vague(note, append(lex.Pain, lex.Competitors...)) == value.True {
		r.Score = 0
	}
	r.Novelty = novelty(Fold(note, nil).Sketch(), earlier)
	r.Score *= math.Min(1, 0.4+r.Novelty)
	if isCopy {
		r.Score = math.Min(r.Score, copyCap)
	}
	r.Score = math.Round(r.Score*100) / 100
	return r
}

// add appends a feature whose points grow with how many words gave them.
func (r *Richness) add(name string, most float64, words []string, steps []float64) {
	r.Features = append(r.Features, Feature{Name: name, Most: most, Words: words,
		Points: steps[min(len(words), len(steps)-1)]})
}

func (r *Richness) flag(name string, most float64, has bool) {
	f := Feature{Name: name, Most: most}
	if has {
		f.Points = most
	}
	r.Features = append(r.Features, f)
}

// novelty is the share of a note's pairs that none of the earlier notes has.
func novelty(s Sketch, earlier []Sketch) float64 {
	if len(s) == 0 || len(earlier) == 0 {
		return 1
	}
	said := map[uint32]bool{}
	for _, e := range earlier {
		for _, p := range e {
			said[p] = true
		}
	}
	fresh := 0
	for _, p := range s {
		if !said[p] {
			fresh++
		}
	}
	return float64(fresh) / float64(len(s))
}

// dated reports whether a note names a day: a date, a weekday, or so many days on.
func (t text) dated() bool {
	s := string(t.runes)
	for _, w := range words("周一 周二 周三 周四 周五 周六 周日 星期 明天 后天 月底 月初 号 日前 天内 monday tuesday " +
		"wednesday thursday friday tomorrow") {
		if strings.Contains(s, w) {
			return true
		}
	}
	for i, r := range t.runes {
		if (r == '月' || r == '-' || r == '/') && i > 0 && i+1 < len(t.runes) &&
			strings.ContainsRune(numerals, t.runes[i-1]) && strings.ContainsRune(numerals, t.runes[i+1]) {
			return true
		}
	}
	return false
}

// quoted reports whether a note has the words of somebody between quotation marks.
func (t text) quoted() bool {
	for _, q := range []string{"“”", "「」", "‘’", `""`} {
		r := []rune(q)
		open := -1
		for i, c := range t.runes {
			switch {
			case c == r[1] && open >= 0 && i-open > 4:
				return true
			case c == r[0] && open < 0:
				open = i
			}
		}
	}
	return false
}
