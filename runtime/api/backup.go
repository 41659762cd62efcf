package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// backups are the routes that copy databases while they are in use.
func (s *Server) backups() {
	add(s, route{verb: "admin", method: http.MethodGet, path: "/v1/{workspace}/backup", id: "backup",
		sum: "The workspace's database as it is at one moment",
		more: "A file that `thru` opens and `thru restore` puts back. The connection is broken off " +
			"where it cannot be read to its end."}, s.backup)
	add(s, route{verb: "admin", method: http.MethodGet, path: "/v1/-/backup", id: "backup-system",
		sum: "The server's own database as it is at one moment"}, s.backupSystem)
	add(s, route{verb: "admin", method: http.MethodGet, path: "/v1/-/backup/beside",
		id: "backup-beside", sum: "What the server keeps beside its databases",
		more: "A tar archive: secrets as they are sealed, without the key; who was shown personal " +
			"data; drafts; what was signed."}, s.backupBeside)
	add(s, route{verb: "admin", method: http.MethodGet, path: "/v1/{workspace}/backup/files",
		id: "backup-files", sum: "The workspace's files",
		more: "A tar archive: of each file what is known of it, HASH.json, and its bytes, HASH. Ask " +
			"for the database first: what it names is then in the archive, unless it was erased."},
		s.backupFiles)
}

func (s *Server) backup(ctx context.Context, i *InWorkspace) (*huma.StreamResponse, error) {
	w, leave, err := s.o.Host.Use(ctx, i.Workspace)
	if err != nil {
		return nil, err
	}
	return s.copied(ctx, w.Backup, leave), nil
}

func (s *Server) backupSystem(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
	return s.copied(ctx, s.o.Access.Backup, func() {}), nil
}

func (s *Server) backupBeside(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
	if s.o.Beside == nil {
		return nil, s.problem("no-files", "", "")
	}
	return s.copied(ctx, s.o.Beside, func() {}), nil
}

func (s *Server) backupFiles(ctx context.Context, i *InWorkspace) (*huma.StreamResponse, error) {
	_, leave, err := s.o.Host.Use(ctx, i.Workspace)
	if err != nil {
		return nil, err
	}
	if s.o.Files == nil {
		leave()
		return nil, s.problem("no-files", "", "")
	}
	return s.copied(ctx, s.o.Files.Of(i.Workspace).Pack, leave), nil
}

// copied streams a copy. Who is slow to take it is let go: a copy keeps pages from being used
// again.
func (s *Server) copied(
	ctx context.Context, write func(io.Writer) error, leave func(),
) *huma.StreamResponse {
	_, answer := humago.Unwrap(callerOf(ctx).http)
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer leave()
		hc.SetHeader("Content-Type", "application/octet-stream")
		to := &patient{w: answer, control: http.NewResponseController(answer),
			within: s.o.Within.Answer}
		if err := write(to); err != nil {
			s.o.Log.Warn("backup", "err", err)
			panic(http.ErrAbortHandler) // half a database must not look like a whole one
		}
	}}
}

// patient gives every piece a time of its own.
type patient struct {
	w       http.ResponseWriter
	control *http.ResponseController
	within  time.Duration
}

func (p *patient) Write(b []byte) (int, error) {
	if err := p.control.SetWriteDeadline(time.Now().Add(p.within)); err != nil {
		return 0, err
	}
	return p.w.Write(b)
}
