package builder

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime/api"
)

// Ask is what the API's own routes answer about the workspace, to whoever asks.
func (v *Visit) Ask() api.Asking {
	return v.b.doors.Ask(v.Context(), api.Caller{Who: v.Who, Verb: v.verb, Workspace: v.Workspace,
		Lang: v.Lang, Route: v.route()})
}

// route is the path of the page, with its wildcards.
func (v *Visit) route() string {
	_, path, _ := strings.Cut(v.R.Pattern, " ")
	return cmp.Or(path, v.R.Pattern)
}

// fieldOf asks for a field of records.
func fieldOf(e *engine.Engine, f *policy.Field) *engine.Program {
	self := &policy.Expr{Op: policy.OpSelf, Type: policy.Type{Kind: value.Ref, Record: f.Of}}
	return e.Program(&policy.Expr{Op: policy.OpField, Field: f, Type: f.Type,
		Args: []*policy.Expr{self}})
}

// stamp is a moment as pages write it.
func stamp(micro int64, zone *time.Location) string {
	return time.UnixMicro(micro).In(zone).Format("2006-01-02 15:04")
}

// nameOf is what people call a record; where they do not see that, its id.
func (v *Visit) nameOf(e *engine.Engine, of *policy.Record, id string) string {
	if sees := v.Sees(); of == nil || sees.Nameless(of) {
		return id
	}
	return e.Name(of, id)
}

// recordLink leads to a record, named as Type/id.
func (v *Visit) recordLink(name string) string {
	typ, id, _ := strings.Cut(name, "/")
	return v.In("record/" + url.PathEscape(typ) + "/" + url.PathEscape(id))
}

// text is the value of a field as it came, for people.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		parts := make([]string, len(list))
		for i, x := range list {
			parts[i] = text(x)
		}
		return strings.Join(parts, ", ")
	}
	var rows map[string]json.RawMessage
	if json.Unmarshal(raw, &rows) == nil && rows != nil {
		var parts []string
		for _, key := range []string{"name", "taken", "device", "lat", "lng", "length", "sha256"} {
			if x, ok := rows[key]; ok {
				t := text(x)
				if key == "sha256" && len(t) > 12 {
					t = t[:12] + "…"
				}
				parts = append(parts, t)
			}
		}
		if len(parts) > 0 {
			return strings.Join(parts, " · ")
		}
	}
	switch s := string(raw); s {
	case "null":
		return "–"
	default:
		return s
	}
}

// personOf is the id of who did an event, where the action says so by a field of it.
func personOf(a *policy.Action, t *api.Told) string {
	if a.By == nil || a.By.Op != policy.OpField || len(a.By.Args) != 1 ||
		a.By.Args[0].Op != policy.OpSelf {
		return ""
	}
	return reference(t.Fields[a.By.Field.Name])
}

// aboutOf is what an event is about, likewise.
func aboutOf(a *policy.Action, t *api.Told) string {
	if a.About == nil || a.About.Op != policy.OpField || a.About.Type.Record == nil {
		return ""
	}
	id := reference(t.Fields[a.About.Field.Name])
	if id == "" {
		return ""
	}
	return a.About.Type.Record.Full + "/" + id
}

// reference is the id that a field refers to, which may be written with its type.
func reference(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	if _, id, ok := strings.Cut(s, "/"); ok {
		return id
	}
	return s
}

// findings are what a decision says of its record, in words.
func findings(t *api.Told) (out []view.Finding) {
	for _, f := range t.Words.Findings {
		x := view.Finding{}
		x.Text, _ = f["message"].(string)
		x.Rule, _ = f["rule"].(string)
		x.Verdict, _ = f["verdict"].(string)
		out = append(out, x)
	}
	return out
}

// outcomeTone is how an outcome looks.
func outcomeTone(o decision.Outcome) string {
	switch o {
	case decision.Accepted:
		return view.Good
	case decision.Rejected:
		return view.Bad
	case decision.Held:
		return view.Warn
	}
	return view.Plain
}

// finding is what a decision says of its record, with a line of proof called as people call it.
func (v *Visit) finding(p *policy.Policy, f *view.Finding) string {
	for _, a := range p.Actions {
		for _, l := range a.Proof {
			if full := a.Full + ".proof." + l.Name; full == f.Rule {
				return strings.Replace(f.Text, full, v.lineName(a, l.Name), 1)
			}
		}
	}
	return f.Text
}

// lineName is what people call a line of an action's proof: mostly it is that of a field.
func (v *Visit) lineName(a *policy.Action, line string) string {
	sp := say.In(v.Lang)
	for _, f := range a.On.Fields {
		if f.Name == line {
			line = sp.FieldName(f)
		}
	}
	return sp.Name(&a.Head) + " · " + line
}
