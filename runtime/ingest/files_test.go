package ingest_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/runtime/ingest"
)

// Tables come in the encodings that spreadsheets write.
func TestEncodings(t *testing.T) {
	const text = "编号,名称\na,好邻居“便利”\n"
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.ReplaceAll(text, ",", "\t"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"UTF-8": text, "with its mark": "\ufeff" + text, "GB 18030": gb, "UTF-16": wide} {
		s, err := ingest.Read("a.csv", []byte(data), ingest.Options{})
		if err != nil || len(s.Rows) != 1 || s.Header[1] != "名称" || s.Rows[0].Cells[1] != "好邻居“便利”" {
			t.Errorf("%s: %v %+v", name, err, s)
		}
	}
	_, err = ingest.Read("a.csv", []byte("a,b\n1,2\n\xff\xff\xff,3\n"), ingest.Options{})
	if f := new(ingest.Fault); !errors.As(err, &f) || f.Why != ingest.NotText || f.Args[0] != "3" {
		t.Errorf("bytes of no encoding: %v", err)
	}
}

// workbook makes one, with a cell for each.
func workbook(t *testing.T, make func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	make(f)
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func style(t *testing.T, f *excelize.File, s excelize.Style) int {
	t.Helper()
	id, err := f.NewStyle(&s)
	must(t, err)
	return id
}

// A workbook's dates, merged cells, titles, hidden sheets and formulas' values are read as people
// see them.
func TestWorkbook(t *testing.T) {
	day := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	custom := `[$-804]yyyy"年"m"月"d"日"`
	data := workbook(t, func(f *excelize.File) {
		_, err := f.NewSheet("拜访")
		must(t, err, f.SetSheetVisible("Sheet1", false, true))
		f.SetActiveSheet(1)
		must(t, f.SetSheetVisible("Sheet1", false),
			f.SetSheetRow("拜访", "A1", &[]any{"三月拜访"}), f.MergeCell("拜访", "A1", "E1"),
			f.SetSheetRow("拜访", "A2", &[]any{"区域", "门店", "时间", "日期", "金额"}),
			f.SetSheetRow("拜访", "A3", &[]any{"华东", "S001", day, 46083, 1234.5}),
			f.SetSheetRow("拜访", "A4", &[]any{nil, "S002", day.Add(time.Second), 46084, 0.1}),
			f.MergeCell("拜访", "A3", "A4"),
			f.SetCellStyle("拜访", "C3", "C4", style(t, f, excelize.Style{NumFmt: 22})),
			f.SetCellStyle("拜访", "D3", "D4", style(t, f, excelize.Style{CustomNumFmt: &custom})))
	})
	s, err := ingest.Read("a.xlsx", data, ingest.Options{})
	must(t, err)
	want := &ingest.Sheet{File: "a.xlsx", Name: "拜访", At: 2, Header: []string{"区域", "门店", "时间", "日期", "金额"},
		Rows: []ingest.Row{{3, []string{"华东", "S001", "2026-03-02T09:30:00", "2026-03-02", "1234.5"}},
			{4, []string{"华东", "S002", "2026-03-02T09:30:01", "2026-03-03", "0.1"}}}}
	if diff := differ(want, s); diff != "" {
		t.Error(diff)
	}
	_, err = ingest.Read("a.xlsx", data, ingest.Options{Sheet: "四月"})
	if f := new(ingest.Fault); !errors.As(err, &f) || f.Why != ingest.NoSheet {
		t.Errorf("a worksheet that is not there: %v", err)
	}
}

// A number beyond the last day there is stays as it is, also under a date's style: people type
// 20260302 there.
func TestNoDate(t *testing.T) {
	data := workbook(t, func(f *excelize.File) {
		must(t, f.SetSheetRow("Sheet1", "A1", &[]any{"客户", "签约", "最后", "再后"}),
			f.SetSheetRow("Sheet1", "A2", &[]any{"c1", 20260302, 2958465, 2958466}),
			f.SetCellStyle("Sheet1", "B2", "D2", style(t, f, excelize.Style{NumFmt: 14})))
	})
	s, err := ingest.Read("a.xlsx", data, ingest.Options{})
	must(t, err)
	if got := strings.Join(s.Rows[0].Cells, " "); got != "c1 20260302 9999-12-31 2958466" {
		t.Error(got)
	}
}

// Lengths of time may be longer than a day, and are read whole.
func TestLengthsOfTime(t *testing.T) {
	long := "[h]:mm"
	data := workbook(t, func(f *excelize.File) {
		must(t, f.SetSheetRow("Sheet1", "A1", &[]any{"客户", "时长", "另一个"}),
			f.SetSheetRow("Sheet1", "A2", &[]any{"c1", 1.25, 0.5}),
			f.SetCellStyle("Sheet1", "B2", "B2", style(t, f, excelize.Style{CustomNumFmt: &long})),
			f.SetCellStyle("Sheet1", "C2", "C2", style(t, f, excelize.Style{NumFmt: 46})))
	})
	s, err := ingest.Read("a.xlsx", data, ingest.Options{})
	must(t, err)
	if got := strings.Join(s.Rows[0].Cells, " "); got != "c1 30:00:00 12:00:00" {
		t.Error(got)
	}
}

// A title over a table says nothing of what stands between its cells.
func TestDelimiters(t *testing.T) {
	for _, text := range []string{"花名册\n编号;姓名;备注\na;李;x\nb;王;y\n",
		"花名册，三月，华东\n\n编号\t姓名\t备注\na\t李\t说了，又说了，再说\nb\t王\t\n",
		"编号,姓名,备注\na,李,说了；又；再；还\nb,王,好；好；好；好\n"} {
		s, err := ingest.Read("a.csv", []byte(text), ingest.Options{})
		if err != nil || len(s.Header) != 3 || len(s.Rows) != 2 {
			t.Errorf("%q: %v %+v", text, err, s)
		}
	}
}

// bomb is a workbook one of whose parts says that it is large.
func bomb(t *testing.T) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate,
		CompressedSize64: 2, UncompressedSize64: 513 << 20})
	must(t, err)
	_, err = w.Write([]byte{3, 0})
	must(t, err, z.Close())
	return b.Bytes()
}

