package media

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"strings"

	"github.com/throughline/throughline/dsl/value"
)

// Folder are the files that records name. Nothing outside it is read, whatever a record says.
type Folder struct {
	Counts   map[string]int // how many files were measured, missing, refused or other
	Findings [findings]int  // how many of those measured have which finding

	root    *os.Root
	o       Options
	byHash  map[string]string // the names of all files below; nil until somebody asks
	results map[string]*Result
}

// What a remark says, and what Counts counts.
const (
	Measured = "measured"
	Missing  = "missing" // there is no file of that name or hash
	Refused  = "refused" // too large, or it cannot be read
	Other    = "other"   // the file of that name has other bytes than the record says
)

// Open opens a folder.
func Open(dir string, o Options) (*Folder, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Folder{Counts: map[string]int{}, root: root, o: o, results: map[string]*Result{}}, nil
}

// Close closes the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Remark says why a file that a record names was not measured.
type Remark struct{ Key, Name, What string }

// Kinds tells what a key of a record type holds: Photo, Audio or File, be it one or a list, or Row
// for a list of rows, whose keys are asked for as "lines.photo"; any other kind is passed over.
type Kinds func(typ, key string) value.Kind

// A Claim is what a record says of a file that it names.
type Claim struct {
	Name, Hash string
	Alone      bool // it says nothing else of the file
}

// A Finder finds the file that a record names, and what it is to be called there. Nil: it cannot be
// measured; then what says why, or nothing that could be told, and name which.
type Finder func(c Claim) (r *Result, what, name string)

// Fill writes what the bytes say into a record, before the record becomes an entry. A file is named
// by {"name":…}, by {"sha256":…}, or by its name alone. What the sender told of it gives way to
// what was measured; where nothing was, it stays, but as the sender's word. A line that is no
// record is left as it is: what is wrong with it is told where it is decoded.
func (f *Folder) Fill(line []byte, kinds Kinds) ([]byte, []Remark) {
	w := &filling{kinds: kinds, find: f.find, counts: f.Counts, findings: &f.Findings}
	return w.line(line), w.told
}

// Fill is the like of Folder's for files that are kept elsewhere.
func Fill(line []byte, kinds Kinds, find Finder) ([]byte, []Remark) {
	w := &filling{kinds: kinds, find: find, counts: map[string]int{}, findings: new([findings]int)}
	return w.line(line), w.told
}

// filling is one record being filled in.
type filling struct {
	kinds    Kinds
	find     Finder
	counts   map[string]int
	findings *[findings]int
	told     []Remark

	typ, key string
	kind     value.Kind
}

func (w *filling) line(line []byte) []byte {
	members, typ, ok := cut(line)
	if !ok {
		return line
	}
	w.typ = typ
	return w.members(line, members, "")
}

// members fills in an object whose keys stand below a prefix.
func (w *filling) members(line []byte, members []member, prefix string) []byte {
	var out []byte
	from := 0
	for _, m := range members {
		w.key = prefix + m.key
		raw := line[m.from:m.to]
		switch w.kind = w.kinds(w.typ, w.key); w.kind {
		case value.Photo, value.Audio, value.File:
			raw = w.value(raw, true)
		case value.Row:
			raw = w.rows(raw, w.key+".")
		default:
			continue
		}
		out = append(append(out, line[from:m.from]...), raw...)
		from = m.to
	}
	return append(out, line[from:]...)
}

// rows fills in each row of a list.
func (w *filling) rows(raw []byte, prefix string) []byte {
	var elements []json.RawMessage
	if json.Unmarshal(raw, &elements) != nil || elements == nil {
		return raw
	}
	out := []byte{'['}
	for i, e := range elements {
		if i > 0 {
			out = append(out, ',')
		}
		if members, _, ok := cut(e); ok {
			e = w.members(e, members, prefix)
		}
		out = append(out, e...)
	}
	return append(out, ']')
}

// member is one of a record's: where its value stands.
type member struct {
	key      string
	from, to int
}

// cut finds the members of an object and its type.
func cut(line []byte) (list []member, typ string, ok bool) {
	d := json.NewDecoder(bytes.NewReader(line))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, "", false
	}
	for d.More() {
		t, err := d.Token()
		key, isText := t.(string)
		var raw json.RawMessage
		if err != nil || !isText || d.Decode(&raw) != nil {
			return nil, "", false
		}
		to := int(d.InputOffset())
		list = append(list, member{key, to - len(raw), to})
		if key == "type" && json.Unmarshal(raw, &typ) != nil {
			return nil, "", false
		}
	}
	_, err := d.Token()
	return list, typ, err == nil
}

