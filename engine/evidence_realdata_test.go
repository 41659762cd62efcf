package engine_test

import (
	"compress/gzip"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/evidence"
	"github.com/throughline/throughline/internal/geo"
	"github.com/throughline/throughline/internal/realdata"
)

// says sends a record and answers what its decision says of a proof line: "" where it holds, else
// the verdict and the code.
func (w *world) says(line, rule string) string {
	w.out.Reset()
	w.feed(line)
	out := w.out.String()
	i := strings.Index(out, `{"rule":"`+rule+`"`)
	if i < 0 {
		return ""
	}
	var verdict, code string
	for _, part := range strings.Split(out[i:i+strings.Index(out[i:], "}")], ",") {
		if v, ok := strings.CutPrefix(part, `"verdict":"`); ok {
			verdict = strings.TrimSuffix(v, `"`)
		}
		if v, ok := strings.CutPrefix(part, `"code":"`); ok {
			code = strings.TrimSuffix(v, `"`)
		}
	}
	return verdict + " " + code
}

// trackPoint is one fix of a GPS track.
type trackPoint struct {
	Lat  float64 `xml:"lat,attr"`
	Lng  float64 `xml:"lon,attr"`
	Time string  `xml:"time"`
}

// trackOf reads the points of a GPX file that have a clock; times of 1901 are an empty one.
func trackOf(t *testing.T, file string) (out []trackPoint, at []time.Time) {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		Points []trackPoint `xml:"trk>trkseg>trkpt"`
	}
	if err := xml.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	for _, p := range g.Points {
		when, err := time.Parse(time.RFC3339, p.Time)
		if err != nil || when.Year() < 1980 {
			continue
		}
		out, at = append(out, p), append(at, when)
	}
	return out, at
}

// haversine is the distance in metres as the reference of the tracks works it out: another formula
// than ours, on the same sphere.
func haversine(a, b trackPoint) float64 {
	rad := math.Pi / 180
	p, q := a.Lat*rad, b.Lat*rad
	s, u := math.Sin((q-p)/2), math.Sin((b.Lng-a.Lng)*rad/2)
	return 2 * 6371008.8 * math.Asin(math.Sqrt(s*s+math.Cos(p)*math.Cos(q)*u*u))
}

const walking = `
entity Rep { name text }
entity Site { name text; location point }
event Fix { rep Rep; site Site?; location point; far distance? = distance(location, site.location) }
action Walk {
  on    Fix
  by    rep
  done  has rep
  proof {
    travel plausible(location)
    fence  location within 300m of site.location else note unknown note
  }
}
`

// Real tracks of people on foot and in cars through `plausible` and a fence: nobody who walked is
// doubted, whoever jumps to another continent is, and the fence holds those inside by another formula.
func TestRealTracks(t *testing.T) {
	dir := realdata.Dir(t, "gpx")
	for _, c := range []struct {
		file   string
		points int
	}{{"visnjan.gpx", 413}, {"korita-zbevnica.gpx", 513}, {"cerknicko-without-times.gpx", 5}, {"file.gpx", 4}} {
		t.Run(c.file, func(t *testing.T) {
			points, at := trackOf(t, filepath.Join(dir, c.file))
			if len(points) != c.points {
				t.Fatalf("%d points with a clock, want %d", len(points), c.points)
			}
			w := newWorld(t, check(t, walking), engine.Options{})
			site := points[len(points)/2]
			w.feed(`{"type":"Rep","id":"r","at":"2009-01-01T00:00:00Z","name":"R"}`)
			w.feed(fmt.Sprintf(`{"type":"Site","id":"s","at":"2009-01-01T00:00:00Z","name":"S","location":[%v,%v]}`,
				site.Lat, site.Lng))
			doubted, inside, wrong := 0, 0, 0
			for i, p := range points {
				line := fmt.Sprintf(`{"type":"Fix","id":"f%d","at":"%s","rep":"r","site":"s","location":[%v,%v]}`,
					i, at[i].Format(time.RFC3339), p.Lat, p.Lng)
				if s := w.says(line, "Walk.proof.travel"); s != "" {
					doubted++
				}
				near := !strings.Contains(w.out.String(), `"Walk.proof.fence"`)
				want := haversine(p, site) <= 300
				if near {
					inside++
				}
				if near != want && math.Abs(haversine(p, site)-300) > 0.01 {
					wrong++
				}
			}
			t.Logf("%d fixes: %d doubted, %d inside 300 m of the middle, %d otherwise than haversine",
				len(points), doubted, inside, wrong)
			if doubted > 0 || wrong > 0 || inside == 0 {
				t.Errorf("%d doubted, %d inside, %d wrong", doubted, inside, wrong)
			}
		})
	}
	t.Run("jumps", func(t *testing.T) { jumps(t, filepath.Join(dir, "visnjan.gpx")) })
}

