// Package policy is the checked policy: the one contract between language and engine.
//
// It is typed, hashed, diffable data without behaviour. Every node keeps its place in the source,
// so the engine never sees text. Names are resolved to pointers, choices to indexes, literals to
// values, parameters to the literals they were given; what could not be checked is not in it.
package policy

import (
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
)

// Policy is one workspace's checked package with all that it imports.
// Slices are sorted by qualified name, so that their order says nothing about files.
type Policy struct {
	Package  string // dotted name, "" where no file says
	Hash     Hash   // of the meaning of everything below but Tests and Files
	Settings Settings
	Files    []source.File // what spans point into
	Own      int           // how many of Files are the package's own: they come first

	Records     []*Record // entities and events, built-in ones included
	Choices     []*Choice
	Externs     []*Extern
	Calendars   []*Calendar
	Actions     []*Action
	Scores      []*Score
	Rules       []*Rule
	Alerts      []*Alert
	Segments    []*Segment
	Journeys    []*Journey
	Metrics     []*Metric
	Allocations []*Allocation
	Later       []*Later // declarations that are checked but that no engine runs yet
	Tests       []*Test

	Aggregates []*Aggregate // every distinct aggregate; Aggregate.ID is its index
}

// Hash is a SHA-256 over a canonical form of meaning: comments, layout, labels of files,
// the order of declarations and the vocabulary they are written in leave it as it is.
type Hash [32]byte

// Settings are what thru.toml says (reference, section 2).
type Settings struct {
	Name     string
	Version  string
	Title    string
	Timezone string // IANA name, default Asia/Shanghai
	Calendar string // default CN
	Datum    value.Datum
	Lang     string // en or zh: what fmt writes
}

// Text is a text for people in up to two languages.
type Text struct {
	Main string // as written first
	En   string // "" where not given
	Zh   string
}

// Head is what every declaration has.
type Head struct {
	Name  string // as written, such as ColdAction
	Full  string // qualified: the bare name for the workspace's own, else package.Name
	Was   []string
	Label Text
	Doc   string // the comment lines right above
	Mode  Mode
	Span  source.Span // of the name
	Hash  Hash        // of the declaration's meaning and all that it reads (reference, 8a: identity)
	State Hash        // the same without effects and mode: what running state hangs on

	// Former is State in the names that things had before they were renamed with `was`.
	Former Hash

	Cell *Head // of one of several by action: the action's; nil: it stands alone
}

// Continues reports whether running state of a declaration of another policy goes on in this one:
// both mean the same, whatever was renamed between them.
func (h *Head) Continues(old *Head) bool {
	return h.State == old.State || h.Former == old.Former || h.Former == old.State ||
		h.State == old.Former
}

// Mode says what a declaration that acts may do (reference, section 8a).
type Mode uint8

// The modes; the zero Mode is Enforce.
const (
	Enforce Mode = iota
	Warn
	Shadow
	Off
)

// RecordKind tells entities from events.
type RecordKind uint8

// The record kinds. Rows are the element type of a `list of { … }` field, never records themselves.
const (
	Entity RecordKind = iota
	Event
	Rows
)

// Record is an entity or event type (reference, section 3).
type Record struct {
	Head
	Kind    RecordKind
	Builtin bool     // Review, Claim, Task, Workspace, …: not declared by a policy
	Kept    bool     // an entity whose rows the engine writes: Task, Alert, Finding, Assignment
	Fields  []*Field // Field.Index is the index; system fields (id, at, created, …) come first
	Drop    []*Expr  // `drop when`: over Self; true means kept in the log, counted nowhere
	Index   int      // index into Policy.Records
}

// Field is one field of a record type.
type Field struct {
	Name     string
	Was      []string
	Label    Text
	Type     Type // Type.Maybe: may be missing
	Index    int
	Of       *Record
	System   System // which built-in field it is, NotSystem for a declared one
	Compute  *Expr  // over Self; nil for a stored field
	Fill     *Expr  // over Self; nil where there is no `fill`
	Personal *Personal
	Span     source.Span
}

// System names the built-in fields. They are values of the record's envelope and lifetime.
type System uint8

// The built-in fields of records (reference, section 3).
const (
	NotSystem     System = iota
	SysID                // Text
	SysAt                // Time
	SysReceived          // Time
	SysCreated           // Time; entities
	SysUpdated           // Time; entities
	SysStage             // journeys
	SysStageSince        // journeys
	SysOpen              // journeys
	SysSubject           // rows of built-in sources
)

// Personal marks a field whose use is logged and that can be erased.
type Personal struct {
	Purpose string
	Keep    int64 // microseconds, 0: no limit
}

