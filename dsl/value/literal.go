package value

import (
	"math"
	"math/bits"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/throughline/throughline/internal/decimal"
)

// Literal is one literal of the language, read (reference, section 1).
//
// Value has one of the kinds Int, Number, Percent, Duration, WorkDays, WorkHours, Distance, Date
// and Time. A number without unit also fits money and percent, so it is kept as money too.
type Literal struct {
	Value Value
	Diff  bool  // `5pp`: percentage points, a difference of percents
	Money int64 // a number without unit, as money
	Exact bool  // Money is that number exactly; false: too big, or more than four places
	Zoned bool  // a moment that was written with an offset
}

// LiteralFault says what is wrong with a literal.
type LiteralFault uint8

// The faults of literals.
const (
	NoSuchUnit LiteralFault = iota // Part is no unit
	NoUnit                         // Part, the last number of a compound, lacks its unit: 1h30
	UnitOrder                      // units do not fall from large to small, or come twice
	UnitMix                        // units of different kinds: 1d4wh, 1h500m
	Exponent                       // 12e3
	Underscore                     // not between two digits
	Fraction                       // Part has a fraction where only whole numbers stand: 1.5wd
	OutOfRange                     // the number is too big
	NoSuchDay                      // 2026-02-30
	NoSuchTime                     // 2026-03-02T25:00
	BadMoment                      // written like a moment, but not one: 2026-3-2
	NotLiteral                     // does not begin with a digit
)

// LiteralError says what is wrong with a literal, where, and what was most likely meant.
type LiteralError struct {
	Fault LiteralFault
	Part  string // the piece at fault, as written
	Off   int    // its place in the text, in bytes of the folded form
	Near  string // the nearest literal, "" where none is certain
}

// Error returns the fault in plain words; people are shown a diagnostic made from the fields.
func (e *LiteralError) Error() string {
	words := [...]string{"unknown unit", "missing unit after", "units out of order at",
		"units that do not mix at", "exponent", "misplaced underscore", "fraction",
		"number out of range", "no such day", "no such time of day", "malformed moment", "no literal"}
	s := words[e.Fault] + " " + strconv.Quote(e.Part)
	if e.Near != "" {
		s += ", perhaps " + e.Near
	}
	return s
}

// ParseLiteral reads a whole literal: a number with whatever touches it, or a moment. Full-width
// forms are read as plain ones. A moment without offset is one of the zone; zone may be nil where
// no moment can stand. Signs are operators of the language and no part of a literal.
func ParseLiteral(text string, zone *time.Location) (Literal, *LiteralError) {
	l, err := parseLiteral(Fold(text), zone)
	if err != nil && !plausible(err.Near) {
		err.Near = ""
	}
	return l, err
}

// parseLiteral reads a folded literal; what its errors offer may be wrong itself.
func parseLiteral(text string, zone *time.Location) (Literal, *LiteralError) {
	if text == "" || !isDigit(text[0]) {
		return Literal{}, &LiteralError{Fault: NotLiteral, Part: text}
	}
	if looksLikeMoment(text) {
		return parseMoment(text, zone)
	}
	p := literal{text: text}
	if err := p.pieces(); err != nil {
		return Literal{}, err
	}
	return p.value()
}

// Fold returns text with full-width signs, letters, digits and blanks as their plain forms.
func Fold(text string) string {
	plain := true
	for i := 0; i < len(text) && plain; i++ {
		plain = text[i] < 0x80
	}
	if plain {
		return text
	}
	return strings.Map(FoldRune, text)
}

// FoldRune is Fold of one character.
func FoldRune(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case r == '\u3000':
		return ' '
	}
	return r
}

// piece is a number and the unit that touches it.
type piece struct {
	num  string // digits, underscores taken out, at most one point
	unit unit
	off  int
	end  int
}

// literal is a literal being read.
type literal struct {
	text string
	list []piece
}

func (p *literal) fail(fault LiteralFault, off, end int) *LiteralError {
	return &LiteralError{Fault: fault, Part: p.text[off:end], Off: off}
}

