package evidence

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
)

// Memory is all that the trust functions remember: a function of the log, like any other state.
type Memory struct {
	Notes   Notes
	Files   Files
	Pace    Pace
	Devices Devices
}

var errMemory = errors.New("the memory of the trust functions is damaged")

// Append appends the canonical bytes of the memory: equal memories give equal bytes.
func (m *Memory) Append(dst []byte) []byte {
	w := writer{dst}
	m.Notes.write(&w)
	m.Files.write(&w)
	w.uint(len(m.Pace.people))
	for _, p := range slices.Sorted(maps.Keys(m.Pace.people)) {
		w.text(p)
		w.uint(len(m.Pace.people[p]))
		for _, at := range m.Pace.people[p] {
			w.b = binary.AppendVarint(w.b, at)
		}
	}
	w.uint(len(m.Devices.people))
	for _, p := range slices.Sorted(maps.Keys(m.Devices.people)) {
		w.text(p)
		w.uint(len(m.Devices.people[p]))
		for _, d := range slices.Sorted(maps.Keys(m.Devices.people[p])) {
			w.text(d)
			w.uint(m.Devices.people[p][d])
		}
	}
	return w.b
}

// Load reads what Append wrote and returns the bytes after it.
func Load(b []byte) (m Memory, rest []byte, err error) {
	r := reader{b: b}
	m.Notes.read(&r)
	m.Files.read(&r)
	m.Pace.people = map[string][]int64{}
	for range r.count() {
		p := r.text()
		for range r.count() {
			m.Pace.people[p] = append(m.Pace.people[p], r.int())
		}
	}
	for range r.count() {
		p := r.text()
		for range r.count() {
			d := r.text()
			m.Devices.change(p, d, int(r.uint()))
		}
	}
	if r.bad {
		return Memory{}, nil, errMemory
	}
	return m, r.b, nil
}

func (n *Notes) write(w *writer) {
	w.uint(int(n.next))
	w.uint(len(n.people))
	for _, p := range slices.Sorted(maps.Keys(n.people)) {
		w.text(p)
		w.kept(n.people[p].list)
	}
	w.uint(len(n.teams))
	for _, t := range slices.Sorted(maps.Keys(n.teams)) {
		w.text(t)
		w.kept(n.teams[t].list)
	}
}

func (n *Notes) read(r *reader) {
	n.people, n.teams = map[string]*own{}, map[string]*shared{}
	n.next = uint32(r.uint())
	for range r.count() {
		p := r.text()
		n.people[p] = &own{list: r.kept()}
	}
	for range r.count() {
		name := r.text()
		t := &shared{list: r.kept(), under: map[uint32][]uint32{}}
		n.teams[name] = t
		for i := range t.list {
			t.held += len(t.list[i].sketch)
			t.file(&t.list[i])
		}
	}
}

func (f *Files) write(w *writer) {
	w.uint(len(f.bytes))
	for _, h := range slices.Sorted(maps.Keys(f.bytes)) {
		w.text(h)
		w.b = binary.AppendUvarint(w.b, f.bytes[h])
	}
	w.uint(len(f.looks))
	for _, k := range slices.Sorted(maps.Keys(f.looks)) {
		w.text(k)
		w.uint(len(f.looks[k].list))
		for _, x := range f.looks[k].list {
			w.b = binary.LittleEndian.AppendUint64(w.b, x.hash)
			w.b = binary.AppendUvarint(w.b, x.record)
		}
	}
}

func (f *Files) read(r *reader) {
	f.bytes, f.looks = map[string]uint64{}, map[string]*looks{}
	for range r.count() {
		h := r.text()
		f.bytes[h] = r.uint()
	}
	for range r.count() {
		l := &looks{}
		f.looks[r.text()] = l
		for range r.count() {
			hash := r.fixed64()
			l.add(look{hash, r.uint()})
		}
	}
}

type writer struct{ b []byte }

func (w *writer) uint(n int) { w.b = binary.AppendUvarint(w.b, uint64(n)) }

func (w *writer) text(s string) {
	w.uint(len(s))
	w.b = append(w.b, s...)
}

// kept writes notes; a sketch ascends, so its differences are short.
func (w *writer) kept(list []kept) {
	w.uint(len(list))
	for i := range list {
		k := &list[i]
		w.uint(int(k.n))
		w.b = binary.AppendVarint(w.b, k.at)
		w.b = binary.AppendUvarint(w.b, k.record)
		w.text(k.person)
		w.uint(len(k.sketch))
		var last uint32
		for _, p := range k.sketch {
			w.uint(int(p - last))
			last = p
		}
	}
}

// reader reads what writer wrote. After the first mistake everything it yields is zero.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) uint() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) int() int64 {
	n, size := binary.Varint(r.b)
	if size <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) fixed64() uint64 {
	if len(r.b) < 8 {
		r.bad, r.b = true, nil
		return 0
	}
	n := binary.LittleEndian.Uint64(r.b)
	r.b = r.b[8:]
	return n
}

// count reads how many things follow, each of at least a byte.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return 0
	}
	return int(n)
}

func (r *reader) text() string {
	n := r.count()
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *reader) kept() []kept {
	var list []kept
	for range r.count() {
		k := kept{n: uint32(r.uint()), at: r.int(), record: r.uint(), person: r.text()}
		var last uint32
		for range r.count() {
			last += uint32(r.uint())
			k.sketch = append(k.sketch, last)
		}
		list = append(list, k)
	}
	return list
}
