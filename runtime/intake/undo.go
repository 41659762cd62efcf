package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
	"github.com/throughline/throughline/runtime/ingest"
)

// states reads what the fields of entities are that a table says something of.
type states struct {
	question *ask.Question // nil: its rows are events
	names    []string
}

// statesOf are those of a mapping's type.
func statesOf(in *force, m *ingest.Mapping) (*states, error) {
	of, err := ask.Type(in.policy, m.Type)
	if err != nil {
		return nil, err
	}
	x := &states{}
	if of.Kind != policy.Entity {
		return x, nil
	}
	x.question = &ask.Question{Of: of, Policy: in.policy}
	self := &policy.Expr{Op: policy.OpSelf, Type: policy.Type{Kind: value.Ref, Record: of}}
	said := map[string]bool{}
	for _, c := range m.Columns {
		said[c.To] = true
	}
	for name := range m.Constants { //tidy:order a set
		said[name] = true
	}
	for _, f := range of.Fields {
		labels := []string{f.Name, f.Label.Main, f.Label.En, f.Label.Zh}
		for _, name := range append(labels, f.Was...) {
			if said[name] && name != "" && f.Compute == nil && f.System == policy.NotSystem {
				x.names = append(x.names, f.Name)
				x.question.Texts = append(x.question.Texts, f.Name)
				x.question.Exprs = append(x.question.Exprs, &policy.Expr{Op: policy.OpField, Field: f,
					Type: f.Type, Args: []*policy.Expr{self}})
				break
			}
		}
	}
	return x, nil
}

// of is what the fields of an entity are, as JSON; nil: it is not there.
func (x *states) of(e *engine.Engine, w *decision.Writer, id string) (out json.RawMessage) {
	q := x.question
	_ = q.Answers(e, []string{id}, true, func(_ string, values []value.Value) error {
		out = append(out, '{')
		for i, v := range values {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(value.AppendQuoted(out, x.names[i]), ':')
			out = w.AppendValueJSON(out, q.Exprs[i].Type, named(e, q.Exprs[i].Type, v))
		}
		out = append(out, '}')
		return nil
	}) // an entity that is not there has no fields
	return out
}

// named makes references in a list their ids.
func named(e *engine.Engine, t policy.Type, v value.Value) value.Value {
	list, ok := v.X.([]value.Value)
	if !ok || v.Kind != value.List || t.Elem == nil || t.Elem.Kind != value.Ref {
		return v
	}
	out := make([]value.Value, len(list))
	for i, r := range list {
		out[i] = r
		out[i].S = e.ID(t.Elem.Record, r.N)
	}
	v.X = out
	return v
}

// before writes into rows what their entities were.
func (x *states) before(ctx context.Context, w *runtime.Workspace, list []pending) error {
	return x.look(ctx, w, list, func(r *Row, is json.RawMessage) {
		if r.Outcome == "" {
			r.Was, r.New = is, is == nil
		}
	})
}

// after writes into rows what their entities are.
func (x *states) after(ctx context.Context, w *runtime.Workspace, list []pending) error {
	return x.look(ctx, w, list, func(r *Row, is json.RawMessage) {
		if r.Outcome == decision.Accepted.String() {
			r.Is = is
		} else {
			r.Was, r.New = nil, false
		}
	})
}

func (x *states) look(
	ctx context.Context, w *runtime.Workspace, list []pending, each func(*Row, json.RawMessage),
) error {
	if x.question == nil {
		return nil
	}
	return w.View(ctx, func(e *engine.Engine) {
		write := decision.NewWriter(x.question.Policy, decision.Options{Zone: e.Zone()})
		for i := range list {
			each(&list[i].row, x.of(e, write, list[i].row.ID))
		}
	})
}

// undo takes rows back, the last first. What is done twice is a duplicate, or changes nothing.
func (x *running) undo(ctx context.Context) error {
	if _, err := x.mapping(ctx); err != nil {
		return err
	}
	var ends []int64
	err := eachRow(x.file(), func(_ *Row, to int64) error {
		ends = append(ends, to)
		return nil
	})
	if err != nil {
		return err
	}
	for left := len(ends) - x.live.job.Undo.Done; left > 0; {
		from := max(0, left-batch)
		list, err := rowsBetween(x.file(), ends, from, left)
		if err == nil {
			err = x.takeBack(ctx, list)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return errors.Join(err, x.save(true))
		}
		left = from
	}
	return nil
}

