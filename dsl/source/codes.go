package source

import "sync"

// Entry is one row of the table of codes: what a diagnostic of that code says, in both languages.
// {0}, {1}, … stand for the diagnostic's Args. The texts say what is so and what to do; what was
// found, what was expected and the nearest name are added by Render.
type Entry struct {
	Code     Code
	Severity Severity
	En, Zh   string
}

// Codes are all rows, by phase: syntax T01xx, names and imports T02xx, types and units T03xx,
// declarations T04xx, what no engine runs yet T05xx, records T06xx, tests T07xx, proofs
// T08xx, allocations as they run T09xx.
// A row is never reused for another meaning.
func Codes() []Entry {
	var all []Entry
	for _, rows := range [][]Entry{syntaxCodes(), checkCodes(), recordCodes(), engineCodes(),
		runtimeCodes(), actionCodes(), taskCodes(), allocationCodes(),
		proofCodes(), metricCodes()} {
		all = append(all, rows...)
	}
	return all
}

// table is Codes by code, built on first use.
var table = sync.OnceValue(func() map[Code]Entry {
	all := map[Code]Entry{}
	for _, e := range Codes() {
		all[e.Code] = e
	}
	return all
})

// Lookup finds the row of a code.
func Lookup(c Code) (Entry, bool) {
	e, ok := table()[c]
	return e, ok
}

// Severity is the severity of the code; an unknown code is an Error.
func (c Code) Severity() Severity { return table()[c].Severity }
