package decision

import (
	"encoding/binary"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// format is the first byte of stored decisions and receipts. Whoever changes the form raises it
// and keeps reading the old one: the past is not re-decided.
const format = 1

// kindWidth is how many bits of a decision's second byte are its kind; the rest is the outcome.
const kindWidth = 3

// Bits of a stored decision's third byte: what is absent in nearly every decision costs one bit.
const (
	hasCause = 1 << iota
	hasRecord
	hasOwnAt
	hasFindings
	hasScores
	hasEffects
	hasRow
	hasMore  // texts of findings, what an event completes, verdicts
	allParts = 1<<iota - 1
)

// AppendDecision packs what was decided, without the receipts; AppendWhy packs those. It does not
// allocate where dst has room.
func (c *Codec) AppendDecision(dst []byte, d *Decision) []byte {
	parts := partsOf(d)
	dst = append(dst, format, byte(d.Kind)|byte(d.Outcome)<<kindWidth, parts)
	dst = binary.AppendUvarint(dst, d.Seq)
	dst = binary.AppendVarint(dst, d.Moment)
	if parts&hasCause != 0 {
		dst = binary.AppendUvarint(dst, d.Cause)
		dst = binary.AppendUvarint(dst, uint64(d.Depth))
	}
	if parts&hasOwnAt != 0 {
		dst = binary.AppendVarint(dst, d.At)
	}
	if parts&hasRecord != 0 {
		dst = appendRef(dst, d.Record)
	}
	if parts&hasFindings != 0 {
		dst = binary.AppendUvarint(dst, uint64(len(d.Findings)))
		for i := range d.Findings {
			dst = appendFinding(dst, &d.Findings[i])
		}
	}
	if parts&hasMore != 0 {
		dst = c.appendTexts(dst, d)
	}
	if parts&hasScores != 0 {
		dst = binary.AppendUvarint(dst, uint64(len(d.Scores)))
		for i := range d.Scores {
			dst = appendScore(dst, &d.Scores[i])
		}
	}
	if parts&hasEffects != 0 {
		dst = binary.AppendUvarint(dst, uint64(len(d.Effects)))
		for i := range d.Effects {
			dst = c.appendEffect(dst, d, &d.Effects[i])
		}
	}
	if parts&hasRow != 0 {
		dst = append(binary.AppendUvarint(dst, uint64(len(d.Row))), d.Row...)
	}
	if parts&hasMore != 0 {
		dst = appendActions(dst, d)
	}
	return dst
}

// appendActions packs what the event completes, and the verdicts of findings by their places.
func appendActions(dst []byte, d *Decision) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(d.Actions)))
	for _, a := range d.Actions {
		dst = append(appendText(dst, a.Action.Full), byte(a.Done)|byte(a.Counted)<<2)
	}
	for i := range d.Findings {
		if v := d.Findings[i].Verdict; v != 0 {
			dst = append(binary.AppendUvarint(dst, uint64(i)+1), byte(v))
		}
	}
	return append(dst, 0)
}

func partsOf(d *Decision) byte {
	var parts byte
	set := func(on bool, bit byte) {
		if on {
			parts |= bit
		}
	}
	set(d.Cause != 0 || d.Depth != 0, hasCause)
	set(d.Record != Ref{}, hasRecord)
	set(d.At != d.Moment, hasOwnAt)
	set(len(d.Findings) > 0, hasFindings)
	set(len(d.Scores) > 0, hasScores)
	set(len(d.Effects) > 0, hasEffects)
	set(len(d.Row) > 0, hasRow)
	set(len(d.Actions) > 0, hasMore)
	for i := range d.Findings {
		set(d.Findings[i].Text != nil || d.Findings[i].Verdict != 0, hasMore)
	}
	return parts
}

// appendTexts stores which findings have a text of their author's, each by its place among the
// policy's, and the values in it.
func (c *Codec) appendTexts(dst []byte, d *Decision) []byte {
	for i := range d.Findings {
		f := &d.Findings[i]
		if f.Text == nil {
			dst = append(dst, 0)
			continue
		}
		dst = binary.AppendUvarint(dst, uint64(c.textAt[f.Text])+1)
		dst = appendValueList(dst, f.Values)
	}
	return dst
}

func appendRef(dst []byte, r Ref) []byte {
	name := ""
	if r.Type != nil {
		name = r.Type.Full
	}
	return appendText(appendText(dst, name), r.ID)
}

