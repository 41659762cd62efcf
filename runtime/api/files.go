package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
	"github.com/throughline/throughline/runtime/discreet"
	"github.com/throughline/throughline/runtime/files"
	"github.com/throughline/throughline/runtime/media"
)

const formType = "multipart/form-data"

// Limits of a request that brings files.
const (
	maxFiles     = 10
	maxFilesBody = 64 << 20
	uploadWithin = 10 * time.Minute // for all of it, as long as something comes
)

// files are the routes by which bytes come in and go out.
func (s *Server) files() {
	add(s, route{verb: "submit", method: http.MethodPost, path: "/v1/{workspace}/files",
		id: "send-files", sum: "Send files that records will name",
		more: "Each is kept once, by its SHA-256, and measured: what a photo looks like, when and " +
			"where it was taken, how long a recording is. Name it in a record's field by " +
			"`{\"sha256\":…}`: what the server measured is then written into the record. A file that " +
			"no record names is deleted after seven days.",
		raw: map[string]string{formType: "At most 10 files, 50 MiB each and 64 MiB together"},
	}, s.sendFiles)
	add(s, route{verb: "read", method: http.MethodGet, path: "/v1/{workspace}/files",
		id: "files", sum: "The files of a record",
		more: "Those that it named when it came, and of an entity those that it has named since."},
		s.filesOf)
	add(s, route{verb: "read", method: http.MethodGet, path: "/v1/{workspace}/files/{sha256}",
		id: "file", sum: "The bytes of a file",
		more: "It is seen by who sees a field of a record that names it, and by who sent it."}, s.oneFile)
}

// Stored is a file that is kept.
type Stored struct {
	SHA256   string      `json:"sha256" doc:"By which a record names it"`
	Name     string      `json:"name,omitempty" doc:"As it was first called"`
	Size     int64       `json:"size"`
	Kind     string      `json:"kind" enum:"photo,audio,file" doc:"What its bytes are"`
	Type     string      `json:"type" doc:"As HTTP has it"`
	Taken    *time.Time  `json:"taken,omitempty" doc:"Of a photo"`
	Device   string      `json:"device,omitempty"`
	Software string      `json:"software,omitempty"`
	Location *StoredAt   `json:"location,omitempty"`
	Look     bool        `json:"look" doc:"It can be compared by what it shows"`
	Length   float64     `json:"length,omitempty" doc:"Of a recording, in seconds"`
	Findings []StoredSay `json:"findings,omitempty" doc:"What whoever reads these figures should know"`
	Field    string      `json:"field,omitempty" doc:"The record's field that names it"`
	Seq      uint64      `json:"seq,omitempty" doc:"The entry of that record"`
}

// StoredAt is where a photo was taken, in WGS-84.
type StoredAt struct {
	Lat      float64 `json:"lat"`
	Lng      float64 `json:"lng"`
	Accuracy float64 `json:"accuracy,omitempty"`
}

// StoredSay is a finding about a file.
type StoredSay struct {
	Finding string `json:"finding"`
	Text    string `json:"text"`
}

// stored is what is told of a file.
func stored(f *files.File, lang string) Stored {
	m := &f.Measured
	out := Stored{SHA256: m.SHA256, Name: f.Name, Size: m.Size, Kind: media.KindName(m.Kind),
		Type: f.Type, Device: m.Device.S, Software: m.Software.S, Look: m.Look.Known(),
		Length: float64(m.Length.N) / 1e6}
	if m.Taken.Known() {
		at := time.UnixMicro(m.Taken.N).UTC()
		out.Taken = &at
	}
	if p, ok := m.Location.X.(*value.Place); ok {
		out.Location = &StoredAt{p.Lat, p.Lng, p.Accuracy}
	}
	for _, x := range m.Findings {
		out.Findings = append(out.Findings, StoredSay{x.String(), x.Text(lang)})
	}
	return out
}

// StoredFiles are files that are kept.
type StoredFiles struct {
	Files []Stored `json:"files"`
}

func (s *Server) sendFiles(ctx context.Context, i *InWorkspace) (*body[StoredFiles], error) {
	out := StoredFiles{Files: []Stored{}}
	err := s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		c := callerOf(ctx)
		r, answer := humago.Unwrap(c.http)
		control := http.NewResponseController(answer)
		r.Body = &patientBody{ReadCloser: http.MaxBytesReader(answer, r.Body, maxFilesBody),
			control: control, within: &s.o.Within, end: time.Now().Add(uploadWithin)}
		form, err := r.MultipartReader()
		if err != nil {
			return s.problem("wrong-request", "files come as "+formType, "文件以 "+formType+" 提交")
		}
		for {
			part, err := form.NextPart()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return s.broken(err)
			}
			if len(out.Files) == maxFiles {
				return s.problem("too-large", "a request brings at most 10 files", "一次最多 10 个文件")
			}
			f, err := s.sendPart(ctx, w, part)
			if err != nil {
				return s.broken(err)
			}
			out.Files = append(out.Files, stored(f, c.lang))
		}
		if len(out.Files) == 0 {
			return s.problem("wrong-request", "there is no file", "没有文件")
		}
		return nil
	})
	return &body[StoredFiles]{out}, err
}

