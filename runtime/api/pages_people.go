package api

import (
	"net/http"

	"github.com/throughline/throughline/runtime/access"
)

// ChangePassword gives somebody another password who knows theirs. They are asked for it
// everywhere.
func (p Pages) ChangePassword(r *http.Request, who *access.Who, old, next string) error {
	err := p.s.o.Access.Confirm(r.Context(), access.Attempt{Login: who.Person.Login, Password: old,
		Address: p.s.address(r)})
	if err != nil {
		return err
	}
	return p.s.o.Access.SetPassword(r.Context(), who.Person.ID, next, who.Person.ID)
}
