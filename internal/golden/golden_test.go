package golden

import (
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// upper is the function under test of the sample archives: it knows one input and two outputs.
func upper(t *testing.T, c *Case) Outputs {
	in := c.Input(t, "in")
	return Outputs{"upper": strings.ToUpper(in), "length": strings.Repeat("x", len(in))}
}

func TestArchivesOfAFolder(t *testing.T) {
	var sentences []string
	Run(t, "testdata", func(t *testing.T, c *Case) Outputs {
		sentences = append(sentences, c.Sentence)
		return upper(t, c)
	})
	if len(sentences) != 2 || sentences[1] != "An output that is left out is not checked." {
		t.Errorf("sentences: %q", sentences)
	}
}

const head = "What is put in comes out in capitals.\n"

func TestCompare(t *testing.T) {
	for _, c := range []struct{ name, archive, want string }{
		{"equal", "-- in --\na\n-- upper --\nA\n", ""},
		{"different", "-- in --\na\n-- upper --\nB\n", "upper differs"},
		{"the final newline is added", "-- in --\nab\n-- length --\nxxx\n", ""},
		{"misspelt section", "-- in --\na\n-- uper --\nA\n", "section uper is neither"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k, err := parse("x", []byte(head+c.archive))
			if err != nil {
				t.Fatal(err)
			}
			var told []string
			for _, e := range k.compare(upper(t, k), false) {
				told = append(told, e.Error())
			}
			all := strings.Join(told, "\n")
			if (c.want == "") != (all == "") || !strings.Contains(all, c.want) {
				t.Errorf("told %q, want %q", all, c.want)
			}
		})
	}
}

func TestUpdateWritesOnlyTheOutputsThatAreThere(t *testing.T) {
	const before = head + "-- upper --\n-- in --\na\n-- note --\nkept\n"
	c, err := parse("x", []byte(before))
	if err != nil {
		t.Fatal(err)
	}
	c.Section("note")
	if errs := c.compare(upper(t, c), true); len(errs) != 0 {
		t.Fatal(errs)
	}
	const want = head + "-- upper --\nA\n-- in --\na\n-- note --\nkept\n"
	if got := string(txtar.Format(c.archive)); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestAnOutputThatLooksLikeAHeadIsRefused(t *testing.T) {
	c, err := parse("x", []byte(head+"-- upper --\n"))
	if err != nil {
		t.Fatal(err)
	}
	if errs := c.compare(Outputs{"upper": "-- a --\n"}, true); len(errs) != 1 {
		t.Errorf("told %v", errs)
	}
}

func TestAnArchiveSaysWhatItIsAbout(t *testing.T) {
	for text, ok := range map[string]bool{
		"# A visit counts once a day.\n": true,
		"同一天的两次拜访只计入一次指标。\n":             true,
		"visits\n":                    false,
		"no full stop in this line\n": false,
		"-- in --\na\n":               false,
		"A section stands here twice.\n-- in --\n-- in --\n": false,
	} {
		if _, err := parse("x", []byte(text)); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}
