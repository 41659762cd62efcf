package syntax

import "github.com/alecthomas/participle/v2/lexer"

// The token types participle sees. Blanks, comments and line ends never reach it.
const (
	tWord lexer.TokenType = iota + 2
	tNumber
	tMoment
	tText
	tRaw
	tSign
	tBad
)

// ofKind maps our kinds to participle's types; 0 for what it never sees.
var ofKind = [...]lexer.TokenType{KindWord: tWord, KindNumber: tNumber, KindMoment: tMoment,
	KindText: tText, KindRaw: tRaw, KindSign: tSign, KindBad: tBad, KindComment: 0, KindBlank: 0,
	KindNewline: 0}

// definition names the token types; nothing is ever scanned through it.
type definition struct{ lexer.Definition }

// Symbols are the token types by the names the grammar uses.
func (definition) Symbols() map[string]lexer.TokenType {
	return map[string]lexer.TokenType{"EOF": lexer.EOF, "Word": tWord, "Number": tNumber,
		"Moment": tMoment, "Text": tText, "Raw": tRaw, "Sign": tSign, "Bad": tBad}
}

// endless fills a window with empty tokens, once.
type endless struct{ left int }

// Next is an empty token, and the end after as many as were asked for.
func (e *endless) Next() (lexer.Token, error) {
	if e.left--; e.left < 0 {
		return lexer.Token{Type: lexer.EOF}, nil
	}
	return lexer.Token{Type: tBad}, nil
}

// feed is one window of participle's tokens that is refilled for each line: nothing is scanned
// twice and nothing is allocated. It rests on PeekingLexer.Range returning its own array.
// A feed belongs to one goroutine.
type feed struct {
	lex   *lexer.PeekingLexer
	start lexer.Checkpoint
	buf   []lexer.Token
	n     int // tokens in the window, without the end
}

func newFeed(size int) *feed {
	lex, err := lexer.Upgrade(&endless{size})
	if err != nil {
		panic("syntax: a window of empty tokens cannot fail: " + err.Error())
	}
	return &feed{lex: lex, start: lex.MakeCheckpoint(), buf: lex.Range(0, lexer.RawCursor(size))}
}

// line puts the tokens [from, to) of a file into the window. A token's Pos.Offset is its index
// counted from the line's first, its Value the English form of a word.
func (w *feed) line(f *File, from, to int) *lexer.PeekingLexer {
	if to-from+2 > len(w.buf) {
		*w = *newFeed(2 * (to - from + 2))
	}
	w.n = 0
	for i := from; i < to; i++ {
		t := f.Tokens[i]
		kind := ofKind[t.Kind]
		if kind == 0 {
			continue
		}
		b := &w.buf[w.n]
		b.Type, b.Pos.Offset = kind, i-from
		switch t.Kind {
		case KindSign:
			b.Value = signs[t.sign]
		case KindWord:
			b.Value = canon(f.Text[t.Off:t.End])
		default:
			b.Value = f.Text[t.Off:t.End]
		}
		w.n++
	}
	w.buf[w.n] = lexer.Token{Type: lexer.EOF, Pos: lexer.Position{Offset: to - from}}
	w.lex.LoadCheckpoint(w.start)
	return w.lex
}

// rewind starts the window again as it is.
func (w *feed) rewind() *lexer.PeekingLexer {
	w.lex.LoadCheckpoint(w.start)
	return w.lex
}
