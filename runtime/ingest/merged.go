package ingest

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// merged gives all cells of merged ones their value.
func (b *book) merged(rows []Row) error {
	widest, held := 0, 0
	full := make([]int, len(rows)) // before anything is filled in
	for i, r := range rows {
		widest = max(widest, len(r.Cells))
		held += len(r.Cells)
		full[i] = filled(r.Cells)
	}
	return b.spans(func(ref string) error {
		from, to, _ := strings.Cut(ref, ":")
		x0, y0, err0 := excelize.CellNameToCoordinates(from)
		x1, y1, err1 := excelize.CellNameToCoordinates(to)
		if err0 != nil || err1 != nil || y0 > len(rows) || x0 > len(rows[y0-1].Cells) {
			return nil
		}
		x1, y1 = min(x1, widest), min(y1, len(rows))
		if x1 > x0 && full[y0-1] == 1 {
			return nil // a title over the table
		}
		value := rows[y0-1].Cells[x0-1]
		many := max(1, (x1-x0+1)*(y1-y0+1))
		if held += many; held > mostCells {
			return tooWide(b.sheet)
		}
		if b.text += many * len(value); b.text > mostUnpacked {
			return tooLarge(b.sheet)
		}
		for y := y0; y <= y1; y++ {
			r := &rows[y-1]
			for len(r.Cells) < x1 {
				r.Cells = append(r.Cells, "")
			}
			for x := x0; x <= x1; x++ {
				r.Cells[x-1] = value
			}
		}
		return nil
	})
}

// spans tells the ranges of merged cells as the worksheet has them. The library would hold each
// against each first. What cannot be read is not merged; the error is each's.
func (b *book) spans(each func(ref string) error) error {
	part := b.part()
	if part == nil {
		return nil
	}
	defer func() { _ = part.Close() }() // it is only read
	in := bufio.NewReader(io.LimitReader(part, mostUnpacked))
	for {
		if _, err := in.ReadSlice('<'); errors.Is(err, bufio.ErrBufferFull) {
			continue
		} else if err != nil {
			return nil
		}
		tag, err := in.ReadSlice('>')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil
		}
		if m := mergeTag.FindSubmatch(tag); m != nil {
			if err := each(string(m[1])); err != nil {
				return err
			}
		}
	}
}

// mergeTag is a range of merged cells.
var mergeTag = regexp.MustCompile(
	`^(?:\w+:)?mergeCell\s[^>]*?\bref\s*=\s*["']([A-Za-z]+[0-9]+:[A-Za-z]+[0-9]+)["']`)

// part is the file of the worksheet within the workbook; nil: it is not found.
func (b *book) part() io.ReadCloser {
	z, err := zip.NewReader(bytes.NewReader(b.data), int64(len(b.data)))
	if err != nil || b.f.WorkBook == nil {
		return nil
	}
	id := ""
	for _, s := range b.f.WorkBook.Sheets.Sheet {
		if strings.EqualFold(s.Name, b.sheet) {
			id = s.ID
		}
	}
	rels := opened(z, "xl/_rels/workbook.xml.rels")
	if rels == nil {
		return nil
	}
	defer func() { _ = rels.Close() }() // it is only read
	var list struct {
		All []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:",attr"`
		} `xml:"Relationship"`
	}
	if xml.NewDecoder(io.LimitReader(rels, mostXML)).Decode(&list) != nil {
		return nil
	}
	for _, r := range list.All {
		switch {
		case r.ID != id:
		case strings.HasPrefix(r.Target, "/"):
			return opened(z, r.Target[1:])
		default:
			return opened(z, path.Join("xl", r.Target))
		}
	}
	return nil
}

// opened is a file of an archive, whatever the case of its name; of several the last, as the
// library has it. nil: there is none.
func opened(z *zip.Reader, name string) io.ReadCloser {
	for _, f := range slices.Backward(z.File) {
		if strings.EqualFold(strings.ReplaceAll(f.Name, "\\", "/"), name) {
			if in, err := f.Open(); err == nil {
				return in
			}
		}
	}
	return nil
}
