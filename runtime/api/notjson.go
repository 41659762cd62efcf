package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// notJSON is where a text stops being JSON.
type notJSON struct {
	line, character int    // from 1
	came            string // "": the text ends
}

// How it is told; the framework hands on the English sentence alone, by which the Chinese one is
// found.
const (
	jsonCutEn  = "it is no JSON: it ends at line %s, character %s, before it is complete"
	jsonCutZh  = "不是 JSON：在第 %s 行第 %s 个字符处中断，内容不完整"
	jsonCameEn = "it is no JSON: at line %s, character %s, %s cannot stand"
	jsonCameZh = "不是 JSON：第 %s 行第 %s 个字符处不应是 %s"
)

func (e *notJSON) Error() string { return e.in("en") }

func (e *notJSON) in(lang string) string {
	form, at := jsonCameEn, []any{fmt.Sprint(e.line), fmt.Sprint(e.character), e.came}
	switch {
	case e.came == "" && lang == "zh":
		form, at = jsonCutZh, at[:2]
	case e.came == "":
		form, at = jsonCutEn, at[:2]
	case lang == "zh":
		form = jsonCameZh
	}
	return fmt.Sprintf(form, at...)
}

// whereJSON makes of an error of the JSON decoder one that says where it is; another is handed on.
func whereJSON(data []byte, err error) error {
	var wrong *json.SyntaxError
	if !errors.As(err, &wrong) {
		return err
	}
	at := min(max(int(wrong.Offset)-1, 0), len(data))
	if wrong.Error() == "unexpected end of JSON input" {
		at = len(data)
	}
	for at > 0 && at < len(data) && !utf8.RuneStart(data[at]) {
		at--
	}
	before := data[:at]
	out := &notJSON{line: 1 + bytes.Count(before, []byte{'\n'}),
		character: 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])}
	if at < len(data) {
		r, _ := utf8.DecodeRune(data[at:])
		out.came = fmt.Sprintf("%q", string(r))
	}
	return out
}

// formats are the framework's, and say where a text is no JSON.
func formats(all map[string]huma.Format) map[string]huma.Format {
	out := map[string]huma.Format{}
	for name, f := range all { //tidy:order a map of a map
		read := f.Unmarshal
		f.Unmarshal = func(data []byte, to any) error { return whereJSON(data, read(data, to)) }
		out[name] = f
	}
	return out
}

// noJSON is the answer to a text that is no JSON.
func (s *Server) noJSON(data []byte, err error) *Problem {
	var wrong *notJSON
	if errors.As(whereJSON(data, err), &wrong) {
		return s.problem("wrong-request", wrong.in("en"), wrong.in("zh"))
	}
	return s.problem("wrong-request", err.Error(), "应为 JSON")
}
