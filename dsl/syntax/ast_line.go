package syntax

import "strings"

// Lines inside blocks of types, uses, calendars, scores, rules, alerts and segments.
type (
	// FieldLine is one field: `location point`, `region text = owner.region`. A line
	// `lines list of { … }` has the rows as its Body, a computed `= pick { … }` its table.
	FieldLine struct {
		Name     Word      `parser:"@@"`
		Was      []Word    `parser:"( 'was' @@ )*"`
		Label    *Label    `parser:"@@?"`
		Type     *Type     `parser:"@@"`
		Label2   *Label    `parser:"@@?"` // where the text stands behind the type
		Value    Expr      `parser:"( '=' @@ )?"`
		Personal *Personal `parser:"@@?"`
		Label3   *Label    `parser:"@@?"` // where it stands behind everything
	}

	// Personal is `personal for "催办" keep 30d`.
	Personal struct {
		At  bool   `parser:"@'personal'"`
		For *Label `parser:"( 'for' @@ )?"`
		Due Amount `parser:"( 'keep' @@ )?"`
	}

	// Fill is `fill skus = []`.
	Fill struct {
		Name Word `parser:"'fill' @@ '='"`
		X    Expr `parser:"@@"`
	}

	// Drop is `drop when store.name contains "测试"`.
	Drop struct {
		X Full `parser:"'drop' 'when' @@"`
	}

	// Bind is `theirs = ours` in the block of a use.
	Bind struct {
		Theirs Word `parser:"@@ '='"`
		Ours   Full `parser:"@@"`
	}

	// Cond is a word and a condition or value: when, where, limit, needs, value, at.
	Cond struct {
		Kind string `parser:"@('when'|'where'|'limit'|'needs'|'value'|'at')"`
		X    Full   `parser:"@@"`
	}

	// Term is one weighted part of a score or of `weigh`.
	Term struct {
		Name   Word   `parser:"@@"`
		Label  *Label `parser:"@@?"`
		Weight Amount `parser:"@@?"` // without one, the action's own weight counts
		X      Expr   `parser:"'=' @@"`
		Skip   bool   `parser:"( 'else' @'skip' )?"`
		Label2 *Label `parser:"@@?"`
	}

	// Mode is `mode shadow`.
	Mode struct {
		Mode string `parser:"'mode' @('off'|'shadow'|'warn'|'enforce')"`
	}

	// Check is `check each workday late 3d when …`.
	Check struct {
		Each string `parser:"'check' 'each' @('day'|'workday'|'week'|'month'|'quarter'|'year')"`
		Late Amount `parser:"( 'late' @@ )?"`
		When Full   `parser:"( 'when' @@ )?"`
	}

	// For is `for 4h`, or `for 3 in a row` (连续 3 次), of an alert.
	For struct {
		Looks  Amount `parser:"( (?= 'for' (Number|Word) 'in') 'for' @@ 'in' 'a' 'row'"`
		Looks2 Amount `parser:"| 'in a row' @@ 'times'"` // the same in Chinese order
		D      Amount `parser:"| 'for' @@ )"`
	}

	// Until is `until E`, `until E for D` or `until for D` of an alert.
	Until struct {
		Alone Amount `parser:"'until' ( (?= 'for' (Number|Word) EOF) 'for' @@"` // without E
		X     Expr   `parser:"| @@"`
		Hold  Amount `parser:"( 'for' @@ )? )"` // with E
	}

	// Do is `do { … }` of a rule or alert: the effects are the line's Body.
	Do struct {
		At bool `parser:"@'do'"`
	}

	// Member is `enter { … }`, `leave Champion { … }` of a segment: the effects are the Body.
	Member struct {
		Kind string `parser:"@('enter'|'leave')"`
		Tier Word   `parser:"@@?"`
	}

	// Table is a segment's `pick { … }`: the rows are the Body.
	Table struct {
		At bool `parser:"@'pick'"`
	}

	// Row is one row of a decision table; Cond is nil for `else`.
	Row struct {
		Else  bool   `parser:"( @'else'"`
		Cond  Full   `parser:"| @@ ) ':'"`
		Value Full   `parser:"@@"`
		Label *Label `parser:"@@?"`
	}

	// Every is `every monday at 09:00`, in an action also `… for Store where overdue`.
	Every struct {
		Each  string `parser:"'every' ( @('day'|'workday'|'week'|'month'|'quarter'|'year')"`
		Day   string `parser:"| @('monday'|'tuesday'|'wednesday'|'thursday'|'friday'|'saturday'|'sunday') )"`
		At    *Clock `parser:"( 'at' @@ )?"`
		For   *Path  `parser:"( 'for' @@ )?"`
		Where Full   `parser:"( 'where' @@ )?"`
	}

	// Top is `top 3 by shortfall`.
	Top struct {
		N  Amount `parser:"'top' @@"`
		By Full   `parser:"'by' @@"`
	}

	// Hours is `open 09:00 .. 12:00, 13:30 .. 18:00` of a calendar.
	Hours struct {
		Shifts []*Shift `parser:"'open' @@ ( ',' @@ )*"`
	}

	// Shift is one span of a day's working hours.
	Shift struct {
		Open  *Clock `parser:"@@ '..'"`
		Close *Clock `parser:"@@"`
	}

	// Days is `work saturday` or `rest 2026-10-01 .. 2026-10-07, 2027-01-01` of a calendar.
	Days struct {
		Kind string      `parser:"@('work'|'rest')"`
		Days []*DayRange `parser:"@@ ( ',' @@ )*"`
	}

	// DayRange is one weekday, date or range of dates.
	DayRange struct {
		Weekday string `parser:"( @('monday'|'tuesday'|'wednesday'|'thursday'|'friday'|'saturday'|'sunday')"`
		From    Moment `parser:"| @@"`
		To      Moment `parser:"  ( '..' @@ )? )"`
	}
)

