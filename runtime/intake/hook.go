package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ingest"
)

// A Hook says how what another system sends becomes records: by a mapping whose columns are paths
// into its JSON, as data.customer.phone or items[0].sku.
type Hook struct {
	Name    string `json:"name"`
	Mapping string `json:"mapping" doc:"Name of one that is kept; its columns are paths, as data.phone"`
	Rows    string `json:"rows,omitempty" doc:"Path to a list of which each element is a record; none: all of it is one"`
}

// A Delivery is what another system sends at once.
type Delivery struct {
	ID   string
	Body []byte
}

// Heard is what became of a delivery.
type Heard struct {
	Records []HeardRecord `json:"records" doc:"In order"`
	Again   bool          `json:"again,omitempty" doc:"It was here already: nothing was done"`
}

// HeardRecord is what became of one record of a delivery.
type HeardRecord struct {
	Seq     uint64 `json:"seq"`
	ID      string `json:"id"`
	Outcome string `json:"outcome"`
	Why     string `json:"why,omitempty"`
}

// mostOfDelivery is how many records one delivery may bring.
const mostOfDelivery = 1000

// ErrDelivery says that a delivery is no JSON, or brings too much.
var ErrDelivery = errors.New("a delivery is JSON, and brings at most 1000 records")

// HeardFile is where it is kept which deliveries a workspace has taken.
func (d *Desk) HeardFile(workspace string) string {
	return filepath.Join(d.o.Dir, workspace+".heard")
}

// Hear makes records of a delivery and takes them in. Events that have no id of their own get that
// of the delivery, so that what is sent twice counts once.
func (d *Desk) Hear(
	ctx context.Context, workspace string, h *Hook, from *Delivery,
) (out Heard, err error) {
	kept, err := d.Mapping(workspace, h.Mapping)
	if err != nil {
		return out, err
	}
	m, err := ingest.ReadMapping(kept.Text)
	if err != nil {
		return out, err
	}
	s, err := sheetOf(h, m, from)
	if err != nil {
		return out, err
	}
	err = d.use(ctx, workspace, func(w *runtime.Workspace) error {
		out.Records, err = d.hear(ctx, workspace, w, s)
		return err
	})
	return out, err
}

func (d *Desk) hear(
	ctx context.Context, workspace string, w *runtime.Workspace, t *sheetAs,
) (out []HeardRecord, err error) {
	x := &running{d: d, workspace: workspace, live: &live{}, w: w}
	if x.in, err = forceOf(ctx, w); err != nil {
		return nil, err
	}
	decoder := x.in.decoder()
	if x.rows, err = ingest.NewRows(x.in.policy, decoder, t.Sheet, t.mapping); err != nil {
		return nil, err
	}
	why := reasons{zone: x.in.zone}
	if err := x.measure(decoder); err != nil {
		return nil, err
	}
	if x.kinds != nil {
		defer x.kinds.Done()
	}
	var rec record.Record
	var list []pending
	var lines [][]byte
	for {
		line, _, err := x.rows.Next(nil, &rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		p := pending{Row{ID: strings.Clone(rec.ID)}, bytes.Clone(line), -1}
		if err := x.fill(&p); err != nil {
			return nil, err
		}
		if p.row.Outcome == "" {
			p.at = len(lines)
			lines = append(lines, p.line)
		}
		list = append(list, p)
	}
	answers, err := x.w.SubmitAll(ctx, lines)
	if err != nil {
		return nil, err
	}
	for i := range list {
		p := &list[i]
		r := HeardRecord{ID: p.row.ID, Outcome: p.row.Outcome}
		if p.at >= 0 {
			a := &answers[p.at]
			dec, err := a.Decision()
			if err != nil {
				return nil, err
			}
			r.Seq, r.Outcome, r.Why = a.Seq, a.Outcome.String(), why.of(a.Policy(), dec)
		} else {
			r.Why = why.missing(p.row.Missing)
		}
		out = append(out, r)
	}
	return out, nil
}

// sheetAs is a sheet with what its columns are.
type sheetAs struct {
	*ingest.Sheet
	mapping *ingest.Mapping
}

// deliveryID is the column of the delivery's id.
const deliveryID = "(delivery)"

// sheetOf makes a table of a delivery: a column for each path that the mapping names.
func sheetOf(h *Hook, m *ingest.Mapping, from *Delivery) (*sheetAs, error) {
	in := json.NewDecoder(bytes.NewReader(from.Body))
	in.UseNumber()
	var all any
	if in.Decode(&all) != nil {
		return nil, ErrDelivery
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return nil, ErrDelivery
	}
	rows := []any{all}
	if h.Rows != "" {
		list, ok := at(all, h.Rows).([]any)
		if !ok || len(list) > mostOfDelivery {
			return nil, fmt.Errorf("%w; %s is no such list", ErrDelivery, h.Rows)
		}
		rows = list
	}
	s := &ingest.Sheet{File: h.Name, At: 1}
	own := len(m.ID) > 0
	for _, c := range m.Columns {
		s.Header = append(s.Header, strings.Join(strings.Fields(c.From), " "))
		own = own || c.To == "id"
	}
	s.Header = append(s.Header, m.ID...)
	if !own {
		with := *m
		with.Columns = append(slices.Clone(m.Columns), ingest.Column{From: deliveryID, To: "id"})
		m = &with
		s.Header = append(s.Header, deliveryID)
	}
	for n, r := range rows {
		row := ingest.Row{Number: n + 1}
		for _, path := range s.Header {
			switch {
			case path != deliveryID:
				row.Cells = append(row.Cells, cellOf(at(r, path)))
			case h.Rows == "":
				row.Cells = append(row.Cells, from.ID)
			default:
				row.Cells = append(row.Cells, from.ID+"-"+strconv.Itoa(n+1))
			}
		}
		s.Rows = append(s.Rows, row)
	}
	return &sheetAs{s, m}, nil
}

// at is what stands at a path; nil: nothing does.
func at(v any, path string) any {
	for _, step := range strings.Split(strings.TrimPrefix(path, "$."), ".") {
		name, rest, indexed := strings.Cut(step, "[")
		if name != "" && name != "$" {
			m, ok := v.(map[string]any)
			if !ok {
				return nil
			}
			v = m[name]
		}
		for indexed {
			var index string
			index, rest, indexed = strings.Cut(rest, "]")
			n, err := strconv.Atoi(index)
			list, ok := v.([]any)
			if !indexed || err != nil || !ok || n < 0 || n >= len(list) {
				return nil
			}
			v = list[n]
			_, rest, indexed = strings.Cut(rest, "[")
		}
	}
	return v
}

// cellOf is a value as a cell of a table has it.
func cellOf(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			if _, deep := x.(map[string]any); deep {
				return written(v)
			}
			parts[i] = cellOf(x)
		}
		return strings.Join(parts, ";")
	}
	return written(v)
}

func written(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return "" // what was read can be written
	}
	return string(b)
}
