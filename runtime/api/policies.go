package api

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"net/http"
	"slices"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/diff"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/trial"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/templates/pack"
)

func (s *Server) policies() {
	const at = "/v1/{workspace}/policy"
	add(s, route{verb: "read", method: http.MethodGet, path: at, id: "policy",
		sum: "The policy in force"}, s.policy)
	s.history(at)
	s.gate(at)
	s.shadows(at)
	s.canaries(at)
	add(s, route{verb: "draft", method: http.MethodPost, path: at + "/check", id: "check",
		sum: "What is wrong with a policy"}, s.check)
	add(s, route{verb: "draft", method: http.MethodPost, path: at + "/test", id: "test",
		sum: "Run a policy's own tests"}, s.test)
	add(s, route{verb: "draft", method: http.MethodPost, path: at + "/diff", id: "diff",
		sum: "What a policy would change against the one in force"}, s.diff)
	add(s, route{verb: "publish", or: "tune", method: http.MethodPut, path: at, id: "publish",
		sum: "Put a policy in force",
		more: "It must have no mistakes and pass its own tests. `expect` is the hash of the policy " +
			"that was in force when this one was written, or the `source` of its text: where " +
			"another is by now nothing is done. Another text of the same meaning, with other " +
			"comments, order, file names or labels, is put in force too, and changes nothing that " +
			"is decided or running. Who may tune alone may change numbers, not structure. Where it " +
			"would decide more of the last days otherwise than the budget allows, or strand open " +
			"records, it is refused (409, `confirm`) until `confirm` says so."}, s.publish)
	add(s, route{verb: "publish", or: "tune", method: http.MethodPost, path: at + "/rollback",
		id: "rollback", sum: "Put a policy in force that was in force before"}, s.rollback)
}

// File is a file of a policy.
type File struct {
	Name string `json:"name" maxLength:"500" doc:"Path below the policy's folder" example:"visits.thru"`
	Text string `json:"text"`
}

// Files are a policy as files: thru.toml, .thru files, and what its tests read.
type Files struct {
	Files  []File `json:"files" minItems:"1" maxItems:"1000"`
	Expect string `json:"expect,omitempty" doc:"Hash of the policy in force that this one comes from, or the source of its text"`
	Why    string `json:"why,omitempty" maxLength:"2000" doc:"For those who read the list of versions"`

	Confirm Confirm `json:"confirm,omitempty" doc:"Of who publishes: what they were told and want all the same"`
}

type filesIn struct {
	InWorkspace
	Body Files
}

// Policy is a policy with its text.
type Policy struct {
	Hash    string `json:"hash" doc:"Of its meaning"`
	Source  string `json:"source" doc:"Hash of its text: another one may mean the same"`
	Version string `json:"version,omitempty"`
	Files   []File `json:"files"`
}

func hashOf(p *policy.Policy) string { return hex.EncodeToString(p.Hash[:]) }

// SourceOf is the hash of a policy's text, as versions have it.
func SourceOf(p *policy.Policy) string {
	sum, err := runtime.SourceOf(p)
	if err != nil {
		return "" // texts and names: it never fails
	}
	return hex.EncodeToString(sum[:])
}

func (s *Server) policy(ctx context.Context, i *InWorkspace) (*body[Policy], error) {
	var out Policy
	err := s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		p, err := inForce(ctx, w)
		if err != nil {
			return err
		}
		out = Policy{Hash: hashOf(p), Source: SourceOf(p), Version: p.Settings.Version, Files: filesOf(p)}
		return nil
	})
	return &body[Policy]{out}, err
}

func inForce(ctx context.Context, w *runtime.Workspace) (p *policy.Policy, err error) {
	err = w.View(ctx, func(e *engine.Engine) { p = e.Policy() })
	return p, err
}

// loaded is a policy that came with a request.
type loaded struct {
	policy *policy.Policy
	diags  []source.Diagnostic
	fsys   fs.FS
}

// load checks a policy that came as files. They are put into an archive in memory, whose names are
// checked there, and read as a folder is: nothing of them reaches the disk.
func (s *Server) load(files []File) (*loaded, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		if !fs.ValidPath(f.Name) || f.Name == "." {
			return nil, s.problem("wrong-request", "no file is called "+f.Name, "文件名无效："+f.Name)
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Store})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(f.Text)); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		return nil, err
	}
	whole, err := pack.Open(r)
	if err != nil {
		return nil, s.problem("wrong-policy", err.Error(), "")
	}
	l := &loaded{fsys: whole}
	if l.policy, l.diags, err = dsl.Load(whole, "."); err != nil {
		return nil, s.problem("wrong-policy", err.Error(), "")
	}
	return l, nil
}

