package ingest

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// readCSV reads comma, semicolon, tab or bar separated text in UTF-8, UTF-16 with its mark, or
// GB 18030, which is what Excel writes on a Chinese machine.
func readCSV(name string, data []byte) ([]Row, error) {
	text, err := decoded(data)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = delimiter(text)
	if strings.Count(text, string(r.Comma)) > mostCells {
		return nil, tooWide(name)
	}
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	var rows []Row
	for {
		cells, err := r.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return rows, nil
		case errors.As(err, &broken):
			return nil, &Fault{OpenQuote, []string{strconv.Itoa(broken.StartLine)}}
		case err != nil:
			return nil, err
		case len(rows) == mostRows:
			return nil, tooLong(name)
		}
		number, _ := r.FieldPos(0)
		rows = append(rows, Row{number, cells})
	}
}

// decoded is the text in UTF-8, without its mark.
func decoded(data []byte) (string, error) {
	var from encoding.Encoding
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		from = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)
	case utf8.Valid(data):
		return strings.TrimPrefix(string(data), "\ufeff"), nil
	default:
		from = simplifiedchinese.GB18030
	}
	out, err := from.NewDecoder().Bytes(data)
	if at := bytes.IndexRune(out, utf8.RuneError); err != nil || at >= 0 {
		line := 1 + bytes.Count(out[:max(at, 0)], []byte{'\n'})
		return "", &Fault{NotText, []string{strconv.Itoa(line)}}
	}
	return string(out), nil
}

// delimiter is the sign that stands, outside quotes, in most of the first lines, and most often in
// each: a title over the table may have none.
func delimiter(text string) rune {
	best, lines, most := ',', 0, 0
	for _, d := range ",\t;|，" {
		in, least, seen := 0, 0, 0
		for line := range strings.Lines(text) {
			if strings.TrimSpace(line) == "" {
				continue
			}
			if n := outside(line, d); n > 0 && (in == 0 || n < least) {
				in, least = in+1, n
			} else if n > 0 {
				in++
			}
			if seen++; seen == 6 {
				break
			}
		}
		if in > lines || in == lines && least > most {
			best, lines, most = d, in, least
		}
	}
	return best
}

// outside counts a sign outside quotes.
func outside(line string, d rune) (n int) {
	quoted := false
	for _, r := range line {
		switch {
		case r == '"':
			quoted = !quoted
		case r == d && !quoted:
			n++
		}
	}
	return n
}
