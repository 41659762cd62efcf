package media

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
	"time"

	"github.com/bep/imagemeta"

	"github.com/throughline/throughline/dsl/value"
)

// What is read of a file's metadata is bounded: a phone's has some hundred tags, and what is asked
// for has few bytes each.
const (
	maxTags  = 1000
	maxTag   = 512
	maxReads = 1 << 16 // of a file in which the metadata may stand anywhere
)

const (
	pngMagic   = "\x89PNG\r\n\x1a\n"
	exifHeader = "Exif\x00\x00"
	gpsFolder  = "IFD0/GPSInfoIFD"
)

// tags are the values of metadata by name.
type tags map[string]any

// metadata reads EXIF into the result and returns the orientation.
func (r *Result) metadata(f form, data []byte, o Options) int {
	t, broken := readTags(f, data)
	if broken {
		r.find(Broken)
	}
	if len(t) == 0 {
		if !broken {
			r.find(Stripped)
		}
		return 0
	}
	r.Device = text(device(t.text("Make"), t.text("Model")))
	r.Software = text(t.text("Software"))
	if editor(t.text("Software")) {
		r.find(Edited)
	}
	r.taken(t, o.Zone)
	r.place(t)
	n, _ := t.number("Orientation")
	return int(n)
}

func text(s string) value.Value {
	if s == "" {
		return value.Value{}
	}
	return value.OfText(s)
}

// device is the model with its make before it, where the model does not say it.
func device(maker, model string) string {
	if model == "" || strings.HasPrefix(strings.ToLower(model), strings.ToLower(maker)) {
		maker, model = model, maker
		if maker == "" {
			return model
		}
		return maker
	}
	return maker + " " + model
}

// taken reads the capture time. It is local; the offset beside it is younger than most cameras.
func (r *Result) taken(t tags, zone *time.Location) {
	s := t.text("DateTimeOriginal")
	if strings.Trim(s, "0: ") == "" {
		return // none, or a camera whose clock was never set
	}
	at, err := time.ParseInLocation("2006:01:02 15:04:05", s, zone)
	if err != nil {
		r.find(NoClock)
		return
	}
	if offset := t.text("OffsetTimeOriginal"); offset != "" {
		if x, err := time.Parse("2006:01:02 15:04:05 -07:00", s+" "+offset); err == nil {
			r.Taken = value.OfWord(value.Time, x.UnixMicro())
			return
		}
	}
	r.find(Assumed)
	r.Taken = value.OfWord(value.Time, at.UnixMicro())
}

// place reads the position, which receivers give in WGS-84. One that had no fix writes 0,0.
func (r *Result) place(t tags) {
	lat, ok1 := t.number("GPSLatitude")
	lng, ok2 := t.number("GPSLongitude")
	if !ok1 && !ok2 {
		return
	}
	// A side that cannot be read comes as 0, so 0 is none: no shop is on the very line.
	if !ok1 || !ok2 || !(lat > 0 && lat <= 90) || !(lng > 0 && lng <= 180) {
		r.find(NoPlace)
		return
	}
	if strings.HasPrefix(strings.ToUpper(t.text("GPSLatitudeRef")), "S") {
		lat = -lat
	}
	if strings.HasPrefix(strings.ToUpper(t.text("GPSLongitudeRef")), "W") {
		lng = -lng
	}
	p := &value.Place{Lat: lat, Lng: lng}
	if a, ok := t.number("GPSHPositioningError"); ok && a > 0 && a < 1e6 {
		p.Accuracy = a
	}
	r.Location = value.Value{Kind: value.Point, X: p}
}

// editor reports whether software changes what a picture shows or what its metadata say. Cameras
// and phones write their firmware there; programs that only move or sort pictures are no editors.
func editor(software string) bool {
	s := strings.ToLower(software)
	for _, e := range [...]string{
		"photoshop", "lightroom", "gimp", "snapseed", "picsart", "pixelmator", "affinity photo",
		"facetune", "paint.net", "photoscape", "acdsee", "meitu", "beautycam", "faceu", "xingtu",
		"b612", "vsco", "canva", "exif", "美图", "美颜", "醒图", "稿定",
	} {
		if strings.Contains(s, e) {
			return true
		}
	}
	return false
}

