package files_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/files"
)

const visits = `entity Rep { name text? }
event Visit {
  rep    Rep
  photo  "照片" photo? personal for "proof" keep 30d
  fill papers = []
  papers list of file
  lines  list of { picture photo? }
  fill lines = []
  note   text?
}
`

// kit is a workspace with files beside it, at a moment that stands still.
type kit struct {
	*testing.T
	w   *runtime.Workspace
	s   *files.Store
	dir string
	now time.Time
	p   *policy.Policy
}

func newKit(t *testing.T) *kit {
	t.Helper()
	p, diags := dsl.Check([]source.File{{Name: "p.thru", Text: visits}}, policy.Settings{})
	if dsl.HasErrors(diags) {
		t.Fatal(diags)
	}
	k := &kit{T: t, p: p, dir: t.TempDir(),
		now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return k.now }
	var err error
	if k.w, err = runtime.Open(filepath.Join(k.dir, "east.db"),
		runtime.Config{Policy: p, Now: clock}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.w.Close() })
	k.s = files.Open(filepath.Join(k.dir, "east.files"), files.Options{Now: clock, Bytes: 1 << 20})
	return k
}

func (k *kit) put(data []byte, name, by string) *files.File {
	k.Helper()
	f, err := k.s.Put(bytes.NewReader(data), files.Sent{Name: name, By: by})
	if err != nil {
		k.Fatal(err)
	}
	return f
}

// fill is a record with what the server measured, and the fields whose files are not there.
func (k *kit) fill(line string) (string, []string) {
	k.Helper()
	x := k.s.Fill(files.Kinds(record.NewDecoder(k.p, time.UTC)), nil)
	defer x.Done()
	out, missing, err := x.Line([]byte(line))
	if err != nil {
		k.Fatal(err)
	}
	var keys []string
	for _, m := range missing {
		keys = append(keys, m.Key)
	}
	return string(out), keys
}

func (k *kit) submit(line string) uint64 {
	k.Helper()
	a, err := k.w.Submit(k.Context(), []byte(line))
	if err != nil {
		k.Fatal(err)
	}
	return a.Seq
}

func (k *kit) has(hash string) bool {
	k.Helper()
	_, err := k.s.File(hash)
	if err != nil && !errors.Is(err, files.ErrNone) {
		k.Fatal(err)
	}
	return err == nil
}

