package dsl

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// What is told of a declaration follows from its text and from the texts of what it can reach: what
// its words name, what those texts name in turn, and what adds to a record from elsewhere. Where
// all of these are as they were, and nothing was told of any of them, nothing is told again: the
// body of such a declaration is not looked at. Where something was told, the declaration and all
// that reaches it are looked at anew, because the nearest name or the first of several may be
// another. What a body reads is checked when it is read, so that a body which is looked at finds
// all it would find if every body were.

// The hash of a declaration follows from the same texts, so it is not worked out again either.

// memory is what a Checker remembers of the text that it looked at last.
type memory struct {
	people string // whose tasks and alerts are theirs rather than about them
	frame  string // what holds for all: settings, and what the package is called
	pkgs   []string
	brings []bring
	words  map[string]int32
	named  [][]int32 // entries by the words that name them; kept for its memory
	units  map[unitKey]*unit
	run    int
	global []*unit // what adds to built-in records: it may be read everywhere
}

// maxWords bounds the words that are remembered; past it all is forgotten and learned again.
const maxWords = 50_000

// unitKey is a line at file level with its block, as it was written.
type unitKey struct{ pkg, text string }

// unit is what is remembered of one such line.
type unit struct {
	words []int32 // what it may name, each once
	reads []*unit // what these named, and what added to it, in order
	clean bool    // nothing was told of it
	means meaning // zero where it was not worked out
	quiet bool    // it was proved as well, and nothing was told of that
	run   int     // the last run that looked at it or left it as it was
}

// meaning is the hashes of what a declaration means: with all it says, of what its state hangs on,
// and of that in the names that things had before.
type meaning struct{ hash, state, former policy.Hash }

// entry is a unit in the text at hand.
type entry struct {
	*unit
	line  *syntax.Line
	reads []int32
	told  bool
	dirty bool
}

// plan is which declarations need not be looked at.
type plan struct {
	m       *memory
	entries []entry
	at      map[*syntax.Line]int32
	added   [][2]int32 // entries that read, and what they read otherwise than by their words
	frame   []byte
	pkgs    []string // paths of all packages
	brings  []bring
	all     bool // every body is looked at, for a policy to run
	linked  bool // what counts tasks or alerts counts those that it counted before
}

// bring is an import line: what it makes a name for, in which package.
type bring struct {
	in, path, name string
	all            bool
}

// reuse finds out what is as it was. The shells are made already.
func (c *checker) reuse(m *memory) {
	if len(m.words) > maxWords {
		*m = memory{}
	}
	if m.units == nil {
		m.words, m.units = map[string]int32{}, map[unitKey]*unit{}
	}
	p := &plan{m: m, at: map[*syntax.Line]int32{}}
	c.plan = p
	m.run++
	whole := p.lines(c)
	for i := range m.named {
		m.named[i] = m.named[i][:0]
	}
	m.named = append(m.named, make([][]int32, len(m.words)-len(m.named))...)
	for _, q := range c.everyPackage() {
		p.names(q)
	}
	global := p.additions(c)
	p.reads()
	seen, renamed := p.imports()
	fresh := !whole || seen || string(p.frame) != m.frame || !slices.Equal(global, m.global)
	for i := range p.entries {
		e := &p.entries[i]
		same := p.sameReads(e)
		e.dirty = fresh || e.run != m.run-1 || !e.clean || !same ||
			slices.ContainsFunc(renamed, func(w int32) bool {
				_, has := slices.BinarySearch(e.words, w)
				return has
			})
	}
	p.spread()
	for i := range p.entries {
		if e := &p.entries[i]; e.dirty && slices.Contains(global, e.unit) {
			for i := range p.entries {
				p.entries[i].dirty = true
			}
			break
		}
	}
	for i := range p.entries {
		if e := &p.entries[i]; e.dirty {
			e.means, e.quiet = meaning{}, false
		}
	}
	m.frame, m.global, m.pkgs, m.brings = string(p.frame), global, p.pkgs, p.brings
}

