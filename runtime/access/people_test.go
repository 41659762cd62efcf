package access_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime/access"
)

const password = "correct horse battery"

// chief is an administrator of everything, made as the first start has it.
func chief(t *testing.T, a *access.Access) *access.Person {
	t.Helper()
	p, err := a.SetUp(t.Context(), a.SetupCode(), access.Person{Login: "ada", Name: "Ada"}, password)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func fresh(t *testing.T) (*access.Access, *clock, string) {
	file := filepath.Join(t.TempDir(), "system.db")
	c := &clock{time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	return open(t, file, c), c, file
}

func reopen(t *testing.T, a *access.Access, file string, c *clock) *access.Access {
	t.Helper()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, file, c)
}

func TestTheFirstAdministratorIsMadeOnce(t *testing.T) {
	a, c, file := fresh(t)
	code := a.SetupCode()
	ada := access.Person{Login: "ada", Name: "Ada"}
	for _, wrong := range []string{"", "x", strings.ToLower(code)} {
		if _, err := a.SetUp(t.Context(), wrong, ada, password); !errors.Is(err, access.ErrSetup) {
			t.Errorf("with code %q: %v", wrong, err)
		}
	}
	if a = reopen(t, a, file, c); a.SetupCode() == code || a.SetupCode() == "" {
		t.Error("a code outlives the server that showed it")
	}
	p := chief(t, a)
	if a.SetupCode() != "" || !slices.Equal(p.Grants, []access.Grant{{Role: "admin", Workspace: "*"}}) {
		t.Errorf("made: %+v", p)
	}
	if _, err := a.SetUp(t.Context(), "", ada, password); !errors.Is(err, access.ErrSetup) {
		t.Errorf("a second time: %v", err)
	}
	// One entry makes the administrator with a way in: stopped between two, nobody could come in.
	if acts, _, err := a.Acts(0, 10); err != nil || len(acts) != 1 || acts[0].What != "PersonSet" {
		t.Errorf("set up by %v, %v", acts, err)
	}
	if a = reopen(t, a, file, c); a.SetupCode() != "" {
		t.Error("there is a code although there is an administrator")
	}
	if _, _, err := a.Login(t.Context(), access.Attempt{Login: "ada", Password: password}); err != nil {
		t.Errorf("the administrator after a restart: %v", err)
	}
	off := *p
	off.Off = true
	if _, err := a.Alter(t.Context(), off, "test"); !errors.Is(err, access.ErrLast) {
		t.Errorf("the last one goes: %v", err)
	}
}

func TestPasswordsAndSessions(t *testing.T) {
	a, c, file := fresh(t)
	p := chief(t, a)
	in := func(password string) (string, error) {
		token, _, err := a.Login(t.Context(), access.Attempt{Login: "ADA", Password: password,
			Address: "192.0.2.1"})
		return token, err
	}
	token, err := in(password)
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"", "x", password + "x", strings.Repeat("x", 1<<20)} {
		if _, err := in(wrong); !errors.Is(err, access.ErrLogin) {
			t.Errorf("with %.20q: %v", wrong, err)
		}
	}
	came := func(token string, want error) {
		t.Helper()
		if w, err := a.Came(token); !errors.Is(err, want) || err == nil && w.Person.ID != p.ID {
			t.Errorf("came: %v, %v", w, err)
		}
	}
	came(token, nil)
	came("", access.ErrSession)
	came(token[1:], access.ErrSession)
	a = reopen(t, a, file, c)
	came(token, nil) // a restart asks nobody to come in again
	c.at = c.at.Add(11 * time.Hour)
	came(token, nil)
	c.at = c.at.Add(12 * time.Hour)
	came(token, access.ErrSession) // idle
	if token, err = in(password); err != nil {
		t.Fatal(err)
	}
	for range 20 { // never idle
		c.at = c.at.Add(8 * time.Hour)
		came(token, nil)
	}
	c.at = c.at.Add(8 * time.Hour)
	came(token, access.ErrSession) // a week
	a = reopen(t, a, file, c)
	came(token, access.ErrSession)

	// Another password, going out and being put off end sessions.
	token, _ = in(password)
	other, _ := in(password)
	w, err := a.Came(other)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Leave(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	came(other, access.ErrSession)
	came(token, nil)
	if _, still := a.Again(w); still {
		t.Error("who went out is still in")
	}
	if err := a.SetPassword(t.Context(), p.ID, "another password", "test"); err != nil {
		t.Fatal(err)
	}
	came(token, access.ErrSession)
	if _, err := in(password); !errors.Is(err, access.ErrLogin) {
		t.Errorf("with the old password: %v", err)
	}
	li, err := a.Enrol(t.Context(), access.Person{Login: "li", Name: "Li"}, password, "test")
	if err != nil {
		t.Fatal(err)
	}
	token, _, err = a.Login(t.Context(), access.Attempt{Login: "li", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	li.Off = true
	if _, err := a.Alter(t.Context(), *li, "test"); err != nil {
		t.Fatal(err)
	}
	came(token, access.ErrSession)
	_, _, err = a.Login(t.Context(), access.Attempt{Login: "li", Password: password})
	if !errors.Is(err, access.ErrLogin) {
		t.Errorf("who is off comes in: %v", err)
	}
	db, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{password, "another password", token} {
		if strings.Contains(string(db), secret) {
			t.Error("the database holds a secret")
		}
	}
}

// TestWhoTriesWaits tries passwords: a login waits after five wrong ones in a row, whether or not
// there is somebody, longer each time, and over a restart; an address waits after ten tries.
func TestWhoTriesWaits(t *testing.T) {
	a, c, file := fresh(t)
	p := chief(t, a)
	from := 0
	try := func(login, password string) error {
		from++
		_, _, err := a.Login(t.Context(), access.Attempt{Login: login, Password: password,
			Address: fmt.Sprint("host ", from)})
		return err
	}
	waits := func(login string, want time.Duration) {
		t.Helper()
		var wait *access.WaitError
		if err := try(login, password); !errors.As(err, &wait) || wait.For != want {
			t.Errorf("%s: %v, not a wait of %v", login, err, want)
		}
	}
	for _, login := range []string{"ada", "nobody"} {
		for range 5 {
			if err := try(login, "wrong"); !errors.Is(err, access.ErrLogin) {
				t.Fatal(err)
			}
		}
		waits(strings.ToUpper(login), time.Minute)
	}
	a = reopen(t, a, file, c)
	waits("ada", time.Minute)
	c.at = c.at.Add(time.Minute)
	if err := try("ada", "wrong"); !errors.Is(err, access.ErrLogin) {
		t.Fatal(err)
	}
	waits("ada", 2*time.Minute)
	if err := a.SetPassword(t.Context(), p.ID, password, "test"); err != nil {
		t.Fatal(err)
	}
	if err := try("ada", password); err != nil {
		t.Errorf("with a new password: %v", err)
	}
	for range 4 { // four are forgotten by a right one
		_ = try("ada", "wrong")
	}
	if err := try("ada", password); err != nil {
		t.Error(err)
	}
	if err := try("ada", "wrong"); !errors.Is(err, access.ErrLogin) {
		t.Error(err)
	}
	address := func() error {
		_, _, err := a.Login(t.Context(), access.Attempt{Login: fmt.Sprint("l", from), Address: "one"})
		from++
		return err
	}
	for range 10 {
		if err := address(); !errors.Is(err, access.ErrLogin) {
			t.Fatal(err)
		}
	}
	var wait *access.WaitError
	if err := address(); !errors.As(err, &wait) || wait.For != 6*time.Second {
		t.Errorf("an eleventh try of one address: %v", err)
	}
	c.at = c.at.Add(6 * time.Second)
	if err := address(); !errors.Is(err, access.ErrLogin) {
		t.Error(err)
	}
	var locked int
	acts, _, err := a.Acts(0, 1000)
	for _, x := range acts {
		if x.What == "LockedOut" && x.About == p.ID {
			locked++
		}
	}
	if err != nil || locked != 2 {
		t.Errorf("the log tells of %d waits, %v", locked, err)
	}
}

func TestWhatCannotBeAPerson(t *testing.T) {
	a, _, _ := fresh(t)
	chief(t, a)
	grant := func(g access.Grant) access.Person {
		return access.Person{Login: "x", Name: "X", Grants: []access.Grant{g}}
	}
	for name, p := range map[string]access.Person{
		"no login": {Name: "X"}, "no name": {Login: "x", Name: " "}, "blank": {Login: "x y", Name: "X"},
		"control": {Login: "x", Name: "X\r\nY"}, "long": {Login: strings.Repeat("x", 201), Name: "X"},
		"role":          grant(access.Grant{Role: "king", Workspace: "east"}),
		"nowhere":       grant(access.Grant{Role: access.RoleAuthor}),
		"rep of all":    grant(access.Grant{Role: access.RoleRep, Workspace: "*", As: "Rep/li"}),
		"rep as nobody": grant(access.Grant{Role: access.RoleRep, Workspace: "east"}),
		"rep as half":   grant(access.Grant{Role: access.RoleRep, Workspace: "east", As: "Rep/"}),
		"author as":     grant(access.Grant{Role: access.RoleAuthor, Workspace: "east", As: "Rep/li"}),
		"numbers of a rep": grant(access.Grant{Role: access.RoleRep, Workspace: "east", As: "Rep/li",
			Numbers: true}),
	} {
		if _, err := a.Enrol(t.Context(), p, password, "test"); !errors.Is(err, access.ErrPerson) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := a.Enrol(t.Context(), access.Person{Login: "Ada", Name: "X"}, "", "test"); !errors.Is(err, access.ErrTaken) {
		t.Errorf("a login that is taken: %v", err)
	}
	for _, bad := range []string{"short", "aaaaaaaaaaaa", "Bobby's pass", strings.Repeat("ab", 101),
		"broken \xff broken"} {
		p := access.Person{Login: "bobby", Name: "X"}
		if _, err := a.Enrol(t.Context(), p, bad, "test"); !errors.Is(err, access.ErrPassword) {
			t.Errorf("password %.20q: %v", bad, err)
		}
	}
	if _, err := a.Enrol(t.Context(), access.Person{Login: "wang", Name: "王"}, "一二三四五六七八九十", "test"); err != nil {
		t.Errorf("a Chinese password: %v", err)
	}
	// Two letters stand in many a good password by chance, in one that was drawn too.
	if _, err := a.Enrol(t.Context(), access.Person{Login: "no", Name: "N"}, "nopqr-stuvw-noxyz", "test"); err != nil {
		t.Errorf("a short login within a long password: %v", err)
	}
}

// TestAProviderKnowsPeopleByItsOwnName lets somebody in by a verified address once, and from then
// on by what the provider calls them: who gets the address later is somebody else.
func TestAProviderKnowsPeopleByItsOwnName(t *testing.T) {
	a, c, file := fresh(t)
	_, err := a.Enrol(t.Context(), access.Person{Login: "li", Name: "Li", Email: "li@example.com"}, "",
		"test")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		subject, email string
		want           error
	}{
		{"a", "", access.ErrNobody}, {"", "li@example.com", access.ErrNobody},
		{"a", "wu@example.com", access.ErrNobody}, {"a", "LI@example.com", nil},
		{"b", "li@example.com", access.ErrNobody}, {"a", "", nil}, {"a", "new@example.com", nil},
	} {
		if _, _, err := a.Admit(t.Context(), x.subject, x.email); !errors.Is(err, x.want) {
			t.Errorf("%q %q: %v", x.subject, x.email, err)
		}
	}
	a = reopen(t, a, file, c)
	if _, _, err := a.Admit(t.Context(), "b", "li@example.com"); !errors.Is(err, access.ErrNobody) {
		t.Errorf("after a restart: %v", err)
	}
}

func TestNobodyHasMoreThanTwentySessions(t *testing.T) {
	a, c, file := fresh(t)
	_, err := a.Enrol(t.Context(), access.Person{Login: "li", Name: "Li", Email: "li@x"}, "", "test")
	if err != nil {
		t.Fatal(err)
	}
	var tokens []string
	for range 22 {
		c.at = c.at.Add(time.Second)
		token, _, err := a.Admit(t.Context(), "s", "li@x")
		if err != nil {
			t.Fatal(err)
		}
		tokens = append(tokens, token)
	}
	for range 2 {
		for i, token := range tokens {
			if _, err := a.Came(token); (err == nil) != (i >= 2) {
				t.Errorf("session %d: %v", i, err)
			}
		}
		a = reopen(t, a, file, c)
	}
}
