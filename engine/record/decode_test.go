package record

import (
	"strings"
	"testing"
)

const visit1 = `{"type":"Visit","id":"v1","at":"2026-03-02T09:30:00+08:00","store":"s1"`

// show decodes and returns what a field came to, as JSON, or the codes of what was found.
func TestValues(t *testing.T) {
	d := decoder(t)
	for _, c := range []struct{ field, json, want string }{
		{"note", `"你好"`, `"你好"`}, {"note", `"a\n\"b\u4f60"`, `"a\n\"b你"`}, {"note", `""`, `""`},
		{"n", `12`, `12`}, {"n", `-3`, `-3`}, {"n", `3.0`, `3`}, {"n", `1.2e2`, `120`},
		{"n", `9223372036854775807`, `9223372036854775807`},
		{"n", `9223372036854775808`, `T0614`}, {"n", `3.5`, `T0610`}, {"n", `"3"`, `T0610`}, {"n", `true`, `T0610`},
		{"x", `0.1`, `0.1`}, {"x", `-0`, `0`}, {"x", `1e300`, `1e+300`}, {"x", `1e400`, `T0614`},
		{"x", `123456789012345678901234567890`, `1.2345678901234568e+29`}, {"x", `"1"`, `T0610`},
		{"rate", `0.4`, `0.4`}, {"rate", `"40%"`, `0.4`}, {"rate", `"7%"`, `0.07`}, {"rate", `40`, `40 T0621`},
		{"rate", `"4000%"`, `40`}, {"rate", `"x"`, `T0610`}, {"rate", `"5pp"`, `T0610`},
		{"amount", `1200.50`, `1200.5`}, {"amount", `"1200.50"`, `1200.5`}, {"amount", `1.2e3`, `1200`},
		{"amount", `0.1`, `0.1`}, {"amount", `0.00005`, `0 T0622`}, {"amount", `"0.00015"`, `0.0002 T0622`},
		{"amount", `922337203685477.5807`, `922337203685477.5807`}, {"amount", `922337203685477.5808`, `T0614`},
		{"amount", `"120万"`, `1200000`}, {"amount", `"¥5"`, `T0610`}, {"amount", `12345678901234.5678`, `12345678901234.5678`},
		{"ok", `true`, `true`}, {"ok", `false`, `false`}, {"ok", `"true"`, `T0610`}, {"ok", `1`, `T0610`},
		{"day", `"2026-03-02"`, `"2026-03-02"`}, {"day", `"2026-02-30"`, `T0610`},
		{"day", `"2026-03-02T09:30"`, `T0610`}, {"day", `20260302`, `T0610`},
		{"when", `"2026-03-02T09:30:00Z"`, `"2026-03-02T17:30:00+08:00"`},
		{"when", `"2026-03-02T09:30"`, `"2026-03-02T09:30:00+08:00"`},
		{"when", `"2026-03-02"`, `"2026-03-02T00:00:00+08:00"`},
		{"when", `"0000-03-02T00:00:00Z"`, `T0610`}, {"when", `"10000-01-01T00:00:00Z"`, `T0610`},
		{"when", `"9999-12-31T23:59:59-01:00"`, `T0610`}, {"when", `"2026-03-02T24:00:00Z"`, `T0610`},
		{"took", `90`, `90`}, {"took", `0.5`, `0.5`}, {"took", `"1h30min"`, `5400`}, {"took", `"4小时"`, `14400`},
		{"took", `1e15`, `T0614`}, {"took", `"4wh"`, `T0610`}, {"took", `"-30s"`, `-30`},
		{"far", `500`, `500`}, {"far", `"500m"`, `500`}, {"far", `"2km"`, `2000`}, {"far", `"5min"`, `T0610`},
		{"kind", `"chain"`, `"0"`}, {"kind", `"社区"`, `"1"`}, {"kind", `"chian"`, `T0612`}, {"kind", `"zzzzzz"`, `T0611`},
		{"kind", `""`, `T0611`}, {"kind", `0`, `T0610`},
		{"location", `[31.23,121.47]`, `{"lat":31.23,"lng":121.47,"datum":"wgs84"}`}, {"location", `[91,121.47]`, `T0610`},
		{"location", `[31.23,121.47,5]`, `T0610`}, {"location", `["31","121"]`, `T0610`},
		{"location", `{"lat":31.23,"lng":121.47,"accuracy":20,"mock":true}`,
			`{"lat":31.23,"lng":121.47,"accuracy":20,"mock":true,"datum":"wgs84"}`},
		{"location", `{"lat":31.17530398364597,"lng":121.531541859215,"datum":"gcj02"}`, `{"lat":31.1774276,"lng":121.5272106,"datum":"wgs84"}`},
		{"location", `{"lat":31,"lng":121,"datum":"mars"}`, `T0610`}, {"location", `{"lat":31,"lng":121,"accuracy":-1}`, `T0610`},
		{"location", `{"lat":31,"lng":121,"alt":4}`, `{"lat":31,"lng":121,"datum":"wgs84"} T0618`}, {"location", `{"lat":31}`, `T0610`},
		{"zone", `[[31,121],[31,122],[32,122]]`,
			`[{"lat":31,"lng":121,"datum":"wgs84"},{"lat":31,"lng":122,"datum":"wgs84"},{"lat":32,"lng":122,"datum":"wgs84"}]`}, {"zone", `[[31,121]]`, `T0610`},
		{"zone", `{"center":[31,121],"radius":"2km"}`, `{"center":{"lat":31,"lng":121,"datum":"wgs84"},"radius":2000}`},
		{"zone", `{"center":[31,121],"radius":0}`, `T0610`},
		{"skus", `["a","b"]`, `["a","b"]`}, {"skus", `[]`, `[]`}, {"skus", `["a",1]`, `T0610`}, {"skus", `"a"`, `T0610`},
		{"skus", `["a",null]`, `T0610`}, {"channels", `["chain","社区"]`, `["0","1"]`}, {"channels", `["chain","bra"]`, `T0612`},
		{"lines", `[{"sku":"a","facings":3}]`, `[["a",3,null]]`}, {"lines", `[{"sku":"a"}]`, `T0642`},
		{"lines", `[{"sku":"a","facings":3,"price":"1.50","color":"red"}]`, `[["a",3,1.5]] T0617`},
		{"lines", `[{"sku":"a","facings":"x"},{"sku":5,"facings":1}]`, `T0610 T0610`}, {"lines", `[3]`, `T0610`},
		{"photo", `{"sha256":"` + hash + `","name":"a.jpg","size":7,"taken":"2026-03-02T09:29:00+08:00","look":"00ff00ff00ff00ff","measured":"server","location":[31,121]}`,
			`{"sha256":"` + hash + `","name":"a.jpg","size":7,"taken":"2026-03-02T09:29:00+08:00","location":{"lat":31,"lng":121,"datum":"wgs84"},"look":"00ff00ff00ff00ff","measured":"server"}`},
		{"photo", `{"sha256":"zz"}`, `T0610`}, {"photo", `{"sha256":"` + hash + `","size":"big"}`, `T0610 T0610`},
		{"recording", `{"sha256":"` + strings.ToUpper(hash) + `","length":"15min"}`, `{"sha256":"` + hash + `","size":0,"length":900}`},
		{"rep", `"li"`, `"li"`}, {"rep", `""`, `T0610`}, {"rep", `5`, `T0610`},
		{"rep", `null`, `null`}, {"quality", `5`, `T0620`}, {"created", `"2026-03-02"`, `T0619`},
		{"colour", `"red"`, `T0617`}, {"amuont", `5`, `T0618`}, {"mood", `"fine"`, `"fine"`},
	} {
		var r Record
		d.Decode([]byte(visit1+`,"`+c.field+`":`+c.json+`}`), nil, &r)
		if got := outcome(&r, c.field); got != c.want {
			t.Errorf("%s: %s is read as %s, want %s", c.field, c.json, got, c.want)
		}
	}
}

const hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