// Lines of journeys and their stages.
type (
	// Stage is `stage Won "赢单" is won`.
	Stage struct {
		Name   Word   `parser:"'stage' @@"`
		Was    []Word `parser:"( 'was' @@ )*"`
		Label  *Label `parser:"@@?"`
		Is     string `parser:"( 'is' @('won'|'lost') )?"`
		Label2 *Label `parser:"@@?"`
	}

	// Require is `entry 3 Quote distinct document where custom "…"` or `must has budget within 2d`.
	// A lone name is a Counted; the checker knows whether it is an action, an event or a bool.
	Require struct {
		Kind   string   `parser:"@('entry'|'must')"`
		Count  *Counted `parser:"( (?= Number Word | (?! ('has'|'not'|'if'|'pick') Word) Word ('distinct'|'of'|'where'|'within' (Number|Word) (?! 'of')|Text|EOF|(?! 'and'|'or'|'in'|'not'|'not in'|'between'|'contains'|'matches'|'within') Word ('distinct'|'of'|'where'|'within'|'.'|Text|Bad|EOF))) @@"`
		X      Expr     `parser:"| @@ )"`
		Within Amount   `parser:"( 'within' @@ )?"`
		Text   *Label   `parser:"@@?"`
	}

	// Counted is `[N] Name [distinct f] [where e]`.
	Counted struct {
		N        Amount `parser:"( (?= Number | Word (?! 'distinct'|'of'|'where'|'within') Word ('distinct'|'of'|'where'|'within'|'.'|Text|Bad|EOF)) @@ )?"`
		Name     *Path  `parser:"@@"`
		Distinct *Path  `parser:"( 'distinct' @@ )?"`
		Of       *Path  `parser:"( 'of' @@ )?"`
		Where    Expr   `parser:"( 'where' @@ )?"`
	}

	// Sla is `sla 14d`.
	Sla struct {
		D Amount `parser:"'sla' @@"`
	}

	// Unmet is `unmet block` or `unmet warn`.
	Unmet struct {
		How string `parser:"'unmet' @('block'|'warn')"`
	}

	// Hook is `on enter { … }`, `on leave { … }` or `on late { … }`: the effects are the Body. Read
	// it with When: in Chinese the two words are one.
	Hook struct {
		On string `parser:"( 'on' @('enter'|'leave'|'late') | @('on enter'|'on leave'|'on late') )"`
	}
)

