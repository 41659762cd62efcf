package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/explain"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
	"github.com/throughline/throughline/runtime/store/bolt"
)

func (a *app) explain() *cobra.Command {
	var db, whyNot string
	c := &cobra.Command{
		Use:   "explain --db FILE {SEQ | TYPE/ID}",
		Short: a.say("Say why, and why not.", "说明为什么，以及为什么不。"),
		Long: a.say(
			"explain takes a decision from the log by its seq, or everything about one record, and says\n"+
				"which rules looked, what they saw, and what kept the others from holding: the nearest miss\n"+
				"first. Of an entity it also says how things stand where the log ends.",
			"explain 按 seq 取出日志中的一个决定，或某条记录的全部情况，说明哪些规则看过、看到了什么，\n"+
				"以及其他规则为什么不成立：差一点的排在前面。对于对象，还说明日志结束时的现状。"),
		Example: "  thru explain --db team.db 17\n  thru explain --db team.db Rep/li\n" +
			"  thru explain --db team.db --json Visit/v1\n" +
			"  thru explain --db team.db Lead/l1 --why-not wu",
		Args:              a.takes(cobra.ExactArgs(1)),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(_ *cobra.Command, args []string) error {
			if db == "" {
				return usageError{errors.New(a.say("name the database: --db FILE", "请给出数据库：--db FILE"))}
			}
			return a.explainFrom(db, args[0], whyNot)
		},
	}
	c.Flags().StringVar(&whyNot, "why-not", "", a.say(
		"id of whom an allocation did not give it to: why, and what would have to change",
		"分配没有分给的人的编号：为什么，以及需要怎样改变"))
	c.Flags().StringVar(&db, "db", "", a.say("database that holds the log", "保存日志的数据库"))
	return c
}

func (a *app) explainFrom(db, what, whyNot string) error {
	log, err := bolt.Open(db, bolt.Options{ReadOnly: true, MustExist: true})
	if err != nil {
		return err
	}
	x := &why{app: a, log: log}
	if whyNot != "" {
		return firstOf(x.whyNot(what, whyNot), log.Close())
	}
	return firstOf(x.explain(what), log.Close())
}

// why explains what one log holds.
type why struct {
	app *app
	log runtime.Log
}

func (x *why) explain(what string) error {
	if seq, err := strconv.ParseUint(what, 10, 64); err == nil {
		return x.entry(seq)
	}
	name, id, ok := strings.Cut(what, "/")
	if !ok {
		return usageError{fmt.Errorf(x.app.say(
			"explain a seq such as 17 or a record such as Rep/li, not %q",
			"请给出 seq（如 17）或记录（如 Rep/li），而不是 %q"), what)}
	}
	return x.record(name, id)
}

// whyNot says why an allocation gave something to somebody else.
func (x *why) whyNot(what, who string) error {
	seq, err := strconv.ParseUint(what, 10, 64)
	if err != nil {
		if seq, err = x.allocated(what); err != nil {
			return err
		}
	}
	d, p, err := x.stored(seq)
	if err != nil {
		return err
	}
	if len(d.Accounts) == 0 {
		return fmt.Errorf(x.app.say("entry %d gave nothing to anybody", "条目 %d 没有分配任何记录"), seq)
	}
	if _, id, ok := strings.Cut(who, "/"); ok {
		who = id
	}
	var asked *decision.Decision
	bar := x.app.meter(x.app.say("replaying", "重放"), 0)
	err = runtime.AsOf(x.log, seq, runtime.Config{Progress: bar.of},
		func(e *engine.Engine, _ *engine.Entry) {
			a := &d.Accounts[0]
			asked, _ = e.WhyCandidate(a.Rule.Full, a.Record.ID, who)
		})
	bar.done()
	if err != nil {
		return err
	}
	show, err := x.shows(p)
	if err != nil {
		return err
	}
	page := explain.New(p, show)
	if _, err = fmt.Fprint(x.app.out, page.WhyNot(d, asked, who)); err != nil || d.Accounts[0].Claim {
		return err
	}
	bar = x.app.meter(x.app.say("replaying", "重放"), 0)
	r, err := ask.Rerunning{Seq: seq, Account: &d.Accounts[0], Policy: p}.Rerun(x.past(), bar.of)
	bar.done()
	if err != nil || r == nil {
		return err
	}
	return x.changes(r, &d.Accounts[0], page, who)
}

