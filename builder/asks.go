package builder

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/ask"
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
	sees := v.Sees()
	if of == nil || sees.Nameless(of) {
		return id
	}
	// What an older policy decided on is of its types; what is hidden now is hidden there too.
	if now, err := ask.Type(e.Policy(), of.Full); err == nil && sees.Nameless(now) {
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

// findings are what a decision says of its record, with lines of proof, and what is missing to tell
// them, called as people call them.
func (v *Visit) findings(t *api.Told) (out []view.Finding) {
	for i, f := range t.Words.Findings {
		x := view.Finding{}
		x.Text, _ = f["message"].(string)
		x.Rule, _ = f["rule"].(string)
		x.Verdict, _ = f["verdict"].(string)
		if a, l := lineOfProof(t.Policy, x.Rule); l != nil && i < len(t.Findings) {
			if f := &t.Findings[i]; f.Code != source.ProofSays { // else it is in the author's words
				x.Text = v.ofProof(f, a, l)
			}
		}
		out = append(out, x)
	}
	return out
}

// ofProof is what a finding says of a line of proof, in people's words.
func (v *Visit) ofProof(f *decision.Finding, a *policy.Action, l *policy.ProofLine) string {
	args := slices.Clone(f.Args)
	args[0] = v.lineName(a, l.Name)
	if f.Code == source.ProofUnknown {
		names := strings.Split(args[1], ", ")
		for i, name := range names {
			names[i] = v.missing(l, name)
		}
		args[1] = listed(names, v.Lang)
	}
	return f.Code.Message(v.Lang, args)
}

// missing is what people call a value that a line of proof reads.
func (v *Visit) missing(l *policy.ProofLine, name string) string {
	sp, out := say.In(v.Lang), name
	kind.Visit(l.X, func(x *policy.Expr) bool {
		if x.Op != policy.OpField || fieldPath(x) != name {
			return true
		}
		if out = sp.FieldName(x.Field); x.Type.Kind != value.Bool { // else it says that it is so
			out = sp.Expr(x).String()
		}
		return false
	})
	return out
}

// fieldPath is a field as a policy writes it.
func fieldPath(x *policy.Expr) string {
	if x.Op != policy.OpField {
		return ""
	}
	if of := fieldPath(x.Args[0]); of != "" {
		return of + "." + x.Field.Name
	}
	return x.Field.Name
}

// listed is several names as one reads them.
func listed(names []string, lang string) string {
	if lang == "zh" {
		return strings.Join(names, "、")
	}
	return strings.Join(names, ", ")
}

// lineOfProof finds a line of proof by the name that decisions give it; nil: it is none.
func lineOfProof(p *policy.Policy, rule string) (*policy.Action, *policy.ProofLine) {
	for _, a := range p.Actions {
		for _, l := range a.Proof {
			if a.Full+".proof."+l.Name == rule {
				return a, l
			}
		}
	}
	return nil, nil
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
