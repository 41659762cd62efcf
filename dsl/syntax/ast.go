// Package syntax reads and writes the words of the language: tokens, lines, trees, layout.
//
// A file is one flat array of tokens that holds every byte of it. Lines are ranges of that array,
// found by brackets and joining words alone, which never fails. Each line is then parsed by itself
// with the production its block and first word ask for, so that a mistake cannot leave its line.
// Nodes hold token indexes counted from their line's first token, never text: a parsed line
// survives being moved, and names are read exactly as they were written.
package syntax

import "github.com/throughline/throughline/dsl/source"

// File is one parsed file. It is never changed after Parse.
type File struct {
	Name   string
	Text   string
	Index  int32 // of the file in its package: source.Span.File of every span
	Tokens []Token
	Lines  []*Line // the lines at file level, in order
	Diags  []source.Diagnostic

	mended bool // braces did not match: indentation decided
}

// Line is one logical line: a declaration's header, a property, a row, with the block behind it.
type Line struct {
	Node  Node      // what the line says; nil where it could not be parsed
	Block BlockKind // the kind of block the line stands in
	Body  []*Line   // the lines of its block; nil without one, or where it was not looked into

	file     *File
	kids     []*Line // the lines of its block as they were cut
	from, to int     // tokens of the line without its block and without outer trivia: [from, to)
	open     int     // the token "{", or -1
	end      int     // the token "}", or -1
}

// Node is a parsed line: a pointer to one of the production structs of this package.
type Node any

// BlockKind says which lines a block may hold.
type BlockKind uint8

// The kinds of block. NoBlock is the file itself.
const (
	NoBlock BlockKind = iota
	FileBlock
	TypeBlock // entity, event, extend, and the rows of a list
	UseBlock
	CalendarBlock
	ScoreBlock // score and weigh: terms
	RuleBlock
	AlertBlock
	SegmentBlock
	JourneyBlock
	StageBlock
	ActionBlock
	ProofBlock
	StepsBlock
	FeedbackBlock
	AllocateBlock
	MetricBlock
	GoalBlock
	RemedyBlock
	TestBlock
	PickBlock
	EffectBlock // do, enter, leave, on enter, on leave, on late, every … for …
	blockKinds
)

// Tok is one token of a line: its index counted from the line's first token. The zero Tok is
// "not there".
type Tok struct{ n int32 }

// Ok reports whether the token is there.
func (t Tok) Ok() bool { return t.n > 0 }

// at is the index of the token in its line.
func (t Tok) at() int { return int(t.n) - 1 }

// The token kinds that a production can ask for. Read them with Line.Text, Line.Name, …
type (
	// Word is a name, or a word of the language that the grammar does not fix.
	Word struct{ Tok }
	// Number is a number with its unit, such as 3, 40% or 4wh.
	Number struct{ Tok }
	// Quoted is a text in quotes.
	Quoted struct{ Tok }
	// Moment is a date or a time of day on a date.
	Moment struct{ Tok }
	// Amount is a Number, or a Word that names a parameter standing for one.
	Amount struct{ Tok }
	// ID names a record in a test: a Word, Number or Quoted.
	ID struct{ Tok }
	// Bound is one end of a range: a Number, Moment or parameter.
	Bound struct{ Tok }
)

// Path is names with points between: Lead.owner.
type Path struct {
	Names []Word `parser:"@@ ( '.' @@ )*"`
}

// Label is a text for people in one or both languages: "数排面" en "Count facings".
type Label struct {
	Text  Quoted `parser:"@@"`
	Lang  string `parser:"( @('en'|'zh')"` // of Other: en or zh
	Other Quoted `parser:"@@ )?"`
}

// Clock is a time of day: 09:30.
type Clock struct {
	Hour   Number `parser:"@@ ':'"`
	Minute Number `parser:"@@"`
}

// Head is what every declaration begins with.
type Head struct {
	Name   Word     `parser:"@@"`
	Was    []Word   `parser:"( 'was' @@ )*"`
	Label  *Label   `parser:"@@?"`
	Params []*Param `parser:"( '(' ( @@ ( ',' @@ )* )? ')' )?"`
}

// Param is one parameter: `least int in 1..20 = 3 "text"`.
type Param struct {
	Name    Word   `parser:"@@"`
	Type    *Type  `parser:"@@"`
	Range   *Range `parser:"( 'in' @@ )?"`
	Default Expr   `parser:"( '=' @@ )?"`
	Label   *Label `parser:"@@?"`
}

// Range is a range with both ends in it: 1..20.
type Range struct {
	LowMinus  bool  `parser:"@'-'?"`
	Low       Bound `parser:"@@ '..'"`
	HighMinus bool  `parser:"@'-'?"`
	High      Bound `parser:"@@"`
}

// Type is the type of a field, parameter or result. Exactly one of Rows, Values and Name is set.
// Read the first name of Name with Line.Word, so that 文本 reads as text.
type Type struct {
	Rows   bool           `parser:"( (?= ('list' 'of' | 'list of') EOF) @('list' 'of' | 'list of')"`
	List   bool           `parser:"| ( (?= 'list' 'of' | 'list of') @( 'list' 'of' | 'list of' ) )?"`
	Values []*ChoiceValue `parser:"  (   (?= Word ( Text ( ('en'|'zh') Text )? )? '|') @@ ( '|' @@ )*"`
	Name   *Path          `parser:"    | @@ )"`
	Maybe  bool           `parser:"  @'?'? )"`
}

// ChoiceValue is one value of a choice.
type ChoiceValue struct {
	Name  Word   `parser:"@@"`
	Was   []Word `parser:"( 'was' @@ )*"`
	Label *Label `parser:"@@?"`
}
