package media

import (
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/throughline/throughline/dsl/value"
)

// kept is a result as JSON, with nothing lost.
type kept struct {
	SHA256   string     `json:"sha256"`
	Size     int64      `json:"size"`
	Kind     string     `json:"kind"`
	Taken    *time.Time `json:"taken,omitempty"`
	Device   string     `json:"device,omitempty"`
	Software string     `json:"software,omitempty"`
	Place    *place     `json:"location,omitempty"`
	Look     *int64     `json:"look,omitempty"`
	Length   *int64     `json:"microseconds,omitempty"`
	Findings []string   `json:"findings,omitempty"`
}

type place struct {
	Lat      float64 `json:"lat"`
	Lng      float64 `json:"lng"`
	Accuracy float64 `json:"accuracy,omitempty"`
}

// KindName is what a kind of file is called: photo, audio or file.
func KindName(k value.Kind) string {
	switch k {
	case value.Photo:
		return "photo"
	case value.Audio:
		return "audio"
	}
	return "file"
}

// MarshalJSON writes a result to be kept beside its bytes.
func (r Result) MarshalJSON() ([]byte, error) {
	k := kept{SHA256: r.SHA256, Size: r.Size, Kind: KindName(r.Kind), Device: r.Device.S,
		Software: r.Software.S}
	if r.Taken.Known() {
		at := time.UnixMicro(r.Taken.N).UTC()
		k.Taken = &at
	}
	if p, ok := r.Location.X.(*value.Place); ok {
		k.Place = &place{p.Lat, p.Lng, p.Accuracy}
	}
	if r.Look.Known() {
		k.Look = &r.Look.N
	}
	if r.Length.Known() {
		k.Length = &r.Length.N
	}
	for _, f := range r.Findings {
		k.Findings = append(k.Findings, f.String())
	}
	return json.Marshal(&k)
}

var errKind = errors.New("a kept file is a photo, audio or a file")

// UnmarshalJSON reads a result that was kept.
func (r *Result) UnmarshalJSON(b []byte) error {
	var k kept
	if err := json.Unmarshal(b, &k); err != nil {
		return err
	}
	*r = Result{Media: value.Media{SHA256: k.SHA256, Size: k.Size}}
	switch k.Kind {
	case "photo":
		r.Kind, r.Measured = value.Photo, value.OfText("server")
	case "audio":
		r.Kind = value.Audio
	case "file":
		r.Kind = value.File
	default:
		return errKind
	}
	r.Device, r.Software = text(k.Device), text(k.Software)
	if k.Taken != nil {
		r.Taken = value.OfWord(value.Time, k.Taken.UnixMicro())
	}
	if k.Place != nil {
		r.Location = value.Value{Kind: value.Point,
			X: &value.Place{Lat: k.Place.Lat, Lng: k.Place.Lng, Accuracy: k.Place.Accuracy}}
	}
	if k.Look != nil {
		r.Look = value.OfWord(value.Int, *k.Look)
	}
	if k.Length != nil {
		r.Length = value.OfWord(value.Duration, *k.Length)
	}
	for f := range findings {
		if slices.Contains(k.Findings, f.String()) {
			r.Findings = append(r.Findings, f)
		}
	}
	return nil
}
