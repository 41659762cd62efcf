package ask

import (
	"slices"
	"strings"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
)

// A View is how much somebody sees of a workspace. Its zero value sees nothing.
type View struct {
	All      bool            // every record; else those that belong to As
	As       string          // who looks, as Type/id
	Team     bool            // and those that belong to the people below
	Personal bool            // fields that the policy calls personal
	Hidden   map[string]bool // fields that are not seen, as Type.field
}

// Everything is the view that hides nothing.
func Everything() View { return View{All: true, Personal: true} }

// Whole reports whether nothing is hidden.
func (v *View) Whole() bool { return v.All && v.Personal && len(v.Hidden) == 0 }

// Hides reports whether a field is not seen.
func (v *View) Hides(f *policy.Field) bool {
	return f.Personal != nil && !v.Personal || f.Of != nil &&
		(v.Hidden[f.Of.Full+"."+f.Name] || v.Hidden[f.Of.Name+"."+f.Name])
}

// Nameless reports whether it is not seen what records of a type are called.
func (v *View) Nameless(r *policy.Record) bool {
	i := slices.IndexFunc(r.Fields, func(f *policy.Field) bool { return f.Name == "name" })
	return i >= 0 && v.Hides(r.Fields[i])
}

// A Lens is a view of one policy's records.
//
// Whose a record is follows from what it refers to. It is seen where its references, and theirs,
// lead to the person who looks; a way ends at another person, unless the view is of a team: then
// that person's own references are followed, so that a manager sees what belongs to those whose
// references lead to him. Types from which no way leads to a person belong to nobody and are seen
// by all, a list of products for one.
type Lens struct {
	view     View
	policy   *policy.Policy
	types    map[string]*policy.Record
	person   *policy.Record // the type of As; nil: the policy has none of it, and nothing is seen
	id       string
	leads    map[*policy.Record]bool // types from which a way leads to a person
	hidden   map[*policy.Field]bool
	nameless map[*policy.Record]bool // types whose name is hidden
	told     map[string]bool         // declarations that put what is hidden into a text
}

// NewLens works out what a view means for the records of a policy.
func NewLens(p *policy.Policy, v View) *Lens {
	l := &Lens{view: v, policy: p, types: map[string]*policy.Record{},
		hidden: map[*policy.Field]bool{}, leads: map[*policy.Record]bool{},
		nameless: map[*policy.Record]bool{}}
	typ, id, _ := strings.Cut(v.As, "/")
	l.id = id
	for _, r := range p.Records {
		l.types[r.Full] = r
		if r.Full == typ && r.Kind == policy.Entity && !r.Builtin {
			l.person = r
		}
		l.hide(r)
	}
	if l.person != nil {
		l.follow()
	}
	if len(l.hidden) > 0 {
		l.putInWords()
	}
	return l
}

// hide finds the fields of a type that are not seen, those of its lists' rows included.
func (l *Lens) hide(r *policy.Record) {
	for _, f := range r.Fields {
		if l.view.Hides(f) {
			l.hidden[f] = true
			l.nameless[r] = l.nameless[r] || f.Name == "name"
		}
		for t := &f.Type; t != nil; t = t.Elem {
			if t.Kind == value.Row && t.Record != nil && t.Record != r {
				l.hide(t.Record)
			}
		}
	}
}

// follow finds the types from which a way leads to a person.
func (l *Lens) follow() {
	l.leads[l.person] = true
	for more := true; more; {
		more = false
		for _, r := range l.policy.Records {
			if l.leads[r] {
				continue
			}
			for _, f := range r.Fields {
				if to := refers(f); to != nil && l.leads[to] && f.Compute == nil {
					l.leads[r], more = true, true
				}
			}
		}
	}
}

// refers is the type that a field refers to, once or with a list; nil: none.
func refers(f *policy.Field) *policy.Record {
	t := &f.Type
	if t.Kind == value.List && t.Elem != nil {
		t = t.Elem
	}
	if t.Kind == value.Ref {
		return t.Record
	}
	return nil
}

// putInWords finds the declarations that put what is hidden into words.
func (l *Lens) putInWords() {
	l.told = map[string]bool{}
	for _, d := range kind.All(l.policy) {
		for i := range d.Parts {
			if e := d.Parts[i].Effect; e != nil && l.holds(e.Text) {
				l.told[d.Head.Full] = true
			}
		}
	}
}

// holds reports whether a text shows the value of a hidden field.
func (l *Lens) holds(m *policy.Message) bool {
	is := func(p policy.Part) bool { return p.X != nil && l.masked(p.X) }
	return m != nil && (slices.ContainsFunc(m.Parts, is) || slices.ContainsFunc(m.Other, is))
}