// imports compares the import lines with those of before. A name that an import makes, or makes no
// longer, is another for whoever says it. What the names of a package stand for shows in what is
// read, but not whether they are seen: seen reports that there is something to see, or no longer,
// in a package that was there and is.
func (p *plan) imports() (seen bool, renamed []int32) {
	there := func(list []string, pkg string) bool { return slices.Contains(list, pkg) }
	both := func(list []bring) []bring {
		return slices.DeleteFunc(slices.Clone(list), func(b bring) bool {
			if slices.Contains(p.brings, b) && slices.Contains(p.m.brings, b) {
				return false
			}
			if !there(p.m.pkgs, b.in) || !there(p.pkgs, b.in) {
				return true // all of that package is new, or gone
			}
			seen = seen || b.all && there(p.m.pkgs, b.path) && there(p.pkgs, b.path)
			if id, ok := p.m.words[b.name]; ok {
				renamed = append(renamed, id)
			}
			return true
		})
	}
	was, now := both(p.m.brings), both(p.brings)
	return seen || !slices.Equal(was, now), renamed
}

// lines makes the entries. It reports whether every file could be cut into lines by its brackets
// alone: else a line depends on those around it.
func (p *plan) lines(c *checker) bool {
	whole := true
	set := c.policy.Settings
	p.say(set.Timezone, set.Calendar, set.Lang, string('0'+rune(set.Datum)))
	p.say(c.policy.Package)
	for _, q := range c.everyPackage() {
		p.pkgs = append(p.pkgs, q.path)
		for _, f := range q.files {
			whole = whole && !f.Mended()
			for _, l := range f.Lines {
				switch n := l.Node.(type) {
				case *syntax.Package:
				case *syntax.Import:
					p.bring(c, q, l, n)
				default:
					p.line(q, l)
				}
			}
		}
	}
	return whole
}

func (p *plan) bring(c *checker, q *pkg, l *syntax.Line, n *syntax.Import) {
	words := make([]string, len(n.Path))
	for i, w := range n.Path {
		words[i] = l.Name(w.Tok)
	}
	b := bring{in: q.path, path: strings.Join(words, "."), name: words[len(words)-1], all: n.All}
	b.path = strings.TrimPrefix(b.path, c.policy.Package+".")
	if n.As.Ok() {
		b.name = l.Name(n.As.Tok)
	}
	p.brings = append(p.brings, b)
}

// say adds to what holds for all.
func (p *plan) say(words ...string) {
	for _, w := range words {
		p.frame = append(append(p.frame, w...), 0)
	}
}

func (p *plan) line(q *pkg, l *syntax.Line) {
	at := l.Whole()
	key := unitKey{q.path, l.File().Text[at.Off:at.End]}
	u := p.m.units[key]
	if u == nil {
		u = &unit{run: -1}
		l.Words(func(name string) {
			id, ok := p.m.words[name]
			if !ok {
				id = int32(len(p.m.words))
				p.m.words[name] = id
			}
			u.words = append(u.words, id)
		})
		slices.Sort(u.words)
		u.words = slices.Clip(slices.Compact(u.words))
		key.text = string([]byte(key.text)) // it does not hold on to the whole file
		p.m.units[key] = u
	}
	p.at[l] = int32(len(p.entries))
	p.entries = append(p.entries, entry{unit: u, line: l})
}

// names notes which entries the names of a package stand for.
func (p *plan) names(q *pkg) {
	note := func(name string, d *decl) {
		if id, ok := p.m.words[name]; ok && d != nil {
			if i, ok := p.at[d.place()]; ok {
				p.m.named[id] = append(p.m.named[id], i)
			}
		}
	}
	for _, name := range q.order {
		note(name, q.names[name])
	}
	for name, d := range q.labels { //tidy:order each is a word of its own
		note(name, d)
	}
}

