package ingest

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// What one table may be at most.
const (
	mostBytes = 64 << 20
	mostRows  = 1_000_000
	mostCells = 10_000_000 // blank ones too: few bytes say many
)

func tooLong(table string) *Fault {
	return &Fault{TooLong, []string{table, strconv.Itoa(mostRows)}}
}

func tooWide(table string) *Fault {
	return &Fault{TooWide, []string{table, strconv.Itoa(mostCells)}}
}

// headerWithin is how many rows from the top are looked at for the header.
const headerWithin = 20

// Sheet is a table as it came: the names of its columns and its rows as texts.
type Sheet struct {
	File   string
	Name   string // of the worksheet; "" for CSV
	Header []string
	At     int // the row of the file that is the header, from 1
	Rows   []Row
}

// Row is one row that is not blank. It has as many cells as the header.
type Row struct {
	Number int // in the file, from 1
	Cells  []string
}

// Options say what of a file is the table.
type Options struct {
	Sheet  string // the worksheet; "": the first that is not hidden
	Header int    // the row of the header, from 1; 0: it is looked for
}

// Read reads a table. A row above the header is left out: the title of a report, say. Excel's dates
// become 2006-01-02 or 2006-01-02T15:04:05, and every cell of merged ones has their value. The
// error is a *Fault.
func Read(name string, data []byte, o Options) (*Sheet, error) {
	if len(data) > mostBytes {
		return nil, &Fault{TooLarge, []string{name, strconv.Itoa(mostBytes>>20) + " MB"}}
	}
	var rows []Row
	var err error
	s := &Sheet{File: name}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv", ".tsv", ".txt":
		rows, err = readCSV(name, data)
	case ".xlsx", ".xlsm":
		s.Name, rows, err = readExcel(name, data, o.Sheet)
	default:
		err = Unread(name)
	}
	if err == nil && !slices.ContainsFunc(rows, func(r Row) bool { return filled(r.Cells) > 0 }) {
		err = &Fault{Blank, []string{name}}
	}
	if err != nil {
		return nil, err
	}
	return s, s.take(rows, o.Header)
}

// Unread is why a file is not read whose name ends like that of no table.
func Unread(name string) *Fault {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".xls", ".et":
		return &Fault{Locked, []string{name}}
	}
	return &Fault{NoTable, []string{name}}
}

// take finds the header and keeps the rows below it.
func (s *Sheet) take(rows []Row, header int) error {
	at := -1
	for i := range rows {
		found := rows[i].Number == header
		if header == 0 {
			found = i < headerWithin && isHeader(rows, i)
		}
		if found {
			at = i
			break
		}
	}
	if at < 0 {
		return &Fault{NoHeader, []string{strconv.Itoa(headerWithin)}}
	}
	s.At = rows[at].Number
	for _, name := range rows[at].Cells {
		s.Header = append(s.Header, strings.Join(strings.Fields(name), " "))
	}
	for len(s.Header) > 0 && s.Header[len(s.Header)-1] == "" {
		s.Header = s.Header[:len(s.Header)-1]
	}
	if len(s.Header)*len(rows) > mostCells {
		return tooWide(s.File)
	}
	for _, r := range rows[at+1:] {
		cells := make([]string, max(len(s.Header), len(r.Cells)))
		for i, c := range r.Cells {
			cells[i] = strings.TrimFunc(c, isSpace)
		}
		if filled(cells) > 0 {
			s.Rows = append(s.Rows, Row{r.Number, cells})
		}
	}
	return nil
}

func isSpace(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' }

// isHeader: names stand in at least half as many cells as the widest row near it has, and at least
// two (or all of a table of one column); none of them is a number. Of two columns of one name the
// first is meant.
func isHeader(rows []Row, at int) bool {
	widest := 0
	for _, r := range rows[at:min(at+headerWithin, len(rows))] {
		widest = max(widest, filled(r.Cells))
	}
	n := 0
	for _, c := range rows[at].Cells {
		c = strings.TrimFunc(c, isSpace)
		if c == "" {
			continue
		}
		if isNumber(c) {
			return false
		}
		n++
	}
	return n > 0 && 2*n > widest && (n > 1 || widest == 1)
}

func filled(cells []string) (n int) {
	for _, c := range cells {
		if strings.TrimFunc(c, isSpace) != "" {
			n++
		}
	}
	return n
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", ""), 64)
	return err == nil
}

// column is the place of a column, -1 where there is none of that name.
func (s *Sheet) column(name string) int {
	name = strings.Join(strings.Fields(name), " ")
	for i, h := range s.Header {
		if h == name {
			return i
		}
	}
	return -1
}
