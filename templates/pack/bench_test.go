package pack_test

import (
	"context"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/templates/pack"
)

const imported = "fmcg.listing"

// large is a workspace of at least 100 KB of unlike lines.
func large() fstest.MapFS {
	var b strings.Builder
	b.WriteString("package acme\n\nimport sales.*\n")
	for i := 0; b.Len() < 100_000; i++ {
		fmt.Fprintf(&b, `
entity Kind%[1]d "类%[1]d" {
  name   text
  owner  Rep
  amount money?
  step   a%[1]d "甲" | b%[1]d "乙"
}

event Fact%[1]d { of Kind%[1]d; rep Rep; n int?; paid bool? }

score Score%[1]d of Kind%[1]d {
  size  60%% = scale(amount, 0, %[2]d)
  visit 40%% = count(Fact%[1]d in 7d where paid) / 5 else skip
}

rule Rule%[1]d "规则%[1]d" on Kind%[1]d {
  when amount >= %[2]d and step == a%[1]d and Score%[1]d > 50
  do   { notify owner.manager "大 {name}: {amount}"; set step = b%[1]d }
}

alert Alert%[1]d of Rep {
  check each workday
  when  count(Fact%[1]d in 7d) < %[3]d and avg(Fact%[1]d.n in this month) > 2
  for   3 in a row
  do    { task "辅导 {name}" for manager due 2wd }
}
`, i, i+1, i%90+1)
	}
	return tree("thru.toml", "name = \"acme\"\n", "a.thru", b.String())
}

// importing adds a package of the library to a workspace and checks it with an import and a use.
func importing(t testing.TB, k *dsl.Checker, in fs.FS) *policy.Policy {
	s, err := pack.Library()
	if err != nil {
		t.Fatal(err)
	}
	id, err := pack.Latest(context.Background(), s, imported)
	if err != nil {
		t.Fatal(err)
	}
	c, err := pack.Prepare(context.Background(), in, s, pack.Want{id.Name: id.Version})
	if err != nil {
		t.Fatal(err)
	}
	use := "package acme\n\nimport " + imported + "\n\nuse listing.FirstPitch as Pitch\n"
	p, diags, err := k.Load(pack.With(c.Preview(in), "use.thru", []byte(use)), ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range diags {
		if d.Code.Severity() == source.Error {
			t.Fatal(source.Text(p.Files, d, "en"))
		}
	}
	return p
}

// What the benchmark does succeeds, and is about a policy as large as it says.
func TestImporting(t *testing.T) {
	in := large()
	if n := len(in["a.thru"].Data); n < 100_000 {
		t.Errorf("the policy has %d bytes", n)
	}
	p := importing(t, new(dsl.Checker), in)
	if len(p.Actions) != 1 || p.Actions[0].Name != "Pitch" || len(p.Rules) < 90 {
		t.Errorf("there are %d actions and %d rules", len(p.Actions), len(p.Rules))
	}
}

// BenchmarkImport adds a package of the library to a policy of 100 KB and checks and proves all of
// it: by a checker that has checked the policy before, as in an editor, and by one that has not, as
// in thru add.
func BenchmarkImport(b *testing.B) {
	in := large()
	b.Run("known", func(b *testing.B) {
		spent := int64(0)
		for b.Loop() {
			b.StopTimer()
			var k dsl.Checker
			if _, _, err := k.Load(in, "."); err != nil {
				b.Fatal(err)
			}
			runtime.GC() // of that check's garbage
			from := cpuTime(b)
			b.StartTimer()
			importing(b, &k, in)
			spent += cpuTime(b) - from
		}
		b.ReportMetric(float64(spent)/float64(b.N), "cpu-ns/op")
	})
	b.Run("first", func(b *testing.B) {
		from := cpuTime(b)
		for b.Loop() {
			importing(b, new(dsl.Checker), in)
		}
		b.ReportMetric(float64(cpuTime(b)-from)/float64(b.N), "cpu-ns/op")
	})
}

// cpuTime is the process's own, which other work on the machine moves less than the time on the wall.
func cpuTime(b *testing.B) int64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return r.Utime.Nano() + r.Stime.Nano()
}
