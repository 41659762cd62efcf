package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"github.com/throughline/throughline/runtime/store"
)

// What bbolt's pages are made of, as far as it takes to see that they are whole. bbolt trusts
// them: it dies of one that leads out of the file, and does not see one that leads elsewhere.
const (
	pageHead    = 16 // id, kind, count, how many pages follow
	element     = 16
	inlineHead  = 16 // root and sequence of a bucket; behind them its page where root is 0
	kindBranch  = 1
	kindLeaf    = 2
	kindFree    = 16
	isBucket    = 1
	manyFree    = 0xFFFF // the count is in the first eight bytes
	mostNested  = 64
	firstOfOurs = 2 // the pages before are heads
)

// pages looks at every page of a file by itself.
type pages struct {
	f    io.ReaderAt
	all  []byte // the file where it could be mapped
	head head
	seen []byte   // a bit a page
	room [][]cell // for the elements of a page, by its depth
}

// bounds are what a page's keys lie between; nil: nothing bounds them.
type bounds struct{ from, below []byte }

// sound reads every page that can be reached and says what is wrong with it.
func (p *pages) sound() error {
	p.seen = make([]byte, p.head.pages/8+1)
	if err := p.tree(p.head.root, bounds{}, 0); err != nil {
		return err
	}
	if p.head.free == noList {
		return nil
	}
	if err := p.list(p.head.free); err != nil {
		return err
	}
	for id := uint64(firstOfOurs); id < p.head.pages; id++ {
		if p.seen[id/8]>>(id%8)&1 == 0 {
			return p.bad(id, "nothing leads to it and it is not free")
		}
	}
	return nil
}

func (p *pages) bad(id uint64, format string, args ...any) error {
	return fmt.Errorf("%w: page %d: %s", store.ErrDamaged, id, fmt.Sprintf(format, args...))
}

// take reads a page with those that follow it, each of which belongs to one page only.
func (p *pages) take(id uint64) ([]byte, error) {
	if id < firstOfOurs || id >= p.head.pages {
		return nil, p.bad(id, "it is outside of the file")
	}
	h, err := p.read(id, pageHead)
	if err != nil {
		return nil, err
	}
	more := u32(h[12:])
	if more >= p.head.pages-id {
		return nil, p.bad(id, "it is longer than the file")
	}
	if is := binary.NativeEndian.Uint64(h); is != id {
		return nil, p.bad(id, "it says that it is %d", is)
	}
	for n := id; n <= id+more; n++ {
		if err := p.mark(n); err != nil {
			return nil, err
		}
	}
	return p.read(id, int64(more+1)*p.head.size)
}

func (p *pages) read(id uint64, n int64) ([]byte, error) {
	at := int64(id) * p.head.size
	if p.all != nil {
		return p.all[at : at+n], nil
	}
	b := make([]byte, n)
	_, err := p.f.ReadAt(b, at)
	return b, err
}

func (p *pages) mark(id uint64) error {
	if p.seen[id/8]>>(id%8)&1 == 1 {
		return p.bad(id, "more than one page leads to it")
	}
	p.seen[id/8] |= 1 << (id % 8)
	return nil
}

// tree looks at a page and those below it.
func (p *pages) tree(id uint64, in bounds, depth int) error {
	if depth > mostNested {
		return p.bad(id, "pages lead in a circle")
	}
	b, err := p.take(id)
	if err != nil {
		return err
	}
	switch kind := binary.NativeEndian.Uint16(b[8:]); kind {
	case kindLeaf:
		return p.leaf(id, b, in, depth)
	case kindBranch:
		return p.branch(id, b, in, depth)
	default:
		return p.bad(id, "it is of kind %d", kind)
	}
}

// cell is one element of a page.
type cell struct {
	flags      uint32
	leads      uint64
	key, value []byte
}