// broken tells a form that ends early, or is none, from what else can go wrong.
func (s *Server) broken(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return s.problem("too-large", "files of a request have at most 64 MiB together",
			"一次请求的文件合计最多 64 MiB")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return s.problem("cut-short", "", "")
	case errors.Is(err, multipart.ErrMessageTooLarge),
		strings.HasPrefix(err.Error(), "multipart:"), strings.HasPrefix(err.Error(), "malformed MIME"):
		return s.problem("wrong-request", err.Error(), "")
	}
	return err
}

func (s *Server) sendPart(
	ctx context.Context, w *runtime.Workspace, part *multipart.Part,
) (*files.File, error) {
	if part.FormName() != "file" || part.FileName() == "" {
		return nil, s.problem("wrong-request", "every part is a file and called `file`",
			"每一部分都应是文件，名称为 file")
	}
	return s.keep(ctx, w, part, part.FileName())
}

// keep keeps a file that the caller sends.
func (s *Server) keep(
	ctx context.Context, w *runtime.Workspace, r io.Reader, name string,
) (*files.File, error) {
	if s.o.Files == nil {
		return nil, s.problem("no-files", "", "")
	}
	c := callerOf(ctx)
	var p *policy.Policy
	if err := s.glance(ctx, w, c.view(), func(x *ask.Sight) { p = x.Policy() }); err != nil {
		return nil, err
	}
	zone, err := calendar.Zone(p.Settings.Timezone)
	if err != nil {
		return nil, err
	}
	return s.o.Files.Of(c.workspace).Put(r, files.Sent{Name: name, By: c.who.ID(), Zone: zone})
}

// patientBody gives whoever sends something large time as long as something comes, up to an end.
type patientBody struct {
	io.ReadCloser
	control *http.ResponseController
	within  *Within
	end     time.Time
}

func (b *patientBody) Read(p []byte) (int, error) {
	by := time.Now().Add(b.within.Body)
	if by.After(b.end) {
		by = b.end
	}
	// Where a connection has no deadlines the server's own stand.
	_ = b.control.SetReadDeadline(by)
	_ = b.control.SetWriteDeadline(by.Add(b.within.Answer))
	return b.ReadCloser.Read(p)
}

type fileIn struct {
	InWorkspace
	SHA256 string `path:"sha256" doc:"Of its bytes, in hex"`
}

func (s *Server) oneFile(ctx context.Context, i *fileIn) (*huma.StreamResponse, error) {
	var out *huma.StreamResponse
	err := s.use(ctx, i.Workspace, func(w *runtime.Workspace) (err error) {
		in, f, err := s.open(ctx, w, i.SHA256)
		if err == nil {
			out = &huma.StreamResponse{Body: func(hc huma.Context) { s.serve(hc, in, f) }}
		}
		return err
	})
	return out, err
}

// open opens a file for the caller, who sees it; that they do is kept.
func (s *Server) open(ctx context.Context, w *runtime.Workspace, hash string) (
	io.ReadSeekCloser, *files.File, error,
) {
	if s.o.Files == nil {
		return nil, nil, s.problem("no-files", "", "")
	}
	c := callerOf(ctx)
	st := s.o.Files.Of(c.workspace)
	if err := st.Follow(w); err != nil {
		return nil, nil, err
	}
	in, f, err := st.Read(strings.ToLower(hash))
	if err != nil {
		return nil, nil, err
	}
	x, err := s.showing(ctx, w, f)
	if err == nil && !x.seen {
		err = files.ErrNone
	}
	if err == nil {
		err = s.looked(c, x.personal)
	}
	if err != nil {
		return nil, nil, errors.Join(err, in.Close())
	}
	return in, f, nil
}

// serve sends a file in a way in which no browser runs it.
func (s *Server) serve(hc huma.Context, in io.ReadSeekCloser, f *files.File) {
	defer in.Close() // it was only read
	r, w := humago.Unwrap(hc)
	serveFile(w, r, in, f)
}

// serveFile sends a file to a browser, which shows pictures, plays recordings and runs nothing.
func serveFile(w http.ResponseWriter, r *http.Request, in io.ReadSeeker, f *files.File) {
	h := w.Header()
	how := "attachment"
	if f.Type != "application/octet-stream" {
		how = "inline"
	}
	called := mime.FormatMediaType(how, map[string]string{"filename": f.Name})
	if f.Name != "" && called != "" {
		how = called
	}
	h.Set("Content-Disposition", how)
	h.Set("Content-Type", f.Type)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", `"`+f.Measured.SHA256+`"`)
	to := &patientAnswer{ResponseWriter: w, patient: patient{w: w,
		control: http.NewResponseController(w), within: writeWithin}}
	http.ServeContent(to, r, "", time.Time{}, in)
}

