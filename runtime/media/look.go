package media

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"

	"github.com/throughline/throughline/dsl/value"
)

// A look is a 64-bit difference hash (dHash: N. Krawetz, "Kind of like that", 2013): the picture is
// averaged down to 9 × 8 cells, and each bit says whether a cell is brighter than its neighbour to
// the right. Sums are whole numbers, so it is the same on every machine.
const (
	cellsWide = 9
	cellsHigh = 8
	// unit is the brightness of a block: eighths of one of 256 levels, as a JPEG's mean has it.
	unit = 8
	// margin is by how much a cell must be brighter: half a level. Walls and skies are even, and
	// without it their bits would be what the last compression left.
	margin = unit / 2
	// least is how many of the 64 pairs of cells must differ, and smallest how many pixels the
	// shorter side must have: all blank pages look alike, and so do all icons.
	least    = 8
	smallest = 32
	// coarse is from how many pixels on a picture's shorter side its blocks of 8 × 8 are fine
	// enough: a cell is then seven blocks wide or more.
	coarse = 512
	// slowPixels is how large a picture may be that needs a full decoder, which keeps up to 16
	// bytes a pixel.
	slowPixels = 16_000_000
)

// view is how a picture is to be looked at.
type view struct {
	pixels int64 // the most that it may have
	turned int   // the orientation in its metadata, 1 to 8
}

// look measures the look of a picture.
func (r *Result) look(form form, data []byte, v view) {
	var p *plane
	var bad Finding
	switch form {
	case jpegForm:
		p, bad = jpegPlane(data, v.pixels)
	case pngForm:
		p, bad = wholePlane(data, v.pixels, whole{png.DecodeConfig, png.Decode})
	case webpForm:
		p, bad = wholePlane(data, v.pixels, whole{webpConfig, webp.Decode})
	default: // HEIC: H.265 has no decoder in Go
		r.find(NoLook)
		return
	}
	if p == nil {
		r.find(bad)
		return
	}
	p.turn(v.turned)
	if h, ok := p.hash(); ok {
		r.Look = value.OfWord(value.Int, int64(h))
		return
	}
	r.find(Blank)
}

// jpegPlane takes the brightness of a JPEG from the means of its blocks where it is large, and
// decodes it where it is small or unusual.
func jpegPlane(data []byte, most int64) (*plane, Finding) {
	c, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, Unread
	}
	pixels := int64(c.Width) * int64(c.Height)
	if pixels > most {
		return nil, TooMany
	}
	if min(c.Width, c.Height) >= coarse {
		if p := means(data); p != nil {
			return p, 0
		}
	}
	if pixels > slowPixels {
		return nil, Unread
	}
	img, err := jpeg.Decode(bytes.NewReader(data))
	return decoded(img, err)
}

// whole decodes pictures of a form of which nothing less than the whole picture can be read.
type whole struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

func wholePlane(data []byte, most int64, of whole) (*plane, Finding) {
	c, err := of.config(bytes.NewReader(data))
	switch pixels := int64(c.Width) * int64(c.Height); {
	case err != nil:
		return nil, Unread
	case pixels > most:
		return nil, TooMany
	case pixels > slowPixels:
		return nil, Unread
	}
	img, err := of.decode(bytes.NewReader(data))
	return decoded(img, err)
}

// webpConfig is how large a WebP is: the largest that any of its parts says. What its header tells
// and what its picture tells may differ, and the decoder makes room for either.
func webpConfig(r io.Reader) (c image.Config, err error) {
	data, err := io.ReadAll(r)
	if err != nil || len(data) < 12 {
		return c, io.ErrUnexpectedEOF
	}
	is := func(w, h uint32) {
		if int64(w)*int64(h) > int64(c.Width)*int64(c.Height) {
			c.Width, c.Height = int(w), int(h)
		}
	}
	le := binary.LittleEndian
	for b := data[12:]; len(b) >= 8+10; {
		size := int64(le.Uint32(b[4:]))
		switch body := b[8:]; string(b[:4]) {
		case "VP8X": // RFC 9649, section 2.7
			is(1+le.Uint32(body[4:])&0xffffff, 1+le.Uint32(body[6:])>>8)
		case "VP8 ":
			is(uint32(le.Uint16(body[6:]))&0x3fff, uint32(le.Uint16(body[8:]))&0x3fff)
		case "VP8L":
			n := le.Uint32(body[1:])
			is(1+n&0x3fff, 1+n>>14&0x3fff)
		}
		if size += 8 + size&1; size > int64(len(b)) {
			break
		}
		b = b[size:]
	}
	if c.Width == 0 {
		return c, io.ErrUnexpectedEOF
	}
	return c, nil
}

// decoded is the plane of a picture.
func decoded(img image.Image, err error) (*plane, Finding) {
	if err != nil || img.Bounds().Empty() {
		return nil, Unread
	}
	b := img.Bounds()
	if min(b.Dx(), b.Dy()) >= coarse {
		return averaged(img, 8), 0
	}
	return averaged(img, 1), 0
}

// plane is the brightness of a picture in blocks, in eighths of a level; zero may stand anywhere.
type plane struct {
	xs, ys []int32 // the edges of the blocks in pixels, from 0 on
	v      []int32 // row by row
}

func newPlane(width, height, step int) *plane {
	p := &plane{xs: edges(width, step), ys: edges(height, step)}
	p.v = make([]int32, (len(p.xs)-1)*(len(p.ys)-1))
	return p
}

func edges(n, step int) []int32 {
	var out []int32
	for i := 0; i < n; i += step {
		out = append(out, int32(i))
	}
	return append(out, int32(n))
}

