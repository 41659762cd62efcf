// Package wire is what a page and the server say to each other over the socket. The script's own
// types (builder/ui/src/lib/wire.ts) are made from these; a test holds them to it.
package wire

// A Command is what somebody does on a page. What it is about is named, so that it means the same
// after somebody else's change; only typing counts from a revision.
type Command struct {
	// insert, move, delete, replace, set, undo, redo, edit, fix, weigh, mode, rename, look, offer, …
	Do string `json:"do"`

	// Of a gesture, as in builder/edit.
	What  []string `json:"what,omitempty"`
	Into  []string `json:"into,omitempty"`
	File  string   `json:"file,omitempty"`
	Index int      `json:"index,omitempty"`
	Text  string   `json:"text,omitempty"`
	Count int      `json:"count,omitempty"`
	Was   string   `json:"was,omitempty"`

	// Of a question: its answer has the same number. At is the caret in Text, which would stand where
	// What, Index, Count and Was say, or as a line of Into.
	Ask int `json:"ask,omitempty"`
	At  int `json:"at,omitempty"`

	// Of pin: Text and Was are what is pinned and until when, What the same as it was seen before.

	// Of fix: Index is that of what the checker says, File the state of the draft that it said it of.

	// Of typing: change sets of the editor, from revision Rev of File on.
	Rev  int    `json:"rev,omitempty"`
	By   string `json:"by,omitempty"` // which editor
	Sets []Set  `json:"sets,omitempty"`
}

// An Update is what a page is told.
type Update struct {
	HTML    []string `json:"html,omitempty"`    // parts of the page, each with its id
	Changes []Change `json:"changes,omitempty"` // of the text, in order
	Diags   *Diags   `json:"diags,omitempty"`
	Offers  *Offers  `json:"offers,omitempty"`
	Told    *Told    `json:"told,omitempty"`
	Go      *Go      `json:"go,omitempty"`
	Carets  *Carets  `json:"carets,omitempty"`
	Here    *Here    `json:"here,omitempty"`
	Say     string   `json:"say,omitempty"` // for whoever listens; after a gesture of theirs
	Wrong   bool     `json:"wrong,omitempty"`
	Anew    bool     `json:"anew,omitempty"` // the draft is another: the page comes again
}

// Offers are what may stand where somebody writes: the answer to a question.
type Offers struct {
	Ask  int     `json:"ask"`
	From int     `json:"from"` // they stand in place of what is written from here to To
	To   int     `json:"to"`
	List []Offer `json:"list"`
}

// Told is what there is to say of a piece of the text: the answer to a question.
type Told struct {
	Ask  int    `json:"ask"`
	From int    `json:"from"`
	To   int    `json:"to"`
	HTML string `json:"html,omitempty"`
}

// Go leads somewhere: to a place of a file, or to a page.
type Go struct {
	File string `json:"file,omitempty"`
	At   int    `json:"at,omitempty"`
	Href string `json:"href"`

	Quiet bool `json:"quiet,omitempty"` // whoever is led keeps the focus where it is
}

// Here is the line that somebody's caret is in.
type Here struct {
	Path []string `json:"path"`
	File string   `json:"file"`
}

// Carets are where the others are in a file, as it was at a revision.
type Carets struct {
	Rev  int     `json:"rev"`
	List []Caret `json:"list"`
}

// A Caret is where somebody is, and what they have selected.
type Caret struct {
	Name string `json:"name"`
	Hue  int    `json:"hue"`
	At   int    `json:"at"`
	To   int    `json:"to"`
}

// An Offer is one of them.
type Offer struct {
	Label  string `json:"label"`
	Text   string `json:"text"`
	Kind   string `json:"kind"`
	Detail string `json:"detail,omitempty"`
	Doc    string `json:"doc,omitempty"`
}

// A Change is one step of a file's text. A file's revision is how many there were.
type Change struct {
	File string `json:"file"`
	By   string `json:"by"` // which editor; "": a gesture
	Set  Set    `json:"set"`
}

// Diags are what the checker says of a file as it was at a revision.
type Diags struct {
	File string `json:"file"`
	Rev  int    `json:"rev"`
	List []Diag `json:"list"`

	Folds [][]int `json:"folds,omitempty"` // first and last lines of what can be folded
}

// A Diag is one of them. Places are counted as the script counts, in UTF-16.
type Diag struct {
	From     int    `json:"from"`
	To       int    `json:"to"`
	Severity string `json:"severity"` // error, warning, info
	Message  string `json:"message"`
	Code     string `json:"code"`
}
