package value

import "strings"

// NearestLiteral returns the literal that somebody who wrote text most likely meant where a value
// of the wanted kind stands, "" where none is certain: 5m is 5min where a duration is wanted. For
// percentage points the wanted kind is Percent and diff is true.
func NearestLiteral(text string, want Kind, diff bool) string {
	text = Fold(text)
	p := literal{text: text}
	if looksLikeMoment(text) || text == "" || !isDigit(text[0]) {
		return ""
	}
	if err := p.pieces(); err != nil {
		if plausible(err.Near) && fits(err.Near, want, diff) {
			return err.Near
		}
		return ""
	}
	if len(p.list) != 1 {
		return ""
	}
	num, name := text[:len(text)-len(p.written())], p.list[0].unit.name
	near := ""
	switch want {
	case Percent:
		near = num + "%"
		if diff {
			near = num + "pp"
		}
	case Int, Number, Money:
		switch name {
		case "%", "pp":
			near = num
		case "w": // ten thousand in chats, a week here
			near = num + "万"
		}
	case Distance:
		if near = num + name; name == "" {
			near = num + "m"
		} else if to, ok := swapped(name, want); ok {
			near = num + to
		}
	default:
		if to, ok := swapped(name, want); ok {
			near = num + to
		}
	}
	if plausible(near) && fits(near, want, diff) && near != text {
		return near
	}
	return ""
}

// written returns the unit as it stands at the end of a single-piece literal.
func (p *literal) written() string {
	return strings.TrimLeft(p.text, "0123456789_.")
}

// swap is a unit that stands where a value of another kind is wanted.
type swap struct {
	name string
	want Kind
}

// swapped returns the unit of the wanted kind that looks like the one written.
func swapped(name string, want Kind) (string, bool) {
	switch (swap{name, want}) {
	case swap{"m", Duration}:
		return "min", true
	case swap{"min", Distance}:
		return "m", true
	case swap{"wh", Duration}:
		return "h", true
	case swap{"wd", Duration}:
		return "d", true
	case swap{"h", WorkHours}:
		return "wh", true
	case swap{"d", WorkDays}:
		return "wd", true
	}
	return "", false
}

// fits reports whether a literal has the wanted kind.
func fits(text string, want Kind, diff bool) bool {
	l, err := ParseLiteral(text, nil)
	if err != nil {
		return false
	}
	switch k := l.Value.Kind; want {
	case Percent:
		return k == Percent && l.Diff == diff
	case Number, Money:
		return k == Int || k == Number
	default:
		return k == want
	}
}
