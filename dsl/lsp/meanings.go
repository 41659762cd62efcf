package lsp

import (
	_ "embed" // meanings.txt
	"strings"
	"sync"
)

// meanings.txt has the texts of both languages side by side, so that who changes one sees the
// other.
//
//go:embed meanings.txt
var meaningText string

// A meaning is what a word means, in both languages.
type meaning struct{ en, zh string }

// meanings are the meanings by word and role: of/source, and/.
var meanings = sync.OnceValue(func() map[string]meaning {
	m := map[string]meaning{}
	for line := range strings.Lines(meaningText) {
		f := strings.Split(line, "|")
		if strings.HasPrefix(line, "#") || len(f) != 4 {
			continue
		}
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		m[f[0]+"/"+f[1]] = meaning{f[2], f[3]}
	}
	return m
})
