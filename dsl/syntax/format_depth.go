package syntax

// depths finds how deep each token stands: what its line is indented by where it is the first of
// a physical line. Several brackets opened on one physical line indent once.
type depths struct {
	f     *File
	phys  []int32 // the physical line of each token
	level []int32 // the answer
	stack []int32 // physical lines of the open brackets
	next  int     // the first token without an answer
	soft  int32   // 1 inside a line that goes on without a bracket
}

func newDepths(f *File) *depths {
	d := &depths{f: f, phys: make([]int32, len(f.Tokens)), level: make([]int32, len(f.Tokens))}
	n := int32(0)
	for i, t := range f.Tokens {
		d.phys[i] = n
		if t.Kind == KindNewline {
			n++
		}
	}
	d.lines(f.Lines)
	d.reach(len(f.Tokens))
	return d
}

// count is the number of physical lines with open brackets.
func (d *depths) count() int32 {
	n := int32(0)
	for i, p := range d.stack {
		if i == 0 || p != d.stack[i-1] {
			n++
		}
	}
	return n
}

// reach answers all tokens before i: comments, and what belongs to no line.
func (d *depths) reach(i int) {
	if d.next >= i {
		return
	}
	n := d.count() + d.soft
	for ; d.next < i; d.next++ {
		d.level[d.next] = n
	}
}

func (d *depths) lines(lines []*Line) {
	for _, l := range lines {
		d.line(l)
	}
}

func (d *depths) line(l *Line) {
	d.reach(l.from)
	base := len(d.stack)
	for i := l.from; i < l.to; i++ {
		t := d.f.Tokens[i]
		opens, closes := false, false
		if t.Kind == KindSign {
			switch signs[t.sign] {
			case "(", "[", "{":
				opens = true
			case ")", "]", "}":
				closes = len(d.stack) > base
			}
		}
		d.soft = 0
		if len(d.stack) == base && d.phys[i] != d.phys[l.from] {
			d.soft = 1
		}
		if closes {
			d.reach(i)
			d.stack = d.stack[:len(d.stack)-1]
		}
		d.reach(i + 1)
		if opens {
			d.stack = append(d.stack, d.phys[i])
		}
	}
	d.stack, d.soft = d.stack[:base], 0
	if l.open < 0 {
		return
	}
	d.reach(l.open + 1)
	d.stack = append(d.stack, d.phys[l.open])
	d.lines(l.kids)
	if l.end >= 0 {
		d.reach(l.end)
	}
	d.stack = d.stack[:base]
	if l.end >= 0 {
		d.reach(l.end + 1)
	}
}
