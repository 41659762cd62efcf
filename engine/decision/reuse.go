package decision

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// Reset empties the decision and keeps its memory, also that of the effects, scores and findings
// which AddEffect, AddScore and AddFinding hand out again.
func (d *Decision) Reset() {
	// Field by field: a Decision written as a whole is first made elsewhere and then copied.
	d.Seq, d.Kind, d.Cause, d.Depth, d.Moment, d.At = 0, 0, 0, 0, 0, 0
	d.Record, d.Outcome = Ref{}, 0
	d.Findings, d.Scores, d.Actions = d.Findings[:0], d.Scores[:0], d.Actions[:0]
	d.Effects, d.Receipts, d.Seen = d.Effects[:0], d.Receipts[:0], d.Seen[:0]
	d.Accounts = d.Accounts[:0]
	d.Subjects, d.InHand, d.Row, d.Stay = d.Subjects[:0], nil, d.Row[:0], nil
	d.Shares, d.Noted = nil, nil
}

// AddFinding appends an empty finding whose slices may have capacity left from before a Reset.
func (d *Decision) AddFinding() *Finding {
	d.Findings = more(d.Findings)
	f := &d.Findings[len(d.Findings)-1]
	*f = Finding{Args: f.Args[:0], Values: f.Values[:0]}
	return f
}

// AddScore appends an empty score whose terms may have capacity left from before a Reset.
func (d *Decision) AddScore() *Scored {
	d.Scores = more(d.Scores)
	s := &d.Scores[len(d.Scores)-1]
	*s = Scored{Terms: s.Terms[:0]}
	return s
}

// AddEffect appends an empty effect whose slices may have capacity left from before a Reset.
func (d *Decision) AddEffect() *Effect {
	d.Effects = more(d.Effects)
	e := &d.Effects[len(d.Effects)-1]
	e.Kind, e.Rule, e.Effect, e.Span, e.Subject = 0, "", nil, source.Span{}, Ref{}
	e.For, e.Args, e.Names, e.With = e.For[:0], e.Args[:0], e.Names[:0], e.With[:0]
	e.Count, e.Due, e.Target, e.Value = 0, 0, Ref{}, value.Value{}
	e.State, e.Tier, e.Shadow = NoState, "", false
	return e
}

// more makes a slice one longer. What stood there before is left in place to be used again.
func more[T any](s []T) []T {
	if len(s) < cap(s) {
		return s[:len(s)+1]
	}
	var zero T
	return append(s, zero)
}

// Clone returns a copy that shares nothing with the engine's buffers. Records' texts live in
// memory that the next entry is read into, so texts are copied as well.
func (d *Decision) Clone() *Decision {
	c := new(Decision)
	d.CopyTo(c)
	return c
}

// CopyTo makes c a copy like Clone's, in the memory that c already has.
func (d *Decision) CopyTo(c *Decision) {
	c.Reset()
	d.Settle()
	c.Seq, c.Kind, c.Cause, c.Depth = d.Seq, d.Kind, d.Cause, d.Depth
	c.Moment, c.At, c.Outcome = d.Moment, d.At, d.Outcome
	c.Record, c.Stay, c.Shares, c.Noted = d.Record.clone(), d.Stay, d.Shares, d.Noted
	for i := range d.Findings {
		d.Findings[i].copyTo(c.AddFinding())
	}
	for i := range d.Scores {
		from, to := &d.Scores[i], c.AddScore()
		to.Score, to.Value, to.Known = from.Score, from.Value, from.Known
		to.Terms = append(to.Terms, from.Terms...)
	}
	c.Actions = append(c.Actions, d.Actions...)
	for i := range d.Effects {
		d.Effects[i].copyTo(c.AddEffect())
	}
	c.Receipts = append(c.Receipts, d.Receipts...)
	c.Seen = appendValues(c.Seen, d.Seen)
	c.Subjects = appendRefs(c.Subjects, d.Subjects)
	c.Row = append(c.Row, d.Row...)
	for i := range d.Accounts {
		d.Accounts[i].copyTo(c.AddAccount())
	}
}

func (f *Finding) copyTo(to *Finding) {
	args, values := to.Args, to.Values
	*to = *f
	to.Args, to.Values = args, appendValues(values, f.Values)
	for _, a := range f.Args {
		to.Args = append(to.Args, strings.Clone(a))
	}
}

func (e *Effect) copyTo(to *Effect) {
	recipients, args, names, with := to.For, to.Args, to.Names, to.With
	*to = *e
	to.Subject, to.Target = e.Subject.clone(), e.Target.clone()
	to.Value = cloneValue(e.Value)
	to.For = appendRefs(recipients, e.For)
	to.Args = appendValues(args, e.Args)
	to.Names = appendValues(names, e.Names)
	to.With = appendRefs(with, e.With)
}

func (r Ref) clone() Ref { return Ref{Type: r.Type, ID: strings.Clone(r.ID)} }

func appendRefs(to, from []Ref) []Ref {
	for _, r := range from {
		to = append(to, r.clone())
	}
	return to
}

func appendValues(to, from []value.Value) []value.Value {
	for _, v := range from {
		to = append(to, cloneValue(v))
	}
	return to
}

func cloneValue(v value.Value) value.Value {
	v.S = strings.Clone(v.S)
	switch x := v.X.(type) {
	case *value.Place:
		p := *x
		v.X = &p
	case *value.Region:
		v.X = &value.Region{Points: slices.Clone(x.Points), Radius: x.Radius}
	case *value.Media:
		v.X = cloneMedia(x)
	case []value.Value:
		v.X = appendValues(make([]value.Value, 0, len(x)), x)
	}
	return v
}

func cloneMedia(m *value.Media) *value.Media {
	c := *m
	c.SHA256, c.Name = strings.Clone(m.SHA256), strings.Clone(m.Name)
	for _, v := range mediaValues(&c) {
		*v = cloneValue(*v)
	}
	return &c
}

// mediaValues lists what a medium carries beside its bytes' identity, in stored order.
func mediaValues(m *value.Media) [7]*value.Value {
	return [...]*value.Value{
		&m.Taken, &m.Device, &m.Software, &m.Location, &m.Look, &m.Measured, &m.Length,
	}
}