// picture is a JPEG that differs from others by n.
func picture(t testing.TB, n int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 80, 60))
	for i := range img.Pix {
		img.Set(i%80, i/80, color.Gray{uint8((i*7 + i/80*n*13) % 256)})
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestPut keeps bytes once however often they come, under no name that came from outside.
func TestPut(t *testing.T) {
	k := newKit(t)
	data := picture(t, 1)
	f := k.put(data, `..\..\/etc/passwd`, "li")
	again := k.put(data, "other.jpg", "wang")
	if f.Name != "passwd" || again.Name != "passwd" || fmt.Sprint(again.By) != "[li wang]" ||
		f.Type != "image/jpeg" || !f.Measured.Look.Known() {
		t.Errorf("%+v, then %+v", f, again)
	}
	var paths []string
	_ = filepath.WalkDir(k.dir, func(path string, d fs.DirEntry, _ error) error {
		if !d.IsDir() && !strings.HasSuffix(path, ".db") {
			paths = append(paths, strings.TrimPrefix(path, k.dir))
		}
		return nil
	})
	h := f.Measured.SHA256
	want := fmt.Sprintf("[/east.files/%s/%s /east.files/%[1]s/%[2]s.json]", h[:2], h)
	if fmt.Sprint(paths) != want {
		t.Errorf("%v, want %s", paths, want)
	}
	for _, c := range []struct {
		data []byte
		want error
	}{{nil, files.ErrEmpty}, {make([]byte, 1<<20+1), files.ErrTooLarge}} {
		if _, err := k.s.Put(bytes.NewReader(c.data), files.Sent{}); !errors.Is(err, c.want) {
			t.Errorf("%d bytes: %v", len(c.data), err)
		}
	}
	outside := *f // as if it were one of ours
	outside.Measured.SHA256, outside.Measured.Size = "./../evil", 1
	told, err := json.Marshal(outside)
	if err = errors.Join(err, os.WriteFile(filepath.Join(k.dir, "evil"), []byte("x"), 0o600),
		os.WriteFile(filepath.Join(k.dir, "evil.json"), told, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, hash := range []string{"", "x", "./../evil", "../" + h, h[:63] + "/", strings.ToUpper(h)} {
		if _, _, err := k.s.Read(hash); !errors.Is(err, files.ErrNone) {
			t.Errorf("%q: %v", hash, err)
		}
	}
}

// TestCalled shows that names from outside are told and nothing else.
func TestCalled(t *testing.T) {
	for in, want := range map[string]string{
		"a.jpg": "a.jpg", "../../a.jpg": "a.jpg", `C:\x\拜访.jpg`: "拜访.jpg", "..": "", "a\r\nb.jpg": "ab.jpg",
		"gpj.\u202Eexe": "gpj.exe", "\x00": "", "\xff.jpg": "jpg", "/": "",
		strings.Repeat("x", 300) + ".jpg": strings.Repeat("x", 116) + ".jpg"} {
		if got := files.Called(in); got != want {
			t.Errorf("%q is called %q, want %q", in, got, want)
		}
	}
}

// TestFill shows who has the last word on a file: the server, of those that it has.
func TestFill(t *testing.T) {
	k := newKit(t)
	h := k.put(picture(t, 1), "shelf.jpg", "li").Measured.SHA256
	none := strings.Repeat("0", 64)
	for _, c := range []struct{ name, in, has, missing string }{
		{"named by its hash", `{"type":"Visit","photo":{"sha256":"` + h + `"}}`,
			`"name":"shelf.jpg","size":`, ""},
		{"the server overrules what is claimed", `{"type":"Visit","照片":{"sha256":"` +
			strings.ToUpper(h) + `","size":1,"look":"ffffffffffffffff","taken":"2026-03-02T09:00:00Z"}}`,
			`"measured":"server"`, ""},
		{"a name of one's own", `{"type":"Visit","photo":{"sha256":"` + h + `","name":"a/b.jpg"}}`,
			`"name":"b.jpg"`, ""},
		{"in a list", `{"type":"Visit","papers":[{"sha256":"` + h + `"}]}`, `"size":`, ""},
		{"in a row", `{"type":"Visit","lines":[{"picture":{"sha256":"` + h + `"}}]}`,
			`"measured":"server"`, ""},
		{"its hash alone", `{"type":"Visit","photo":"` + h + `"}`, `"measured":"server"`, ""},
		{"one that is not there", `{"type":"Visit","photo":{"sha256":"` + none + `"}}`, none, "photo"},
		{"one that is not there, in a row", `{"type":"Visit","lines":[{"picture":{"sha256":"` + none +
			`","name":"x"}}]}`, none, "lines.picture"},
		{"the sender's word stays that", `{"type":"Visit","photo":{"sha256":"` + none +
			`","size":5,"measured":"server"}}`, `"measured":"sender"`, ""},
		{"nor is it believed when it is written oddly", `{"type":"Visit","photo":{"sha256":"` + none +
			`","size":5,"m\u0065asured":"server"}}`, `"measured":"sender"`, ""},
		{"another field is left alone", `{"type":"Visit","note":"` + h + `"}`, `"note":"` + h + `"}`, ""},
		{"what is no record", `{"type":"Visit","photo":`, `{"type":"Visit","photo":`, ""},
	} {
		out, missing := k.fill(c.in)
		if !strings.Contains(out, c.has) || strings.Join(missing, " ") != c.missing ||
			strings.Contains(out, "ffffffff") {
			t.Errorf("%s:\n%s\n%v", c.name, out, missing)
		}
		if !files.Tells([]byte(c.in)) && out != c.in {
			t.Errorf("%s: it does not seem to tell of a file", c.name)
		}
	}
}

// TestSweep deletes what no record names after a week, and nothing else.
func TestSweep(t *testing.T) {
	k := newKit(t)
	named := k.put(picture(t, 1), "a.jpg", "").Measured.SHA256
	stray := k.put(picture(t, 2), "b.jpg", "").Measured.SHA256
	held := k.put(picture(t, 3), "c.jpg", "").Measured.SHA256
	k.submit(`{"type":"Visit","id":"v1","rep":"li","photo":{"sha256":"` + named + `","size":5}}`)
	x := k.s.Fill(files.Kinds(record.NewDecoder(k.p, time.UTC)), nil)
	if _, _, err := x.Line([]byte(`{"type":"Visit","photo":{"sha256":"` + held + `"}}`)); err != nil {
		t.Fatal(err)
	}
	sweep := func(want int) {
		t.Helper()
		if n, err := k.s.Sweep(k.w); n != want || err != nil {
			t.Errorf("%d deleted, want %d: %v", n, want, err)
		}
	}
	sweep(0)
	k.now = k.now.Add(files.Unnamed + time.Hour)
	sweep(1)
	if k.has(stray) || !k.has(named) || !k.has(held) {
		t.Error("the wrong one was deleted")
	}
	x.Done()
	sweep(1)
	if k.has(held) {
		t.Error("what was being named, and then was not, is still there")
	}
	f, err := k.s.File(named)
	if err != nil || fmt.Sprint(f.Refs) != "[{2 Visit/v1 photo}]" {
		t.Errorf("%+v: %v", f, err)
	}
}

// TestErased takes a file away with the personal data of which it is the bytes.
func TestErased(t *testing.T) {
	k := newKit(t)
	h := k.put(picture(t, 1), "a.jpg", "").Measured.SHA256
	both := k.put(picture(t, 2), "b.jpg", "").Measured.SHA256
	photo := func(id, rep, hash string) {
		k.submit(`{"type":"Visit","id":"` + id + `","rep":"` + rep + `","photo":{"sha256":"` + hash + `"}}`)
	}
	photo("v1", "li", h)
	photo("v2", "li", both)
	photo("v3", "wang", both)
	if err := k.s.Follow(k.w); err != nil {
		t.Fatal(err)
	}
	erase := func(who string) {
		t.Helper()
		if _, err := k.w.Erase(t.Context(), runtime.Erasure{Record: "Rep/" + who}); err != nil {
			t.Fatal(err)
		}
		if err := k.s.Follow(k.w); err != nil {
			t.Fatal(err)
		}
	}
	erase("li")
	if k.has(h) || !k.has(both) {
		t.Error("what only li's records named is to go, what wang's name to stay")
	}
	erase("wang")
	if k.has(both) {
		t.Error("it is still there")
	}
	list, err := os.ReadDir(filepath.Join(k.dir, "east.files", h[:2]))
	if err != nil || len(list) > 0 {
		t.Errorf("%v: %v", list, err)
	}
}

// TestErasedWhileNobodyLooked finds an erasure of before the process began.
func TestErasedWhileNobodyLooked(t *testing.T) {
	k := newKit(t)
	h := k.put(picture(t, 1), "a.jpg", "").Measured.SHA256
	k.submit(`{"type":"Visit","id":"v1","rep":"li","photo":{"sha256":"` + h + `"}}`)
	if err := k.s.Follow(k.w); err != nil {
		t.Fatal(err)
	}
	if _, err := k.w.Erase(t.Context(), runtime.Erasure{Record: "Rep/li"}); err != nil {
		t.Fatal(err)
	}
	k.s = files.Open(filepath.Join(k.dir, "east.files"), files.Options{})
	if err := k.s.Follow(k.w); err != nil || k.has(h) {
		t.Errorf("still there, or %v", err)
	}
}

// TestCrash leaves what a process leaves that ends in the middle of keeping a file.
func TestCrash(t *testing.T) {
	k := newKit(t)
	f := k.put(picture(t, 1), "a.jpg", "")
	lost := k.put(picture(t, 2), "b.jpg", "")
	at := func(f *files.File) string {
		h := f.Measured.SHA256
		return filepath.Join(k.dir, "east.files", h[:2], h)
	}
	k.submit(`{"type":"Visit","id":"v1","rep":"li","photo":{"sha256":"` + lost.Measured.SHA256 + `"}}`)
	for _, name := range []string{at(f) + ".json", at(lost) + ".json"} {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	if k.has(f.Measured.SHA256) {
		t.Error("a file whose sender was not answered is there")
	}
	half := filepath.Join(k.dir, "east.files", "new-123")
	if err := os.WriteFile(half, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := k.now.Add(-48 * time.Hour)
	if err := os.Chtimes(half, old, old); err != nil {
		t.Fatal(err)
	}
	if n, err := k.s.Sweep(k.w); n != 1 || err != nil {
		t.Errorf("%d deleted: %v", n, err)
	}
	if _, err := os.Stat(half); err == nil {
		t.Error("half a file is still there")
	}
	if !k.has(lost.Measured.SHA256) {
		t.Error("a file that a record names was not found again")
	}
}

// TestCheck finds what is missing or was changed.
func TestCheck(t *testing.T) {
	k := newKit(t)
	var at []string
	for n := range 4 {
		h := k.put(picture(t, n), "a.jpg", "").Measured.SHA256
		at = append(at, filepath.Join(k.dir, "east.files", h[:2], h))
	}
	c, err := k.s.Check(true)
	if err != nil || c.Files != 4 || c.Err() != nil {
		t.Fatalf("%+v: %v", c, err)
	}
	b, err := os.ReadFile(at[1])
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := errors.Join(os.Remove(at[0]), os.WriteFile(at[1], b, 0o600),
		os.WriteFile(at[2]+".json", []byte("{"), 0o600)); err != nil {
		t.Fatal(err)
	}
	c, err = k.s.Check(true)
	got := map[string]string{}
	for _, w := range c.Wrong {
		got[w.Hash] = w.What
	}
	for i, want := range []string{files.Missing, files.Changed, files.Unclear, ""} {
		if got[filepath.Base(at[i])] != want {
			t.Errorf("%d is %q, want %q", i, got[filepath.Base(at[i])], want)
		}
	}
	if err != nil || c.Err() == nil {
		t.Error(c.Err(), err)
	}
}

// TestCopy makes the same files beside another database, and refuses archives of another kind.
func TestCopy(t *testing.T) {
	k := newKit(t)
	for n := range 3 {
		k.put(picture(t, n), "a.jpg", "")
	}
	to := filepath.Join(t.TempDir(), "copy.db")
	if n, err := files.Copy(filepath.Join(k.dir, "east.db"), to); n != 3 || err != nil {
		t.Fatal(n, err)
	}
	other := files.Open(files.Beside(to), files.Options{})
	if c, err := other.Check(true); err != nil || c.Files != 3 || c.Err() != nil {
		t.Errorf("%+v: %v", c, err)
	}
	if n, err := files.Copy(filepath.Join(k.dir, "east.db"), to); err == nil {
		t.Errorf("%d files over others", n)
	}
}

// FuzzUnpack gives any bytes for an archive: nothing is written outside the folder, and what is
// taken is what its hash says.
func FuzzUnpack(f *testing.F) {
	s := files.Open(f.TempDir(), files.Options{})
	if _, err := s.Put(strings.NewReader("text"), files.Sent{Name: "a.txt"}); err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if err := s.Pack(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(bytes.ReplaceAll(b.Bytes(), []byte(".json"), []byte("/../x")))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		to := files.Open(filepath.Join(dir, "in", "x.files"), files.Options{})
		_, _ = to.Unpack(bytes.NewReader(data)) // most are no archives
		if list, _ := os.ReadDir(dir); len(list) > 1 {
			t.Fatal("something was written outside")
		}
		if c, err := to.Check(true); err != nil || c.Err() != nil {
			t.Fatal(c.Err(), err)
		}
	})
}
