package media

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl/value"
)

// photoKinds is a Visit with a photo, a list of files, a recording and a note.
func photoKinds(typ, key string) value.Kind {
	if typ != "Visit" {
		return value.Missing
	}
	return map[string]value.Kind{"photo": value.Photo, "照片": value.Photo, "papers": value.File,
		"talk": value.Audio, "note": value.Text}[key]
}

func folder(t *testing.T) (*Folder, map[string]Result) {
	t.Helper()
	dir := t.TempDir()
	known := map[string]Result{}
	for name, data := range map[string][]byte{
		"a.jpg": withExif(encode(t, scene(80, 60), 80), tiff(map[uint16][]entry{
			0: {ascii(0x110, "LYA-AL00")},
			0x8825: {ascii(1, "N"), ratios(2, 31, 1, 12, 1, 0, 1), ascii(3, "E"),
				ratios(4, 121, 1, 30, 1, 0, 1)}})),
		"quote.txt": []byte("quotation"), "talk.wav": wav(16000, 32000, 48000),
		"large.bin": make([]byte, 300_000),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		known[name] = measure(t, data)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(dir), "secret.txt"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../secret.txt", filepath.Join(dir, "out.txt")); err != nil {
		t.Log(err) // not every machine can
	}
	f, err := Open(dir, Options{Bytes: 200_000})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, known
}

func TestFill(t *testing.T) {
	_, known := folder(t)
	a, text, talk := known["a.jpg"], known["quote.txt"], known["talk.wav"]
	photo := func(name string) string {
		return fmt.Sprintf(`{"sha256":%q%s,"size":%d,"device":"LYA-AL00","look":"%016x",`+
			`"measured":"server","location":{"lat":31.2,"lng":121.5,"datum":"wgs84"}}`,
			a.SHA256, name, a.Size, uint64(a.Look.N))
	}
	named := photo(`,"name":"a.jpg"`)
	paper := fmt.Sprintf(`{"sha256":%q,"name":"quote.txt","size":9}`, text.SHA256)
	for _, c := range []struct{ name, in, want, told string }{
		{"by an object's name", `{"type":"Visit","photo":{"name":"a.jpg"},"id":"v"}`,
			`{"type":"Visit","photo":` + named + `,"id":"v"}`, ""},
		{"by its name alone, under a label, before the type",
			`{ "照片" : "a.jpg" , "type":"Visit"}`, `{ "照片" : ` + named + ` , "type":"Visit"}`, ""},
		{"by its hash, in any case", `{"type":"Visit","photo":{"sha256":"` +
			strings.ToUpper(a.SHA256) + `"}}`, `{"type":"Visit","photo":` + photo("") + `}`, ""},
		{"what the sender tells gives way", `{"type":"Visit","photo":{"name":"a.jpg","taken":` +
			`"2026-01-01T00:00:00Z","measured":"server"}}`, `{"type":"Visit","photo":` + named + `}`, ""},
		{"a list", `{"type":"Visit","papers":["quote.txt",{"name":"a.jpg"}, 7]}`,
			`{"type":"Visit","papers":[` + paper + `,` +
				fmt.Sprintf(`{"sha256":%q,"name":"a.jpg","size":%d}`, a.SHA256, a.Size) + `,7]}`, ""},
		{"a recording", `{"type":"Visit","talk":"talk.wav"}`, fmt.Sprintf(`{"type":"Visit","talk":`+
			`{"sha256":%q,"name":"talk.wav","size":%d,"length":1.5}}`, talk.SHA256, talk.Size), ""},
		{"a text where a photo belongs is only a hash", `{"type":"Visit","photo":"quote.txt"}`,
			fmt.Sprintf(`{"type":"Visit","photo":{"sha256":%q,"name":"quote.txt","size":9,`+
				`"measured":"server"}}`, text.SHA256), ""},
		{"a file that is not there", `{"type":"Visit","photo":{"name":"b.jpg"}}`, "same", "missing"},
		{"a hash that no file has", `{"type":"Visit","photo":{"sha256":"00","measured":"server"}}`,
			`{"type":"Visit","photo":{"measured":"sender","sha256":"00"}}`, "missing"},
		{"other bytes than told", `{"type":"Visit","photo":{"name":"a.jpg","sha256":"00"}}`, "same",
			"other"},
		{"too large", `{"type":"Visit","papers":["large.bin"]}`, "same", "refused"},
		{"outside the folder", `{"type":"Visit","papers":["../secret.txt"]}`, "same", "missing"},
		{"by a link that leads outside", `{"type":"Visit","papers":["out.txt"]}`, "same", "missing"},
		{"the folder itself", `{"type":"Visit","papers":["."]}`, "same", "missing"},
		{"other types", `{"type":"Call","photo":"a.jpg"}`, "same", ""},
		{"other fields", `{"type":"Visit","note":"a.jpg"}`, "same", ""},
		{"nothing where a file belongs", `{"type":"Visit","photo":null,"papers":[],"talk":""}`, "same", ""},
		{"numbers where a file belongs", `{"type":"Visit","photo":1e400,"papers":{}}`, "same", ""},
		{"no object", `["a.jpg"]`, "same", ""},
		{"no JSON", `{"type":"Visit","photo":"a.jpg"`, "same", ""},
		{"nothing", ``, "same", ""},
	} {
		f, _ := folder(t)
		line, told := f.Fill([]byte(c.in), photoKinds)
		if c.want == "same" {
			c.want = c.in
		}
		what := ""
		for _, r := range told {
			what += r.What
		}
		if string(line) != c.want || what != c.told {
			t.Errorf("%s:\n got %s\nwant %s\ntold %v", c.name, line, c.want, told)
		}
		if again, _ := f.Fill(line, photoKinds); string(again) != string(line) {
			t.Errorf("%s: filled twice it is\n%s", c.name, again)
		}
	}
}

