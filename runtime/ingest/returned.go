package ingest

import (
	"encoding/csv"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Return writes the rows that were refused back as a table like the one that came, with the reason
// in a last column: reasons are by row of the file. The kind of file follows its name. What a
// spreadsheet would take for a formula stays a text.
func (s *Sheet) Return(w io.Writer, name, column string, reasons map[int]string) error {
	header := append(append([]string{}, s.Header...), column)
	var rows [][]string
	for _, r := range s.Rows {
		if why, ok := reasons[r.Number]; ok {
			cells := append([]string{}, r.Cells[:len(s.Header)]...)
			rows = append(rows, append(cells, why))
		}
	}
	if strings.ToLower(filepath.Ext(name)) == ".csv" {
		return returnCSV(w, header, rows)
	}
	return returnExcel(w, s.Name, header, rows)
}

// returnCSV begins with the mark by which Excel knows UTF-8.
func returnCSV(w io.Writer, header []string, rows [][]string) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	for _, cells := range append([][]string{header}, rows...) {
		for i, c := range cells {
			cells[i] = Harmless(c)
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// Harmless is a cell that no spreadsheet runs as a formula: a number is none. Wide signs begin one
// too where Chinese or Japanese is written.
func Harmless(cell string) string {
	first, _ := utf8.DecodeRuneInString(cell)
	if strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) && !digits.MatchString(cell) {
		return "'" + cell
	}
	return cell
}

// returnExcel writes every cell as a text.
func returnExcel(w io.Writer, sheet string, header []string, rows [][]string) error {
	f := excelize.NewFile()
	defer f.Close()
	if sheet != "" {
		if err := f.SetSheetName("Sheet1", sheet); err != nil {
			return err
		}
	} else {
		sheet = "Sheet1"
	}
	out, err := f.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	for y, cells := range append([][]string{header}, rows...) {
		values := make([]any, len(cells))
		for i, c := range cells {
			values[i] = c
		}
		cell, err := excelize.CoordinatesToCellName(1, y+1)
		if err != nil {
			return err
		}
		if err := out.SetRow(cell, values); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	_, err = f.WriteTo(w)
	return err
}
