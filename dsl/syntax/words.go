package syntax

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// english maps each Chinese form to its English word, built once from the table.
var english = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for _, v := range Vocabulary() {
		m[v.Zh] = v.En
	}
	return m
})

// chinese maps each English word and role to its Chinese form. A word of one form is there under
// every role by the empty one.
var chinese = sync.OnceValue(func() map[[2]string]string {
	m := map[[2]string]string{}
	for _, v := range Vocabulary() {
		m[[2]string{v.En, v.Role}] = v.Zh
	}
	return m
})

// canon is the English word a name would be if it stood where a word of the language may stand.
func canon(w string) string {
	w = fold(w)
	if w == "" || w[0] < utf8.RuneSelf {
		return w
	}
	if en, ok := english()[w]; ok {
		return en
	}
	return w
}

// zhOf is the Chinese form of an English word in a role, "" where it has none.
func zhOf(en, role string) string {
	if zh, ok := chinese()[[2]string{en, role}]; ok {
		return zh
	}
	return chinese()[[2]string{en, ""}]
}

// fold writes the full-width letters, digits and signs of a word in their plain form.
func fold(s string) string {
	if strings.IndexByte(s, 0xEF) < 0 { // every full-width form begins with that byte
		return s
	}
	return strings.Map(func(r rune) rune {
		if r >= 0xFF01 && r <= 0xFF5E {
			return plain(r)
		}
		return r
	}, s)
}
