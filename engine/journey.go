package engine

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/eval"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/engine/slots"
)

// journey is one journey as the engine runs it (reference, section 5). Whatever asks for a move, a
// record, a `set` or an import, comes through ask: there is one guard.
type journey struct {
	of     *policy.Journey
	kind   *entityType
	on     bool // false: mode off, whoever asks for a stage gets it
	shadow bool
	warn   bool // what is not met is told, and the record moves
	stages []*stageNode
	stays  []stay // by handle

	stage, since, open int // the fields' indexes

	rows                               *entityType // its stays
	subject, at, entered, left, length int         // their fields' indexes
}

// stageNode is one stage of it.
type stageNode struct {
	of                 *policy.Stage
	order              int // among the stages that are not lost; -1: it is lost
	entry, must        []*requirement
	enter, leave, late *node   // what it does; nil: nothing
	dues               []*node // its deadlines
}

// requirement is one line `entry` or `must`.
type requirement struct {
	of    *policy.Requirement
	stage *stageNode
	must  bool
	when  *program
	count eval.Int // nil: a truth of its own
	open  eval.Int // with what may yet count; nil: the same
	text  []leaf
	seen  tally
}

// run is whether a requirement holds. Too few completions are unknown, not false, where those that
// may yet count would do: a review is open, or `done` waits.
func (q *requirement) run(env *eval.Env) (verdict value.Tri, part int) {
	verdict, part = q.when.run(env)
	if verdict == value.False && q.waiting(env) {
		verdict = value.Unknown
	}
	return verdict, part
}

func (q *requirement) waiting(env *eval.Env) bool {
	if q.open == nil {
		return false
	}
	n, ok := q.open(env)
	return ok && n >= int64(q.of.N)
}

// stay is what is remembered of where a record has been.
type stay struct {
	before int32 // while it is lost: the stage before, which leaving is judged from
	number int32 // of stays so far
	row    int32 // of the last one
	spent  []spent
}

// spent is one stage that the record was in. While it is there, left is not known.
type spent struct {
	stage   int32
	gone    bool
	entered int64 // last
	left    int64 // last
	total   int64 // of the stays that are over
}

// stageOf is the stage that a record is in.
func (j *journey) stageOf(s *slots.Slots) int32 {
	return int32(s.N[j.kind.layout.Pos[j.stage]])
}

// place writes into slots that a record is in a stage.
func (j *journey) place(s *slots.Slots, stage int32, since int64) {
	l := j.kind.layout
	l.Put(s, j.stage, value.OfWord(value.Choice, int64(stage)))
	l.Put(s, j.since, value.OfWord(value.Time, since))
	l.Put(s, j.open, value.OfBool(j.stages[stage].of.Kind == policy.StageOpen))
}

// been returns what is remembered of a record.
func (j *journey) been(h int32) *stay {
	for int(h) >= len(j.stays) {
		j.stays = append(j.stays, stay{})
	}
	return &j.stays[h]
}

// in returns what is remembered of a record's time in a stage; nil: it was never there.
func (j *journey) in(h, stage int32) *spent {
	if h < 0 || int(h) >= len(j.stays) {
		return nil
	}
	list := j.stays[h].spent
	for i := range list {
		if list[i].stage == stage {
			return &list[i]
		}
	}
	return nil
}

// arrive notes that a record entered a stage.
func (e *Engine) arrive(j *journey, h, stage int32, now int64) {
	b := j.been(h)
	b.number++
	e.openStay(j, h, stage, now)
	if x := j.in(h, stage); x != nil {
		x.gone, x.entered = false, now
		return
	}
	b.spent = append(b.spent, spent{stage: stage, entered: now})
}

// depart notes that it left one.
func (e *Engine) depart(j *journey, h, stage int32, now int64) {
	x := j.in(h, stage)
	if x == nil || x.gone {
		return
	}
	x.gone, x.left = true, now
	x.total += now - x.entered
	e.writeStay(j, j.been(h).row, func(s *slots.Slots) {
		j.rows.layout.Put(s, j.left, timeOf(now))
		j.rows.layout.Put(s, j.length, value.OfWord(value.Duration, now-x.entered))
	})
}

