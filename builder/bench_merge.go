package builder

import (
	"slices"
	"strings"
)

// Several write on one bench. What each sends says what it comes from, and what others did since
// stays.

// merge is what is pinned with what somebody changed of what they had seen.
func (x pinned) merge(seen, now pinned) pinned {
	out := pinned{Lines: mergeLines(seen.Lines, x.Lines, now.Lines), Until: now.Until}
	if now.Until == seen.Until {
		out.Until = x.Until
	}
	return out
}

// mergeLines is a text with what two made of it. Where both changed the same lines, those of both
// stand there: each is a record, and none is lost. What is put together twice, because no answer
// came, is there once: next to each other nothing of mine is put beside the same of theirs.
func mergeLines(base, theirs, mine string) string {
	switch {
	case mine == base || mine == theirs:
		return theirs
	case theirs == base:
		return mine
	}
	all := linesIn(base)
	t, m := hunkOf(all, linesIn(theirs)), hunkOf(all, linesIn(mine))
	if m.end >= t.from && t.end >= m.from {
		m.put = slices.DeleteFunc(slices.Clone(m.put), func(l string) bool {
			return slices.Contains(t.put, l)
		})
	}
	first, second := t, m
	if m.end <= t.from && t.end > m.from {
		first, second = m, t
	}
	if first.end > second.from {
		from, end := min(t.from, m.from), max(t.end, m.end)
		put := slices.Concat(all[from:t.from], t.put, all[t.end:end])
		for _, l := range m.put {
			if !slices.Contains(put, l) {
				put = append(put, l)
			}
		}
		first, second = hunk{from, end, put}, hunk{end, end, nil}
	}
	return strings.Join(slices.Concat(all[:first.from], first.put, all[first.end:second.from],
		second.put, all[second.end:]), "\n")
}

// linesIn are a text's lines; an empty one has none.
func linesIn(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// A hunk is lines that stand in place of others.
type hunk struct {
	from, end int
	put       []string
}

// hunkOf is what leads from some lines to others, in one piece.
func hunkOf(from, to []string) hunk {
	head := 0
	for head < min(len(from), len(to)) && from[head] == to[head] {
		head++
	}
	tail := 0
	for tail < min(len(from), len(to))-head && from[len(from)-1-tail] == to[len(to)-1-tail] {
		tail++
	}
	return hunk{head, len(from) - tail, to[head : len(to)-tail]}
}
