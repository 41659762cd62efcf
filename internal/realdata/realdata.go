// Package realdata finds the real data sets that tests compare with. They are not part of the
// repository, because their licences differ: $THRU_REALDATA names their folder, and without it
// the folder shared/data beside the repository is looked at.
package realdata

import (
	"os"
	"path/filepath"
	"testing"
)

// Dir returns the folder of a data set. Where it is absent the test ends there, saying so, and
// fails if THRU_REQUIRE_REALDATA is 1, as it is wherever a release is made.
func Dir(t testing.TB, set string) string {
	t.Helper()
	dir := filepath.Join(root(t), set)
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return dir
	}
	if os.Getenv("THRU_REQUIRE_REALDATA") == "1" {
		t.Fatalf("real data set %s is required and is not at %s", set, dir)
	}
	t.Skipf("NOT COMPARED WITH REAL DATA: no set %s at %s (THRU_REALDATA names its parent)",
		set, dir)
	return ""
}

// root is the folder that holds the data sets.
func root(t testing.TB) string {
	if dir := os.Getenv("THRU_REALDATA"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(filepath.Dir(dir), "shared", "data")
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("the tests do not run inside the module")
		}
		dir = filepath.Dir(dir)
	}
}
