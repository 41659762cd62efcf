package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
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
	if len(named[0]) < 30 || strings.Join(named[0], "\n") != strings.Join(named[1], "\n") {
		t.Errorf("%d and %d tests are named, not the same", len(named[0]), len(named[1]))
	}
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
