package ingest

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// What a workbook may be unpacked. Its parts say how large they are; more than that is not read.
const (
	mostUnpacked = 512 << 20
	mostXML      = 16 << 20 // of one worksheet kept in memory; more goes through a file
)

// oldMark begins files of the old form, and workbooks under a password.
const oldMark = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// readExcel reads one worksheet: the one asked for, else the first that can be seen.
func readExcel(name string, data []byte, sheet string) (string, []Row, error) {
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: mostUnpacked, UnzipXMLSizeLimit: mostXML})
	switch {
	case err != nil && bytes.HasPrefix(data, []byte(oldMark)):
		return "", nil, &Fault{Locked, []string{name}}
	case err != nil && strings.Contains(err.Error(), "unzip size exceeds"):
		return "", nil, tooLarge(name)
	case err != nil:
		return "", nil, &Fault{Damaged, []string{name}}
	}
	defer f.Close()
	names := f.GetSheetList()
	if sheet == "" {
		for _, n := range names {
			if seen, err := f.GetSheetVisible(n); err == nil && seen {
				sheet = n
				break
			}
		}
	}
	if i, err := f.GetSheetIndex(sheet); err != nil || i < 0 {
		return "", nil, &Fault{NoSheet, []string{sheet, strings.Join(names, ", ")}}
	}
	b := &book{f: f, data: data, sheet: sheet, forms: map[int]string{}}
	if p, err := f.GetWorkbookProps(); err == nil && p.Date1904 != nil {
		b.from1904 = *p.Date1904
	}
	rows, err := b.rows()
	if err != nil && rows == nil {
		return "", nil, &Fault{Damaged, []string{name}}
	}
	return sheet, rows, err
}

// book reads cells of one worksheet.
type book struct {
	f        *excelize.File
	data     []byte // of the file
	sheet    string
	from1904 bool
	forms    map[int]string // of styles: the layout of its dates, "" where it has none
	text     int            // bytes of all cells: many may be one text that the file has once
}

func (b *book) rows() ([]Row, error) {
	if err := b.bounded(); err != nil {
		return []Row{}, err
	}
	rows, err := b.texts()
	if err != nil {
		return rows, err
	}
	for y, r := range rows {
		for x, c := range r.Cells {
			if serial, err := strconv.ParseFloat(c, 64); err == nil {
				r.Cells[x] = b.dated(x+1, y+1, serial, c)
			}
		}
	}
	return rows, b.merged(rows)
}

// texts reads the cells as they stand there. A cell far to the right makes all before it, so they
// are counted before anything else looks at the worksheet, which keeps much more of each.
func (b *book) texts() ([]Row, error) {
	all, err := b.f.Rows(b.sheet)
	if err != nil {
		return nil, err
	}
	defer all.Close()
	rows, held := []Row{}, 0
	for n := 1; all.Next(); n++ {
		cells, err := all.Columns()
		for _, c := range cells {
			b.text += len(c)
		}
		switch held += len(cells); {
		case err != nil:
			return nil, err
		case len(cells) == 0:
			continue
		case n > mostRows:
			return rows, tooLong(b.sheet)
		case held > mostCells:
			return rows, tooWide(b.sheet)
		case b.text > mostUnpacked:
			return rows, tooLarge(b.sheet)
		}
		for len(rows) < n-1 {
			rows = append(rows, Row{Number: len(rows) + 1})
		}
		rows = append(rows, Row{n, cells})
	}
	if err := all.Error(); err != nil {
		return nil, err
	}
	return rows, nil
}

func tooLarge(name string) *Fault {
	return &Fault{TooLarge, []string{name, strconv.Itoa(mostUnpacked>>20) + " MB"}}
}

// lastDay is the last that Excel shows, 9999-12-31; a number beyond it, as 20260302, is none.
const lastDay = 2_958_466

// dated is a number that is shown as a date, as text; any other as it is.
func (b *book) dated(x, y int, serial float64, text string) string {
	cell, err := excelize.CoordinatesToCellName(x, y)
	if err != nil {
		return text
	}
	style, err := b.f.GetCellStyle(b.sheet, cell)
	if err != nil || style == 0 {
		return text
	}
	form, known := b.forms[style]
	if !known {
		if s, err := b.f.GetStyle(style); err == nil {
			form = layout(s)
		}
		b.forms[style] = form
	}
	if form == "" {
		return text
	}
	if form == elapsed {
		return spanned(serial, text)
	}
	if !(serial < lastDay) {
		return text
	}
	t, err := excelize.ExcelDateToTime(serial, b.from1904)
	if err != nil {
		return text
	}
	return t.Round(time.Second).Format(form)
}

// layout is how a moment under a style is written: with its date, its time, or both.
func layout(s *excelize.Style) string {
	code := ""
	if s.CustomNumFmt != nil {
		code = *s.CustomNumFmt
	}
	date, clock := false, false
	switch n := s.NumFmt; {
	case code != "" && strings.Contains(strings.ToLower(code), "[h]"), n >= 45 && n <= 47:
		return elapsed
	case code != "":
		date, clock = shows(code)
	case n == 22:
		date, clock = true, true
	case n >= 14 && n <= 17, n >= 27 && n <= 31, n == 36, n >= 50 && n <= 54, n >= 57 && n <= 58:
		date = true
	case n >= 18 && n <= 21, n >= 32 && n <= 35, n >= 55 && n <= 56:
		clock = true
	}
	switch {
	case date && clock:
		return "2006-01-02T15:04:05"
	case date:
		return "2006-01-02"
	case clock:
		return "15:04:05"
	}
	return ""
}

// elapsed is the layout of lengths of time, which may be longer than a day.
const elapsed = "h:mm:ss"

// spanned is a number of days as hours, minutes and seconds.
func spanned(days float64, text string) string {
	seconds := math.Round(days * 86400)
	if seconds < 0 || seconds > math.MaxInt32 {
		return text
	}
	n := int(seconds)
	return fmt.Sprintf("%d:%02d:%02d", n/3600, n/60%60, n%60)
}

// shows reads a number format: whether it shows a date, and a time of day. Texts in quotes, colours
// and languages in brackets say nothing.
func shows(code string) (date, clock bool) {
	code, _, _ = strings.Cut(strings.ToLower(code), ";")
	var b strings.Builder
	quoted, bracket := false, false
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\\':
			i++
		case c == '[':
			bracket = true
		case c == ']':
			bracket = false
		case !bracket:
			b.WriteByte(c)
		}
	}
	plain := strings.ReplaceAll(b.String(), "general", "")
	return strings.ContainsAny(plain, "yd"), strings.ContainsAny(plain, "hs")
}
