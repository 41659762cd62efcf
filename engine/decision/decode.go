package decision

import (
	"fmt"
	"math"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// Decode unpacks what AppendDecision packed into d, whose memory it uses again. It accepts only
// bytes that pack again to the same, and only names that the codec's policy has.
func (c *Codec) Decode(b []byte, d *Decision) error {
	d.Reset()
	r := reader{codec: c, b: b}
	r.decision(d)
	if len(r.b) > 0 {
		r.fail("%d bytes follow a stored decision", len(r.b))
	}
	if r.err != nil {
		return fmt.Errorf("decode decision: %w", r.err)
	}
	return nil
}

func (r *reader) format() {
	if f := r.byte(); f != format && r.err == nil {
		r.fail("form %d is not one this program reads", f)
	}
}

func (r *reader) decision(d *Decision) {
	r.format()
	head, parts := r.byte(), r.byte()
	d.Kind, d.Outcome = Kind(head&(1<<kindWidth-1)), Outcome(head>>kindWidth)
	if d.Kind > Erase || d.Outcome > Dropped || parts&^allParts != 0 {
		r.fail("no decision begins with %#x %#x", head, parts)
	}
	d.Seq = r.uvarint()
	d.Moment = r.varint()
	if parts&hasCause != 0 {
		d.Cause, d.Depth = r.uvarint(), r.within(math.MaxInt32, "depth")
	}
	d.At = d.Moment
	if parts&hasOwnAt != 0 {
		d.At = r.varint()
	}
	if parts&hasRecord != 0 {
		d.Record = r.ref()
	}
	if parts&hasFindings != 0 {
		for n := r.count(); n > 0 && r.err == nil; n-- {
			r.finding(d.AddFinding())
		}
	}
	if parts&hasMore != 0 {
		r.texts(d)
	}
	if parts&hasScores != 0 {
		for n := r.count(); n > 0 && r.err == nil; n-- {
			r.score(d.AddScore())
		}
	}
	if parts&hasEffects != 0 {
		for n := r.count(); n > 0 && r.err == nil; n-- {
			r.effect(d, d.AddEffect())
		}
	}
	if parts&hasRow != 0 {
		d.Row = append(d.Row, r.take(r.uvarint())...)
	}
	if parts&hasMore != 0 {
		r.actions(d)
	}
	if r.err == nil && partsOf(d) != parts {
		r.fail("parts %#x do not hold what they say", parts)
	}
}

// actions reads what appendActions wrote.
func (r *reader) actions(d *Decision) {
	for n := r.count(); n > 0 && r.err == nil; n-- {
		full := string(r.take(r.uvarint()))
		a := r.codec.action(full)
		if a == nil {
			r.fail("policy has no action %q", full)
			return
		}
		b := r.byte()
		if b>>2 > byte(value.True) || b&3 > byte(value.True) {
			r.fail("no completion is %#x", b)
			return
		}
		d.Actions = append(d.Actions, Completion{a, value.Tri(b & 3), value.Tri(b >> 2)})
	}
	last := 0
	for i := r.within(uint64(len(d.Findings))+1, "finding"); i != 0 && r.err == nil; {
		v := Verdict(r.byte())
		if i <= last || v == 0 || v > Said(policy.Failed) {
			r.fail("no finding says %d", v)
			return
		}
		d.Findings[i-1].Verdict, last = v, i
		i = r.within(uint64(len(d.Findings))+1, "finding")
	}
}

func (r *reader) ref() Ref {
	return Ref{Type: r.recordType(), ID: r.text()}
}

func (r *reader) recordType() *policy.Record {
	name := r.take(r.uvarint())
	if len(name) == 0 {
		return nil
	}
	t := r.codec.record(string(name))
	if t == nil {
		r.fail("policy has no record type %q", name)
	}
	return t
}

func (r *reader) refs(to []Ref) []Ref {
	for n := r.count(); n > 0 && r.err == nil; n-- {
		to = append(to, r.ref())
	}
	return to
}

func (r *reader) values(to []value.Value) []value.Value {
	for n := r.count(); n > 0 && r.err == nil; n-- {
		to = append(to, r.value())
	}
	return to
}

func (r *reader) span() source.Span {
	file := r.within(math.MaxInt32, "file")
	off := r.within(math.MaxInt32, "place")
	end := int64(off) + r.varint()
	if end < 0 || end > math.MaxInt32 {
		r.fail("place %d is none", end)
	}
	return source.Span{File: int32(file), Off: int32(off), End: int32(end)}
}

func (r *reader) finding(f *Finding) {
	f.Code = source.Code(r.text())
	for n := r.count(); n > 0 && r.err == nil; n-- {
		f.Args = append(f.Args, r.text())
	}
	f.Field = r.field()
	f.Rule = r.text()
	f.Span = r.span()
}

// texts reads what appendTexts stored.
func (r *reader) texts(d *Decision) {
	for i := range d.Findings {
		n := r.within(uint64(len(r.codec.texts))+1, "text")
		if n == 0 || r.err != nil {
			continue
		}
		f := &d.Findings[i]
		f.Text = r.codec.texts[n-1]
		f.Values = r.values(f.Values)
	}
}

func (r *reader) field() *policy.Field {
	t := r.recordType()
	if t == nil {
		return nil
	}
	name := r.text()
	for _, f := range t.Fields {
		if f.Name == name {
			return f
		}
	}
	r.fail("%s has no field %q", t.Full, name)
	return nil
}

func (r *reader) score(s *Scored) {
	name := r.text()
	if s.Score = r.codec.score(name); s.Score == nil {
		r.fail("policy has no score %q", name)
	}
	s.Known = r.flags(isKnown)&isKnown != 0
	s.Value = r.number()
	for n := r.count(); n > 0 && r.err == nil; n-- {
		bits := r.flags(isKnown | isSkipped)
		s.Terms = append(s.Terms, TermValue{
			Known: bits&isKnown != 0, Skipped: bits&isSkipped != 0, Value: r.number(),
		})
	}
}

// flags reads a byte of which only the given bits may be set.
func (r *reader) flags(allowed byte) byte {
	b := r.byte()
	if b&^allowed != 0 {
		r.fail("flags %#x are none", b)
	}
	return b
}

func (r *reader) effect(d *Decision, e *Effect) {
	e.Kind = EffectKind(r.byte())
	has := r.flags(allEffectBits)
	e.Rule = r.text()
	e.Effect = r.policyEffect(e.Rule)
	switch {
	case has&effectPlace != 0:
		e.Span = r.span()
	case e.Effect != nil:
		e.Span = e.Effect.Span
	}
	if has&effectState != 0 {
		e.State, e.Tier = State(r.byte()), r.text()
	}
	if e.Kind > Segment || e.State > Leave {
		r.fail("no effect has kind %d and state %d", e.Kind, e.State)
	}
	e.Subject = d.Record
	if has&effectSubject != 0 {
		e.Subject = r.ref()
	}
	e.For = r.refs(e.For)
	e.Args = r.values(e.Args)
	e.Shadow = has&effectShadow != 0
	if has&effectDue != 0 {
		e.Due = r.varint()
	}
	if has&effectTarget != 0 {
		e.Target, e.Value = r.ref(), r.value()
	}
	if has&effectDigest != 0 {
		e.Count = int(r.varint())
		e.Names = r.values(e.Names)
	}
	if has&effectWith != 0 {
		e.With = r.refs(e.With)
	}
	if r.err == nil && effectBits(d, e) != has {
		r.fail("effect does not hold what its bits %#x say", has)
	}
}

// policyEffect reads the place of an effect in its rule; 0 is for the engine's own effects.
func (r *reader) policyEffect(rule string) *policy.Effect {
	place := r.uvarint()
	if place == 0 {
		return nil
	}
	effects := r.codec.owners[rule].effects
	if place > uint64(len(effects)) {
		r.fail("policy has no effect %d of %q", place, rule)
		return nil
	}
	return effects[place-1]
}
