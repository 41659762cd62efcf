package decision

import (
	"strconv"
	"unicode/utf8"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// AppendJSON writes a decision as one JSON object, without the line's end (reference, section 14).
// It does not allocate where dst has room, except for texts that must be escaped.
func (w *Writer) AppendJSON(dst []byte, d *Decision) []byte {
	dst = strconv.AppendUint(append(dst, `{"seq":`...), d.Seq, 10)
	dst = value.AppendTime(append(dst, `,"at":"`...), d.At, w.Zone())
	dst = appendRecord(append(dst, `","record":`...), d.Record)
	if s := d.Outcome.String(); s != "" {
		dst = appendKey(dst, "outcome", s)
	}
	if len(d.Findings) > 0 {
		dst = append(dst, `,"findings":[`...)
		for i := range d.Findings {
			dst = w.appendFindingJSON(comma(dst, i), &d.Findings[i])
		}
		dst = append(dst, ']')
	}
	if len(d.Scores) > 0 {
		dst = append(dst, `,"scores":{`...)
		for i := range d.Scores {
			dst = appendScoreJSON(comma(dst, i), &d.Scores[i])
		}
		dst = append(dst, '}')
	}
	if len(d.Actions) > 0 {
		dst = append(dst, `,"actions":{`...)
		for i, a := range d.Actions {
			dst = value.AppendQuoted(comma(dst, i), a.Action.Full)
			dst = appendTri(append(dst, `:{"done":`...), a.Done)
			dst = append(appendTri(append(dst, `,"verified":`...), a.Counted), '}')
		}
		dst = append(dst, '}')
	}
	if len(d.Effects) > 0 {
		dst = append(dst, `,"effects":[`...)
		for i := range d.Effects {
			dst = w.appendEffectJSON(comma(dst, i), d, &d.Effects[i])
		}
		dst = append(dst, ']')
	}
	if d.Cause != 0 {
		dst = strconv.AppendUint(append(dst, `,"cause":`...), d.Cause, 10)
	}
	return append(dst, '}')
}

// appendTri writes a truth; unknown is null.
func appendTri(dst []byte, t value.Tri) []byte {
	switch t {
	case value.True:
		return append(dst, "true"...)
	case value.False:
		return append(dst, "false"...)
	}
	return append(dst, "null"...)
}

func comma(dst []byte, i int) []byte {
	if i == 0 {
		return dst
	}
	return append(dst, ',')
}

// appendRecord writes null for what has no record: timers, activations, lines that are none.
func appendRecord(dst []byte, r Ref) []byte {
	if r == (Ref{}) {
		return append(dst, "null"...)
	}
	dst = append(dst, `{"type":`...)
	if r.Type == nil {
		dst = append(dst, "null"...)
	} else {
		dst = value.AppendQuoted(dst, r.Type.Full)
	}
	return append(value.AppendQuoted(append(dst, `,"id":`...), r.ID), '}')
}

// appendKey writes one more member whose value is a text.
func appendKey(dst []byte, key, text string) []byte {
	dst = append(append(append(dst, `,"`...), key...), `":`...)
	return value.AppendQuoted(dst, text)
}

// appendRef writes a reference as Type/id, or null.
func appendRefJSON(dst []byte, r Ref) []byte {
	if r == (Ref{}) {
		return append(dst, "null"...)
	}
	from := len(dst) + 1
	dst = append(dst, '"')
	if r.Type != nil {
		dst = append(append(dst, r.Type.Full...), '/')
	}
	return closeText(append(dst, r.ID...), from)
}

func appendRefsJSON(dst []byte, refs []Ref) []byte {
	dst = append(dst, '[')
	for i, r := range refs {
		dst = appendRefJSON(comma(dst, i), r)
	}
	return append(dst, ']')
}

// closeText makes what was written since from, after an opening quote, a JSON string. Nearly
// every text is one already; the others are copied and escaped.
func closeText(dst []byte, from int) []byte {
	if plain(dst[from:]) {
		return append(dst, '"')
	}
	return value.AppendQuoted(dst[:from-1], string(dst[from:]))
}

func plain(text []byte) bool {
	for _, c := range text {
		if c < ' ' || c == '"' || c == '\\' {
			return false
		}
	}
	return utf8.Valid(text)
}

func (w *Writer) appendFindingJSON(dst []byte, f *Finding) []byte {
	dst = append(dst, '{')
	if f.Rule != "" {
		rule, _ := CellOf(f.Rule)
		dst = value.AppendQuoted(append(dst, `"rule":`...), rule)
		dst = append(dst, ',')
	}
	dst = value.AppendQuoted(append(dst, `"code":`...), string(f.Code))
	if f.Verdict != 0 {
		dst = appendKey(dst, "verdict", f.Verdict.String())
	}
	if f.Field != nil {
		dst = appendKey(dst, "field", f.Field.Name)
	}
	dst = append(dst, `,"message":"`...)
	dst = closeText(w.AppendFinding(dst, f), len(dst))
	return append(w.appendSource(dst, f.Span), '}')
}

func (w *Writer) appendSource(dst []byte, s source.Span) []byte {
	if !w.inside(s) {
		return dst
	}
	dst = append(dst, `,"source":"`...)
	return closeText(w.AppendPlace(dst, s), len(dst))
}

func appendScoreJSON(dst []byte, s *Scored) []byte {
	dst = append(value.AppendQuoted(dst, s.Score.Full), ':')
	if !s.Known {
		return append(dst, "null"...)
	}
	return value.Style{}.AppendJSON(dst, value.OfFloat(value.Number, s.Value))
}

// appendEffectJSON writes an effect's members in the reference's order: what it is, whose rule it
// is and about whom, what the kind has, and its place in the policy.
func (w *Writer) appendEffectJSON(dst []byte, d *Decision, e *Effect) []byte {
	dst = value.AppendQuoted(append(dst, `{"kind":`...), e.Kind.String())
	if e.State != NoState {
		dst = appendKey(dst, "state", e.State.String())
	}
	rule, cell := CellOf(e.Rule)
	dst = appendKey(dst, "rule", rule)
	if cell != "" {
		dst = appendKey(dst, "action", cell)
	}
	if e.State != NoState || e.Subject != d.Record && e.Subject != e.Target {
		dst = appendRefJSON(append(dst, `,"of":`...), e.Subject)
	}
	dst = w.appendKindJSON(dst, d, e)
	if e.Shadow {
		dst = append(dst, `,"shadow":true`...)
	}
	return append(w.appendSource(dst, e.Span), '}')
}

func (w *Writer) appendKindJSON(dst []byte, d *Decision, e *Effect) []byte {
	switch e.Kind {
	case Task:
		dst = w.appendTextJSON(appendWhom(dst, "for", e), e)
		if e.Due != 0 {
			dst = value.AppendTime(append(dst, `,"due":"`...), e.Due, w.Zone())
			dst = append(dst, '"')
		}
		if len(e.With) > 0 {
			dst = appendRefsJSON(append(dst, `,"with":`...), e.With)
		}
	case Notify:
		dst = appendWhom(dst, "for", e)
		if e.Effect != nil && e.Effect.Via != "" {
			dst = appendKey(dst, "via", e.Effect.Via)
		}
		dst = w.appendTextJSON(dst, e)
	case Set:
		dst = append(appendTarget(dst, e), `,"value":`...)
		dst = w.AppendValueJSON(dst, fieldType(e), e.Value)
	case Assign:
		dst = w.appendAccount(appendWhom(appendTarget(dst, e), "to", e), d, e)
	case Pool:
		dst = w.appendAccount(appendTarget(dst, e), d, e)
	case Call:
		if e.Effect != nil {
			dst = appendKey(dst, "name", e.Effect.Name)
		}
		dst = w.appendTextJSON(dst, e)
	case Segment:
		if e.Tier != "" {
			dst = appendKey(dst, "tier", e.Tier)
		}
	case Suggest, Note, Flag:
		dst = w.appendTextJSON(dst, e)
	}
	return dst
}

// appendWhom writes who gets the effect: one, several, or null where the policy's expression had
// no value.
func appendWhom(dst []byte, key string, e *Effect) []byte {
	dst = append(append(append(dst, `,"`...), key...), `":`...)
	if len(e.For) == 1 {
		return appendRefJSON(dst, e.For[0])
	}
	return appendRefsJSON(dst, e.For)
}

// appendTextJSON writes the rendered message. A flag or a call may have none.
func (w *Writer) appendTextJSON(dst []byte, e *Effect) []byte {
	if e.Effect == nil || e.Effect.Text == nil {
		return dst
	}
	dst = append(dst, `,"text":"`...)
	return closeText(w.AppendMessage(dst, e), len(dst))
}

// appendTarget writes the record that an effect changes, and which field of it.
func appendTarget(dst []byte, e *Effect) []byte {
	r := e.Target
	if r == (Ref{}) {
		r = e.Subject
	}
	dst = appendRefJSON(append(dst, `,"record":`...), r)
	if e.Effect != nil && e.Effect.Field != nil {
		dst = appendKey(dst, "field", e.Effect.Field.Name)
	}
	return dst
}

// appendAccount writes who was a candidate, the best first, with the terms of each, and what left
// the others out.
func (w *Writer) appendAccount(dst []byte, d *Decision, e *Effect) []byte {
	a := d.AccountOf(e)
	if a == nil || a.Claim {
		return dst
	}
	dst = append(dst, `,"candidates":[`...)
	for n, i := range a.Ranked() {
		dst = value.AppendQuoted(append(comma(dst, n), `{"id":`...), a.IDs[i])
		if a.Out[i] != In {
			dst = append(appendKey(dst, "out", a.Out[i].String()), '}')
			continue
		}
		if a.Rule.Share != nil {
			dst = appendFigure(append(dst, `,"turn":`...), a.Keys[i])
		}
		if len(a.Rule.Weigh) > 0 {
			dst = appendFigure(append(dst, `,"score":`...), a.Keys[i])
			dst = append(dst, `,"terms":{`...)
			for t := range a.Rule.Weigh {
				dst = append(value.AppendQuoted(comma(dst, t), a.Rule.Weigh[t].Name), ':')
				if x, ok := a.Term(int(i), t); ok {
					dst = appendFigure(dst, x)
				} else {
					dst = append(dst, "null"...)
				}
			}
			dst = append(dst, '}')
		}
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

func appendFigure(dst []byte, x float64) []byte {
	return value.Style{}.AppendJSON(dst, value.OfFloat(value.Number, x))
}
