package api

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/throughline/throughline/dsl/source"
)

// wrongs are what the framework finds in a request, by its own words, and ours. What came is not
// told again: it may be a password.
var wrongs = []struct {
	is     *regexp.Regexp
	en, zh string
}{
	{said("expected required property %s to be present"), "%s is missing", "缺少 %s"},
	{said("expected string to be RFC 3339 date-time"),
		"it must be a moment such as 2026-03-02T09:00:00Z", "应为时刻，如 2026-03-02T09:00:00Z"},
	{said("expected boolean"), "it must be true or false", "应为 true 或 false"},
	{said("expected number"), "it must be a number", "应为数"},
	{said("expected integer"), "it must be a whole number", "应为整数"},
	{said("expected string"), "it must be a text", "应为文字"},
	{said("expected array"), "it must be a list", "应为列表"},
	{said("expected object"), "it must be an object", "应为对象"},
	{said(`expected value to be one of "%s"`), "it must be one of %s", "应为其中之一：%s"},
	{said("expected number >= %s"), "it must be %s or more", "不能小于 %s"},
	{said("expected number <= %s"), "it must be %s or less", "不能大于 %s"},
	{said("expected length >= %s"), "its length must be %s or more", "长度不能小于 %s"},
	{said("expected length <= %s"), "its length must be %s or less", "长度不能大于 %s"},
	{said("expected array length >= %s"), "it must have %s or more elements", "至少要有 %s 项"},
	{said("expected array length <= %s"), "it must have %s or fewer elements", "最多 %s 项"},
	{said("expected string to match pattern %s"), "it must match %s", "应符合 %s"},
	{said(jsonCutEn), jsonCutEn, jsonCutZh},
	{said(jsonCameEn), jsonCameEn, jsonCameZh},
	{said("request body is required"), "a body is expected, and none came: JSON",
		"没有请求体：应为 JSON"},
	{said("request body is too large limit=%s bytes"), "at most %s bytes", "最多 %s 字节"},
}

func said(text string) *regexp.Regexp {
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(text), "%s", "(.+)") + "$")
}

// wrong tells in a language what the framework found, and of a property that there is not the
// nearest.
func (s *Server) wrong(op *huma.Operation, e *huma.ErrorDetail, lang string) Wrong {
	in := func(en, zh string) string {
		if lang == "zh" {
			return zh
		}
		return en
	}
	if e.Message == "unexpected property" {
		at := strings.TrimPrefix(e.Location, "body.")
		text := in("there is no such property", "没有这个属性")
		if near := source.Nearest(at, s.properties(op)); near != "" {
			text += fmt.Sprintf(in("; did you mean %s?", "；是否想用 %s？"), near)
		}
		return Wrong{text, e.Location}
	}
	return Wrong{inWords(e.Message, lang), e.Location}
}

// inWords tells in a language what the framework says; what is not known, as it says it.
func inWords(message, lang string) string {
	for _, w := range wrongs {
		m := w.is.FindStringSubmatch(message)
		if m == nil {
			continue
		}
		text := w.en
		if lang == "zh" {
			text = w.zh
		}
		args := make([]any, len(m)-1)
		for i, x := range m[1:] {
			args[i] = x
		}
		return fmt.Sprintf(text, args...)
	}
	return message
}

// properties are those of a request's body.
func (s *Server) properties(op *huma.Operation) []string {
	if op == nil || op.RequestBody == nil {
		return nil
	}
	for _, typ := range slices.Sorted(maps.Keys(op.RequestBody.Content)) {
		schema := op.RequestBody.Content[typ].Schema
		if schema != nil && schema.Ref != "" {
			schema = s.api.OpenAPI().Components.Schemas.SchemaFromRef(schema.Ref)
		}
		if schema != nil {
			return slices.Sorted(maps.Keys(schema.Properties))
		}
	}
	return nil
}
