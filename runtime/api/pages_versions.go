package api

import (
	"context"

	"github.com/throughline/throughline/dsl/diff"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
)

// Versions are the policies that were in force, the newest so many.
func (a Asking) Versions(limit int) (Versions, error) {
	return bodyOf(a.s.versions(a.ctx, &versionsIn{a.in, limit}))
}

// Version is one of them in full.
func (a Asking) Version(seq uint64) (VersionInFull, error) {
	return bodyOf(a.s.version(a.ctx, &versionIn{a.in, seq}))
}

// Back says what would change in meaning if a policy of the list were in force again, for people.
func (a Asking) Back(seq uint64) (text string, err error) {
	err = a.s.use(a.ctx, a.in.Workspace, func(w *runtime.Workspace) error {
		all, err := w.Versions(a.ctx)
		for n := range all {
			if all[n].Seq == seq {
				text = diff.Of(all[len(all)-1].Policy, all[n].Policy).Text(langOr(a.c.lang))
			}
		}
		return err
	})
	return text, err
}

// Back is a policy to put in force again.
type Back struct {
	Hash   string // of its text, or of its meaning
	Expect string // the same of the one that is thought to be in force
	Why    string
}

// Rollback puts a policy in force that was before, as the route does, for somebody who may.
func (p Pages) Rollback(ctx context.Context, who *access.Who, workspace string, x Back) error {
	c, err := p.publisher(who, workspace)
	if err != nil {
		return err
	}
	i := &rollbackIn{InWorkspace: InWorkspace{workspace}}
	i.Body.Hash, i.Body.Expect, i.Body.Why = x.Hash, x.Expect, x.Why
	_, err = p.s.rollback(context.WithValue(ctx, callerKey{}, c), i)
	return err
}

// publisher is somebody who may put a policy in force, or at least one with other numbers.
func (p Pages) publisher(who *access.Who, workspace string) (*caller, error) {
	c := &caller{who: who, verb: access.Publish, workspace: workspace}
	if !who.May(c.verb, workspace) {
		if c.verb = access.Tune; !who.May(c.verb, workspace) {
			return nil, p.s.problem("not-allowed", "it takes publish", "需要 publish")
		}
	}
	return c, nil
}
