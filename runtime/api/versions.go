package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/throughline/throughline/dsl/diff"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/runtime"
)

// history is the routes about the policies that were in force.
func (s *Server) history(at string) {
	add(s, route{verb: "read", method: http.MethodGet, path: at + "/versions", id: "versions",
		sum: "Which policies were in force: since when, by whom, and what each changed"}, s.versions)
	add(s, route{verb: "read", method: http.MethodGet, path: at + "/versions/{seq}", id: "version",
		sum: "A policy that was in force, with its text and what it changed in meaning"}, s.version)
}

// Version says since when a policy is or was in force, who put it there, and what it changed.
type Version struct {
	Seq     uint64          `json:"seq" doc:"The entry that activated it"`
	At      time.Time       `json:"at"`
	Hash    string          `json:"hash"`
	Source  string          `json:"source" doc:"Hash of its text: versions that mean the same have one hash"`
	Version string          `json:"version,omitempty"`
	By      string          `json:"by,omitempty" doc:"Id of the key or person; nobody's of the first one"`
	Name    string          `json:"name,omitempty" doc:"What that is called"`
	How     string          `json:"how,omitempty" doc:"publish, rollback, canary, promote or stop"`
	Why     string          `json:"why,omitempty"`
	Blast   *runtime.Blast  `json:"blast,omitempty" doc:"How many of the last days' decisions it was known to change"`
	Flight  *runtime.Flight `json:"flight,omitempty" doc:"What became of open records on journeys"`
	Changed []string        `json:"changed" doc:"A line a declaration that is not what it was before"`
}

// Versions are the policies of a workspace in the order in which they were activated.
type Versions struct {
	Versions []Version `json:"versions"`
	Before   int       `json:"before,omitempty" doc:"So many older ones are not in the list"`
}

type versionsIn struct {
	InWorkspace
	Limit int `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"At most so many, the newest"`
}

func (s *Server) versions(ctx context.Context, i *versionsIn) (*body[Versions], error) {
	out := Versions{Versions: []Version{}}
	err := s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		all, err := w.Versions(ctx)
		if err != nil {
			return err
		}
		out.Before = max(0, len(all)-i.Limit)
		for n := out.Before; n < len(all); n++ {
			v, r := s.versionOf(all, n)
			v.Changed = r.Lines(langOr(callerOf(ctx).lang))
			out.Versions = append(out.Versions, v)
		}
		return nil
	})
	return &body[Versions]{out}, err
}

// versionOf is one of the versions, with what it changed against the one before it.
func (s *Server) versionOf(all []runtime.Version, n int) (Version, *diff.Report) {
	x := &all[n]
	was := x.Policy // the first one begins everything: a list of all that there is says nothing
	if n > 0 {
		was = all[n-1].Policy
	}
	v := Version{Seq: x.Seq, At: time.UnixMicro(x.Moment).UTC(), Hash: hashOf(x.Policy),
		Source: x.Source, Version: x.Policy.Settings.Version, By: x.By, How: x.How, Why: x.Why,
		Blast: x.Blast, Flight: x.Flight}
	if x.By != "" {
		v.Name = s.o.Access.Called(x.By)
	}
	return v, diff.Of(was, x.Policy)
}

// VersionInFull is a version with its text.
type VersionInFull struct {
	Version
	From    string          `json:"from,omitempty" doc:"Hash of the one before it"`
	Text    string          `json:"text" doc:"What changed in meaning, for people"`
	Changes json.RawMessage `json:"changes" doc:"The same for programs"`
	Files   []File          `json:"files"`
}

type versionIn struct {
	InWorkspace
	Seq uint64 `path:"seq" doc:"Of the entry that activated it"`
}

func (s *Server) version(ctx context.Context, i *versionIn) (*body[VersionInFull], error) {
	var out VersionInFull
	err := s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		all, err := w.Versions(ctx)
		if err != nil {
			return err
		}
		for n := range all {
			if all[n].Seq != i.Seq {
				continue
			}
			v, r := s.versionOf(all, n)
			lang := langOr(callerOf(ctx).lang)
			v.Changed = r.Lines(lang)
			out = VersionInFull{Version: v, Text: r.Text(lang), Changes: lineList(r.AppendJSON(nil)),
				Files: filesOf(all[n].Policy)}
			if n > 0 {
				out.From = hashOf(all[n-1].Policy)
			}
			return nil
		}
		return s.problem("unknown-policy", "no entry of this number put one in force",
			"没有这个序号的启用条目")
	})
	return &body[VersionInFull]{out}, err
}

func filesOf(p *policy.Policy) []File {
	out := []File{}
	for _, f := range p.Files {
		out = append(out, File{f.Name, f.Text})
	}
	return out
}