// report are the diagnostics in a language.
func (l *loaded) report(lang string) []source.Report {
	if lang == "" {
		lang = "en"
	}
	out := []source.Report{}
	for _, d := range l.diags {
		out = append(out, source.ReportOf(l.policy.Files, d, lang))
	}
	return out
}

// sound is a policy that can run.
func (s *Server) sound(files []File, lang string) (*loaded, error) {
	l, err := s.load(files)
	if err != nil {
		return nil, err
	}
	var p *Problem
	switch {
	case dsl.HasErrors(l.diags):
		p = s.problem("wrong-policy", "it has mistakes", "策略有错误")
	case len(l.policy.Externs) > 0:
		p = s.problem("wrong-policy", "extern functions come from the program that embeds the engine",
			"extern 函数由嵌入引擎的程序提供")
	default:
		return l, nil
	}
	p.Diagnostics = l.report(lang)
	return nil, p
}

// Checked is what is wrong with a policy.
type Checked struct {
	Sound       bool            `json:"sound" doc:"It has no errors; warnings and notes it may have"`
	Hash        string          `json:"hash,omitempty" doc:"Of its meaning, where it is sound"`
	Diagnostics []source.Report `json:"diagnostics"`
}

func (s *Server) check(ctx context.Context, i *filesIn) (*body[Checked], error) {
	l, err := s.load(i.Body.Files)
	if err != nil {
		return nil, err
	}
	out := Checked{Sound: !dsl.HasErrors(l.diags), Diagnostics: l.report(callerOf(ctx).lang)}
	if out.Sound {
		out.Hash = hashOf(l.policy)
	}
	return &body[Checked]{out}, nil
}

// Tested is how a policy's own tests went.
type Tested struct {
	Passed  bool              `json:"passed" doc:"All of them"`
	Results []json.RawMessage `json:"results"`
}

func (s *Server) test(ctx context.Context, i *filesIn) (*body[Tested], error) {
	var out Tested
	err := s.inTurn(ctx, i, func(_ *loaded, t Tested) error {
		out = t
		return nil
	})
	return &body[Tested]{out}, err
}

// inTurn runs the tests of a policy that came and is sound, when it is its turn, and goes on.
func (s *Server) inTurn(
	ctx context.Context, i *filesIn, then func(*loaded, Tested) error,
) error {
	lang := callerOf(ctx).lang
	l, err := s.sound(i.Body.Files, lang)
	if err != nil {
		return err
	}
	leave, err := s.turn(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return then(l, l.tested(lang))
}

func (l *loaded) tested(lang string) Tested {
	if lang == "" {
		lang = "en"
	}
	out := Tested{Passed: true, Results: []json.RawMessage{}}
	o := trial.Options{Lang: lang,
		Read: func(name string) ([]byte, error) { return fs.ReadFile(l.fsys, name) }}
	for _, r := range trial.All(l.policy, o, func(string) bool { return true }) {
		out.Passed = out.Passed && r.Passed
		out.Results = append(out.Results, r.AppendJSON(nil))
	}
	return out
}

// Differs is what changes in meaning between two policies.
type Differs struct {
	From    string          `json:"from" doc:"Hash of the policy in force"`
	To      string          `json:"to" doc:"Hash of the one that came"`
	Text    string          `json:"text" doc:"For people"`
	Changes json.RawMessage `json:"changes" doc:"The same for programs"`
}

func (s *Server) diff(ctx context.Context, i *filesIn) (*body[Differs], error) {
	lang := callerOf(ctx).lang
	l, err := s.sound(i.Body.Files, lang)
	if err != nil {
		return nil, err
	}
	if lang == "" {
		lang = "en"
	}
	var out Differs
	err = s.use(ctx, i.Workspace, func(w *runtime.Workspace) error {
		old, err := inForce(ctx, w)
		if err != nil {
			return err
		}
		r := diff.Of(old, l.policy)
		out = Differs{hashOf(old), hashOf(l.policy), r.Text(lang), lineList(r.AppendJSON(nil))}
		return nil
	})
	return &body[Differs]{out}, err
}

// lineList makes a list of objects that stand one a line.
func lineList(lines []byte) json.RawMessage {
	out := []byte{'['}
	for line := range bytes.Lines(lines) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if len(out) > 1 {
				out = append(out, ',')
			}
			out = append(out, line...)
		}
	}
	return append(out, ']')
}

// Published says what is in force from an entry on.
type Published struct {
	Hash   string `json:"hash"`
	Source string `json:"source" doc:"Hash of its text"`
	Seq    uint64 `json:"seq" doc:"The entry that activated it"`
}

