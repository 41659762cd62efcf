package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/internal/plural"
	"github.com/throughline/throughline/runtime/ingest"
)

// A mappedTable is a file of records that a mapping is needed for.
type mappedTable struct {
	name    int32 // index into the names
	sheet   *ingest.Sheet
	rows    *ingest.Rows
	reasons map[int]string // why rows were rejected, by their number
}

// isTable knows the files that a mapping can be for.
func isTable(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv", ".tsv", ".txt", ".xlsx", ".xlsm":
		return true
	}
	return false
}

// mapped reads the tables among the names and their mappings.
func (in *intake) mapped(p *policy.Policy, o *origin) error {
	if len(o.maps) == 0 {
		return nil
	}
	var tables []int32
	for i, name := range o.names {
		if isTable(name) {
			tables = append(tables, int32(i))
		}
	}
	if len(o.maps) != 1 && len(o.maps) != len(tables) || len(tables) == 0 {
		return usageError{plural.Errorf(in.app.say(
			"%d mapping{|s} for %d table{|s}: one for each, or one for all",
			"%d 个映射对 %d 个表格：应每个表格一个，或共用一个"), len(o.maps), len(tables))}
	}
	for k, n := range tables {
		m, err := in.app.mapping(o.maps[min(k, len(o.maps)-1)])
		if err != nil {
			return err
		}
		t := mappedTable{name: n, reasons: map[int]string{}}
		t.sheet, err = in.app.sheet(o.names[n], ingest.Options{Sheet: m.Sheet, Header: m.Header})
		if err != nil {
			return err
		}
		if t.rows, err = ingest.NewRows(p, in.decoder, t.sheet, m); err != nil {
			return in.app.faulty(o.names[n], err)
		}
		in.tables = append(in.tables, t)
	}
	return nil
}

// mapping reads a mapping's file.
func (a *app) mapping(name string) (*ingest.Mapping, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	m, err := ingest.ReadMapping(string(text))
	return m, a.faulty(name, err)
}

// sheet reads a table's file.
func (a *app) sheet(name string, o ingest.Options) (*ingest.Sheet, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	s, err := ingest.Read(name, data, o)
	return s, a.faulty(name, err)
}

// faulty says in which file something is wrong, in the language of the caller.
func (a *app) faulty(name string, err error) error {
	var f *ingest.Fault
	if errors.As(err, &f) {
		if len(f.Args) > 0 && f.Args[0] == name { // it says so itself
			return errors.New(f.In(a.lang.String()))
		}
		return fmt.Errorf(a.say("%s: %s", "%s：%s"), name, f.In(a.lang.String()))
	}
	return err
}

// tableOf is the table that a name is; nil: it is none.
func (in *intake) tableOf(n int32) *mappedTable {
	for i := range in.tables {
		if in.tables[i].name == n {
			return &in.tables[i]
		}
	}
	return nil
}

// rows takes the rows of a table.
func (in *intake) rows(n int32, t *mappedTable) error {
	for {
		line, number, err := t.rows.Next(nil, &in.rec)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", in.names[n], err)
		}
		in.add(n, int32(number), bytes.Clone(line))
	}
}

// refused notes why a row of a table was rejected.
func (in *intake) refused(x *arrival, why string) {
	if t := in.tableOf(x.file); t != nil {
		t.reasons[int(x.line)] = why
	}
}

// returnable says whether rejected rows can be sent back: before anything is run.
func (in *intake) returnable(to string) error {
	switch ext := strings.ToLower(filepath.Ext(to)); {
	case to == "":
	case len(in.tables) != 1:
		return usageError{errors.New(in.app.say("--returned is for one table with its --map",
			"--returned 用于一个带 --map 的表格"))}
	case ext != ".csv" && ext != ".xlsx":
		return usageError{fmt.Errorf(in.app.say("--returned is an .xlsx or .csv file, not %s",
			"--returned 应为 .xlsx 或 .csv 文件，而不是 %s"), to)}
	}
	return nil
}

// sendBack writes the rejected rows of the table, if there are any.
func (in *intake) sendBack(to string) error {
	if to == "" || len(in.tables[0].reasons) == 0 {
		return nil
	}
	t := &in.tables[0]
	var b bytes.Buffer
	if err := t.sheet.Return(&b, to, in.app.say("Reason", "原因"), t.reasons); err != nil {
		return err
	}
	return os.WriteFile(to, b.Bytes(), 0o666)
}