// jumps puts one fix of Beijing among the walk of Višnjan every fifty: going there is impossible,
// and coming back is too.
func jumps(t *testing.T, file string) {
	points, at := trackOf(t, file)
	w := newWorld(t, check(t, walking), engine.Options{})
	w.feed(`{"type":"Rep","id":"r","at":"2009-01-01T00:00:00Z","name":"R"}`)
	flagged, jumps, innocent := 0, 0, 0
	for i, p := range points {
		there := i%50 == 25
		if there {
			p = trackPoint{Lat: 39.9, Lng: 116.4}
			jumps++
		}
		s := w.says(fmt.Sprintf(`{"type":"Fix","id":"f%d","at":"%s","rep":"r","location":[%v,%v]}`,
			i, at[i].Format(time.RFC3339), p.Lat, p.Lng), "Walk.proof.travel")
		switch back := i%50 == 26; {
		case s != "" && s != "review T0675":
			t.Errorf("fix %d: %s", i, s)
		case s != "" && (there || back):
			flagged++
		case s != "":
			innocent++
		}
	}
	t.Logf("%d jumps: %d of the fixes there and after reviewed, %d others", jumps, flagged, innocent)
	if flagged != 2*jumps || innocent > 0 {
		t.Errorf("%d jumps: %d reviewed, %d innocent", jumps, flagged, innocent)
	}
}

