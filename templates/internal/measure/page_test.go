package measure

import (
	"os"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/golden"
)

// The page about the library says what is so, and everything of the sample was read and passes.
// With -update the generated parts are written anew.
func TestPage(t *testing.T) {
	l, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	all, err := Judgements()
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range l.Unread(all) {
		t.Error(x)
	}
	for lang, name := range map[string]string{"en": "templates.md", "zh": "templates.zh-CN.md"} {
		file := "../../../docs/" + name
		page, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := l.Fill(string(page), lang, all)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if want == string(page) {
			continue
		}
		if !golden.Update() {
			t.Errorf("%s is not current: go test ./templates/internal/measure -run Page -update", file)
		} else if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// A judgement counts for what is in the sample, is wanted for all of it, and must pass.
func TestUnread(t *testing.T) {
	l := &Library{Templates: []Template{{Package: "a.p", Name: "X"}, {Package: "a.p", Name: "Y"}}}
	marks := func(s string) (out []int) {
		for _, m := range s {
			out = append(out, int(m-'0'))
		}
		return out
	}
	got := strings.Join(l.Unread([]Judgement{
		{Name: "a.p.Y", Marks: marks("2222222222")},
		{Name: "a.p.Z", Marks: marks("2222221111")},
		{Name: "a.p.Y", Marks: marks("2220222222")},
		{Name: "a.p.Y", Marks: marks("2222211110")},
	}), "\n")
	want := "a.p.X is of the sample and was not read\n" +
		"a.p.Z was read and is not of the sample\n" +
		"a.p.Y does not pass: [2 2 2 0 2 2 2 2 2 2]\n" +
		"a.p.Y does not pass: [2 2 2 2 2 1 1 1 1 0]"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Lines that are no judgement are refused with what they should be.
func TestFillNeedsItsMarks(t *testing.T) {
	if _, err := (&Library{}).Fill("# A page\n", "en", nil); err == nil {
		t.Error("a page without the marks was filled")
	}
}
