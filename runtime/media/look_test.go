package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"maps"
	"math/bits"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// pictures are all that the set has which can be decoded, and made ones of every shape: larger than
// the set's, of sides that blocks do not divide, grey and in colour.
func pictures(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for name, data := range samples(t) {
		if _, err := jpeg.Decode(bytes.NewReader(data)); err == nil {
			out[name] = data
		}
	}
	if len(out) < 10 {
		t.Fatal(len(out), "photos of the set can be decoded")
	}
	maps.Copy(out, made(t))
	return out
}

func made(t testing.TB) map[string][]byte {
	out := map[string][]byte{}
	for i, size := range [][2]int{{640, 512}, {515, 777}, {1000, 517}, {2048, 512}, {521, 1033}} {
		img := sceneOf(size[0], size[1], uint32(i+1)*977)
		name := "made " + img.Rect.Max.String()
		out[name] = encode(t, img, 60+8*i)
		grey := &image.Gray{Pix: img.Y, Stride: img.YStride, Rect: img.Rect}
		out[name+" grey"] = encode(t, grey, 75)
	}
	return out
}

func distance(a, b uint64) int { return bits.OnesCount64(a ^ b) }

func lookOf(t testing.TB, data []byte) uint64 {
	t.Helper()
	m := measure(t, data)
	if !m.Look.Known() {
		t.Fatal("no look:", m.Findings)
	}
	return uint64(m.Look.N)
}

// TestMeansAreThoseOfAFullDecoder holds the scanner to image/jpeg, on every picture, of whatever
// size, that the scanner takes; it must take the ordinary ones.
func TestMeansAreThoseOfAFullDecoder(t *testing.T) {
	most, taken := 0, 0
	for name, data := range pictures(t) {
		img, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		fast := means(data)
		if fast == nil {
			if strings.HasPrefix(name, "made") {
				t.Errorf("%s: not taken", name)
			}
			continue
		}
		taken++
		slow := averaged(img, 8)
		if !slices.Equal(fast.xs, slow.xs) || !slices.Equal(fast.ys, slow.ys) {
			t.Fatalf("%s: other blocks", name)
		}
		// A decoder cuts what lies beyond black and white and rounds; whole blocks, as the last row
		// and column may not be, are within that.
		off := 0
		for i := range fast.v {
			w := len(fast.xs) - 1
			whole := fast.xs[i%w+1]-fast.xs[i%w] == 8 && fast.ys[i/w+1]-fast.ys[i/w] == 8
			if v := min(max(fast.v[i]+128*unit, 0), 255*unit); whole && max(v-slow.v[i], slow.v[i]-v) > 6*unit {
				off++
			}
		}
		if off*50 > len(fast.v) {
			t.Errorf("%s: %d of %d means are off", name, off, len(fast.v))
		}
		a, _ := fast.hash()
		b, _ := slow.hash()
		d := distance(a, b)
		if d > 2 {
			t.Errorf("%s: the looks differ in %d bits", name, d)
		}
		most = max(most, d)
	}
	t.Logf("%d pictures, at most %d bits", taken, most)
}

// TestLookStays is what a look is for: the same picture saved again, or sent at half the size, has
// nearly the same.
func TestLookStays(t *testing.T) {
	most := 0
	for name, data := range pictures(t) {
		img, _ := jpeg.Decode(bytes.NewReader(data))
		was := measure(t, encode(t, img, 92)).Look
		if !was.Known() {
			t.Logf("%s: no look", name)
			continue
		}
		for _, c := range []struct {
			how  string
			data []byte
		}{{"quality 50", encode(t, img, 50)}, {"quality 20", encode(t, img, 20)},
			{"half", encode(t, halved(img), 80)}, {"a quarter", encode(t, halved(halved(img)), 80)},
			{"PNG", pngOf(t, img)}} {
			if size := img.Bounds(); c.how == "a quarter" && min(size.Dx(), size.Dy()) < 4*smallest {
				continue
			}
			if size := img.Bounds(); c.how == "half" && min(size.Dx(), size.Dy()) < 2*smallest {
				continue
			}
			d := distance(uint64(was.N), lookOf(t, c.data))
			if most = max(most, d); d > 8 {
				t.Errorf("%s at %s: %d bits", name, c.how, d)
			}
		}
	}
	t.Logf("at most %d bits", most)
}

