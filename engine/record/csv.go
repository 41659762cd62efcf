package record

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/decision"
)

// CSV reads the records of one type from a table with a header. Each row becomes the JSON line
// that means the same: that line is what goes into the log, and what decodes to the same record
// whenever it is read again.
type CSV struct {
	d      *Decoder
	sh     *shape
	rows   *csv.Reader
	raw    *tail
	cols   []column
	line   []byte
	number int
}

// column is one column of the table.
type column struct {
	name string // as a key of the record
	key  *key   // nil where the type has no such field
}

// rowKey marks a row that could not be read as a record. No field can have this name.
const rowKey = "csv-row"

// NewCSV reads the header of a table of records of one type. Columns are called as fields are in
// JSON; a blank cell is a field that is not named. It fails where no row could be a record: an
// unknown type, no header, a column that comes twice, no column for the id.
func NewCSV(d *Decoder, typeName string, r io.Reader) (*CSV, error) {
	sh := d.byName[typeName]
	if sh == nil || !sh.open {
		err := fmt.Errorf("no entity or event that takes records is called %q", typeName)
		if near := nearest(typeName, slices.Clone(d.types)); near != "" {
			err = fmt.Errorf("%w; the nearest is %q", err, near)
		}
		return nil, err
	}
	buffered := bufio.NewReader(r)
	if b, _ := buffered.Peek(3); string(b) == "\ufeff" {
		buffered.Discard(3)
	}
	c := &CSV{d: d, sh: sh, raw: &tail{r: buffered}}
	c.rows = csv.NewReader(c.raw)
	c.rows.FieldsPerRecord = -1
	c.rows.ReuseRecord = true
	header, err := c.rows.Read()
	switch {
	case err == io.EOF:
		return nil, errors.New("the file is empty: its first line must name the columns")
	case err != nil:
		return nil, fmt.Errorf("header: %w", err)
	}
	c.raw.next(c.rows.InputOffset())
	return c, c.header(header)
}

// header finds the field of every column.
func (c *CSV) header(names []string) error {
	seen := map[any]string{}
	for i, name := range names {
		if !utf8.ValidString(name) {
			return fmt.Errorf("line 1, column %d: not UTF-8; save the file as UTF-8", i+1)
		}
		name = strings.TrimSpace(name)
		col := column{name: name}
		id := any(name)
		if at, ok := c.sh.byName[name]; ok {
			col.key = &c.sh.keys[at]
			if id = any(col.key.role); col.key.role == asField {
				id = any(col.key.field)
			}
		}
		switch {
		case name == "":
			col.name = "column " + strconv.Itoa(i+1)
		case name == "type":
			col = column{name: "type (column)"} // the file's name says the type
		}
		if first, twice := seen[id]; twice && name != "" {
			return fmt.Errorf("line 1: the columns %q and %q are one field", first, name)
		}
		seen[id] = name
		c.cols = append(c.cols, col)
	}
	if _, ok := seen[asID]; !ok {
		return fmt.Errorf("line 1: no column %q among %s", "id", strings.Join(names, ", "))
	}
	return nil
}

// Next decodes the next row into r. It returns the row's JSON line, valid until the next call, and
// the number of the line it began on. A row that is no record is a rejected one. At the end of
// the table the error is io.EOF; every other error ends the reading too.
func (c *CSV) Next(def *Defaults, r *Record) (line []byte, number int, err error) {
	for {
		cells, err := c.rows.Read()
		raw := c.raw.next(c.rows.InputOffset())
		var broken *csv.ParseError
		switch {
		case err == nil && blank(cells):
			continue
		case errors.As(err, &broken):
			c.number = broken.StartLine
			code := source.RecordOpenQuote
			if broken.Err == csv.ErrBareQuote {
				code = source.RecordQuote
			}
			c.reject(raw, code, strconv.Itoa(broken.Line), strconv.Itoa(broken.Column))
		case err == io.EOF:
			return nil, c.number, err
		case err != nil:
			return nil, c.number, fmt.Errorf("after line %d: %w", c.number, err)
		default:
			c.number, _ = c.rows.FieldPos(0)
			c.row(cells, raw)
		}
		c.d.Decode(c.line, def, r)
		return c.line, c.number, nil
	}
}

func blank(cells []string) bool {
	for _, cell := range cells {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}

// row writes the JSON line of a row.
func (c *CSV) row(cells []string, raw []byte) {
	if len(cells) != len(c.cols) {
		c.reject(raw, source.RecordCells, strconv.Itoa(c.number), strconv.Itoa(len(cells)),
			strconv.Itoa(len(c.cols)))
		return
	}
	b := quote(append(c.line[:0], `{"type":`...), c.sh.rec.Full)
	for i, cell := range cells {
		if strings.TrimSpace(cell) == "" {
			continue
		}
		b = append(quote(append(b, ','), c.cols[i].name), ':')
		b = c.cell(b, c.cols[i].key, cell)
	}
	c.line = append(b, '}')
}

// reject writes the line of a row that is no record, with its bytes.
func (c *CSV) reject(raw []byte, code source.Code, args ...string) {
	b := quote(append(c.line[:0], `{"type":`...), c.sh.rec.Full)
	b = quote(append(b, `,"`+rowKey+`":{"code":`...), string(code))
	b = append(b, `,"args":[`...)
	for i, a := range args {
		if i > 0 {
			b = append(b, ',')
		}
		b = quote(b, a)
	}
	b = quote(append(b, `],"text":`...), string(bytes.TrimRight(raw, "\r\n")))
	c.line = append(b, "}}"...)
}

// broken finds what a CSV row was rejected for.
func (f *full) broken(n *node) {
	code, args := n.at("code"), n.at("args")
	if code == nil || args == nil {
		f.wrongRow(n)
		return
	}
	out := decision.Finding{Code: source.Code(code.text)}
	want := 2
	switch out.Code {
	case source.RecordCells:
		want = 3
	case source.RecordQuote, source.RecordOpenQuote:
	default:
		want = -1
	}
	if len(args.list) != want {
		f.wrongRow(n)
		return
	}
	for i := range args.list {
		out.Args = append(out.Args, args.list[i].text)
	}
	f.r.find(out)
	f.e.broken = true
}

func (f *full) wrongRow(n *node) {
	f.r.find(decision.Finding{Code: source.RecordWrongType,
		Args: []string{rowKey, clip(n.raw), "{code, args, text}"}})
}

// tail keeps the bytes of the row that is being read, and bounds how many they may be: a quote
// that is never closed would otherwise take in the rest of the file.
type tail struct {
	r    io.Reader
	buf  []byte
	base int64 // offset of buf[0]
	from int   // where the row in hand begins in buf
}

func (t *tail) Read(p []byte) (int, error) {
	if len(t.buf)-t.from > MaxLine+1<<16 {
		return 0, fmt.Errorf("a row of more than %d bytes; is a quote left open?", MaxLine)
	}
	if t.from > 1<<16 {
		n := copy(t.buf, t.buf[t.from:])
		t.base += int64(t.from)
		t.buf, t.from = t.buf[:n], 0
	}
	n, err := t.r.Read(p)
	t.buf = append(t.buf, p[:n]...)
	return n, err
}

// next returns the bytes from the row's beginning to the offset where the next one begins.
func (t *tail) next(offset int64) []byte {
	to := int(offset - t.base)
	row := t.buf[t.from:to]
	t.from = to
	return row
}