// pieces cuts the text into numbers and units and looks every unit up.
func (p *literal) pieces() *LiteralError {
	for i := 0; i < len(p.text); {
		off := i
		num, end, err := p.number(i)
		if err != nil {
			return err
		}
		for i = end; i < len(p.text) && !isDigit(p.text[i]); i++ {
		}
		pc := piece{num: num, off: off, end: i}
		if name := p.text[end:i]; name == "" {
			if len(p.list) > 0 {
				e := p.fail(NoUnit, off, i)
				e.Near = p.text + below(p.list[len(p.list)-1].unit)
				return e
			}
		} else if u, ok := unitNamed(name); ok {
			pc.unit = u
		} else {
			return p.unknown(num, off, end, i)
		}
		p.list = append(p.list, pc)
	}
	return p.mix()
}

// number reads digits, underscores between digits and at most one point before a digit.
func (p *literal) number(i int) (num string, end int, err *LiteralError) {
	start, point := i, false
	for ; i < len(p.text); i++ {
		c := p.text[i]
		next := i+1 < len(p.text) && isDigit(p.text[i+1])
		switch {
		case isDigit(c):
		case c == '_' && i > start && isDigit(p.text[i-1]) && next:
		case c == '_':
			e := p.fail(Underscore, start, i+1)
			e.Near = strings.ReplaceAll(p.text, "_", "")
			return "", 0, e
		case c == '.' && !point && next:
			point = true
		default:
			return strings.ReplaceAll(p.text[start:i], "_", ""), i, nil
		}
	}
	return strings.ReplaceAll(p.text[start:i], "_", ""), i, nil
}

// unknown reports what follows a number and is no unit, with the nearest literal.
func (p *literal) unknown(num string, off, end, next int) *LiteralError {
	name, whole := p.text[end:next], off == 0 && next == len(p.text)
	e := p.fail(NoSuchUnit, end, next)
	switch u, ok := unitMeant(name); {
	case ok:
		e.Near = p.text[:end] + u.name + p.text[next:]
	case whole && (name == "k" || name == "K" || name == "千"):
		e.Near = shifted(num, 3)
	case whole && counted(name):
		e.Near = num
	case whole && name == "W":
		e.Near = num + "万"
	case whole && name == "万亿":
		e.Near = shifted(num, 4) + "亿"
	case (name == "e" || name == "E") && off == 0:
		e.Fault = Exponent
		e.Part, e.Off = p.text, 0
		n, err := strconv.Atoi(p.text[next:])
		if err == nil && n <= 15 {
			e.Near = shifted(num, n)
		}
	case whole:
		e.Near = nearUnit(p.text[:end], name)
	}
	return e
}

// counted reports whether a word says what is counted and not how much: 10 yuan, 3 shops.
func counted(name string) bool {
	switch name {
	case "元", "块", "块钱", "个", "家", "条", "单", "位", "人", "名", "台", "件", "张", "字":
		return true
	}
	return false
}

// nearUnit offers a unit one letter away, where there is exactly one. Months are none: `mon` is
// not `min`.
func nearUnit(num, name string) string {
	found := ""
	if strings.HasPrefix(name, "mon") {
		return ""
	}
	for _, u := range units {
		if utf8.RuneCountInString(name) < 2 || !oneEdit(u.name, name) {
			continue
		}
		if found != "" {
			return ""
		}
		found = num + u.name
	}
	return found
}

// plausible reports whether an offered literal is one: an offer must never be wrong itself.
func plausible(text string) bool {
	_, err := parseLiteral(text, time.UTC)
	return err == nil
}

// mix checks that the units of a compound are durations that fall from large to small.
func (p *literal) mix() *LiteralError {
	first := p.list[0]
	for i, pc := range p.list[1:] {
		before := p.list[i]
		switch {
		case pc.unit.kind != before.unit.kind:
			return p.fail(UnitMix, pc.off, pc.end)
		case first.unit.kind != Duration:
			return p.fail(UnitOrder, pc.off, pc.end)
		case pc.unit.size >= before.unit.size:
			e := p.fail(UnitOrder, pc.off, pc.end)
			e.Near = p.sorted()
			return e
		case strings.Contains(before.num, "."):
			return p.fail(Fraction, before.off, before.end)
		}
	}
	return nil
}

// sorted returns the compound duration with its units in order, "" where one comes twice.
func (p *literal) sorted() string {
	var b strings.Builder
	for _, u := range units {
		n := 0
		for _, pc := range p.list {
			if pc.unit.name == u.name {
				b.WriteString(p.text[pc.off:pc.end])
				n++
			}
		}
		if n > 1 {
			return ""
		}
	}
	return b.String()
}