// Type is the type of a field or an expression.
type Type struct {
	Kind   value.Kind
	Maybe  bool
	Elem   *Type   // List
	Choice *Choice // Choice
	Record *Record // Ref: the entity; Row: the row type
	Diff   bool    // Percent: a difference of percents, which `pp` may stand beside
}

// Choice is a named or inline list of values.
type Choice struct {
	Head   // Name is "" for an inline choice
	Values []ChoiceValue
}

// ChoiceValue is one value of a choice; its index is its meaning.
type ChoiceValue struct {
	Name  string
	Was   []string // of a stage that was renamed
	Label Text
}

// Extern is a pure function supplied by the embedding program.
type Extern struct {
	Head
	Params  []Type
	Result  Type
	Version int
}

// Calendar is working time (reference, section 8a).
type Calendar struct {
	Head
	From       string  // the calendar it is built on: CN
	Hours      []Shift // of a working day, ascending, with breaks between; none: as From
	Work, Rest []DayRule
}

// Shift is a span of working hours, in microseconds after midnight.
type Shift struct {
	Open, Close int64
}

// DayRule is one line of a calendar: a weekday or a date.
type DayRule struct {
	Weekday int   // 1 Monday … 7 Sunday; 0: Date
	Date    int64 // days since 1970-01-01
}

// Score is 0–100 = Σ weight × clamp(term, 0, 1) (reference, section 7).
type Score struct {
	Head
	Of    *Record
	Terms []Term
	Index int // index into Policy.Scores
}

// Term is one weighted part of a score.
type Term struct {
	Name   string
	Label  Text
	Weight float64 // a fraction; the weights of a score add up to 1
	X      *Expr   // a float in 0…1 after clamping; scores inside are already hundredths
	Skip   bool    // `else skip`: leaves both sums where unknown
	Span   source.Span
}

// Rule acts when something holds (reference, section 7).
type Rule struct {
	Head
	On    *Record
	When  *Expr // nil: always
	Check *Check
	Every *Schedule
	Where *Expr // with Every: which subjects
	Top   *Top
	Do    []*Effect
	Each  bool // one effect a recipient, as in an action's `every`
	Index int
}

// Top limits a scheduled rule to the subjects with the greatest By.
type Top struct {
	N  int
	By *Expr
}

// Check makes a condition be looked at once a period, at its last instant.
type Check struct {
	Each Period
	Late int64 // `late 3d`: microseconds; 0: looks are never taken again
	Span source.Span
}

// Schedule is `every monday at 09:00`.
type Schedule struct {
	Each    Period // Daily, Workday, Weekly (with Weekday), Monthly, …
	Weekday int    // 1 Monday … 7 Sunday, 0 where Each is no weekday
	At      int64  // microseconds after midnight
	Span    source.Span
}

// Period is a calendar period in the workspace's zone. Weeks begin on Monday.
type Period uint8

// The periods.
const (
	NoPeriod Period = iota
	Daily
	Workday
	Weekly
	Monthly
	Quarterly
	Yearly
)

// Alert is a condition that opens and resolves (reference, section 7). `by action` makes one of
// each action: its Full is the alert's and the action's with a slash between, which no name has.
type Alert struct {
	Head
	Cell     *Action // nil: it has no cells
	Of       *Record // of an alert of a metric: Metric.Cells
	Metric   *Metric // nil: it is of no metric
	Dims     []int   // of Metric.By: one cell for each group of these; none: one for all
	Across   bool    // one cell for all groups of Dims, which is about how they differ
	Check    *Check
	Needs    *Expr
	When     *Expr
	For      int64 // microseconds it must hold without a break; 0: at once
	ForN     int   // looks in a row; 0: one
	Until    *Expr
	UntilFor int64
	Do       []*Effect
	Index    int
}

// Segment is a set of entities, or with Tiers a partition of them (reference, section 7).
type Segment struct {
	Head
	Of    *Record
	Check *Check
	When  *Expr  // nil where there are tiers
	Tiers []Tier // in order; the first row that holds wins; at most one has no When: else
	Enter []*Effect
	Leave []*Effect
	Kinds *Choice // the tiers as a choice, for `RFM == Champion`; nil without tiers
	Index int
}

// Tier is one row of a segment's pick.
type Tier struct {
	Name  string
	Label Text
	When  *Expr // nil: else
	Enter []*Effect
	Leave []*Effect
	Span  source.Span
}

// Later is a declaration whose language is checked and whose engine does not exist yet, or a
// declaration that would run but needs one. The program says so; it never ignores it silently.
type Later struct {
	Head
	What string // goal, remedy, alert, rule, …
	Why  string // the word that needs what is missing; "" for the declaration itself
}
