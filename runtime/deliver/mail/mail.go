// Package mail sends messages as mail.
package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	netmail "net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/throughline/throughline/runtime/deliver/agenda"
	"github.com/throughline/throughline/runtime/deliver/channel"
	"github.com/throughline/throughline/runtime/deliver/door"
)

// A Sender sends mail through the servers of channels.
type Sender struct {
	Door  *door.Door
	Roots *x509.CertPool // who may vouch for a server; nil: whom the system trusts
}

// Send sends a message; an error is a Refusal or the network's. What is in the message cannot add a
// header or another recipient: addresses are parsed, and the library encodes the rest.
func (s *Sender) Send(ctx context.Context, x *channel.Sending) error {
	msg, err := letter(x)
	if err != nil {
		return err
	}
	client, err := s.client(x.Channel, x.Secret)
	if err != nil {
		return err
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return refused(err)
	}
	return nil
}

func letter(x *channel.Sending) (*gomail.Msg, error) {
	c, m := x.Channel, x.Message
	to, err := netmail.ParseAddress(m.To)
	if err != nil || strings.ContainsAny(m.To, "\r\n") {
		return nil, &channel.Refusal{Code: "address", Never: true, Text: "this is no mail address"}
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := msg.From(c.From); err != nil {
		return nil, broken("from", err)
	}
	if err := msg.To(to.Address); err != nil {
		return nil, &channel.Refusal{Code: "address", Never: true, Text: "this is no mail address"}
	}
	msg.Subject(channel.PlainText(oneLine(m.Title())))
	msg.SetDateWithValue(x.Now)
	// The same at every attempt: a mailbox that has it already may show it once.
	at := strings.NewReplacer("/", ".", "@", ".").Replace(m.ID)
	_, domain, _ := strings.Cut(msg.GetFromString()[0], "@")
	msg.SetMessageIDWithValue(at + "@" + strings.Trim(domain, "<> "))
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text(c.Kind.Bytes())+foot(m)+"\n")
	if m.Stop != "" { // one click in the mail program, as RFC 8058 has it
		msg.SetGenHeader("List-Unsubscribe", "<"+m.Stop+">")
		msg.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	if b := agenda.Bytes(m.Workspace, todos(m, x.Now)); b != nil {
		msg.AttachReadSeeker("tasks.ics", bytes.NewReader(b),
			gomail.WithFileContentType("text/calendar; charset=utf-8; method=PUBLISH"))
	}
	return msg, nil
}

// foot is what stands under a message.
func foot(m *channel.Message) (text string) {
	seen, stop := "I have seen this: ", "No more digests: "
	if m.Lang == "zh" {
		seen, stop = "我已知悉：", "不再接收汇总："
	}
	if m.Seen != "" {
		text += "\n\n" + seen + m.Seen
	}
	if m.Stop != "" {
		text += "\n\n" + stop + m.Stop
	}
	return text
}

// todos are the tasks of a message that have to be done by some time. Each has the same UID at
// every attempt.
func todos(m *channel.Message, now time.Time) (out []agenda.Todo) {
	for i := range m.Lines {
		l := &m.Lines[i]
		if l.Kind != "task" || l.Due.IsZero() {
			continue
		}
		made := l.At
		if made.IsZero() {
			made = now
		}
		out = append(out, agenda.Todo{UID: strings.ReplaceAll(l.ID, "/", "-"),
			Summary: oneLine(l.Text), About: strings.TrimSpace(l.Rule + " " + l.Of),
			Created: made, Due: l.Due})
	}
	return out
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func (s *Sender) client(c *channel.Channel, x *channel.Secret) (*gomail.Client, error) {
	host, text, whole := c.Dial()
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, broken("port", err)
	}
	secure := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, RootCAs: s.Roots}
	opts := []gomail.Option{gomail.WithPort(port), gomail.WithTimeout(door.Within),
		gomail.WithTLSConfig(secure), gomail.WithoutNoop(),
		gomail.WithDialContextFunc(func(ctx context.Context, network, to string) (net.Conn, error) {
			conn, err := s.Door.Dial(ctx, network, to)
			if err != nil || !whole {
				return conn, err
			}
			over := tls.Client(conn, secure)
			if err := over.HandshakeContext(ctx); err != nil {
				return nil, errors.Join(err, conn.Close())
			}
			return over, nil
		})}
	switch {
	case whole:
		opts = append(opts, gomail.WithSSL())
	case s.Door.OwnHost(host): // a relay in one's own network may speak plainly, without a password
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	default:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	switch {
	case c.User == "":
	case whole: // the library does not know that what we dialled is protected
		opts = append(opts, gomail.WithSMTPAuthCustom(&login{user: c.User, password: x.Password,
			host: host}))
	default:
		opts = append(opts, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(c.User), gomail.WithPassword(x.Password))
	}
	client, err := gomail.NewClient(host, opts...)
	if err != nil {
		return nil, broken("server", err)
	}
	return client, nil
}

// login is PLAIN where a server has it, else LOGIN, over a connection that is protected.
type login struct {
	user, password, host string
	smtp.Auth
}

// Start begins with whichever the server has.
func (l *login) Start(server *smtp.ServerInfo) (proto string, first []byte, err error) {
	l.Auth = smtp.LoginAuth(l.user, l.password, l.host, true)
	if slices.Contains(server.Auth, "PLAIN") {
		l.Auth = smtp.PlainAuth("", l.user, l.password, l.host, true)
	}
	return l.Auth.Start(server)
}

func broken(code string, err error) *channel.Refusal {
	return &channel.Refusal{Code: code, Text: channel.Cut(err.Error(), 200), Shut: true, Broken: true,
		After: channel.BrokenFor}
}

// refused is what a server's refusal means: of this recipient, for now, or of us.
func refused(err error) error {
	var sent *gomail.SendError
	var unknown *tls.CertificateVerificationError
	if errors.As(err, &unknown) {
		return broken("certificate", err)
	}
	if !errors.As(err, &sent) {
		text := strings.ToLower(err.Error())
		if strings.Contains(text, "auth") || strings.Contains(text, "starttls") {
			return broken("login", err)
		}
		return err
	}
	r := &channel.Refusal{Code: "smtp " + strconv.Itoa(sent.ErrorCode()),
		Text: "the server refused it"}
	switch {
	case sent.IsTemp() || sent.ErrorCode() < 500:
		r.After = 5 * time.Minute // greylisting
	case sent.Reason == gomail.ErrSMTPMailFrom:
		r.Shut, r.Broken, r.After = true, true, channel.BrokenFor
	default:
		r.Never = true
	}
	return r
}