// openStay makes the row of a stay, named by the record and a number.
func (e *Engine) openStay(j *journey, h, stage int32, now int64) {
	b := j.been(h)
	b.row = e.stayRow(j, j.kind.table.meta[h].id, b.number)
	e.writeStay(j, b.row, func(s *slots.Slots) {
		l := j.rows.layout
		l.Put(s, j.rows.table.created, timeOf(now))
		l.Put(s, j.subject, value.OfWord(value.Ref, int64(h)))
		l.Put(s, j.at, choiceOf(int64(stage)))
		l.Put(s, j.entered, timeOf(now))
		s.Clear(j.left)
		s.Clear(j.length)
	})
}

func (e *Engine) stayRow(j *journey, id string, number int32) int32 {
	name := id + "/" + whole(int64(number))
	if row, ok := j.rows.table.find(name); ok {
		return row
	}
	return e.made(j.rows.table, name)
}

// writeStay changes a row like any entity: whoever counts stays is told.
func (e *Engine) writeStay(j *journey, row int32, change func(*slots.Slots)) {
	k := j.rows
	next := &k.spare
	k.layout.Copy(next, k.table.rows[row])
	change(next)
	e.become(k, row, next)
}

// travel is a record's part in its journey, once its other fields have been applied: it begins, and
// what it says of `stage` is asked for. A first record with a stage is judged as a move from the
// first one, where it never was: only the stage that it begins in is entered.
func (e *Engine) travel(k *entityType, h int32, r *record.Record, first bool) {
	j := k.journey
	to, asked := j.wanted(r)
	if asked && to != j.stageOf(k.table.rows[h]) {
		e.refreshRows() // the record counts itself
		if e.allows(j, h, to) {
			e.move(j, h, to, first)
			return
		}
		e.dec.Outcome = decision.Held
		k.table.meta[h].last = [16]byte{} // the same again is judged anew
	}
	if first {
		e.settleIn(j, h, j.stageOf(k.table.rows[h]))
	}
}

// wanted is the stage that a record asks for.
func (j *journey) wanted(r *record.Record) (int32, bool) {
	if r.Named[j.stage>>6]>>(j.stage&63)&1 == 0 || !r.Slots.Has(j.stage) {
		return 0, false
	}
	return j.stageOf(&r.Slots), true
}

// clearsStage reports whether a record says that the stage is missing, which cannot be.
func (j *journey) clearsStage(r *record.Record) bool {
	return r.Null[j.stage>>6]>>(j.stage&63)&1 == 1
}

// allows judges a move and tells of every requirement that is not met. An open rebuild takes moves
// as they come: the past is not decided again.
func (e *Engine) allows(j *journey, h, to int32) bool {
	if !j.on || e.absorbing {
		return true
	}
	e.subject(j.kind.table, h)
	met := true
	e.scratch.asked = j.between(e.scratch.asked[:0], h, j.stageOf(j.kind.table.rows[h]), to)
	for _, q := range e.scratch.asked {
		verdict, part := q.run(&e.env)
		q.seen.saw(verdict)
		e.note(q.when, e.subjectIndex(j.kind.table, h), verdict, part)
		if verdict != value.True && !j.shadow {
			e.findUnmet(q, verdict, part)
			met = false
		}
	}
	return met || j.warn
}

// between is what a move asks for: nothing where it goes back or to a lost stage; forward `must` of
// the present and of every stage skipped, `entry` of those and of the target. Leaving a lost stage
// is judged as from the one before it.
func (j *journey) between(list []*requirement, h, from, to int32) []*requirement {
	if j.stages[from].order < 0 {
		from = j.been(h).before
	}
	low, high := j.stages[from].order, j.stages[to].order
	for _, g := range j.stages {
		if g.order > low && g.order <= high {
			list = append(list, g.entry...)
		}
		if g.order >= low && g.order < high {
			list = append(list, g.must...)
		}
	}
	return list
}

