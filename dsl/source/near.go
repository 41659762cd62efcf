package source

import (
	"strings"
	"unicode/utf8"
)

// Nearest is the name among some that was most likely meant: at most two edits away, and fewer
// than the name has letters; else the only one that begins like it. "" where none is near or the
// name is one of them. Ties go to the first.
func Nearest(name string, among []string) string {
	best, nearest := 3, ""
	runes := []rune(name)
	for _, a := range among {
		other := []rune(a)
		if a == name {
			return ""
		}
		if len(other) < 2 {
			continue
		}
		d := distance(runes, other)
		if d < best && d < len(other) && d < len(runes) {
			best, nearest = d, a
		}
	}
	if nearest == "" {
		return begun(name, among)
	}
	return nearest
}

// begun is the only name that goes on where this one ends. Three Latin letters or two Chinese ones
// are the least that says anything.
func begun(name string, among []string) string {
	if len(name) < 3 || utf8.RuneCountInString(name) < 2 {
		return ""
	}
	only := ""
	for _, a := range among {
		if !strings.HasPrefix(a, name) || a == only {
			continue
		}
		if only != "" {
			return ""
		}
		only = a
	}
	return only
}

// distance counts the letters to add, drop, change, or swap with their neighbour.
func distance(a, b []rune) int {
	if len(a)-len(b) > 3 || len(b)-len(a) > 3 {
		return 4
	}
	before := make([]int, len(b)+1) // the row two up
	last := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
