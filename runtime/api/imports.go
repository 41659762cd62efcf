package api

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ingest"
	"github.com/throughline/throughline/runtime/intake"
)

// imports are the routes by which tables come in. They take somebody who sees all: a table may be
// about anybody.
func (s *Server) imports() {
	const path, one = "/v1/{workspace}/imports", "/v1/{workspace}/imports/{import}"
	add(s, route{verb: "submit", all: true,
		method: http.MethodPost, path: path, id: "send-table",
		sum: "Send a table and try it",
		more: "CSV or Excel, as people keep them. The answer says which column may be which field and " +
			"how sure that is, and what taking its rows in would do, with what is wrong by cause. Nothing " +
			"is taken in before it is started.",
		raw: map[string]string{formType: "One table, at most 64 MiB and a million rows"},
	}, s.sendTable)
	add(s, route{verb: "submit", all: true,
		method: http.MethodGet, path: path, id: "imports",
		sum: "Tables that came, the last first"}, s.listImports)
	add(s, route{verb: "submit", all: true,
		method: http.MethodGet, path: one, id: "import",
		sum: "How far an import is"}, s.oneImport)
	add(s, route{verb: "submit", all: true,
		method: http.MethodPut, path: one, id: "map-import",
		sum: "Try a table under another mapping"}, s.mapImport)
	add(s, route{verb: "submit", all: true,
		method: http.MethodPost, path: one + "/start", id: "start-import",
		sum: "Take its rows in",
		more: "They come in beside everything else; a restart of the server does not end it. One that " +
			"was cancelled or failed goes on where it was."}, s.startImport)
	add(s, route{verb: "submit", all: true,
		method: http.MethodPost, path: one + "/cancel", id: "cancel-import",
		sum: "End an import that runs; what it brought stays"}, s.cancelImport)
	add(s, route{verb: "submit", all: true,
		method: http.MethodPost, path: one + "/undo", id: "undo-import",
		sum: "Take back what an import brought, within seven days",
		more: "Events are retracted, new entities deleted, others get the values that they had. What " +
			"somebody has changed since stays."}, s.undoImport)
	add(s, route{verb: "submit", all: true,
		method: http.MethodGet, path: one + "/returned", id: "returned",
		sum: "The rows that were not taken in, as the same table with a column that says why"},
		s.returned)
	s.mappings()
}

// desk calls f where the caller may take tables in.
func (s *Server) desk(ctx context.Context, workspace string, f func(*intake.Desk) error) error {
	return s.use(ctx, workspace, func(*runtime.Workspace) error {
		switch {
		case s.o.Desk == nil:
			return s.problem("no-imports", "", "")
		case !callerOf(ctx).view().All:
			return s.notAll()
		}
		return f(s.o.Desk)
	})
}

// Import is a table on its way in.
type Import struct {
	intake.Job
	Columns []ImportColumn `json:"columns,omitempty" doc:"Where the mapping was suggested"`
	Report  *ImportReport  `json:"report,omitempty" doc:"What taking it in would do"`
}

// ImportColumn is a column with the field that it may be.
type ImportColumn struct {
	Column     string   `json:"column"`
	Field      string   `json:"field,omitempty"`
	Confidence float64  `json:"confidence" doc:"0 to 1; from 0.85 on nobody has to look"`
	Samples    []string `json:"samples"`
}

// ImportReport is what taking a table in would do.
type ImportReport struct {
	Rows     int             `json:"rows"`
	New      int             `json:"new" doc:"Records of ids not seen before"`
	Update   int             `json:"update" doc:"Of entities that are there"`
	Again    int             `json:"again" doc:"Rows with the id of a row above"`
	Refused  int             `json:"refused" doc:"Rows that are no record"`
	Problems []ImportProblem `json:"problems" doc:"What is wrong, by cause, most rows first"`
}

// ImportProblem is one cause and the rows that have it.
type ImportProblem struct {
	Code     string      `json:"code"`
	Field    string      `json:"field,omitempty"`
	Refuses  bool        `json:"refuses" doc:"Else it is only a remark"`
	Count    int         `json:"count"`
	Examples []ImportRow `json:"examples"`
}

// ImportRow is a row that has a problem.
type ImportRow struct {
	Row  int    `json:"row" doc:"In the file"`
	Text string `json:"text"`
}

func importOf(x *intake.Looked) Import {
	out := Import{Job: *x.Job}
	for _, g := range x.Guesses {
		out.Columns = append(out.Columns, ImportColumn{g.Header, g.Field, g.Confidence, g.Samples})
	}
	if x.Report != nil {
		out.Report = reportOf(x.Report)
	}
	return out
}

func reportOf(r *ingest.Report) *ImportReport {
	out := &ImportReport{r.Rows, r.New, r.Update, r.Again, r.Refused, []ImportProblem{}}
	for i := range r.Problems {
		p := &r.Problems[i]
		one := ImportProblem{p.Code, p.Field, p.Refuses, p.Count, []ImportRow{}}
		for _, e := range p.Examples {
			one.Examples = append(one.Examples, ImportRow(e))
		}
		out.Problems = append(out.Problems, one)
	}
	return out
}