func appendRefList(dst []byte, refs []Ref) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(refs)))
	for _, r := range refs {
		dst = appendRef(dst, r)
	}
	return dst
}

func appendValueList(dst []byte, list []value.Value) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	for _, v := range list {
		dst = appendValue(dst, v)
	}
	return dst
}

func appendSpan(dst []byte, s source.Span) []byte {
	dst = binary.AppendUvarint(dst, uint64(s.File))
	dst = binary.AppendUvarint(dst, uint64(s.Off))
	return binary.AppendVarint(dst, int64(s.End)-int64(s.Off))
}

func appendFinding(dst []byte, f *Finding) []byte {
	dst = appendText(dst, string(f.Code))
	dst = binary.AppendUvarint(dst, uint64(len(f.Args)))
	for _, a := range f.Args {
		dst = appendText(dst, a)
	}
	dst = appendField(dst, f.Field)
	return appendSpan(appendText(dst, f.Rule), f.Span)
}

// appendField names a field by its type and its index there. Row types have no qualified name of
// their own; a remark about a row is one about the list that holds it.
func appendField(dst []byte, f *policy.Field) []byte {
	if f == nil || f.Of == nil || f.Of.Kind == policy.Rows {
		return append(dst, 0)
	}
	return appendText(appendText(dst, f.Of.Full), f.Name)
}

// Bits of a stored score and of each of its terms.
const (
	isKnown = 1 << iota
	isSkipped
)

func flag(on bool, bit byte) byte {
	if on {
		return bit
	}
	return 0
}

func appendScore(dst []byte, s *Scored) []byte {
	dst = appendText(dst, s.Score.Full)
	dst = append(dst, flag(s.Known, isKnown))
	dst = appendNumber(dst, s.Value)
	dst = binary.AppendUvarint(dst, uint64(len(s.Terms)))
	for _, t := range s.Terms {
		dst = append(dst, flag(t.Known, isKnown)|flag(t.Skipped, isSkipped))
		dst = appendNumber(dst, t.Value)
	}
	return dst
}

// Bits of a stored effect's second byte.
const (
	effectShadow = 1 << iota
	effectDue
	effectTarget
	effectDigest
	effectWith
	effectSubject // is about another record than the decision
	effectPlace   // stands elsewhere than the policy's effect
	effectState   // has a state, and perhaps a tier
	allEffectBits = 1<<iota - 1
)

func effectBits(d *Decision, e *Effect) byte {
	return flag(e.Shadow, effectShadow) | flag(e.Due != 0, effectDue) |
		flag(e.Target != Ref{} || e.Value.Known(), effectTarget) |
		flag(len(e.Names) > 0 || e.Count != 0, effectDigest) | flag(len(e.With) > 0, effectWith) |
		flag(e.Subject != d.Record, effectSubject) |
		flag(e.Effect == nil || e.Span != e.Effect.Span, effectPlace) |
		flag(e.State != NoState || e.Tier != "", effectState)
}

func (c *Codec) appendEffect(dst []byte, d *Decision, e *Effect) []byte {
	has := effectBits(d, e)
	place, ok := c.places[e.Effect]
	if ok {
		place++ // 0 is for effects of the engine's own
	} else {
		has |= effectPlace
	}
	dst = append(dst, byte(e.Kind), has)
	dst = appendText(dst, e.Rule)
	dst = binary.AppendUvarint(dst, uint64(place))
	if has&effectPlace != 0 {
		dst = appendSpan(dst, e.Span)
	}
	if has&effectState != 0 {
		dst = appendText(append(dst, byte(e.State)), e.Tier)
	}
	if has&effectSubject != 0 {
		dst = appendRef(dst, e.Subject)
	}
	dst = appendRefList(dst, e.For)
	dst = appendValueList(dst, e.Args)
	if has&effectDue != 0 {
		dst = binary.AppendVarint(dst, e.Due)
	}
	if has&effectTarget != 0 {
		dst = appendValue(appendRef(dst, e.Target), e.Value)
	}
	if has&effectDigest != 0 {
		dst = binary.AppendVarint(dst, int64(e.Count))
		dst = appendValueList(dst, e.Names)
	}
	if has&effectWith != 0 {
		dst = appendRefList(dst, e.With)
	}
	return dst
}
