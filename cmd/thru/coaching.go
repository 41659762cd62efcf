package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/explain"
	"github.com/throughline/throughline/engine/insight"
	"github.com/throughline/throughline/internal/plural"
	"github.com/throughline/throughline/runtime"
)

// mostTrail is how many visits a case file holds.
const mostTrail = 5

func (a *app) coaching() *cobra.Command {
	var db, of string
	c := &cobra.Command{
		Use:   "coaching --db FILE ALERT",
		Short: a.say("Show the case files that an alert opened.", "查看预警立案的辅导档案。"),
		Long: a.say(
			"coaching shows a case for each time that an alert opened: what the person's figure was, what "+
				"it was to\n"+
				"become had nobody acted, and what it became; what was agreed on and who has signed; and the "+
				"last five\n"+
				"visits with their proof, notes, scores and reviews. What was agreed are the records whose "+
				"field `case`\n"+
				"names the case or the person; each side signs by a Done of its task.",
			"coaching 对预警的每次打开显示一份档案：此人当时的数值、若无人干预预计会怎样、实际变成怎样；\n"+
				"约定了什么、谁已签字；以及最近五次拜访的凭证、备注、评分和复核。\n"+
				"约定是字段 `case` 写有该案或此人的记录；各方以自己任务的 Done 签字。"),
		Example: "  thru coaching --db team.db WeakVisits\n" +
			"  thru coaching --db team.db WeakVisits --of Rep/li --json",
		Args:              a.takes(cobra.ExactArgs(1)),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(_ *cobra.Command, args []string) error {
			if db == "" {
				return usageError{errors.New(a.say("name the database with --db", "请用 --db 指明数据库"))}
			}
			w, err := a.open(db, runtime.Config{ReadOnly: true, MustExist: true})
			if err != nil {
				return err
			}
			return firstOf(a.coach(w, args[0], of), w.Close())
		},
	}
	c.Flags().StringVar(&db, "db", "", a.say("database to look into", "要查看的数据库"))
	c.Flags().StringVar(&of, "of", "", a.say("only cases of this record, such as Rep/li",
		"只看此记录的档案，例如 Rep/li"))
	return c
}

// caseFile is one opening of an alert and what belongs to it.
type caseFile struct {
	id      string // of the alert's row
	seq     uint64
	rule    string
	subject decision.Ref
	opened  int64
	state   decision.State
	ended   int64
	signing []signature
	items   []json.RawMessage
	trail   []visited
	change  insight.Regression
}

// signature is a task of a case: who it is for, and who has done it.
type signature struct {
	task, who, text, by string
	at                  int64
}

// visited is one event of the trail.
type visited struct {
	ref     decision.Ref
	seq     uint64
	data    json.RawMessage
	text    string
	json    json.RawMessage
	reviews []json.RawMessage
}

// casebook collects the cases of an alert from the log.
type casebook struct {
	app   *app
	name  string
	of    string
	cases []*caseFile
	p     *policy.Policy // the one in force
	show  decision.Options
}

func (a *app) coach(w *runtime.Workspace, name, of string) error {
	ctx := context.Background()
	b := &casebook{app: a, name: name, of: of}
	var bad error
	var asked *insight.Coaching
	err := w.View(ctx, func(e *engine.Engine) {
		b.p = e.Policy()
		b.show = decision.Options{Zone: e.Zone(), Lang: a.lang.String()}
		asked, bad = b.alert()
	})
	if err = firstOf(err, bad); err != nil {
		return err
	}
	if err := w.Entries(1, w.Last(), false, b.collect); err != nil {
		return err
	}
	if len(b.cases) > 0 {
		if err := w.Entries(1, w.Last(), true, b.fill); err != nil {
			return err
		}
	}
	if err := w.View(ctx, func(e *engine.Engine) { b.settle(e.Tasks(true)) }); err != nil {
		return err
	}
	if asked != nil && len(b.cases) > 0 {
		if err := w.ViewClosing(ctx, b.p, asked.Closes, asked.Take); err != nil {
			return err
		}
		for _, c := range b.cases {
			c.change = asked.Of(c.subject.ID, c.opened, b.busy)
		}
	}
	return b.print(asked != nil)
}