type sendTableIn struct {
	InWorkspace
	Type    string `query:"type" doc:"What its rows are; without it, what fits best"`
	Sheet   string `query:"sheet" doc:"Worksheet, where it is not the first"`
	At      string `query:"at" doc:"When rows without a moment of their own count; today"`
	Mapping string `query:"mapping" doc:"Name of a mapping that is kept; without it, one is suggested"`
}

func (s *Server) sendTable(ctx context.Context, i *sendTableIn) (*body[Import], error) {
	var out Import
	err := s.desk(ctx, i.Workspace, func(d *intake.Desk) error {
		c := callerOf(ctx)
		t := &intake.Table{By: c.who.ID(), Lang: c.lang, Type: i.Type, Sheet: i.Sheet, At: i.At}
		if i.Mapping != "" {
			m, err := d.Mapping(i.Workspace, i.Mapping)
			if err != nil {
				return err
			}
			t.Mapping = m.Text
		}
		if err := s.readTable(c, t); err != nil {
			return err
		}
		x, err := d.Take(ctx, i.Workspace, t)
		if err == nil {
			out = importOf(x)
		}
		return err
	})
	return &body[Import]{out}, err
}

// readTable reads the one file of a form.
func (s *Server) readTable(c *caller, t *intake.Table) error {
	r, answer := humago.Unwrap(c.http)
	r.Body = &patientBody{ReadCloser: http.MaxBytesReader(answer, r.Body, maxFilesBody),
		control: http.NewResponseController(answer), within: &s.o.Within,
		end: time.Now().Add(uploadWithin)}
	form, err := r.MultipartReader()
	if err != nil {
		return s.problem("wrong-request", "a table comes as "+formType, "表格以 "+formType+" 提交")
	}
	part, err := form.NextPart()
	if errors.Is(err, io.EOF) {
		return s.problem("wrong-request", "there is no file", "没有文件")
	}
	if err == nil && (part.FormName() != "file" || part.FileName() == "") {
		return s.problem("wrong-request", "its part is a file and called `file`",
			"应有一个名为 file 的文件")
	}
	if err == nil {
		t.Name = part.FileName()
		t.Data, err = io.ReadAll(part)
	}
	if err != nil {
		return s.broken(err)
	}
	return nil
}

// Imports are tables that came.
type Imports struct {
	Imports []intake.Job `json:"imports"`
}

func (s *Server) listImports(ctx context.Context, i *InWorkspace) (*body[Imports], error) {
	out := Imports{Imports: []intake.Job{}}
	err := s.desk(ctx, i.Workspace, func(d *intake.Desk) error {
		list, err := d.List(i.Workspace)
		for i := range list {
			out.Imports = append(out.Imports, jobTo(ctx, &list[i]))
		}
		return err
	})
	return &body[Imports]{out}, err
}

// jobTo is an import as the one who asks reads it.
func jobTo(ctx context.Context, j *intake.Job) intake.Job {
	out := *j
	out.Why = j.WhyIn(callerOf(ctx).lang)
	return out
}

// OfImport is what every request about an import names.
type OfImport struct {
	InWorkspace
	Import string `path:"import"`
}

// job answers with an import as it is afterwards.
func (s *Server) job(
	ctx context.Context, i *OfImport, f func(*intake.Desk) (*intake.Job, error),
) (*body[intake.Job], error) {
	out := &body[intake.Job]{}
	err := s.desk(ctx, i.Workspace, func(d *intake.Desk) error {
		j, err := f(d)
		if err == nil {
			out.Body = jobTo(ctx, j)
		}
		return err
	})
	return out, err
}

func (s *Server) oneImport(ctx context.Context, i *OfImport) (*body[intake.Job], error) {
	return s.job(ctx, i, func(d *intake.Desk) (*intake.Job, error) {
		return d.Job(i.Workspace, i.Import)
	})
}

func (s *Server) startImport(ctx context.Context, i *OfImport) (*body[intake.Job], error) {
	return s.job(ctx, i, func(d *intake.Desk) (*intake.Job, error) {
		return d.Start(i.Workspace, i.Import)
	})
}

func (s *Server) cancelImport(ctx context.Context, i *OfImport) (*body[intake.Job], error) {
	return s.job(ctx, i, func(d *intake.Desk) (*intake.Job, error) {
		return d.Cancel(i.Workspace, i.Import)
	})
}

func (s *Server) undoImport(ctx context.Context, i *OfImport) (*body[intake.Job], error) {
	return s.job(ctx, i, func(d *intake.Desk) (*intake.Job, error) {
		return d.UndoBy(i.Workspace, i.Import, callerOf(ctx).who.ID())
	})
}

type mapImportIn struct {
	OfImport
	Body struct {
		Mapping string `json:"mapping,omitempty" doc:"As TOML"`
		Name    string `json:"name,omitempty" doc:"Or the name of one that is kept"`
	}
}