// patientAnswer gives every piece of an answer a time of its own.
type patientAnswer struct {
	http.ResponseWriter
	patient patient
}

func (p *patientAnswer) Write(b []byte) (int, error) { return p.patient.Write(b) }

// showing is how far the caller sees a file.
type showing struct {
	seen     bool
	refs     []files.Ref // through which it is seen
	personal []string    // records of which that is personal
}

// mostRefs is through how many records it is looked whether somebody sees a file, the last first.
const mostRefs = 200

// showing looks whether the caller sees a file: who sees all does, and who sent it; others do who
// see a field of a record that names it.
func (s *Server) showing(
	ctx context.Context, w *runtime.Workspace, f *files.File,
) (out showing, err error) {
	c := callerOf(ctx)
	v := c.view()
	out.seen = v.Whole() || slices.Contains(f.By, c.who.ID())
	refs := f.Refs[max(0, len(f.Refs)-mostRefs):]
	lines := make([][]byte, len(refs))
	for i, r := range refs {
		if r.Seq > w.Last() {
			continue // of before the log was put back
		}
		err := w.Entries(r.Seq, r.Seq, false, func(l *runtime.Logged) error {
			lines[i] = bytes.Clone(l.Payload)
			return nil
		})
		if err != nil {
			return out, err
		}
	}
	err = s.glance(ctx, w, v, func(x *ask.Sight) {
		for i := len(refs) - 1; i >= 0; i-- {
			out.through(x, &v, &refs[i], lines[i])
		}
	})
	return out, err
}

// through looks at a file through one record.
func (sh *showing) through(x *ask.Sight, v *ask.View, r *files.Ref, line []byte) {
	typ, id, _ := strings.Cut(r.Record, "/")
	of, err := ask.Type(x.Policy(), typ)
	if err != nil || line == nil {
		return
	}
	i := slices.IndexFunc(of.Fields, func(f *policy.Field) bool { return f.Name == r.Field })
	switch {
	case i < 0 && !v.Whole(), i >= 0 && !x.Shows(of.Fields[i]):
		return
	case of.Kind == policy.Event && !x.SeesEvent(line), of.Kind == policy.Entity && !x.Sees(of, id):
		return
	}
	sh.seen = true
	sh.refs = append(sh.refs, *r)
	if i >= 0 && of.Fields[i].Personal != nil {
		sh.personal = append(sh.personal, r.Record)
	}
}

type filesOfIn struct {
	InWorkspace
	Record string `query:"record" required:"true" doc:"As Visit/v1"`
}

func (s *Server) filesOf(ctx context.Context, i *filesOfIn) (*body[StoredFiles], error) {
	out := StoredFiles{Files: []Stored{}}
	err := s.use(ctx, i.Workspace, func(w *runtime.Workspace) (err error) {
		if s.o.Files == nil {
			return s.problem("no-files", "", "")
		}
		out.Files, err = s.named(ctx, w, i.Record)
		return err
	})
	return &body[StoredFiles]{out}, err
}

// named are the files that a record names, as far as the caller sees them, the last first.
func (s *Server) named(
	ctx context.Context, w *runtime.Workspace, name string,
) ([]Stored, error) {
	c := callerOf(ctx)
	st := s.o.Files.Of(c.workspace)
	if err := st.Follow(w); err != nil {
		return nil, err
	}
	typ, id, _ := strings.Cut(name, "/")
	var of *policy.Record
	var bad error
	err := s.glance(ctx, w, c.view(), func(x *ask.Sight) { of, bad = ask.Type(x.Policy(), typ) })
	if err = errors.Join(err, bad); err != nil {
		return nil, err
	}
	last := w.Last()
	found, err := ask.About(w, of, id, func(n int, from uint64) bool {
		return ctx.Err() != nil || n >= mostAbout || last-from > farthestBack
	})
	if err != nil {
		return nil, err
	}
	return s.inEntries(ctx, w, of.Full+"/"+id, found)
}

// inEntries are the files that entries about a record name.
func (s *Server) inEntries(
	ctx context.Context, w *runtime.Workspace, record string, seqs []uint64,
) ([]Stored, error) {
	c := callerOf(ctx)
	st := s.o.Files.Of(c.workspace)
	out, told := []Stored{}, map[string]bool{}
	for _, seq := range seqs {
		var hashes []string
		err := w.Entries(seq, seq, false, func(l *runtime.Logged) error {
			hashes = files.HashesIn(l.Payload)
			return nil
		})
		if err != nil {
			return nil, err
		}
		for _, h := range hashes {
			if told[h] {
				continue
			}
			told[h] = true
			f, err := st.File(h)
			if errors.Is(err, files.ErrNone) {
				continue // the sender's word, or erased
			}
			if err != nil {
				return nil, err
			}
			x, err := s.showing(ctx, w, f)
			if err != nil {
				return nil, err
			}
			for _, r := range x.refs {
				if r.Record == record {
					one := stored(f, c.lang)
					one.Field, one.Seq = r.Field, r.Seq
					out = append(out, one)
					break
				}
			}
		}
	}
	return out, nil
}

