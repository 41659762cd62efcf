//go:build browser

package builder

import "testing"

// TestVersionsEverywhere looks at the list of versions, and rolls back as people do.
func TestVersionsEverywhere(t *testing.T) {
	s, p := authoring(t)
	s.gesture(`{"do":"set","what":["Sale","Talks","sla 14d"],"index":1,"count":1,"was":"14d","text":"21d"}`)
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
	p.Everywhere("/w/east/versions", nil)
}
