package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/runtime/files"
	"github.com/throughline/throughline/runtime/media"
)

// An arrival is one line of the records' files, at the moment at which it counts as received.
type arrival struct {
	received int64
	file     int32 // index into the names
	line     int32
	text     []byte
}

// intake reads records in the order in which a batch run takes them: by received, file and line.
type intake struct {
	app     *app
	decoder *record.Decoder
	names   []string
	list    []arrival
	rec     record.Record
	files   *media.Folder // nil: files are as the records tell
	told    int           // remarks on files that were told one by one
	tables  []mappedTable // of the names that are tables with a mapping
}

// recordsOf reads whole files, so that nothing is run where one of them cannot be read.
func (a *app) recordsOf(p *policy.Policy, names []string) (*intake, error) {
	return a.recordsFrom(p, &origin{names: names})
}

// origin is where records come from.
type origin struct {
	names []string
	files string   // a folder of the files that records name: measured before they are records
	maps  []string // mappings of the names that are tables: one each, or one for all
}

// recordsFrom is recordsOf with files and mappings.
func (a *app) recordsFrom(p *policy.Policy, o *origin) (*intake, error) {
	names := o.names
	zone, err := calendar.Zone(p.Settings.Timezone)
	if err != nil {
		return nil, err
	}
	in := &intake{app: a, decoder: record.NewDecoder(p, zone), names: names}
	if o.files != "" {
		if in.files, err = media.Open(o.files, media.Options{Zone: zone}); err != nil {
			return nil, err
		}
		defer in.files.Close()
	}
	if err := in.mapped(p, o); err != nil {
		return nil, err
	}
	for i, name := range names {
		from := len(in.list)
		if err := in.file(int32(i), name); err != nil {
			return nil, err
		}
		in.undated(from)
	}
	slices.SortStableFunc(in.list, func(x, y arrival) int {
		switch {
		case x.received < y.received:
			return -1
		case x.received > y.received:
			return 1
		}
		return 0
	})
	return in, nil
}

// undated puts lines that say no moment right behind the line before them, and the first ones of a
// file before the first line that does.
func (in *intake) undated(from int) {
	list := in.list[from:]
	last := int64(0)
	for i := range list {
		if last = list[i].received; last != 0 {
			break
		}
	}
	for i := range list {
		if list[i].received == 0 {
			list[i].received = last
		}
		last = list[i].received
	}
}

// where is the place of a line, as in an error.
func (in *intake) where(x *arrival) string {
	name := in.names[x.file]
	if name == "-" {
		name = in.app.say("standard input", "标准输入")
	}
	return fmt.Sprintf("%s:%d", name, x.line)
}

func (in *intake) file(n int32, name string) error {
	switch ext := strings.ToLower(filepath.Ext(name)); {
	case in.tableOf(n) != nil:
		return in.rows(n, in.tableOf(n))
	case name == "-":
		text, err := io.ReadAll(in.app.in)
		if err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
		in.lines(n, text)
		return nil
	case ext == ".csv":
		return in.table(n, name)
	case ext == ".ndjson", ext == ".jsonl":
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		in.lines(n, text)
		return nil
	}
	return usageError{fmt.Errorf(in.app.say(
		"records come from .ndjson, TYPE.csv or - (standard input), not from %[1]s; a table becomes "+
			"records by a mapping: thru map DIR %[1]s",
		"记录来自 .ndjson、TYPE.csv 或 -（标准输入），而不是 %[1]s；表格要有映射才能成为记录：thru map DIR %[1]s"), name)}
}

// lines takes every line that is not blank, whatever is on it: a line that is no record is an
// entry as well.
func (in *intake) lines(n int32, text []byte) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	for number := int32(1); len(text) > 0; number++ {
		line, rest, _ := bytes.Cut(text, []byte{'\n'})
		text = rest
		line = bytes.TrimSuffix(line, []byte{'\r'})
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		in.decoder.Decode(line, nil, &in.rec)
		in.add(n, number, line)
	}
}

func (in *intake) add(n, number int32, line []byte) {
	if in.files != nil {
		line = in.measured(&arrival{file: n, line: number, text: line})
	}
	in.list = append(in.list, arrival{in.rec.Received, n, number, line})
}

// measured is a line with what its files' bytes say; what cannot be measured is told.
func (in *intake) measured(x *arrival) []byte {
	line, remarks := in.files.Fill(x.text, files.Kinds(in.decoder))
	for _, r := range remarks {
		if in.told++; in.told > most {
			break
		}
		text := in.app.say("%s: %s: there is no file %q\n", "%s：%s：没有文件 %q\n")
		switch r.What {
		case media.Refused:
			text = in.app.say("%s: %s: the file %q is too large or cannot be read\n",
				"%s：%s：文件 %q 过大或无法读取\n")
		case media.Other:
			text = in.app.say("%s: %s: the file %q has other bytes than the record says\n",
				"%s：%s：文件 %q 的内容与记录所述不符\n")
		}
		fmt.Fprintf(in.app.err, text, in.where(x), r.Key, r.Name)
	}
	return line
}

// table takes the rows of TYPE.csv.
func (in *intake) table(n int32, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	base := filepath.Base(name)
	rows, err := record.NewCSV(in.decoder, strings.TrimSuffix(base, filepath.Ext(base)), f)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	for {
		line, number, err := rows.Next(nil, &in.rec)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		in.add(n, int32(number), bytes.Clone(line))
	}
}

// first is a moment at which a policy may begin: that of the first record that has one, and never
// one that the clock has not reached, since such a record is rejected.
func (in *intake) first(virtual bool) (int64, bool) {
	if len(in.list) == 0 {
		return 0, false
	}
	at, now := int64(0), time.Now().UnixMicro()
	if i := slices.IndexFunc(in.list, func(x arrival) bool { return x.received != 0 }); i >= 0 {
		at = in.list[i].received
	}
	if at == 0 || !virtual && at > now {
		at = now
	}
	return at, true
}
