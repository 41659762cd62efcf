package ingest

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
)

// Report is what taking a table in would do.
type Report struct {
	Type     string    `json:"type"`
	Rows     int       `json:"rows"`
	New      int       `json:"new"`     // records of ids not seen before
	Update   int       `json:"update"`  // entities that are there, and events that would be duplicates
	Again    int       `json:"again"`   // rows with the id of a row above
	Refused  int       `json:"refused"` // rows that are no record
	Problems []Problem `json:"problems"`
}

// Problem is one cause and the rows that have it.
type Problem struct {
	Code     string    `json:"code"`
	Field    string    `json:"field,omitempty"`
	Refuses  bool      `json:"refuses"` // else only a remark
	Count    int       `json:"count"`
	Examples []Example `json:"examples"`
}

// Example is one row that has a problem.
type Example struct {
	Row  int    `json:"row"` // in the file
	Text string `json:"text"`
}

// mostExamples is how many rows are shown of one problem.
const mostExamples = 10

// Try decodes all rows and groups what is wrong with them, most rows first. Known says which
// records there are; nil: none. What only shows in the engine (a duplicate event, a stage that may
// not be entered) is told when the rows are taken in.
func (r *Rows) Try(
	p *policy.Policy, lang string, known func(typ, id string) bool,
) (*Report, error) {
	out := &Report{Type: r.rec.Full, Problems: []Problem{}}
	c := causes{out, NewTeller(p, decision.Options{Lang: lang}), map[[2]string]int{}}
	seen := map[string]bool{}
	var rec record.Record
	for {
		_, number, err := r.Next(nil, &rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		out.Rows++
		for i := range rec.Findings {
			c.note(&rec.Findings[i], number, false)
		}
		switch {
		case rec.Reject != nil:
			out.Refused++
			c.note(rec.Reject, number, true)
			continue
		case seen[rec.ID]:
			out.Again++
		case known != nil && known(rec.Type.Full, rec.ID):
			out.Update++
		default:
			out.New++
		}
		seen[strings.Clone(rec.ID)] = true // the decoder uses its memory again
	}
	slices.SortStableFunc(out.Problems, func(a, b Problem) int { return b.Count - a.Count })
	return out, nil
}

// causes groups findings by their code and field.
type causes struct {
	to *Report
	t  *Teller
	at map[[2]string]int
}

func (c *causes) note(f *decision.Finding, row int, refuses bool) {
	field := ""
	if f.Field != nil {
		field = f.Field.Name
	}
	key := [2]string{string(f.Code), field}
	at, ok := c.at[key]
	if !ok {
		at = len(c.to.Problems)
		c.at[key] = at
		c.to.Problems = append(c.to.Problems,
			Problem{Code: string(f.Code), Field: field, Refuses: refuses})
	}
	p := &c.to.Problems[at]
	if p.Count++; len(p.Examples) < mostExamples {
		p.Examples = append(p.Examples, Example{row, c.t.Told(f)})
	}
}
