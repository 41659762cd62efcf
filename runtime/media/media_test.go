package media

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/internal/realdata"
)

var shanghai = time.FixedZone("", 8*3600)

func measure(t testing.TB, data []byte) Result {
	t.Helper()
	r, err := Measure(bytes.NewReader(data), Options{Zone: shanghai})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// samples are the real photos of the set.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	dir := realdata.Dir(t, "exif-goexif")
	all, err := filepath.Glob(filepath.Join(dir, "*", "*.jpg"))
	if err != nil || len(all) != 61 {
		t.Fatal(len(all), "photos", err)
	}
	out := map[string][]byte{}
	for _, f := range all {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		rel, _ := filepath.Rel(dir, f)
		out[filepath.ToSlash(rel)] = b
	}
	return out
}

// TestRealPhotosTellWhatTheirSourceSays holds the measures against the regression test that the
// photos come with, and prints how many have which metadata.
func TestRealPhotosTellWhatTheirSourceSays(t *testing.T) {
	photos := samples(t)
	f, err := os.Open(filepath.Join(realdata.Dir(t, "exif-goexif"), "expected.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, row := range rows[1:] {
		m := measure(t, photos[row[0]])
		for _, f := range m.Findings {
			count["finding "+f.String()]++
		}
		for name, v := range map[string]value.Value{"taken": m.Taken, "device": m.Device,
			"software": m.Software, "location": m.Location, "look": m.Look} {
			if v.Known() {
				count[name]++
			}
		}
		if m.Kind != value.Photo || m.Measured.S != "server" || strconv.FormatInt(m.Size, 10) != row[1] {
			t.Errorf("%s: %v of %d bytes, measured by %q", row[0], m.Kind, m.Size, m.Measured.S)
		}
		if row[2] == "1" {
			agree(t, row, &m)
		}
	}
	t.Logf("of %d photos: %v", len(rows)-1, count)
}

func agree(t *testing.T, row []string, m *Result) {
	t.Helper()
	tidy := func(s string) string { return strings.TrimSpace(s) }
	// The source reads a make of this file at an offset where the standard has the make itself, and
	// the model from the folder of the thumbnail.
	odd := row[0] == "samples/geodegrees_as_string.jpg"
	if want := device(tidy(row[3]), tidy(row[4])); m.Device.S != want && !odd {
		t.Errorf("%s: device %q, want %q", row[0], m.Device.S, want)
	}
	if m.Software.S != tidy(row[5]) {
		t.Errorf("%s: software %q, want %q", row[0], m.Software.S, row[5])
	}
	taken := ""
	if m.Taken.Known() {
		taken = time.UnixMicro(m.Taken.N).In(shanghai).Format("2006:01:02 15:04:05")
	}
	if taken != row[6] || m.Taken.Known() != m.Has(Assumed) {
		t.Errorf("%s: taken %q, want %q; %v", row[0], taken, row[6], m.Findings)
	}
	lat, err1 := strconv.ParseFloat(row[9], 64)
	lng, err2 := strconv.ParseFloat(row[10], 64)
	if odd { // its source states the position in a test of its own
		lat, lng, err1, err2 = 52.01389, 11.00278, nil, nil
	}
	if err1 != nil || err2 != nil || lat == 0 && lng == 0 {
		if m.Location.Known() {
			t.Errorf("%s: at %v, where none is told", row[0], m.Location.X)
		}
		return
	}
	p, _ := m.Location.X.(*value.Place)
	if p == nil || math.Abs(p.Lat-lat) > 1e-5 || math.Abs(p.Lng-lng) > 1e-5 {
		t.Errorf("%s: at %v, want %v,%v", row[0], p, lat, lng)
	}
}

func TestDevice(t *testing.T) {
	for _, c := range [][3]string{
		{"Canon", "Canon EOS 5D", "Canon EOS 5D"},
		{"HUAWEI", "LYA-AL00", "HUAWEI LYA-AL00"},
		{"", "LYA-AL00", "LYA-AL00"},
		{"Apple", "", "Apple"},
		{"Canon", "canon ixus", "canon ixus"},
		{"", "", ""},
	} {
		if got := device(c[0], c[1]); got != c[2] {
			t.Errorf("%q and %q are %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

// entry is a tag of hand-made metadata.
type entry struct {
	tag, kind uint16
	count     uint32
	value     []byte
}

func ascii(tag uint16, s string) entry {
	return entry{tag, 2, uint32(len(s) + 1), append([]byte(s), 0)}
}

func ratios(tag uint16, n ...uint32) entry {
	e := entry{tag: tag, kind: 5, count: uint32(len(n) / 2)}
	for _, x := range n {
		e.value = binary.BigEndian.AppendUint32(e.value, x)
	}
	return e
}

// tiff lays folders of tags out, each under the tag that points to it from the first.
func tiff(folders map[uint16][]entry) []byte {
	out := []byte("MM\x00*\x00\x00\x00\x08")
	write := func(list []entry) {
		at := len(out) + 2 + 12*len(list) + 4
		out = binary.BigEndian.AppendUint16(out, uint16(len(list)))
		var rest []byte
		for _, e := range list {
			out = binary.BigEndian.AppendUint16(out, e.tag)
			out = binary.BigEndian.AppendUint16(out, e.kind)
			out = binary.BigEndian.AppendUint32(out, e.count)
			if len(e.value) <= 4 {
				out = append(out, append(e.value, make([]byte, 4-len(e.value))...)...)
				continue
			}
			out = binary.BigEndian.AppendUint32(out, uint32(at+len(rest)))
			rest = append(rest, e.value...)
		}
		out = append(append(out, 0, 0, 0, 0), rest...)
	}
	first := folders[0]
	var fix []uint16
	for _, tag := range []uint16{0x8769, 0x8825, 0xa005} {
		if folders[tag] != nil {
			first = append(first, entry{tag, 4, 1, []byte{0, 0, 0, 0}})
			fix = append(fix, tag)
		}
	}
	write(first)
	for i, tag := range fix {
		binary.BigEndian.PutUint32(out[8+2+12*(len(first)-len(fix)+i)+8:], uint32(len(out)))
		write(folders[tag])
	}
	return out
}

func withExif(picture, tiff []byte) []byte {
	w := wrapped(append([]byte(exifHeader), tiff...))
	return append(w[:len(w)-2:len(w)-2], picture[2:]...)
}

func TestMetadata(t *testing.T) {
	picture := encode(t, scene(64, 48), 80)
	gps := func(list ...entry) map[uint16][]entry { return map[uint16][]entry{0x8825: list} }
	north, east := ascii(1, "N"), ascii(3, "E")
	for _, c := range []struct {
		name  string
		tags  map[uint16][]entry
		taken string // in UTC
		place string
		found []Finding
	}{
		{name: "an offset makes a moment",
			tags: map[uint16][]entry{0x8769: {ascii(0x9003, "2026:03:02 10:00:00"),
				ascii(0x9011, "+09:00")}}, taken: "2026-03-02T01:00:00Z"},
		{name: "without it the workspace's zone is assumed",
			tags:  map[uint16][]entry{0x8769: {ascii(0x9003, "2026:03:02 10:00:00")}},
			taken: "2026-03-02T02:00:00Z", found: []Finding{Assumed}},
		{name: "as with one that is none",
			tags: map[uint16][]entry{0x8769: {ascii(0x9003, "2026:03:02 10:00:00"),
				ascii(0x9011, "CST")}}, taken: "2026-03-02T02:00:00Z", found: []Finding{Assumed}},
		{name: "a clock that was never set is missing",
			tags: map[uint16][]entry{0x8769: {ascii(0x9003, "0000:00:00 00:00:00")}}},
		{name: "a time that is none is told",
			tags:  map[uint16][]entry{0x8769: {ascii(0x9003, "2026:13:02 10:00:00")}},
			found: []Finding{NoClock}},
		{name: "an editor is told", tags: map[uint16][]entry{0: {ascii(0x131, "Adobe Photoshop 25")}},
			found: []Finding{Edited}},
		{name: "firmware is none", tags: map[uint16][]entry{0: {ascii(0x131, "17.3.1")}}},
		{name: "a position with its accuracy",
			tags: gps(north, ratios(2, 31, 1, 12, 1, 0, 1), east, ratios(4, 121, 1, 30, 1, 0, 1),
				ratios(31, 65, 10)), place: "31.2,121.5±6.5"},
		{name: "south and west",
			tags: gps(ascii(1, "S"), ratios(2, 31, 1, 12, 1, 0, 1), ascii(3, "W"),
				ratios(4, 121, 1, 30, 1, 0, 1)), place: "-31.2,-121.5±0"},
		{name: "a receiver without a fix", tags: gps(north, ratios(2, 0, 1, 0, 1, 0, 1), east,
			ratios(4, 0, 1, 0, 1, 0, 1)), found: []Finding{NoPlace}},
		{name: "off the earth", tags: gps(north, ratios(2, 99, 1, 0, 1, 0, 1), east,
			ratios(4, 121, 1, 0, 1, 0, 1)), found: []Finding{NoPlace}},
		{name: "half a position", tags: gps(north, ratios(2, 31, 1, 0, 1, 0, 1)),
			found: []Finding{NoPlace}},
		{name: "a part that divides by zero", tags: gps(north, ratios(2, 31, 0, 0, 1, 0, 1), east,
			ratios(4, 121, 1, 0, 1, 0, 1)), found: []Finding{NoPlace}},
		{name: "numbers of positions mean other things elsewhere",
			tags: map[uint16][]entry{0xa005: {ascii(1, "R98"), ratios(2, 31, 1, 0, 1, 0, 1),
				ratios(4, 121, 1, 0, 1, 0, 1)}}, found: []Finding{Stripped}},
	} {
		for form, data := range map[string][]byte{"jpeg": withExif(picture, tiff(c.tags)),
			"png": pngWith(t, tiff(c.tags)), "webp": webpWith(t, tiff(c.tags)),
			"heic": heicWith(tiff(c.tags))} {
			m := measure(t, data)
			if form == "heic" { // H.265 is not decoded
				m.Findings = slices.DeleteFunc(m.Findings, func(f Finding) bool { return f == NoLook })
			}
			taken, place := "", ""
			if m.Taken.Known() {
				taken = time.UnixMicro(m.Taken.N).UTC().Format(time.RFC3339)
			}
			if p, ok := m.Location.X.(*value.Place); ok {
				place = fmt.Sprintf("%g,%g±%g", p.Lat, p.Lng, p.Accuracy)
			}
			if taken != c.taken || place != c.place || fmt.Sprint(m.Findings) != fmt.Sprint(c.found) {
				t.Errorf("%s in %s: taken %q at %q, %v", c.name, form, taken, place, m.Findings)
			}
		}
	}
}

// pngWith is a PNG with metadata.
func pngWith(t testing.TB, tiff []byte) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, scene(64, 48)); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	return append(append(append([]byte{}, data[:33]...), chunk("eXIf", tiff)...), data[33:]...)
}

// webpWith is a WebP with metadata: in the extended form, behind the picture.
func webpWith(t testing.TB, tiff []byte) []byte {
	data, err := os.ReadFile("testdata/small.webp")
	if err != nil {
		t.Fatal(err)
	}
	riff := func(name string, body []byte) []byte {
		out := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(body)))
		return append(append(out, body...), make([]byte, len(body)&1)...)
	}
	extended := append([]byte{8, 0, 0, 0}, 63, 0, 0, 47, 0, 0) // has EXIF; 64 × 48
	body := append([]byte("WEBP"), riff("VP8X", extended)...)
	body = append(append(body, data[12:]...), riff("EXIF", tiff)...)
	return riff("RIFF", body)
}

// heicWith is a HEIC with metadata: an item of its own that the box of items tells the place of. The
// picture itself is left out.
func heicWith(tiff []byte) []byte {
	box := func(name string, parts ...[]byte) []byte {
		body := bytes.Join(parts, nil)
		return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8)), name...), body...)
	}
	item := append(make([]byte, 4), tiff...) // behind the place of the TIFF header in it
	head := box("ftyp", []byte("heic\x00\x00\x00\x00mif1heic"))
	meta := func(at int) []byte {
		place := binary.BigEndian.AppendUint32([]byte("\x00\x00\x00\x00\x44\x00\x00\x01"+
			"\x00\x01\x00\x00\x00\x01"), uint32(at))
		return box("meta", make([]byte, 4),
			box("hdlr", make([]byte, 8), []byte("pict"), make([]byte, 13)),
			box("iinf", []byte("\x00\x00\x00\x00\x00\x01"),
				box("infe", []byte("\x02\x00\x00\x00\x00\x01\x00\x00Exif\x00"))),
			box("iloc", binary.BigEndian.AppendUint32(place, uint32(len(item)))))
	}
	at := len(head) + len(meta(0)) + 8
	return bytes.Join([][]byte{head, meta(at), box("mdat", item)}, nil)
}