// place is the line at file level that makes a declaration.
func (d *decl) place() *syntax.Line {
	if d.useLine != nil {
		return d.useLine
	}
	return d.line
}

// additions notes what reaches a declaration otherwise than by its words: what adds fields to its
// record from elsewhere, and every action of an alert by action. It returns what adds to built-in
// records.
func (p *plan) additions(c *checker) (global []*unit) {
	add := func(to *decl, l *syntax.Line) {
		from, ok := p.at[l]
		if !ok || to == nil {
			return
		}
		if i, ok := p.at[to.place()]; ok {
			p.added = append(p.added, [2]int32{i, from})
		} else {
			global = append(global, p.entries[from].unit)
		}
	}
	extended := func(d *decl) {
		for _, m := range d.more {
			add(d, m.line)
		}
	}
	for _, name := range c.builtin.order {
		extended(c.builtin.names[name])
	}
	var actions []*syntax.Line
	for _, d := range c.decls {
		extended(d)
		if d.kind == isAction {
			actions = append(actions, d.place())
		}
		for _, u := range d.usedAs { // its name may stand for what they make of it
			add(d, u.place())
		}
		if d.of != nil && (d.kind == isJourney || d.kind == isAllocate ||
			d.kind == isAction && ticks(d.line)) {
			add(c.byRecord[d.of], d.place())
		}
	}
	for _, d := range c.decls {
		if n, ok := d.node.(*syntax.Alert); ok && len(n.By) == 1 && d.line.Dotted(n.By[0]) == "action" {
			for _, l := range actions {
				add(d, l)
			}
		}
	}
	return global
}

// reads notes what every entry reads: what its words name, then what is added to it.
func (p *plan) reads() {
	slices.SortStableFunc(p.added, func(a, b [2]int32) int { return int(a[0] - b[0]) })
	all := make([]int32, 0, 16*len(p.entries))
	added := p.added
	for i := range p.entries {
		e, from := &p.entries[i], len(all)
		for _, w := range e.words {
			all = append(all, p.m.named[w]...)
		}
		for len(added) > 0 && added[0][0] == int32(i) {
			all = append(all, added[0][1])
			added = added[1:]
		}
		e.reads = all[from:len(all):len(all)]
	}
}

// sameReads keeps what an entry reads and reports whether that is what it read before.
func (p *plan) sameReads(e *entry) bool {
	same := len(e.reads) == len(e.unit.reads)
	for i := 0; same && i < len(e.reads); i++ {
		same = e.unit.reads[i] == p.entries[e.reads[i]].unit
	}
	if !same {
		e.unit.reads = e.unit.reads[:0]
		for _, i := range e.reads {
			e.unit.reads = append(e.unit.reads, p.entries[i].unit)
		}
	}
	return same
}

// spread marks whatever reaches something that is to be looked at.
func (p *plan) spread() {
	first := make([]int32, len(p.entries)+1) // of the readers of each entry
	for i := range p.entries {
		for _, r := range p.entries[i].reads {
			first[r+1]++
		}
	}
	for i := range p.entries {
		first[i+1] += first[i]
	}
	readers := make([]int32, first[len(p.entries)])
	next := slices.Clone(first)
	var todo []int32
	for i := range p.entries {
		e := &p.entries[i]
		for _, r := range e.reads {
			readers[next[r]] = int32(i)
			next[r]++
		}
		if e.dirty {
			todo = append(todo, int32(i))
		}
	}
	for len(todo) > 0 {
		i := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, r := range readers[first[i]:first[i+1]] {
			if !p.entries[r].dirty {
				p.entries[r].dirty = true
				todo = append(todo, r)
			}
		}
	}
}

// body looks at what a line at file level says, unless nothing could be told of it that is new.
// What a use makes of a template is always looked at.
func (c *checker) body(l *syntax.Line, used bool, look func()) {
	if c.plan == nil {
		look()
		return
	}
	i, ok := c.plan.at[l]
	if ok && !used && !c.plan.all && !c.plan.entries[i].dirty {
		return
	}
	told := len(c.diags)
	look()
	if ok && len(c.diags) > told {
		c.plan.entries[i].told = true
	}
}

