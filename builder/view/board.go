package view

import (
	"net/url"

	"github.com/throughline/throughline/builder/words"
)

// A BoardPage is the journey board.
type BoardPage struct {
	Live     string // address of the socket
	May      bool   // whoever looks may change it
	Bar      Bar
	Journeys []Journey
	Problems []Problem
	Adds     []Add
	Text     *SourcePage // beside it; nil: none
}

// A Bar is what stands above a draft: its state, what can be taken back, who is here.
type Bar struct {
	Title, Lead    string
	Undo, Redo     string // what they would do; "": nothing
	Same           bool   // as in force
	Errors, Warns  int
	May            bool
	Here           []string
	Publish, Other string // addresses; "" of Other: no such link
	OtherName      string
	Beside         *Link // shows the text beside the board, or leaves it; nil: neither
}

// Split gives the bar of a board the way to the text beside it, or from there.
func (b *Bar) Split(v *Viewer, is bool) {
	b.Beside = &Link{Name: v.Say(words.TextBeside), Href: v.In("board") + "?text"}
	if is {
		b.Beside = &Link{Name: v.Say(words.TextAway), Href: v.In("board")}
	}
}

// A Journey is a row of columns.
type Journey struct {
	ID, Name, Code, Of string
	Path, File         string
	End                int // index behind its last line
	Columns            []Column
	Loose              []Item // lines that are no stages
}

// A Column is a stage.
type Column struct {
	ID, Name, Code string
	Path, File     string
	Kind, Tone     string // of a stage that ends the journey
	Text           string // as it is written
	Holds          string // the word that a requirement in it begins with
	At, End        int    // its index, and the one behind its last line
	Pinned         []string
	Head, Cards    []Item
}

// An Item is a line of a stage.
type Item struct {
	ID, Title, Kind string
	Key             string // what its path ends with
	Text, Whole     string // as it is written, without and with its block
	Chips           []string
	Marks           []Mark
	At              int
	Plain           bool // the board cannot show it: it is its text
}

// A Mark is what a pinned record has or lacks of a card.
type Mark struct{ Tone, Text string }

// A Problem is what the checker says.
type Problem struct {
	Tone, Severity, Message, Code string
	File, Key                     string // Key: of the draft, where it is one of its files
	Line                          int
	Href                          string
	From, To                      int    // in the file, as the script counts
	Fix                           string // the state it is told of, where it can be mended
	Index                         int
}

// An Add is something that can be put into a stage.
type Add struct{ Name, Code, Kind, Text, Find string }

// A SourcePage is the text of a draft, a file at a time.
type SourcePage struct {
	Live     string
	File     string
	Key      string // of the file, whatever it is called
	Draft    string // which
	Text     string
	Rev      int
	Line     int // that is shown first; 0: the first
	May      bool
	Words    string // of the language, as JSON: what the editor colours
	Files    []Link
	Bar      Bar
	Problems []Problem
	Gone     *GoneFile // that was asked for; nil: it is shown
	Form     FileForm
}

// A GoneFile is a file that is no longer one of the draft.
type GoneFile struct {
	Name, Key string
	By        string // who removed it; "": its making was taken back
}

// A FileForm is what was asked to be done to a file, and why it was not.
type FileForm struct {
	Do, Name, Wrong string
	Key, Text       string // of a text that is written without script
}

func (f FileForm) title(v *Viewer, file string) string {
	switch f.Do {
	case "rename":
		return v.Sayf(words.FileRenameOf, file)
	case "remove":
		return v.Sayf(words.FileRemoveOf, file)
	}
	return v.Say(words.FileMake)
}

// loose is what a line of a journey that is no stage says.
func (c Item) loose(v *Viewer) string {
	if c.Title == c.Text {
		return c.Text
	}
	return c.Kind + v.Say(words.Colon) + c.Title
}

// form is where a page with one of the forms is, for those without script.
func (p SourcePage) form(v *Viewer, do string) string {
	return v.In("text") + "?" + url.Values{"file": {p.Key}, "form": {do}}.Encode()
}

// A HoverBit is a piece of what is told of a name.
type HoverBit struct{ Kind, Text, More string }

// A PublishPage is what publishing a draft would come to.
type PublishPage struct {
	Same, Moved, Untested, MayPublish, TuneOnly, MayDraft bool

	Reworded bool // it means what is in force, in other words

	Authors       []string
	Others        []string // of them
	MayOnly       bool     // what is theirs can be published by itself
	Only          bool     // that is what the page shows
	OnlyNot       string   // why it cannot
	Problems      []Problem
	Diff          string
	Board         *BoardDiff
	Lines         []DiffLine
	Tests         []Test
	Failed        int
	Expect        string // hash of the text in force
	Wrong, More   string
	Now           bool // it was just published
	Errors        int
	CannotBecause string

	Differ, Stranded int // what there is to confirm
	Confirm          bool
	Flight           *Flight // nil: nobody is on a journey
}

// A Flight is what would become of the open records on journeys.
type Flight struct {
	Stays, Moves, Stranded int
	Stages                 []InStage
	Held                   bool // some to what they did not begin under
}

// An InStage is what would become of those in a stage.
type InStage struct {
	Name, Fate string
	Rules      []string // what of the stage they are held to is another
	Count      int
	Who        []Link // some of those who need a person
	More       int    // how many else
}

// A Test is how a test of the policy went.
type Test struct {
	Name, Text string
	Passed     bool
}

// label of a problem's place.
func (p *Problem) place(v *Viewer) string { return v.Sayf(words.ProblemAt, p.File, p.Line) }
