package edit

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/source"
)

// Journal is a text that several people edit, with what each of them did, so that it can be undone:
// one journal for typing and for gestures. Each takes back what is their own and nobody else's.
//
// Bytes that were taken out stay in their place, unseen, and each byte knows which steps put it in
// and took it out. To undo a step is to say that it does not stand; which bytes are then seen is
// certain, whatever was done since.
type Journal struct {
	fates  [][]fate // of each file, by its number
	pieces [][]run  // the bytes of each file, in order
	order  []int    // numbers of the files that are there, as they are counted in edits
	steps  []step
	latest int // the step that was done last, if nothing else was since; else -1
}

// step is one change of the text.
type step struct {
	by, name string
	stands   bool
	dropped  bool // undone, and its author did something else since
	at       int64
	settled  bool // it stood when the text was last put in force, or its author's part of it
}

// run is bytes of one fate.
type run struct {
	text string
	put  int   // the step that put it in, -1: it was there
	gone []int // the steps that took it out
}

// NewJournal begins with the files of a policy.
func NewJournal(files []source.File) *Journal {
	j := &Journal{latest: -1}
	for _, f := range files {
		j.fates = append(j.fates, []fate{{step: -1, name: f.Name, here: true}})
		j.pieces = append(j.pieces, []run{{text: f.Text, put: -1}})
	}
	j.arrange()
	return j
}

// Files are the files as they now are.
func (j *Journal) Files() []source.File {
	out := make([]source.File, len(j.order))
	for i, n := range j.order {
		var b strings.Builder
		name, _ := j.state(n, j.standing)
		for _, p := range j.pieces[n] {
			if j.seen(p) {
				b.WriteString(p.text)
			}
		}
		out[i] = source.File{Name: name, Text: b.String()}
	}
	return out
}

func (j *Journal) seen(p run) bool {
	return (p.put < 0 || j.steps[p.put].stands) && !slices.ContainsFunc(p.gone, j.standing)
}

func (j *Journal) standing(step int) bool { return j.steps[step].stands }

// Do does somebody's edits, in order and apart from each other, under a name that undo will say.
func (j *Journal) Do(by, name string, edits []source.Edit) {
	j.begin(by, name)
	j.edit(edits)
}

// begin begins a step.
func (j *Journal) begin(by, name string) {
	for i := range j.steps {
		if s := &j.steps[i]; s.by == by && !s.stands {
			s.dropped = true
		}
	}
	j.steps = append(j.steps, step{by: by, name: name, stands: true})
	j.latest = len(j.steps) - 1
}

// Extend is Do as a part of the step before, if that was the same person's under the same name and
// nothing was done since: a run of typing is one step.
func (j *Journal) Extend(by, name string, edits []source.Edit) {
	if j.latest < 0 || j.steps[j.latest].by != by || j.steps[j.latest].name != name {
		j.Do(by, name, edits)
		return
	}
	j.edit(edits)
}

// edit does edits as the latest step. The last goes first: the places of the others stay.
func (j *Journal) edit(edits []source.Edit) {
	for _, e := range slices.Backward(edits) {
		n := j.order[e.Span.File]
		at := j.split(n, e.Span.Off)
		end := at
		if e.Span.End > e.Span.Off {
			end = j.split(n, e.Span.End)
		}
		all := j.pieces[n]
		for i := at; i < end; i++ {
			if j.seen(all[i]) {
				all[i].gone = append(slices.Clone(all[i].gone), j.latest)
			}
		}
		if e.New != "" {
			j.pieces[n] = slices.Insert(all, at, run{text: e.New, put: j.latest})
		}
	}
}

// split is the piece that begins at a place of the text as it is seen, cut there if need be.
func (j *Journal) split(n int, off int32) int {
	all := j.pieces[n]
	for i, p := range all {
		switch {
		case off == 0:
			return i
		case !j.seen(p):
		case int(off) < len(p.text):
			head := p
			head.text, all[i].text = p.text[:off], p.text[off:]
			j.pieces[n] = slices.Insert(all, i, head)
			return i + 1
		default:
			off -= int32(len(p.text))
		}
	}
	return len(all)
}

// InTheWay says that a change cannot be undone because somebody changed the same text since.
type InTheWay struct {
	By   string // who
	Name string // with what
}

// Error is the sentence in English.
func (e *InTheWay) Error() string { return e.In("en") }

// In is the sentence in a language, en or zh.
func (e *InTheWay) In(lang string) string {
	if lang == "zh" {
		return "这处文本后来被 " + e.By + " 改过（" + e.Name + "），无法撤销。"
	}
	return "This cannot be undone: " + e.By + " has changed the same text since (" + e.Name + ")."
}

