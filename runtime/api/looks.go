package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/ask"
	"github.com/throughline/throughline/runtime/looks"
)

// watching is the route by which it is seen who looked at whom.
func (s *Server) watching() {
	add(s, route{verb: access.Audit, method: http.MethodGet, path: "/v1/{workspace}/looks",
		id: "looks", sum: "Who was shown whose personal data",
		more: "Every answer that may show a field that the policy calls personal is kept for a year: " +
			"state, decisions, explanations, tasks and the feed."}, s.looks)
}

type looksIn struct {
	InWorkspace
	Record string    `query:"record" doc:"Whose data, as Contact/k1"`
	Who    string    `query:"who" doc:"Id of the key or person that asked"`
	Since  time.Time `query:"since"`
	Limit  int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
}

// Looks are answers that showed personal data.
type Looks struct {
	Looks []looks.Look `json:"looks" doc:"The oldest first"`
	More  bool         `json:"more" doc:"There are others: ask again, since the last one"`
}

func (s *Server) looks(ctx context.Context, i *looksIn) (*body[Looks], error) {
	out := Looks{Looks: []looks.Look{}}
	err := s.use(ctx, i.Workspace, func(*runtime.Workspace) error {
		if s.o.Looks == nil {
			return nil
		}
		list, more, err := s.o.Looks.List(i.Workspace, looks.Wanted{Record: i.Record, Who: i.Who,
			Since: i.Since, Limit: i.Limit})
		out.Looks, out.More = append(out.Looks, list...), more
		return err
	})
	return &body[Looks]{out}, err
}

// looked keeps that somebody is about to be shown personal data of some records.
func (s *Server) looked(c *caller, records []string) error {
	if s.o.Looks == nil || len(records) == 0 {
		return nil
	}
	return s.o.Looks.Note(c.workspace, looks.Look{Who: c.who.ID(), Route: c.route, Records: records})
}

// lookedAt keeps that somebody is about to be shown decisions.
func (s *Server) lookedAt(c *caller, v ask.View, list []*told) error {
	if s.o.Looks == nil || !v.Personal {
		return nil
	}
	var records []string
	add := func(r decision.Ref) {
		if r.Type != nil && personal(r.Type) {
			records = append(records, r.String())
		}
	}
	for _, t := range list {
		add(t.d.Record)
		for i := range t.d.Effects { // their texts may say more than the record
			add(t.d.Effects[i].Subject)
		}
	}
	return s.looked(c, records)
}

// lookedAtState keeps that somebody is about to be shown state, where one of the expressions reads
// something personal.
func (s *Server) lookedAtState(c *caller, q *ask.Question, rows []Row) error {
	if s.o.Looks == nil {
		return nil
	}
	shown := false
	for _, x := range q.Exprs {
		shown = shown || readsPersonal(x)
	}
	if !shown || !c.view().Personal {
		return nil
	}
	records := make([]string, len(rows))
	for i := range rows {
		records[i] = q.Of.Full + "/" + rows[i].ID
	}
	return s.looked(c, records)
}

// personal reports whether a type has a field that the policy calls personal.
func personal(r *policy.Record) bool {
	for _, f := range r.Fields {
		if f.Personal != nil {
			return true
		}
	}
	return false
}

// readsPersonal reports whether an expression reads such a field, also by way of computed ones.
func readsPersonal(x *policy.Expr) (yes bool) {
	seen := map[*policy.Field]bool{}
	var look func(x *policy.Expr)
	look = func(x *policy.Expr) {
		kind.Visit(x, func(y *policy.Expr) bool {
			f := y.Field
			yes = yes || f != nil && f.Personal != nil
			if f != nil && f.Compute != nil && !seen[f] {
				seen[f] = true
				look(f.Compute)
			}
			return !yes
		})
	}
	look(x)
	return yes
}

// lookedAtTasks keeps that somebody is about to be shown tasks: their texts may name somebody.
func (s *Server) lookedAtTasks(c *caller, p *policy.Policy, tasks []Task) error {
	if s.o.Looks == nil || !c.view().Personal {
		return nil
	}
	kinds := map[string]bool{}
	for _, r := range p.Records {
		kinds[r.Full] = personal(r)
	}
	var records []string
	for i := range tasks {
		if typ, _, _ := strings.Cut(tasks[i].About, "/"); kinds[typ] {
			records = append(records, tasks[i].About)
		}
	}
	return s.looked(c, records)
}
