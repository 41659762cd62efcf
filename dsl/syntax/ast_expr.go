package syntax

// Expr is any expression. Nodes carry token ranges, never text.
type Expr interface {
	// Range is the expression's first token and the one behind its last, counted from the line's
	// first.
	Range() (from, to int)
}

// Full is an expression that no deadline can follow, so that `within` is always the operator.
// A production says which it means by the type of its field: participle tells a custom
// production nothing else about where it stands.
type Full interface{ Expr }

// Expected is a Full expression in a test: any operand may be followed by `of RECORD`.
type Expected interface{ Expr }

// Source is what `is` of a step may say: an expression, or a *Windowed such as `Visit in 7d`.
type Source interface{ Expr }

// Value is a JSON-like value in a test: *Lit, *Name, *Const, *Unary, *List or *Object.
type Value interface{ Expr }

type extent struct{ from, to int32 }

// Range is the expression's token range.
func (x extent) Range() (from, to int) { return int(x.from), int(x.to) }

// The expressions.
type (
	// Lit is a number, moment, text or raw text; its only token says which: Line.Kind(Tok).
	Lit struct {
		extent
		Tok Tok
	}

	// Name is a bare name. Line.Name gives it as written, Line.Word its word of the language.
	Name struct {
		extent
		Tok Tok
	}

	// Const is a word that cannot be a name: true false self now; in test values also null.
	Const struct {
		extent
		Word string
	}

	// Dot is X.name.
	Dot struct {
		extent
		X    Expr
		Name Tok
	}

	// Unary is `not x`, `-x` or `has x`.
	Unary struct {
		extent
		Op string
		X  Expr
	}

	// Binary is one of ?? or and == != < <= > >= in "not in" contains matches + - * /.
	Binary struct {
		extent
		Op   string
		OpAt Tok
		L, R Expr
	}

	// Between is `x between lo and hi`.
	Between struct {
		extent
		X, Lo, Hi Expr
	}

	// Near is `x within d of y`.
	Near struct {
		extent
		X, D, Of Expr
	}

	// List is [a, b].
	List struct {
		extent
		Items []Expr
	}

	// Paren is (x): kept so that layout and fixes know what was written.
	Paren struct {
		extent
		X Expr
	}

	// If is `if c then a else b`; Else may be nil.
	If struct {
		extent
		Cond, Then, Else Expr
	}

	// Pick is a decision table: its rows are the line's Body.
	Pick struct{ extent }

	// Call is a function or an aggregate: a word touched by "(". Fn is its English form
	// (count for 计数), or the name as written where it is none.
	Call struct {
		extent
		Fn     string
		FnAt   Tok
		Args   []Arg
		Window *Window // behind the first or only argument that has one
		Of     Expr
		Via    Expr
		Where  Expr
		By     Expr
	}

	// Windowed is a source in a window, `Visit in 7d`, where a step or an expectation takes one.
	Windowed struct {
		extent
		X      Expr
		Window *Window
	}

	// Subject is `x of RECORD` in a test's expectation.
	Subject struct {
		extent
		X  Expr
		Of Tok // a Word or Quoted
	}

	// Measured is a metric in a test's expectation: `Cycle in last month by industry: "IT"`.
	Measured struct {
		extent
		X      Expr
		Window *Window // nil: the present period
		By     []Group // of which rows; none: of all
	}

	// Object is { key: value, … } in a test.
	Object struct {
		extent
		Fields []Field
	}
)

// Group is one dimension of a metric in an expectation, and which of its groups is meant.
type Group struct {
	Name Expr // a path
	X    Value
}

// Arg is one argument; Name is there where it was named (least: 5).
type Arg struct {
	Name Tok
	X    Expr
}

// Field is one `key: value` of an Object.
type Field struct {
	Key Tok // a Word or Quoted: Line.Key
	X   Value
}

// Window is what stands behind `in` in an aggregate.
type Window struct {
	extent
	Kind   WindowKind
	Period string // This and Last: day week month quarter year
	D      Expr   // Sliding, After, Before: a *Lit, or a *Name that stands for one
	T      Expr   // After, Before: the moment
	At     Expr   // `in 30d at closed_at`: what places a record; nil: the usual
}

// WindowKind says how a window is placed.
type WindowKind uint8

// The windows of the reference, section 4.
const (
	Sliding WindowKind = iota // in 7d
	This                      // in this week
	Last                      // in last week
	After                     // in 7d after t
	Before                    // in 7d before t
	InStage                   // in stage
)
