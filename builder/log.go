package builder

import (
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/ask"
)

// logScreen is every entry, the latest first.
func logScreen() Screen {
	return Screen{Path: "log", Name: words.Log, Icon: "log", Group: words.Governing,
		Needs: access.Read, Show: showLog, Do: verifyLog}
}

// logEntryScreen is one entry with its reasons.
func logEntryScreen() Screen {
	return Screen{Path: "log/{seq}", Name: words.Log, Needs: access.Read, Show: showEntry}
}

// recordScreen is how a record stands.
func recordScreen() Screen {
	return Screen{Path: "record/{type}/{id}", Name: words.LogFind, Needs: access.Read,
		Show: showRecord}
}

// Bounds of a page of the log: how much is shown, and how far back it is looked for where little of
// it is seen.
const (
	logPage  = 50
	logReach = 4096
)

// showLog shows a part of the log, or goes to what was looked for.
func showLog(v *Visit) (view.Component, error) {
	p := view.LogPage{Find: strings.TrimSpace(v.R.FormValue("find")), MayVerify: v.seesAll()}
	if p.Find != "" {
		if _, err := strconv.ParseUint(p.Find, 10, 64); err == nil {
			v.Go(v.In("log/" + p.Find))
			return nil, nil
		}
		if typ, id, ok := strings.Cut(p.Find, "/"); ok && typ != "" && id != "" {
			v.Go(v.recordLink(p.Find))
			return nil, nil
		}
		p.Unknown = true
	}
	before, _ := strconv.ParseUint(v.R.FormValue("before"), 10, 64) // none: from its end
	err := logOf(v, &p, before)
	return view.Log(&v.Viewer, p), err
}

// seesAll reports whether nothing of the workspace is hidden from whoever asks.
func (v *Visit) seesAll() bool { s := v.Sees(); return s.All }

// logOf fills a page with the entries before one; 0: with the last.
func logOf(v *Visit, p *view.LogPage, before uint64) error {
	a := v.Ask()
	var last uint64
	err := a.Look(func(e *engine.Engine, _ *ask.Sight) { last = e.Seq() })
	if err != nil {
		return err
	}
	if before == 0 || before > last+1 {
		before = last + 1
	} else {
		p.Newest = v.In("log")
	}
	from := before
	for reach := uint64(logPage); from > 1 && len(p.Rows) < logPage && before-from < logReach; {
		to := from - 1
		from = max(1, from-min(from-1, reach))
		list, err := a.Decisions(from, to)
		if err != nil {
			return err
		}
		rows, err := v.logRows(list)
		if err != nil {
			return err
		}
		for i := len(list) - 1; i >= 0 && len(p.Rows) < logPage; i-- {
			p.Rows = append(p.Rows, rows[i])
			from = min(from, list[i].Decision.Seq)
			if len(p.Rows) == logPage {
				from = list[i].Decision.Seq
			}
		}
		reach *= 4
	}
	if from > 1 {
		p.Older = v.In("log?before=" + strconv.FormatUint(from, 10))
	}
	return nil
}

// logRows are decisions as rows, in their order.
func (v *Visit) logRows(list []api.Told) (out []view.LogRow, err error) {
	err = v.Ask().Look(func(e *engine.Engine, sight *ask.Sight) {
		for i := range list {
			out = append(out, v.logRow(e, sight, &list[i]))
		}
	})
	return out, err
}

func (v *Visit) logRow(e *engine.Engine, sight *ask.Sight, t *api.Told) view.LogRow {
	r := view.LogRow{Seq: strconv.FormatUint(t.Decision.Seq, 10), When: stamp(t.Moment, e.Zone()),
		What: v.Say(entryKind(t.Kind))}
	r.Href = v.In("log/" + r.Seq)
	if t.Record.Type != nil {
		r.What, r.Name = say.In(v.Lang).Name(&t.Record.Type.Head), t.Record.ID
	}
	if o := t.Outcome.String(); o != "" {
		r.Outcome, r.Tone = v.outcome(t.Outcome), outcomeTone(t.Outcome)
	}
	r.Did = v.did(e, sight, t)
	return r
}

