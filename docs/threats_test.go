package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestThreatsAreHeldByTestsThatExist finds every test that the table of threats names, in the
// package that stands before it, in both languages alike.
func TestThreatsAreHeldByTestsThatExist(t *testing.T) {
	cell := regexp.MustCompile("`([a-z/]+)`|((?:Test|Fuzz)\\w+)|([a-z-]+\\.txtar)")
	var named [2][]string
	for i, file := range []string{"threats.md", "threats.zh-CN.md"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(b)) {
			if !strings.HasPrefix(line, "| ") || !strings.Contains(line, "`") {
				continue
			}
			dir, texts := "", ""
			for _, m := range cell.FindAllStringSubmatch(line, -1) {
				switch {
				case m[1] != "":
					dir, texts = m[1], testsIn(t, m[1])
				case m[2] != "":
					named[i] = append(named[i], dir+" "+m[2])
					if dir == "" || !strings.Contains(texts, "func "+m[2]+"(") {
						t.Errorf("%s: %s has no %s", file, dir, m[2])
					}
				default:
					named[i] = append(named[i], dir+" "+m[3])
					if _, err := os.Stat(filepath.Join("..", dir, "testdata", "script", m[3])); err != nil {
						t.Errorf("%s: %v", file, err)
					}
				}
			}
		}
	}
	for _, fuzz := range fuzzTargets(t) {
		if !slices.Contains(named[0], fuzz) {
			t.Errorf("threats.md does not say what is fuzzed by %s", fuzz)
		}
	}
	if len(named[0]) < 30 || strings.Join(named[0], "\n") != strings.Join(named[1], "\n") {
		t.Errorf("%d and %d tests are named, not the same", len(named[0]), len(named[1]))
	}
}

// fuzzTargets are all that there are, each after its package.
func fuzzTargets(t *testing.T) (all []string) {
	t.Helper()
	target := regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "node_modules" {
			return fs.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range target.FindAllSubmatch(b, -1) {
			dir := strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), "../")
			all = append(all, dir+" "+string(m[1]))
		}
		return err
	})
	if err != nil || len(all) < 30 {
		t.Fatalf("%d targets: %v", len(all), err)
	}
	return all
}

// testsIn is the text of a package's tests; "": there is no such folder.
func testsIn(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(dir), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	return all.String()
}
