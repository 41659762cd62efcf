package builder

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestMergeTwice: what a page sends again, because no answer came, is there already.
func TestMergeTwice(t *testing.T) {
	for _, c := range []struct{ base, theirs, mine, want string }{
		{"a", "a\nx", "a\ny", "a\nx\ny"},
		{"a\nb", "a\nb\nx", "a\ny\nb", "a\ny\nb\nx"},
		{"a\nb", "a\nB", "a\nx\nb", "a\nx\nB"},
		{"a", "", "a\nb", "b"},
		{"", "x", "y", "x\ny"},
	} {
		once := mergeLines(c.base, c.theirs, c.mine)
		if twice := mergeLines(c.base, once, c.mine); once != c.want || twice != once {
			t.Errorf("%q to %q and %q: %q, and again %q", c.base, c.theirs, c.mine, once, twice)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := func(name, of string) string {
			lines := rapid.SliceOfNDistinct(rapid.SampledFrom(strings.Split(of, "")), 0, 5, rapid.ID)
			return strings.Join(lines.Draw(t, name), "\n")
		}
		base, theirs, mine := text("base", "abcd"), text("theirs", "abcdxyz"), text("mine", "abcd123")
		once := mergeLines(base, theirs, mine)
		twice := strings.Split(mergeLines(base, once, mine), "\n")
		for _, l := range strings.Split("xyz123", "") { // what one of them put in
			n := 0
			for _, x := range twice {
				if x == l {
					n++
				}
			}
			if want := strings.Count(theirs+mine, l); n != want {
				t.Errorf("%q is there %d times: %q to %q and %q: %q, and again %q", l, n, base, theirs, mine,
					once, twice)
			}
		}
	})
}
