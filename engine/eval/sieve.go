package eval

import (
	"math"
	"math/bits"
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// Sieve looks at one record with up to 64 conditions at once. Most conjuncts compare a field with
// constants, and many conditions ask about the same few fields: each field is looked at once, what
// that makes true and what it makes false of all conditions are two words, and a condition is a
// mask over them. What is no comparison of one field is run as in a Chain, and only where a Chain
// would. The verdicts are a Chain's, and so are the parts that decide.
type Sieve struct {
	words []sieveWord
	conds []sifted
	many  bool // so many lines that it pays to ask who needs one
}

// sieveWord is up to 64 conjuncts, a bit each.
type sieveWord struct {
	truths, lies uint64 // of the record in hand
	lines        []line
}

// line is one field, or a number that is worked out, with what its values make of the conjuncts.
type line struct {
	slot
	flip int64
	ladder
	holds []uint64 // by space: those that are true
	asks  uint64   // those that ask about it
	users uint64   // the conditions that do
	num   Num      // nil: the slot
}

// lineKey tells lines apart.
type lineKey struct {
	slot
	flip  int64
	score *policy.Score
}

// draft is a line in the making.
type draft struct {
	line
	cuts   []placed
	choice bool
}

// placed is a conjunct that asks about a line.
type placed struct {
	cut
	bit  uint64
	user uint64 // the condition it belongs to
}

// sifted is one condition.
type sifted struct {
	mask  uint64 // of its conjuncts that ask about a line
	at    int32
	first uint8 // the place of the bit of its first conjunct
	rest  []residue
}

// residue is a conjunct that is run.
type residue struct {
	link
	part int32
}

// Sieve puts conditions together. It is nil where it would be of no use: for more than 64
// conditions, and where each piece has to be run by itself.
func (c *Compiler) Sieve(conds []*Chain) *Sieve {
	if len(conds) > 64 || c.Backend != Closures || c.Probe != nil {
		return nil
	}
	s := &Sieve{}
	var w drafts
	for i, chain := range conds {
		if len(chain.links) > 64 {
			return nil
		}
		if w.used+len(chain.links) > 64 {
			s.words = append(s.words, w.word())
			w = drafts{}
		}
		d := sifted{at: int32(len(s.words)), first: uint8(w.used)}
		for k, x := range chain.parts {
			bit := uint64(1) << (w.used + k)
			p := placed{bit: bit, user: 1 << i}
			if l := w.draft(c, x, &chain.links[k], &p); l != nil {
				l.take(p)
				d.mask |= bit
			} else {
				d.rest = append(d.rest, residue{chain.links[k], int32(k)})
			}
		}
		w.used += len(chain.links)
		s.conds = append(s.conds, d)
	}
	s.words = append(s.words, w.word())
	for i := range s.words {
		s.many = s.many || len(s.words[i].lines) > 24
	}
	return s
}

// drafts are the lines of a word in the making.
type drafts struct {
	used int // bits
	keys []lineKey
	list []*draft
}

// draft finds or makes the line that a conjunct asks about, and cuts it; nil: it asks about more
// than a field of the subject, or a score of it.
func (w *drafts) draft(c *Compiler, x *policy.Expr, l *link, p *placed) *draft {
	d := &draft{}
	var key lineKey
	if k, ok := c.cut(x); ok {
		p.cut = k
		key = lineKey{slot: k.slot, flip: k.flip}
		kind := lineKind(x)
		d.choice = kind == value.Choice || kind == value.Bool
	} else {
		of := x.Args
		if l.how != measured || of[0].Op != policy.OpScore || of[0].Args[0].Op != policy.OpSelf {
			return nil
		}
		p.cut = cut{flip: l.flip, at: edges(l.lo, l.lo+int64(l.span)), of: l.within}
		key = lineKey{flip: l.flip, score: of[0].Score}
		d.num = l.num
	}
	if i := slices.Index(w.keys, key); i >= 0 {
		return w.list[i]
	}
	d.slot, d.flip = p.slot, p.flip
	w.keys, w.list = append(w.keys, key), append(w.list, d)
	return d
}

func (d *draft) take(p placed) {
	d.cuts = append(d.cuts, p)
	d.asks |= p.bit
	d.users |= p.user
}

// word works out what each space of each line makes of its conjuncts.
func (w *drafts) word() (out sieveWord) {
	for _, d := range w.list {
		var points, spaces []int64
		for _, k := range d.cuts {
			points = append(points, k.at...)
		}
		d.ladder, spaces = ladderOf(points, d.choice)
		for _, n := range spaces {
			var m uint64
			for _, k := range d.cuts {
				if k.of(n) == value.True {
					m |= k.bit
				}
			}
			d.holds = append(d.holds, m)
		}
		out.lines = append(out.lines, d.line)
	}
	return out
}

// lineKind is the kind of the field that a cut asks about.
func lineKind(x *policy.Expr) value.Kind {
	for len(x.Args) > 0 && x.Op != policy.OpField {
		i := 0
		if x.Args[0].Op == policy.OpConst && len(x.Args) > 1 {
			i = 1
		}
		x = x.Args[i]
	}
	return x.Type.Kind
}

// Look reads the fields of the record in v.Self that the conditions of a set ask about.
func (s *Sieve) Look(v *Env, conds uint64) {
	if !s.many {
		conds = math.MaxUint64
	}
	x := v.Self
	for k := range s.words {
		w := &s.words[k]
		var truths, lies uint64
		for i := range w.lines {
			l := &w.lines[i]
			var n int64
			switch {
			case l.users&conds == 0:
				continue
			case l.num != nil:
				f, ok := l.num(v)
				if !ok {
					continue
				}
				n = asWord(f)
			case x.Known[l.word]&l.mask == 0:
				continue
			default:
				n = x.N[l.pos]
			}
			m := l.holds[l.space(sorted(n, l.flip))]
			truths |= m
			lies |= l.asks &^ m
		}
		w.truths, w.lies = truths, lies
	}
}

// Verdict is what a Chain of condition i says of the record that Look was last given.
func (s *Sieve) Verdict(i int, v *Env) (verdict value.Tri, part int) {
	d := &s.conds[i]
	w := &s.words[d.at]
	lies, open := w.lies&d.mask, d.mask&^w.truths
	if len(d.rest) > 0 {
		lies, open = d.run(v, lies, open)
	}
	// Which it is cannot be guessed, so there is no branch over it.
	verdict = value.True
	decides := open
	if open != 0 {
		verdict = value.Unknown
	}
	if lies != 0 {
		verdict, decides = value.False, lies
	}
	if part = bits.TrailingZeros64(decides) - int(d.first); decides == 0 {
		part = -1
	}
	return verdict, part
}

// run runs what stands before the first conjunct that is false.
func (d *sifted) run(v *Env, lies, open uint64) (uint64, uint64) {
	for i := range d.rest {
		r := &d.rest[i]
		bit := uint64(1) << (uint32(d.first) + uint32(r.part))
		if lies != 0 && lies&-lies < bit {
			break
		}
		switch r.of(v, v.Self) {
		case value.False:
			return lies | bit, open
		case value.Unknown:
			open |= bit
		}
	}
	return lies, open
}