// sparse is a workbook of a few bytes whose cells stand far apart.
func sparse(t *testing.T, sheet string) []byte {
	t.Helper()
	return sharing(t, sheet, "")
}

// sharing is a workbook whose cells share texts.
func sharing(t *testing.T, sheet, texts string) []byte {
	t.Helper()
	plain := workbook(t, func(*excelize.File) {})
	from, err := zip.NewReader(bytes.NewReader(plain), int64(len(plain)))
	must(t, err)
	var b bytes.Buffer
	to := zip.NewWriter(&b)
	for _, f := range from.File {
		if f.Name != "xl/worksheets/sheet1.xml" && f.Name != "xl/sharedStrings.xml" {
			must(t, to.Copy(f))
		}
	}
	const of = ` xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`
	for name, text := range map[string]string{
		"xl/worksheets/sheet1.xml": "<worksheet" + of + sheet + "</worksheet>",
		"xl/sharedStrings.xml":     "<sst" + of + texts + "</sst>",
	} {
		w, err := to.Create(name)
		must(t, err)
		_, err = io.WriteString(w, text)
		must(t, err)
	}
	must(t, to.Close())
	return b.Bytes()
}

// far are rows with one cell each, in the last column there is.
func far(n int) string {
	var b strings.Builder
	b.WriteString("<sheetData>")
	for i := range n {
		fmt.Fprintf(&b, `<row r="%d"><c r="XFD%[1]d"><v>1</v></c></row>`, i+1)
	}
	return b.String() + "</sheetData>"
}

// A table in which every other cell is merged with the one below takes a few times what it takes
// without, and not hours as where each is held against each.
func TestManyMergedCells(t *testing.T) {
	many := 20_000
	if testing.Short() { // beside a detector of races cells take ten times as long
		many = 2_000
	}
	var rows, merged strings.Builder
	rows.WriteString(`<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>客户</t></is></c>` +
		`<c r="B1" t="inlineStr"><is><t>门店</t></is></c></row>`)
	for i := range many {
		n := 2*i + 2
		fmt.Fprintf(&rows, `<row r="%d"><c r="A%[1]d"><v>%[1]d</v></c><c r="B%[1]d"><v>1</v></c></row>`+
			`<row r="%[2]d"><c r="B%[2]d"><v>2</v></c></row>`, n, n+1)
		fmt.Fprintf(&merged, `<mergeCell ref="A%d:A%d"/>`, n, n+1)
	}
	rows.WriteString("</sheetData>")
	n := 2 * many
	read := func(extra string) (s *ingest.Sheet, least time.Duration) {
		data := sparse(t, rows.String()+extra)
		least = time.Hour
		for range 2 { // the machine does other things too
			from := time.Now()
			var err error
			s, err = ingest.Read("a.xlsx", data, ingest.Options{})
			must(t, err)
			least = min(least, time.Since(from))
		}
		return s, least
	}
	_, plain := read("")
	s, took := read(fmt.Sprintf(`<mergeCells count="%d">%s</mergeCells>`, many, merged.String()))
	if last := s.Rows[len(s.Rows)-1]; len(s.Rows) != n || last.Cells[0] != fmt.Sprint(n) {
		t.Errorf("%d rows, the last %v", len(s.Rows), last)
	}
	if took > 4*plain {
		t.Errorf("merged it took %v, without %v", took, plain)
	}
}

