package record

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// readAll reads a table and shows each row: its line, its JSON and what came of it.
func readAll(t *testing.T, typeName, text string) string {
	t.Helper()
	d := decoder(t)
	c, err := NewCSV(d, typeName, strings.NewReader(text))
	if err != nil {
		return err.Error()
	}
	var b strings.Builder
	def := Defaults{At: at(t, "2026-03-02"), HasAt: true}
	for {
		var r, again Record
		line, n, err := c.Next(&def, &r)
		if err == io.EOF {
			return b.String()
		}
		if err != nil {
			fmt.Fprintf(&b, "%v\n", err)
			return b.String()
		}
		d.Decode(line, &def, &again)
		if dump(&r) != dump(&again) {
			t.Errorf("the line of a row reads differently:\n%s%s", dump(&r), dump(&again))
		}
		fmt.Fprintf(&b, "%d %s", n, line)
		if r.Reject != nil {
			fmt.Fprintf(&b, " rejected %s", told(*r.Reject))
		}
		for _, f := range r.Findings {
			fmt.Fprintf(&b, " %s", told(f))
		}
		b.WriteString("\n")
	}
}

func TestCSV(t *testing.T) {
	for _, c := range []struct{ name, typ, text, want string }{
		{"plain", "Store", "id,name,channel,月销额,location,owner\ns1,一店,连锁,1200.50,\"31.23,121.47\",li\n",
			`2 {"type":"Store","id":"s1","name":"一店","channel":"连锁","月销额":"1200.50","location":[31.23,121.47],"owner":"li"}` + "\n"},
		{"BOM, CRLF and blank cells", "门店", "\ufeffid,name,owner\r\ns1,a,\r\n\r\n,,\r\ns2,\"b\r\nc\",li\r\n",
			`2 {"type":"Store","id":"s1","name":"a"}` + "\n" + `5 {"type":"Store","id":"s2","name":"b\nc","owner":"li"}` + "\n"},
		{"every kind", "Visit", "id,store,skus,channels,n,x,rate,amount,ok,day,when,took,far,kind,location,photo,lines,recording\n" +
			"v1,s1,a; b；c,连锁;bar,+007,1e3,40%,120万,是,2026-03-02,2026-03-02 09:30,4h,2km,社区,31.23 121.47," + hash +
			",\"[{\"\"sku\"\":\"\"a\"\",\"\"facings\"\":3}]\",\"{\"\"sha256\"\":\"\"" + hash + "\"\",\"\"length\"\":90}\"\n",
			`2 {"type":"Visit","id":"v1","store":"s1","skus":["a","b","c"],"channels":["连锁","bar"],"n":7,"x":1e3,"rate":"40%",` +
				`"amount":"120万","ok":true,"day":"2026-03-02","when":"2026-03-02 09:30","took":"4h","far":"2km","kind":"社区",` +
				`"location":[31.23,121.47],"photo":{"sha256":"` + hash + `"},"lines":[{"sku":"a","facings":3}],` +
				`"recording":{"sha256":"` + hash + `","length":90}}` + "\n"},
		{"truths", "Visit", "id,store,ok\nv1,s1,否\nv2,s1,1\nv3,s1,maybe\n",
			`2 {"type":"Visit","id":"v1","store":"s1","ok":false}` + "\n" + `3 {"type":"Visit","id":"v2","store":"s1","ok":true}` + "\n" +
				`4 {"type":"Visit","id":"v3","store":"s1","ok":"maybe"} rejected T0610 ok ["ok" "\"maybe\"" "bool: true false"]` + "\n"},
		{"numbers that are none", "Visit", "id,store,n,x\nv1,s1,\"1,200\",\n",
			`2 {"type":"Visit","id":"v1","store":"s1","n":"1,200"} rejected T0610 n ["n" "\"1,200\"" "int"]` + "\n"},
		{"unknown columns", "Rep", "id,name,colour,,type\nli,Li,red,x,y\n",
			`2 {"type":"Rep","id":"li","name":"Li","colour":"red","column 4":"x","type (column)":"y"} T0617  ["colour" "Rep"]` +
				` T0617  ["column 4" "Rep"] T0617  ["type (column)" "Rep"]` + "\n"},
		{"rows too short and too long", "Rep", "id,name\nli\nwu,Wu\nma,Ma,x\n",
			`2 {"type":"Rep","csv-row":{"code":"T0626","args":["2","1","2"],"text":"li"}} rejected T0626  ["2" "1" "2"]` + "\n" + `3 {"type":"Rep","id":"wu","name":"Wu"}` + "\n" +
				`4 {"type":"Rep","csv-row":{"code":"T0626","args":["4","3","2"],"text":"ma,Ma,x"}} rejected T0626  ["4" "3" "2"]` + "\n"},
		{"a stray quote", "Rep", "id,name\nli,a\"b\nwu,Wu\n",
			`2 {"type":"Rep","csv-row":{"code":"T0627","args":["2","5"],"text":"li,a\"b"}}` +
				` rejected T0627  ["2" "5"]` + "\n" +
				`3 {"type":"Rep","id":"wu","name":"Wu"}` + "\n"},
		{"an open quote", "Rep", "id,name\nli,\"a\nwu,Wu\n",
			`2 {"type":"Rep","csv-row":{"code":"T0629","args":["3","7"],` +
				`"text":"li,\"a\nwu,Wu"}} rejected T0629  ["3" "7"]` + "\n"},
		{"not UTF-8", "Rep", "id,name\nli,\xc0\xee\n",
			"2 {\"type\":\"Rep\",\"id\":\"li\",\"name\":\"\xc0\xee\"} rejected T0603  [\"33\" \"c0 ee 22 7d\"]\n"},
		{"no rows", "Rep", "id,name\n", ""},
		{"an empty file", "Rep", "", "the file is empty: its first line must name the columns"},
		{"an unknown type", "Stroe", "id\n", `no entity or event that takes records is called "Stroe"; the nearest is "Store"`},
		{"no id", "Rep", "name,region\n", `line 1: no column "id" among name, region`},
		{"a column twice", "Store", "id,monthly,月销额\n", `line 1: the columns "monthly" and "月销额" are one field`},
		{"a header that is not UTF-8", "Rep", "id,\xc0\xee\n", "line 1, column 2: not UTF-8; save the file as UTF-8"},
	} {
		if got := readAll(t, c.typ, c.text); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// A quote that is never closed does not take the rest of a large file into memory.
func TestCSVLimit(t *testing.T) {
	endless := io.MultiReader(strings.NewReader("id,name\nwu,Wu\nli,\""), &repeated{left: 64 << 20})
	c, err := NewCSV(decoder(t), "Rep", endless)
	if err != nil {
		t.Fatal(err)
	}
	var r Record
	def := Defaults{HasAt: true}
	if _, n, err := c.Next(&def, &r); err != nil || n != 2 || r.Reject != nil {
		t.Fatalf("line %d: %v %v", n, err, r.Reject)
	}
	_, n, err := c.Next(&def, &r)
	if err == nil || !strings.Contains(err.Error(), "after line 2: a row of more than 1048576 bytes") {
		t.Fatalf("line %d: %v", n, err)
	}
	if len(c.raw.buf) > 3<<20 {
		t.Fatalf("%d bytes are held", len(c.raw.buf))
	}
}

// repeated is a long text.
type repeated struct{ left int }

func (r *repeated) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, io.EOF
	}
	for i := range p {
		p[i] = 'x'
	}
	r.left -= len(p)
	return len(p), nil
}