// Undo takes back somebody's last change that stands: its name, and what was edited for it. Name is
// "" where there is none. The error is *InTheWay, or *Refused where the files could not be so.
func (j *Journal) Undo(by string) (name string, edits []source.Edit, err error) {
	undo, _ := j.next(by)
	return j.turned(undo)
}

// Redo does again what somebody undid last, as long as they did nothing else since.
func (j *Journal) Redo(by string) (name string, edits []source.Edit, err error) {
	_, redo := j.next(by)
	return j.turned(redo)
}

// Blocked is why Undo and Redo would be refused; nil: they would not.
func (j *Journal) Blocked(by string) (undo, redo error) {
	u, r := j.next(by)
	return j.blocked(u), j.blocked(r)
}

// Next are the names of what Undo and Redo would do for somebody; "": nothing.
func (j *Journal) Next(by string) (undo, redo string) {
	u, r := j.next(by)
	if u >= 0 {
		undo = j.steps[u].name
	}
	if r >= 0 {
		redo = j.steps[r].name
	}
	return undo, redo
}

// next are the steps that Undo and Redo turn for somebody; -1: none.
func (j *Journal) next(by string) (undo, redo int) {
	undo, redo = -1, -1
	for i, s := range j.steps {
		switch {
		case s.by != by:
		case s.stands:
			undo = i
		case !s.dropped && redo < 0:
			redo = i
		}
	}
	return undo, redo
}

// blocked is why a step cannot be turned.
func (j *Journal) blocked(i int) error {
	if i < 0 {
		return nil
	}
	s := &j.steps[i]
	if s.stands {
		if other := j.touched(i); other != nil {
			return &InTheWay{By: other.by, Name: other.name}
		}
	}
	if other := j.overtaken(i); other != nil {
		return &InTheWay{By: other.by, Name: other.name}
	}
	if !j.acts(i) {
		return nil
	}
	s.stands = !s.stands
	j.arrange()
	err := j.sound()
	s.stands = !s.stands
	j.arrange()
	return err
}

func (j *Journal) turned(i int) (name string, edits []source.Edit, err error) {
	if i < 0 {
		return "", nil, nil
	}
	if err := j.blocked(i); err != nil {
		return j.steps[i].name, nil, err
	}
	return j.steps[i].name, j.turn(i), nil
}

// turn lets a step stand or stand no longer, and says what that edits.
func (j *Journal) turn(i int) []source.Edit {
	var before [][]bool
	for _, all := range j.pieces {
		seen := make([]bool, len(all))
		for k, p := range all {
			seen[k] = j.seen(p)
		}
		before = append(before, seen)
	}
	j.steps[i].stands = !j.steps[i].stands
	j.latest = -1
	j.arrange()
	var out []source.Edit
	for file, n := range j.order {
		off := int32(0)
		for k, p := range j.pieces[n] {
			was, is := before[n][k], j.seen(p)
			end := off
			if was {
				end += int32(len(p.text))
			}
			if was != is {
				e := source.Edit{Span: source.Span{File: int32(file), Off: off, End: end}}
				if is {
					e.New = p.text
				}
				out = joined(out, e)
			}
			off = end
		}
	}
	return out
}

// joined adds an edit, to the last one if it goes on where that ends.
func joined(edits []source.Edit, e source.Edit) []source.Edit {
	if n := len(edits); n > 0 {
		last := &edits[n-1]
		if last.Span.File == e.Span.File && last.Span.End == e.Span.Off {
			last.Span.End = e.Span.End
			last.New += e.New
			return edits
		}
	}
	return append(edits, e)
}

// touched is a later step of somebody else that stands and took out some of what a step put in, or
// put something into the middle of it; nil: none did.
func (j *Journal) touched(i int) *step {
	other := func(k int) bool {
		return k > i && j.steps[k].stands && j.steps[k].by != j.steps[i].by
	}
	for _, all := range j.pieces {
		behind, inside := false, -1 // a piece of the step; what others put in since
		for _, p := range all {
			switch {
			case p.put == i && behind && inside >= 0:
				return &j.steps[inside]
			case p.put == i:
				if k := slices.IndexFunc(p.gone, other); k >= 0 {
					return &j.steps[p.gone[k]]
				}
				behind = true
			case !j.seen(p):
			case behind && p.put >= 0 && other(p.put):
				inside = p.put
			default:
				behind, inside = false, -1
			}
		}
	}
	return nil
}
