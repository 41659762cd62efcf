// Package ask answers questions about a workspace: expressions over its state, and why something
// was decided. The command and the server ask through it, so both answer the same.
package ask

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime"
)

// A Mistake is a question that cannot be answered as it was asked.
type Mistake struct {
	En, Zh string
	Diags  []source.Diagnostic // of an expression; nil: it was something else
}

// Error is the mistake in English.
func (m *Mistake) Error() string { return m.En }

// In is the mistake in a language.
func (m *Mistake) In(lang string) string {
	if lang == "zh" {
		return m.Zh
	}
	return m.En
}

func mistake(en, zh string, args ...any) *Mistake {
	return &Mistake{En: fmt.Sprintf(en, args...), Zh: fmt.Sprintf(zh, args...)}
}

// NoRecordError says that there is no such record.
type NoRecordError struct {
	Type, ID string
}

// Error names the record.
func (e *NoRecordError) Error() string { return e.In("en") }

// In is the error in a language.
func (e *NoRecordError) In(lang string) string {
	if lang == "zh" {
		return fmt.Sprintf("没有这条记录：%s/%s 没有自己的记录", e.Type, e.ID)
	}
	return fmt.Sprintf("no such record: %s/%s has no record of its own", e.Type, e.ID)
}

// A Question is what is asked of every record of a type.
type Question struct {
	Of     *policy.Record
	Texts  []string
	Exprs  []*policy.Expr
	Policy *policy.Policy // in force, with the aggregates that only the question has

	more bool // there are such
}

// New checks a question against a policy: expressions about the records of a type. None is all that
// the policy says of the type.
func New(p *policy.Policy, typ string, texts []string) (*Question, error) {
	of, err := Type(p, typ)
	switch {
	case err != nil:
		return nil, err
	case of.Kind == policy.Event:
		return nil, mistake(
			"%s is an event: its values are fixed on arrival; see thru explain --db FILE %s/ID",
			"%s 是事件，其值在到达时已固定；请用 thru explain --db FILE %s/ID", of.Full, of.Full)
	}
	q := &Question{Of: of, Policy: p}
	if len(texts) == 0 {
		q.everything()
	}
	for _, text := range texts {
		if err := q.Add(text); err != nil {
			return nil, err
		}
	}
	return q, nil
}

// Type is the record type of a name.
func Type(p *policy.Policy, name string) (*policy.Record, error) {
	if of := record.NewDecoder(p, time.UTC).Type(name); of != nil {
		return of, nil
	}
	var names []string
	for _, r := range p.Records {
		if r.Kind != policy.Rows {
			names = append(names, r.Full)
		}
	}
	m := mistake("no entity is called %q", "没有名为 %q 的对象", name)
	if near := source.Nearest(name, names); near != "" {
		m.En += fmt.Sprintf("; the nearest is %q", near)
		m.Zh += fmt.Sprintf("；最接近的是 %q", near)
	}
	return nil, m
}

// Add checks one more expression. Its aggregates that the policy does not keep get the numbers
// after those that are there, so the policy in hand grows by them.
func (q *Question) Add(text string) error {
	x, diags := dsl.Expression(q.Policy, q.Of, text)
	if x == nil {
		return q.wrong(text, diags)
	}
	q.add(text, x)
	kept := len(q.Policy.Aggregates)
	further := map[int]*policy.Aggregate{}
	foreign(x, kept, further)
	if len(further) == 0 {
		return nil
	}
	grown := *q.Policy
	grown.Aggregates = append([]*policy.Aggregate(nil), q.Policy.Aggregates...)
	for id := kept; further[id] != nil; id++ {
		grown.Aggregates = append(grown.Aggregates, further[id])
	}
	q.Policy, q.more = &grown, true
	return nil
}

func (q *Question) wrong(text string, diags []source.Diagnostic) *Mistake {
	files := append(q.Policy.Files[:len(q.Policy.Files):len(q.Policy.Files)],
		source.File{Name: dsl.ExpressionFile, Text: text})
	m := new(Mistake)
	for _, d := range diags {
		if d.Code.Severity() == source.Error {
			m.En += source.Text(files, d, "en")
			m.Zh += source.Text(files, d, "zh")
			m.Diags = append(m.Diags, d)
		}
	}
	m.En, m.Zh = strings.TrimSpace(m.En), strings.TrimSpace(m.Zh)
	return m
}