// A large table is read in little memory, and every row comes.
func TestCSVStreams(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,name\n")
	for i := range 20_000 {
		fmt.Fprintf(&b, "r%d,name of %d\n", i, i)
	}
	c, err := NewCSV(decoder(t), "Rep", strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	def := Defaults{HasAt: true}
	var r Record
	n := 0
	for ; ; n++ {
		_, line, err := c.Next(&def, &r)
		if err == io.EOF {
			break
		}
		if err != nil || r.Reject != nil || r.ID != fmt.Sprint("r", n) || line != n+2 {
			t.Fatalf("row %d, line %d: %v %v", n, line, err, r.Reject)
		}
	}
	if n != 20_000 || len(c.raw.buf) > 1<<18 {
		t.Fatalf("%d rows, %d bytes held", n, len(c.raw.buf))
	}
}

// Whatever a table holds: nothing panics, every row comes or the reading ends with an error, and
// the line of a row decodes to the row.
func FuzzCSV(f *testing.F) {
	f.Add("id,name\nli,Li\n")
	f.Add("\ufeffid,store,skus,location,ok\r\nv1,s1,\"a;b\",\"31,121\",是\r\n")
	f.Add("id,n\nv1,\"1\n2\"\nv2\n,\n\"x\"y,1\n")
	f.Add("id,lines\nv1,\"[{\"\"sku\"\":1}]\"\n")
	d := NewDecoder(world(), zone)
	f.Fuzz(func(t *testing.T, text string) {
		for _, typ := range []string{"Visit", "Rep"} {
			c, err := NewCSV(d, typ, strings.NewReader(text))
			if err != nil {
				continue
			}
			def := Defaults{HasAt: true}
			for rows := 0; ; rows++ {
				var r, again Record
				line, _, err := c.Next(&def, &r)
				if err != nil {
					break
				}
				d.Decode(line, &def, &again)
				if dump(&r) != dump(&again) {
					t.Fatalf("%q differs:\n%s%s", line, dump(&r), dump(&again))
				}
				if r.Reject != nil && r.Reject.Code == "T0601" {
					t.Fatalf("%q is no JSON", line)
				}
				if rows > strings.Count(text, "\n")+1 {
					t.Fatalf("more rows than lines in %q", text)
				}
			}
		}
	})
}
