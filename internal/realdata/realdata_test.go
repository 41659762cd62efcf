package realdata

import (
	"os"
	"path/filepath"
	"testing"
)

// recorder is a test that notes how it was ended.
type recorder struct {
	testing.TB
	skipped, failed bool
}

func (r *recorder) Helper()               {}
func (r *recorder) Skipf(string, ...any)  { r.skipped = true }
func (r *recorder) Fatalf(string, ...any) { r.failed = true; panic(r) }

func TestDir(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "orders"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("THRU_REALDATA", dir)
	t.Setenv("THRU_REQUIRE_REALDATA", "")
	r := &recorder{TB: t}
	if got := Dir(r, "orders"); got != filepath.Join(dir, "orders") || r.skipped {
		t.Errorf("a data set that is there: %q, skipped %v", got, r.skipped)
	}
	if Dir(r, "visits"); !r.skipped {
		t.Error("a data set that is absent does not end the test")
	}
	t.Setenv("THRU_REQUIRE_REALDATA", "1")
	defer func() {
		if recover(); !r.failed {
			t.Error("a required data set that is absent does not fail the test")
		}
	}()
	Dir(r, "visits")
}
