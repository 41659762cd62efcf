package deliver

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ask"
	"github.com/throughline/throughline/runtime/deliver/channel"
	"github.com/throughline/throughline/runtime/deliver/link"
	"github.com/throughline/throughline/runtime/deliver/robot"
)

// errGone says that an effect's decision was erased.
var errGone = errors.New("it was erased")

// reader reads effects back from the log and puts them into words.
type reader struct {
	name    string
	w       *runtime.Workspace
	o       *Options
	email   func(ref string) string
	writers map[spoken]*decision.Writer
}

// spoken is a policy in a language.
type spoken struct {
	policy *policy.Policy
	lang   string
}

// mostWriters bounds what is kept of policies that may not be in use any more.
const mostWriters = 16

func (r *reader) writer(p *policy.Policy, lang string) (*decision.Writer, error) {
	key := spoken{p, lang}
	if w := r.writers[key]; w != nil {
		return w, nil
	}
	zone, err := calendar.Zone(p.Settings.Timezone)
	if err != nil {
		return nil, err
	}
	if len(r.writers) >= mostWriters || r.writers == nil {
		r.writers = map[spoken]*decision.Writer{}
	}
	w := decision.NewWriter(p, decision.Options{Zone: zone, Lang: lang})
	r.writers[key] = w
	return w, nil
}

// line puts an effect into words.
func (r *reader) line(x *waiting, lang string) (out channel.Line, err error) {
	found := false
	err = r.w.Entries(x.Key.Seq, x.Key.Seq, false, func(l *runtime.Logged) error {
		var d decision.Decision
		if err := l.Decode(&d); err != nil {
			return err
		}
		w, err := r.writer(l.Policy(), lang)
		if err != nil || x.Key.N >= len(d.Effects) {
			return err
		}
		found = true
		e, x := &d.Effects[x.Key.N], waitingOf(&d, x.Key.N)
		out = channel.Line{ID: r.name + "/" + x.Key.String(), Kind: e.Kind.String(), Rule: x.Rule,
			Of: x.Of, For: x.For, Text: string(w.AppendMessage(nil, e)), Urgent: x.Urgent,
			At: time.UnixMicro(x.At).In(w.Zone())}
		if e.Due != 0 {
			out.Due = time.UnixMicro(e.Due).In(w.Zone())
		}
		if e.Kind == decision.Call {
			out.Name = x.Via
		}
		return nil
	})
	var gone *runtime.ErasedError
	if errors.As(err, &gone) || err == nil && !found {
		return out, errGone
	}
	return out, err
}

// message makes the message of a job and leaves in that what is in the message; what was erased it
// hands back.
func (r *reader) message(
	ctx context.Context, j *job, c *channel.Channel,
) (m *channel.Message, erased []Part, err error) {
	m = &channel.Message{Workspace: r.name, Lang: c.Lang}
	var in job
	for i, x := range j.of {
		l, err := r.line(x, c.Lang)
		switch {
		case errors.Is(err, errGone):
			erased = append(erased, j.parts[i])
			continue
		case err != nil:
			return nil, nil, err
		}
		if err := r.absent(ctx, &l, x, spot{j.parts[i].To, c}); err != nil {
			return nil, nil, err
		}
		m.Lines = append(m.Lines, l)
		in.parts, in.of = append(in.parts, j.parts[i]), append(in.of, x)
	}
	if len(m.Lines) == 0 {
		return nil, erased, errGone
	}
	j.parts, j.of = in.parts, in.of
	m.ID = m.Lines[0].ID
	if c.Kind.Personal() {
		err = r.personal(ctx, m, j, c)
	} else {
		m.Mention, err = r.mentions(ctx, c, j.of)
	}
	n := robot.Fit(c.Kind, m) // what does not fit goes with the next
	m.Lines, j.parts, j.of = m.Lines[:n], j.parts[:n], j.of[:n]
	return m, erased, err
}

// personal addresses a message to whom its first effect is for: so are the others.
func (r *reader) personal(
	ctx context.Context, m *channel.Message, j *job, c *channel.Channel,
) (err error) {
	to := j.of[0].to(j.parts[0].To)
	if to == "" {
		return &channel.Refusal{Code: "nobody", Text: "it is for nobody", Never: true}
	}
	if c.Digest != "" && !j.of[0].Urgent && r.o.Stopped != nil && r.o.Stopped(r.name, c.Name, to) {
		return &channel.Refusal{Code: "stopped", Text: to + " wants no digests", Never: true}
	}
	r.links(m, c, to)
	m.ID += "/" + to
	if m.To, err = r.address(ctx, c, to); err == nil && m.To == "" {
		err = &channel.Refusal{Code: "no-address", Text: to + " has no address", Never: true}
	}
	return err
}

// How long the addresses in a message may be used.
const (
	seenFor = 14 * 24 * time.Hour
	stopFor = 365 * 24 * time.Hour
)

// links puts addresses into a message that whoever it is for may use. They are the same at every
// attempt.
func (r *reader) links(m *channel.Message, c *channel.Channel, to string) {
	if r.o.Links == nil || c.Kind != channel.Mail {
		return
	}
	l := link.Link{Do: link.Seen, Workspace: r.name, Message: m.ID, Channel: c.Name, For: to,
		Until: m.Lines[0].At.Add(seenFor).Unix()}
	m.Seen = r.o.Links.URL(l)
	if c.Digest != "" {
		l.Do, l.Message, l.Until = link.Stop, "", m.Lines[0].At.Add(stopFor).Unix()
		m.Stop = r.o.Links.URL(l)
	}
}

// mentions are whom a robot mentions.
func (r *reader) mentions(
	ctx context.Context, c *channel.Channel, of []*waiting,
) (out []string, err error) {
	seen := map[string]bool{}
	for _, x := range of {
		for _, ref := range x.everyone() {
			if c.Address == "" || seen[ref] || len(seen) >= mostMentioned || !c.Kind.Robot() {
				continue
			}
			seen[ref] = true
			id, err := r.address(ctx, c, ref)
			if err != nil {
				return nil, err
			}
			if id != "" {
				out = append(out, id)
			}
		}
	}
	return out, nil
}

const mostMentioned = 20

// address is a recipient's: what their record says, else for mail what their account does.
func (r *reader) address(ctx context.Context, c *channel.Channel, ref string) (string, error) {
	field := c.Address
	switch {
	case field != "":
	case c.Kind == channel.Mail:
		field = "email"
	case c.Kind == channel.SMS:
		field = "phone"
	}
	out, err := r.field(ctx, ref, field)
	if out == "" && err == nil && c.Kind == channel.Mail && r.email != nil {
		out = r.email(ref)
	}
	return strings.TrimSpace(out), err
}

// field is the text of a field of a record, "" where there is none.
func (r *reader) field(ctx context.Context, ref, name string) (out string, err error) {
	typ, id, ok := strings.Cut(ref, "/")
	if !ok {
		return "", nil
	}
	got := make(chan string, 1)
	err = r.w.View(ctx, func(e *engine.Engine) {
		text := ""
		if q, err := ask.New(e.Policy(), typ, []string{"self." + name}); err == nil && q.Kept() {
			_ = q.Answers(e, []string{id}, true, func(_ string, v []value.Value) error {
				if v[0].Kind == value.Text {
					text = strings.Clone(v[0].S)
				}
				return nil
			}) // who has no record has no address
		}
		got <- text
	})
	if err != nil {
		return "", err
	}
	return <-got, nil
}
