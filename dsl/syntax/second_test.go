package syntax

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
	"github.com/throughline/throughline/internal/golden"
)

// The expressions of the reference once more, as participle structs, one for each level. It is
// thirty times slower than climbing precedences and serves as a second opinion and as EBNF.
type (
	sExpr struct {
		L *sOr   `parser:"@@"`
		R []*sOr `parser:"( '??' @@ )*"`
	}
	sOr struct {
		L *sAnd   `parser:"@@"`
		R []*sAnd `parser:"( 'or' @@ )*"`
	}
	sAnd struct {
		L *sNot   `parser:"@@"`
		R []*sNot `parser:"( 'and' @@ )*"`
	}
	sNot struct {
		Not *sNot `parser:"  'not' @@"`
		X   *sCmp `parser:"| @@"`
	}
	sCmp struct {
		L    *sAdd    `parser:"@@"`
		Tail *sCmpEnd `parser:"@@?"`
	}
	sCmpEnd struct {
		Between *sBetween `parser:"  'between' @@"`
		Near    *sNear    `parser:"| 'within' @@"`
		Op      string    `parser:"| ( @('=='|'!='|'<='|'>='|'<'|'>'|'in'|'contains'|'matches'|'not in') | @'not' 'in' )"`
		R       *sAdd     `parser:"  @@"`
	}
	sBetween struct {
		Lo *sAdd `parser:"@@ 'and'"`
		Hi *sAdd `parser:"@@"`
	}
	sNear struct {
		D  *sUnary `parser:"@@ 'of'"`
		Of *sAdd   `parser:"@@"`
	}
	sAdd struct {
		L *sMul     `parser:"@@"`
		R []*sAddTo `parser:"@@*"`
	}
	sAddTo struct {
		Op string `parser:"@('+'|'-')"`
		X  *sMul  `parser:"@@"`
	}
	sMul struct {
		L *sUnary   `parser:"@@"`
		R []*sMulBy `parser:"@@*"`
	}
	sMulBy struct {
		Op string  `parser:"@('*'|'/')"`
		X  *sUnary `parser:"@@"`
	}
	sUnary struct {
		Op string  `parser:"  ( (?= '-' | 'has' '(' | 'has' (?! 'and'|'or'|'in'|'not'|'not in'|'between'|'contains'|'matches'|'within'|'then'|'else') Word) @('-'|'has')"`
		X  *sUnary `parser:"    @@"`
		P  *sPath  `parser:"  | @@ )"`
	}
	sPath struct {
		Head *sPrimary `parser:"@@"`
		Dots []Word    `parser:"( '.' @@ )*"`
	}
	sPrimary struct {
		Lit  *lexer.Token `parser:"  @(Number|Moment|Text|Raw)"`
		Sub  *sExpr       `parser:"| '(' @@ ')'"`
		List []*sExpr     `parser:"| '[' ( @@ ( ',' @@ )* ','? )? ']'"`
		If   *sIf         `parser:"| 'if' @@"`
		Call *sCall       `parser:"| (?= Word '(') @@"`
		Name *lexer.Token `parser:"| (?! 'and'|'or'|'then'|'else'|'not') @Word"`
	}
	sIf struct {
		C *sExpr `parser:"@@ 'then'"`
		T *sExpr `parser:"@@"`
		E *sExpr `parser:"( 'else' @@ )?"`
	}
	sCall struct {
		Fn   string  `parser:"@Word '('"`
		Args []*sArg `parser:"( @@ ( ',' @@ )* ','? )? ')'"`
	}
	sArg struct {
		Name  *lexer.Token `parser:"( (?= Word ':') @Word ':' )?"`
		Path  []Word       `parser:"( (?= Word ('.' Word)* 'in') @@ ( '.' @@ )*"`
		In    *sWindow     `parser:"  'in' @@"`
		X     *sExpr       `parser:"| @@ )"`
		In2   *sWindow     `parser:"( 'in' @@ )?"`
		Of    *sExpr       `parser:"( 'of' @@ )?"`
		Via   *sExpr       `parser:"( 'via' @@ )?"`
		Where *sExpr       `parser:"( 'where' @@ )?"`
		By    *sExpr       `parser:"( 'by' @@ )?"`
	}
	sWindow struct {
		Kind string `parser:"( (?= ('this'|'last') ('day'|'week'|'month'|'quarter'|'year')) @('this'|'last') @('day'|'week'|'month'|'quarter'|'year')"`
		In   string `parser:"| @('stage'|'this week'|'last month')"`
		D    string `parser:"| @(Number|Word)"`
		How  string `parser:"  ( @('after'|'before')"`
		T    *sAdd  `parser:"    @@ )? )"`
		At   *sAdd  `parser:"( 'at' @@ )?"`
	}
	sLine struct {
		X *sExpr `parser:"@@"`
	}
)

var samples = []string{
	"amount >= 100万 and stage == Demo",
	"count(Inquiry in 7d) >= 3 and count(Order in this week) == 0",
	"location within 500m of store.location",
	"fresh(photo) and photo.taken within 10min of at",
	"has quote or has need or not has appointment",
	"scale(hits(note, PainPoints), 0, 3)",
	"if candidate.skill == industry then 1 else 0",
	"(amount ?? 0) + 3 * -load / 2 > clamp(x, 1, 2) and not (a in [b, c] or d between 1 and 2)",
	"sum(Order.amount in 90d of store via buyer where paid and not refunded)",
	"count(Visit in 7d after created) + rank(x by g) - last(Visit, 5).amount",
	"share(stage in [Won, Lost]) > share(Task in 90d where state in closed)",
	"avg(days(won_at - created) where stage == Won) > max(Stay.length in stage at left)",
}

// TestSecondOpinion: what climbing accepts of damaged expressions, the structs accept too. The
// other way round the structs are laxer: they do not know that a ( must touch its name, that
// comparisons may not stand beside ??, which functions take windows, or that `pick` is no name.
func TestSecondOpinion(t *testing.T) {
	structs := participle.MustBuild[sLine](append(options(), participle.UseLookahead(participle.MaxLookahead))...)
	r := rand.New(rand.NewPCG(3, 3))
	by := strings.Fields("( ) and not in + 7 x . where then between within has ?? if else [ ] , of 7d")
	good, accepted := 0, 0
	for range damages(t, 4000) {
		text := samples[r.IntN(len(samples))]
		tokens := Scan(text)
		for range r.IntN(3) {
			k := tokens[r.IntN(len(tokens))]
			if int(k.End) <= len(text) {
				text = text[:k.Off] + " " + by[r.IntN(len(by))] + " " + text[k.End:]
			}
		}
		f := &File{Text: text, Tokens: Scan(text)}
		w := newFeed(64)
		if _, err := theGrammar().lone.parse(w.line(f, 0, len(f.Tokens))); err != nil {
			continue
		}
		good++
		if _, err := structs.ParseFromLexer(w.rewind()); err != nil {
			t.Errorf("%s\n    climbing accepts, structs: %v", text, err)
		} else {
			accepted++
		}
	}
	if good < damages(t, 4000)/5 {
		t.Errorf("only %d expressions were good", good)
	}
}

// TestExpressionsEBNF keeps the structs' grammar of expressions where the reference reads it.
func TestExpressionsEBNF(t *testing.T) {
	structs := participle.MustBuild[sLine](append(options(),
		participle.UseLookahead(participle.MaxLookahead))...)
	got := structs.String() + "\n"
	const file = "testdata/expressions.ebnf"
	if golden.Update() {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != got {
		t.Errorf("%s is not the grammar, which is (%v):\n%s", file, err, got)
	}
}
