package pack

import "testing"

// A requirement is set, changed and taken out, and all else stays as it was.
func TestRequire(t *testing.T) {
	for _, c := range []struct{ text, name, version, want string }{
		{"", "b", "1.0.0", "[requires]\n\"b\" = \"1.0.0\"\n"},
		{"name = \"x\"", "b", "1.0.0", "name = \"x\"\n\n[requires]\n\"b\" = \"1.0.0\"\n"},
		{"[requires]\n\"a\" = \"1.0.0\"\n\"c\" = \"1.0.0\"\n", "b", "2.0.0",
			"[requires]\n\"a\" = \"1.0.0\"\n\"b\" = \"2.0.0\"\n\"c\" = \"1.0.0\"\n"},
		{"[requires] # ours\n# why\n\"b\" = \"1.0.0\" # old\n\n[other]\nb = 1\n", "b", "2.0.0",
			"[requires] # ours\n# why\n\"b\" = \"2.0.0\"\n\n[other]\nb = 1\n"},
		{"[requires]\n\"b\" = \"1.0.0\"\n[other]\nb = 1\n", "b", "", "[requires]\n[other]\nb = 1\n"},
		{"[requires]\n\"a\" = \"1.0.0\"", "b", "1.0.0", "[requires]\n\"a\" = \"1.0.0\"\n\"b\" = \"1.0.0\"\n"},
		{"x = 1\n", "b", "", "x = 1\n"},
	} {
		if got := string(require([]byte(c.text), c.name, c.version)); got != c.want {
			t.Errorf("%q with %s %s:\n%q, want\n%q", c.text, c.name, c.version, got, c.want)
		}
	}
}
