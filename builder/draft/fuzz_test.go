package draft

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzLog opens any file as a draft's log. It is refused, or it is a draft that somebody can go on
// with and that is the same when it is opened again.
func FuzzLog(f *testing.F) {
	const begun = `{"do":"begin","id":"x","base":"b","files":[{"name":"a.thru","text":"é\n"}]}` + "\n"
	span := func(off, end string) string {
		return `{"do":"do","by":"ann","edits":[{"Span":{"File":0,"Off":` + off + `,"End":` + end + `},"New":"y"}]}` + "\n"
	}
	for _, log := range []string{"", "{}\n", begun, begun + `{"do":"undo","by":"ann"}` + "\n", begun + span("0", "2"),
		begun + span("-1", "0"), begun + span("3", "1"), begun + span("1", "2147483647"),
		begun + span("0", "0") + `{"do":"undo","by":"ann"}` + "\n" + `{"do":"redo","by":"ann"}` + "\n{\"do",
		begun + begun + `{"do":"base","base":"c"}` + "\n"} {
		f.Add(log)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, log string) {
		file := filepath.Join(dir, "draft.log")
		if err := os.WriteFile(file, []byte(log), 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := openWith(file, begin, unsynced)
		if err != nil {
			return
		}
		if len(d.Files()) > 0 {
			if err := d.Do(Step{By: "bo", Name: "x", Edits: put(0, 0, "z")}); err != nil {
				t.Fatal(err)
			}
		}
		was, undo := d.Files(), d.Authors()
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		d = open(t, file)
		if diff := cmp.Diff(was, d.Files()) + cmp.Diff(undo, d.Authors()); diff != "" {
			t.Error(diff)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
