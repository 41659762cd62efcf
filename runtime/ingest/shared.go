package ingest

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
)

// mostColumns is how many cells a row may have, as Excel has it.
const mostColumns = 16_384

// bounded refuses a worksheet of which one row may be more than a whole one should be: the library
// makes a row before its cells can be counted, and cells may share a text that the file has once.
func (b *book) bounded() error {
	size := b.longest()
	if size*mostColumns > mostUnpacked && size*b.widest() > mostUnpacked {
		return tooLarge(b.sheet)
	}
	return nil
}

// longest is the longest text that cells share, in bytes. What cannot be read is told by whoever
// reads the cells.
func (b *book) longest() (most int) {
	z, err := zip.NewReader(bytes.NewReader(b.data), int64(len(b.data)))
	if err != nil {
		return 0
	}
	n := 0
	b.eachToken(opened(z, "xl/sharedStrings.xml"), func(t xml.Token) {
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "si" {
				n = 0
			}
		case xml.CharData:
			n += len(t)
			most = max(most, n)
		}
	})
	return most
}

// widest is how many cells the row with most of them has.
func (b *book) widest() (most int) {
	n := 0
	b.eachToken(b.part(), func(t xml.Token) {
		if t, ok := t.(xml.StartElement); ok {
			switch t.Name.Local {
			case "row":
				n = 0
			case "c":
				n++
				most = max(most, n)
			}
		}
	})
	return most
}

// eachToken calls f with the tokens of a part of the workbook, as far as it can be read.
func (b *book) eachToken(part io.ReadCloser, f func(xml.Token)) {
	if part == nil {
		return
	}
	defer func() { _ = part.Close() }() // it is only read
	d := xml.NewDecoder(io.LimitReader(part, mostUnpacked))
	d.CharsetReader = b.f.CharsetReader
	for {
		t, err := d.RawToken()
		if err != nil {
			return
		}
		f(t)
	}
}