// value puts the pieces together.
func (p *literal) value() (Literal, *LiteralError) {
	first := p.list[0]
	over := &LiteralError{Fault: OutOfRange, Part: p.text}
	switch first.unit.kind {
	case Missing, Number:
		l, ok := plainNumber(first.num, max(first.unit.size, 1))
		if !ok {
			return l, over
		}
		return l, nil
	case Percent:
		return Literal{Value: OfFloat(Percent, hundredth(first.num)), Diff: first.unit.name == "pp"}, nil
	case Distance:
		f, _ := strconv.ParseFloat(first.num, 64)
		if first.unit.size > 1 {
			f, _ = strconv.ParseFloat(shifted(first.num, 3), 64)
		}
		return Literal{Value: OfFloat(Distance, f)}, nil
	case WorkDays:
		n, err := strconv.ParseInt(first.num, 10, 64)
		if strings.Contains(first.num, ".") {
			return Literal{}, p.fail(Fraction, first.off, first.end)
		}
		if err != nil {
			return Literal{}, over
		}
		return Literal{Value: OfWord(WorkDays, n)}, nil
	}
	var total int64
	for _, pc := range p.list {
		n, ok := scaled(pc.num, pc.unit.size)
		if total, ok = addOK(total, n, ok); !ok {
			return Literal{}, over
		}
	}
	return Literal{Value: OfWord(first.unit.kind, total)}, nil
}

func addOK(a, b int64, ok bool) (int64, bool) {
	sum, fits := decimal.Add(a, b)
	return sum, ok && fits
}

// plainNumber reads a number without unit, times 1, 万 or 亿. It is whole where it can be.
func plainNumber(num string, size int64) (Literal, bool) {
	exactText := num
	switch size {
	case 10_000:
		exactText = shifted(num, 4)
	case 100_000_000:
		exactText = shifted(num, 8)
	}
	money, exact, fault := decimal.Parse(exactText)
	l := Literal{Money: money, Exact: exact && fault == decimal.NoFault}
	if !strings.Contains(exactText, ".") {
		n, err := strconv.ParseInt(exactText, 10, 64)
		l.Value = OfWord(Int, n)
		return l, err == nil
	}
	f, err := strconv.ParseFloat(exactText, 64)
	l.Value = OfFloat(Number, f)
	return l, err == nil
}

// hundredth returns a decimal divided by 100, rounded once: 40 is 0.4 exactly as `0.4` reads.
func hundredth(num string) float64 {
	f, _ := strconv.ParseFloat(num+"e-2", 64)
	return f
}

// shifted moves the point of a decimal to the right and drops zeros that say nothing.
func shifted(num string, places int) string {
	whole, frac, _ := strings.Cut(num, ".")
	for len(frac) < places {
		frac += "0"
	}
	whole = strings.TrimLeft(whole+frac[:places], "0")
	if whole == "" {
		whole = "0"
	}
	if frac = strings.TrimRight(frac[places:], "0"); frac != "" {
		return whole + "." + frac
	}
	return whole
}

// scaled returns a decimal × size as a whole number of small units, half to even.
func scaled(num string, size int64) (int64, bool) {
	whole, frac, _ := strings.Cut(num, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return 0, false
	}
	n, ok := decimal.Mul(n, size)
	if frac = strings.TrimRight(frac, "0"); frac == "" || !ok {
		return n, ok
	}
	if len(frac) > 18 {
		frac = frac[:18] // below any small unit: 10⁻¹⁸ of a week is less than a picosecond
	}
	f, _ := strconv.ParseUint(frac, 10, 64)
	ten := uint64(math.Pow10(len(frac)))
	hi, lo := bits.Mul64(f, uint64(size))
	q, r := bits.Div64(hi, lo, ten)
	if r > ten-r || r == ten-r && q&1 == 1 {
		q++
	}
	return addOK(n, int64(q), true)
}

// below returns the unit after which 1h30 most likely lacks its own: the next smaller one.
func below(u unit) string {
	for i := range units[:len(units)-1] {
		if units[i].name == u.name && units[i+1].kind == u.kind {
			return units[i+1].name
		}
	}
	return ""
}

// oneEdit reports whether a and b differ by one letter put in, left out or changed.
func oneEdit(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return i < len(a) && a[i+1:] == b[i+1:]
	}
	return a[i:] == b[i+1:]
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
