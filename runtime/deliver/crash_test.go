package deliver_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/throughline/throughline/runtime"
)

// TestNothingIsLostInACrash cuts a workspace off at random moments, as kill -9 would: what was in
// the file then goes on, with a cache that is older, newer or damaged. At the end every visit was
// told at least once, one that was told again under the same id, and nothing waits.
func TestNothingIsLostInACrash(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		file := func(n int) string { return filepath.Join(dir, fmt.Sprintf("%d.db", n)) }
		r := newRig(t, file(0), standard()...)
		answers := rand.New(rand.NewPCG(seed, 1)) // theirs alone: they come from other goroutines
		r.p.failing(func(string) int {
			if answers.IntN(4) == 0 {
				return []int{-1, 503, 429}[answers.IntN(3)]
			}
			return 0
		})
		r.p.mu.Lock()
		r.p.slow = 300 * time.Millisecond
		r.p.mu.Unlock()
		cache := filepath.Join(r.dir, "east.sent")
		crashes := 4
		if os.Getenv("THRU_FULL") != "" {
			crashes = 40
		}
		for n := 1; n <= crashes; n++ {
			for range 1 + random.IntN(4) {
				r.visit("hook")
				r.visit("sms")
				time.Sleep(time.Duration(random.IntN(3000)) * time.Millisecond)
			}
			f, err := os.Create(file(n))
			if err != nil {
				t.Fatal(err)
			}
			if err := r.w.Backup(f); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			old, _ := os.ReadFile(cache)
			r.close() // what it does after the copy is from a future that does not come
			switch random.IntN(4) {
			case 0:
				err = os.WriteFile(cache, old, 0o600)
			case 1:
				err = os.WriteFile(cache, []byte(`{"format":1,"state":{"seq":9`), 0o600)
			case 2:
				_ = os.Remove(cache) // there may be none
			}
			if err != nil {
				t.Fatal(err)
			}
			r.open(file(n))
			if n%10 == 0 { // fifty texts a day may go to one number; who waits longer is not told any more
				time.Sleep(24 * time.Hour)
			}
		}
		r.p.failing(nil)
		time.Sleep(3 * time.Hour)
		for _, name := range []string{"hook", "sms"} {
			if s := r.status(name); s.Waiting+s.Dead != 0 || s.Sent != uint64(r.visits/2) {
				t.Errorf("%s: %+v of %d visits", name, s, r.visits/2)
			}
		}
		told := map[string]bool{}
		for _, text := range append(r.p.taken("hook"), r.p.taken("sms")...) {
			told[text] = true
		}
		if len(told) != r.visits || len(r.p.ids) != r.visits {
			t.Errorf("%d visits, %d texts, %d ids", r.visits, len(told), len(r.p.ids))
		}
		before := r.status("hook")
		r.close()
		log, err := runtime.Open(file(crashes), runtime.Config{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := log.Verify(); err != nil {
			t.Error(err)
		}
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
		_ = os.Remove(cache)
		r.open(file(crashes))
		if after := r.status("hook"); after != before {
			t.Errorf("from the beginning of the log %+v, with a cache %+v", after, before)
		}
		r.close()
	})
}