// Lines of actions.
type (
	// On is `on Visit`.
	On struct {
		Path *Path `parser:"'on' @@"`
	}

	// By is `by rep` of an action, `by industry, region` of a metric, `split region, rep`,
	// `drill industry, stage`: Kind says which.
	By struct {
		Kind  string  `parser:"@('by'|'drill'|'split')"`
		Paths []*Path `parser:"@@ ( ',' @@ )*"`
	}

	// About is `about store`.
	About struct {
		Path *Path `parser:"'about' @@"`
	}

	// Done is `done distinct(skus) >= 3 within 1d`, or `done all steps`.
	Done struct {
		AllSteps bool   `parser:"'done' ( (?= 'all' 'steps' | 'all steps') @( 'all' 'steps' | 'all steps' )"`
		X        Expr   `parser:"| @@ )"`
		Within   Amount `parser:"( 'within' @@ )?"`
	}

	// Proof is `proof { … }`, `proof triangle { … }`: the proof lines are the Body.
	Proof struct {
		At     bool   `parser:"@'proof'"`
		Preset string `parser:"@('triangle'|'strict'|'photo')?"`
	}

	// ProofLine is `photo fresh(photo) else reject unknown review "…" within 2wd strength weak`.
	ProofLine struct {
		Name     Word   `parser:"@@"`
		X        Full   `parser:"@@"`
		Else     string `parser:"( 'else' @('review'|'reject'|'note') )?"`
		Text     *Label `parser:"@@?"`
		Unknown  string `parser:"( 'unknown' @('review'|'reject'|'note') )?"`
		Text2    *Label `parser:"@@?"`
		Within   Amount `parser:"( 'within' @@ )?"` // a review is due by then
		Strength string `parser:"( 'strength' @('weak'|'strong') )?"`
	}

	// Target is `target 20 per week distinct store`.
	Target struct {
		N        Amount `parser:"'target' @@"`
		Per      string `parser:"'per' @('day'|'workday'|'week'|'month'|'quarter'|'year')"`
		Distinct *Path  `parser:"( 'distinct' @@ )?"`
	}

	// Why is `why "没有上架就没有动销"`.
	Why struct {
		Text *Label `parser:"'why' @@"`
	}

	// Moves is `moves SellThrough higher`.
	Moves struct {
		Path *Path  `parser:"'moves' @@"`
		How  string `parser:"@('higher'|'lower')"`
	}

	// Weight is `weight 40%`.
	Weight struct {
		W Amount `parser:"'weight' @@"`
	}

	// Block is `steps { … }`, `feedback { … }` or `weigh { … }`: Kind says which.
	Block struct {
		Kind string `parser:"@('steps'|'feedback'|'weigh')"`
	}

	// Step is `"检查货架陈列" is lines`.
	Step struct {
		Text  *Label `parser:"@@"`
		Is    Source `parser:"( 'is' @@ )?"`
		Needs *Path  `parser:"( 'needs' @@ )?"`
	}

	// Show is `show "近 3 个月动销" sum(SellOut.amount in 90d of store)`.
	Show struct {
		Text *Label `parser:"'show' @@"`
		X    Full   `parser:"@@"`
	}
)

// Lines of allocations, metrics, goals and remedies.
type (
	// Recycle is `recycle after 7d at most 60d where live` of an allocation.
	Recycle struct {
		D     Amount `parser:"'recycle' 'after' @@"`
		Most  Amount `parser:"( ( 'at' 'most' | 'at most' ) @@ )?"`
		Where Full   `parser:"( 'where' @@ )?"`
	}

	// WarnAfter is `warn after 5d { … }` of an allocation: the effects are the Body.
	WarnAfter struct {
		D Amount `parser:"'warn' 'after' @@"`
	}

	// Hold is `hold until open` of an allocation.
	Hold struct {
		Until bool `parser:"'hold' 'until' @'open'"`
	}

	// AwayWithin is `away within 1wd` of an allocation.
	AwayWithin struct {
		D Amount `parser:"'away' 'within' @@"`
	}

	// Baseline is `by least_open where live` of an allocation: one of the rules that products are
	// known for, by its name.
	Baseline struct {
		Rule  string `parser:"'by' ( @'round_robin' | @('least_open'|'load_rate')"`
		Where Full   `parser:"( 'where' @@ )? )"`
	}

	// Cool is `cool 12h` of an allocation.
	Cool struct {
		D Amount `parser:"'cool' @@"`
	}

	// Same is `same customer` of an allocation.
	Same struct {
		Path *Path `parser:"'same' @@"`
	}

	// Accept is `accept within 4wh`, or `accept top 3 within 4wh`: offered to three at once.
	Accept struct {
		Top Amount `parser:"'accept' ( 'top' @@ )?"`
		D   Amount `parser:"'within' @@"`
	}

	// Else is `else pool for 3wd` of an allocation.
	Else struct {
		Do *Effect `parser:"'else' @@"`
	}

	// ShareBy is `share by sum(Store.monthly)` of a goal or an allocation.
	ShareBy struct {
		X Full `parser:"'share' 'by' @@"`
	}

	// Better is `better lower`.
	Better struct {
		How string `parser:"'better' @('lower'|'higher')"`
	}

	// GoalMetric is `metric Coverage` of a goal.
	GoalMetric struct {
		Path *Path `parser:"'metric' @@"`
	}

	// GoalTarget is `target +22pp from 61%`.
	GoalTarget struct {
		Sign string `parser:"'target' @('+'|'-')?"`
		N    Amount `parser:"@@"`
		From Amount `parser:"( 'from' @@ )?"`
	}

	// During is `during 2025-10-01 .. 2025-12-31`.
	During struct {
		From Bound `parser:"'during' @@ '..'"`
		To   Bound `parser:"@@"`
	}

	// Through is `through EffectiveDistribution yields 0.35`; several with commas.
	Through struct {
		Items []*Yield `parser:"'through' @@ ( ',' @@ )*"`
	}

	// Yield is one action of Through and what one completion yields.
	Yield struct {
		Path    *Path  `parser:"@@"`
		Learned bool   `parser:"( 'yields' ( @'learned'"`
		Amount  Amount `parser:"| @@ ) )?"`
	}

	// Capacity is `capacity 25 per week`.
	Capacity struct {
		N   Amount `parser:"'capacity' @@"`
		Per string `parser:"'per' @('day'|'workday'|'week'|'month'|'quarter'|'year')"`
	}

	// Verify is `verify after 90d expect change <= -10% against others`.
	Verify struct {
		After   Amount `parser:"'verify' 'after' @@"`
		X       Full   `parser:"'expect' @@"`
		Against bool   `parser:"( 'against' @'others' )?"`
	}
)

