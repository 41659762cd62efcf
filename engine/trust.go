package engine

import (
	"math"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/engine/evidence"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/engine/slots"
)

// trusts are what the trust functions of a policy remember of one event type, and how it is read.
type trusts struct {
	refs   []ref // its references, by which files and notes are told apart
	person func(*eval.Env) value.Value
	team   func(*eval.Env) value.Value
	who    *policy.Record
	group  *policy.Record // the team's type
	parts  []part
	paced  bool // bursts or origins are asked for
	rich   bool // richness is asked for

	people, teams []string // their keys, by handle, so that they are made once
	called        []string // the names that the note in hand is masked by
	asked         []asked
}

// part is one field that is remembered.
type part struct {
	fn   string // original, fresh, plausible, usual_device
	key  string
	read func(*eval.Env) value.Value
}

// ref is a reference field of an event.
type ref struct {
	field int
	to    *policy.Record
}

// arriving is the event that the trust functions may judge: the one in hand, or one whose late
// values are.
type arriving struct {
	r      *record.Record
	values *slots.Slots
	t      *trusts

	// What was worked out of its note: it is judged, kept with what waits, and remembered.
	note     string
	sketch   evidence.Sketch
	sketched bool
	who      evidence.Author // whose it is
	named    bool

	noted *decision.Noted // what its proof was held against, for whoever asks why right afterwards
}

// seen is where what was held against it is written; it is seldom that there is any.
func (a *arriving) seen() *decision.Noted {
	if a.noted == nil {
		a.noted = &decision.Noted{}
	}
	return a.noted
}

// asked is one trust function of the policy with its arguments.
type asked struct {
	key  string
	fn   string
	t    *trusts
	args []func(*eval.Env) value.Value
}

// verdictOf is what a trust function said of an event. It is kept with an event that waits for a
// review or late values, because what was known when it came cannot be found again.
type verdictOf struct {
	given bool // the value that it judges was there
	known bool
	bits  int64 // of a number its floating-point form
}

// own is how many arguments of its own a trust function has; behind them stand the event, the
// person and the team.
func own(fn string) int {
	switch fn {
	case "origin":
		return 0
	case "vague", "hits", "richness":
		return 2
	}
	return 1
}

// trustLeaf reads a trust function: of the event in hand it judges, of one that is looked at again
// it says what it said then.
func (e *Engine) trustLeaf(x *policy.Expr) eval.Leaf {
	t := e.trustsOf(x.Args[own(x.Fn):])
	i := e.askTrust(t, x)
	read := func(env *eval.Env) verdictOf {
		j := e.standing
		if j == nil || env.Self != &j.values {
			j = nil
		}
		if j != nil && i < len(j.trusted) && j.trusted[i].given {
			return j.trusted[i]
		}
		if e.arriving.r == nil || env.Self != e.arriving.values {
			return verdictOf{}
		}
		v := t.asked[i].judge(e, env)
		if j != nil && i < len(j.trusted) {
			j.trusted[i] = v
		}
		return v
	}
	if x.Fn == "richness" {
		return eval.Leaf{Num: func(env *eval.Env) (float64, bool) {
			v := read(env)
			return math.Float64frombits(uint64(v.bits)), v.known
		}}
	}
	return eval.Leaf{Int: func(env *eval.Env) (int64, bool) {
		v := read(env)
		return v.bits, v.known
	}}
}

// askTrust files a trust function under its event, once for each that asks the same, and returns
// its number there.
func (e *Engine) askTrust(t *trusts, x *policy.Expr) int {
	key := exprKey(x)
	for i := range t.asked {
		if t.asked[i].key == key {
			return i
		}
	}
	n := own(x.Fn)
	args := make([]func(*eval.Env) value.Value, n)
	for i := range args {
		args[i] = e.comp.Value(x.Args[i])
	}
	switch x.Fn {
	case "original", "richness":
		t.remember("original", x.Args[0], args[0])
		t.rich = t.rich || x.Fn == "richness"
	case "fresh", "plausible", "usual_device":
		t.remember(x.Fn, x.Args[0], args[0])
	case "burst", "origin":
		t.paced = true
	}
	t.asked = append(t.asked, asked{key, x.Fn, t, args})
	return len(t.asked) - 1
}

