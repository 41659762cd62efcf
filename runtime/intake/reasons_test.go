package intake_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/intake"
)

// back is the sheet that goes back to somebody, without the columns that came.
func (k *kit) back(id, lang string) string {
	k.Helper()
	b, err := k.desk.Returned(k.Context(), "east", id, intake.Form{Ext: ".csv", Lang: lang})
	if err != nil {
		k.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(strings.TrimPrefix(string(b), "\ufeff")) {
		cells := strings.SplitN(strings.TrimSpace(line), ",", 5)
		out = append(out, cells[len(cells)-1])
	}
	return strings.Join(out, "\n")
}

// rows is the file of what became of rows.
func (k *kit) rows(id string) string {
	return filepath.Join(k.dir, "workspaces", "east.imports", id, "rows.ndjson")
}

const (
	reasonEn = "Reason\n\"渠道: “百货” came, one of 连锁, 社区 was expected\""
	reasonZh = "原因\n渠道：收到“百货”，应为连锁、社区之一"
)

// TestReasonsInTheReadersLanguage: a table that somebody sent in Chinese tells its reasons to each
// reader in their own language, before it begins and after; who asks for none gets the sender's.
func TestReasonsInTheReadersLanguage(t *testing.T) {
	k := newKit(t)
	x := k.take("门店.csv", stores, "")
	for _, lang := range []string{"en", "zh"} {
		again, err := k.desk.Again(t.Context(), "east", x.Job.ID, intake.Table{Mapping: x.Job.Mapping, Lang: lang})
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"en": "was expected", "zh": "应为"}[lang]
		if got := again.Report.Problems[0].Examples[0].Text; !strings.Contains(got, want) {
			t.Errorf("the trial in %s: %s", lang, got)
		}
	}
	tells := func(when string) {
		t.Helper()
		for lang, want := range map[string]string{"en": reasonEn, "zh": reasonZh, "": reasonZh} {
			if got := k.back(x.Job.ID, lang); got != want {
				t.Errorf("%s, %q:\n%s\nwant\n%s", when, lang, got, want)
			}
		}
	}
	tells("before it begins")
	k.run(x.Job.ID)
	tells("after it")
	b, err := os.ReadFile(k.rows(x.Job.ID))
	if err != nil || bytes.Contains(b, []byte("why")) || bytes.Contains(b, []byte("百货")) {
		t.Errorf("a sentence is kept: %s %v", b, err)
	}
}

// TestReasonsOfAnOlderVersion: what was kept as a sentence is told as it is where the log does not
// say it better.
func TestReasonsOfAnOlderVersion(t *testing.T) {
	k := newKit(t)
	x := k.take("门店.csv", stores, "")
	k.run(x.Job.ID)
	b, err := os.ReadFile(k.rows(x.Job.ID))
	if err != nil {
		t.Fatal(err)
	}
	b = bytes.Replace(b, []byte(`"outcome":"rejected"`), []byte(`"outcome":"rejected","why":"旧的原因"`), 1)
	b = bytes.Replace(b, []byte(`"outcome":"accepted"`), []byte(`"outcome":"refused","missing":"a.jpg"`), 1)
	b = bytes.Replace(b, []byte(`"outcome":"accepted"`),
		[]byte(`"outcome":"refused","why":"文件不在服务器上：b.jpg"`), 1)
	if err := os.WriteFile(k.rows(x.Job.ID), b, 0o600); err != nil {
		t.Fatal(err)
	}
	want := strings.Replace(reasonEn, "\n", "\na file that is not here: a.jpg\n文件不在服务器上：b.jpg\n", 1)
	if got := k.back(x.Job.ID, "en"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	old := intake.Job{Why: "没有列“n”"}
	if old.WhyIn("en") != old.Why || old.WhyIn("zh") != old.Why {
		t.Error("why an older version said that an import failed is not told")
	}
}

// TestReasonsThatWereErased: a reason repeats what a cell said, and goes with what is erased.
func TestReasonsThatWereErased(t *testing.T) {
	k := newKit(t)
	x := k.take("门店.csv", stores, "")
	k.run(x.Job.ID)
	k.workspace(func(w *runtime.Workspace) {
		out, err := w.Erase(t.Context(), runtime.Erasure{Record: "Store/s3", Whole: true, By: "ada", Why: "asked"})
		if err != nil || out.Entries != 1 {
			t.Fatalf("%+v %v", out, err)
		}
	})
	if got := k.back(x.Job.ID, "en"); got != "Reason\nwhat stood here was erased" {
		t.Error(got)
	}
}