func (s *Server) publish(ctx context.Context, i *filesIn) (*body[Published], error) {
	return s.publishAs(ctx, i, "publish")
}

// publishAs puts a policy in force that passes the gate, and says how it came.
func (s *Server) publishAs(
	ctx context.Context, i *filesIn, how string,
) (out *body[Published], err error) {
	err = s.inTurn(ctx, i, func(l *loaded, t Tested) (err error) {
		if !t.Passed {
			p := s.problem("wrong-policy", "its tests do not pass", "策略的测试没有通过")
			for _, r := range t.Results {
				p.Errors = append(p.Errors, Wrong{Message: string(r)})
			}
			return p
		}
		as := runtime.Given{How: how, Why: i.Body.Why}
		if err := s.held(ctx, i, l, &as); err != nil {
			return err
		}
		out, err = s.activate(ctx, &change{i.Workspace, i.Body.Expect, as,
			func(*runtime.Workspace) (*policy.Policy, error) { return l.policy, nil }})
		return err
	})
	return out, err
}

type rollbackIn struct {
	InWorkspace
	Body struct {
		Hash   string `json:"hash" pattern:"^[0-9a-f]{64}$" doc:"Of the policy to go back to: of its meaning, for the latest text of that, or the source of one text"`
		Expect string `json:"expect,omitempty" doc:"Hash of the policy that is thought to be in force, or its source"`
		Why    string `json:"why,omitempty" maxLength:"2000" doc:"For those who read the list of versions"`
	}
}

func (s *Server) rollback(ctx context.Context, i *rollbackIn) (*body[Published], error) {
	return s.activate(ctx, &change{i.Workspace, i.Body.Expect,
		runtime.Given{How: "rollback", Why: i.Body.Why},
		func(w *runtime.Workspace) (*policy.Policy, error) {
			return s.former(ctx, w, i.Body.Hash)
		}})
}

// former is the policy that was in force by a hash: of a text, or the latest text of a meaning.
func (s *Server) former(
	ctx context.Context, w *runtime.Workspace, hash string,
) (*policy.Policy, error) {
	all, err := w.Versions(ctx)
	if err != nil {
		return nil, err
	}
	for _, v := range slices.Backward(all) {
		if hash == v.Source || hash == hashOf(v.Policy) {
			return v.Policy, nil
		}
	}
	return nil, s.problem("unknown-policy", "no policy of this hash was in force",
		"没有使用过这个散列值的策略")
}

// moved says which policy is in force, where another was expected.
func (s *Server) moved(now *policy.Policy) *Problem {
	return s.problem("moved", "in force is "+hashOf(now)+", with the text "+SourceOf(now),
		"当前生效的是 "+hashOf(now)+"，其文本为 "+SourceOf(now))
}

// change is a policy that is to be put in force.
type change struct {
	workspace string
	expect    string // hash of the one that is thought to be in force; "": whichever
	as        runtime.Given
	which     func(*runtime.Workspace) (*policy.Policy, error)
}

// activate puts a policy in force. Who does is in the server's own log first, so that none is in
// force for which nobody stands.
func (s *Server) activate(ctx context.Context, c *change) (*body[Published], error) {
	var out Published
	err := s.use(ctx, c.workspace, func(w *runtime.Workspace) error {
		old, err := inForce(ctx, w)
		if err != nil {
			return err
		}
		if c.expect != "" && c.expect != hashOf(old) && c.expect != SourceOf(old) {
			return s.moved(old)
		}
		p, err := c.which(w)
		if err != nil {
			return err
		}
		by := callerOf(ctx)
		if by.verb == access.Tune {
			if at := diff.Structure(old, p); at != "" {
				return s.problem("structure", "it changes more than numbers: "+at,
					"除数字外还有其他改动："+at)
			}
		}
		// What was looked at is what is replaced: two who publish at once do so one after the other.
		leave, err := s.publishing.lock(ctx, c.workspace)
		if err != nil {
			return err
		}
		defer leave()
		if now, err := inForce(ctx, w); err != nil {
			return err
		} else if now != old && (c.expect != "" || by.verb == access.Tune) {
			return s.moved(now)
		}
		err = s.o.Access.Note(ctx, access.Act{What: c.as.How, Workspace: c.workspace, About: hashOf(p),
			Who: by.who.ID()})
		if err != nil {
			return err
		}
		// What was begun is done to its end, whether or not somebody waits for it.
		as := c.as
		as.By = by.who.ID()
		seq, err := w.ActivateAs(context.WithoutCancel(ctx), p, as)
		out = Published{hashOf(p), SourceOf(p), seq}
		return err
	})
	return &body[Published]{out}, err
}
