//go:build browser

package builder

import (
	"net/http"
	"testing"
)

// TestVersionsEverywhere looks at the list of versions, and rolls back as people do.
func TestVersionsEverywhere(t *testing.T) {
	s, p := authoring(t)
	s.gesture(`{"do":"set","what":["Sale","Talks","sla 14d"],"index":1,"count":1,"was":"14d","text":"21d"}`)
	s.gesture(`{"do":"move","what":["Sale","New","must FirstCall within 4wh"],"into":["Sale","Talks"],"index":0}`)
	s.gesture(`{"do":"delete","what":["Sale","Talks","must 2 Call"]}`)
	s.gesture(`{"do":"insert","into":["Sale","New"],"index":0,"text":"must Call within 2wd"}`)
	p.Everywhere("/w/east/publish", func() { p.Says(".differ", "→") })
	p.Cookies(&http.Cookie{Name: "thru-lang", Value: "en"})
	p.Go("/w/east/publish")
	p.Click("button[value=publish]")
	p.Says(".note.good", "in force")
	p.Go("/w/east/versions")
	p.Click(".timeline li:nth-child(2) a")
	p.Says("main", "Roll back to this version")
	p.Accessible("an older version")
	p.Fill("#why", "too slow")
	p.Click("form.stack button.danger")
	p.Says(".note.good", "in force again")
	p.Says(".timeline li:first-child", "rolled back")
	p.Everywhere("/w/east/versions", func() {
		p.Click(".card:has(.differ) summary")
		p.Shows(".dots li")
	})
	p.Walk(t)
}