// reads reports whether the value of an expression comes from a field that is hidden. What a score
// or a tier makes of it is not the field any more.
func (l *Lens) reads(x *policy.Expr) (yes bool) {
	if len(l.hidden) == 0 {
		return false
	}
	seen := map[*policy.Field]bool{}
	var look func(x *policy.Expr)
	look = func(x *policy.Expr) {
		kind.Visit(x, func(y *policy.Expr) bool {
			t := y.Type
			if t.Elem != nil {
				t = *t.Elem
			}
			yes = yes || y.Field != nil && l.hidden[y.Field]
			if f := y.Field; f != nil && f.Compute != nil && !seen[f] {
				seen[f] = true
				look(f.Compute)
			}
			return !yes && y.Op != policy.OpScore && y.Op != policy.OpTier
		})
	}
	look(x)
	return yes
}

// names reports whether an expression's value is shown by a name that is hidden.
func (l *Lens) names(x *policy.Expr) bool {
	t := x.Type
	if t.Elem != nil {
		t = *t.Elem
	}
	return t.Kind == value.Ref && l.nameless[t.Record]
}

// masked reports whether the value of an expression in a text is not shown.
func (l *Lens) masked(x *policy.Expr) bool { return l.reads(x) || l.names(x) }

// Shows reports whether a field, and all that its rows hold, is seen.
func (l *Lens) Shows(f *policy.Field) bool {
	for t := &f.Type; t != nil; t = t.Elem {
		if t.Kind == value.Row && t.Record != nil {
			for _, g := range t.Record.Fields {
				if t.Record != f.Of && !l.Shows(g) {
					return false
				}
			}
		}
	}
	return !l.hidden[f]
}

// Tells reports whether the texts of a declaration may be shown: none of them holds what is hidden.
func (l *Lens) Tells(full string) bool {
	full, _ = decision.CellOf(full)
	for name := range l.told { // an effect's rule may be a part of a declaration
		if full == name || strings.HasPrefix(full, name+".") {
			return false
		}
	}
	return true
}

// A Sight is a lens on a workspace as it stands. It is valid as long as the engine is at hand.
type Sight struct {
	*Lens
	e        *engine.Engine
	seen     map[decision.Ref]bool
	programs map[*policy.Field]*engine.Program
	decoder  *record.Decoder
}

// On looks through the lens. The engine's policy is the lens's.
func (l *Lens) On(e *engine.Engine) *Sight {
	return &Sight{Lens: l, e: e, seen: map[decision.Ref]bool{},
		programs: map[*policy.Field]*engine.Program{}}
}

// Policy is the one in force.
func (s *Sight) Policy() *policy.Policy { return s.e.Policy() }

// Zone is the workspace's.
func (s *Sight) Zone() *time.Location { return s.e.Zone() }

// Sees reports whether a record is seen: an entity, or a row that the engine keeps, such as a task.
func (s *Sight) Sees(of *policy.Record, id string) bool {
	if s.view.All {
		return true
	}
	if of == nil || s.person == nil {
		return false
	}
	// Records that an older policy decided on are of its types: they are found by name.
	if of = s.types[of.Full]; of == nil || of.Kind != policy.Entity {
		return false
	}
	r := decision.Ref{Type: of, ID: id}
	sees, known := s.seen[r]
	if !known {
		sees = s.search(r)
		s.seen[r] = sees
	}
	return sees
}

// search follows references, each record once.
func (s *Sight) search(from decision.Ref) bool {
	switch {
	case from.Type.Kept:
		return s.keptFor(from)
	case from.Type.Builtin: // the workspace as a whole
		return false
	case !s.leads[from.Type]:
		return true
	}
	return s.leadsOn([]decision.Ref{from})
}

// leadsOn reports whether a way leads from one of some records to the person who looks.
func (s *Sight) leadsOn(way []decision.Ref) bool {
	been := map[decision.Ref]bool{}
	for len(way) > 0 {
		r := way[len(way)-1]
		way = way[:len(way)-1]
		if r.Type == s.person && r.ID == s.id {
			return true
		}
		if been[r] || r.Type == s.person && !s.view.Team {
			continue
		}
		been[r] = true
		for _, f := range r.Type.Fields {
			to := refers(f)
			if to == nil || f.Compute != nil || !s.leads[to] {
				continue
			}
			for _, id := range s.referred(r, f, to) {
				way = append(way, decision.Ref{Type: to, ID: id})
			}
		}
	}
	return false
}

// referred are the ids that a field of an entity refers to.
func (s *Sight) referred(r decision.Ref, f *policy.Field, to *policy.Record) (ids []string) {
	v, _ := s.value(r, f)
	switch v.Kind {
	case value.Ref:
		ids = append(ids, s.e.ID(to, v.N))
	case value.List:
		list, _ := v.X.([]value.Value)
		for _, x := range list {
			if x.Kind == value.Ref {
				ids = append(ids, s.e.ID(to, x.N))
			}
		}
	}
	return ids
}

