package api_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
)

const proofs = `entity Rep {
  name    text
  manager Rep?
}
event Visit {
  rep   Rep
  photo "照片" photo personal for "proof" keep 30d
  bill  file?
}
`

// picture is a PNG that differs from others by n.
func picture(t testing.TB, n int) string {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 80, 60))
	for i := range img.Pix {
		img.Set(i%80, i/80, color.Gray{uint8((i*7 + i/80*n*13) % 256)})
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// form is files as a browser sends them: pairs of name and bytes.
func form(t testing.TB, files ...string) (body, typ string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(files); i += 2 {
		p, err := w.CreateFormFile("file", files[i])
		if err == nil {
			_, err = p.Write([]byte(files[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

// newProofs is a workspace with two reps, a manager above li alone, and others.
func newProofs(t *testing.T) (*site, map[string]string) {
	s := newSite(t)
	s.want(200, s.call(s.all, "POST", "/v1/-/workspaces", create("proofs", proofs)))
	s.want(200, s.call(s.all, "POST", "/v1/proofs/records", `[{"type":"Rep","id":"wang","name":"W"},
		{"type":"Rep","id":"li","name":"L","manager":"wang"},{"type":"Rep","id":"chen","name":"C"}]`))
	grant := func(login string, r access.Role, as string) string {
		return s.person(login, access.Grant{Role: r, Workspace: "proofs", As: as})
	}
	return s, map[string]string{
		"li":   grant("li", access.RoleRep, "Rep/li"),
		"chen": grant("chen", access.RoleRep, "Rep/chen"),
		"wang": grant("wang", access.RoleManager, "Rep/wang"),
		"cat":  grant("cat", access.RoleConsultant, ""),
		"amy":  grant("amy", access.RoleAuthor, ""),
	}
}

func (s *site) send(session string, files ...string) reply {
	s.t.Helper()
	body, typ := form(s.t, files...)
	return s.call("", "POST", "/v1/proofs/files", body, "Cookie", "thru="+session,
		"Content-Type", typ)
}

func (s *site) sent(session string, files ...string) []api.Stored {
	s.t.Helper()
	return decode[api.StoredFiles](s, s.want(200, s.send(session, files...))).Files
}

func TestAFileBecomesProof(t *testing.T) {
	s, people := newProofs(t)
	data := picture(t, 1)
	got := s.sent(people["li"], `..\..\货架.png`, data, "bill.html", "<script>alert(1)</script>")
	photo, bill := got[0], got[1]
	if photo.Name != "货架.png" || photo.Kind != "photo" || photo.Type != "image/png" || !photo.Look ||
		len(photo.Findings) != 1 || photo.Findings[0].Finding != "stripped" ||
		bill.Kind != "file" || bill.Type != "application/octet-stream" {
		t.Fatalf("%+v", got)
	}
	visit := fmt.Sprintf(`{"type":"Visit","id":"v1","rep":"li","bill":{"sha256":%q},`+
		`"photo":{"sha256":%q,"size":1,"taken":"2020-01-01T00:00:00Z","look":"ffffffffffffffff"}}`,
		bill.SHA256, photo.SHA256)
	answer := s.want(200, s.as(people["li"], "POST", "/v1/proofs/records", visit)).body
	if !strings.Contains(answer, `"outcome":"accepted"`) || strings.Contains(answer, "findings") {
		t.Fatal(answer)
	}
	st := s.want(200, s.as(people["li"], "GET", "/v1/proofs/state/Rep/li?expr="+
		"last(Visit.photo.measured)&expr=last(Visit.photo.size)&expr=missing(last(Visit.photo.taken))",
		"")).body
	if !strings.Contains(st, fmt.Sprintf(`["server",%d,true]`, len(data))) {
		t.Errorf("what was claimed was not overruled: %s", st)
	}
	list := decode[api.StoredFiles](s, s.want(200, s.as(people["wang"], "GET",
		"/v1/proofs/files?record=Visit/v1", ""))).Files
	if len(list) != 2 || list[0].Field+list[1].Field != "billphoto" && list[0].Field+list[1].Field != "photobill" {
		t.Errorf("%+v", list)
	}
	r := s.want(200, s.as(people["wang"], "GET", "/v1/proofs/files/"+photo.SHA256, ""))
	if r.body != data || r.header.Get("Content-Type") != "image/png" {
		t.Errorf("other bytes, as %s", r.header.Get("Content-Type"))
	}
	h := s.want(200, s.as(people["li"], "GET", "/v1/proofs/files/"+bill.SHA256, "")).header
	if !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") ||
		!strings.Contains(h.Get("Content-Security-Policy"), "sandbox") ||
		h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("a browser may run it: %v", h)
	}
}

// TestFilesAreSeenAsRecordsAre asks for the same files as everybody.
func TestFilesAreSeenAsRecordsAre(t *testing.T) {
	s, people := newProofs(t)
	got := s.sent(people["li"], "a.png", picture(t, 1), "b.txt", "bill", "c.png", picture(t, 2))
	photo, bill, loose := got[0].SHA256, got[1].SHA256, got[2].SHA256
	s.want(200, s.as(people["li"], "POST", "/v1/proofs/records", fmt.Sprintf(
		`{"type":"Visit","id":"v1","rep":"li","photo":{"sha256":%q},"bill":{"sha256":%q}}`, photo, bill)))
	for _, c := range []struct {
		who                string
		photo, bill, loose bool
	}{
		{"li", true, true, true}, {"wang", true, true, false}, {"chen", false, false, false},
		{"cat", false, true, false}, {"amy", true, true, true},
	} {
		for hash, sees := range map[string]bool{photo: c.photo, bill: c.bill, loose: c.loose} {
			r := s.as(people[c.who], "GET", "/v1/proofs/files/"+hash, "")
			if sees != (r.status == 200) || !sees && s.problem("unknown-file", r).Status != 404 {
				t.Errorf("%s: %s is answered %d", c.who, hash, r.status)
			}
		}
		list := s.as(people[c.who], "GET", "/v1/proofs/files?record=Visit/v1", "").body
		if c.photo != strings.Contains(list, photo) || c.bill != strings.Contains(list, bill) {
			t.Errorf("%s is told %s", c.who, list)
		}
	}
	looks := s.want(200, s.call(s.all, "GET", "/v1/proofs/looks?record=Visit/v1", "")).body
	if n := strings.Count(looks, "/files/{sha256}"); n < 3 {
		t.Errorf("%d looks at a personal photo are kept: %s", n, looks)
	}
	// Who knows the hash of another's file does not come to see it by naming it.
	steal := fmt.Sprintf(`{"type":"Visit","id":"v2","rep":"chen","photo":{"sha256":%q}}`, photo)
	s.problem("missing-file", s.as(people["chen"], "POST", "/v1/proofs/records", steal))
	steal = strings.Replace(steal, `"}}`, `","size":5,"measured":"server"}}`, 1)
	s.want(200, s.as(people["chen"], "POST", "/v1/proofs/records", steal))
	if r := s.as(people["chen"], "GET", "/v1/proofs/files/"+loose, ""); r.status != 404 {
		t.Errorf("%d", r.status)
	}
}

// TestNoFileNoProof shows what becomes of records whose files are not here.
func TestNoFileNoProof(t *testing.T) {
	s, people := newProofs(t)
	none := strings.Repeat("0", 64)
	visit := func(photo string) string {
		return `{"type":"Visit","id":"v9","rep":"li","照片":` + photo + `}`
	}
	p := s.problem("missing-file", s.as(people["li"], "POST", "/v1/proofs/records",
		visit(`{"sha256":"`+none+`"}`)))
	if p.Status != 422 || !strings.Contains(p.Detail, "照片: "+none) {
		t.Errorf("%+v", p)
	}
	s.want(200, s.as(people["li"], "POST", "/v1/proofs/records",
		visit(`{"sha256":"`+none+`","size":7,"measured":"server"}`)))
	st := s.want(200, s.as(people["li"], "GET",
		"/v1/proofs/state/Rep/li?expr=last(Visit.photo.measured)", "")).body
	if !strings.Contains(st, `["sender"]`) {
		t.Errorf("a sender's word passes for the server's: %s", st)
	}
}

// TestWrongForms sends what is no form, too much, and too little.
func TestWrongForms(t *testing.T) {
	s, people := newProofs(t)
	body, typ := form(t, "a.png", picture(t, 1))
	var many []string
	for n := range 11 {
		many = append(many, fmt.Sprintf("%d.txt", n), fmt.Sprint(n))
	}
	manyBody, manyType := form(t, many...)
	none, noneType := form(t)
	for _, c := range []struct{ name, body, typ, code string }{
		{"no form", "x", "application/json", "wrong-request"},
		{"without a boundary", body, "multipart/form-data", "wrong-request"},
		{"cut short", body[:len(body)-20], typ, "cut-short"},
		{"another boundary", body, "multipart/form-data; boundary=other", "wrong-request"},
		{"no files", none, noneType, "wrong-request"},
		{"eleven", manyBody, manyType, "too-large"},
		{"a field", "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n1\r\n--b--\r\n",
			"multipart/form-data; boundary=b", "wrong-request"},
		{"an empty file", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n" +
			"\r\n--b--\r\n", "multipart/form-data; boundary=b", "wrong-request"},
		{"a header without end", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" +
			strings.Repeat("x", 11<<20) + "\"\r\n\r\n1\r\n--b--\r\n", "multipart/form-data; boundary=b",
			"wrong-request"},
	} {
		r := s.call("", "POST", "/v1/proofs/files", c.body, "Cookie", "thru="+people["li"],
			"Content-Type", c.typ)
		if p := s.problem(c.code, r); p.Status >= 500 {
			t.Errorf("%s: %+v", c.name, p)
		}
	}
	if files, _ := filepath.Glob(filepath.Join(s.dir, "workspaces", "proofs.files", "new-*")); len(files) > 0 {
		t.Errorf("left behind: %v", files)
	}
}

// TestErasedFilesAreGone erases by hand what the night would, and finds no byte of it.
func TestErasedFilesAreGone(t *testing.T) {
	s, people := newProofs(t)
	hash := s.sent(people["li"], "a.png", picture(t, 1))[0].SHA256
	s.want(200, s.call(s.all, "POST", "/v1/proofs/records", fmt.Sprintf(
		`{"type":"Visit","id":"v1","rep":"li","at":"2020-01-01T00:00:00Z","photo":{"sha256":%q}}`, hash)))
	night := s.want(200, s.call(s.all, "POST", "/v1/proofs/nightly", "")).body
	if !strings.Contains(night, `"erased":1`) {
		t.Fatal(night)
	}
	s.problem("unknown-file", s.call(s.all, "GET", "/v1/proofs/files/"+hash, ""))
	left, err := os.ReadDir(filepath.Join(s.dir, "workspaces", "proofs.files", hash[:2]))
	if err != nil || len(left) > 0 {
		t.Errorf("%v: %v", left, err)
	}
}

// FuzzForm sends any bytes as a form of files: the answer is never a fault of the server's.
func FuzzForm(f *testing.F) {
	s := newSite(f)
	body, typ := form(f, "a.txt", "text")
	_, boundary, _ := strings.Cut(typ, "boundary=")
	f.Add([]byte(strings.ReplaceAll(body, boundary, "b")))
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=file; filename*=utf-8''%00\r\n\r\n1\r\n--b--"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := http.NewRequestWithContext(t.Context(), "POST", s.url+"/v1/east/files", bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+s.all)
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		answer, err := s.client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if answer.StatusCode >= 500 {
			t.Fatalf("%d on %q", answer.StatusCode, data)
		}
	})
}
