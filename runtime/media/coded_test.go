package media

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image/jpeg"
	"math/bits"
	"slices"
	"testing"
)

// drawing is a JPEG of blocks that are even in themselves, in the forms that image/jpeg reads but
// cannot write.
type drawing struct {
	width, height int
	sampled       int  // 1 or 2: how many blocks of brightness there are to one of a colour, each way
	colour        bool // or grey
	progressive   bool
	apart         bool // one scan for each component
	restart       int

	out  []byte
	acc  uint64
	n    int
	last [3]int
}

// level is the first coefficient of a block: a slope with steps, in steps of 8 levels.
func level(part, x, y int) int { return (x*3+y*5+x*y/7)%29 - 14 + part }

func (d *drawing) encode() []byte {
	d.out = append(d.out, 0xff, 0xd8)
	d.segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{64}, 64)...))
	parts, marker := 1, byte(0xc0)
	if d.colour {
		parts = 3
	}
	if d.progressive {
		marker = 0xc2
	}
	head := binary.BigEndian.AppendUint16([]byte{8}, uint16(d.height))
	head = append(binary.BigEndian.AppendUint16(head, uint16(d.width)), byte(parts))
	for p := range parts {
		head = append(head, byte(p+1), d.side(p)<<4|d.side(p), 0)
	}
	d.segment(marker, head)
	// Differences of 0 to 11 bits have codes of 4 bits; the end of a block is a code of 14, longer
	// than what is looked up at once.
	d.segment(0xc4, append([]byte{0x00, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))
	d.segment(0xc4, []byte{0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0})
	if d.restart > 0 {
		d.segment(0xdd, binary.BigEndian.AppendUint16(nil, uint16(d.restart)))
	}
	if d.apart {
		for p := parts - 1; p >= 0; p-- { // the brightness comes last
			d.scan(p)
		}
	} else {
		d.scan([]int{0, 1, 2}[:parts]...)
	}
	return append(d.out, 0xff, 0xd9)
}

func (d *drawing) side(part int) byte {
	if part == 0 && d.colour {
		return byte(d.sampled)
	}
	return 1
}

func (d *drawing) segment(marker byte, body []byte) {
	d.out = binary.BigEndian.AppendUint16(append(d.out, 0xff, marker), uint16(len(body)+2))
	d.out = append(d.out, body...)
}

func (d *drawing) scan(parts ...int) {
	head := []byte{byte(len(parts))}
	for _, p := range parts {
		head = append(head, byte(p+1), 0)
	}
	if d.progressive {
		d.segment(0xda, append(head, 0, 0, 1))
	} else {
		d.segment(0xda, append(head, 0, 63, 0))
	}
	unit, alone := 8, len(parts) == 1
	if d.colour {
		unit *= d.sampled
	}
	if alone && d.colour {
		unit /= int(d.side(parts[0]))
	}
	wide, high := (d.width+unit-1)/unit, (d.height+unit-1)/unit
	d.last = [3]int{}
	for m := range wide * high {
		if d.restart > 0 && m > 0 && m%d.restart == 0 {
			d.flush()
			d.out = append(d.out, 0xff, 0xd0+byte(m/d.restart-1)%8)
			d.last = [3]int{}
		}
		for _, p := range parts {
			s := int(d.side(p))
			if alone {
				s = 1
			}
			for b := range s * s {
				d.block(p, level(p, m%wide*s+b%s, m/wide*s+b/s))
			}
		}
	}
	d.flush()
}

func (d *drawing) block(part, v int) {
	if d.progressive {
		v >>= 1
	}
	diff := v - d.last[part]
	d.last[part] = v
	size := bits.Len(uint(max(diff, -diff)))
	if diff < 0 {
		diff += 1<<size - 1
	}
	d.put(uint64(size), 4)
	d.put(uint64(diff), size)
	if !d.progressive {
		d.put(0, 14)
	}
}

func (d *drawing) put(v uint64, n int) {
	d.acc, d.n = d.acc<<n|v, d.n+n
	for ; d.n >= 8; d.n -= 8 {
		b := byte(d.acc >> (d.n - 8))
		if d.out = append(d.out, b); b == 0xff {
			d.out = append(d.out, 0)
		}
	}
}

func (d *drawing) flush() {
	if d.n > 0 {
		d.put(1<<(8-d.n)-1, 8-d.n)
	}
}

// drawn are the means that were drawn, in eighths of a level.
func (d *drawing) drawn() []int32 {
	var out []int32
	for y := range (d.height + 7) / 8 {
		for x := range (d.width + 7) / 8 {
			v := level(0, x, y)
			if d.progressive {
				v = v >> 1 << 1
			}
			out = append(out, int32(v*64+128*unit))
		}
	}
	return out
}

// TestFormsOfCoding holds the scanner to image/jpeg in the forms in which files come.
func TestFormsOfCoding(t *testing.T) {
	for _, size := range [][2]int{{64, 64}, {530, 517}, {16, 3}, {9, 1000}} {
		for n := range 32 {
			d := drawing{width: size[0], height: size[1], sampled: 1 + n&1, colour: n&2 != 0,
				progressive: n&4 != 0, apart: n&8 != 0, restart: n >> 4 * 7}
			name := fmt.Sprintf("%+v", d)
			data := d.encode()
			p := means(data)
			if p == nil {
				t.Errorf("%s: not taken", name)
				continue
			}
			want := d.drawn()
			// Where a scan has one component, a unit is one block (ITU-T T.81, A.2.2); image/jpeg
			// counts restarts there as if it were as many as in other scans.
			if !(d.apart && d.colour && d.sampled > 1 && d.restart > 0) {
				img, err := jpeg.Decode(bytes.NewReader(data))
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if full := averaged(img, 8); !slices.Equal(full.v, want) {
					t.Fatalf("%s: a full decoder has other means", name)
				}
			}
			got := make([]int32, len(p.v))
			for i, v := range p.v {
				got[i] = v + 128*unit
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: other means", name)
			}
			if cut := means(data[:len(data)-len(data)/4]); cut != nil {
				t.Errorf("%s: taken though a quarter is cut off", name)
			}
		}
	}
}