// move takes a record to another stage.
func (e *Engine) move(j *journey, h, to int32, first bool) {
	k := j.kind
	from := j.stageOf(k.table.rows[h])
	if !first {
		e.hook(j, h, j.stages[from].leave)
		for _, n := range j.stages[from].dues {
			e.endDue(n, h)
		}
		e.depart(j, h, from, e.now)
	}
	b := j.been(h)
	if j.stages[to].order < 0 && j.stages[from].order >= 0 {
		b.before = from
	}
	next := &k.spare
	k.layout.Copy(next, k.table.rows[h])
	j.place(next, to, e.now)
	e.become(k, h, next)
	e.settleIn(j, h, to)
}

// settleIn is what entering a stage sets off.
func (e *Engine) settleIn(j *journey, h, to int32) {
	e.arrive(j, h, to, e.now)
	e.refreshRows() // messages read what counts the record
	if j.on && !e.absorbing {
		for _, n := range j.stages[to].dues {
			e.startDue(n, h, e.now)
		}
	}
	e.hook(j, h, j.stages[to].enter)
}

// hook makes the effects of a stage.
func (e *Engine) hook(j *journey, h int32, n *node) {
	if n == nil || !j.on || e.absorbing {
		return
	}
	n.count.Fired++
	e.act(n, h, n.whom)
}

// nextStage is the stage that lies ahead of a record: where the way on leads. Of a lost one it is
// counted from the stage before.
func (j *journey) nextStage(h int32) (*stageNode, bool) {
	from := j.stageOf(j.kind.table.rows[h])
	if j.stages[from].order < 0 {
		from = j.been(h).before
	}
	for _, g := range j.stages {
		if g.order == j.stages[from].order+1 {
			return g, true
		}
	}
	return nil, false
}

// requirements are all that the journey asks for, in the order of its text.
func (j *journey) requirements() (list []*requirement) {
	for _, g := range j.stages {
		list = append(append(list, g.entry...), g.must...)
	}
	return list
}

// stayLeaf reads time_in(S), entered(S) and left(S): of the record at hand.
func (e *Engine) stayLeaf(x *policy.Expr) eval.Leaf {
	rec, stage := x.Args[0].Type.Record, int32(x.Args[1].Const.N)
	read := func(env *eval.Env) (*spent, bool) {
		j, h := e.kinds[rec.Index].journey, int32(env.SelfRef)
		if h < 0 || e.tables[rec.Index].lives[h] != alive {
			return nil, false
		}
		return j.in(h, stage), true
	}
	return eval.Leaf{Int: func(env *eval.Env) (int64, bool) {
		s, ok := read(env)
		switch {
		case x.Fn == "time_in":
			return s.time(env.Now), ok
		case s == nil:
			return 0, false
		case x.Fn == "entered":
			return s.entered, true
		}
		return s.left, s.gone
	}}
}

// time is how long a record has been in a stage, all stays together.
func (s *spent) time(now int64) int64 {
	switch {
	case s == nil:
		return 0
	case s.gone:
		return s.total
	}
	return s.total + now - s.entered
}

// staying is time_in(S) as linear in now: a record that is in the stage has been there since a
// moment in the past, moved by its earlier stays. Elsewhere the time stands still.
func (e *Engine) staying(x *policy.Expr) linear {
	rec, stage := x.Args[0].Type.Record, int32(x.Args[1].Const.N)
	return linear{sign: 1, scale: 1, rest: func(env *eval.Env) (int64, bool) {
		s := e.kinds[rec.Index].journey.in(int32(env.SelfRef), stage)
		if s == nil || s.gone {
			return 0, false
		}
		return s.total - s.entered, true
	}}
}

// StageOf returns the stage that an entity with a journey is in, and since when; "" where it has
// none.
func (e *Engine) StageOf(r *policy.Record, id string) (stage string, since int64) {
	k := e.kinds[r.Index]
	if k == nil || k.journey == nil {
		return "", 0
	}
	h, ok := k.table.find(id)
	if !ok || k.table.lives[h] != alive {
		return "", 0
	}
	s, j := k.table.rows[h], k.journey
	return j.stages[j.stageOf(s)].of.Name, s.N[k.layout.Pos[j.since]]
}

// forget ends the journey of a record that is deleted. Its stays stay; should it come again, it
// begins anew.
func (j *journey) forget(e *Engine, h int32) {
	e.depart(j, h, j.stageOf(j.kind.table.rows[h]), e.now)
	*j.been(h) = stay{number: j.been(h).number}
}