func TestFillCounts(t *testing.T) {
	f, _ := folder(t)
	for range 3 {
		f.Fill([]byte(`{"type":"Visit","photo":"a.jpg","talk":"quote.txt","papers":["b"]}`), photoKinds)
	}
	if fmt.Sprint(f.Counts) != "map[measured:6 missing:3]" || f.Findings[NoLength] != 3 ||
		f.Findings[OtherKind] != 0 {
		t.Error(f.Counts, f.Findings)
	}
}

func TestFillTellsOtherKindsOnlyWhereTheyAreKnown(t *testing.T) {
	for _, c := range []struct {
		line string
		want Finding
	}{
		{`{"type":"Visit","photo":"talk.wav"}`, OtherKind},
		{`{"type":"Visit","talk":"a.jpg"}`, OtherKind},
		{`{"type":"Visit","photo":"quote.txt"}`, NoLook},
		{`{"type":"Visit","talk":"quote.txt"}`, NoLength},
	} {
		f, _ := folder(t)
		f.Fill([]byte(c.line), photoKinds)
		if f.Findings[c.want] != 1 {
			t.Errorf("%s: %v", c.line, f.Findings)
		}
	}
}

// FuzzFill: whatever a line is, what comes back is JSON where it was, and a file at most once.
func FuzzFill(f *testing.F) {
	f.Add(`{"type":"Visit","photo":"a.jpg","papers":[{"sha256":"00","measured":"server"}]}`)
	f.Add(`{"photo":"a.jpg","photo":"a.jpg","type":"Visit"} {}`)
	f.Fuzz(func(t *testing.T, line string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "a.jpg"), []byte("\xff\xd8\xff"), 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		out, _ := d.Fill([]byte(line), photoKinds)
		if json.Valid([]byte(line)) != json.Valid(out) {
			t.Fatalf("%s became %s", line, out)
		}
	})
}
