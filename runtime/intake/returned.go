package intake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ingest"
)

// Returned is the table with the rows alone that were not taken in, and why in a last column; ext
// is .csv or .xlsx. Before it begins it tells what would not be.
func (d *Desk) Returned(ctx context.Context, workspace, id, ext string) ([]byte, error) {
	j, err := d.Job(workspace, id)
	if err != nil {
		return nil, err
	}
	data, err := d.table(workspace, j)
	if err != nil {
		return nil, err
	}
	m, err := ingest.ReadMapping(j.Mapping)
	if err != nil {
		return nil, err
	}
	s, err := ingest.Read(j.file(), data, ingest.Options{Sheet: m.Sheet, Header: m.Header})
	if err != nil {
		return nil, err
	}
	reasons := map[int]string{}
	if j.Began == nil {
		err = d.use(ctx, workspace, func(w *runtime.Workspace) error {
			in, err := forceOf(ctx, w)
			if err != nil {
				return err
			}
			return in.tried(s, m, j.Lang, reasons)
		})
	} else {
		x := running{d: d, workspace: workspace, live: &live{job: *j}}
		err = eachRow(x.file(), func(r *Row, _ int64) error {
			switch r.Outcome {
			case refused, decision.Rejected.String(), decision.Held.String():
				reasons[r.Row] = r.Why
			}
			return nil
		})
	}
	if err != nil {
		return nil, err
	}
	column := "Reason"
	if j.Lang == "zh" {
		column = "原因"
	}
	var b bytes.Buffer
	err = s.Return(&b, "x"+ext, column, reasons)
	return b.Bytes(), err
}

// tried writes why rows would not be taken in, by their number.
func (x *force) tried(s *ingest.Sheet, m *ingest.Mapping, lang string, to map[int]string) error {
	rows, err := ingest.NewRows(x.policy, x.decoder(), s, m)
	if err != nil {
		return err
	}
	teller := ingest.NewTeller(x.policy, decision.Options{Zone: x.zone, Lang: lang})
	var rec record.Record
	for {
		_, number, err := rows.Next(nil, &rec)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if rec.Reject != nil {
			to[number] = teller.Told(rec.Reject)
		}
	}
}

// ReturnedName is what the table that goes back is called.
func ReturnedName(name, ext string) string {
	return strings.TrimSuffix(name, filepath.Ext(name)) + ".returned." + ext
}
