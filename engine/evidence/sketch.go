package evidence

import (
	"slices"
	"strings"
	"unicode"

	"github.com/throughline/throughline/dsl/value"
)

// Sketch is a note as its distinct pairs of neighbouring letters, hashed and ascending: w-shingling
// with w = 2 (Broder, On the resemblance and containment of documents, 1997). Pairs of characters
// need no segmentation, so no dictionary decides what is a copy.
type Sketch []uint32

// masked stands for a name or a number, so that a note copied for another customer is the same.
const (
	maskedName   = '\uE000'
	maskedNumber = '\uE001'
)

// Letters is a note as it is compared: widths folded, lower case, without punctuation and blanks,
// with names and numbers masked. At tells where in the note each letter began, in characters.
type Letters struct {
	Runes []rune
	At    []int
}

// Fold reads a note into the letters that are compared. Names are those of the records that the
// note's record refers to; a surname before a title is masked as well.
func Fold(note string, names []string) Letters {
	var at []int
	letters := new(Sketcher).fold(note, names, func(i int) { at = append(at, i) })
	return Letters{letters, at}
}

// SketchOf is the sketch of a note's letters.
func SketchOf(note string, names []string) Sketch { return new(Sketcher).Of(note, names) }

// Sketcher makes sketches of many notes in the same memory.
type Sketcher struct {
	text  []rune
	masks [][]rune
}

// Of is SketchOf.
func (s *Sketcher) Of(note string, names []string) Sketch {
	return Letters{Runes: s.fold(note, names, nil)}.Sketch()
}

// fold yields the letters, and tells where each began.
func (s *Sketcher) fold(note string, names []string, began func(int)) []rune {
	s.text, s.masks = s.text[:0], s.masks[:0]
	for _, n := range names {
		if m := s.plain(strings.TrimSpace(n)); len(m) > 1 {
			s.masks = append(s.masks, m)
		}
	}
	masks := s.masks
	// The longest first: of 上海仁济医院 and 仁济 the note's name is the longer.
	slices.SortStableFunc(masks, func(a, b []rune) int { return len(b) - len(a) })
	text := s.plain(note)
	letters := text[:0] // a letter stands for one character at least
	for i := 0; i < len(text); {
		r, n := masked(text[i:], masks)
		if ideograph(r) || unicode.IsLetter(r) || r == maskedName || r == maskedNumber {
			letters = append(letters, r)
			if began != nil {
				began(i)
			}
		}
		i += n
	}
	return letters
}

// plain folds widths and cases, one character for one. What it made before stays as it is.
func (s *Sketcher) plain(text string) []rune {
	from := len(s.text)
	s.text = slices.Grow(s.text, min(len(text), len(text)/3+16))
	for _, r := range text {
		if !ideograph(r) {
			r = unicode.ToLower(value.FoldRune(r))
		}
		s.text = append(s.text, r)
	}
	return s.text[from:len(s.text):len(s.text)]
}

// ideograph reports whether a character is one of the common Chinese ones: a letter without cases
// and widths, and no digit. Most characters of most notes are, so the tables are not asked.
func ideograph(r rune) bool { return r >= 0x4E00 && r <= 0x9FFF }

// masked is the letter that a text begins with, and how many characters it stands for.
func masked(text []rune, names [][]rune) (rune, int) {
	for _, n := range names {
		if begins(text, n) {
			return maskedName, len(n)
		}
	}
	if ideograph(text[0]) && characters[text[0]] == 0 {
		return text[0], 1
	}
	if unicode.IsDigit(text[0]) {
		n := 1
		for n < len(text) && digit(text, n) {
			n++
		}
		return maskedNumber, n
	}
	if n := counted(text); n > 0 {
		return maskedNumber, n
	}
	if is(text[0], surname) && len(text) > 1 && is(text[1], title) {
		if n := titled(text[1:]); n > 0 {
			return maskedName, 1 + n
		}
	}
	return text[0], 1
}

// counted is how long the Chinese number is that a text begins with, 0 where none: 三百 of 三百箱. One
// that counts nothing is part of a word, such as 一般.
func counted(text []rune) int {
	n := 0
	for n < len(text) && is(text[n], numeral) {
		n++
	}
	if n == 0 || n == len(text) || !is(text[n], unit) {
		return 0
	}
	return n
}

