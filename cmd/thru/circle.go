package main

import (
	"errors"
	"fmt"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/fair"
	"github.com/throughline/throughline/internal/plural"
)

// checkHistory holds every allocation against the records that are given: whether it, or the rules
// with a name, overload one team and starve another where their cycles differ.
func (a *app) checkHistory(p *folder, o *allotted) error {
	switch {
	case len(o.records) == 0 && o.db == "":
		return nil
	case len(o.records) > 0 && o.db != "":
		return usageError{errors.New(a.say("name --records or --db, one of them",
			"请给出 --records 或 --db 其中之一"))}
	case len(p.policy.Allocations) == 0:
		return a.remark(a.say("the policy has no allocation, so records show nothing\n",
			"策略中没有分配，记录说明不了什么\n"))
	}
	for _, of := range p.policy.Allocations {
		if of.Mode == policy.Off {
			continue
		}
		l := &ledger{policy: p.policy, of: of}
		if err := a.read(l, p, o); err != nil {
			return err
		}
		r := fair.NewReport(l.book.Was(), fair.NewModel(l.book.Was()), l.until)
		if d := r.Told(of); d != nil {
			p.diags = append(p.diags, *d)
			continue
		}
		if err := a.remark(a.noCircle(of, r)); err != nil {
			return err
		}
	}
	return nil
}

// remark says on standard error what is no mistake.
func (a *app) remark(text string) error {
	_, err := fmt.Fprint(a.err, text)
	return err
}

// noCircle says why records show no vicious circle, or cannot show one.
func (a *app) noCircle(of *policy.Allocation, r *fair.Report) string {
	c := r.Circle
	switch {
	case len(r.Teams) < 2:
		return fmt.Sprintf(a.say("%s: whether there is a vicious circle cannot be told: "+
			"fewer than two teams (--team says what a team is)\n",
			"%s：无法判断有无恶性循环：不足两个团队（用 --team 说明什么是团队）\n"), of.Full)
	case !r.CyclesKnown():
		return plural.Sprintf(a.say("%s: whether there is a vicious circle cannot be told: "+
			"fewer than two teams have closed %d record{|s} (--open says which are open)\n",
			"%s：无法判断有无恶性循环：办结满 %d 条的团队不足两个（用 --open 说明哪些未结）\n"),
			of.Full, fair.EnoughClosed)
	case c == nil:
		return plural.Sprintf(a.say("%s: no vicious circle in %d record{|s}: teams' cycles are alike\n",
			"%s：%d 条记录中没有恶性循环：各团队的周期相近\n"), of.Full, r.Cases)
	}
	was := c.Was()
	text := plural.Sprintf(a.say("%s: no vicious circle in %d record{|s}, though cycles differ "+
		"(%s %s days, %s %s): %[3]s has %[7]s times the work of %[5]s for its capacity\n",
		"%s：%d 条记录中没有恶性循环，尽管周期不同（%s %s 天，%s %s 天）：按产能折算，%[3]s 的工作量是 %[5]s 的 %[7]s 倍\n"),
		of.Full, r.Cases, c.Long, decimal(c.LongDays, 1), c.Short, decimal(c.ShortDays, 1),
		decimal(was.Work, 2))
	for _, s := range c.By() {
		if s.Fails() {
			text += fmt.Sprintf(a.say("  %s would come to %s, %s times the work\n",
				"  %s 会给 %s，工作量 %s 倍\n"), s.Rule, percent(s.Share), decimal(s.Work, 2))
		}
	}
	return text
}
