package mail_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http/httptest"
	netmail "net/mail"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime/deliver/channel"
	"github.com/throughline/throughline/runtime/deliver/door"
	"github.com/throughline/throughline/runtime/deliver/mail"
)

// post is a mail server: STARTTLS before anything else, a login, and recipients it has not.
type post struct {
	t      *testing.T
	secure *tls.Config
	whole  bool // TLS from the first byte
	l      net.Listener

	mu   sync.Mutex
	got  []string // letters
	rcpt []string
}

func newPost(t *testing.T, whole bool) (*post, *x509.CertPool) {
	t.Helper()
	web := httptest.NewUnstartedServer(nil)
	web.StartTLS()
	t.Cleanup(web.Close)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &post{t: t, whole: whole, l: l, secure: &tls.Config{Certificates: web.TLS.Certificates}}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go p.talk(conn)
		}
	}()
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	return p, roots
}

func (p *post) talk(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	safe := p.whole
	if safe {
		conn = tls.Server(conn, p.secure)
	}
	in := bufio.NewReader(conn)
	say := func(text string) { fmt.Fprintf(conn, "%s\r\n", text) }
	say("220 hello")
	known := false
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		switch {
		case verb == "EHLO" && safe:
			say("250-hello\r\n250 AUTH PLAIN LOGIN")
		case verb == "EHLO":
			say("250-hello\r\n250 STARTTLS")
		case verb == "STARTTLS":
			say("220 go on")
			conn = tls.Server(conn, p.secure)
			in, safe = bufio.NewReader(conn), true
		case !safe:
			say("530 first STARTTLS")
		case verb == "AUTH":
			b, _ := base64.StdEncoding.DecodeString(line[strings.LastIndex(line, " ")+1:])
			if known = string(b) == "\x00sales\x00hunter2"; known {
				say("235 come in")
			} else {
				say("535 no")
			}
		case !known:
			say("530 log in")
		case verb == "RCPT" && strings.Contains(line, "gone@"):
			say("550 nobody of this name")
		case verb == "RCPT" && strings.Contains(line, "grey@"):
			say("451 try later")
		case verb == "RCPT":
			p.mu.Lock()
			p.rcpt = append(p.rcpt, line)
			p.mu.Unlock()
			say("250 fine")
		case verb == "DATA":
			say("354 go on")
			var b strings.Builder
			for {
				l, err := in.ReadString('\n')
				if err != nil || l == ".\r\n" {
					break
				}
				b.WriteString(l)
			}
			p.mu.Lock()
			p.got = append(p.got, b.String())
			p.mu.Unlock()
			say("250 fine")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 fine")
		}
	}
}

// attached is what a letter carries beside its text.
func attached(t *testing.T, letter string) string {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(letter))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		if part.FileName() == "" {
			continue
		}
		b, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
}

func TestMail(t *testing.T) {
	own := door.New([]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")})
	for _, whole := range []bool{false, true} {
		p, roots := newPost(t, whole)
		scheme := map[bool]string{false: "smtp://", true: "smtps://"}[whole]
		c := &channel.Channel{Kind: channel.Mail, URL: scheme + p.l.Addr().String(), User: "sales",
			From: "动线 <sales@example.com>"}
		secret := &channel.Secret{Password: "hunter2"}
		at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		s := &mail.Sender{Door: own, Roots: roots}
		send := func(to, text string, secret *channel.Secret) string {
			t.Helper()
			err := s.Send(t.Context(), &channel.Sending{Channel: c, Secret: secret, Now: at,
				Message: &channel.Message{ID: "east/7/0", To: to, Lines: []channel.Line{{Text: text}}}})
			var r *channel.Refusal
			switch {
			case err == nil:
				return "sent"
			case !errors.As(err, &r):
				return "error " + err.Error()
			case r.Never:
				return "never " + r.Code
			case r.Broken:
				return "broken " + r.Code
			}
			return "again " + r.Code
		}
		for _, x := range []struct{ to, text, want string }{
			{"li@example.com", "拜访 3 家\r\nBcc: all@example.com\r\n\r\n.\r\nRCPT TO:<x@y>", "sent"},
			{"li@example.com", "Visits\r\nBcc: all@example.com", "sent"}, // nothing in it has to be encoded
			{"li@example.com\r\nBcc: x@example.com", "x", "never address"},
			{"li@example.com, wu@example.com", "x", "never address"},
			{"nobody", "x", "never address"},
			{"gone@example.com", "x", "never smtp 550"},
			{"grey@example.com", "x", "again smtp 451"},
		} {
			if got := send(x.to, x.text, secret); got != x.want {
				t.Errorf("%q: %s, want %s", x.to, got, x.want)
			}
		}
		if got := send("li@example.com", "x", &channel.Secret{Password: "wrong"}); got != "broken login" {
			t.Error(got)
		}
		p.mu.Lock()
		if len(p.got) != 2 || len(p.rcpt) != 2 {
			t.Fatalf("%q to %q", p.got, p.rcpt)
		}
		head, _, _ := strings.Cut(p.got[0], "\r\n\r\n")
		plain, _, _ := strings.Cut(p.got[1], "\r\n\r\n")
		if strings.Contains(head, "Bcc") || strings.Contains(plain, "\nBcc") || !strings.Contains(head, "Message-ID: <east.7.0@example.com>") ||
			!strings.Contains(head, "Date: Mon, 02 Mar 2026 09:00:00 +0000") {
			t.Error(head, plain)
		}
		p.got, p.rcpt = nil, nil
		p.mu.Unlock()
		err := s.Send(t.Context(), &channel.Sending{Channel: c, Secret: secret, Now: at,
			Message: &channel.Message{ID: "east/8/0", Workspace: "east", To: "li@example.com",
				Seen: "https://r.example.com/seen", Stop: "https://r.example.com/stop",
				Lines: []channel.Line{{Text: "early"}, {ID: "east/8/0", Kind: "task", Rule: "Big",
					Text: "call\r\nEND:VCALENDAR", Due: at.Add(24 * time.Hour), At: at}}}})
		if err != nil {
			t.Fatal(err)
		}
		p.mu.Lock()
		for _, want := range []string{"List-Unsubscribe: <https://r.example.com/stop>",
			"List-Unsubscribe-Post: List-Unsubscribe=One-Click", "I have seen this: https://r.example.com/seen",
			"text/calendar", `filename="tasks.ics"`} {
			if !strings.Contains(p.got[0], want) {
				t.Errorf("no %s in %s", want, p.got[0])
			}
		}
		calendar := attached(t, p.got[0])
		for _, want := range []string{"UID:east-8-0\r\n", "SUMMARY:call END:VCALENDAR\r\n",
			"DUE:20260303T090000Z\r\n"} {
			if !strings.Contains(calendar, want) {
				t.Errorf("no %q in %s", want, calendar)
			}
		}
		if strings.Count(calendar, "\r\nEND:VCALENDAR") != 1 || strings.Count(calendar, "BEGIN:VTODO") != 1 {
			t.Error(calendar)
		}
		p.mu.Unlock()

		s.Roots = nil
		if got := send("li@example.com", "x", secret); !strings.Contains(got, "certificate") {
			t.Errorf("a server that nobody vouches for: %s", got)
		}
		s.Roots, s.Door = roots, door.New(nil)
		if got := send("li@example.com", "x", secret); !strings.Contains(got, "network of its own") {
			t.Errorf("a server inside: %s", got)
		}
	}
}
