package syntax

// Lines of a test (reference, section 10).
type (
	// GivenLine is `given file "visits.ndjson"` or `given Rep li { name: "李" }`.
	GivenLine struct {
		File   Quoted `parser:"'given' ( (?= 'file' Text EOF) 'file' @@"`
		Type   *Path  `parser:"| @@"`
		ID     ID     `parser:"  @@"`
		Record Value  `parser:"  (?= '{') @@ )"` // an *Object
	}

	// TestAt is `at 2026-03-02T18:00`.
	TestAt struct {
		At Moment `parser:"'at' @@"`
	}

	// TestAfter is `after 3wd`; `after 3 workdays` is the same.
	TestAfter struct {
		D        Amount `parser:"'after' @@"`
		Workdays bool   `parser:"@'workdays'?"`
	}

	// TestRecord is `3 times every 1d Visit v { … }`, or one record without the times.
	TestRecord struct {
		Times  Number `parser:"( @@ 'times'"`
		Every  Amount `parser:"( 'every' @@ )? )?"`
		Type   *Path  `parser:"@@"`
		ID     ID     `parser:"@@"`
		Record Value  `parser:"(?= '{') @@"` // an *Object
	}

	// ExpectLine is one expectation; exactly one of Nothing, Effect, Outcome and X is set.
	ExpectLine struct {
		Nothing string         `parser:"'expect' ( (?= 'no' ('effect'|'unknown')) 'no' @('effect'|'unknown')"`
		Brought ID             `parser:"  ( 'of' @@ )?"`
		Effect  *ExpectEffect  `parser:"| (?= ('no'|'resolved'|'withdrawn') Word | ('alert'|'segment'|'enter'|'leave') Word | ('task'|'notify'|'set'|'assign'|'suggest'|'note'|'flag'|'pool'|'call') (Word|Text|EOF|'because')) @@"`
		Outcome *ExpectOutcome `parser:"| (?= (Word|Text|Number) 'not'? ('accepted'|'held'|'rejected'|'duplicate'|'dropped'|'flagged'|'done'|'verified'|'waiting'|'missing'|'waived')) @@"`
		X       Expected       `parser:"| @@"`
		Within  Amount         `parser:"  ( ( '±' | '+' '-' ) @@ )? )"`
		Because *Path          `parser:"( 'because' @@ )?"`
	}

	// ExpectOutcome is `v1 accepted`, `v1 flagged "place"`, `v1 not done EffectiveDistribution`.
	ExpectOutcome struct {
		ID   ID     `parser:"@@"`
		Not  bool   `parser:"@'not'?"`
		Word string `parser:"@('accepted'|'held'|'rejected'|'duplicate'|'dropped'|'flagged'|'done'|'verified'|'waiting'|'missing'|'waived')"`
		Path *Path  `parser:"( (?! 'because') @@"`
		Text Quoted `parser:"| @@ )?"`
	}

	// ExpectEffect is `[no] alert ColdAction of li`, `task "…" for wang`, `notify wang "…"`,
	// `set Opportunity.priority = high of o1`, `enter RFM of c9`.
	ExpectEffect struct {
		How  string `parser:"@('no'|'resolved'|'withdrawn')?"`
		Kind string `parser:"@('alert'|'segment'|'enter'|'leave'|'task'|'notify'|'set'|'assign'|'suggest'|'note'|'flag'|'pool'|'call')"`
		Path *Path  `parser:"( (?! 'of'|'by'|'for'|'via'|'because') @@ )?"` // its name; of notify: who
		Text Quoted `parser:"@@?"`
		X    Value  `parser:"( '=' @@ )?"`
		Of   ID     `parser:"( 'of' @@ )?"`
		By   *Path  `parser:"( 'by' @@ )?"` // the cell of `alert … by action`
		For  ID     `parser:"( 'for' @@ )?"`
		Via  Word   `parser:"( 'via' @@ )?"`
	}
)