// What a character may be. One table answers what is asked of every character of every note.
const (
	numeral = 1 << iota
	unit
	surname
	title // the first of one
)

var characters = func() *[1 << 16]uint8 {
	var t [1 << 16]uint8
	mark := func(what uint8, text string) {
		for _, r := range text {
			t[r] |= what
		}
	}
	mark(numeral, "一二两三四五六七八九十百千半")
	mark(unit, units)
	mark(surname, surnames)
	for _, x := range titles {
		t[x[0]] |= title
	}
	return &t
}()

func is(r rune, what uint8) bool { return r < 1<<16 && characters[r]&what != 0 }

// digit reports whether a number goes on at i: 2026-03-02 and 3.5 are one number.
func digit(text []rune, i int) bool {
	return unicode.IsDigit(text[i]) || strings.ContainsRune(".,-/:", text[i]) &&
		i+1 < len(text) && unicode.IsDigit(text[i+1])
}

func begins(text, with []rune) bool {
	return len(text) >= len(with) && slices.Equal(text[:len(with)], with)
}

// titles follow a surname where a person is spoken of.
var titles = runes("总经理 总监 总 董 工 经理 主任 院长 老师 老板 科长 处长 部长 主管 店长 医生 大夫 教授 " +
	"护士长 先生 女士 小姐 师傅 局长 校长")

// titled is how long the title is that a text begins with, 0 where it begins with none.
func titled(text []rune) int {
	for _, t := range titles {
		if begins(text, t) {
			return len(t)
		}
	}
	return 0
}

func runes(words string) [][]rune {
	var out [][]rune
	for _, w := range strings.Fields(words) {
		out = append(out, []rune(w))
	}
	return out
}

// surnames are a hundred of the commonest.
const surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁" +
	"任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"

// Sketch makes the sketch of the letters. It is empty where there are too few to judge.
func (l Letters) Sketch() Sketch {
	if len(l.Runes) < ShortNote {
		return nil
	}
	s := make(Sketch, 0, len(l.Runes)-1)
	for i := 1; i < len(l.Runes); i++ {
		s = append(s, pair(l.Runes[i-1], l.Runes[i]))
	}
	slices.Sort(s)
	return slices.Compact(s)
}

// pair hashes two letters to 32 bits: a multiplicative mix, the same on every machine.
func pair(a, b rune) uint32 {
	x := uint64(a)<<21 | uint64(b)
	x ^= x >> 23
	x *= 0x2127599bf4325c37
	x ^= x >> 29
	x *= 0x9e3779b97f4a7c15
	return uint32(x >> 32)
}

// Common counts what two sketches share.
func Common(a, b Sketch) int {
	n, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		x, y := a[i], b[j]
		// Without branches: which of the two is smaller cannot be foretold.
		if x <= y {
			i++
		}
		if y <= x {
			j++
		}
		if x == y {
			n++
		}
	}
	return n
}

// Jaccard is what two sketches share over what they have together, 0 where both are empty.
func Jaccard(a, b Sketch) float64 {
	n := Common(a, b)
	if u := len(a) + len(b) - n; u > 0 {
		return float64(n) / float64(u)
	}
	return 0
}

// Span is a part of a note, in characters.
type Span struct{ From, To int }

// Matching finds the parts of the first note that stand in the second too, letter for letter and
// at least four letters long: what a person is shown beside a copy.
func Matching(a, b Letters) []Span {
	const least = 4
	where := map[[least]rune][]int{}
	for j := 0; j+least <= len(b.Runes); j++ {
		k := [least]rune(b.Runes[j : j+least])
		where[k] = append(where[k], j)
	}
	var out []Span
	for i := 0; i+least <= len(a.Runes); {
		best := 0
		for _, j := range where[[least]rune(a.Runes[i:i+least])] {
			n := least
			for i+n < len(a.Runes) && j+n < len(b.Runes) && a.Runes[i+n] == b.Runes[j+n] {
				n++
			}
			best = max(best, n)
		}
		if best == 0 {
			i++
			continue
		}
		out = append(out, Span{a.At[i], a.end(i + best - 1)})
		i += best
	}
	return out
}

// end is where a letter ends: where the next one begins, what was left out between them included.
func (l Letters) end(i int) int {
	if i+1 < len(l.At) {
		return l.At[i+1]
	}
	return l.At[i] + 1
}
