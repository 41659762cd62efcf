package syntax

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/throughline/throughline/dsl/source"
)

// TestVocabulary: no Chinese form stands for two English words, no English word has two forms in
// one role, and no form is shorter than two characters but 次 and 凭 (reference, section 13).
func TestVocabulary(t *testing.T) {
	zh := map[string]string{}
	en := map[[2]string]string{}
	roles := map[string][]string{}
	for _, v := range Vocabulary() {
		if was, ok := zh[v.Zh]; ok {
			t.Errorf("%s is both %s and %s", v.Zh, was, v.En)
		}
		zh[v.Zh] = v.En
		key := [2]string{v.En, v.Role}
		if was, ok := en[key]; ok {
			t.Errorf("%s is both %s and %s", v.En, was, v.Zh)
		}
		en[key] = v.Zh
		roles[v.En] = append(roles[v.En], v.Role)
		if n := utf8.RuneCountInString(v.Zh); n < 2 && v.Zh != "次" && v.Zh != "凭" {
			t.Errorf("%s for %s is too short", v.Zh, v.En)
		}
		if canon(v.Zh) != v.En {
			t.Errorf("%s reads as %s, not as %s", v.Zh, canon(v.Zh), v.En)
		}
		if r, _ := utf8.DecodeRuneInString(v.Zh); !isLetter(r) {
			t.Errorf("%s is no word", v.Zh)
		}
	}
	for word, r := range roles {
		for _, role := range r {
			if role == "" && len(r) > 1 {
				t.Errorf("%s has several forms, one of them without a role", word)
			}
		}
	}
}

// TestGrammarIsTranslated: every word that a production fixes has a Chinese form, alone or joined.
func TestGrammarIsTranslated(t *testing.T) {
	parts := map[string]bool{}
	for _, v := range Vocabulary() {
		parts[v.En] = true
		from := 0
		for i := range len(v.En) + 1 {
			if i == len(v.En) || v.En[i] == ' ' {
				parts[v.En[from:i]] = true
				from = i + 1
			}
		}
	}
	for _, c := range theGrammar().tries {
		if c.Type == tWord && c.Value != anyName && !parts[c.Value] {
			t.Errorf("%q has no Chinese form", c.Value)
		}
	}
}

// TestUnits: units are glued to numbers, so they only have to differ from each other.
func TestUnits(t *testing.T) {
	seen := map[string]bool{}
	for _, u := range Units() {
		if seen[u.Zh] || seen[u.En] {
			t.Errorf("%s %s stands twice", u.En, u.Zh)
		}
		seen[u.En], seen[u.Zh] = true, true
	}
}

// TestTypesAreCalledAlike: messages call a type in Chinese what the language calls it.
func TestTypesAreCalledAlike(t *testing.T) {
	for _, v := range typeWords() {
		if v.En == "list of" {
			v.En, v.Zh = "list of text", "一组 文本"
		}
		if got := source.NotAlike.Message("zh", []string{v.En, v.En}); !strings.Contains(got, v.Zh) {
			t.Errorf("%s: %s", v.En, got)
		}
	}
}
