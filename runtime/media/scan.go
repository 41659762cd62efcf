package media

import (
	"bytes"
	"encoding/binary"
)

// The mean of an 8 × 8 block of a JPEG is its first coefficient. All that a look needs are these
// of the brightness, so the others are only stepped over: no transform, no colours, no pixels. A
// full decoder takes five times as long.

// means reads the means of the brightness; nil where the file is unusual or damaged.
func means(data []byte) *plane {
	s := &scanner{data: data}
	for range maxSegments {
		marker, body, ok := s.segment()
		if !ok {
			return nil
		}
		switch {
		case marker == 0xc0, marker == 0xc1, marker == 0xc2:
			ok = !s.framed && s.frame(marker, body)
		case marker == 0xc4:
			ok = s.huffman(body)
		case marker > 0xc4 && marker <= 0xcf, marker == 0xc3, marker == 0xd9:
			ok = false // lossless, hierarchical, arithmetic; or the end without a picture
		case marker == 0xdb:
			ok = s.quantizers(body)
		case marker == 0xdd && len(body) >= 2:
			s.restart = int(binary.BigEndian.Uint16(body))
		case marker == 0xee && bytes.HasPrefix(body, []byte("Adobe")):
			ok = len(body) > 11 && body[11] == 1 // brightness and colours, not red, green and blue
		case marker == 0xda:
			var found bool
			if found, ok = s.scan(body); found && ok {
				return s.plane
			}
		}
		if !ok {
			return nil
		}
	}
	return nil
}

// maxSegments is how many segments a file may have before its picture.
const maxSegments = 2000

// scanner reads a JPEG from front to back.
type scanner struct {
	data        []byte
	at          int
	framed      bool
	progressive bool
	width       int
	height      int
	parts       []part
	first       [4]int32 // the quantizers of first coefficients
	dc, ac      [4]*table
	restart     int
	plane       *plane
	buf         []byte // one run of coded blocks, its stuffing taken out
}

// part is a component: the brightness, which is the first, or a colour.
type part struct {
	id    byte
	h, v  int // blocks in a unit of the scan
	quant byte
}

// segment reads up to the next marker and its body.
func (s *scanner) segment() (marker byte, body []byte, ok bool) {
	for {
		i := bytes.IndexByte(s.data[s.at:], 0xff)
		if i < 0 {
			return 0, nil, false
		}
		s.at += i
		for s.at < len(s.data) && s.data[s.at] == 0xff {
			s.at++
		}
		if s.at >= len(s.data) {
			return 0, nil, false
		}
		marker = s.data[s.at]
		s.at++
		switch {
		case marker == 0, marker == 1, marker >= 0xd0 && marker <= 0xd8:
			continue // stuffing, and markers without a body
		case marker == 0xd9:
			return marker, nil, true
		}
		break
	}
	if s.at+2 > len(s.data) {
		return 0, nil, false
	}
	n := int(binary.BigEndian.Uint16(s.data[s.at:]))
	if n < 2 || s.at+n > len(s.data) {
		return 0, nil, false
	}
	body = s.data[s.at+2 : s.at+n]
	s.at += n
	return marker, body, true
}

// frame reads what is the same for the whole picture.
func (s *scanner) frame(marker byte, b []byte) bool {
	if len(b) < 6 || b[0] != 8 {
		return false
	}
	s.framed, s.progressive = true, marker == 0xc2
	s.height, s.width = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	n := int(b[5])
	if n != 1 && n != 3 || len(b) < 6+3*n || s.width == 0 || s.height == 0 {
		return false
	}
	blocks := 0
	for i := range n {
		c := b[6+3*i:]
		p := part{c[0], int(c[1] >> 4), int(c[1] & 15), c[2]}
		if p.h < 1 || p.h > 4 || p.v < 1 || p.v > 4 || p.quant > 3 {
			return false
		}
		if n == 1 {
			p.h, p.v = 1, 1
		}
		s.parts = append(s.parts, p)
		blocks += p.h * p.v
		if p.h > s.parts[0].h || p.v > s.parts[0].v {
			return false // colours finer than the brightness
		}
	}
	rgb := n == 3 && s.parts[0].id == 'R' && s.parts[1].id == 'G' && s.parts[2].id == 'B'
	return !rgb && blocks <= 10
}

func (s *scanner) quantizers(b []byte) bool {
	for len(b) > 0 {
		size, id := 1+64, b[0]&15
		if b[0]>>4 != 0 {
			size = 1 + 128
		}
		if len(b) < size || id > 3 {
			return false
		}
		s.first[id] = int32(b[1])
		if size > 65 {
			s.first[id] = int32(binary.BigEndian.Uint16(b[1:]))
		}
		b = b[size:]
	}
	return true
}

func (s *scanner) huffman(b []byte) bool {
	for len(b) > 0 {
		if len(b) < 17 {
			return false
		}
		class, id := b[0]>>4, b[0]&15
		n := 0
		for _, c := range b[1:17] {
			n += int(c)
		}
		if class > 1 || id > 3 || n > 256 || len(b) < 17+n {
			return false
		}
		t := newTable(b[1:17], b[17:17+n])
		if t == nil {
			return false
		}
		if class == 0 {
			s.dc[id] = t
		} else {
			t.chain()
			s.ac[id] = t
		}
		b = b[17+n:]
	}
	return true
}

