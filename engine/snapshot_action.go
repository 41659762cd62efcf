package engine

import (
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// writeActions writes leave, exemptions, and the events whose verdicts may change.
func (e *Engine) writeActions(w *writer) {
	for _, a := range e.actions {
		a.node.write(w)
	}
	w.uint(uint64(len(e.leaves)))
	for _, l := range e.leaves {
		w.text(l.id)
		w.text(l.who)
		w.int(l.from)
		w.int(l.until)
		w.text(l.deputy)
	}
	for _, t := range e.tables {
		if t != nil {
			t.idle.write(w)
		}
	}
	e.kept.tasks.write(w)
	w.uint(uint64(len(e.waivers)))
	for _, x := range e.waivers {
		for _, s := range []string{x.id, x.rule, x.record, x.by, x.why} {
			w.text(s)
		}
		w.int(x.at)
		w.int(x.until)
	}
	w.uint(uint64(len(e.judged.list)))
	for _, j := range e.judged.list {
		j.write(w)
	}
}

func (e *Engine) readActions(r *scanner) {
	for _, a := range e.actions {
		e.readNode(a.node, r)
	}
	for range r.count() {
		e.leaves = append(e.leaves, leave{r.text(), r.text(), r.int(), r.int(), r.text()})
	}
	for _, t := range e.tables {
		if t != nil {
			t.idle.restore(r, len(t.rows))
		}
	}
	e.readTasks(r)
	for range r.count() {
		e.waivers = append(e.waivers,
			waiver{r.text(), r.text(), r.text(), r.text(), r.text(), r.int(), r.int()})
	}
	for range r.count() {
		j := e.readJudged(r)
		if r.bad {
			return
		}
		e.fileJudged(j)
	}
}

func (j *judgedEvent) write(w *writer) {
	w.text(j.typ.rec.Full)
	w.text(j.id)
	w.uint(j.seq)
	w.int(j.at)
	for i := range j.typ.rec.Fields {
		if j.typ.layout.Pos[i] >= 0 {
			w.b = decision.AppendValue(w.b, handleAsInt(j.typ.layout.Value(&j.values, i)))
		}
	}
	w.uint(uint64(len(j.acts)))
	for i := range j.acts {
		x := &j.acts[i]
		w.uint(uint64(x.program.of.Index))
		w.b = append(w.b, byte(x.done), byte(x.counted))
		w.int(x.until)
		w.uint(uint64(len(x.lines)))
		for _, id := range x.lines {
			w.text(id)
		}
		w.text(string(x.rows))
	}
	w.uint(uint64(len(j.reviews)))
	for _, v := range j.reviews {
		w.text(v.id)
		w.int(v.at)
		w.uint(v.seq)
		w.bool(v.pass)
		w.text(v.by)
	}
	w.uint(uint64(len(j.scores)))
	for i := range j.scores {
		writeScored(w, &j.scores[i])
	}
	w.uint(uint64(len(j.trusted)))
	for _, v := range j.trusted {
		w.bool(v.given)
		w.bool(v.known)
		w.int(v.bits)
	}
	w.text(string(j.rows))
}

func (e *Engine) readJudged(r *scanner) *judgedEvent {
	e.judged.next++
	j := &judgedEvent{number: e.judged.next}
	full := r.text()
	for _, t := range e.events {
		if t != nil && t.rec.Full == full {
			j.typ = t
		}
	}
	if j.typ == nil {
		r.bad = true
		return j
	}
	j.id, j.seq, j.at, j.values = r.text(), r.uint(), r.int(), j.typ.layout.New()
	for i, f := range j.typ.rec.Fields {
		if j.typ.layout.Pos[i] < 0 {
			continue
		}
		v := r.value()
		if v.Known() && f.Type.Kind == value.Ref {
			v.Kind = value.Ref
		}
		j.typ.layout.Put(&j.values, i, v)
	}
	for range r.count() {
		e.readJudgedAction(j, r)
	}
	for i := range j.acts {
		if j.acts[i].until > 0 {
			e.armJudged(j, &j.acts[i])
		}
	}
	for range r.count() {
		j.reviews = append(j.reviews, review{r.text(), r.int(), r.uint(), r.bool(), r.text()})
	}
	for range r.count() {
		e.readScored(j, r)
	}
	for i := range j.acts {
		x := &j.acts[i]
		x.in, x.maybe = x.standsIn(j.reviews)
	}
	for range r.count() {
		j.trusted = append(j.trusted, verdictOf{r.bool(), r.bool(), r.int()})
	}
	if t := e.trusting[j.typ.rec.Index]; t != nil && len(j.trusted) != len(t.asked) {
		r.bad = true
	}
	j.rows = []byte(r.text())
	return j
}

func (e *Engine) readJudgedAction(j *judgedEvent, r *scanner) {
	i := r.uint()
	if i >= uint64(len(e.actions)) {
		r.bad = true
		return
	}
	x := judgedAction{program: e.actions[i], done: r.tri(), counted: r.tri(), until: r.int()}
	for range r.count() {
		x.lines = append(x.lines, r.text())
	}
	x.rows = []byte(r.text())
	j.acts = append(j.acts, x)
}

func (e *Engine) readScored(j *judgedEvent, r *scanner) {
	i := r.uint()
	if i >= uint64(len(e.scores)) {
		r.bad = true
		return
	}
	s := decision.Scored{Score: e.scores[i].score, Known: r.bool(), Value: r.value().Float()}
	for range r.count() {
		s.Terms = append(s.Terms,
			decision.TermValue{Known: r.bool(), Skipped: r.bool(), Value: r.value().Float()})
	}
	if len(s.Terms) != len(e.scores[i].terms) {
		r.bad = true
		return
	}
	j.scores = append(j.scores, s)
}

// writeScored writes a score that was fixed on arrival.
func writeScored(w *writer, s *decision.Scored) {
	w.uint(uint64(s.Score.Index))
	w.bool(s.Known)
	w.b = decision.AppendValue(w.b, value.OfFloat(value.Number, s.Value))
	w.uint(uint64(len(s.Terms)))
	for _, t := range s.Terms {
		w.bool(t.Known)
		w.bool(t.Skipped)
		w.b = decision.AppendValue(w.b, value.OfFloat(value.Number, t.Value))
	}
}

// value reads a value that AppendValue wrote.
func (r *scanner) value() value.Value {
	v, rest, err := decision.ReadValue(r.b)
	if err != nil {
		r.bad, r.b = true, nil
		return value.Value{}
	}
	r.b = rest
	return v
}
