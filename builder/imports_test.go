package builder

import (
	"bytes"
	"html"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/host"
	"github.com/throughline/throughline/runtime/intake"
)

// importing is a server that takes tables in, with the small example.
func importing(t *testing.T) *site {
	t.Helper()
	dir := t.TempDir()
	keys, err := access.Open(filepath.Join(dir, "system.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	h, err := host.Open(dir, host.Options{})
	if err != nil {
		t.Fatal(err)
	}
	desk, err := intake.Open(intake.Options{Host: h, Dir: filepath.Join(dir, "workspaces")})
	if err != nil {
		t.Fatal(err)
	}
	server := api.New(api.Options{Host: h, Access: keys, Desk: desk})
	b := New(Options{API: server, Host: h, Access: keys, Drafts: filepath.Join(dir, "drafts"),
		Patience: time.Minute})
	web := httptest.NewServer(b)
	t.Cleanup(func() {
		server.Drain()
		web.Close()
		desk.Close()
		if err := h.Close(); err != nil {
			t.Error(err)
		}
		if err := keys.Close(); err != nil {
			t.Error(err)
		}
	})
	s := (&site{t: t, b: b, access: keys, url: web.URL}).anew()
	s.workspace("east")
	return s
}

// sendFile posts a form with a file.
func (s *site) sendFile(path, name, text string, fields ...string) got {
	s.t.Helper()
	return s.sendAs("file", path, name, text, fields...)
}

// sendAs posts a form with a file in a field.
func (s *site) sendAs(field, path, name, text string, fields ...string) got {
	s.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for i := 0; i < len(fields); i += 2 {
		_ = m.WriteField(fields[i], fields[i+1]) // into memory
	}
	w, _ := m.CreateFormFile(field, name)
	_, _ = w.Write([]byte(text))
	_ = m.Close()
	r, err := http.NewRequest("POST", s.url+path, &b)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", m.FormDataContentType())
	return s.do(r)
}

const calls = "日期,客户,销售,聊上了吗,谈了啥\n2026-03-02 10:00,c1,li,是,想要报价\n2026-03-02 11:00,c2,li,也许,没人\n" +
	"2026-03-03 09:30,c1,wu,否,\n"

// TestImport: a table is looked at, mapped, taken in aside, its bad rows sent back, and taken back.
func TestImport(t *testing.T) {
	s := importing(t)
	root := s.enrol("root", everywhere)
	root.get("/w/east/import").wants(200, "Nothing was brought in yet", "Call")
	root.post("/w/east/import").wants(422, "Choose a table first")
	root.sendFile("/w/east/import", "a.exe", "x").wants(422)
	page := root.sendFile("/w/east/import", "calls.csv", calls, "type", "Call").
		wants(200, "calls.csv", "聊上了吗", "3 not taken in", "answered is missing", "row 3", "100%")
	sound(t, "import", page.text)
	// Another reads it in another language than whoever sent it.
	sound(t, "import", root.zh(page.at).wants(200, "列与字段", "不导入", "已接通：没有填写，此字段必填").
		lacks("is missing").text)
	// Nobody had told what that column is; somebody does.
	form := []string{"do", "map"}
	for i, c := range [][2]string{{"日期", "at"}, {"客户", "customer"}, {"销售", "rep"}, {"谈了啥", "note"}} {
		n := string(rune('0' + i))
		form = append(form, "from."+n, c[0], "to."+n, c[1])
	}
	root.post(page.at, append(form, "from.4", "聊上了吗", "to.4", "answered")...).wants(200, "Take 2 rows in")
	root.post(page.at, append(form, "from.4", "聊上了吗", "to.4", "nothing")...).wants(422)
	root.post(page.at, "do", "keep", "as", "phone list").wants(200, "The mapping is kept")
	root.get("/w/east/import").wants(200, `value="phone list"`)
	root.post(page.at, "do", "start").wants(200)
	root.until(page.at, "Take it back").wants(200, "3 of 3 rows", "returned?as=xlsx", "Take it back")
	root.get(page.at+"/part").wants(200, `id="progress"`).lacks("<html")
	root.get("/v1/east/imports/"+page.at[len("/w/east/import/"):]+"/returned?as=csv").wants(200, "也许",
		"Reason", "yes or no was expected")
	sheet := regexp.MustCompile(`/v1/[^"]+returned[^"]+`)
	href := html.UnescapeString(sheet.FindString(root.zh(page.at).text))
	root.get(strings.Replace(href, "xlsx", "csv", 1)).wants(200, "也许", "原因", "应为是或否")
	sound(t, "import", root.get(page.at).text)
	root.post(page.at, "do", "start").wants(422)
	root.post(page.at, "do", "undo").wants(200)
	root.until(page.at, "rows were taken back").wants(200, "2 rows were taken back; 0 stay")
	root.get("/w/east/import/none").wants(404)
	root.get("/w/east/import").wants(200, "taken back")
	rep := s.enrol("li", reps)
	rep.get("/w/east/import").wants(403)
	for name, told := range map[string][2]string{
		"broken.xlsx": {"PK\x03\x04 and no more", "broken.xlsx is damaged"},
		"old.xls":     {"x", "save it as .xlsx without a password"},
		"blank.csv":   {"", "there is nothing in blank.csv"},
	} {
		root.sendFile("/w/east/import", name, told[0], "type", "Call").
			wants(422, told[1], `value="Call" selected`)
	}
}

// A table none of whose columns is the id, or any field, is mapped by hand.
func TestImportMappedByHand(t *testing.T) {
	s := importing(t)
	root := s.enrol("root", everywhere)
	page := root.sendFile("/w/east/import", "people.csv", "姓名,手机\n李娜,1380\n王芳,1390\n", "type", "Rep").
		wants(200, "Which column is the id of a record?", "手机").lacks("Take 2 rows in")
	sound(t, "import", root.zh(page.at).wants(200, "哪一列是编号").text)
	root.post(page.at, "do", "map", "from.0", "姓名", "to.0", "name", "from.1", "手机", "to.1", "name").
		wants(422, "are both name", `value="name" selected`)
	root.post(page.at, "do", "map", "from.0", "姓名", "to.0", "name", "from.1", "手机", "to.1", "id").
		wants(200, "Take 2 rows in", "2 new").lacks("Which column")
	page = root.sendFile("/w/east/import", "odd.csv", "甲,乙\n1380,李娜\n", "type", "Rep").
		wants(200, "Which column is the id of a record?")
	root.post(page.at, "do", "map", "from.0", "甲", "to.0", "id", "from.1", "乙", "to.1", "name").
		wants(200, "Take 1 row in")
	root.sendFile("/w/east/import", "odd.csv", "甲,乙\n1380,李娜\n").wants(422, "say what its rows are")
	newSiteOff(t).get("/w/east/import").wants(200, "takes no tables in")
}
