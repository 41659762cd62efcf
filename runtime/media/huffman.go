package media

import "encoding/binary"

// ahead is how many bits are looked up at once.
const ahead = 13

// table decodes one Huffman code.
type table struct {
	short [1 << ahead]uint16 // by the next bits: symbol and length of a code, 0 where it is longer
	steps [1 << ahead]uint32 // by the next bits: what stepping over coefficients takes, see chain
	codes [17]int32          // the first code of a length
	count [17]int32
	at    [17]int32 // its place in symbols
	syms  []byte
}

// newTable makes the table of a code given as how many codes each length has, and their symbols.
func newTable(counts, syms []byte) *table {
	t := &table{syms: append([]byte(nil), syms...)}
	code, at := int32(0), int32(0)
	for n := 1; n <= 16; n++ {
		c := int32(counts[n-1])
		t.codes[n], t.count[n], t.at[n] = code, c, at
		if code+c > 1<<n {
			return nil // more codes than there can be
		}
		for k := range c {
			if n > ahead {
				break
			}
			from := (code + k) << (ahead - n)
			for i := range int32(1) << (ahead - n) {
				t.short[from+i] = uint16(t.syms[at+k])<<8 | uint16(n)
			}
		}
		code, at = (code+c)<<1, at+c
	}
	return t
}

// symbol decodes the symbol that a word begins with, and the length of its code.
func (t *table) symbol(word uint64) (sym byte, bits uint, ok bool) {
	if e := t.short[word>>(64-ahead)]; e != 0 {
		return byte(e >> 8), uint(e & 0xff), true
	}
	for n := ahead + 1; n <= 16; n++ {
		if k := int32(word>>(64-n)) - t.codes[n]; k >= 0 && k < t.count[n] {
			return t.syms[t.at[n]+k], uint(n), true
		}
	}
	return 0, 0, false
}

// step is what passing over some coefficients takes: bits to skip, the last place among the 64
// from which this holds, and how many places it leads on. The end of a block leads over all.
type step struct{ bits, from, on uint32 }

const wholeBlock = 64

// stepOf is the step of one symbol: a run of zeros, and the size of the coefficient behind it.
func stepOf(sym byte, bits uint) step {
	run, size := uint32(sym>>4), uint32(sym&15)
	switch {
	case size == 0 && run < 15:
		return step{uint32(bits), wholeBlock - 1, wholeBlock}
	case size == 0:
		return step{uint32(bits), wholeBlock - 16, 16}
	}
	return step{uint32(bits) + size, wholeBlock - 1 - run, run + 1}
}

// chain fills in the steps: as many symbols at once as the bits that are looked up hold, for their
// values are not wanted. Only the last may have bits of its value beyond them.
func (t *table) chain() {
	for w := range t.steps {
		sum := step{from: wholeBlock}
		for sum.bits < ahead && sum.on < wholeBlock {
			e := t.short[w<<sum.bits&(1<<ahead-1)]
			if n := uint32(e & 0xff); n == 0 || n > ahead-sum.bits {
				break
			}
			x := stepOf(byte(e>>8), uint(e&0xff))
			if x.from < sum.on {
				break
			}
			sum = step{sum.bits + x.bits, min(sum.from, x.from-sum.on), sum.on + x.on}
		}
		if sum.bits > 0 {
			t.steps[w] = sum.bits | sum.from<<8 | sum.on<<16
		}
	}
}

// longest is how many bits one step takes at most: a code within those looked up, and its value.
const longest = ahead + 15

// pass steps over the coefficients of a block behind the first.
func (t *table) pass(buf []byte, pos int) (int, bool) {
	word := binary.BigEndian.Uint64(buf[pos>>3:]) << (pos & 7)
	left := 64 - pos&7 // bits of the word that are of the file
	for k := uint32(1); k < wholeBlock; {
		if left < longest {
			word = binary.BigEndian.Uint64(buf[pos>>3:]) << (pos & 7)
			left = 64 - pos&7
		}
		e := t.steps[word>>(64-ahead)]
		if k <= e>>8&0xff {
			n := e & 0xff
			word <<= n
			left -= int(n)
			pos += int(n)
			k += e >> 16
			continue
		}
		// A long code, or several symbols of which a later one belongs to the next block.
		sym, bits, ok := t.symbol(binary.BigEndian.Uint64(buf[pos>>3:]) << (pos & 7))
		x := stepOf(sym, bits)
		if !ok || k > x.from {
			return pos, false
		}
		pos += int(x.bits)
		k += x.on
		left = 0
	}
	return pos, true
}