// allocated is the last entry that an allocation decided in about a record.
func (x *why) allocated(what string) (uint64, error) {
	name, id, _ := strings.Cut(what, "/")
	last := x.log.Last()
	_, p, err := x.stored(last)
	if err != nil {
		return 0, err
	}
	of, err := ask.Type(p, name)
	if err != nil {
		return 0, x.app.asked(err)
	}
	found, err := x.about(of, id)
	if err != nil {
		return 0, err
	}
	for _, seq := range found {
		if d, _, err := x.stored(seq); err != nil || len(d.Accounts) > 0 {
			return seq, err
		}
	}
	return 0, fmt.Errorf(x.app.say("no allocation has decided on %s", "没有分配对 %s 作过决定"), what)
}

// entry explains one decision.
func (x *why) entry(seq uint64) error {
	d, p, err := x.stored(seq)
	if err != nil {
		return err
	}
	excluded, err := x.excluded(seq)
	if err != nil {
		var gone *runtime.ErasedError
		if !errors.As(err, &gone) {
			return err
		}
		// What was erased cannot be looked at again; what was decided still stands.
		fmt.Fprintf(x.app.err, "thru: %v\n", err)
	}
	bar := x.app.meter(x.app.say("replaying", "重放"), 0)
	m, err := ask.MoreOf(x.past(), d, p, bar.of)
	bar.done()
	if err != nil {
		return err
	}
	return x.print(p, d, &more{excluded, m})
}

// stored reads a decision with its receipts.
func (x *why) stored(seq uint64) (*decision.Decision, *policy.Policy, error) {
	return ask.Stored(x.past(), seq)
}

func (x *why) past() ask.Past { return ask.Closed(x.log) }

// excluded asks the engine, as it was then, what it saw in conditions that its index left out.
func (x *why) excluded(seq uint64) (*decision.Decision, error) {
	bar := x.app.meter(x.app.say("replaying", "重放"), 0)
	defer bar.done()
	return ask.Excluded(x.past(), seq, bar.of)
}

// shows is how the decisions of a policy are shown to whoever asks.
func (x *why) shows(p *policy.Policy) (decision.Options, error) {
	zone, err := calendar.Zone(p.Settings.Timezone)
	return decision.Options{Zone: zone, Lang: x.app.lang.String()}, err
}

// more is what the stored decision does not hold.
type more struct {
	excluded *decision.Decision // what conditions saw that the index left out
	ask.More
}

func (x *why) print(p *policy.Policy, d *decision.Decision, m *more) error {
	show, err := x.shows(p)
	if err != nil {
		return err
	}
	e := explain.New(p, show)
	words := decision.NewWriter(p, show)
	if x.app.json {
		line := m.AppendJSON(e.AppendJSON(nil, d, m.excluded), words)
		_, err = fmt.Fprintf(x.app.out, "%s\n", line)
		return err
	}
	out := bufio.NewWriter(x.app.out)
	fmt.Fprint(out, e.Text(d, m.excluded))
	for i := range m.Moved {
		fmt.Fprint(out, e.Moved(&m.Moved[i]))
	}
	for i := range m.Series {
		title, rows := m.Series[i].Table(words, show.Lang)
		for i := range rows {
			rows[i][0] = "  " + rows[i][0]
		}
		fmt.Fprintf(out, "\n%s\n", title)
		if err := writeRows(out, rows); err != nil {
			return err
		}
	}
	return out.Flush()
}

