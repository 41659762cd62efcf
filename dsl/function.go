package dsl

import (
	"slices"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
)

// function is one function of the language (reference, sections 4 and 6).
type function struct {
	name        string
	least, most int  // arguments; most below 0: any number
	alike       bool // the arguments have one type
	moment      value.Kind
	clock       bool // reads now
	takes       string
	ranks       value.Kind // rank, quintile, percentile: the kind of their result
	stage       bool       // the argument is a stage
	trust       bool       // judges an event as it arrives
	result      func(args []*policy.Expr) policy.Type
}

func always(k value.Kind) func([]*policy.Expr) policy.Type {
	return func([]*policy.Expr) policy.Type { return policy.Type{Kind: k} }
}

// where gives a result only for arguments of the listed kinds.
func where(k value.Kind, kinds ...value.Kind) func([]*policy.Expr) policy.Type {
	return func(args []*policy.Expr) policy.Type {
		for _, a := range args {
			if !slices.Contains(kinds, a.Type.Kind) {
				return policy.Type{}
			}
		}
		return policy.Type{Kind: k}
	}
}

// same keeps the arguments' type where it is one of the listed kinds.
func same(kinds ...value.Kind) func([]*policy.Expr) policy.Type {
	return func(args []*policy.Expr) policy.Type {
		t := args[0].Type
		if !slices.Contains(kinds, t.Kind) {
			return policy.Type{}
		}
		return policy.Type{Kind: t.Kind, Diff: t.Diff}
	}
}

// rounded keeps quantities and makes numbers whole.
func rounded(args []*policy.Expr) policy.Type {
	switch k := args[0].Type.Kind; k {
	case value.Number, value.Int:
		return policy.Type{Kind: value.Int}
	case value.Money, value.Percent, value.Duration, value.Distance:
		return policy.Type{Kind: k, Diff: args[0].Type.Diff}
	}
	return policy.Type{}
}

const quantities = "int number percent money duration distance"

// functionNamed finds a function by its English name.
//
//tidy:long one flat switch over the functions
func functionNamed(name string) (function, bool) {
	f := function{name: name, least: 1, most: 1, takes: quantities}
	switch name {
	case "min", "max":
		f.least, f.most, f.alike = 2, -1, true
		f.takes = quantities + " date time"
		f.result = same(value.Int, value.Number, value.Percent, value.Money, value.Duration,
			value.Distance, value.Date, value.Time)
	case "abs":
		f.result = same(value.Int, value.Number, value.Percent, value.Money, value.Duration,
			value.Distance)
	case "round", "floor", "ceil":
		f.result = rounded
	case "sqrt":
		f.takes, f.result = "int number", where(value.Number, value.Int, value.Number)
	case "clamp":
		f.least, f.most, f.alike = 3, 3, true
		f.result = same(value.Int, value.Number, value.Percent, value.Money, value.Duration,
			value.Distance, value.Date, value.Time)
	case "scale":
		f.least, f.most, f.alike = 3, 3, true
		f.result = where(value.Number, value.Int, value.Number, value.Percent, value.Money,
			value.Duration, value.Distance, value.Date, value.Time)
	case "len":
		f.takes, f.result = "text list", where(value.Int, value.Text, value.List)
	case "lower":
		f.takes, f.result = "text", where(value.Text, value.Text)
	case "days", "hours", "minutes":
		f.takes, f.result = "duration", where(value.Number, value.Duration)
	case "hour":
		f.takes, f.moment, f.result = "time", value.Time, where(value.Int, value.Time)
	case "weekday", "month":
		f.takes, f.result = "time date", where(value.Int, value.Time, value.Date)
	case "date":
		f.takes, f.result = "time date", where(value.Date, value.Time, value.Date)
	case "workdays":
		f.least, f.most = 2, 2
		f.takes, f.result = "time date", where(value.Int, value.Time, value.Date)
	case "workhours":
		f.least, f.most = 2, 2
		f.takes, f.result = "time date", where(value.Number, value.Time, value.Date)
	case "age":
		f.clock, f.takes, f.result = true, "time date", where(value.Duration, value.Time, value.Date)
	case "distance":
		f.least, f.most = 2, 2
		f.takes, f.result = "point area", where(value.Distance, value.Point, value.Area)
	case "missing":
		f.result = always(value.Bool)
	case "time_in":
		f.stage, f.result = true, always(value.Duration)
	case "entered", "left":
		f.stage, f.result = true, always(value.Time)
	case "bucket":
		f.takes, f.result = "int", where(value.Int, value.Int)
	case "rank", "quintile":
		f.ranks = value.Int
	case "percentile":
		f.ranks = value.Percent
	default:
		return trustFunction(f)
	}
	return f, true
}

// trustFunction finds the trust functions (reference, section 6).
func trustFunction(f function) (function, bool) {
	f.trust = true
	switch f.name {
	case "fresh":
		f.takes = "photo audio file"
		f.result = where(value.Bool, value.Photo, value.Audio, value.File)
	case "original":
		f.takes, f.result = "text", where(value.Bool, value.Text)
	case "vague":
		f.most, f.takes, f.result = 2, "text", noted(value.Bool)
	case "hits":
		f.least, f.most, f.takes, f.result = 2, 2, "text", noted(value.Int)
	case "richness":
		f.most, f.takes, f.result = 2, "text", noted(value.Number)
	case "plausible":
		f.takes, f.result = "point", where(value.Bool, value.Point)
	case "usual_device":
		f.takes, f.result = "photo", where(value.Bool, value.Photo)
	case "prompt":
		f.takes, f.result = "duration", where(value.Bool, value.Duration)
	case "burst":
		f.takes, f.result = "duration", where(value.Int, value.Duration)
	default:
		return f, false
	}
	return f, true
}

// noted gives a result for a text and, where given, a list of texts.
func noted(k value.Kind) func([]*policy.Expr) policy.Type {
	return func(args []*policy.Expr) policy.Type {
		if args[0].Type.Kind != value.Text {
			return policy.Type{}
		}
		if len(args) > 1 {
			t := args[1].Type
			if t.Kind != value.List || t.Elem == nil || t.Elem.Kind != value.Text {
				return policy.Type{}
			}
		}
		return policy.Type{Kind: k}
	}
}

// functionNames are what can be called; `origin` cannot: it takes nothing.
func functionNames() []string {
	return []string{"count", "sum", "avg", "sd", "min", "max", "median", "p90", "share", "distinct",
		"first", "last", "corr", "abs", "round", "floor", "ceil", "sqrt", "clamp", "scale", "len",
		"lower", "days", "hours", "minutes", "hour", "weekday", "month", "date", "workdays",
		"workhours",
		"age", "distance", "missing", "bucket", "rank", "quintile", "percentile", "completion",
		"verified", "time_in", "entered", "left", "fresh", "original", "vague", "plausible",
		"usual_device", "prompt", "hits", "burst", "richness"}
}
