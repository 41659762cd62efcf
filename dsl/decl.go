package dsl

import (
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// declKind is what a name stands for. Its words are those of the language.
type declKind string

const (
	isLet      declKind = "let"
	isChoice   declKind = "choice"
	isExtern   declKind = "extern"
	isEntity   declKind = "entity"
	isEvent    declKind = "event"
	isSource   declKind = "source" // a built-in one: Task, Alert, …
	isCalendar declKind = "calendar"
	isScore    declKind = "score"
	isRule     declKind = "rule"
	isAlert    declKind = "alert"
	isSegment  declKind = "segment"
	isJourney  declKind = "journey"
	isAction   declKind = "action"
	isAllocate declKind = "allocate"
	isMetric   declKind = "metric"
	isGoal     declKind = "goal"
	isRemedy   declKind = "remedy"
)

// acts reports whether a declaration does something of its own, so that importing it is not
// enough to put it in force (reference, section 2).
func (k declKind) acts() bool {
	switch k {
	case isRule, isAlert, isSegment, isJourney, isAction, isAllocate, isGoal, isRemedy:
		return true
	}
	return false
}

func (k declKind) isRecord() bool { return k == isEntity || k == isEvent || k == isSource }

// decl is one declaration: a line at file level, or what a `use` makes of a template.
type decl struct {
	kind   declKind
	pkg    *pkg // whose names its text sees
	name   string
	full   string
	line   *syntax.Line
	node   syntax.Node
	syn    *syntax.Head
	head   policy.Head
	span   source.Span
	params map[string]*param
	bind   *binding
	used   *useBlock // of a template that is used

	record   *policy.Record
	choice   *policy.Choice
	extern   *policy.Extern
	calendar *policy.Calendar
	score    *policy.Score
	segment  *policy.Segment
	journey  *policy.Journey
	action   *policy.Action
	known    bool           // an action of a checked policy
	allSteps *syntax.Line   // an action's `done all steps`
	plain    *policy.Action // an action's template as its text has it
	usedAs   []*decl        // what the workspace's uses make of a template
	metric   *policy.Metric
	cells    *policy.Record // of a metric: what its alerts are about
	allocate *policy.Allocation
	of       *policy.Record // the subject of a score, rule, alert, segment, journey, metric
	let      *policy.Expr

	useOf
	state stage
	later string      // the word that no engine runs yet
	act   *acting     // a rule or alert, once checked
	more  []moreLines // `extend` blocks of a record
}

// acting is what running declarations become.
type acting struct {
	action *policy.Action
	rule   *policy.Rule
	alert  *policy.Alert
}

// useOf is where a template was used.
type useOf struct {
	given   []*syntax.Given
	usedBy  *pkg
	usedOn  *syntax.Path
	useLine *syntax.Line
	useBad  bool // what it gives or binds is wrong: the template is not looked at
}

// moreLines is an `extend` block and the package whose names it sees.
type moreLines struct {
	line *syntax.Line
	pkg  *pkg
}

// stage is how far a declaration has been checked; some are checked when they are first read.
type stage uint8

const (
	untouched stage = iota
	inHand
	done
)

// useBlock is what the block of a `use` says beside bindings.
type useBlock struct {
	mode   *syntax.Mode
	line   *syntax.Line
	target *syntax.Line // `target 15 per week`
	weight *syntax.Line
}

// param is a parameter of a template with its value, which stands where a literal may.
type param struct {
	typ  policy.Type
	line *syntax.Line // where x is to be read
	x    syntax.Expr
	pkg  *pkg
	span source.Span
	node *syntax.Param
	of   *decl
	read bool // something in the declaration's block names it
}

// binding maps the fields of a template's event to those of one's own.
type binding struct {
	from, to *policy.Record
	line     *syntax.Line
	fields   map[string]bound
}

type bound struct {
	line *syntax.Line
	x    syntax.Expr
	pkg  *pkg
}

// pkg is one package: a namespace.
type pkg struct {
	path    string      // with points; "" for the workspace's own
	said    source.Span // where its name was first said
	files   []*syntax.File
	names   map[string]*decl
	labels  map[string]*decl // second names; nil where two clash
	order   []string         // of names, as they were declared
	bare    []*pkg           // import x.*
	aliases map[string]*alias
	loading bool
	uses    []*decl
	tests   []*syntax.Line
	extends []*syntax.Line
}

type alias struct {
	pkg  *pkg
	name string
	span source.Span // of the name
}

func newPkg(path string) *pkg {
	return &pkg{path: path, names: map[string]*decl{}, labels: map[string]*decl{},
		aliases: map[string]*alias{}}
}

// qualified is the full name of a declaration of the package.
func (p *pkg) qualified(name string) string {
	if p.path == "" {
		return name
	}
	return p.path + "." + name
}