// value fills in one file, or each of a list.
func (w *filling) value(raw []byte, list bool) []byte {
	var elements []json.RawMessage
	if list && json.Unmarshal(raw, &elements) == nil && elements != nil {
		out := []byte{'['}
		for i, e := range elements {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, w.value(e, false)...)
		}
		return append(out, ']')
	}
	var name string
	if json.Unmarshal(raw, &name) == nil && name != "" {
		if r, called := w.found(Claim{Name: name, Alone: true}); r != nil {
			return w.written(r, called)
		}
		return raw
	}
	var said map[string]json.RawMessage
	if json.Unmarshal(raw, &said) != nil || said == nil {
		return raw
	}
	return w.object(raw, said)
}

// found is the file that is named; nil: it cannot be measured, which is told where it is known why.
func (w *filling) found(c Claim) (*Result, string) {
	r, what, name := w.find(c)
	if r == nil && what != "" {
		w.counts[what]++
		w.told = append(w.told, Remark{w.key, name, what})
	}
	return r, name
}

// object fills in a file that an object tells of.
func (w *filling) object(raw []byte, said map[string]json.RawMessage) []byte {
	var c Claim
	_ = json.Unmarshal(said["name"], &c.Name) // what is no text names nothing
	_ = json.Unmarshal(said["sha256"], &c.Hash)
	c.Hash = strings.ToLower(c.Hash)
	told := len(said)
	for _, key := range []string{"name", "sha256"} {
		if said[key] != nil {
			told--
		}
	}
	c.Alone = told == 0
	if r, called := w.found(c); r != nil {
		return w.written(r, called)
	}
	if said["measured"] != nil {
		// Only who read the bytes may say that the server did.
		said["measured"] = json.RawMessage(`"sender"`)
		if out, err := json.Marshal(said); err == nil {
			return out
		}
	}
	return raw
}

// find finds a file by its name, or by its hash where there is none of that name.
func (f *Folder) find(c Claim) (r *Result, what, name string) {
	switch {
	case c.Name != "" && f.has(c.Name):
		if r, what = f.named(c.Name); r != nil && c.Hash != "" && r.SHA256 != c.Hash {
			return nil, Other, c.Name
		}
		return r, what, c.Name
	case c.Hash != "":
		if file := f.hashed(c.Hash); file != "" {
			if r, what = f.named(file); r == nil {
				return nil, what, file
			}
			return r, "", c.Name
		}
		return nil, Missing, c.Hash
	case c.Name != "":
		return nil, Missing, c.Name
	}
	return nil, "", ""
}

// written is a measured file as a record has it.
func (w *filling) written(r *Result, name string) []byte {
	w.counts[Measured]++
	for _, x := range r.Findings {
		w.findings[x]++
	}
	m := r.Media
	m.Name = name
	switch {
	case w.kind == value.File, w.kind == r.Kind:
	case r.Kind != value.File:
		w.findings[OtherKind]++
	case w.kind == value.Photo: // of a form that is not known here, which may well be a photo's
		w.findings[NoLook]++
	default:
		w.findings[NoLength]++
	}
	if w.kind != r.Kind { // a field of another kind has no place for more
		m = value.Media{SHA256: m.SHA256, Name: name, Size: m.Size}
	}
	place := m.Location
	m.Location = value.Value{}
	if w.kind == value.Photo {
		m.Measured = value.OfText("server")
	}
	out := value.Style{}.AppendJSON(nil, value.Value{Kind: w.kind, X: &m})
	if p, ok := place.X.(*value.Place); ok {
		// With its datum, since a policy's own may be another.
		at, err := json.Marshal(struct {
			Lat      float64 `json:"lat"`
			Lng      float64 `json:"lng"`
			Accuracy float64 `json:"accuracy,omitempty"`
			Datum    string  `json:"datum"`
		}{p.Lat, p.Lng, p.Accuracy, "wgs84"})
		if err == nil {
			out = append(append(append(out[:len(out)-1], `,"location":`...), at...), '}')
		}
	}
	return out
}

// has reports whether there is a file of a name.
func (f *Folder) has(name string) bool {
	info, err := f.root.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// named measures a file, once however many records name it. Nil: it cannot be, and why.
func (f *Folder) named(name string) (r *Result, what string) {
	if r := f.results[name]; r != nil {
		return r, ""
	}
	r, err := f.measure(name)
	if err != nil {
		return nil, Refused
	}
	f.results[name] = r
	return r, ""
}

func (f *Folder) measure(name string) (*Result, error) {
	file, err := f.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r, err := Measure(file, f.o)
	return &r, err
}

// hashed is the name of the file with a hash: the first by name, "" where none has it.
func (f *Folder) hashed(hash string) string {
	if f.byHash == nil {
		f.byHash = map[string]string{}
		_ = fs.WalkDir(f.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return nil // what cannot be read holds no file that is looked for
			}
			if r, err := f.measure(name); err == nil && f.byHash[r.SHA256] == "" {
				f.byHash[r.SHA256] = name
				f.results[name] = r
			}
			return nil
		})
	}
	return f.byHash[hash]
}