// value is what a field of an entity is.
func (s *Sight) value(r decision.Ref, f *policy.Field) (value.Value, bool) {
	p := s.programs[f]
	if p == nil {
		self := &policy.Expr{Op: policy.OpSelf, Type: policy.Type{Kind: value.Ref, Record: r.Type}}
		p = s.e.Program(&policy.Expr{Op: policy.OpField, Field: f, Type: f.Type,
			Args: []*policy.Expr{self}})
		s.programs[f] = p
	}
	return p.Ask(r.Type, r.ID)
}

// keptFor says of a row that the engine keeps whether it is for, or of, somebody who is seen.
func (s *Sight) keptFor(r decision.Ref) bool {
	for _, name := range []string{"for", "person", "to", "of", "about", "record"} {
		i := slices.IndexFunc(r.Type.Fields, func(f *policy.Field) bool { return f.Name == name })
		if i < 0 {
			continue
		}
		v, _ := s.value(r, r.Type.Fields[i])
		if v.Kind == value.Text {
			return s.SeesNamed(v.S)
		}
	}
	return false
}

// SeesNamed is Sees for a record by its type and id, as Rep/li. An event is not found like this.
func (s *Sight) SeesNamed(name string) bool {
	typ, id, ok := strings.Cut(name, "/")
	return s.view.All || ok && s.Sees(s.types[typ], id)
}

// SeesTask says whether a task is seen: it is for somebody who is, or for nobody and about
// something that is.
func (s *Sight) SeesTask(t *engine.Task) bool {
	if t.For == "" {
		return s.SeesNamed(t.About)
	}
	return s.SeesNamed(t.For)
}

// SeesEvent says of an event as it came whether it is seen.
func (s *Sight) SeesEvent(line []byte) bool {
	if s.view.All {
		return true
	}
	r := s.decode(line)
	return r.Type != nil && s.seesRecord(r)
}

func (s *Sight) decode(line []byte) *record.Record {
	if s.decoder == nil {
		s.decoder = record.NewDecoder(s.policy, s.e.Zone())
	}
	r := new(record.Record)
	s.decoder.Decode(line, nil, r)
	return r
}

// seesRecord says of a record as it came whether what it names is seen.
func (s *Sight) seesRecord(r *record.Record) bool {
	if s.person == nil {
		return false
	}
	if r.Type.Builtin {
		return s.seesBuiltin(r)
	}
	if !s.leads[r.Type] {
		return true
	}
	return s.leadsOn(s.named(r, func(*policy.Record) bool { return true }))
}

// named are the records that a record as it came refers to.
func (s *Sight) named(r *record.Record, which func(*policy.Record) bool) (out []decision.Ref) {
	for i, f := range r.Type.Fields {
		to := refers(f)
		if to == nil || f.Compute != nil || !which(to) || !s.leads[to] {
			continue
		}
		if f.Type.Kind == value.Ref {
			if i < len(r.Refs) && r.Refs[i] != "" {
				out = append(out, decision.Ref{Type: to, ID: r.Refs[i]})
			}
			continue
		}
		list, _ := r.Layout.Value(&r.Slots, i).X.([]value.Value)
		for _, x := range list {
			out = append(out, decision.Ref{Type: to, ID: x.S})
		}
	}
	return out
}

// seesBuiltin says of a built-in event whether it is seen: of somebody, by them or about something
// that is seen.
func (s *Sight) seesBuiltin(r *record.Record) bool {
	for _, name := range []string{"who", "by"} {
		if text := r.Text(name); text != "" && s.SeesNamed(s.full(text)) {
			return true
		}
	}
	about := r.Text("record")
	return about != "" && (s.SeesNamed(about) || s.judged(about))
}

// full is somebody by type and id; built-in events name people by id alone, or by both.
func (s *Sight) full(text string) string {
	if s.person == nil || strings.Contains(text, "/") {
		return text
	}
	return s.person.Full + "/" + text
}

// judged reports whether proof of an event was looked at whose person is seen.
func (s *Sight) judged(event string) bool { return s.view.All || s.SeesNamed(s.judgedOf(event)) }

// judgedOf is the person of an event whose proof was looked at; "": there was nothing to look at.
func (s *Sight) judgedOf(event string) string {
	of := s.types["Finding"]
	if of == nil {
		return ""
	}
	field := func(name string) *policy.Field {
		i := slices.IndexFunc(of.Fields, func(f *policy.Field) bool { return f.Name == name })
		return of.Fields[i]
	}
	about, person := field("record"), field("person")
	for _, id := range s.e.IDs(of) {
		r := decision.Ref{Type: of, ID: id}
		if v, _ := s.value(r, about); v.S == event {
			p, _ := s.value(r, person)
			return p.S
		}
	}
	return ""
}
