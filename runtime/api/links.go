package api

import (
	"context"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"time"

	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/deliver/link"
)

// links answers addresses that stand in messages. Who opens one sees what it does; it is done when
// they say so, because programs that look into mail open addresses as well.
func (s *Server) links() {
	s.mux.HandleFunc("GET "+link.Path+"{token}", func(w http.ResponseWriter, r *http.Request) {
		l, err := s.linked(r)
		s.linkPage(w, r, &linkPage{Do: l.Do, Err: err})
	})
	s.mux.HandleFunc("POST "+link.Path+"{token}", func(w http.ResponseWriter, r *http.Request) {
		l, err := s.linked(r)
		if err == nil {
			err = s.carryOut(r.Context(), l)
		}
		s.linkPage(w, r, &linkPage{Do: l.Do, Done: err == nil, Err: err})
	})
}

func (s *Server) linked(r *http.Request) (link.Link, error) {
	if s.o.Links == nil {
		return link.Link{}, link.ErrLink
	}
	return s.o.Links.Open(r.PathValue("token"), time.Now())
}

// stoppedSetting is what it is called that somebody wants no digests of a channel.
func stoppedSetting(channel, ref string) string { return "stopped/" + channel + "/" + ref }

// NoDigests reports whether somebody ended the digests of a channel.
func NoDigests(a *access.Access) func(workspace, channel, ref string) bool {
	return func(workspace, channel, ref string) bool {
		ok, err := a.Setting(workspace, stoppedSetting(channel, ref), new(bool))
		return ok && err == nil
	}
}

// seenEntry is what the log has of a message that somebody says they have read.
type seenEntry struct {
	Do      string `json:"do"` // seen
	Of      string `json:"of"` // WORKSPACE/SEQ/N of the message's first effect
	Channel string `json:"channel"`
	By      string `json:"by"` // as Rep/li
}

// carryOut does what a link is for. Twice is once.
func (s *Server) carryOut(ctx context.Context, l link.Link) error {
	switch l.Do {
	case link.Stop:
		if NoDigests(s.o.Access)(l.Workspace, l.Channel, l.For) {
			return nil
		}
		return s.o.Access.Set(ctx, access.Setting{Workspace: l.Workspace,
			Name: stoppedSetting(l.Channel, l.For), Value: true}, l.For)
	case link.Seen:
		b, err := json.Marshal(seenEntry{"seen", l.Message, l.Channel, l.For})
		if err != nil {
			return err
		}
		leave, err := s.setting.lock(ctx, "seen/"+l.Message+"/"+l.For)
		if err != nil {
			return err
		}
		defer leave()
		name := "seen/" + l.Message + "/" + l.For
		if ok, err := s.o.Access.Setting(l.Workspace, name, new(uint64)); ok || err != nil {
			return err
		}
		return s.use(ctx, l.Workspace, func(w *runtime.Workspace) error {
			seq, err := w.Command(context.WithoutCancel(ctx), b)
			if err != nil {
				return err
			}
			return s.o.Access.Set(ctx, access.Setting{Workspace: l.Workspace, Name: name, Value: seq},
				l.For)
		})
	}
	return link.ErrLink
}

// linkPage is a page for whoever opened an address that stood in a message.
type linkPage struct {
	Do   string
	Done bool
	Err  error

	Lang, Text, Button string
}

var linkHTML = template.Must(template.New("link").Parse(`<!doctype html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><title>Throughline</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"></head><body><main><p>{{.Text}}</p>
{{with .Button}}<form method="post"><button>{{.}}</button></form>{{end}}</main></body></html>
`))

func (s *Server) linkPage(w http.ResponseWriter, r *http.Request, p *linkPage) {
	zh := language(r.Header.Get("Accept-Language")) == "zh"
	say := func(en, chinese string) string {
		if zh {
			return chinese
		}
		return en
	}
	status := http.StatusOK
	p.Lang = say("en", "zh-CN")
	switch {
	case errors.Is(p.Err, link.ErrOver):
		status, p.Text = http.StatusGone, say("This link is too old.", "此链接已过期。")
	case errors.Is(p.Err, link.ErrLink):
		status, p.Text = http.StatusNotFound, say("This link leads nowhere.", "此链接无效。")
	case p.Err != nil:
		x := s.problemOf(p.Err)
		s.o.Log.Warn("link", "err", p.Err)
		status, p.Text = x.Status, say("It could not be done now. Try again later.", "暂时无法完成，请稍后再试。")
	case p.Done && p.Do == link.Seen:
		p.Text = say("Thank you. It is noted that you have seen it.", "谢谢，已记录您已知悉。")
	case p.Done:
		p.Text = say("You get no more digests of this channel. Alerts still come.",
			"您不会再收到此通道的汇总；预警仍会发送。")
	case p.Do == link.Seen:
		p.Text, p.Button = say("Say that you have seen the message?", "确认已知悉此消息？"),
			say("I have seen it", "我已知悉")
	default:
		p.Text, p.Button = say("Get no more digests of this channel?", "不再接收此通道的汇总？"),
			say("No more digests", "不再接收")
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	w.WriteHeader(status)
	_ = linkHTML.Execute(w, p) // who asked is gone otherwise
}
