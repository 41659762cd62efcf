package intake

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ingest"
)

// Form is how a table goes back.
type Form struct {
	Ext  string // .csv or .xlsx
	Lang string // of the reasons; "": as to whoever sent it, else the policy's
}

// Returned is the table with the rows alone that were not taken in, and why in a last column.
// Before it begins it tells what would not be.
func (d *Desk) Returned(ctx context.Context, workspace, id string, f Form) ([]byte, error) {
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
	told := map[int]string{}
	var why reasons
	err = d.use(ctx, workspace, func(w *runtime.Workspace) error {
		in, err := forceOf(ctx, w)
		if err != nil {
			return err
		}
		why = reasons{zone: in.zone, lang: cmp.Or(f.Lang, j.Lang, in.policy.Settings.Lang)}
		if j.Began == nil {
			return in.tried(s, m, &why, told)
		}
		x := running{d: d, workspace: workspace, live: &live{job: *j}}
		return why.logged(w, x.file(), told)
	})
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = s.Return(&b, "x"+f.Ext, why.say("Reason", "原因"), told)
	return b.Bytes(), err
}

// tried writes why rows would not be taken in, by their number.
func (x *force) tried(s *ingest.Sheet, m *ingest.Mapping, why *reasons, to map[int]string) error {
	rows, err := ingest.NewRows(x.policy, x.decoder(), s, m)
	if err != nil {
		return err
	}
	teller := why.teller(x.policy)
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
