package decision

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// Settle copies into Seen what receipts still leave in the record in hand. Whoever keeps or packs
// a decision does it; most receipts of most records are never looked at again.
func (d *Decision) Settle() {
	if d.InHand == nil {
		return
	}
	for i := range d.Receipts {
		if r := &d.Receipts[i]; r.From == OfRecord {
			d.settle(r)
		}
	}
	d.InHand = nil
}

func (d *Decision) settle(r *Receipt) {
	r.From = int32(len(d.Seen))
	parts := r.Watch.Parts
	if r.Part >= 0 {
		parts = parts[r.Part : r.Part+1]
	}
	for i := range parts {
		for _, o := range parts[i].Own {
			d.Seen = append(d.Seen, d.own(o))
		}
	}
	r.To = int32(len(d.Seen))
}

func (d *Decision) own(o OwnSlot) value.Value {
	s := d.InHand
	switch {
	case o.Score != nil:
		return d.scoreOf(o.Score)
	case !s.Has(o.Field):
		return value.Value{}
	case o.Kind.Class() == value.String:
		return value.Value{Kind: o.Kind, S: s.S[o.Pos]}
	}
	return value.Value{Kind: o.Kind, N: s.N[o.Pos]}
}

// scoreOf is a score that the decision has fixed.
func (d *Decision) scoreOf(s *policy.Score) value.Value {
	for i := range d.Scores {
		if x := &d.Scores[i]; x.Score == s && x.Known {
			return value.OfFloat(value.Number, x.Value)
		}
	}
	return value.Value{}
}
