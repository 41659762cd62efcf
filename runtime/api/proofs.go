package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/nightly"
	"github.com/throughline/throughline/runtime/seal"
)

// proofs are the routes by which others hold the log to what it was.
func (s *Server) proofs() {
	add(s, route{verb: access.Read, method: http.MethodGet, path: "/v1/{workspace}/checkpoint",
		id: "checkpoint", sum: "What the log was when it was last signed",
		more: "To be kept where the server's operator cannot change it; thru verify --checkpoint " +
			"holds a copy of the database to it, or the running server."}, s.checkpoint)
	add(s, route{verb: access.Read, method: http.MethodGet, path: "/v1/{workspace}/proofs/growth",
		id: "growth", sum: "A proof that the log went on from a checkpoint",
		more: "Whoever kept the checkpoint checks it without the server: thru verify --proof."},
		s.growth)
	add(s, route{verb: access.Read, method: http.MethodGet,
		path: "/v1/{workspace}/proofs/entries/{seq}", id: "prove-entry",
		sum: "A proof that an entry is in the log",
		more: "It is checked without the server, by thru verify --proof, and tells nothing of other " +
			"entries. What came and what was decided are in it for those who see records whole, where " +
			"they ask for it with `show`."}, s.proveEntry)
}

// Signed is what a log was when it was signed.
type Signed struct {
	Entries uint64 `json:"entries"`
	Root    string `json:"root" doc:"Of the tree over them"`
	Signed  string `json:"signed" doc:"The checkpoint as it was signed, for thru verify --checkpoint"`
	Key     string `json:"key" doc:"Public key, for thru verify --key"`
}

func (s *Server) checkpoint(ctx context.Context, i *InWorkspace) (*body[Signed], error) {
	var out Signed
	err := s.tended(ctx, i.Workspace, func() error {
		signed, err := s.o.Nightly.Signed(i.Workspace)
		if err != nil {
			return err
		}
		if signed == nil {
			return s.problem("unsigned", "", "")
		}
		c, err := seal.Open(signed, s.o.Nightly.Public())
		if err != nil {
			return err
		}
		out = Signed{c.Entries, c.Root.String(), string(signed), s.o.Nightly.Public()}
		return nil
	})
	return &body[Signed]{out}, err
}

// signedNow is what a log is, signed, with the tree to prove things of it.
type signedNow struct {
	tree   *seal.Tree
	c      *seal.Checkpoint
	signed []byte
}

// attest calls f with what the log of a workspace is. It reads the whole of it.
func (s *Server) attest(
	ctx context.Context, workspace string, f func(*runtime.Workspace, *signedNow) error,
) error {
	return s.use(ctx, workspace, func(w *runtime.Workspace) error {
		if s.o.Nightly == nil {
			return s.problem("no-nightly", "", "")
		}
		leave, err := s.turn(ctx)
		if err != nil {
			return err
		}
		defer leave()
		x := &signedNow{tree: w.Sealed()}
		x.c, x.signed, err = s.o.Nightly.Attest(workspace, x.tree, w.Last())
		switch {
		case errors.Is(err, nightly.ErrOther):
			s.o.Log.Error("attest", "workspace", workspace, "err", err)
			return s.problem("other-log", "", "")
		case errors.Is(err, nightly.ErrUnsigned):
			return s.problem("unsigned", err.Error(), "没有用于签名的密钥")
		case err != nil:
			return err
		}
		return f(w, x)
	})
}

type growthIn struct {
	InWorkspace
	Since uint64 `query:"since" minimum:"1" required:"true" doc:"Entries of the checkpoint that was kept"`
}

// Growth is a proof that a log went on from what it was.
type Growth struct {
	Since      uint64   `json:"since" doc:"Entries of the checkpoint that was kept"`
	Path       []string `json:"path" doc:"Hashes from its root to the root of today"`
	Checkpoint string   `json:"checkpoint" doc:"What the log is, signed"`
	Key        string   `json:"key" doc:"Public key that has signed; know it from elsewhere"`
}

func (s *Server) growth(ctx context.Context, i *growthIn) (*body[Growth], error) {
	var out Growth
	err := s.attest(ctx, i.Workspace, func(_ *runtime.Workspace, x *signedNow) error {
		p, err := x.tree.Grow(i.Since, x.c, x.signed)
		if errors.Is(err, seal.ErrProof) { // it has fewer entries than were signed
			return s.problem("other-log", err.Error(), "日志的条目比检查点少")
		}
		if err == nil {
			out = Growth{p.Since, texts(p.Path), p.Checkpoint, s.o.Nightly.Public()}
		}
		return err
	})
	return &body[Growth]{out}, err
}

func texts(path []seal.Hash) []string {
	out := make([]string, len(path))
	for i := range path {
		out[i] = path[i].String()
	}
	return out
}

type entryIn struct {
	InWorkspace
	Seq  uint64 `path:"seq" minimum:"1"`
	Show bool   `query:"show" doc:"What came and what was decided are in it"`
}

// EntryProof is a proof that an entry is in a log.
type EntryProof struct {
	Seq        uint64   `json:"seq"`
	Entry      []byte   `json:"entry" doc:"As it is stored: number, moment, and hashes of the rest"`
	Payload    []byte   `json:"payload,omitempty" doc:"What came, behind its salt"`
	Decision   []byte   `json:"decision,omitempty" doc:"What was decided, packed, behind its salt"`
	Path       []string `json:"path" doc:"Hashes from the entry to the root"`
	Checkpoint string   `json:"checkpoint" doc:"What the log is, signed"`
	Key        string   `json:"key" doc:"Public key that has signed; know it from elsewhere"`
}

func (s *Server) proveEntry(ctx context.Context, i *entryIn) (*body[EntryProof], error) {
	var out EntryProof
	v := callerOf(ctx).view()
	whole := v.Whole()
	if i.Show && !whole {
		return nil, s.problem("not-allowed", "it takes somebody who sees all records whole",
			"需要能看到全部记录及全部字段的人")
	}
	err := s.attest(ctx, i.Workspace, func(w *runtime.Workspace, x *signedNow) error {
		// Who sees all may ask for any entry; an erased one is still there. Others are told of what
		// they see, and a look at personal data is kept.
		_, err := s.logged(ctx, w, i.Seq, false)
		var gone *runtime.ErasedError
		if err != nil && (!whole || !errors.As(err, &gone)) {
			return err
		}
		p, err := x.tree.Prove(i.Seq, x.c, x.signed, i.Show)
		if err == nil {
			out = EntryProof{p.Seq, p.Entry, p.Payload, p.Decision, texts(p.Path), p.Checkpoint,
				s.o.Nightly.Public()}
		}
		return err
	})
	return &body[EntryProof]{out}, err
}
