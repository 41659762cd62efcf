package dsl_test

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
)

// large is a policy of at least 100 KB of unlike lines. edit is put into one of them.
func large(edit int) []source.File {
	var b strings.Builder
	b.WriteString("import sales.*\nextend Opportunity { region text? }\n")
	for i := 0; b.Len() < 100_000; i++ {
		limit := i + 1
		if i == 50 {
			limit = 1_000_000 + edit
		}
		fmt.Fprintf(&b, `entity Kind%[1]d "类%[1]d" {
  name   text
  owner  Rep
  amount money?
  step   a%[1]d "甲" | b%[1]d "乙"
  heat%[1]d number = if amount > %[2]d then 1 else clamp(count(Fact%[1]d in %[3]dd) / 5, 0, 1)
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
`, i, limit, i%90+1)
	}
	return []source.File{{Name: "a.thru", Text: b.String()}}
}

// TestLarge keeps the benchmark honest: what it checks has no mistakes.
func TestLarge(t *testing.T) {
	files := large(0)
	p, diags := dsl.Check(files, policy.Settings{})
	for _, d := range diags {
		t.Fatal(source.Text(p.Files, d, "en"))
	}
	if len(files[0].Text) < 100_000 || len(p.Rules) < 90 || len(p.Aggregates) < 200 {
		t.Errorf("%d bytes, %d rules, %d aggregates", len(files[0].Text), len(p.Rules), len(p.Aggregates))
	}
}

// TestDiagnoseTellsWhatCheckTells holds the short way to the long one, over texts with mistakes.
func TestDiagnoseTellsWhatCheckTells(t *testing.T) {
	text := large(0)[0].Text
	var k dsl.Checker
	for i, wrong := range []string{"", "amont", "count(Fact1 in", "}", "\"", "100%", "Rep("} {
		files := []source.File{{Name: "a.thru", Text: text[:9000+i*700] + wrong + text[9000+i*700:]}}
		p, want := dsl.Check(files, policy.Settings{})
		told, got := k.Diagnose(files, policy.Settings{})
		if diff := cmp.Diff(want, got); diff != "" || !cmp.Equal(p.Files, told) {
			t.Errorf("%q: %s", wrong, diff)
		}
	}
}

// BenchmarkCheck is parse and check of a 100 KB policy after one line was edited, the same without a
// policy to run, and parse and check by a checker that sees the text for the first time.
func BenchmarkCheck(b *testing.B) {
	texts := make([][]source.File, 64)
	for i := range texts {
		texts[i] = large(i)
	}
	again := func(check func(*dsl.Checker, []source.File)) func(*testing.B) {
		return func(b *testing.B) {
			var k dsl.Checker
			check(&k, texts[0])
			b.SetBytes(int64(len(texts[0][0].Text)))
			b.ReportAllocs()
			defer cpu(b)()
			for i := 1; b.Loop(); i++ {
				check(&k, texts[i%64])
			}
		}
	}
	b.Run("edited", again(func(k *dsl.Checker, files []source.File) {
		k.Check(files, policy.Settings{})
	}))
	b.Run("diagnosed", again(func(k *dsl.Checker, files []source.File) {
		k.Diagnose(files, policy.Settings{})
	}))
	b.Run("first", again(func(_ *dsl.Checker, files []source.File) {
		dsl.Check(files, policy.Settings{})
	}))
}

// cpu reports the process's own CPU time an operation, which other work on the machine moves less
// than the time on the wall.
func cpu(b *testing.B) func() {
	from := cpuTime(b)
	return func() { b.ReportMetric(float64(cpuTime(b)-from)/float64(b.N), "cpu-ns/op") }
}

func cpuTime(b *testing.B) int64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return r.Utime.Nano() + r.Stime.Nano()
}