// foreign collects the aggregates of an expression that a policy does not keep.
func foreign(x *policy.Expr, kept int, to map[int]*policy.Aggregate) {
	if x == nil {
		return
	}
	for _, arg := range x.Args {
		foreign(arg, kept, to)
	}
	if g := x.Agg; g != nil {
		if g.ID >= kept {
			to[g.ID] = g
		}
		for _, part := range []*policy.Expr{g.List, g.Of, g.Window.T} {
			foreign(part, kept, to)
		}
	}
}

func (q *Question) add(text string, x *policy.Expr) {
	q.Texts, q.Exprs = append(q.Texts, text), append(q.Exprs, x)
}

// everything asks for all that the policy says of the type: fields, scores, tiers.
func (q *Question) everything() {
	self := &policy.Expr{Op: policy.OpSelf, Type: policy.Type{Kind: value.Ref, Record: q.Of}}
	for _, f := range q.Of.Fields {
		if f.System == policy.NotSystem {
			q.add(f.Name, &policy.Expr{Op: policy.OpField, Field: f, Type: f.Type,
				Args: []*policy.Expr{self}})
		}
	}
	for _, s := range q.Policy.Scores {
		if s.Of == q.Of {
			q.add(s.Full, &policy.Expr{Op: policy.OpScore, Score: s, Args: []*policy.Expr{self},
				Type: policy.Type{Kind: value.Number, Maybe: true}})
		}
	}
	for _, s := range q.Policy.Segments {
		if s.Of == q.Of && s.Kinds != nil {
			q.add(s.Full, &policy.Expr{Op: policy.OpTier, Tier: s, Args: []*policy.Expr{self},
				Type: policy.Type{Kind: value.Choice, Choice: s.Kinds, Maybe: true}})
		}
	}
}

// Kept reports whether the policy in force keeps all that the question needs. Else the whole log is
// read to answer it.
func (q *Question) Kept() bool { return !q.more }

// View calls f with an engine that can answer the question.
func (q *Question) View(ctx context.Context, w *runtime.Workspace, f func(*engine.Engine)) error {
	if q.more {
		return w.ViewUnder(ctx, q.Policy, f)
	}
	return w.View(ctx, f)
}

// Answers works every expression out for some records. Where ids says so a reference is its id, for
// programs; else its name, for people. The values are valid until each returns.
func (q *Question) Answers(
	e *engine.Engine, of []string, ids bool, each func(id string, values []value.Value) error,
) error {
	programs := make([]*engine.Program, len(q.Exprs))
	for i, x := range q.Exprs {
		programs[i] = e.Program(x)
	}
	values := make([]value.Value, len(programs))
	there := e.Program(&policy.Expr{Op: policy.OpSelf,
		Type: policy.Type{Kind: value.Ref, Record: q.Of}})
	for _, id := range of {
		if len(programs) == 0 { // nothing is asked but whether it is there
			if _, ok := there.Ask(q.Of, id); !ok {
				return &NoRecordError{q.Of.Full, id}
			}
		}
		for i, p := range programs {
			v, ok := p.Ask(q.Of, id)
			if !ok {
				return &NoRecordError{q.Of.Full, id}
			}
			if ids && v.Kind == value.Ref {
				v.S = e.ID(q.Exprs[i].Type.Record, v.N)
			}
			values[i] = v
		}
		if err := each(id, values); err != nil {
			return err
		}
	}
	return nil
}

// AppendJSON appends the answer about one record (reference, section 14).
func (q *Question) AppendJSON(
	dst []byte, w *decision.Writer, id string, values []value.Value,
) []byte {
	dst = value.AppendQuoted(append(dst, `{"type":`...), q.Of.Full)
	dst = append(value.AppendQuoted(append(dst, `,"id":`...), id), `,"values":[`...)
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = w.AppendValueJSON(dst, q.Exprs[i].Type, v)
	}
	return append(dst, "]}"...)
}
