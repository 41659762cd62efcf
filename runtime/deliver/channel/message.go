package channel

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/rivo/uniseg"
)

// A Message is what is sent at once: one effect, or several to the same place.
type Message struct {
	ID        string   // the same at every attempt
	Workspace string   // whose it is
	Lines     []Line   // the effects, the oldest first
	To        string   // the recipient's address; "": the channel's own
	Mention   []string // who is mentioned by a robot, as the platform calls them
	Lang      string   // en or zh; "": en

	Seen string // address at which whom it is for says that they have read it; "": none
	Stop string // address at which they end the channel's digests; "": none
}

// A Sending is a message on its way through a channel.
type Sending struct {
	Channel *Channel
	Secret  *Secret
	Message *Message
	Now     time.Time
}

// A Line is one effect.
type Line struct {
	ID     string    `json:"id" doc:"Of the effect: WORKSPACE/SEQ/N"`
	Kind   string    `json:"kind"`
	Name   string    `json:"name,omitempty"` // of a call
	Rule   string    `json:"rule"`
	Of     string    `json:"of,omitempty"`  // the record that the rule is about
	For    []string  `json:"for,omitempty"` // who is told
	Text   string    `json:"text,omitempty"`
	Due    time.Time `json:"due,omitzero"`
	At     time.Time `json:"at"`
	Urgent bool      `json:"urgent,omitempty"` // an alert's
	Away   []Absence `json:"away,omitempty"`   // of those who are told
}

// An Absence is somebody who was away when something was told them, and who stands in.
type Absence struct {
	Who    string    `json:"who"`
	Deputy string    `json:"deputy"`
	Until  time.Time `json:"until"`
}

// Text is the message for people, at most so many bytes. The same said twice is said once, with how
// often.
func (m *Message) Text(most int) string { return Cut(m.whole(len(m.Lines)), most) }

// Fit says how many of the lines, from the first on, fit into so many bytes; one always does, since
// it may be cut.
func (m *Message) Fit(most int) int {
	over := sort.Search(len(m.Lines), func(n int) bool { return len(m.whole(n+1)) > most })
	return max(over, 1)
}

// whole is the text of the first lines.
func (m *Message) whole(n int) string {
	var texts []string
	times := map[string]int{}
	for i := range m.Lines[:n] {
		t := m.Lines[i].say(m.Lang)
		if times[t]++; times[t] == 1 {
			texts = append(texts, t)
		}
	}
	for i, t := range texts {
		if k := times[t]; k > 1 {
			texts[i] = fmt.Sprintf("%s (×%d)", t, k)
		}
	}
	if len(texts) == 1 {
		return texts[0]
	}
	var b strings.Builder
	b.WriteString(m.head(n))
	for _, t := range texts {
		b.WriteString("\n· " + strings.ReplaceAll(t, "\n", " "))
	}
	return b.String()
}

func (m *Message) head(n int) string {
	if m.Lang == "zh" {
		return fmt.Sprintf("%d 条消息", n)
	}
	return fmt.Sprintf("%d messages", n)
}

// Title is a line that stands for the message.
func (m *Message) Title() string {
	if len(m.Lines) != 1 {
		return m.head(len(m.Lines))
	}
	text, _, _ := strings.Cut(m.Lines[0].Text, "\n")
	if text == "" {
		text = m.Lines[0].Rule
	}
	return Cut(text, 120)
}

// say is one effect for people.
func (l *Line) say(lang string) string {
	text := l.Text
	if text == "" {
		text = l.Rule
	}
	if l.Due.IsZero() {
		return text
	}
	due := l.Due.Format("2006-01-02 15:04")
	if lang == "zh" {
		return text + "（截止 " + due + "）"
	}
	return text + " (due " + due + ")"
}

// Cut shortens a text to so many bytes, between two characters as people see them.
func Cut(text string, most int) string {
	const more = "…"
	if len(text) <= most {
		return text
	}
	at, rest, state := 0, text, -1
	for rest != "" {
		var c string
		c, rest, _, state = uniseg.StepString(rest, state)
		if at+len(c)+len(more) > most {
			break
		}
		at += len(c)
	}
	if at+len(more) > most {
		return ""
	}
	return strings.TrimRight(text[:at], " \n") + more
}

// Plain is the message without what a platform could read as something else than text: some take
// `<at …>` and `<@…>` for a mention, and what a record says is not the policy's to mention.
func (m *Message) Plain() *Message {
	out := *m
	out.Lines = slices.Clone(m.Lines)
	for i := range out.Lines {
		l := &out.Lines[i]
		l.Text, l.Rule = PlainText(l.Text), PlainText(l.Rule)
	}
	return &out
}

// PlainText is a text without what a platform could read as something else.
func PlainText(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '<':
			return '＜'
		case r < ' ' && r != '\n' || r == 0x7f:
			return ' '
		}
		return r
	}, text)
}

// A Refusal is why a channel did not take a message.
type Refusal struct {
	Code string // as the other side calls it, or timeout, network, no-address, …
	Text string // for people, without anything secret

	Never  bool          // it will not take this one: another attempt is of no use
	Shut   bool          // it takes none for a while
	Broken bool          // somebody has to look at its settings; with Shut
	After  time.Duration // not before; 0: as the attempts say
}

// Error says what the other side said.
func (r *Refusal) Error() string {
	if r.Text == "" {
		return r.Code
	}
	return r.Code + ": " + r.Text
}

// Status is why an answer by HTTP does not take a message; nil: it does. After is what it says of
// trying again.
func Status(status int, after time.Duration) *Refusal {
	r := &Refusal{Code: fmt.Sprintf("http %d", status), After: after}
	switch {
	case status >= 200 && status < 300:
		return nil
	case status == 429:
		r.Shut, r.After = true, max(after, time.Minute)
	case slices.Contains([]int{401, 403, 404, 410}, status), status >= 300 && status < 400:
		// A redirect is not followed: who may say where secrets go is who set the channel.
		r.Shut, r.Broken, r.After = true, true, BrokenFor
	case status >= 400 && status < 500 && status != 408 && status != 425:
		r.Never = true
	}
	return r
}

// BrokenFor is how long a channel that is broken is left alone.
const BrokenFor = 15 * time.Minute