// coded is a component as one scan codes it.
type coded struct {
	part
	dc, ac *table
	bright bool
	last   int32
}

// scan reads a scan that holds the brightness; others are left for segment to pass over.
func (s *scanner) scan(b []byte) (found, ok bool) {
	if !s.framed || len(b) < 1 || len(b) < 4+2*int(b[0]) {
		return false, false
	}
	n := int(b[0])
	var list []coded
	for i := range n {
		id, tables := b[1+2*i], b[2+2*i]
		for k, p := range s.parts {
			if p.id != id {
				continue
			}
			if tables>>4 > 3 || tables&15 > 3 {
				return false, false
			}
			c := coded{part: p, dc: s.dc[tables>>4], ac: s.ac[tables&15], bright: k == 0}
			found = found || c.bright
			list = append(list, c)
		}
	}
	from, to, shift := b[1+2*n], b[2+2*n], b[3+2*n]
	switch {
	case len(list) != n || n == 0:
		return false, false
	case !found:
		return false, true
	case s.progressive && (from != 0 || to != 0 || shift>>4 != 0):
		return false, false // the means come first; this file has them elsewhere
	case s.progressive:
		for i := range list {
			list[i].ac = nil
		}
	}
	for i := range list {
		if list[i].dc == nil || list[i].ac == nil && !s.progressive {
			return false, false
		}
		if n == 1 {
			list[i].h, list[i].v = 1, 1
		}
	}
	return true, s.blocks(list, s.first[s.parts[0].quant]<<(shift&15))
}

// blocks reads the blocks of a scan, from one restart marker to the next.
func (s *scanner) blocks(list []coded, scale int32) bool {
	s.plane = newPlane(s.width, s.height, 8)
	h, v := 0, 0
	for _, c := range list {
		h, v = max(h, c.h), max(v, c.v)
	}
	g := grid{plane: s.plane, scale: scale, wide: (s.width + 8*h - 1) / (8 * h)}
	all := g.wide * ((s.height + 8*v - 1) / (8 * v))
	for from := 0; from < all; {
		n := all - from
		if s.restart > 0 {
			n = min(n, s.restart)
		}
		end := s.unstuff()
		for i := range list {
			list[i].last = 0
		}
		if !g.units(coding{s.buf, end}, list, from, n) {
			return false
		}
		from += n
	}
	return true
}

// slack is how many bytes a block can be read beyond the end before that is noticed: 64 symbols
// of 16 + 15 bits, and the word that the last is looked up in.
const slack = 64*31/8 + 16

// unstuff copies the coded bytes up to the next marker, passes a restart marker, and returns where
// they end, in bits.
func (s *scanner) unstuff() int {
	if s.buf == nil && s.restart == 0 {
		s.buf = make([]byte, 0, len(s.data)-s.at+slack)
	}
	out := s.buf[:0]
	for s.at < len(s.data) {
		rest := s.data[s.at:]
		i := bytes.IndexByte(rest, 0xff)
		if i < 0 {
			out, s.at = append(out, rest...), len(s.data)
			break
		}
		out = append(out, rest[:i]...)
		s.at += i
		if i+1 >= len(rest) {
			s.at = len(s.data)
			break
		}
		if next := rest[i+1]; next == 0 {
			out = append(out, 0xff)
			s.at += 2
			continue
		} else if next == 0xff {
			s.at++
			continue
		} else if next >= 0xd0 && next <= 0xd7 {
			s.at += 2
		}
		break
	}
	end := 8 * len(out)
	s.buf = append(out, make([]byte, slack)...)
	return end
}

// coding are coded bytes with slack behind them.
type coding struct {
	bytes []byte
	end   int // of the code, in bits
}

// grid is where the means go.
type grid struct {
	plane *plane
	scale int32
	wide  int // units in a row
}

// units reads n units, each some blocks of every component.
func (g *grid) units(in coding, list []coded, from, n int) bool {
	w, h := len(g.plane.xs)-1, len(g.plane.ys)-1
	buf, pos, ok := in.bytes, 0, true
	for m := from; m < from+n; m++ {
		mx, my := m%g.wide, m/g.wide
		for i := range list {
			c := &list[i]
			for b := range c.h * c.v {
				if pos, ok = c.mean(buf, pos); ok && c.ac != nil {
					pos, ok = c.ac.pass(buf, pos)
				}
				if !ok || pos > in.end {
					return false
				}
				x, y := mx*c.h+b%c.h, my*c.v+b/c.h
				if c.bright && x < w && y < h {
					g.plane.v[y*w+x] = c.last * g.scale
				}
			}
		}
	}
	return true
}

// mean reads the first coefficient, which is coded as the difference to the block before.
func (c *coded) mean(buf []byte, pos int) (int, bool) {
	word := binary.BigEndian.Uint64(buf[pos>>3:]) << (pos & 7)
	size, bits, ok := c.dc.symbol(word)
	if !ok || size > 11 {
		return pos, false
	}
	if size > 0 {
		v := int32(word << bits >> (64 - size))
		if v < 1<<(size-1) {
			v += -1<<size + 1
		}
		// A damaged file must not run over what the sums can hold.
		c.last = min(max(c.last+v, -1<<15), 1<<15)
	}
	return pos + int(bits) + int(size), true
}