// rowsBetween reads some rows, the last first.
func rowsBetween(file string, ends []int64, from, to int) (out []Row, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() // it is only read
	begin := int64(0)
	if from > 0 {
		begin = ends[from-1]
	}
	b := make([]byte, ends[to-1]-begin)
	if _, err := io.ReadFull(io.NewSectionReader(f, begin, int64(len(b))), b); err != nil {
		return nil, err
	}
	lines := bytes.Split(bytes.TrimSuffix(b, []byte{'\n'}), []byte{'\n'})
	for i := len(lines) - 1; i >= 0; i-- {
		var r Row
		if err := json.Unmarshal(lines[i], &r); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// takeBack takes some rows back. Of two rows about the same entity the second one waits for the
// first.
func (x *running) takeBack(ctx context.Context, list []Row) error {
	var lines [][]byte
	back, left, under := 0, 0, map[string]bool{}
	flush := func() error {
		if len(lines) == 0 {
			return nil
		}
		answers, err := x.submit(ctx, lines)
		for i := range answers {
			switch answers[i].Outcome {
			case decision.Accepted, decision.Duplicate:
				back++
			default: // somebody has erased it, say
				left++
			}
		}
		lines = nil
		clear(under)
		return err
	}
	for i := range list {
		r := &list[i]
		if under[r.ID] {
			if err := flush(); err != nil {
				return err
			}
		}
		line, do, err := x.backwards(ctx, r)
		switch {
		case err != nil:
			return err
		case do == gone:
			left++
			continue
		case do == nothing:
			continue
		case do == there:
			back++
			continue
		}
		lines, under[r.ID] = append(lines, line), true
	}
	if err := flush(); err != nil {
		return err
	}
	x.change(func(j *Job) {
		j.Undo.Done += len(list)
		j.Undo.Back += back
		j.Undo.Left += left
	})
	return x.save(false)
}

// What there is to do for a row that is taken back.
type way uint8

const (
	nothing way = iota // it brought nothing
	there              // its entity is already what it was, by way of another row
	gone               // somebody has changed its entity since
	aRecord            // a record takes it back
)

// say is a text that goes into the log, in the language of who sent the table.
func (x *running) say(en, zh string) string {
	if x.live.job.Lang == "zh" {
		return zh
	}
	return en
}

// backwards is the record that takes a row back.
func (x *running) backwards(ctx context.Context, r *Row) (line []byte, _ way, err error) {
	j := &x.live.job
	out := map[string]any{"type": j.Type, "id": r.ID}
	if x.states.question == nil {
		switch r.Outcome {
		case decision.Accepted.String(), decision.Held.String(), decision.Dropped.String():
			out["retracted"], out["by"], out["why"] = true, j.Undo.By, x.say("the import of ", "撤销导入 ")+
				j.Name+x.say(" was taken back", "")
			line, err = json.Marshal(out)
			return line, aRecord, err
		}
		return nil, nothing, nil
	}
	if r.Outcome != decision.Accepted.String() || r.Is == nil {
		return nil, nothing, nil
	}
	var is json.RawMessage
	err = x.w.View(ctx, func(e *engine.Engine) {
		write := decision.NewWriter(x.states.question.Policy, decision.Options{Zone: e.Zone()})
		is = x.states.of(e, write, r.ID)
	})
	switch {
	case err != nil:
		return nil, nothing, err
	case (r.New || r.Was != nil) && bytes.Equal(is, r.Was):
		return nil, there, nil
	case !bytes.Equal(is, r.Is):
		return nil, gone, nil
	case r.New:
		out["deleted"] = true
	case r.Was == nil: // it was not written down
		return nil, gone, nil
	default:
		var was map[string]json.RawMessage
		if err := json.Unmarshal(r.Was, &was); err != nil {
			return nil, nothing, err
		}
		for name, v := range was { //tidy:order into a map
			out[name] = v
		}
	}
	line, err = json.Marshal(out)
	return line, aRecord, err
}