// rowsOf reads a CSV file without its head.
func rowsOf(t *testing.T, file string) [][]string {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// fences sends a phone in WGS-84 eighty metres from each place and counts who is inside the fence,
// where the place says its datum and where it is forgotten.
func fences(t *testing.T, places [][2]float64, datum string, metres int) (with, without int) {
	from := map[string]func(geo.Point) geo.Point{"gcj02": geo.FromGCJ02, "bd09": geo.FromBD09}[datum]
	p := check(t, fmt.Sprintf(`
entity Rep { name text }
entity Site { name text; location point }
event Visit { rep Rep; site Site; location point }
action Call { on Visit; by rep; done has rep
  proof { place location within %dm of site.location } }
`, metres))
	for _, says := range []string{`,"datum":"` + datum + `"`, ""} {
		w, inside := newWorld(t, p, engine.Options{}), 0
		w.feed(`{"type":"Rep","id":"r","at":"2026-01-01T00:00:00Z","name":"R"}`)
		for i, x := range places {
			w.feed(fmt.Sprintf(`{"type":"Site","id":"s%d","at":"2026-01-01T00:00:00Z","name":"S",`+
				`"location":{"lat":%v,"lng":%v%s}}`, i, x[0], x[1], says))
			real := from(geo.Point{Lat: x[0], Lng: x[1]})
			if w.says(fmt.Sprintf(`{"type":"Visit","id":"v%d","at":"2026-01-01T01:00:00Z","rep":"r",`+
				`"site":"s%d","location":[%v,%v]}`, i, i, real.Lat+80/111195.08, real.Lng),
				"Call.proof.place") == "" {
				inside++
			}
		}
		if says != "" {
			with = inside
		} else {
			without = inside
		}
	}
	return with, without
}

// Hospitals on a map in GCJ-02 and districts in BD-09 through fences: with its datum every visit
// is inside, and a datum that is forgotten rejects honest people.
func TestRealFences(t *testing.T) {
	dir := realdata.Dir(t, "cn-places")
	var hospitals, districts [][2]float64
	add := func(to *[][2]float64, lat, lng string) {
		a, err1 := strconv.ParseFloat(lat, 64)
		b, err2 := strconv.ParseFloat(lng, 64)
		if err1 == nil && err2 == nil && a != 0 {
			*to = append(*to, [2]float64{a, b})
		}
	}
	for _, r := range rowsOf(t, filepath.Join(dir, "hospitals.csv")) {
		add(&hospitals, r[6], r[7])
	}
	for i, r := range rowsOf(t, filepath.Join(dir, "cn_areas.csv")) {
		if i%5 == 0 { // a fifth is enough
			add(&districts, r[3], r[4])
		}
	}
	for _, metres := range []int{100, 500, 1000} {
		with, without := fences(t, hospitals, "gcj02", metres)
		t.Logf("%d m: hospitals %d of %d inside, %d without the datum", metres, with, len(hospitals), without)
		if with != len(hospitals) || metres == 500 && without > 0 {
			t.Errorf("%d m: %d of %d hospitals, %d without datum", metres, with, len(hospitals), without)
		}
		with, without = fences(t, districts, "bd09", metres)
		t.Logf("%d m: districts %d of %d inside, %d without the datum", metres, with, len(districts), without)
		if with != len(districts) || metres == 500 && without > len(districts)/100 {
			t.Errorf("%d m: %d of %d districts, %d without datum", metres, with, len(districts), without)
		}
	}
}

// Real short texts as notes of ten people over a fortnight through `original`: hardly anybody is
// taken for a copier, and who copies a colleague's note with one edit is found.
func TestRealNotes(t *testing.T) {
	notes := realNotes(t, 2000)
	w := newWorld(t, check(t, `
entity Team { name text }
entity Rep { name text; team Team }
event Visit { rep Rep; note text? }
action Call { on Visit; by rep; done has rep; proof { own original(note) } }
`), engine.Options{})
	w.feed(`{"type":"Team","id":"t","at":"2026-03-01T00:00:00Z","name":"T"}`)
	for i := range 10 {
		w.feed(fmt.Sprintf(`{"type":"Rep","id":"r%d","at":"2026-03-01T00:00:00Z","name":"R","team":"t"}`, i))
	}
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, shanghai)
	n := 0
	send := func(rep int, note string) bool {
		n++
		at = at.Add(8 * time.Minute)
		return w.says(fmt.Sprintf(`{"type":"Visit","id":"v%d","at":"%s","rep":"r%d","note":%s}`, n,
			at.Format(time.RFC3339), rep, strconv.Quote(note)), "Call.proof.own") == "review T0675"
	}
	wrong, missed := 0, 0
	r := rand.New(rand.NewPCG(7, 7))
	for i, note := range notes {
		if send(i%10, note) {
			wrong++
		}
		if i%20 == 19 { // somebody else's note of this very week, with a letter put in
			x := []rune(notes[i-r.IntN(15)])
			p := r.IntN(len(x))
			if !send((i+3)%10, string(x[:p])+"了"+string(x[p:])) {
				missed++
			}
		}
	}
	copies := len(notes) / 20
	t.Logf("%d honest notes: %d reviewed; %d copies with one edit: %d missed", len(notes), wrong, copies, missed)
	if wrong > len(notes)/100 || missed > copies/20 {
		t.Errorf("%d of %d honest notes reviewed, %d of %d copies missed", wrong, len(notes), missed, copies)
	}
}

// realNotes are distinct reviews long enough to tell anything.
func realNotes(t *testing.T, n int) (out []string) {
	f, err := os.Open(filepath.Join(realdata.Dir(t, "text-reviews"), "waimai_10k.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows := csv.NewReader(z)
	rows.FieldsPerRecord, rows.LazyQuotes = -1, true
	list, err := rows.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, row := range list[1:] {
		if text := strings.Join(strings.Fields(row[1]), " "); !seen[text] &&
			len(evidence.Fold(text, nil).Runes) >= 15 && len(out) < n {
			seen[text] = true
			out = append(out, text)
		}
	}
	return out
}
