package syntax

import (
	"maps"
	"slices"
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// production reads one line from the window.
type production func(*lexer.PeekingLexer) (Node, error)

// head says how a line is read that begins with a word, and what its block holds.
type head struct {
	parse production
	body  BlockKind // NoBlock where none belongs, or where the parsed line decides (bodyOf)
	must  bool      // the block may not be missing
}

// grammar is all productions, dispatched by block and first word.
type grammar struct {
	heads [blockKinds]map[string]*head
	other [blockKinds]*head // for a line whose first word is no head: a name or an expression
	tries []lexer.Token     // what probe tries: one token of every kind, every sign, every word
	lone  *head             // an expression by itself
	ebnf  string
}

// theGrammar is built on first use; building takes about a millisecond.
var theGrammar = sync.OnceValue(buildGrammar)

// options: a lookahead of 0 means that a taken token commits. Where more is needed the grammar
// says so with (?= …); every other value hides the deeper of two errors behind an optional group.
func options() []participle.Option {
	return []participle.Option{
		participle.Lexer(definition{}),
		participle.UseLookahead(0),
		participle.ParseTypeWith(parseExpr),
		participle.ParseTypeWith(parseFull),
		participle.ParseTypeWith(parseExpected),
		participle.ParseTypeWith(parseSource),
		participle.ParseTypeWith(parseValue),
	}
}

// EBNF is the grammar of lines as EBNF, a production a line, with the lookahead by which the parser
// decides. Expressions stand in it by name: they are read by climbing precedences.
func EBNF() string { return theGrammar().ebnf }

// line is the production of one line struct.
func line[P any](all *participle.Parser[productions]) production {
	p, err := participle.ParserForProduction[P](all)
	if err != nil {
		panic("syntax: a line is missing in productions: " + err.Error())
	}
	return func(lex *lexer.PeekingLexer) (Node, error) { return p.ParseFromLexer(lex) }
}

func buildGrammar() *grammar {
	all, err := participle.Build[productions](options()...)
	if err != nil {
		panic("syntax: the grammar does not build: " + err.Error())
	}
	g := &grammar{ebnf: all.String()}
	for k := range g.heads {
		g.heads[k] = map[string]*head{}
	}
	g.tries = candidates(g.ebnf)
	g.lone = &head{parse: line[lone](all)}
	g.fileHeads(all)
	g.typeHeads(all)
	g.ruleHeads(all)
	g.journeyHeads(all)
	g.actionHeads(all)
	g.goalHeads(all)
	g.testHeads(all)
	return g
}

// on adds the head words of a block kind that share a production.
func (g *grammar) on(k BlockKind, p production, words ...string) {
	for _, w := range words {
		g.heads[k][w] = &head{parse: p}
	}
}

// opening adds a head word whose line may have a block.
func (g *grammar) opening(k BlockKind, p production, body BlockKind, words ...string) {
	for _, w := range words {
		g.heads[k][w] = &head{parse: p, body: body}
	}
}

// needing adds a head word whose line must have a block.
func (g *grammar) needing(k BlockKind, p production, body BlockKind, words ...string) {
	for _, w := range words {
		g.heads[k][w] = &head{parse: p, body: body, must: true}
	}
}

// words are the head words of a block, sorted.
func (g *grammar) words(k BlockKind) []string { return slices.Sorted(maps.Keys(g.heads[k])) }

func (g *grammar) fileHeads(all *participle.Parser[productions]) {
	const k = FileBlock
	g.on(k, line[Package](all), "package")
	g.on(k, line[Import](all), "import")
	g.on(k, line[Let](all), "let")
	g.on(k, line[Choice](all), "choice")
	g.on(k, line[Extern](all), "extern")
	g.opening(k, line[Use](all), UseBlock, "use")
	g.needing(k, line[Record](all), TypeBlock, "entity", "event")
	g.needing(k, line[Extend](all), TypeBlock, "extend")
	g.needing(k, line[Calendar](all), CalendarBlock, "calendar")
	g.needing(k, line[Score](all), ScoreBlock, "score")
	g.needing(k, line[Rule](all), RuleBlock, "rule")
	g.needing(k, line[Alert](all), AlertBlock, "alert")
	g.needing(k, line[Segment](all), SegmentBlock, "segment")
	g.needing(k, line[Journey](all), JourneyBlock, "journey")
	g.needing(k, line[Action](all), ActionBlock, "action")
	g.needing(k, line[Allocate](all), AllocateBlock, "allocate")
	g.needing(k, line[Metric](all), MetricBlock, "metric")
	g.needing(k, line[Goal](all), GoalBlock, "goal")
	g.needing(k, line[Remedy](all), RemedyBlock, "remedy")
	g.needing(k, line[Test](all), TestBlock, "test")
}

func (g *grammar) typeHeads(all *participle.Parser[productions]) {
	g.heads[TypeBlock]["drop"] = &head{parse: line[Drop](all)}
	g.heads[TypeBlock]["fill"] = &head{parse: line[Fill](all)}
	g.other[TypeBlock] = &head{parse: line[FieldLine](all)}
	g.on(UseBlock, line[Target](all), "target")
	g.on(UseBlock, line[Weight](all), "weight")
	g.on(UseBlock, line[Mode](all), "mode")
	g.other[UseBlock] = &head{parse: line[Bind](all)}
	g.on(CalendarBlock, line[Hours](all), "open")
	g.on(CalendarBlock, line[Days](all), "work", "rest")
}

func (g *grammar) ruleHeads(all *participle.Parser[productions]) {
	cond, mode, check := line[Cond](all), line[Mode](all), line[Check](all)
	do := line[Do](all)
	g.other[ScoreBlock] = &head{parse: line[Term](all)}

	g.on(RuleBlock, cond, "when", "where")
	g.on(RuleBlock, line[Every](all), "every")
	g.on(RuleBlock, line[Top](all), "top")
	g.needing(RuleBlock, do, EffectBlock, "do")

	g.on(AlertBlock, cond, "when", "needs")
	g.on(AlertBlock, line[For](all), "for", "in a row")
	g.on(AlertBlock, line[Until](all), "until")
	g.needing(AlertBlock, do, EffectBlock, "do")

	g.on(SegmentBlock, cond, "when")
	g.needing(SegmentBlock, line[Member](all), EffectBlock, "enter", "leave")
	g.needing(SegmentBlock, line[Table](all), PickBlock, "pick")
	g.other[PickBlock] = &head{parse: line[Row](all)}

	for _, k := range []BlockKind{RuleBlock, AlertBlock, SegmentBlock} {
		g.on(k, mode, "mode")
		g.on(k, check, "check")
	}
	g.on(EffectBlock, line[EffectLine](all), "task", "notify", "set", "suggest", "note", "flag",
		"assign", "pool", "call")
}

func (g *grammar) journeyHeads(all *participle.Parser[productions]) {
	g.opening(JourneyBlock, line[Stage](all), StageBlock, "stage")
	g.on(JourneyBlock, line[Unmet](all), "unmet")
	g.on(JourneyBlock, line[Mode](all), "mode")
	g.on(StageBlock, line[Require](all), "entry", "must")
	g.on(StageBlock, line[Sla](all), "sla")
	g.needing(StageBlock, line[Hook](all), EffectBlock, "on", "on enter", "on leave", "on late")
}

func (g *grammar) actionHeads(all *participle.Parser[productions]) {
	const k = ActionBlock
	g.on(k, line[On](all), "on")
	g.on(k, line[By](all), "by")
	g.on(k, line[About](all), "about")
	g.on(k, line[Done](all), "done")
	g.on(k, line[Target](all), "target")
	g.on(k, line[Why](all), "why")
	g.on(k, line[Moves](all), "moves")
	g.on(k, line[Weight](all), "weight")
	g.on(k, line[Mode](all), "mode")
	g.opening(k, line[Proof](all), ProofBlock, "proof")
	g.opening(k, line[Every](all), EffectBlock, "every")
	block := line[Block](all)
	g.needing(k, block, StepsBlock, "steps")
	g.needing(k, block, FeedbackBlock, "feedback")
	g.other[ProofBlock] = &head{parse: line[ProofLine](all)}
	g.other[StepsBlock] = &head{parse: line[Step](all)}
	g.on(FeedbackBlock, line[Show](all), "show")
	g.on(FeedbackBlock, line[EffectLine](all), "suggest")

	g.on(AllocateBlock, line[Cond](all), "where", "limit")
	g.needing(AllocateBlock, block, ScoreBlock, "weigh")
	g.on(AllocateBlock, line[Accept](all), "accept")
	g.on(AllocateBlock, line[Baseline](all), "by")
	g.on(AllocateBlock, line[Recycle](all), "recycle")
	g.needing(AllocateBlock, line[WarnAfter](all), EffectBlock, "warn")
	g.on(AllocateBlock, line[Hold](all), "hold")
	g.on(AllocateBlock, line[AwayWithin](all), "away")
	g.on(AllocateBlock, line[Cool](all), "cool")
	g.on(AllocateBlock, line[Same](all), "same")
	g.on(AllocateBlock, line[Else](all), "else")
	g.on(AllocateBlock, line[ShareBy](all), "share")
	g.on(AllocateBlock, line[Mode](all), "mode")
}

func (g *grammar) goalHeads(all *participle.Parser[productions]) {
	g.on(MetricBlock, line[Cond](all), "value", "where", "at")
	g.on(MetricBlock, line[By](all), "by", "drill")
	g.on(MetricBlock, line[Every](all), "every")
	g.on(MetricBlock, line[Better](all), "better")
	g.on(MetricBlock, line[Mode](all), "mode")

	g.on(GoalBlock, line[GoalMetric](all), "metric")
	g.on(GoalBlock, line[GoalTarget](all), "target")
	g.on(GoalBlock, line[During](all), "during")
	g.on(GoalBlock, line[Through](all), "through")
	g.on(GoalBlock, line[ShareBy](all), "share")
	g.on(GoalBlock, line[By](all), "split")
	g.on(GoalBlock, line[Capacity](all), "capacity")
	g.on(GoalBlock, line[Mode](all), "mode")

	g.on(RemedyBlock, line[Cond](all), "when")
	g.on(RemedyBlock, line[EffectLine](all), "task")
	g.on(RemedyBlock, line[Verify](all), "verify")
	g.on(RemedyBlock, line[Mode](all), "mode")
}

func (g *grammar) testHeads(all *participle.Parser[productions]) {
	g.on(TestBlock, line[GivenLine](all), "given")
	g.on(TestBlock, line[TestAt](all), "at")
	g.on(TestBlock, line[TestAfter](all), "after")
	g.on(TestBlock, line[ExpectLine](all), "expect")
	g.other[TestBlock] = &head{parse: line[TestRecord](all)}
}

// isDeclaration reports whether an English word begins a line at file level.
func isDeclaration(word string) bool {
	switch word {
	case "package", "import", "use", "let", "choice", "extern", "entity", "event", "extend",
		"calendar", "score", "rule", "alert", "segment", "journey", "action", "allocate", "metric",
		"goal", "remedy", "test":
		return true
	}
	return false
}