// Effects.
type (
	// EffectLine is one effect in a block of them.
	EffectLine struct {
		Do *Effect `parser:"@@"`
	}

	// Effect is what a rule does; exactly one of the first seven is set.
	Effect struct {
		Task   *TaskEffect   `parser:"( @@"`
		Notify *NotifyEffect `parser:"| @@"`
		Set    *SetEffect    `parser:"| @@"`
		Say    *SayEffect    `parser:"| @@"`
		Flag   *FlagEffect   `parser:"| @@"`
		Call   *CallEffect   `parser:"| @@"`
		Pool   *PoolEffect   `parser:"| @@ )"`
		When   Full          `parser:"( 'when' @@ )?"`
		AtMost Amount        `parser:"( ( 'at' 'most' | 'at most' ) @@"`
		Per    Amount        `parser:"( 'per' @@"`
		Open   bool          `parser:"| @'open' ) )?"` // at most 5 open: of a person's tasks
	}

	// TaskEffect is `task TEXT for WHO [due D] [with LIST] [until E] [else for WHO [due D]]`.
	TaskEffect struct {
		Text  *Label    `parser:"'task' @@"`
		For   Expr      `parser:"'for' @@"`
		Due   Amount    `parser:"( 'due' @@ )?"`
		With  Expr      `parser:"( 'with' @@ )?"`
		Until *Met      `parser:"( 'until' @@ )?"`
		Else  []*Handed `parser:"( 'else' @@ )*"`
	}

	// Met is what a task is done by: `2 Call where answered`, counted from when it was made, or a
	// bool expression. A lone name is a Counted; the checker knows what it names. `of PATH` says whom
	// either is about.
	Met struct {
		Count *Counted `parser:"( (?= Number Word | (?! ('has'|'not'|'if'|'pick') Word) Word ('distinct'|'of'|'where'|'else'|'when'|'at'|'at most'|EOF|(?! 'and'|'or'|'in'|'not'|'not in'|'between'|'contains'|'matches'|'within') Word ('distinct'|'of'|'where'|'else'|'.'|EOF))) @@"`
		X     Expr     `parser:"| @@"`
		Of    *Path    `parser:"( 'of' @@ )? )"`
	}

	// Handed is who gets a task that was not done by its due.
	Handed struct {
		For Expr   `parser:"'for' @@"`
		Due Amount `parser:"( 'due' @@ )?"`
	}

	// NotifyEffect is `notify WHO [via CHANNEL] TEXT`.
	NotifyEffect struct {
		Who  Expr   `parser:"'notify' @@"`
		Via  Word   `parser:"( 'via' @@ )?"`
		Text *Label `parser:"@@"`
	}

	// SetEffect is `set PATH = e` or `assign PATH = WHO`.
	SetEffect struct {
		Kind string `parser:"@('set'|'assign')"`
		Path *Path  `parser:"@@ '='"`
		X    Expr   `parser:"@@"`
	}

	// SayEffect is `suggest TEXT` or `note TEXT`.
	SayEffect struct {
		Kind string `parser:"@('suggest'|'note')"`
		Text *Label `parser:"@@"`
	}

	// FlagEffect is `flag [TEXT]`.
	FlagEffect struct {
		At   bool   `parser:"@'flag'"`
		Text *Label `parser:"@@?"`
	}

	// CallEffect is `call NAME [TEXT]`.
	CallEffect struct {
		Name Word   `parser:"'call' @@"`
		Text *Label `parser:"@@?"`
	}

	// PoolEffect is `pool [for D]`.
	PoolEffect struct {
		Pool bool   `parser:"@'pool'"`
		For  Amount `parser:"( 'for' @@ )?"`
	}
)

// When says when the hook acts: enter, leave or late.
func (h *Hook) When() string { return strings.TrimPrefix(h.On, "on ") }

// Count is how many looks in a row an alert waits for, in either word order; not there for a
// duration.
func (f *For) Count() Amount {
	if f.Looks.Ok() {
		return f.Looks
	}
	return f.Looks2
}

// Duration is the time of `until for D` and `until E for D`; not there without one.
func (u *Until) Duration() Amount {
	if u.Alone.Ok() {
		return u.Alone
	}
	return u.Hold
}
