// Package wire is what a page and the server say to each other over the socket. The script's own
// types (builder/ui/src/lib/wire.ts) are made from these; a test holds them to it.
package wire

// A Command is what somebody does on a page. What it is about is named, so that it means the same
// after somebody else's change; only typing counts from a revision.
type Command struct {
	Do string `json:"do"` // insert, move, delete, replace, undo, redo, edit, fix

	// Of a gesture, as in builder/edit.
	What  []string `json:"what,omitempty"`
	Into  []string `json:"into,omitempty"`
	File  string   `json:"file,omitempty"`
	Index int      `json:"index,omitempty"`
	Text  string   `json:"text,omitempty"`

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
	Say     string   `json:"say,omitempty"` // for whoever listens; after a gesture of theirs
	Wrong   bool     `json:"wrong,omitempty"`
	Anew    bool     `json:"anew,omitempty"` // the draft is another: the page comes again
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
}

// A Diag is one of them. Places are counted as the script counts, in UTF-16.
type Diag struct {
	From     int    `json:"from"`
	To       int    `json:"to"`
	Severity string `json:"severity"` // error, warning, info
	Message  string `json:"message"`
	Code     string `json:"code"`
}