// A long text and many cells are fine where not each of them has it.
func TestLongText(t *testing.T) {
	long := strings.Repeat("店", 32_767)
	data := sharing(t, `<sheetData><row r="1"><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>`+
		`<row r="2"><c t="s"><v>2</v></c><c t="s"><v>3</v></c></row></sheetData>`,
		"<si><t>客户</t></si><si><t>记录</t></si><si><t>c1</t></si><si><t>"+long+"</t></si>")
	s, err := ingest.Read("a.xlsx", data, ingest.Options{})
	must(t, err)
	if len(s.Rows) != 1 || s.Rows[0].Cells[1] != long {
		t.Errorf("%d rows", len(s.Rows))
	}
}

// One row is not made where it would be more than a whole table may be.
func TestOneRow(t *testing.T) {
	data := sharing(t, "<sheetData><row>"+strings.Repeat(`<c t="s"><v>0</v></c>`, 16_384)+"</row></sheetData>",
		"<si><t>"+strings.Repeat("店", 32_767)+"</t></si>")
	var was, is runtime.MemStats
	runtime.ReadMemStats(&was)
	_, err := ingest.Read("a.xlsx", data, ingest.Options{})
	runtime.ReadMemStats(&is)
	if got := (is.TotalAlloc - was.TotalAlloc) >> 20; err == nil || got > 200 {
		t.Errorf("%v; it took %d MB", err, got)
	}
}

