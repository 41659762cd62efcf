// Package value holds the values of the Throughline language: their kinds, units and ranges,
// how they are read from literals and written in messages (reference, sections 1, 3, 4 and 7).
//
// Units, once for the whole program: moments and durations are int64 microseconds (moments since
// 1970-01-01T00:00Z), dates are int64 days since 1970-01-01, money is int64 ten-thousandths,
// distances are float64 metres, percents are float64 fractions (40 % is 0.4).
package value

import "math"

// Kind is the kind of a value. The zero Kind is Missing.
type Kind uint8

// The kinds. Kinds up to Distance fit a machine word or a text; the later ones are wide.
const (
	Missing   Kind = iota
	Bool           // 0 or 1
	Int            // int64
	Number         // float64
	Percent        // float64, 1 is 100 %
	Money          // int64 of 1/10 000
	Text           // UTF-8
	Choice         // index into the choice's values
	Ref            // a reference to an entity: its id as text outside the engine, a handle inside
	Date           // days since 1970-01-01
	Time           // a moment: microseconds since 1970-01-01T00:00Z
	Duration       // microseconds
	Distance       // float64 metres
	Point          // *Place
	Area           // *Region
	Photo          // *Media
	Audio          // *Media
	File           // *Media
	List           // []Value
	Row            // []Value, one for each field of the list's row type
	WorkDays       // a literal such as 3wd: a count
	WorkHours      // a literal such as 4wh: microseconds of working time
)

// Class is how a kind is kept in memory.
type Class uint8

// The classes: an int64 word, a float64 word, a text, or a wide value behind an interface.
const (
	Nothing Class = iota
	Word
	Float
	String
	Wide
)

// Class returns how values of the kind are kept.
func (k Kind) Class() Class { return classes[k] }

var classes = [...]Class{
	Missing: Nothing, Bool: Word, Int: Word, Number: Float, Percent: Float, Money: Word,
	Text: String, Choice: Word, Ref: Word, Date: Word, Time: Word, Duration: Word, Distance: Float,
	Point: Wide, Area: Wide, Photo: Wide, Audio: Wide, File: Wide, List: Wide, Row: Wide,
	WorkDays: Word, WorkHours: Word}

// Value is one value of the language. The zero Value is missing.
type Value struct {
	Kind Kind
	N    int64  // kinds of class Word; the bits of the float64 for class Float
	S    string // Text; the id of a Ref
	X    any    // Point *Place, Area *Region, Photo Audio File *Media, List and Row []Value
}

// Float returns the float64 of a value of class Float.
func (v Value) Float() float64 { return math.Float64frombits(uint64(v.N)) }

// OfFloat returns a value of a kind of class Float.
func OfFloat(k Kind, f float64) Value { return Value{Kind: k, N: int64(math.Float64bits(f))} }

// OfWord returns a value of a kind of class Word.
func OfWord(k Kind, n int64) Value { return Value{Kind: k, N: n} }

// OfText returns a text.
func OfText(s string) Value { return Value{Kind: Text, S: s} }

// OfBool returns true or false.
func OfBool(b bool) Value {
	if b {
		return Value{Kind: Bool, N: 1}
	}
	return Value{Kind: Bool}
}

// Known reports whether the value is not missing.
func (v Value) Known() bool { return v.Kind != Missing }

// Datum is the geodetic datum a point was given in.
type Datum uint8

// The datums. Points are kept in WGS-84; the datum they came in is remembered.
const (
	WGS84 Datum = iota
	GCJ02
	BD09
)

// Place is a point on the earth, in WGS-84 degrees whatever it was given in.
type Place struct {
	Lat, Lng float64
	Accuracy float64 // radius in metres, 0 where none was given
	Datum    Datum   // of the coordinates as they came
	Mock     bool    // the sender said that the position was simulated
}

// Region is an area: a polygon, or a circle where Radius is above 0 and Points holds its centre.
type Region struct {
	Points []Place
	Radius float64 // metres
}

// Media is a photo, an audio recording or a file, known by the hash of its bytes.
type Media struct {
	SHA256   string // lower-case hex
	Name     string
	Size     int64
	Taken    Value // photo: Time
	Device   Value // photo: Text
	Software Value // photo: Text
	Location Value // photo: Point
	Look     Value // photo: 64-bit perceptual hash as Int
	Measured Value // photo: Text, "server" or "sender"
	Length   Value // audio: Duration
}

// Tri is a truth of Kleene's three-valued logic; and is min, or is max, not is True - x.
type Tri uint8

// The three truths, in the order that makes and a minimum and or a maximum.
const (
	False Tri = iota
	Unknown
	True
)

// Tri returns the truth of a Bool value; a missing one is Unknown.
func (v Value) Tri() Tri {
	switch {
	case v.Kind == Missing:
		return Unknown
	case v.N != 0:
		return True
	}
	return False
}

// Microseconds in the units of time.
const (
	Second int64 = 1_000_000
	Minute       = 60 * Second
	Hour         = 60 * Minute
	Day          = 24 * Hour
	Week         = 7 * Day
)