// record explains an event by the decision on it, and an entity by how it stands and by what was
// decided about it last.
func (x *why) record(name, id string) error {
	last := x.log.Last()
	if last == 0 {
		return runtime.ErrNoPolicy
	}
	_, p, err := x.stored(last)
	if err != nil {
		return err
	}
	of, err := ask.Type(p, name)
	if err != nil {
		return x.app.asked(err)
	}
	if of.Kept { // a row that the engine wrote is called by the decision that made it
		if seq, err := strconv.ParseUint(strings.SplitN(id, "/", 2)[0], 10, 64); err == nil {
			return x.entry(seq)
		}
	}
	found, err := x.about(of, id)
	if err != nil {
		return err
	}
	if of.Kind == policy.Event {
		if len(found) == 0 {
			return &ask.NoRecordError{Type: of.Full, ID: id}
		}
		return x.event(found)
	}
	return x.entity(of, id, found)
}

// event explains the entry that took an event in, or where none did the last that did not.
func (x *why) event(found []uint64) error {
	seq, err := ask.TookIn(x.past(), found)
	if err != nil {
		return err
	}
	return x.entry(seq)
}

// mostAbout is how many decisions about an entity are listed.
const mostAbout = 8

// about finds the decisions about a record, the last first.
func (x *why) about(of *policy.Record, id string) ([]uint64, error) {
	bar := x.app.meter(x.app.say("searching", "查找"), int(x.log.Last()))
	defer bar.done()
	return ask.About(x.past(), of, id, func(_ int, from uint64) bool {
		bar.at(int64(x.log.Last() - from + 1))
		return false
	})
}

// entity says how an entity stands where the log ends, and what was decided about it.
func (x *why) entity(of *policy.Record, id string, found []uint64) error {
	w, err := runtime.OpenLog(lent{x.log}, runtime.Config{ReadOnly: true})
	if err != nil {
		return err
	}
	var d *decision.Decision
	ok := false
	err = w.View(context.Background(), func(e *engine.Engine) {
		for _, r := range e.Policy().Records {
			if r.Full == of.Full {
				d, ok = e.Why(r, id)
				of = r
			}
		}
		if ok {
			d.Seq = e.Seq()
			err = x.print(e.Policy(), d, &more{})
		}
	})
	if err := firstOf(err, w.Close()); err != nil {
		return err
	}
	if !ok {
		return &ask.NoRecordError{Type: of.Full, ID: id}
	}
	return x.history(found)
}

// lent is a log that a workspace does not close.
type lent struct{ runtime.Log }

// Close leaves the log open.
func (lent) Close() error { return nil }

// history lists the last decisions about an entity.
func (x *why) history(found []uint64) error {
	if x.app.json || len(found) == 0 {
		return nil
	}
	fmt.Fprintf(x.app.out, "\n%s\n", x.app.say("What was decided about it, the last first",
		"关于它作出的决定（最近的在前）"))
	for i, seq := range found {
		if i == mostAbout {
			fmt.Fprintf(x.app.out, x.app.say("  and %d more\n", "  另有 %d 个\n"), len(found)-i)
			break
		}
		d, p, err := x.stored(seq)
		if err != nil {
			return err
		}
		show, err := x.shows(p)
		if err != nil {
			return err
		}
		at := value.AppendTime(nil, d.At, show.Zone)
		if _, err := fmt.Fprintf(x.app.out, "  %d  %s  %s\n", seq, at, x.app.brief(d)); err != nil {
			return err
		}
	}
	return nil
}

// brief says in one line what a decision was on and what it did.
func (a *app) brief(d *decision.Decision) string {
	parts := []string{a.say("a timer", "定时")}
	if d.Record != (decision.Ref{}) {
		parts[0] = d.Record.String()
	}
	if o := d.Outcome.String(); o != "" {
		parts = append(parts, a.word(o))
	}
	for i := range d.Effects {
		e := &d.Effects[i]
		text := a.word(e.Kind.String()) + " " + e.Rule
		if e.State != decision.NoState {
			text += " " + a.word(e.State.String())
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " · ")
}
