package evidence

import (
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"slices"
)

// Memory is all that the trust functions remember: a function of the log, like any other state.
type Memory struct {
	Notes   Notes
	Files   Files
	Pace    Pace
	Devices Devices
	Said    Said
	Fixes   Fixes
}

// Forget takes out what came with the record of a seq: it was taken back. Of whom nothing is left,
// nothing is kept, so that equal memories are equal bytes.
func (m *Memory) Forget(record uint64) {
	m.Notes.forget(record)
	m.Files.forget(record)
	without(m.Pace.people, func(x arrival) bool { return x.record == record })
	without(m.Devices.people, func(x taken) bool { return x.record == record })
	without(m.Said.about, func(x kept) bool { return x.record == record })
	without(m.Fixes.people, func(x Been) bool { return x.Record == record })
}

// without takes out of every list what is the same, and the lists that are empty then.
func without[T any](lists map[string][]T, same func(T) bool) {
	for k, l := range lists { //tidy:order each by itself
		if l = slices.DeleteFunc(l, same); len(l) == 0 {
			delete(lists, k)
		} else {
			lists[k] = l
		}
	}
}

// Said remembers the last five notes about each subject. The zero Said is empty.
type Said struct {
	about map[string][]kept
}

const saidNotes = 5

// Add remembers a note about a subject.
func (s *Said) Add(about string, record uint64, note Sketch) {
	if len(note) == 0 {
		return
	}
	if s.about == nil {
		s.about = map[string][]kept{}
	}
	l := s.about[about]
	old := max(0, len(l)+1-saidNotes)
	s.about[about] = append(slices.Delete(l, 0, old), kept{record: record, sketch: note})
}

// Earlier are the sketches of the last notes about a subject.
func (s *Said) Earlier(about string) []Sketch {
	var out []Sketch
	for _, k := range s.about[about] {
		out = append(out, k.sketch)
	}
	return out
}

// Fixes remembers where people were. The zero Fixes is empty.
type Fixes struct {
	people map[string][]Been
}

// Been is a fix that came with the record of a seq.
type Been struct {
	Fix
	Record uint64
}

const lastFixes = 20

// Add remembers where a person was.
func (f *Fixes) Add(person string, record uint64, x Fix) {
	if person == "" {
		return
	}
	if f.people == nil {
		f.people = map[string][]Been{}
	}
	l := f.people[person]
	old := max(0, len(l)+1-lastFixes)
	f.people[person] = append(slices.Delete(l, 0, old), Been{x, record})
}

// Nearest are the fixes of a person just before and just after a moment, of those remembered; nil
// where there is none. A record that comes late is judged against both.
func (f *Fixes) Nearest(person string, at int64) (before, after *Been) {
	l := f.people[person]
	for i := range l {
		x := &l[i]
		switch {
		case x.At <= at && (before == nil || x.At >= before.At):
			before = x
		case x.At > at && (after == nil || x.At < after.At):
			after = x
		}
	}
	return before, after
}

var errMemory = errors.New("the memory of the trust functions is damaged")

// Append appends the canonical bytes of the memory: equal memories give equal bytes.
func (m *Memory) Append(dst []byte) []byte {
	w := writer{dst}
	m.Notes.write(&w)
	m.Files.write(&w)
	each(&w, m.Pace.people, func(x arrival) {
		w.b = binary.AppendVarint(w.b, x.at)
		w.b = binary.AppendUvarint(w.b, x.record)
	})
	each(&w, m.Devices.people, func(x taken) {
		w.text(x.device)
		w.b = binary.AppendUvarint(w.b, x.record)
	})
	w.uint(len(m.Said.about))
	for _, k := range slices.Sorted(maps.Keys(m.Said.about)) {
		w.text(k)
		w.kept(m.Said.about[k])
	}
	each(&w, m.Fixes.people, func(x Been) {
		w.b = binary.AppendVarint(w.b, x.At)
		w.float(x.Place.Lat)
		w.float(x.Place.Lng)
		w.float(x.Place.Accuracy)
		w.b = binary.AppendUvarint(w.b, x.Record)
	})
	return w.b
}

// Load reads what Append wrote and returns the bytes after it.
func Load(b []byte) (m Memory, rest []byte, err error) {
	r := reader{b: b}
	m.Notes.read(&r)
	m.Files.read(&r)
	m.Pace.people = list(&r, func() arrival { return arrival{r.int(), r.uint()} })
	m.Devices.people = list(&r, func() taken { return taken{r.text(), r.uint()} })
	m.Said.about = map[string][]kept{}
	for range r.count() {
		k := r.text()
		m.Said.about[k] = r.kept()
	}
	m.Fixes.people = list(&r, func() Been {
		x := Been{Fix: Fix{At: r.int()}}
		x.Place.Lat, x.Place.Lng, x.Place.Accuracy = r.float(), r.float(), r.float()
		x.Record = r.uint()
		return x
	})
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
		o := &own{list: r.kept()}
		o.mark()
		n.people[p] = o
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
		w.uint(len(f.again[h]))
		for _, r := range f.again[h] {
			w.b = binary.AppendUvarint(w.b, r)
		}
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
	f.bytes, f.again = map[string]uint64{}, map[string][]uint64{}
	f.looks = map[string]*looks{}
	for range r.count() {
		h := r.text()
		f.bytes[h] = r.uint()
		for range r.count() {
			f.again[h] = append(f.again[h], r.uint())
		}
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

// each writes lists by their names, in order.
func each[T any](w *writer, by map[string][]T, one func(T)) {
	w.uint(len(by))
	for _, k := range slices.Sorted(maps.Keys(by)) {
		w.text(k)
		w.uint(len(by[k]))
		for _, x := range by[k] {
			one(x)
		}
	}
}

// list reads what each wrote.
func list[T any](r *reader, one func() T) map[string][]T {
	out := map[string][]T{}
	for range r.count() {
		k := r.text()
		for range r.count() {
			out[k] = append(out[k], one())
		}
	}
	return out
}

type writer struct{ b []byte }

func (w *writer) float(f float64) {
	w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(f))
}

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

func (r *reader) float() float64 { return math.Float64frombits(r.fixed64()) }

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
