package ingest

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"io"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/record"
)

// Rows yields the records of a sheet.
type Rows struct {
	rec     *policy.Record
	sheet   *Sheet
	targets []target
	id      []int // columns that make up the id; nil: a column is it, or the whole row is
	makesID bool
	csv     *record.CSV
	numbers []int // of the rows that were handed on and not asked for yet

	next int
	out  bytes.Buffer
	to   *csv.Writer
}

// NewRows reads a sheet's rows as records. The error is a *Fault.
func NewRows(p *policy.Policy, d *record.Decoder, s *Sheet, m *Mapping) (*Rows, error) {
	rec, targets, err := m.plan(p, s)
	if err != nil {
		return nil, err
	}
	r := &Rows{rec: rec, sheet: s, targets: targets, makesID: true}
	r.to = csv.NewWriter(&r.out)
	var header []string
	for _, t := range targets {
		header = append(header, t.name)
		r.makesID = r.makesID && t.name != "id"
	}
	if r.makesID {
		header = append(header, "id")
	}
	for _, from := range m.ID {
		r.id = append(r.id, s.column(from))
	}
	r.write(header)
	if r.csv, err = record.NewCSV(d, rec.Full, r); err != nil {
		return nil, err
	}
	return r, nil
}

// Next decodes the next row into rec. It returns the JSON line that goes into the log, valid until
// the next call, and the row's number in the file. At the end the error is io.EOF.
func (r *Rows) Next(def *record.Defaults, rec *record.Record) (line []byte, number int, err error) {
	line, _, err = r.csv.Next(def, rec)
	if err != nil {
		return nil, 0, err
	}
	number, r.numbers = r.numbers[0], r.numbers[1:]
	return line, number, nil
}

// Read hands on the rows as a table whose columns are called as the fields are.
func (r *Rows) Read(p []byte) (int, error) {
	for r.out.Len() == 0 {
		if r.next == len(r.sheet.Rows) {
			return 0, io.EOF
		}
		row := &r.sheet.Rows[r.next]
		r.next++
		if cells := r.cells(row); cells != nil {
			r.numbers = append(r.numbers, row.Number)
			r.write(cells)
		}
	}
	return r.out.Read(p)
}

func (r *Rows) write(cells []string) {
	_ = r.to.Write(cells) // into memory
	r.to.Flush()
}

// cells are a row's values in the order of the targets; nil: it says nothing.
func (r *Rows) cells(row *Row) []string {
	var out []string
	says := false
	for i := range r.targets {
		t := &r.targets[i]
		if t.at < 0 {
			out = append(out, t.constant)
			continue
		}
		c := t.clean.of(row.Cells[t.at])
		says = says || c != ""
		out = append(out, c)
	}
	if !says {
		return nil
	}
	if r.makesID {
		out = append(out, r.idOf(row))
	}
	return out
}

// idOf makes an id of the columns that make it up, or of the whole row: the same row has the same
// one whenever it comes, so that a table that is taken in twice changes nothing.
func (r *Rows) idOf(row *Row) string {
	if r.id != nil {
		var parts []string
		for _, at := range r.id {
			parts = append(parts, row.Cells[at])
		}
		return strings.Join(parts, "-")
	}
	h := sha256.New()
	for i, name := range r.sheet.Header {
		if row.Cells[i] != "" {
			io.WriteString(h, name+"\x00"+row.Cells[i]+"\x00")
		}
	}
	return "row-" + hex.EncodeToString(h.Sum(nil)[:10])
}
