package trial

import (
	"bytes"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
)

// givenFile takes in a file's records; each must be accepted.
func (r *run) givenFile(s *policy.Step) bool {
	lines, err := r.lines(s.File)
	if err != nil {
		r.fail(s.Span, r.say.noFile, s.File, err)
		return false
	}
	for i, line := range lines {
		d := r.apply(line, &record.Defaults{At: r.clock, HasAt: true})
		if d == nil || d.Outcome != decision.Accepted && d.Outcome != decision.Duplicate {
			r.fail(s.Span, r.say.notGiven, s.File+":"+strconv.Itoa(i+1), r.outcome(d))
			return false
		}
	}
	return true
}

// lines are the records of a file as JSON: the lines of NDJSON, or the rows of TYPE.csv.
func (r *run) lines(name string) ([][]byte, error) {
	if r.opts.Read == nil {
		return nil, errors.New(r.say.noFiles)
	}
	b, err := r.opts.Read(name)
	if err != nil {
		return nil, err
	}
	if typ, ok := strings.CutSuffix(path.Base(name), ".csv"); ok {
		return r.rows(typ, b)
	}
	var out [][]byte
	for line := range bytes.Lines(b) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			out = append(out, line)
		}
	}
	return out, nil
}

func (r *run) rows(typ string, b []byte) ([][]byte, error) {
	table, err := record.NewCSV(r.decoder, typ, bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	var out [][]byte
	var rec record.Record
	for {
		line, _, err := table.Next(nil, &rec)
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, bytes.Clone(line))
	}
}
