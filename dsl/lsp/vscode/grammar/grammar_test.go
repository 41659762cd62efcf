package main

import (
	"os"
	"slices"
	"testing"

	"github.com/throughline/throughline/dsl/syntax"
)

// The grammar that is packed is the one that the words make.
func TestCurrent(t *testing.T) {
	got, err := os.ReadFile("../syntaxes/thru.tmLanguage.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(grammar()) {
		t.Error("thru.tmLanguage.json is not current: go generate ./dsl/lsp/vscode/grammar")
	}
}

// What the groups name are words of the language.
func TestGroups(t *testing.T) {
	for _, words := range [][]string{operators(), constants(), types(), clauses(), declarations()} {
		for _, w := range words {
			if !slices.ContainsFunc(syntax.Vocabulary(), func(v syntax.Vocable) bool { return v.En == w }) {
				t.Errorf("%s is no word of the language", w)
			}
		}
	}
}
