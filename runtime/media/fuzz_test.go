package media

import (
	"bytes"
	"image/jpeg"
	"testing"
	"time"

	"github.com/throughline/throughline/dsl/value"
)

// FuzzMeasure gives any bytes: measuring ends soon, does not panic, and what it tells can be
// written into a record.
func FuzzMeasure(f *testing.F) {
	small := encode(f, scene(32, 24), 30)
	f.Add(small)
	for n := range 8 {
		d := drawing{width: 40, height: 33, sampled: 2, colour: true, progressive: n&1 != 0,
			apart: n&2 != 0, restart: n >> 2 * 3}
		f.Add(d.encode())
	}
	f.Add(withExif(small, tiff(map[uint16][]entry{0: {ascii(0x10f, "HUAWEI")},
		0x8769: {ascii(0x9003, "2026:03:02 10:00:00")}, 0x8825: {ratios(2, 31, 1, 0, 1, 0, 1)}})))
	f.Add(pngWith(f, tiff(map[uint16][]entry{0: {ascii(0x131, "GIMP")}})))
	f.Add(mp4("M4A ", 1000, 5000))
	f.Add(mp4("heic", 1000, 5000))
	f.Add(heicWith(tiff(map[uint16][]entry{0: {ascii(0x110, "iPhone 15")}})))
	f.Add(webpWith(f, tiff(map[uint16][]entry{0: {ascii(0x110, "iPhone 15")}})))
	f.Add(wav(16000, 32000, 64))
	f.Add([]byte("RIFF\x14\x00\x00\x00WEBPEXIF\x08\x00\x00\x00MM\x00*\x00\x00\x00\x08"))
	f.Fuzz(func(t *testing.T, data []byte) {
		from := time.Now()
		m, err := Measure(bytes.NewReader(data), Options{Pixels: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		if d := time.Since(from); d > 10*time.Second {
			t.Fatalf("took %v", d)
		}
		if p, ok := m.Location.X.(*value.Place); ok && !(p.Lat >= -90 && p.Lat <= 90 &&
			p.Lng >= -180 && p.Lng <= 180 && p.Accuracy >= 0) {
			t.Fatalf("a place off the earth: %v", p)
		}
		// The scanner itself, on what a decoder's header would have kept from it.
		if p := means(data); p != nil {
			p.hash()
		}
	})
}

// BenchmarkMeasure measures a photo as phones take them: 12 megapixels, some 5 MB. The best time
// is told too, since others on the machine move the mean.
func BenchmarkMeasure(b *testing.B) {
	data := withExif(encode(b, scene(4000, 3000), 94), tiff(map[uint16][]entry{
		0:      {ascii(0x10f, "HUAWEI"), ascii(0x110, "LYA-AL00")},
		0x8769: {ascii(0x9003, "2026:03:02 10:00:00"), ascii(0x9011, "+08:00")}}))
	b.SetBytes(int64(len(data)))
	best := time.Hour
	for b.Loop() {
		from := time.Now()
		m, err := Measure(bytes.NewReader(data), Options{})
		if err != nil || !m.Look.Known() || !m.Taken.Known() || len(m.Findings) > 0 {
			b.Fatal(err, m.Findings)
		}
		best = min(best, time.Since(from))
	}
	b.ReportMetric(float64(len(data))/1e6, "MB")
	b.ReportMetric(float64(best)/1e6, "best-ms")
}

// BenchmarkDecode is what image/jpeg takes for the same photo.
func BenchmarkDecode(b *testing.B) {
	data := encode(b, scene(4000, 3000), 94)
	best := time.Hour
	for b.Loop() {
		from := time.Now()
		if _, err := jpeg.Decode(bytes.NewReader(data)); err != nil {
			b.Fatal(err)
		}
		best = min(best, time.Since(from))
	}
	b.ReportMetric(float64(best)/1e6, "best-ms")
}
