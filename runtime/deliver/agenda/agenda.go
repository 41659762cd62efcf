// Package agenda writes tasks as a calendar that other programs read (iCalendar, RFC 5545).
package agenda

import (
	"bytes"
	"io"
	"time"

	ics "github.com/arran4/golang-ical"
)

// A Todo is one task.
type Todo struct {
	UID     string // the same each time, so that a program that reads it again finds its own
	Summary string
	About   string // what else there is to say
	Created time.Time
	Changed time.Time // zero: since it was made never
	Due     time.Time // zero: none
	State   string    // done, cancelled, expired; anything else: it is to be done
}

// Write writes tasks as a calendar of a name.
func Write(to io.Writer, name string, list []Todo) error {
	c := ics.NewCalendar()
	c.SetProductId("-//Throughline//thru tasks//EN")
	c.SetMethod(ics.MethodPublish)
	c.SetXWRCalName(name)
	for i := range list {
		t := &list[i]
		todo := c.AddTodo(t.UID)
		changed := t.Changed
		if changed.Before(t.Created) {
			changed = t.Created
		}
		todo.SetDtStampTime(changed)
		todo.SetCreatedTime(t.Created)
		todo.SetSummary(t.Summary)
		if t.About != "" {
			todo.SetDescription(t.About)
		}
		if !t.Due.IsZero() {
			todo.SetDueAt(t.Due)
		}
		switch t.State {
		case "done":
			todo.SetStatus(ics.ObjectStatusCompleted)
			todo.SetCompletedAt(t.Changed)
		case "cancelled", "expired":
			todo.SetStatus(ics.ObjectStatusCancelled)
		default:
			todo.SetStatus(ics.ObjectStatusNeedsAction)
		}
	}
	return c.SerializeTo(to, ics.WithNewLineWindows)
}

// Bytes is a calendar in memory; nil: nothing is in it.
func Bytes(name string, list []Todo) []byte {
	var b bytes.Buffer
	if len(list) == 0 || Write(&b, name, list) != nil { // into memory
		return nil
	}
	return b.Bytes()
}
