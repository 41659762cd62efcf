package engine

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/slots"
)

// life says how far an entity is known.
type life uint8

const (
	stub  life = iota // referred to, but without a record of its own: nothing looks at it
	alive             // has a record
	gone              // was deleted
)

// entity is what a table keeps beside an entity's slots.
type entity struct {
	id   string
	last [16]byte // digest of the latest accepted record, to know a duplicate
}

// table holds the entities of one type. A handle is an index into rows and never changes.
type table struct {
	rec    *policy.Record
	layout *slots.Layout
	rows   []*slots.Slots
	meta   []entity
	lives  []life // beside meta, because every look asks for it
	ids    handles
	slab   []slots.Slots  // for rows to come
	freed  []*slots.Slots // of rows taken back, empty again
	sorted []int32        // handles by id; brought up to date by inOrder

	idle *idle // of people who may owe a target; nil: they have no field `active`

	// Indexes of system fields and of the text field `name`; -1 where the type has none.
	id, created, updated, name int
}

func newTable(r *policy.Record) *table {
	t := &table{rec: r, layout: slots.For(r), ids: newHandles(),
		id: -1, created: -1, updated: -1, name: -1}
	for i, f := range r.Fields {
		switch {
		case f.System == policy.SysID:
			t.id = i
		case f.System == policy.SysCreated:
			t.created = i
		case f.System == policy.SysUpdated:
			t.updated = i
		case f.Name == "name" && f.Type.Kind == value.Text && f.Compute == nil:
			t.name = i
		}
	}
	return t
}

// find returns the handle of an id.
func (t *table) find(id string) (int32, bool) {
	return t.ids.find(id, t.meta)
}

// add makes a stub.
func (t *table) add(id string) int32 {
	h := int32(len(t.rows))
	s := t.empty()
	if t.id >= 0 {
		t.layout.Put(s, t.id, value.OfText(id))
	}
	t.rows = append(t.rows, s)
	t.meta = append(t.meta, entity{id: id})
	t.lives = append(t.lives, stub)
	t.ids.add(id, h)
	return h
}

// empty returns slots for a new row. A table that grows makes more of them at once.
func (t *table) empty() *slots.Slots {
	if last := len(t.freed) - 1; last >= 0 {
		s := t.freed[last]
		t.freed = t.freed[:last]
		return s
	}
	if len(t.slab) == 0 {
		t.slab = t.layout.Slab(min(len(t.rows)+1, 64))
	}
	s := &t.slab[0]
	t.slab = t.slab[1:]
	return s
}

// truncate takes back the entities added since the table had n of them.
func (t *table) truncate(n int) {
	for h := n; h < len(t.rows); h++ {
		t.ids.remove(t.meta[h].id, int32(h))
		t.rows[h].Reset()
		clear(t.rows[h].N)
		t.freed = append(t.freed, t.rows[h])
	}
	t.rows, t.meta, t.lives = t.rows[:n], t.meta[:n], t.lives[:n]
	if len(t.sorted) > n {
		t.sorted = t.sorted[:0]
	}
}

// inOrder returns all handles by id: the order in which looks go over subjects.
func (t *table) inOrder() []int32 {
	if len(t.sorted) != len(t.rows) {
		t.sorted = t.sorted[:0]
		for h := range t.rows {
			t.sorted = append(t.sorted, int32(h))
		}
		slices.SortFunc(t.sorted, func(a, b int32) int {
			return strings.Compare(t.meta[a].id, t.meta[b].id)
		})
	}
	return t.sorted
}

// ref names an entity in a decision.
func (t *table) ref(h int32) decision.Ref {
	return decision.Ref{Type: t.rec, ID: t.meta[h].id}
}

// called is how messages call an entity: its name, else its id (reference, section 7).
func (t *table) called(h int32) string {
	if s := t.rows[h]; t.name >= 0 && s.Has(t.name) {
		return s.S[t.layout.Pos[t.name]]
	}
	return t.meta[h].id
}

// back is the reverse of one reference field: by handle of the entity referred to, the handles of
// those that refer to it, ascending.
type back struct {
	lists [][]int32
}

func (b *back) add(target, from int32) {
	for int(target) >= len(b.lists) {
		b.lists = append(b.lists, nil)
	}
	l := b.lists[target]
	if i, found := slices.BinarySearch(l, from); !found {
		b.lists[target] = slices.Insert(l, i, from)
	}
}

func (b *back) remove(target, from int32) {
	if int(target) >= len(b.lists) {
		return
	}
	if i, found := slices.BinarySearch(b.lists[target], from); found {
		b.lists[target] = slices.Delete(b.lists[target], i, i+1)
	}
}

func (b *back) of(target int32) []int32 {
	if int(target) >= len(b.lists) {
		return nil
	}
	return b.lists[target]
}
