package evidence

import (
	"math/bits"
	"slices"
)

// Files remembers what was submitted: the bytes of every file, and how the photos of each person
// and of each place look. Shelves look alike everywhere, so looks are compared where a picture can
// be taken over from: a person's own pictures, and those of the same subject. The zero Files is
// empty.
type Files struct {
	bytes map[string]uint64   // SHA-256 → the seq of the first record that brought it
	again map[string][]uint64 // the seqs of the records that brought the same later
	looks map[string]*looks   // by person or subject
}

// looks are pictures by their 64-bit difference hashes, oldest first.
type looks struct {
	list  []look
	under [bands]map[uint16][]int32 // by a part of the hash, places in list
}

type look struct {
	hash   uint64
	record uint64
}

// bands is into how many parts a look is cut. Two looks that differ in at most 8 bits agree in at
// least one of nine parts (multi-index hashing: Norouzi, Punjani, Fleet, 2012).
const bands = SameLook + 1

func band(hash uint64, i int) uint16 {
	from, to := i*64/bands, (i+1)*64/bands
	return uint16(hash >> from & (1<<(to-from) - 1))
}

// Seen is an earlier submission of a file.
type Seen struct {
	Record uint64 // the seq of the record that brought it
	Bits   int    // in how many bits the looks differ; 0 for the same bytes
	Bytes  bool   // the bytes are the same
}

// File is a file that was submitted.
type File struct {
	SHA256 string
	Look   uint64
	Looked bool     // a photo whose look was measured
	Keys   []string // the person and the subjects it is about, each with its type
}

// Find looks for an earlier submission of a file: the same bytes from anybody, else the nearest
// look under its keys, of equals the earliest.
func (f *Files) Find(x File) (Seen, bool) {
	if r, ok := f.bytes[x.SHA256]; ok && x.SHA256 != "" {
		return Seen{Record: r, Bytes: true}, true
	}
	best := Seen{Bits: SameLook + 1}
	if x.Looked {
		for _, k := range x.Keys {
			if l := f.looks[k]; l != nil {
				l.nearest(x.Look, &best)
			}
		}
	}
	return best, best.Bits <= SameLook
}

func (l *looks) nearest(hash uint64, best *Seen) {
	for i := range bands {
		for _, at := range l.under[i][band(hash, i)] {
			x := l.list[at]
			d := bits.OnesCount64(x.hash ^ hash)
			if d < best.Bits || d == best.Bits && x.record < best.Record {
				*best = Seen{Record: x.record, Bits: d}
			}
		}
	}
}

// Add remembers a file that came with the record of a seq.
func (f *Files) Add(x File, record uint64) {
	if f.bytes == nil {
		f.bytes, f.again = map[string]uint64{}, map[string][]uint64{}
		f.looks = map[string]*looks{}
	}
	switch _, ok := f.bytes[x.SHA256]; {
	case x.SHA256 == "":
	case ok:
		f.again[x.SHA256] = append(f.again[x.SHA256], record)
	default:
		f.bytes[x.SHA256] = record
	}
	if !x.Looked {
		return
	}
	for _, k := range x.Keys {
		l := f.looks[k]
		if l == nil {
			l = &looks{}
			f.looks[k] = l
		}
		l.add(look{x.Look, record})
	}
}

func (l *looks) add(x look) {
	at := int32(len(l.list))
	l.list = append(l.list, x)
	for i := range bands {
		if l.under[i] == nil {
			l.under[i] = map[uint16][]int32{}
		}
		b := band(x.hash, i)
		l.under[i][b] = append(l.under[i][b], at)
	}
}

// forget takes out what came with a record, so that it may come again unless another brought it.
func (f *Files) forget(record uint64) {
	without(f.again, func(r uint64) bool { return r == record })
	for h, r := range f.bytes { //tidy:order each by itself
		if r != record {
			continue
		}
		l := f.again[h]
		switch len(l) {
		case 0:
			delete(f.bytes, h)
			continue
		case 1:
			delete(f.again, h)
		default:
			f.again[h] = l[1:]
		}
		f.bytes[h] = l[0]
	}
	for k, l := range f.looks { //tidy:order each by itself
		if !slices.ContainsFunc(l.list, func(x look) bool { return x.record == record }) {
			continue
		}
		rest := &looks{}
		for _, y := range l.list {
			if y.record != record {
				rest.add(y)
			}
		}
		if f.looks[k] = rest; len(rest.list) == 0 {
			delete(f.looks, k)
		}
	}
}