// What is no table, or unpacks into more than anybody has, is refused.
func TestHostileFiles(t *testing.T) {
	merged := strings.Replace(far(700), `<c r="XFD1">`, `<c r="A1"><v>1</v></c><c r="XFD1">`, 1) +
		`<mergeCells><mergeCell ref="A1:XFD700"/></mergeCells>`
	for n := range 699 {
		merged = strings.Replace(merged, fmt.Sprintf("XFD%d\"", n+2), fmt.Sprintf("A%d\"", n+2), 1)
	}
	// A few kilobytes: texts that the file has once, in many cells.
	shared := func(rows, cells, signs int, sign string) []byte {
		return sharing(t, "<sheetData>"+strings.Repeat("<row>"+strings.Repeat(`<c t="s"><v>0</v></c>`, cells)+"</row>",
			rows)+"</sheetData>", "<si><r><t>"+strings.Repeat(sign, signs-1)+"</t></r><r><t>"+sign+"</t></r></si>")
	}
	for name, c := range map[string]struct {
		data []byte
		why  ingest.Why
	}{
		"bomb.xlsx":    {bomb(t), ingest.TooLarge},
		"far.xlsx":     {sparse(t, far(700)), ingest.TooWide},
		"past.xlsx":    {sparse(t, `<sheetData><row r="2000000000"><c><v>1</v></c></row></sheetData>`), ingest.Damaged},
		"late.xlsx":    {sparse(t, `<sheetData><row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>`), ingest.TooLong},
		"merged.xlsx":  {sparse(t, merged), ingest.TooWide},
		"shared.xlsx":  {shared(16_400, 1, 32_767, "a"), ingest.TooLarge},
		"row.xlsx":     {shared(1, 16_384, 32_767, "店"), ingest.TooLarge},
		"wide.csv":     {[]byte(strings.Repeat("a,", 5000) + "a" + strings.Repeat("\n1", 2000)), ingest.TooWide},
		"commas.csv":   {[]byte("a,b\n" + strings.Repeat(",", 10_000_001)), ingest.TooWide},
		"long.csv":     {[]byte("a,b\n" + strings.Repeat("1,2\n", 1_000_001)), ingest.TooLong},
		"empty.xlsx":   {nil, ingest.Damaged},
		"text.xlsx":    {[]byte("a,b\n1,2"), ingest.Damaged},
		"cut.xlsx":     {workbook(t, func(*excelize.File) {})[:200], ingest.Damaged},
		"locked.xlsx":  {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on"), ingest.Locked},
		"old.xls":      {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on"), ingest.Locked},
		"blank.xlsx":   {workbook(t, func(*excelize.File) {}), ingest.Blank},
		"blank.csv":    {[]byte("\ufeff,,\n , \n"), ingest.Blank},
		"empty.csv":    {nil, ingest.Blank},
		"large.csv":    {make([]byte, 65<<20), ingest.TooLarge},
		"../../a.exe":  {[]byte("MZ"), ingest.NoTable},
		"numbers.csv":  {[]byte("1,2\n3,4\n"), ingest.NoHeader},
		"one-name.csv": {[]byte("title\n1,2\n3,4\n"), ingest.NoHeader},
	} {
		_, err := ingest.Read(name, c.data, ingest.Options{})
		if f := new(ingest.Fault); !errors.As(err, &f) || f.Why != c.why {
			t.Errorf("%s: %v, want reason %d", name, err, c.why)
		}
	}
}

// The rows that were refused come back with their reasons, and no cell becomes a formula.
func TestReturn(t *testing.T) {
	s, err := ingest.Read("a.csv", []byte("id,name\na,=1+1\nb,-5\nc,@x\nd,\"+a,b\"\ne,＝1+1\n"), ingest.Options{})
	must(t, err)
	why := map[int]string{2: "bad, very", 3: "worse", 5: "-", 6: ""}
	var b bytes.Buffer
	must(t, s.Return(&b, "back.csv", "原因", why))
	if want := "\ufeffid,name,原因\na,'=1+1,\"bad, very\"\nb,-5,worse\nd,\"'+a,b\",'-\ne,'＝1+1,\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
	b.Reset()
	must(t, s.Return(&b, "back.xlsx", "原因", why))
	back, err := ingest.Read("back.xlsx", b.Bytes(), ingest.Options{})
	must(t, err)
	want := []ingest.Row{{2, []string{"a", "=1+1", "bad, very"}}, {3, []string{"b", "-5", "worse"}}, {4, []string{"d", "+a,b", "-"}},
		{5, []string{"e", "＝1+1", ""}}}
	if diff := differ(want, back.Rows); diff != "" {
		t.Error(diff)
	}
	f, err := excelize.OpenReader(&b)
	must(t, err)
	defer f.Close()
	if formula, err := f.GetCellFormula("Sheet1", "B2"); formula != "" || err != nil {
		t.Errorf("a formula came back: %q %v", formula, err)
	}
}

// FuzzTable: whatever the bytes, a table is read and mapped or refused.
func FuzzTable(f *testing.F) {
	f.Add("id,name\na,A\n", ".csv")
	f.Add("编号\t名称\t日期\n a\t\"x\ny\"\t2026年3月2日 下午2点\n", ".txt")
	f.Add("\xff\xfea\x00,\x00b\x00\n\x00", ".tsv")
	f.Fuzz(func(t *testing.T, data, ext string) {
		s, err := ingest.Read("x"+ext, []byte(data), ingest.Options{})
		if err != nil {
			if f := new(ingest.Fault); !errors.As(err, &f) {
				t.Fatal(err)
			}
			return
		}
		p, zone := sound(t, "entity Store { name text?; since date?; monthly money?; live bool? }")
		m, _, err := ingest.Suggest(p, s, ingest.Hints{Zone: zone, At: "2026-03-01"})
		if err != nil {
			return
		}
		rows, err := ingest.NewRows(p, record.NewDecoder(p, zone), s, m)
		if err != nil {
			return
		}
		var rec record.Record
		for {
			if _, _, err := rows.Next(nil, &rec); errors.Is(err, io.EOF) {
				return
			} else if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzWorkbook gives a workbook any worksheet: a table, or a fault that is told.
func FuzzWorkbook(f *testing.F) {
	f.Add(far(3))
	f.Add(`<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c t="str"><v>name</v></c></row>` +
		`<row><c r="B1" s="9"><v>1e999</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/><mergeCell/></mergeCells>`)
	f.Add(`<sheetData><row r="-1"><c r="A0"/></row><row r="2"><c r="1A"><f t="shared" si="7"/></c></row></sheetData>`)
	f.Add(`<sheetData><row r="1"><c r="A1" t="s"><v>-5</v></c><c r="A1" t="b"><v>x</v></c></row>`)
	f.Fuzz(func(t *testing.T, sheet string) {
		s, err := ingest.Read("x.xlsx", sparse(t, sheet), ingest.Options{})
		if err != nil {
			if f := new(ingest.Fault); !errors.As(err, &f) {
				t.Fatal(err)
			}
			return
		}
		for _, r := range s.Rows {
			if len(r.Cells) < len(s.Header) {
				t.Fatalf("row %d has %d cells of %d", r.Number, len(r.Cells), len(s.Header))
			}
		}
	})
}