func chunk(name string, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	out = append(append(out, name...), body...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

func TestForms(t *testing.T) {
	m4a := mp4("M4A ", 1000, 90_500)
	for _, c := range []struct {
		name   string
		data   []byte
		kind   value.Kind
		length int64
		found  []Finding
	}{
		{"nothing", nil, value.File, 0, nil},
		{"text", []byte("quotation"), value.File, 0, nil},
		{"wav", wav(16000, 32000, 48000), value.Audio, 1_500_000, nil},
		{"wav without its size", wav(16000, 0xffffffff, 48000), value.Audio, 3_000_000 / 2, nil},
		{"wav of rate 0", wav(0, 32000, 48000), value.Audio, 0, []Finding{NoLength}},
		{"wav cut off", wav(16000, 32000, 48000)[:30], value.Audio, 0, []Finding{NoLength}},
		{"m4a", m4a, value.Audio, 90_500_000, nil},
		{"m4a of a century", mp4("M4A ", 1, 3_000_000_000), value.Audio, 0, []Finding{NoLength}},
		{"mp3", []byte("ID3\x04\x00"), value.Audio, 0, []Finding{NoLength}},
		{"heic", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"), value.Photo, 0,
			[]Finding{Stripped, NoLook}},
		{"webp", []byte("RIFF\x04\x00\x00\x00WEBP"), value.Photo, 0, []Finding{Stripped, Unread}},
	} {
		m := measure(t, c.data)
		if m.Kind != c.kind || m.Length.N != c.length || fmt.Sprint(m.Findings) != fmt.Sprint(c.found) ||
			m.Size != int64(len(c.data)) {
			t.Errorf("%s: %v, %d µs, %v", c.name, m.Kind, m.Length.N, m.Findings)
		}
	}
	if m := measure(t, nil); m.SHA256 !=
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		t.Error("the hash of nothing is", m.SHA256)
	}
}

// wav is a recording of a rate in bytes a second, whose header tells a size.
func wav(rate, size uint32, bytes int) []byte {
	if size == 32000 {
		size = uint32(bytes) / 2
	}
	b := append([]byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00"), make([]byte, 16)...)
	binary.LittleEndian.PutUint32(b[28:], rate)
	b = binary.LittleEndian.AppendUint32(append(b, "data"...), size)
	return append(b, make([]byte, bytes/2)...)
}

func mp4(brand string, scale, duration uint32) []byte {
	h := make([]byte, 12)
	h = binary.BigEndian.AppendUint32(h, scale)
	h = append(binary.BigEndian.AppendUint32(h, duration), make([]byte, 80)...)
	b := func(name string, body []byte) []byte {
		return append(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8)), append([]byte(name), body...)...)
	}
	return append(b("ftyp", []byte(brand+"\x00\x00\x00\x00")), b("moov", b("mvhd", h))...)
}