// learn remembers of which lines something was told, while they were looked at or at a place in
// them. What no engine runs yet counts too, because who reads it hears of it.
func (c *checker) learn() {
	p := c.plan
	for _, d := range c.diags {
		if i, ok := p.holding(c, d.Span); ok {
			p.entries[i].told = true
		}
	}
	for _, d := range c.decls {
		if i, ok := p.at[d.place()]; ok && d.later != "" {
			p.entries[i].told = true
		}
	}
	for _, d := range c.decls {
		i, ok := p.at[d.line]
		if h := d.hashed(); ok && h != nil && d.used == nil && p.all {
			p.entries[i].means = meaning{h.Hash, h.State, h.Former}
		}
	}
	for i := range p.entries {
		e := &p.entries[i]
		e.clean = !e.told && (e.clean || e.run != p.m.run)
		e.run = p.m.run
	}
	for key, u := range p.m.units { //tidy:order each is decided by itself
		if u.run != p.m.run {
			delete(p.m.units, key)
		}
	}
}

// holding finds the entry that a place is in.
func (p *plan) holding(c *checker, at source.Span) (int32, bool) {
	for _, q := range c.everyPackage() {
		for _, f := range q.files {
			if f.Index != at.File {
				continue
			}
			if l := f.LineAt(at.Off); l != nil {
				i, ok := p.at[l]
				return i, ok
			}
		}
	}
	return 0, false
}

// asBefore reports whether a declaration means what it meant before, and nothing was told of it or
// of what it reaches.
func (c *checker) asBefore(d *decl) bool {
	if c.plan == nil || d.used != nil {
		return false
	}
	i, ok := c.plan.at[d.line]
	return ok && !c.plan.entries[i].dirty
}

// recall gives declarations that mean what they meant before their hashes. Who is a person shows
// only in the whole policy, and what counts tasks or alerts depends on it.
func (c *checker) recall() {
	var names []string
	for r := range c.people { //tidy:order they are sorted below
		names = append(names, r.Full)
	}
	slices.Sort(names)
	people := strings.Join(names, " ")
	same := len(c.linkless) == 0 || people == c.plan.m.people
	c.plan.m.people, c.plan.linked = people, same
	for _, d := range c.decls {
		if h := d.hashed(); same && h != nil && c.asBefore(d) {
			e := &c.plan.entries[c.plan.at[d.line]]
			h.Hash, h.State, h.Former = e.means.hash, e.means.state, e.means.former
		}
	}
}

// hashed is the head of what a declaration became, whose hash is remembered; nil for the others.
func (d *decl) hashed() *policy.Head {
	switch {
	case d.kind.isRecord() && d.record != nil:
		return &d.record.Head
	case d.kind == isScore && d.score != nil:
		return &d.score.Head
	case d.kind == isSegment && d.segment != nil:
		return &d.segment.Head
	case d.act == nil:
		return nil
	case d.act.action != nil:
		return &d.act.action.Head
	case d.act.rule != nil:
		return &d.act.rule.Head
	case d.act.alert != nil && d.act.alert.Cell == nil:
		return &d.act.alert.Head
	}
	return nil
}

// ticks reports whether an action has steps that a person ticks: its event gets a field for them.
func ticks(l *syntax.Line) bool {
	return slices.ContainsFunc(l.Body, func(l *syntax.Line) bool {
		return slices.ContainsFunc(l.Body, func(l *syntax.Line) bool {
			n, ok := l.Node.(*syntax.Step)
			return ok && n.Is == nil
		})
	})
}

// everyPackage are the packages that were read, the workspace's own last.
func (c *checker) everyPackage() []*pkg {
	return append(slices.Clone(c.packages), c.own)
}
