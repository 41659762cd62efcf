package main

import (
	"strings"
	"unicode"
)

// width is how many columns of a terminal a text takes: wide characters take two.
func width(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r):
		case wide(r):
			n += 2
		default:
			n++
		}
	}
	return n
}

// wide reports whether terminals give a character two columns.
func wide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) ||
		r >= 0x3000 && r <= 0x303f || r >= 0xff01 && r <= 0xff60
}

// pad fills a text up to a width, with a blank at least.
func pad(s string, to int) string {
	return s + strings.Repeat(" ", max(to-width(s), 1))
}