// filled is records as they go into the log: with what the server measured of the files that they
// name, and without positions of outside working time, where the policy asks for that. The files
// stay until done is called.
func (s *Server) filled(
	ctx context.Context, w *runtime.Workspace, v ask.View, lines [][]byte,
) (_ [][]byte, done func(), err error) {
	done = func() {}
	if slices.ContainsFunc(lines, files.Tells) {
		lines, done, err = s.measured(ctx, w, v, lines)
	}
	rule, bad := s.discreet(w.InForce())
	if err = errors.Join(err, bad); err != nil || rule == nil {
		return lines, done, err
	}
	lines = slices.Clone(lines)
	for i := range lines {
		lines[i] = rule.Line(lines[i], time.Now().UnixMicro())
	}
	return lines, done, nil
}

// discreet is what a policy says of positions outside working time; nil: nothing.
func (s *Server) discreet(p *policy.Policy) (*discreet.Rule, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, known := s.rules[p]; known {
		return r, nil
	}
	r, err := discreet.For(p)
	if err != nil {
		return nil, err
	}
	if len(s.rules) >= mostWriters {
		clear(s.rules)
	}
	s.rules[p] = r
	return r, nil
}

func (s *Server) measured(
	ctx context.Context, w *runtime.Workspace, v ask.View, lines [][]byte,
) (_ [][]byte, done func(), err error) {
	done = func() {}
	kinds, err := s.kindsIn(ctx, w)
	if err != nil {
		return nil, done, err
	}
	lines = slices.Clone(lines)
	if s.o.Files == nil {
		none := func(media.Claim) (*media.Result, string, string) { return nil, "", "" }
		for i := range lines {
			lines[i], _ = media.Fill(lines[i], kinds, none)
		}
		return lines, done, nil
	}
	st := s.o.Files.Of(callerOf(ctx).workspace)
	var no error
	may := func(f *files.File) bool {
		if v.All || no != nil {
			return true
		}
		x, err := s.showing(ctx, w, f)
		no = err
		return x.seen
	}
	if !v.All { // then it counts which records name a file
		if err := st.Follow(w); err != nil {
			return nil, done, err
		}
	}
	x := st.Fill(kinds, may)
	for i := range lines {
		line, missing, err := x.Line(lines[i])
		if err = errors.Join(err, no); err == nil && len(missing) > 0 {
			m := missing[0]
			err = s.problem("missing-file", m.Key+": "+m.Name+": send it first: POST …/files",
				m.Key+"："+m.Name+"：请先提交文件：POST …/files")
		}
		if err != nil {
			x.Done()
			return nil, done, err
		}
		lines[i] = line
	}
	return lines, x.Done, nil
}

// kindsIn is what the fields of a workspace's records hold.
func (s *Server) kindsIn(ctx context.Context, w *runtime.Workspace) (media.Kinds, error) {
	var p *policy.Policy
	var zone *time.Location
	err := s.glance(ctx, w, ask.Everything(), func(x *ask.Sight) { p, zone = x.Policy(), x.Zone() })
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.kinds[p]
	if k == nil {
		if len(s.kinds) >= mostWriters {
			clear(s.kinds)
		}
		k = files.Kinds(record.NewDecoder(p, zone))
		s.kinds[p] = k
	}
	return k, nil
}

// PutFile keeps a file for whoever is at a page; a record of theirs may then name it.
func (a Asking) PutFile(r io.Reader, name string) (out Stored, err error) {
	err = a.s.use(a.ctx, a.in.Workspace, func(w *runtime.Workspace) error {
		f, err := a.s.keep(a.ctx, w, r, name)
		if err == nil {
			out = stored(f, a.c.lang)
		}
		return err
	})
	return out, err
}

// Files are those that the entry of a record names, as far as they are seen; none where none are
// kept.
func (a Asking) Files(record string, seq uint64) (out []Stored, err error) {
	err = a.s.use(a.ctx, a.in.Workspace, func(w *runtime.Workspace) error {
		if a.s.o.Files == nil {
			return nil
		}
		if err := a.s.o.Files.Of(a.in.Workspace).Follow(w); err != nil {
			return err
		}
		out, err = a.s.inEntries(a.ctx, w, record, []uint64{seq})
		return err
	})
	return out, err
}