// TestLookOfWebP: what a messenger made of a picture looks like it, lossy or not.
func TestLookOfWebP(t *testing.T) {
	was := lookOf(t, encode(t, scene(400, 300), 92))
	for _, name := range []string{"scene.webp", "lossless.webp"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if d := distance(was, lookOf(t, data)); d > 8 {
			t.Errorf("%s: %d bits", name, d)
		}
	}
}

func pngOf(t testing.TB, img image.Image) []byte {
	rgba := image.NewNRGBA(img.Bounds())
	draw.Draw(rgba, rgba.Rect, img, img.Bounds().Min, draw.Src)
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, rgba); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestLooksTellPicturesApart compares every two pictures that show different things.
func TestLooksTellPicturesApart(t *testing.T) {
	looks := map[string]uint64{}
	for name, data := range pictures(t) {
		if strings.HasSuffix(name, " grey") || strings.Contains(name, "/f") && name != "samples/f1-exif.jpg" {
			continue // the same again
		}
		if m := measure(t, data); m.Look.Known() {
			looks[name] = uint64(m.Look.N)
		}
	}
	names := slices.Sorted(maps.Keys(looks))
	least, pairs := 64, 0
	for i, a := range names {
		for _, b := range names[:i] {
			d := distance(looks[a], looks[b])
			if d <= 8 {
				t.Errorf("%s and %s: %d bits", a, b, d)
			}
			least, pairs = min(least, d), pairs+1
		}
	}
	t.Logf("%d pairs, at least %d bits", pairs, least)
}

// TestLookIsUpright takes the set's letter F, stored in all eight orientations.
func TestLookIsUpright(t *testing.T) {
	photos := samples(t)
	first := lookOf(t, photos["samples/f1-exif.jpg"])
	for i := '2'; i <= '8'; i++ {
		if d := distance(first, lookOf(t, photos["samples/f"+string(i)+"-exif.jpg"])); d > 4 {
			t.Errorf("orientation %c: %d bits from upright", i, d)
		}
	}
}

func TestTurnedPlaneKeepsItsEdges(t *testing.T) {
	// 11 × 10 pixels in blocks of 8: the narrow blocks change sides.
	for o, want := range map[int][2][]int32{
		1: {{0, 8, 11}, {0, 8, 10}}, 2: {{0, 3, 11}, {0, 8, 10}}, 3: {{0, 3, 11}, {0, 2, 10}},
		4: {{0, 8, 11}, {0, 2, 10}}, 5: {{0, 8, 10}, {0, 8, 11}}, 6: {{0, 2, 10}, {0, 8, 11}},
		7: {{0, 2, 10}, {0, 3, 11}}, 8: {{0, 8, 10}, {0, 3, 11}}, 77: {{0, 8, 11}, {0, 8, 10}},
	} {
		p := newPlane(11, 10, 8)
		p.turn(o)
		if !slices.Equal(p.xs, want[0]) || !slices.Equal(p.ys, want[1]) {
			t.Errorf("orientation %d: %v %v", o, p.xs, p.ys)
		}
	}
}

func TestBlankPictureHasNoLook(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 600, 600))
	for i := range grey.Pix {
		grey.Pix[i] = 200
	}
	if m := measure(t, encode(t, grey, 80)); m.Look.Known() || !m.Has(Blank) {
		t.Errorf("an even picture: %v %v", m.Look, m.Findings)
	}
	if m := measure(t, encode(t, image.NewGray(image.Rect(0, 0, 1, 1)), 80)); !m.Has(Blank) {
		t.Errorf("one pixel: %v", m.Findings)
	}
}

func TestSharesAddUp(t *testing.T) {
	for _, n := range []int{1, 2, 8, 9, 63, 512, 4000} {
		for _, step := range []int{1, 8} {
			sums := [cellsWide]int64{}
			for _, s := range shares(edges(n, step), cellsWide) {
				sums[s.cell] += s.part
			}
			for c, s := range sums {
				if s != int64(n) {
					t.Errorf("%d pixels in blocks of %d: cell %d has %d", n, step, c, s)
				}
			}
		}
	}
}