func (s *Server) mapImport(ctx context.Context, i *mapImportIn) (*body[Import], error) {
	var out Import
	err := s.desk(ctx, i.Workspace, func(d *intake.Desk) error {
		text := i.Body.Mapping
		if i.Body.Name != "" {
			m, err := d.Mapping(i.Workspace, i.Body.Name)
			if err != nil {
				return err
			}
			text = m.Text
		}
		x, err := d.Again(ctx, i.Workspace, i.Import,
			intake.Table{Mapping: text, Lang: callerOf(ctx).lang})
		if err == nil {
			out = importOf(x)
		}
		return err
	})
	return &body[Import]{out}, err
}

type returnedIn struct {
	OfImport
	As   string `query:"as" enum:"xlsx,csv" default:"xlsx"`
	Lang string `query:"lang" enum:"en,zh" doc:"Of the reasons; without it, as Accept-Language says"`
}

func (s *Server) returned(ctx context.Context, i *returnedIn) (*huma.StreamResponse, error) {
	var out *huma.StreamResponse
	err := s.desk(ctx, i.Workspace, func(d *intake.Desk) error {
		j, err := d.Job(i.Workspace, i.Import)
		if err != nil {
			return err
		}
		b, err := d.Returned(ctx, i.Workspace, i.Import,
			intake.Form{Ext: "." + i.As, Lang: cmp.Or(i.Lang, callerOf(ctx).lang)})
		if err != nil {
			return err
		}
		typ := "text/csv; charset=utf-8"
		if i.As == "xlsx" {
			typ = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
		}
		how := mime.FormatMediaType("attachment",
			map[string]string{"filename": intake.ReturnedName(j.Name, i.As)})
		out = &huma.StreamResponse{Body: func(hc huma.Context) {
			hc.SetHeader("Content-Type", typ)
			hc.SetHeader("Content-Disposition", how)
			_, _ = hc.BodyWriter().Write(b) // who asked is gone otherwise
		}}
		return nil
	})
	return out, err
}

// mappings are the routes about mappings that are kept.
func (s *Server) mappings() {
	const path = "/v1/{workspace}/mappings"
	add(s, route{verb: "submit", all: true,
		method: http.MethodGet, path: path, id: "mappings",
		sum: "Mappings that are kept: which columns of a kind of table are which fields"},
		s.listMappings)
	add(s, route{verb: "submit", all: true,
		method: http.MethodPut, path: path + "/{name}", id: "set-mapping",
		sum: "Keep a mapping"}, s.setMapping)
	add(s, route{verb: "submit", all: true,
		method: http.MethodDelete, path: path + "/{name}",
		id: "drop-mapping", sum: "Keep a mapping no longer"}, s.dropMapping)
}

// Mappings are those that are kept.
type Mappings struct {
	Mappings []intake.Mapping `json:"mappings"`
}

func (s *Server) listMappings(ctx context.Context, i *InWorkspace) (*body[Mappings], error) {
	out := Mappings{Mappings: []intake.Mapping{}}
	err := s.desk(ctx, i.Workspace, func(d *intake.Desk) error {
		list, err := d.Mappings(i.Workspace)
		out.Mappings = append(out.Mappings, list...)
		return err
	})
	return &body[Mappings]{out}, err
}

// OfMapping is what every request about a mapping names.
type OfMapping struct {
	InWorkspace
	Name string `path:"name"`
}

type setMappingIn struct {
	OfMapping
	Body struct {
		Text string `json:"text" doc:"As TOML: what thru run --map reads"`
	}
}

func (s *Server) setMapping(ctx context.Context, i *setMappingIn) (*struct{}, error) {
	return nil, s.desk(ctx, i.Workspace, func(d *intake.Desk) error {
		return d.SaveMapping(i.Workspace, intake.Mapping{Name: i.Name, Text: i.Body.Text})
	})
}

func (s *Server) dropMapping(ctx context.Context, i *OfMapping) (*struct{}, error) {
	return nil, s.desk(ctx, i.Workspace, func(d *intake.Desk) error {
		return d.DropMapping(i.Workspace, i.Name)
	})
}

// table are the errors about tables and mappings.
func (s *Server) table(err error) *Problem {
	var fault *ingest.Fault
	switch {
	case errors.As(err, &fault):
		return s.problem("wrong-table", fault.In("en"), fault.In("zh"))
	case errors.Is(err, intake.ErrNone):
		return s.problem("unknown-import", "", "")
	case errors.Is(err, intake.ErrMapping):
		return s.problem("unknown-mapping", "", "")
	case errors.Is(err, intake.ErrDelivery):
		return s.problem("wrong-request", err.Error(), "应为 JSON，一次最多 1000 条记录")
	case errors.Is(err, intake.ErrState):
		return s.problem("other-state", "", "")
	case errors.Is(err, intake.ErrGone):
		return s.problem("import-gone", "", "")
	}
	return nil
}

// Desk is what takes tables in, for whoever may have it do so at a page.
func (a Asking) Desk() (out *intake.Desk, err error) {
	err = a.s.desk(a.ctx, a.in.Workspace, func(d *intake.Desk) error {
		out = d
		return nil
	})
	return out, err
}
