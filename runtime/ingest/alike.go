package ingest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"

	"github.com/throughline/throughline/dsl/value"
)

// ways are those in which texts that mean the same are made the same.
var ways = map[string]func(string) string{"plain": plain, "phone": phone, "code": code}

// plain makes full-width signs narrow, and blanks one each.
func plain(cell string) string { return strings.Join(strings.Fields(value.Fold(cell)), " ") }

// code is a number that somebody gave out, of a company or a contract: without blanks and hyphens,
// in capitals.
func code(cell string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' || r == '_' || r == '.' || r == '/' {
			return -1
		}
		return unicode.ToUpper(r)
	}, value.Fold(cell))
}

// phone is a number to call, as digits alone; a mobile one of China without its country. What is no
// such number stays as it is.
func phone(cell string) string {
	folded := plain(cell)
	number := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || strings.ContainsRune("-()./+·", r) {
			return -1
		}
		return r
	}, folded)
	if number == "" || strings.Trim(number, "0123456789") != "" {
		return folded
	}
	for _, country := range []string{"0086", "86"} {
		if rest, ok := strings.CutPrefix(number, country); ok && len(rest) == 11 && rest[0] == '1' {
			return rest
		}
	}
	if rest, ok := strings.CutPrefix(folded, "+"); ok && rest != "" {
		return "+" + number
	}
	return number
}

// keyOf is an id that is the same wherever the same text is a key of the same kind under the same
// pepper, and from which the text is not read.
func keyOf(kind, text, pepper string) string {
	h := hmac.New(sha256.New, []byte(pepper))
	h.Write([]byte(kind + ":" + text)) // a hash takes all
	return kind + "-" + hex.EncodeToString(h.Sum(nil)[:10])
}