// alert finds the alert, and what its figure is where it has one.
func (b *casebook) alert() (*insight.Coaching, error) {
	var names []string
	var found *policy.Alert
	for _, x := range b.p.Alerts {
		names = append(names, x.Full)
		plain, _ := decision.CellOf(x.Full)
		if x.Full == b.name || plain == b.name || x.Label.Main == b.name || x.Label.En == b.name ||
			x.Label.Zh == b.name {
			found = x
		}
	}
	if found == nil {
		return nil, b.app.nothingCalled(b.app.say("no alert is called %q", "没有名为 %q 的预警"), b.name,
			names)
	}
	if b.name != found.Full {
		b.name, _ = decision.CellOf(found.Full)
	}
	if c, ok := insight.Coach(found); ok {
		return c, nil
	}
	return nil, nil
}

// mine reports whether a rule is the alert, or a cell of it.
func (b *casebook) mine(rule string) bool {
	plain, _ := decision.CellOf(rule)
	return rule == b.name || plain == b.name
}

// collect finds where cases open and end, with the tasks that go out.
func (b *casebook) collect(l *runtime.Logged) error {
	var d decision.Decision
	if gone := new(runtime.ErasedError); errors.As(l.Decode(&d), &gone) {
		return nil
	}
	for i := range d.Effects {
		x := &d.Effects[i]
		if x.Kind != decision.Alert || !b.mine(x.Rule) || x.Shadow {
			continue
		}
		if x.State != decision.Open {
			if c := b.last(x.Rule, x.Subject.String()); c != nil {
				c.state, c.ended = x.State, d.Moment
			}
			continue
		}
		c := &caseFile{id: rowName(d.Seq, i), seq: d.Seq, rule: x.Rule, subject: x.Subject,
			opened: d.Moment, state: decision.Open}
		c.subject.ID = strings.Clone(c.subject.ID)
		b.tasks(c, &d)
		b.cases = append(b.cases, c)
	}
	return nil
}

// busy reports whether somebody had a case at some time between two moments.
func (b *casebook) busy(id string, from, to int64) bool {
	return slices.ContainsFunc(b.cases, func(c *caseFile) bool {
		return c.subject.ID == id && c.opened <= to && (c.ended == 0 || c.ended > from)
	})
}

// chosen are the cases that are asked for. The others say who is no comparison.
func (b *casebook) chosen() (out []*caseFile) {
	for _, c := range b.cases {
		if b.of == "" || b.of == c.subject.String() {
			out = append(out, c)
		}
	}
	return out
}

func rowName(seq uint64, i int) string {
	return strconv.FormatUint(seq, 10) + "/" + strconv.Itoa(i+1)
}

// tasks notes the tasks of a case: what is to be looked at, and who is to sign.
func (b *casebook) tasks(c *caseFile, d *decision.Decision) {
	words := decision.NewWriter(b.p, b.show)
	for i := range d.Effects {
		x := &d.Effects[i]
		if x.Kind != decision.Task || x.Rule != c.rule || x.Subject != c.subject {
			continue
		}
		for n, who := range x.For {
			id := rowName(d.Seq, i)
			if n > 0 {
				id += "." + strconv.Itoa(n+1)
			}
			c.signing = append(c.signing, signature{task: id, who: who.String(),
				text: string(words.AppendMessage(nil, x))})
		}
		for _, r := range x.With {
			c.trail = append(c.trail, visited{ref: decision.Ref{Type: r.Type, ID: strings.Clone(r.ID)}})
		}
	}
}

// last is the latest case of a subject.
func (b *casebook) last(rule, subject string) *caseFile {
	for i := len(b.cases) - 1; i >= 0; i-- {
		if c := b.cases[i]; c.rule == rule && c.subject.String() == subject {
			return c
		}
	}
	return nil
}

