package dsl

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
)

// fromFile makes the records of a file known to a test, so that an expectation can ask one of them
// what it is. A file that cannot be read is told by running the test.
func (t *tester) fromFile(name string) {
	if t.c.beside == nil {
		return
	}
	b, err := t.c.beside(name)
	if err != nil || len(b) > maxFile {
		return
	}
	if typ, ok := strings.CutSuffix(path.Base(name), ".csv"); ok {
		t.fromRows(t.recordNamed(typ), b)
		return
	}
	for line := range bytes.Lines(b) {
		var r struct{ Type, ID string }
		if json.Unmarshal(line, &r) == nil && r.ID != "" {
			t.knowFiled(r.ID, t.recordNamed(r.Type))
		}
	}
}

// fromRows does so for TYPE.csv, whose first row names the fields.
func (t *tester) fromRows(r *policy.Record, b []byte) {
	rows := csv.NewReader(bytes.NewReader(b))
	rows.FieldsPerRecord, rows.ReuseRecord, rows.LazyQuotes = -1, true, true
	head, err := rows.Read()
	id := slices.Index(head, "id")
	for err != io.EOF && id >= 0 {
		var row []string
		if row, err = rows.Read(); err == nil && id < len(row) {
			t.knowFiled(row[id], r)
		}
	}
}

func (t *tester) knowFiled(id string, r *policy.Record) {
	if _, known := t.ids[id]; !known && r != nil {
		t.ids[id] = r
	}
}

// recordNamed is the record type that a line of a file names, in the workspace's own words.
func (t *tester) recordNamed(name string) *policy.Record {
	for _, d := range t.c.decls {
		if d.record != nil && d.kind.isRecord() && d.full == name {
			return d.record
		}
	}
	if d, _ := t.c.visible(t.c.own, name); d != nil && d.kind.isRecord() {
		return d.record
	}
	return nil
}
