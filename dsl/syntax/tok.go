package syntax

import (
	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// The Parse methods below are the doors through which participle fills tokens of an exact kind.
// They answer NextMatch before taking anything, so that optional ones work.

// take fills t with the next token if its type is one of the given ones.
func (t *Tok) take(lex *lexer.PeekingLexer, types ...lexer.TokenType) error {
	next := lex.Peek()
	for _, k := range types {
		if next.Type == k {
			t.n = int32(lex.Next().Pos.Offset) + 1
			return nil
		}
	}
	return participle.NextMatch
}

// Parse is participle's door.
func (t *Word) Parse(lex *lexer.PeekingLexer) error { return t.take(lex, tWord) }

// Parse is participle's door.
func (t *Number) Parse(lex *lexer.PeekingLexer) error { return t.take(lex, tNumber) }

// Parse is participle's door.
func (t *Quoted) Parse(lex *lexer.PeekingLexer) error { return t.take(lex, tText) }

// Parse is participle's door.
func (t *Moment) Parse(lex *lexer.PeekingLexer) error { return t.take(lex, tMoment) }

// Parse is participle's door.
func (t *Amount) Parse(lex *lexer.PeekingLexer) error { return t.take(lex, tNumber, tWord) }

// Parse is participle's door.
func (t *ID) Parse(lex *lexer.PeekingLexer) error { return t.take(lex, tWord, tNumber, tText) }

// Parse is participle's door.
func (t *Bound) Parse(lex *lexer.PeekingLexer) error {
	return t.take(lex, tNumber, tMoment, tWord)
}