// fill gives the cases what other records say: signatures, agreements, visits and their reviews.
func (b *casebook) fill(l *runtime.Logged) error {
	if l.Payload == nil {
		return nil
	}
	var d decision.Decision
	if gone := new(runtime.ErasedError); errors.As(l.Decode(&d), &gone) {
		return nil
	}
	if d.Record.Type == nil || d.Outcome != decision.Accepted {
		return nil
	}
	var said map[string]any
	if json.Unmarshal(l.Payload, &said) != nil {
		return nil
	}
	text := func(name string) string { s, _ := said[name].(string); return s }
	name := d.Record.String()
	for _, c := range b.cases {
		if of := text("case"); of != "" && (of == c.id || of == c.subject.String() && b.at(c, d.At)) {
			c.items = append(c.items, slices.Clone(l.Payload))
		}
		for i := range c.signing {
			if s := &c.signing[i]; d.Record.Type.Full == "Done" && text("task") == s.task {
				s.by, s.at = text("by"), d.At
			}
		}
		for i := range c.trail {
			v := &c.trail[i]
			switch {
			case v.ref.Type.Full == d.Record.Type.Full && v.ref.ID == d.Record.ID && v.seq == 0:
				x := explain.New(l.Policy(), b.show)
				v.seq, v.data = d.Seq, slices.Clone(l.Payload)
				v.text, v.json = x.Text(&d, nil), x.AppendJSON(nil, &d, nil)
			case d.Record.Type.Full == "Review" && text("record") == v.ref.String() && name != "":
				v.reviews = append(v.reviews, slices.Clone(l.Payload))
			}
		}
	}
	return nil
}

// settle notes which tasks ended by what they asked for, such as a list that both signed: nobody
// need say so.
func (b *casebook) settle(tasks []engine.Task) {
	ended := map[string]*engine.Task{}
	for i := range tasks {
		if t := &tasks[i]; t.State == "done" {
			ended[t.ID] = t
		}
	}
	for _, c := range b.cases {
		for i := range c.signing {
			s := &c.signing[i]
			if t := ended[s.task]; t != nil && s.at == 0 {
				s.by, s.at = t.How, t.DoneAt
			}
		}
	}
}

// at reports whether a moment lies in a case.
func (b *casebook) at(c *caseFile, at int64) bool {
	return at >= c.opened && (c.ended == 0 || at <= c.ended)
}

func (b *casebook) print(measured bool) error {
	out := bufio.NewWriter(b.app.out)
	cases := b.chosen()
	if len(cases) == 0 && !b.app.json {
		fmt.Fprintln(out, b.app.say("no case", "没有档案"))
	}
	for _, c := range cases {
		if b.app.json {
			if err := json.NewEncoder(out).Encode(b.report(c, measured)); err != nil {
				return err
			}
			continue
		}
		b.text(out, c, measured)
	}
	return out.Flush()
}

// report is a case as JSON. What cannot be told is null.
func (b *casebook) report(c *caseFile, measured bool) map[string]any {
	when := func(at int64) any {
		if at == 0 {
			return nil
		}
		return string(value.AppendTime(nil, at, b.show.Zone))
	}
	m := map[string]any{"case": c.id, "alert": c.rule, "of": c.subject.String(), "seq": c.seq,
		"opened": when(c.opened), "state": c.state.String(), "ended": when(c.ended), "agreed": c.items,
		"before": nil, "expected": nil, "actual": nil, "others": nil, "beyond": nil, "chance": nil}
	if measured && c.change.Looks > 0 {
		m["before"], m["looks"] = c.change.Before, c.change.Looks
		m["subjects"], m["figures"] = c.change.Subjects, c.change.Figures
		if c.change.Enough {
			m["expected"] = c.change.Expected
		}
		if c.change.Since > 0 {
			m["actual"], m["since"] = c.change.After, c.change.Since
			m["others"] = c.change.Others
		}
		if c.change.Told {
			m["beyond"], m["chance"] = c.change.Beyond, c.change.Chance
		}
	}
	var signed, trail []any
	for _, s := range c.signing {
		signed = append(signed, map[string]any{"task": s.task, "for": s.who, "text": s.text,
			"by": s.by, "at": when(s.at)})
	}
	for _, v := range c.trail {
		trail = append(trail, map[string]any{"record": v.ref.String(), "seq": v.seq, "data": v.data,
			"decision": v.json, "reviews": v.reviews})
	}
	m["signed"], m["trail"] = signed, trail
	return m
}