// TestBombsAreRefused gives headers that promise more than a machine has. None takes longer than
// twenty honest pictures of three megapixels do.
func TestBombsAreRefused(t *testing.T) {
	huge := func(w, h int) []byte {
		b := encode(t, scene(64, 64), 80)
		i := bytes.Index(b, []byte{0xff, 0xc0})
		b[i+5], b[i+6], b[i+7], b[i+8] = byte(h>>8), byte(h), byte(w>>8), byte(w)
		return b
	}
	nested := bytes.Repeat([]byte("\xff\xe1\x00\x08Exif\x00\x00"), 1<<20)
	ihdr := append([]byte(pngMagic), chunk("IHDR", []byte("\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x06\x00\x00\x00"))...)
	wide := append([]byte(pngMagic), chunk("IHDR", []byte("\x00\x00\x40\x00\x00\x00\x40\x00\x08\x06\x00\x00\x00"))...)
	honest := encode(t, scene(2000, 1500), 80)
	fair := took(func() {
		if _, err := jpeg.Decode(bytes.NewReader(honest)); err != nil {
			t.Fatal(err)
		}
	})
	for _, c := range []struct {
		name string
		data []byte
		want Finding
	}{
		{"a JPEG of 4 gigapixels", huge(65535, 65535), TooMany},
		{"a JPEG of 99 megapixels with 64 × 64 of data", huge(11000, 9000), Unread},
		{"a PNG of 2³¹ × 2³¹", ihdr, Unread},
		{"a PNG of 268 megapixels", wide, TooMany},
		{"a WebP of 268 megapixels", webpOf(t, 16383, 16383, false), TooMany},
		{"a WebP whose header hides that", webpOf(t, 16383, 16383, true), TooMany},
		{"a WebP of 15 megapixels with 64 × 48 of data", webpOf(t, 5000, 3000, false), Unread},
		{"a million segments", append([]byte("\xff\xd8"), nested...), Unread},
		{"only fill", append([]byte("\xff\xd8"), bytes.Repeat([]byte{0xff}, 1<<23)...), Unread},
		{"a zip behind the header", append([]byte("\xff\xd8\xff\xe0"), "PK\x03\x04"...), Unread},
	} {
		var m Result
		d := took(func() { m = measure(t, c.data) })
		if m.Look.Known() || !m.Has(c.want) {
			t.Errorf("%s: %v", c.name, m.Findings)
		}
		if d > 20*fair {
			t.Errorf("%s took %v, an honest picture %v", c.name, d, fair)
		}
	}
}

func took(f func()) time.Duration {
	from := time.Now()
	f()
	return time.Since(from)
}

// webpOf is a WebP that claims a size, behind a header that claims another where it hides it.
func webpOf(t testing.TB, w, h uint16, hidden bool) []byte {
	data := webpWith(t, tiff(nil))
	at := bytes.Index(data, []byte("VP8 ")) + 8
	binary.LittleEndian.PutUint16(data[at+6:], w)
	binary.LittleEndian.PutUint16(data[at+8:], h)
	if !hidden {
		data = append([]byte("RIFF\x00\x00\x00\x00WEBP"), data[at-8:]...)
		binary.LittleEndian.PutUint32(data[4:], uint32(len(data)-8))
	}
	return data
}

// TestUnusualPicturesAreDecodedInFull names what the scanner leaves to image/jpeg.
func TestUnusualPicturesAreDecodedInFull(t *testing.T) {
	img := scene(640, 520)
	b := encode(t, img, 80)
	rgb := bytes.Clone(b)
	app := []byte("\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00")
	rgb = append(append(bytes.Clone(rgb[:2]), app...), rgb[2:]...)
	if means(rgb) != nil {
		t.Error("red, green and blue are taken for brightness")
	}
	if m := measure(t, rgb); !m.Look.Known() {
		t.Error("red, green and blue have no look", m.Findings)
	}
	if means(b[:len(b)/2]) != nil {
		t.Error("half a picture is taken for a whole")
	}
	if m := measure(t, b[:len(b)/2]); m.Look.Known() || !m.Has(Unread) {
		t.Error("half a picture has a look", m.Findings)
	}
}
