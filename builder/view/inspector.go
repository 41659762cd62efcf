package view

import "strconv"

// A RulesPage is every declaration of the draft, and the one that is looked at.
type RulesPage struct {
	Live   string
	May    bool
	Bar    Bar
	Groups []RuleGroup
	News   []Add
	File   string // that a new declaration goes into
	Look   *Inspector
}

// A RuleGroup is the declarations of one kind.
type RuleGroup struct {
	ID, Title string
	Rules     []RuleLink
}

// A RuleLink leads to a declaration.
type RuleLink struct {
	ID, Name, Code string
	Path, File     string
	Href, Find     string
	Mode           string // where it does not act in full
	Wrong          bool   // the checker says something of it
	Here           bool
}

// An Inspector shows one declaration, or one line of it, with controls for what can be controlled.
type Inspector struct {
	Path, File string
	Kind       string
	Name, Code string
	Doc        string
	May        bool
	Gone       bool     // what was looked at is not there any more
	Mode       string   // "": it has none
	Modes      []Option // of Mode
	Renames    bool     // its name is one that others say
	Told       []Told
	Line       *Drafted // the line itself with its block
	Opens      []Use    // what stands in it and is looked at by itself
	Fired      *Fired
	Size       *Size
	Cases      *Pins
	Uses       []Use
	Past       []Was
	Problems   []Problem
	Text       string // address of its text
}

// A Told is a piece of what a declaration says, in sentences.
type Told struct {
	Title, Lead string
	Items       []string
}

// An Option is one of a choice.
type Option struct{ Value, Name string }

// A Drafted is one line of a declaration.
type Drafted struct {
	ID, Path string
	Name     string // what it says something about
	Says     string // it, in a sentence
	At       int    // in its block
	Bits     []Bit
	Free     *Free
	Weight   *Weight
	Block    bool   // it has a block: lines can be added
	Adds     string // what the field for another line is called
	Lines    []*Drafted
	Weights  bool // its lines weigh, and add up
	Table    bool // its lines are rows
	Cells    []Free
	Label    *Free
	Conds    []*Cond // of a condition that is several
	Join     string  // the word between them
	Joins    *Joins  // conditions that may go into it
	Order    bool    // where it stands among its like means something
	Fixed    bool    // it is not to be deleted: the declaration itself
}

// A Bit is a piece of a line: words as they are, or a control in their place.
type Bit struct {
	Text  string
	Blank *Blank
}

// A Blank is a control for some words of a line.
type Blank struct {
	ID, Label    string
	Kind         string // number, text, choice; all else is written
	Value, Unit  string
	UnitLabel    string
	Units        []Option
	Options      []Option
	Index, Count int
	Was          string
	Size         int
}

// A Free is a piece of a line as a field to write in.
type Free struct {
	ID, Label    string
	Text         string
	Index, Count int
	Quoted       bool
}

// A Cond is one of several conditions that must all hold.
type Cond struct {
	ID   string
	Says string
	Free Free
}

// A Joins is conditions ready to be joined to what a line says already.
type Joins struct {
	ID, Label    string
	Join         string // the word between
	Index, Count int
	Was, Now     string // what it says, and as it stands before another
	List         []Ready
}

// A Ready is one of them.
type Ready struct {
	Text, From string
	Find       string
}

// A Weight is how much one of several parts weighs.
type Weight struct {
	ID, Label string
	Value     string // in percent
	Step      string
}

// A Use is a place that says something by what is looked at.
type Use struct {
	Name, Kind string
	Path, File string
	Href       string
}

// A Fired is how often a rule would have fired.
type Fired struct {
	Text    string
	Done    int // of 100, while it is worked out
	Running bool
	Stopped bool
}

// A Size is who is in a segment, under the draft as it is.
type Size struct {
	Running bool
	Text    string
	Note    string
	N, Of   int
	Rows    bool // parts are rows of which one holds
	Parts   []SizePart
	Who     []Link
	More    int
	Did     []string // what entering would have made happen
}

// A SizePart is one condition or row, with those of whom it holds.
type SizePart struct {
	Name    string
	Is      string // of a row: what they are
	N       int
	Unknown string
	Who     []Link
	Many    bool // there are more than are named
}

// A Pins is what a declaration makes of the pinned records.
type Pins struct {
	Note  string // why there are none
	Bench string // where they are pinned
	List  []Pin
	More  int
}

// A Pin is one of them: how it stands, or what happened as it came.
type Pin struct {
	Name, When string
	Tone, Is   string
	Why        string
}

// A Was says who changed something, and when.
type Was struct {
	Who, What, When string
	Href            string
}

func number(n int) string { return strconv.Itoa(n) }

// bare reports whether a line says nothing but what it is called.
func (l *Drafted) bare() bool {
	return l.Table || l.Name != "" && len(l.Bits) == 1 && l.Bits[0].Text == l.Name
}

// bitText is a piece of a line for whoever may not change it.
func bitText(b Bit) string {
	if b.Blank != nil {
		return b.Blank.Was
	}
	return b.Text
}

// size is how many signs a control has room for.
func (b *Blank) size() string { return strconv.Itoa(max(2, min(48, b.Size))) }