func (b *casebook) text(out *bufio.Writer, c *caseFile, measured bool) {
	a, when := b.app, func(at int64) string { return string(value.AppendTime(nil, at, b.show.Zone)) }
	fmt.Fprintf(out, a.say("%s of %s: case %s, opened %s, %s", "%s · %s：档案 %s，%s 立案，%s"), c.rule,
		c.subject, c.id, when(c.opened), a.word(c.state.String()))
	if c.ended != 0 {
		fmt.Fprintf(out, " %s", when(c.ended))
	}
	fmt.Fprintln(out)
	if measured {
		b.changed(out, &c.change)
	}
	fmt.Fprintf(out, "\n%s\n", a.say("agreed", "改进清单"))
	for _, x := range c.items {
		fmt.Fprintf(out, "  %s\n", x)
	}
	if len(c.items) == 0 {
		fmt.Fprintf(out, "  %s\n", a.say("nothing yet: a record with `case` names what is agreed",
			"尚无：带 `case` 的记录写明约定"))
	}
	fmt.Fprintf(out, "\n%s\n", a.say("signed", "签字"))
	for _, s := range c.signing {
		state := a.say("not yet", "尚未")
		if s.at != 0 {
			state = s.by + " " + when(s.at)
		}
		fmt.Fprintf(out, "  %s  %s  %s: %s\n", s.task, s.who, s.text, state)
	}
	b.trail(out, c)
}

// trail prints the visits. Where there were fewer than five it says so.
func (b *casebook) trail(out *bufio.Writer, c *caseFile) {
	a := b.app
	plural.Fprintf(out, a.say("\nthe last %d visit{|s}", "\n最近 %d 次拜访"), len(c.trail))
	if len(c.trail) < mostTrail {
		fmt.Fprint(out, a.say(" (there are no more)", "（没有更多）"))
	}
	fmt.Fprintln(out)
	for _, v := range c.trail {
		fmt.Fprintf(out, "\n  %s\n  %s\n", v.ref, v.data)
		for line := range strings.Lines(v.text) {
			fmt.Fprintf(out, "    %s", line)
		}
		for _, r := range v.reviews {
			fmt.Fprintf(out, "    %s\n", r)
		}
	}
	fmt.Fprintln(out)
}

// changed prints what became of the figure beside what was to be expected.
func (b *casebook) changed(out *bufio.Writer, r *insight.Regression) {
	a := b.app
	number := func(f float64) string { return value.Style{}.Text(value.OfFloat(value.Number, f)) }
	if r.Looks == 0 {
		return
	}
	plural.Fprintf(out, a.say("  before    %s, over %d look{|s}\n", "  立案前    %s，%d 次查看\n"),
		number(r.Before), r.Looks)
	if r.Enough {
		plural.Fprintf(out, a.say("  expected  %s without action: the mean of %d {person|people} is %s, "+
			"they differ by %s, a look by luck by %s\n", "  预计      无人干预时 %s：%d 人的均值为 %s，人与人相差 %s，"+
			"单次查看偶然相差 %s\n"), number(r.Expected), r.Subjects, number(r.Mean),
			number(r.Between), number(r.Within))
	} else {
		plural.Fprintf(out, a.say("  expected  not enough: %d figure{|s} of %d {person|people}\n",
			"  预计      数据不足：只有 %d 个数值，%d 人\n"), r.Figures, r.Subjects)
	}
	if r.Since == 0 {
		fmt.Fprint(out, a.say("  actual    no look since\n", "  实际      尚无查看\n"))
		return
	}
	plural.Fprintf(out, a.say("  actual    %s, over %d look{|s} since", "  实际      %s，此后 %d 次查看"),
		number(r.After), r.Since)
	if r.Enough {
		fmt.Fprintf(out, a.say(": %s more than before, %s of it was to be expected",
			"：比立案前多 %s，其中 %s 本在预料之中"), number(r.After-r.Before),
			number(r.Expected-r.Before))
	}
	fmt.Fprintln(out)
	switch {
	case r.Told:
		fmt.Fprintf(out, a.say("  others    %d without a case came out %s beyond what was expected of "+
			"them: %s more than theirs; as far came %s of all\n", "  其他人    %d 名未立案者比对其预计"+
			"多 %s：此人比他们再多 %s；达到这一幅度的占全部的 %s\n"), r.Others, number(r.Drift), number(r.Beyond),
			value.Style{}.Text(value.OfFloat(value.Percent, r.Chance)))
	case r.Enough:
		plural.Fprintf(out, a.say("  others    cannot tell: %d {person|people} without a case, "+
			"5 are needed\n",
			"  其他人    无法判断：未立案者 %d 人，至少需要 5 人\n"), r.Others)
	}
}
