package api

import (
	"context"
	"net/http"
	"time"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
)

func (s *Server) queues() {
	add(s, route{verb: "read", method: http.MethodGet, path: "/v1/{workspace}/reviews",
		id: "reviews", sum: "What waits for a person's review",
		more: "Lines of proof, the oldest first. A record {type: Review, record, verdict: pass or " +
			"fail, by} settles all lines of that record."}, s.reviews)
	add(s, route{verb: "read", method: http.MethodGet, path: "/v1/{workspace}/pool",
		id: "pool", sum: "What is nobody's yet: offered, or free to be claimed",
		more: "A record {type: Claim, record, by} takes what lies in the pool, first come; " +
			"{type: Accept, record, by} takes an offer. The decision on it says whether it did."}, s.pool)
}

type queueIn struct {
	InWorkspace
	Limit int `query:"limit" minimum:"1" maximum:"10000" default:"1000"`
}

// ToReview is one line of proof that waits for a review.
type ToReview struct {
	ID       string    `json:"id" doc:"Of the finding"`
	Rule     string    `json:"rule" doc:"The line of proof"`
	Record   string    `json:"record" doc:"The event, as Visit/v1"`
	Person   string    `json:"person,omitempty" doc:"Whose it is, as Rep/li"`
	Strength string    `json:"strength" enum:"weak,strong" doc:"Of the evidence"`
	At       time.Time `json:"at" doc:"When it happened"`
}

// Reviews are the lines of proof that wait.
type Reviews struct {
	Reviews []ToReview `json:"reviews"`
	All     int        `json:"all" doc:"How many there are, where not all are told"`
}

func (s *Server) reviews(ctx context.Context, i *queueIn) (*body[Reviews], error) {
	out := Reviews{Reviews: []ToReview{}}
	err := s.look(ctx, i.Workspace, func(x *ask.Sight, zone *time.Location) {
		list := x.Reviews()
		out.All = len(list)
		for _, r := range list[:min(len(list), i.Limit)] {
			out.Reviews = append(out.Reviews, ToReview{r.ID, r.Rule, r.Record, r.Person, r.Strength,
				time.UnixMicro(r.At).In(zone)})
		}
	})
	return &body[Reviews]{out}, err
}

// Handing is one record that is nobody's yet.
type Handing struct {
	Rule   string     `json:"rule" doc:"The allocation"`
	Record string     `json:"record" doc:"As Lead/l1"`
	Phase  string     `json:"phase" enum:"offered,pool,nobody" doc:"nobody: claimable, without an end"`
	To     string     `json:"to,omitempty" doc:"Whom it is offered to, as Rep/li"`
	Until  *time.Time `json:"until,omitempty" doc:"When the offer lapses, or the pool's time ends"`
}

// Pool is what is nobody's yet.
type Pool struct {
	Records []Handing `json:"records" doc:"By allocation and id"`
	All     int       `json:"all" doc:"How many there are, where not all are told"`
}

func (s *Server) pool(ctx context.Context, i *queueIn) (*body[Pool], error) {
	out := Pool{Records: []Handing{}}
	err := s.look(ctx, i.Workspace, func(x *ask.Sight, zone *time.Location) {
		list := x.Handings()
		out.All = len(list)
		for _, h := range list[:min(len(list), i.Limit)] {
			p := Handing{Rule: h.Rule, Record: h.Record.String(), Phase: h.Phase}
			if h.To.Type != nil {
				p.To = h.To.String()
			}
			if h.Until != 0 {
				until := time.UnixMicro(h.Until).In(zone)
				p.Until = &until
			}
			out.Records = append(out.Records, p)
		}
	})
	return &body[Pool]{out}, err
}

// look looks at a workspace as far as the caller sees it.
func (s *Server) look(
	ctx context.Context, workspace string, f func(*ask.Sight, *time.Location),
) error {
	return s.use(ctx, workspace, func(w *runtime.Workspace) error {
		return s.glance(ctx, w, callerOf(ctx).view(), func(x *ask.Sight) { f(x, x.Zone()) })
	})
}