func TestReadingFails(t *testing.T) {
	if _, err := Measure(iotest.ErrReader(io.ErrClosedPipe), Options{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Error("a reader that fails:", err)
	}
	if _, err := Measure(strings.NewReader("12345"), Options{Bytes: 4}); !errors.Is(err, ErrTooLarge) {
		t.Error("five bytes of four:", err)
	}
	if _, err := Measure(strings.NewReader("1234"), Options{Bytes: 4}); err != nil {
		t.Error("four bytes of four:", err)
	}
	endless := iotest.OneByteReader(io.MultiReader(bytes.NewReader(make([]byte, 1000)), &zeros{}))
	if _, err := Measure(endless, Options{Bytes: 5000}); !errors.Is(err, ErrTooLarge) {
		t.Error("a file without end:", err)
	}
}

type zeros struct{}

func (*zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestFindingsHaveTexts(t *testing.T) {
	seen := map[string]bool{}
	for f := range findings {
		name := f.String()
		if seen[name] || name == "" || f.Text("en") == "" || f.Text("zh") == "" ||
			f.Text("zh") == f.Text("en") {
			t.Errorf("finding %d: %q, %q, %q", f, name, f.Text("en"), f.Text("zh"))
		}
		seen[name] = true
	}
}

// scene is a picture with something on it: a few soft blobs over a slope, and grain.
func scene(w, h int) *image.YCbCr { return sceneOf(w, h, 1) }

func sceneOf(w, h int, seed uint32) *image.YCbCr {
	img := image.NewYCbCr(image.Rect(0, 0, w, h), image.YCbCrSubsampleRatio420)
	next := func() float64 { seed = seed*1664525 + 1013904223; return float64(seed>>8) / (1 << 24) }
	type blob struct{ x, y, r, l float64 }
	var blobs []blob
	for range 14 {
		blobs = append(blobs, blob{next(), next(), 0.06 + 0.2*next(), 240*next() - 120})
	}
	// The blobs are smooth, so every eighth of a long side is enough; the grain is per pixel.
	const grid = 128
	var base [grid + 1][grid + 1]float64
	for y := range base {
		for x := range base[y] {
			fx, fy := float64(x)/grid, float64(y)/grid
			l := 90 + 50*fx
			for _, b := range blobs {
				d := ((fx-b.x)*(fx-b.x) + (fy-b.y)*(fy-b.y)) / (b.r * b.r)
				l += b.l * math.Exp(-d)
			}
			base[y][x] = l
		}
	}
	for y := range h {
		for x := range w {
			l := base[y*grid/h][x*grid/w]
			seed = seed*1664525 + 1013904223
			img.Y[y*img.YStride+x] = uint8(min(max(l+float64(seed>>24)/16-8, 0), 255))
		}
	}
	for i := range img.Cb {
		img.Cb[i], img.Cr[i] = uint8(100+i%60), uint8(120+i%30)
	}
	return img
}

func encode(t testing.TB, img image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// halved is a picture at half its size, by the mean of four.
func halved(img image.Image) image.Image {
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, max(b.Dx()/2, 1), max(b.Dy()/2, 1)))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			var sum [3]uint32
			for k := range 4 {
				r, g, bl, _ := img.At(b.Min.X+min(2*x+k%2, b.Dx()-1), b.Min.Y+min(2*y+k/2, b.Dy()-1)).RGBA()
				sum[0], sum[1], sum[2] = sum[0]+r, sum[1]+g, sum[2]+bl
			}
			out.SetRGBA(x, y, color.RGBA{uint8(sum[0] >> 10), uint8(sum[1] >> 10), uint8(sum[2] >> 10), 255})
		}
	}
	return out
}
