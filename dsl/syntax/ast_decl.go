package syntax

// Lines at file level. Every struct repeats its head word, so that the printed grammar is whole.
type (
	// Package is `package acme.fmcg`.
	Package struct {
		Path *Path `parser:"'package' @@"`
	}

	// Import is `import sales.*` or `import fmcg.shelf as shelf`.
	Import struct {
		Path []Word `parser:"'import' @@ ( '.' ( @@"`
		All  bool   `parser:"  | @'*' ) )*"` // .*
		As   Word   `parser:"( 'as' @@ )?"`
	}

	// Use is `use shelf.Report(days: 60) on MyReport as Report { dealer = shop }`.
	Use struct {
		Path  *Path    `parser:"'use' @@"`
		Args  []*Given `parser:"( '(' ( @@ ( ',' @@ )* )? ')' )?"`
		On    *Path    `parser:"( 'on' @@ )?"`
		As    Word     `parser:"( 'as' @@"`
		Was   []Word   `parser:"  ( 'was' @@ )* )?"`
		Label *Label   `parser:"@@?"`
	}

	// Given is one `name: value` of a use; the name may be left out.
	Given struct {
		Name Word `parser:"( (?= Word ':') @@ ':' )?"`
		X    Expr `parser:"@@"`
	}

	// Let is `let PainPoints = ["库存积压", "回款慢"]`.
	Let struct {
		Head Head `parser:"'let' @@ '='"`
		X    Expr `parser:"@@"`
	}

	// Choice is `choice Channel = chain "连锁" | community "社区"`.
	Choice struct {
		Head   Head           `parser:"'choice' @@ '='"`
		Values []*ChoiceValue `parser:"@@ ( '|' @@ )*"`
	}

	// Extern is `extern risk(note text, amount money) number version 2`.
	Extern struct {
		Head    Head   `parser:"'extern' @@"`
		Result  *Type  `parser:"@@"`
		Version Number `parser:"( 'version' @@ )?"`
		Label   *Label `parser:"@@?"`
	}

	// Record is `entity Store "门店"` or `event Visit`.
	Record struct {
		Kind string `parser:"@('entity'|'event')"`
		Head Head   `parser:"@@"`
	}

	// Extend is `extend Visit`.
	Extend struct {
		Path *Path `parser:"'extend' @@"`
	}

	// Calendar is `calendar Shop from CN`.
	Calendar struct {
		Head Head `parser:"'calendar' @@"`
		From Word `parser:"( 'from' @@ )?"`
	}

	// Score is `score VisitQuality "过程质量分" of Visit`.
	Score struct {
		Head  Head   `parser:"'score' @@"`
		Of    *Path  `parser:"'of' @@"`
		Label *Label `parser:"@@?"`
	}

	// Rule is `rule BigDeal "大单加急" on Opportunity`; `of` and `on` are both read.
	Rule struct {
		Head  Head   `parser:"'rule' @@"`
		Of    *Path  `parser:"('on'|'of') @@"`
		Label *Label `parser:"@@?"`
	}

	// Alert is `alert ColdAction of Rep by action`, `… of SigningCycle by industry`, or
	// `… of Conversion across region`.
	Alert struct {
		Head   Head    `parser:"'alert' @@"`
		Of     *Path   `parser:"('of'|'on') @@"`
		By     []*Path `parser:"( 'by' @@ ( ',' @@ )*"`
		Across []*Path `parser:"| 'across' @@ ( ',' @@ )* )?"`
		Label  *Label  `parser:"@@?"`
	}

	// Segment is `segment RFM of Customer`.
	Segment struct {
		Head  Head   `parser:"'segment' @@"`
		Of    *Path  `parser:"'of' @@"`
		Label *Label `parser:"@@?"`
	}

	// Journey is `journey Deal "商机旅程" of Opportunity`.
	Journey struct {
		Head  Head   `parser:"'journey' @@"`
		Of    *Path  `parser:"'of' @@"`
		Label *Label `parser:"@@?"`
	}

	// Action is `action CountFacings "数排面" (least int in 1..20 = 3)`.
	Action struct {
		Head  Head   `parser:"'action' @@"`
		Label *Label `parser:"@@?"`
	}

	// Allocate is `allocate Lead.owner to Rep "线索分配"`.
	Allocate struct {
		Path   *Path    `parser:"'allocate' @@"`
		Was    []*Path  `parser:"( 'was' @@ )*"`
		Label  *Label   `parser:"@@?"`
		Params []*Param `parser:"( '(' ( @@ ( ',' @@ )* )? ')' )?"`
		To     *Path    `parser:"'to' @@"`
		Label2 *Label   `parser:"@@?"` // where the text stands behind the rest
	}

	// Metric is `metric SigningCycle "签约周期" of Opportunity`.
	Metric struct {
		Head  Head   `parser:"'metric' @@"`
		Of    *Path  `parser:"'of' @@"`
		Label *Label `parser:"@@?"`
	}

	// Goal is `goal Q4Coverage "终端铺货率提升 22%"`.
	Goal struct {
		Head  Head   `parser:"'goal' @@"`
		Label *Label `parser:"@@?"`
	}

	// Remedy is `remedy CaseLibrary "更新教育行业案例库" for SigningCycle`.
	Remedy struct {
		Head  Head   `parser:"'remedy' @@"`
		For   *Path  `parser:"'for' @@"`
		Label *Label `parser:"@@?"`
	}

	// Test is `test "三天低分变红"`.
	Test struct {
		Name Quoted `parser:"'test' @@"`
	}
)