// judge judges the event that is arriving.
func (a *asked) judge(e *Engine, env *eval.Env) verdictOf {
	var v value.Value
	var list []string
	for i, read := range a.args {
		x := read(env)
		switch {
		case i > 0:
			list = texts(x)
		case !x.Known():
			return verdictOf{}
		default:
			v = x
		}
	}
	r, t := e.arriving.r, a.t
	word := func(n int64) verdictOf { return verdictOf{given: true, known: true, bits: n} }
	switch a.fn {
	case "hits":
		words := evidence.Hits(v.S, list)
		for _, w := range words {
			if n := e.arriving.seen(); !slices.Contains(n.Hits, w) {
				n.Hits = append(n.Hits, w)
			}
		}
		return word(int64(len(words)))
	case "burst":
		return word(e.memory.Pace.Burst(t.whose(e, env).Person, r.Received, v.N))
	case "origin":
		return word(int64(e.memory.Pace.OriginOf(t.whose(e, env).Person, r.At, r.Received, false)))
	case "richness":
		rich := evidence.Rich(v.S, evidence.Lexicon{Pain: list}, e.saidBefore(t), e.copied(t, env, v.S))
		e.arriving.seen().Rich = &rich
		return word(int64(math.Float64bits(rich.Score)))
	}
	verdict := value.Unknown
	if a.fn == "vague" {
		verdict = evidence.Vague(v.S, list)
	} else {
		verdict = e.trusted(a.fn, t, env, v)
	}
	return verdictOf{given: true, known: verdict != value.Unknown, bits: int64(verdict >> 1)}
}

// trusted is the verdict of a trust function that is true or false.
func (e *Engine) trusted(fn string, t *trusts, env *eval.Env, v value.Value) value.Tri {
	r := e.arriving.r
	who := t.whose(e, env).Person
	switch fn {
	case "prompt":
		return evidence.Prompt(r.At, r.Received, v.N)
	case "fresh":
		was, seen := e.memory.Files.Find(t.file(e, v))
		if seen {
			n, again := e.arriving.seen(), decision.Again{Seen: was}
			if !slices.Contains(n.Files, again) { // two lines may ask of one file
				n.Files = append(n.Files, again)
			}
		}
		return tri(!seen)
	}
	if who == "" {
		return value.Unknown // nobody's earlier records to hold it against
	}
	switch fn {
	case "original":
		return tri(!e.copied(t, env, v.S))
	case "usual_device":
		is := e.memory.Devices.Usual(who, deviceOf(v))
		if is != value.True {
			e.arriving.seen().Phone = &decision.Phone{Is: deviceOf(v),
				Usual: e.memory.Devices.Usuals(who)}
		}
		return is
	}
	return e.plausible(who, evidence.Fix{At: r.At, Place: *v.X.(*value.Place)})
}

// plausible judges the way from where somebody was before, and the one to where they were after.
func (e *Engine) plausible(who string, fix evidence.Fix) value.Tri {
	before, after := e.memory.Fixes.Nearest(who, fix.At)
	verdict := evidence.DefaultTravel.Plausible(nil, fix)
	var by *evidence.Been
	for _, b := range []*evidence.Been{before, after} {
		if b == nil {
			continue
		}
		if v := evidence.DefaultTravel.Plausible(&b.Fix, fix); v < verdict {
			verdict, by = v, b
		}
	}
	if verdict != value.True {
		trip := &decision.Trip{Mock: fix.Place.Mock}
		if by != nil {
			trip.Other = *by
			trip.Speed, trip.Metres = evidence.Speed(by.Fix, fix)
		}
		e.arriving.seen().Trip = trip
	}
	return verdict
}

func tri(b bool) value.Tri {
	if b {
		return value.True
	}
	return value.False
}