func (t tags) text(name string) string {
	s, _ := t[name].(string)
	return strings.ToValidUTF8(strings.TrimSpace(strings.Trim(s, "\x00 ")), "\ufffd")
}

func (t tags) number(name string) (float64, bool) {
	switch n := t[name].(type) {
	case float64:
		return n, true
	case uint16:
		return float64(n), true
	case imagemeta.Rat[uint32]:
		if n.Den() != 0 {
			return float64(n.Num()) / float64(n.Den()), true
		}
	}
	return 0, false
}

// wanted are the tags that are read, with the folder of the metadata that each must stand in: the
// numbers of GPS tags mean other things in other folders.
func wanted(name string) string {
	switch name {
	case "Make", "Model", "Software", "Orientation":
		return "IFD0"
	case "DateTimeOriginal", "OffsetTimeOriginal":
		return "IFD0/ExifIFDP"
	case "GPSLatitude", "GPSLatitudeRef", "GPSLongitude", "GPSLongitudeRef", "GPSHPositioningError":
		return gpsFolder
	}
	return ""
}

// readTags reads the tags that are wanted.
func readTags(f form, data []byte) (t tags, broken bool) {
	src, format := data, imagemeta.JPEG
	switch f {
	case jpegForm:
		src = wrapped(jpegExif(data))
	case pngForm:
		src = wrapped(pngExif(data))
	case webpForm:
		format = imagemeta.WebP
	case heifForm:
		format = imagemeta.HEIF
	}
	if src == nil {
		return nil, false
	}
	t = tags{}
	_, err := imagemeta.Decode(imagemeta.Options{
		R: &metered{bytes.NewReader(src), maxReads}, ImageFormat: format,
		Sources: imagemeta.EXIF, LimitNumTags: maxTags, LimitTagSize: maxTag,
		Warnf: func(string, ...any) {},
		ShouldHandleTag: func(i imagemeta.TagInfo) bool {
			return i.Namespace == wanted(i.Tag)
		},
		HandleTag: func(i imagemeta.TagInfo) error {
			if _, twice := t[i.Tag]; !twice {
				t[i.Tag] = i.Value
			}
			return nil
		},
	})
	return t, err != nil
}

// wrapped makes EXIF a JPEG that holds nothing else, so that its reader sees no more than the at
// most 64 KB that can be metadata. Nil stays nil.
func wrapped(exif []byte) []byte {
	if exif == nil {
		return nil
	}
	exif = exif[:min(len(exif), 0xfffd)]
	out := binary.BigEndian.AppendUint16([]byte("\xff\xd8\xff\xe1"), uint16(len(exif)+2))
	return append(append(out, exif...), "\xff\xda"...)
}

// jpegExif finds the EXIF segment of a JPEG.
func jpegExif(data []byte) []byte {
	s := &scanner{data: data}
	for range maxSegments {
		marker, body, ok := s.segment()
		if !ok && marker == 0 && s.at+2 < len(data) && s.data[s.at-1] == 0xe1 {
			body, marker, ok = s.data[s.at+2:], 0xe1, true // cut off within its metadata
		}
		if !ok || marker == 0xda {
			return nil
		}
		if marker == 0xe1 && bytes.HasPrefix(body, []byte(exifHeader)) {
			return body
		}
	}
	return nil
}

// pngExif finds the EXIF chunk of a PNG.
func pngExif(data []byte) []byte {
	for b := data[len(pngMagic):]; len(b) >= 12; {
		n := int64(binary.BigEndian.Uint32(b))
		if n > int64(len(b)-12) {
			return nil
		}
		if string(b[4:8]) == "eXIf" {
			return append([]byte(exifHeader), b[8:8+n]...)
		}
		b = b[12+n:]
	}
	return nil
}

// metered ends a reading that goes in circles.
type metered struct {
	*bytes.Reader
	left int
}

func (m *metered) Read(b []byte) (int, error) {
	if m.left--; m.left < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	return m.Reader.Read(b)
}

func (m *metered) Seek(to int64, from int) (int64, error) {
	if m.left--; m.left < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	return m.Reader.Seek(to, from)
}
