// Package plural puts the words of English texts in the number of what they count.
//
// Its functions are those of fmt, and in their formats {one|many} is the first where the whole
// number that was written last is 1, and the second otherwise: "%d {entry|entries}". A text without
// is as it is, so that one call says it in any language.
package plural

import (
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
)

// Sprintf is fmt.Sprintf.
func Sprintf(format string, args ...any) string {
	return fmt.Sprintf(number(format, args), args...)
}

// Fprintf is fmt.Fprintf.
func Fprintf(w io.Writer, format string, args ...any) (int, error) {
	return fmt.Fprintf(w, number(format, args), args...)
}

// Errorf is fmt.Errorf.
func Errorf(format string, args ...any) error { return fmt.Errorf(number(format, args), args...) }

// part is a verb, with the argument that it names, or a choice.
var part = regexp.MustCompile(`%%|%[-+# 0]*(?:\[(\d+)\])?[\d.]*(?:\[(\d+)\])?[a-zA-Z]|` +
	`\{([^{}|]*)\|([^{}|]*)\}`)

// number makes every choice of a format.
func number(format string, args []any) string {
	next, one := 0, false
	out, from := "", 0
	for _, m := range part.FindAllStringSubmatchIndex(format, -1) {
		group := func(i int) string {
			if m[2*i] < 0 {
				return ""
			}
			return format[m[2*i]:m[2*i+1]]
		}
		switch {
		case m[6] >= 0:
			out += format[from:m[0]]
			if one {
				out += group(3)
			} else {
				out += group(4)
			}
			from = m[1]
		case group(0) != "%%":
			if n, err := strconv.Atoi(group(1) + group(2)); err == nil {
				next = n - 1
			}
			if next >= 0 && next < len(args) {
				one = counts(args[next], one)
			}
			next++
		}
	}
	return out + format[from:]
}

// counts says whether a number is 1; what is none leaves it at what it was.
func counts(arg any, was bool) bool {
	switch v := reflect.ValueOf(arg); {
	case v.CanInt():
		return v.Int() == 1
	case v.CanUint():
		return v.Uint() == 1
	}
	return was
}