func texts(v value.Value) []string {
	list, _ := v.X.([]value.Value)
	var out []string
	for _, x := range list {
		if x.Known() {
			out = append(out, x.S)
		}
	}
	return out
}

func deviceOf(v value.Value) string {
	if m, ok := v.X.(*value.Media); ok {
		return m.Device.S
	}
	return ""
}

// copied reports whether a note is nearly identical to one of the person's or of the team's.
func (e *Engine) copied(t *trusts, env *eval.Env, note string) bool {
	s := e.sketchOf(t, note)
	like, found := e.memory.Notes.Nearest(t.whose(e, env), e.now, s, evidence.NearIdentical)
	if found {
		e.arriving.seen().Like = &decision.Like{Match: like}
	}
	return found
}

// sketchOf is the sketch of a note of the event that is arriving.
func (e *Engine) sketchOf(t *trusts, note string) evidence.Sketch {
	a := &e.arriving
	if !a.sketched || a.note != note {
		a.note, a.sketch, a.sketched = note, e.sketcher.Of(note, t.names(e)), true
	}
	return a.sketch
}

// saidBefore are the last notes about what the event in hand is about.
func (e *Engine) saidBefore(t *trusts) []evidence.Sketch {
	var out []evidence.Sketch
	for _, k := range t.keys(e, t.who) {
		out = append(out, e.memory.Said.Earlier(k)...)
	}
	return out
}

// trustsOf finds what is remembered of an event type; rest are the event, the person and the team.
func (e *Engine) trustsOf(rest []*policy.Expr) *trusts {
	rec := rest[0].Type.Record
	t := e.trusting[rec.Index]
	if t == nil {
		t = &trusts{}
		for _, f := range rec.Fields {
			if f.Type.Kind == value.Ref && f.Type.Record != nil {
				t.refs = append(t.refs, ref{f.Index, f.Type.Record})
			}
		}
		e.trusting[rec.Index] = t
	}
	if len(rest) > 1 && t.person == nil {
		t.person, t.who = e.comp.Value(rest[1]), rest[1].Type.Record
	}
	if len(rest) > 2 && t.team == nil {
		t.team, t.group = e.comp.Value(rest[2]), rest[2].Type.Record
	}
	return t
}

// remember makes a field one that is remembered, once.
func (t *trusts) remember(fn string, x *policy.Expr, read func(*eval.Env) value.Value) {
	key := fn
	for ; x.Op == policy.OpField; x = x.Args[0] {
		key += "." + x.Field.Name
	}
	for i := range t.parts {
		if t.parts[i].key == key {
			return
		}
	}
	t.parts = append(t.parts, part{fn, key, read})
}

// whose says whose the event in hand is.
func (t *trusts) whose(e *Engine, env *eval.Env) evidence.Author {
	x := &e.arriving
	if x.named && x.t == t && env.Self == x.values {
		return x.who
	}
	var a evidence.Author
	if t.person != nil {
		a.Person = e.keyIn(&t.people, t.who, t.person(env))
	}
	if t.team != nil {
		a.Team = e.keyIn(&t.teams, t.group, t.team(env))
	}
	if x.t == t && env.Self == x.values {
		x.who, x.named = a, true
	}
	return a
}

// keyOf names a record by type and id; "" where it is missing.
func (e *Engine) keyOf(rec *policy.Record, v value.Value) string {
	if !v.Known() {
		return ""
	}
	return rec.Full + "/" + e.tables[rec.Index].meta[v.N].id
}

// keyIn is keyOf out of a list of those that were made.
func (e *Engine) keyIn(list *[]string, rec *policy.Record, v value.Value) string {
	if !v.Known() {
		return ""
	}
	for int64(len(*list)) <= v.N {
		*list = append(*list, "")
	}
	// A handle that was taken back is given to another id.
	id, key := e.tables[rec.Index].meta[v.N].id, &(*list)[v.N]
	if len(*key) != len(rec.Full)+1+len(id) || !strings.HasSuffix(*key, id) {
		*key = e.keyOf(rec, v)
	}
	return *key
}

