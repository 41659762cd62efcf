package cover

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A file of coverage is lines of text: the first names the format, the second the policy by its
// hash, and each other one a point that was seen, with how often it was true, false and unknown:
//
//	thru coverage 1
//	policy 9f2c…
//	condition "Weak" "when 2" 12 3 0

const format = "thru coverage 1"

// ErrOtherPolicy is a file of another policy's coverage.
var ErrOtherPolicy = errors.New("coverage of another policy")

// AppendFile writes what was seen.
func (c *Coverage) AppendFile(dst []byte) []byte {
	dst = append(dst, format+"\npolicy "...)
	dst = append(hex.AppendEncode(dst, c.hash[:]), '\n')
	for _, p := range c.Points {
		if p.Seen != (Seen{}) {
			dst = fmt.Appendf(dst, "%s %q %q %d %d %d\n", p.What, p.Decl, p.Part,
				p.Seen.True, p.Seen.False, p.Seen.Unknown)
		}
	}
	return dst
}

// Merge adds what a file says was seen. Where it cannot be read nothing is added.
func (c *Coverage) Merge(b []byte) error {
	lines := strings.Split(string(bytes.TrimSuffix(b, []byte("\n"))), "\n")
	if lines[0] != format {
		return fmt.Errorf("no file of coverage: the first line is not %q", format)
	}
	if len(lines) < 2 || lines[1] != "policy "+hex.EncodeToString(c.hash[:]) {
		return ErrOtherPolicy
	}
	found := make([]Seen, len(lines))
	points := make([]*Point, len(lines))
	for i := 2; i < len(lines); i++ {
		var err error
		if points[i], found[i], err = c.line(lines[i]); err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	for i, p := range points {
		if p != nil {
			p.Seen.add(found[i])
		}
	}
	return nil
}

// line reads one point.
func (c *Coverage) line(text string) (*Point, Seen, error) {
	word, rest, _ := strings.Cut(text, " ")
	decl, rest, err1 := quoted(rest)
	part, rest, err2 := quoted(rest)
	numbers := strings.Split(rest, " ")
	if err := errors.Join(err1, err2); err != nil || len(numbers) != 3 {
		return nil, Seen{}, errors.New("a point is a word, two names and three numbers")
	}
	var s Seen
	for i, to := range []*uint64{&s.True, &s.False, &s.Unknown} {
		n, err := strconv.ParseUint(numbers[i], 10, 64)
		if err != nil {
			return nil, Seen{}, fmt.Errorf("%q is no count", numbers[i])
		}
		*to = n
	}
	for w := range whats {
		if w.String() == word {
			if p := c.byKey[key{w, decl, part}]; p != nil {
				return p, s, nil
			}
		}
	}
	return nil, Seen{}, fmt.Errorf("the policy has no %s %q %q", word, decl, part)
}

// quoted takes a quoted name and the blank behind it off a line.
func quoted(s string) (name, rest string, err error) {
	q, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", "", err
	}
	if name, err = strconv.Unquote(q); err != nil {
		return "", "", err
	}
	return name, strings.TrimPrefix(s[len(q):], " "), nil
}
