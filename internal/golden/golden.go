// Package golden runs a test over a folder of txtar archives whose sections hold what is put in
// and what must come out.
//
// An archive opens with one sentence that says what must hold. Of the sections below it some are
// inputs, which the test reads, and some are outputs, which the test produces. An output that the
// archive leaves out is not checked; a section that is neither read nor produced fails, because a
// misspelt name would otherwise check nothing.
//
// "go test ./some/package -update" rewrites the outputs. Over many packages, some of which know no
// such flag, THRU_UPDATE=1 does the same.
package golden

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/txtar"
)

// The flag is registered here, once, so that every golden test of a binary shares it.
var update = flag.Bool("update", false, "rewrite the expected output of golden tests")

// Update reports whether expected outputs are to be rewritten instead of compared. Tests that keep
// their expectations elsewhere (testscript) ask it too.
func Update() bool { return *update || os.Getenv("THRU_UPDATE") == "1" }

// Outputs are what a case produced, by the name of the section that holds the expectation.
type Outputs map[string]string

// A Case is one archive.
type Case struct {
	Name     string // of the file, without its ending
	Sentence string // what must hold: the archive's first line

	archive *txtar.Archive
	read    map[string]bool
}

// Run runs f as a subtest for every archive of dir and compares what f returns with the sections of
// the same names. A folder without archives fails: it would be a test that cannot.
func Run(t *testing.T, dir string, f func(t *testing.T, c *Case) Outputs) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives in %s (%v)", dir, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) { runFile(t, file, name, f) })
	}
}

func runFile(t *testing.T, file, name string, f func(*testing.T, *Case) Outputs) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := parse(name, data)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	out := f(t, c)
	if t.Failed() {
		return // what a failed case produced must not become the expectation
	}
	for _, e := range c.compare(out, Update()) {
		t.Errorf("%s: %v", file, e)
	}
	if fresh := txtar.Format(c.archive); Update() && !t.Failed() && !bytes.Equal(fresh, data) {
		if err := os.WriteFile(file, fresh, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func parse(name string, data []byte) (*Case, error) {
	a := txtar.Parse(data)
	first, _, _ := strings.Cut(string(a.Comment), "\n")
	c := &Case{
		Name: name, archive: a, read: map[string]bool{},
		Sentence: strings.TrimSpace(strings.TrimLeft(first, "# ")),
	}
	// Twelve runes are three short words in English and a short sentence in Chinese.
	if end, n := utf8.DecodeLastRuneInString(c.Sentence); utf8.RuneCountInString(c.Sentence) < 12 ||
		n == 0 || !strings.ContainsRune(".。", end) {
		return nil, errors.New("the first line must be a sentence that says what must hold")
	}
	seen := map[string]bool{}
	for _, f := range a.Files {
		if seen[f.Name] {
			return nil, fmt.Errorf("section %s stands twice", f.Name)
		}
		seen[f.Name] = true
	}
	return c, nil
}

// Section is the text of an input and whether the archive has it.
func (c *Case) Section(name string) (string, bool) {
	c.read[name] = true
	for _, f := range c.archive.Files {
		if f.Name == name {
			return string(f.Data), true
		}
	}
	return "", false
}

// Input is the text of an input that the case cannot do without.
func (c *Case) Input(t *testing.T, name string) string {
	t.Helper()
	text, ok := c.Section(name)
	if !ok {
		t.Fatalf("section %s is missing", name)
	}
	return text
}

// Names are all section names of the archive, in its order, for cases that carry several files.
func (c *Case) Names() []string {
	names := make([]string, len(c.archive.Files))
	for i, f := range c.archive.Files {
		names[i] = f.Name
	}
	return names
}

// compare holds the outputs against the archive's sections, or with update writes them into it.
func (c *Case) compare(out Outputs, update bool) []error {
	var errs []error
	for i := range c.archive.Files {
		f := &c.archive.Files[i]
		text, produced := out[f.Name]
		got := []byte(text)
		if len(got) > 0 && got[len(got)-1] != '\n' {
			got = append(got, '\n') // an archive cannot hold a section without it
		}
		switch {
		case !produced && !c.read[f.Name]:
			errs = append(errs, fmt.Errorf("section %s is neither read nor produced", f.Name))
		case !produced || bytes.Equal(got, f.Data):
		case txtar.NeedsQuote(got):
			errs = append(errs, fmt.Errorf("output %s holds a line like a section's head", f.Name))
		case update:
			f.Data = got
		default:
			errs = append(errs, fmt.Errorf("%s differs; -update accepts it\n%s", f.Name,
				diff.Diff("want", f.Data, "got", got)))
		}
	}
	return errs
}