// entryKind is what came where it was no record.
func entryKind(k decision.Kind) words.Text {
	switch k {
	case decision.Record:
		return words.LogUnread
	case decision.Activate:
		return words.LogActivate
	case decision.Command:
		return words.LogCommand
	case decision.Step:
		return words.LogStep
	case decision.Erase:
		return words.LogErase
	}
	return words.LogTimer
}

// putInForce says of an activation how it came, by whom and why.
func (v *Visit) putInForce(seq uint64) (out []string, err error) {
	x, err := v.Ask().Version(seq)
	if err != nil {
		return nil, err
	}
	how := v.how(x.How)
	if x.Name != "" {
		how = strings.TrimSpace(how + " " + v.Sayf(words.VersionBy, x.Name))
	}
	if x.Why != "" {
		out = append(out, v.Say(words.VersionWhy)+v.Say(words.Colon)+x.Why)
	}
	if how != "" {
		out = append([]string{how}, out...)
	}
	return append(out, x.Changed...), nil
}

// outcome is an outcome in words.
func (v *Visit) outcome(o decision.Outcome) string { return outcomeIn(o, v.Lang) }

func outcomeIn(o decision.Outcome, lang string) string {
	switch o {
	case decision.Accepted:
		return words.Accepted.In(lang)
	case decision.Held:
		return words.Held.In(lang)
	case decision.Rejected:
		return words.Rejected.In(lang)
	case decision.Duplicate:
		return words.Duplicate.In(lang)
	case decision.Dropped:
		return words.Dropped.In(lang)
	}
	return o.String()
}

// did is what a decision did, a line an effect.
func (v *Visit) did(e *engine.Engine, sight *ask.Sight, t *api.Told) (out []string) {
	sp := say.In(v.Lang)
	for i := range t.Effects {
		x := &t.Effects[i]
		name := x.Rule
		if d, ok := kind.Find(t.Policy, x.Rule); ok {
			name = sp.Name(d.Head)
		}
		line := v.effect(x.Kind) + v.Say(words.Colon) + name
		if text, _ := t.Words.Effects[i]["text"].(string); text != "" {
			line = v.effect(x.Kind) + v.Say(words.Colon) + text
		} else if x.Subject.ID != "" {
			who := x.Subject.ID
			if sight.Sees(x.Subject.Type, who) {
				who = v.nameOf(e, x.Subject.Type, who)
			}
			line += " · " + who
		}
		switch x.State {
		case decision.Open, decision.Enter:
			line = "● " + line
		case decision.Resolved, decision.Leave, decision.Withdrawn:
			line = "○ " + line
		}
		out = append(out, line)
	}
	return out
}

// effect is a kind of effect in words.
func (v *Visit) effect(k decision.EffectKind) string {
	if t, ok := words.Effects()[k.String()]; ok {
		return v.Say(t)
	}
	return k.String()
}

func showEntry(v *Visit) (view.Component, error) {
	seq, err := strconv.ParseUint(v.R.PathValue("seq"), 10, 64)
	if err != nil {
		seq = 0
	}
	a := v.Ask()
	why, err := a.Why(seq)
	if err != nil {
		return nil, err
	}
	t, err := a.Decision(seq)
	if err != nil {
		return nil, err
	}
	p := view.EntryPage{Seq: seq, Why: why.Text, Findings: v.findings(t)}
	var last uint64
	err = a.Look(func(e *engine.Engine, sight *ask.Sight) {
		last = e.Seq()
		p.Fields, p.Row = v.fields(e, t), v.logRow(e, sight, t)
	})
	p.Did = p.Row.Did
	if t.Kind == decision.Activate && err == nil {
		p.Did, err = v.putInForce(seq)
	}
	if t.Record.Type != nil {
		p.Record = v.recordLink(t.Record.String())
	}
	if _, hidden := a.Decision(t.Cause); t.Cause != 0 && hidden == nil {
		p.Cause = v.In("log/" + strconv.FormatUint(t.Cause, 10))
	}
	if err != nil {
		return nil, err
	}
	if p.Older, err = v.neighbour(seq, 1, -1); err != nil {
		return nil, err
	}
	p.Newer, err = v.neighbour(seq, last, 1)
	return view.Entry(&v.Viewer, p), err
}