// cells reads the elements of a page. Keys and values lie behind each other without a gap.
func (p *pages) cells(id uint64, b []byte, leaf bool, depth int) ([]cell, error) {
	n := int(binary.NativeEndian.Uint16(b[10:]))
	next := uint64(pageHead + n*element)
	if next > uint64(len(b)) {
		return nil, p.bad(id, "it has no room for %d elements", n)
	}
	for depth >= len(p.room) {
		p.room = append(p.room, nil)
	}
	out := slices.Grow(p.room[depth][:0], n)[:n]
	p.room[depth] = out
	for i := range out {
		out[i] = cell{}
		at := uint64(pageHead + i*element)
		e := b[at:]
		var pos, key, value uint64
		if leaf {
			out[i].flags = binary.NativeEndian.Uint32(e)
			pos, key = u32(e[4:]), u32(e[8:])
			value = u32(e[12:])
		} else {
			pos, key = u32(e), u32(e[4:])
			out[i].leads = binary.NativeEndian.Uint64(e[8:])
		}
		if at+pos != next || key == 0 || key+value > uint64(len(b))-next {
			return nil, p.bad(id, "element %d is not where it belongs", i)
		}
		out[i].key = b[next : next+key]
		out[i].value = b[next+key : next+key+value]
		next += key + value
	}
	return out, nil
}

func u32(b []byte) uint64 { return uint64(binary.NativeEndian.Uint32(b)) }

// ordered checks that keys grow and stay within what the page above says.
func (p *pages) ordered(id uint64, cells []cell, in bounds) error {
	for i, c := range cells {
		switch {
		case i > 0 && bytes.Compare(cells[i-1].key, c.key) >= 0,
			i == 0 && in.from != nil && bytes.Compare(c.key, in.from) < 0,
			in.below != nil && bytes.Compare(c.key, in.below) >= 0:
			return p.bad(id, "key %d is out of order", i)
		}
	}
	return nil
}

func (p *pages) leaf(id uint64, b []byte, in bounds, depth int) error {
	cells, err := p.cells(id, b, true, depth)
	if err != nil {
		return err
	}
	if err := p.ordered(id, cells, in); err != nil {
		return err
	}
	for i, c := range cells {
		switch {
		case c.flags == 0:
		case c.flags != isBucket || len(c.value) < inlineHead:
			return p.bad(id, "element %d is of no known kind", i)
		default:
			if err := p.bucket(id, c.value, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// bucket looks at a bucket: at its pages, or where it is small at the one that is its value.
func (p *pages) bucket(id uint64, b []byte, depth int) error {
	root := binary.NativeEndian.Uint64(b)
	if binary.NativeEndian.Uint64(b[8:]) != 0 {
		return p.bad(id, "a bucket has a number that nobody gave it")
	}
	if root != 0 {
		return p.tree(root, bounds{}, depth)
	}
	b = b[inlineHead:]
	if len(b) < pageHead || binary.NativeEndian.Uint16(b[8:]) != kindLeaf ||
		binary.NativeEndian.Uint64(b) != 0 || binary.NativeEndian.Uint32(b[12:]) != 0 {
		return p.bad(id, "a small bucket is no page")
	}
	return p.leaf(id, b, bounds{}, depth)
}

func (p *pages) branch(id uint64, b []byte, in bounds, depth int) error {
	cells, err := p.cells(id, b, false, depth)
	if err != nil {
		return err
	}
	if len(cells) == 0 {
		return p.bad(id, "it leads nowhere")
	}
	if err := p.ordered(id, cells, in); err != nil {
		return err
	}
	for i, c := range cells {
		below := bounds{c.key, in.below}
		if i+1 < len(cells) {
			below.below = cells[i+1].key
		}
		if err := p.tree(c.leads, below, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// list reads the list of free pages, which nothing else leads to.
func (p *pages) list(id uint64) error {
	b, err := p.take(id)
	if err != nil {
		return err
	}
	n, rest := uint64(binary.NativeEndian.Uint16(b[10:])), b[pageHead:]
	if n == manyFree {
		n, rest = binary.NativeEndian.Uint64(rest), rest[8:]
	}
	if binary.NativeEndian.Uint16(b[8:]) != kindFree || n > uint64(len(rest)/8) {
		return p.bad(id, "it is no list of free pages")
	}
	for ; n > 0; n-- {
		free := binary.NativeEndian.Uint64(rest)
		if free < firstOfOurs || free >= p.head.pages {
			return p.bad(id, "it lists page %d", free)
		}
		if err := p.mark(free); err != nil {
			return err
		}
		rest = rest[8:]
	}
	return nil
}
