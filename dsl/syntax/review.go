package syntax

import "unicode/utf8"

func firstRune(s string) (rune, int) { return utf8.DecodeRuneInString(s) }

// review tells what is wrong with a line that parsed.
func (p *parser) review(*Line, Node) {}

// strays tells every Bad token that no line has told of.
func (p *parser) strays() {}