// neighbour is the next entry towards an end of the log that whoever asks sees; 0: there is none
// within reach.
func (v *Visit) neighbour(seq, end uint64, step int) (uint64, error) {
	for reach := uint64(1); seq != end && reach <= logReach; reach *= 8 {
		from, to := seq+1, min(end, seq+reach)
		if step < 0 {
			from, to = max(end, seq-min(seq, reach)), seq-1
		}
		list, err := v.Ask().Decisions(from, to)
		switch {
		case err != nil:
			return 0, err
		case len(list) > 0 && step < 0:
			return list[len(list)-1].Decision.Seq, nil
		case len(list) > 0:
			return list[0].Decision.Seq, nil
		}
		if seq = to; step < 0 {
			seq = from
		}
	}
	return 0, nil
}

// fields are those of a record as it came: references lead to what they name.
func (v *Visit) fields(e *engine.Engine, t *api.Told) (out []view.FieldValue) {
	if t.Record.Type == nil {
		return nil
	}
	sp := say.In(v.Lang)
	for _, f := range t.Record.Type.Fields {
		raw, ok := t.Fields[f.Name]
		if !ok {
			continue
		}
		name := sp.FieldName(f)
		if f.System != policy.NotSystem {
			name = sp.Field(f).String()
		}
		x := view.FieldValue{Name: name, Text: v.fieldText(f, raw, e.Zone())}
		if to := f.Type.Record; to != nil && f.Type.Kind == value.Ref {
			if id := reference(raw); id != "" {
				x.Text, x.Href = v.nameOf(e, to, id), v.recordLink(to.Full+"/"+id)
			}
		}
		out = append(out, x)
	}
	return out
}

// fieldText is the value of a field for people.
func (v *Visit) fieldText(f *policy.Field, raw json.RawMessage, zone *time.Location) string {
	s := text(raw)
	switch f.Type.Kind {
	case value.Bool:
		if s == "true" {
			return v.Say(words.Yes)
		}
		return v.Say(words.No)
	case value.Time:
		if at, err := time.Parse(time.RFC3339, s); err == nil {
			return stamp(at.UnixMicro(), zone)
		}
	case value.Choice:
		for _, o := range f.Type.Choice.Values {
			if o.Name == s {
				return say.In(v.Lang).Text(o.Label)
			}
		}
	}
	return s
}

func showRecord(v *Visit) (view.Component, error) {
	typ, id := v.R.PathValue("type"), v.R.PathValue("id")
	why, err := v.Ask().WhyRecord(typ, id)
	if err != nil {
		return nil, err
	}
	p := view.RecordPage{Name: typ + "/" + id, Why: why.Text}
	err = v.Ask().Look(func(e *engine.Engine, _ *ask.Sight) {
		if of, err := ask.Type(e.Policy(), typ); err == nil {
			p.Name = say.In(v.Lang).Name(&of.Head) + " " + v.nameOf(e, of, id)
		}
	})
	seqs := why.Decisions
	slices.Sort(seqs)
	slices.Reverse(seqs)
	for _, seq := range seqs {
		list, err := v.Ask().Decisions(seq, seq)
		if err != nil {
			return nil, err
		}
		rows, err := v.logRows(list)
		if err != nil {
			return nil, err
		}
		p.Rows = append(p.Rows, rows...)
	}
	return view.RecordOf(&v.Viewer, p), err
}

// verifyLog walks the whole log and says what came of it.
func verifyLog(v *Visit) (view.Component, error) {
	p := view.LogPage{MayVerify: v.seesAll()}
	if !p.MayVerify {
		return view.Note(view.Bad, v.Say(words.NotYours), v.Say(words.NotYoursFor)), nil
	}
	var n uint64
	err := v.Use(func(w *runtime.Workspace) error {
		n = w.Last()
		hash, err := w.VerifyTo(n)
		p.Verified = v.Sayf(words.LogWholeText, n, hex.EncodeToString(hash[:]))
		return err
	})
	if err != nil {
		p.Verified, p.Broken = "", err.Error()
	}
	return view.Log(&v.Viewer, p), logOf(v, &p, 0)
}
