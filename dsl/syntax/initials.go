package syntax

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Initials are the first letters of the characters of a text in pinyin: yj for 预警. The 3,755
// common characters are enough, which GB 2312 has in the order of their sounds; another character
// is left out, letters and digits stay.
func Initials(s string) string {
	enc := simplifiedchinese.GBK.NewEncoder()
	var out strings.Builder
	for _, r := range s {
		if r < utf8.RuneSelf {
			out.WriteRune(r)
			continue
		}
		b, err := enc.String(string(r))
		if err != nil || len(b) != 2 || b[1] < 0xA1 { // GBK has others in between
			continue
		}
		if c := initial(int(b[0])<<8 | int(b[1])); c != 0 {
			out.WriteByte(c)
		}
	}
	return out.String()
}

// initial is the letter that the sound of a character of GB 2312 begins with, 0 past the common
// ones.
func initial(code int) byte {
	const letters = "abcdefghjklmnopqrstwxyz"
	first := [...]int{0xB0A1, 0xB0C5, 0xB2C1, 0xB4EE, 0xB6EA, 0xB7A2, 0xB8C1, 0xB9FE, 0xBBF7,
		0xBFA6, 0xC0AC, 0xC2E8, 0xC4C3, 0xC5B6, 0xC5BE, 0xC6DA, 0xC8BB, 0xC8F6, 0xCBFA, 0xCDDA,
		0xCEF4, 0xD1B9, 0xD4D1}
	if code < first[0] || code > 0xD7F9 {
		return 0
	}
	for i := len(first) - 1; i >= 0; i-- {
		if code >= first[i] {
			return letters[i]
		}
	}
	return 0
}