// averaged averages squares of a picture.
func averaged(img image.Image, step int) *plane {
	b := img.Bounds()
	p := newPlane(b.Dx(), b.Dy(), step)
	w := len(p.xs) - 1
	row, sums := make([]uint8, b.Dx()), make([]int32, w)
	read := rows(img)
	for y := range len(p.ys) - 1 {
		clear(sums)
		for k := p.ys[y]; k < p.ys[y+1]; k++ {
			read(b.Min.Y+int(k), row)
			for x, l := range row {
				sums[x/step] += int32(l)
			}
		}
		for x, s := range sums {
			p.v[y*w+x] = s * unit / ((p.xs[x+1] - p.xs[x]) * (p.ys[y+1] - p.ys[y]))
		}
	}
	return p
}

// rows reads the brightness of a picture's rows.
func rows(img image.Image) func(y int, dst []uint8) {
	b := img.Bounds()
	switch img := img.(type) {
	case *image.YCbCr:
		return func(y int, dst []uint8) { copy(dst, img.Y[img.YOffset(b.Min.X, y):]) }
	case *image.NYCbCrA:
		return rows(&img.YCbCr)
	case *image.Gray:
		return func(y int, dst []uint8) { copy(dst, img.Pix[img.PixOffset(b.Min.X, y):]) }
	case *image.RGBA:
		return func(y int, dst []uint8) {
			line := img.Pix[img.PixOffset(b.Min.X, y):]
			for x := range dst {
				q := line[4*x : 4*x+3]
				dst[x] = luma(uint32(q[0]), uint32(q[1]), uint32(q[2]))
			}
		}
	}
	return func(y int, dst []uint8) {
		for x := range dst {
			dst[x] = color.GrayModel.Convert(img.At(b.Min.X+x, y)).(color.Gray).Y
		}
	}
}

// luma is brightness as JPEG defines it (ITU-R BT.601).
func luma(r, g, b uint32) uint8 { return uint8((19595*r + 38470*g + 7471*b + 1<<15) >> 16) }

// turn makes a plane upright: cameras store what their sensor saw and say how it was held, and
// programs that send it on store it upright. The orientations are those of EXIF.
func (p *plane) turn(orientation int) {
	if orientation >= 5 && orientation <= 8 {
		p.transpose()
	}
	switch orientation {
	case 2, 3, 6, 7:
		p.mirror()
	}
	switch orientation {
	case 3, 4, 7, 8:
		p.flip()
	}
}

func (p *plane) transpose() {
	w, h := len(p.xs)-1, len(p.ys)-1
	v := make([]int32, len(p.v))
	for y := range h {
		for x := range w {
			v[x*h+y] = p.v[y*w+x]
		}
	}
	p.xs, p.ys, p.v = p.ys, p.xs, v
}

// mirror swaps left and right.
func (p *plane) mirror() {
	w := len(p.xs) - 1
	for y := range len(p.ys) - 1 {
		row := p.v[y*w : (y+1)*w]
		for i, j := 0, w-1; i < j; i, j = i+1, j-1 {
			row[i], row[j] = row[j], row[i]
		}
	}
	p.xs = backwards(p.xs)
}

// flip swaps top and bottom.
func (p *plane) flip() {
	w, h := len(p.xs)-1, len(p.ys)-1
	v := make([]int32, 0, len(p.v))
	for y := h - 1; y >= 0; y-- {
		v = append(v, p.v[y*w:(y+1)*w]...)
	}
	p.v, p.ys = v, backwards(p.ys)
}

func backwards(edges []int32) []int32 {
	n := len(edges)
	out := make([]int32, n)
	for i, e := range edges {
		out[n-1-i] = edges[n-1] - e
	}
	return out
}

// share is how much of a block lies in a cell.
type share struct {
	block, cell int
	part        int64
}

// shares lays blocks over cells of equal size, in units in which both edges are whole.
func shares(edges []int32, cells int) []share {
	var out []share
	size := int64(edges[len(edges)-1])
	for i := range len(edges) - 1 {
		from, to := int64(edges[i])*int64(cells), int64(edges[i+1])*int64(cells)
		for c := from / size; c < int64(cells) && c*size < to; c++ {
			if part := min(to, (c+1)*size) - max(from, c*size); part > 0 {
				out = append(out, share{i, int(c), part})
			}
		}
	}
	return out
}

// hash is the look of a plane; it has none where there is too little on it.
func (p *plane) hash() (h uint64, ok bool) {
	w := len(p.xs) - 1
	across := shares(p.xs, cellsWide)
	var cells [cellsHigh][cellsWide]int64
	var row [cellsWide]int64
	last := -1
	for _, down := range shares(p.ys, cellsHigh) {
		if down.block != last {
			last, row = down.block, [cellsWide]int64{}
			line := p.v[last*w : (last+1)*w]
			for _, s := range across {
				row[s.cell] += int64(line[s.block]) * s.part
			}
		}
		for x, s := range row {
			cells[down.cell][x] += s * down.part
		}
	}
	// A cell's parts add up to the picture's pixels, whatever its blocks.
	wide, high := int64(p.xs[w]), int64(p.ys[len(p.ys)-1])
	differ := 0
	for y := range cells {
		for x := range cellsWide - 1 {
			h <<= 1
			switch d := cells[y][x] - cells[y][x+1]; {
			case d > margin*wide*high:
				h |= 1
				differ++
			case d < -margin*wide*high:
				differ++
			}
		}
	}
	return h, differ >= least && min(wide, high) >= smallest
}
