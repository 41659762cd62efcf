package measure

import (
	"bytes"
	"encoding/json"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/templates"
)

// Index is the library's index as templates embeds it: one entry a template, in order.
func (l *Library) Index() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for i := range l.Templates {
		if err := e.Encode(l.Templates[i].entry()); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

func (t *Template) entry() templates.Entry {
	a := t.action
	e := templates.Entry{Package: t.Package, Version: t.version, Title: t.title,
		Industry: t.Industry, Name: t.Name, Label: both(a.Label)}
	if a.Why != nil {
		e.Why = both(textOf(a.Why))
	}
	for _, s := range a.Steps {
		e.Steps = append(e.Steps, both(s.Text))
	}
	return e
}

func both(t policy.Text) templates.Text { return templates.Text{Zh: chinese(t), En: t.En} }

// textOf is a message that holds no expression.
func textOf(m *policy.Message) policy.Text {
	plain := func(parts []policy.Part) (s string) {
		for _, p := range parts {
			s += p.Lit
		}
		return s
	}
	if len(m.Other) == 0 {
		return policy.Text{Main: plain(m.Parts)}
	}
	if m.Lang == "zh" {
		return policy.Text{Main: plain(m.Parts), Zh: plain(m.Other), En: plain(m.Parts)}
	}
	return policy.Text{Main: plain(m.Parts), Zh: plain(m.Parts), En: plain(m.Other)}
}
