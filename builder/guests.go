package builder

import (
	"net/http"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
)

// A Guest is one of a sample server's people, who comes in without a password.
type Guest struct {
	Email string // by which the server knows them
	Name  string
	What  words.Text // they do
}

// comeInAs lets a guest in; only a sample server has any.
func (b *Builder) comeInAs(v *Visit) {
	for _, g := range b.o.Guests {
		if g.Email != v.R.FormValue("guest") {
			continue
		}
		if err := b.doors.GoOut(v.W, v.R); err != nil {
			v.fault(err)
			return
		}
		if err := b.doors.Admit(v.W, v.R, g.Email); err != nil {
			v.fault(err)
			return
		}
		v.redirect(local(v.R.FormValue("to")))
		return
	}
	v.trouble(http.StatusNotFound, words.NoPage, words.NoPageNext)
}

// guests are those of a sample server as its pages show them.
func (b *Builder) guests(lang string) (out []view.Guest) {
	for _, g := range b.o.Guests {
		out = append(out, view.Guest{Email: g.Email, Name: g.Name, What: g.What.In(lang)})
	}
	return out
}