// keys name what the event in hand refers to, but for records of a type.
func (t *trusts) keys(e *Engine, but *policy.Record) []string {
	var out []string
	s := e.arriving.values
	for _, f := range t.refs {
		if f.to != but && s.Has(f.field) {
			out = append(out, e.keyOf(f.to, e.arriving.r.Layout.Value(s, f.field)))
		}
	}
	return out
}

// names are the names of what the event in hand refers to, which a note is masked by.
func (t *trusts) names(e *Engine) []string {
	out := t.called[:0]
	s := e.arriving.values
	for _, f := range t.refs {
		if s.Has(f.field) {
			h := e.arriving.r.Layout.Value(s, f.field).N
			out = append(out, e.tables[f.to.Index].called(int32(h)))
		}
	}
	t.called = out
	return out
}

func (t *trusts) file(e *Engine, v value.Value) evidence.File {
	m, ok := v.X.(*value.Media)
	if !ok {
		return evidence.File{}
	}
	f := evidence.File{SHA256: m.SHA256, Keys: t.keys(e, nil)}
	if m.Look.Known() {
		f.Look, f.Looked = uint64(m.Look.N), true
	}
	return f
}

// rememberEvent keeps what later events are held against, once the event in hand was decided on.
func (e *Engine) rememberEvent(r *record.Record, seq uint64) {
	t := e.arriving.t
	e.env.Self, e.env.SelfRef = e.arriving.values, -1
	who := t.whose(e, &e.env)
	for i := range t.parts {
		if v := t.parts[i].read(&e.env); v.Known() {
			e.rememberPart(&t.parts[i], who, v, seq)
		}
	}
	if t.paced && who.Person != "" {
		e.memory.Pace.Add(who.Person, r.Received, seq)
	}
}

func (e *Engine) rememberPart(p *part, who evidence.Author, v value.Value, seq uint64) {
	t := e.arriving.t
	switch p.fn {
	case "original":
		s := e.sketchOf(t, v.S)
		e.memory.Notes.Add(who, e.now, seq, s)
		if t.rich {
			for _, k := range t.keys(e, t.who) {
				e.memory.Said.Add(k, seq, s)
			}
		}
	case "fresh":
		e.memory.Files.Add(t.file(e, v), seq)
	case "plausible":
		if place, ok := v.X.(*value.Place); ok {
			e.memory.Fixes.Add(who.Person, seq, evidence.Fix{At: e.arriving.r.At, Place: *place})
		}
	case "usual_device":
		e.memory.Devices.Add(who.Person, deviceOf(v), seq)
	}
}

// keepTrust keeps what the trust functions say of the event in hand, which is looked at again.
func (e *Engine) keepTrust(j *judgedEvent) {
	if e.arriving.r == nil {
		return
	}
	for i := range e.arriving.t.asked {
		j.trusted = append(j.trusted, e.arriving.t.asked[i].judge(e, &e.env))
	}
}

// trustLate lets the trust functions judge values that came late to an event, as things stand when
// they come, and remembers them. What was there from the start keeps its verdict.
func (e *Engine) trustLate(j *judgedEvent, r *record.Record, take func()) {
	t := e.trusting[j.typ.rec.Index]
	if t == nil {
		take()
		return
	}
	e.stand(j)
	had := make([]bool, len(t.parts))
	for i := range t.parts {
		had[i] = t.parts[i].read(&e.env).Known()
	}
	late := record.Record{Type: j.typ.rec, ID: j.id, At: j.at, Received: r.Received,
		Layout: j.typ.layout}
	e.arriving = arriving{r: &late, values: &j.values, t: t}
	take()
	e.stand(j)
	for i := range t.asked {
		if !j.trusted[i].given {
			j.trusted[i] = t.asked[i].judge(e, &e.env)
		}
	}
	who := t.whose(e, &e.env)
	for i := range t.parts {
		if v := t.parts[i].read(&e.env); v.Known() && !had[i] {
			e.rememberPart(&t.parts[i], who, v, j.seq)
		}
	}
	e.arriving = arriving{}
}
