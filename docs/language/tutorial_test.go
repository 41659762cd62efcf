package language_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/throughline/throughline/internal/golden"
)

// TestTutorial follows the tutorial and the pages of single commands step by step in each language,
// as a reader would: their files are written, their commands run, and what they answer is what the
// page shows. The fences say what a
// block is: `file` is written, `more` is put below, `swap` puts its second line in place of its
// first, `sh` is run, and `output` is what came of it.
func TestTutorial(t *testing.T) {
	thru := build(t)
	for _, chapter := range pagesToFollow() {
		for _, p := range named(t, chapter) {
			t.Run(chapter+"/"+p.lang, func(t *testing.T) { follow(t, p, thru) })
		}
	}
}

// TestPagesAnswerAlike: what a page shows as answers has the same codes in both languages, so that
// no mistake in one of them is taken for its answer.
func TestPagesAnswerAlike(t *testing.T) {
	code := regexp.MustCompile(`\bT0\d{3}\b`)
	for _, chapter := range pagesToFollow() {
		told := map[string]string{}
		for _, p := range named(t, chapter) {
			var all []string
			for _, b := range p.blocks {
				if b.marks[0] == "output" {
					all = append(all, code.FindAllString(b.text, -1)...)
				}
			}
			slices.Sort(all)
			told[p.lang] = strings.Join(slices.Compact(all), " ")
		}
		if told["en"] != told["zh"] {
			t.Errorf("%s answers with %q in English and %q in Chinese", chapter, told["en"], told["zh"])
		}
	}
}

// pagesToFollow are the pages whose commands are run.
func pagesToFollow() []string {
	return []string{"tutorial", "diagnostics", "tests", "diff", "backtest", "site"}
}

func build(t *testing.T) string {
	t.Helper()
	thru := filepath.Join(t.TempDir(), "thru")
	if out, err := exec.Command("go", "build", "-o", thru, "../../cmd/thru").CombinedOutput(); err != nil {
		t.Fatalf("build thru: %v\n%s", err, out)
	}
	return thru
}

func follow(t *testing.T, p page, thru string) {
	dir := t.TempDir()
	answer := ""
	text := read(t, p.file)
	for _, b := range p.blocks {
		kind, file := b.marks[0], ""
		if len(b.marks) > 1 {
			file = filepath.Join(dir, b.marks[1])
		}
		switch kind {
		case "file":
			write(t, file, b.text)
		case "more":
			write(t, file, read(t, file)+b.text)
		case "swap":
			old, with, _ := strings.Cut(strings.TrimSpace(b.text), "\n")
			if !strings.Contains(read(t, file), old) {
				t.Fatalf("%s:%d: %s does not have %q", p.file, b.line, b.marks[1], old)
			}
			write(t, file, strings.Replace(read(t, file), old, with, 1))
		case "sh":
			answer = run(t, dir, thru, p.lang, b.text)
		case "output":
			if b.text == answer {
				continue
			}
			if !golden.Update() {
				t.Errorf("%s:%d: the answer is\n%s", p.file, b.line, answer)
				continue
			}
			text = replaceBlock(text, b, answer)
		default:
			t.Errorf("%s:%d: a block of kind %q", p.file, b.line, kind)
		}
	}
	if golden.Update() {
		write(t, p.file, text)
	}
}

// replaceBlock puts an answer into the first block of output that still shows what b does; those
// before it show their own answers by then.
func replaceBlock(text string, b block, answer string) string {
	marks := regexp.MustCompile("(?ms)^```output\n(.*?)^```$")
	done := false
	return marks.ReplaceAllStringFunc(text, func(s string) string {
		if done || s != "```output\n"+b.text+"```" {
			return s
		}
		done = true
		return "```output\n" + answer + "```"
	})
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// run runs a command line of the tutorial and returns what it printed, errors last.
func run(t *testing.T, dir, thru, lang, line string) string {
	t.Helper()
	name, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
	if name != "thru" {
		t.Fatalf("the tutorial runs %q", name)
	}
	cmd := exec.Command(thru, arguments(rest)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=", "LANG="+map[string]string{"en": "en_GB.UTF-8",
		"zh": "zh_CN.UTF-8"}[lang])
	var out, problems strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &problems
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String() + problems.String()
}

// arguments splits a command line at blanks outside single quotes.
func arguments(line string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`'([^']*)'|\S+`).FindAllStringSubmatch(line, -1) {
		if m[1] != "" {
			out = append(out, m[1])
		} else {
			out = append(out, m[0])
		}
	}
	return out
}
