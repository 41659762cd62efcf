package record

import (
	"fmt"
	"strings"

	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine/decision"
)

// dump writes everything a record says, so that two of them can be compared.
func dump(r *Record) string {
	var b strings.Builder
	name := "–"
	if r.Type != nil {
		name = r.Type.Full
	}
	fmt.Fprintf(&b, "%s %q at %d received %d sent %d %v deleted %v retracted %v by %q why %q\n", name, r.ID,
		r.At, r.Received, r.Sent, r.HasSent, r.Deleted, r.Retracted, r.By, r.Why)
	if r.Type != nil {
		for i, f := range r.Type.Fields {
			if !r.names(i) && !r.Slots.Has(i) {
				continue
			}
			v := r.Layout.Value(&r.Slots, i)
			if v.Kind == value.Ref {
				v = value.Value{Kind: value.Ref, S: r.Refs[i]}
			}
			st := value.Style{Zone: zone}
			fmt.Fprintf(&b, "  %s named %v null %v %d %s\n", f.Name, r.names(i), r.clears(i), v.Kind, st.JSON(v))
		}
	}
	if r.Reject != nil {
		fmt.Fprintf(&b, "  rejected %s\n", told(*r.Reject))
	}
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "  finding %s\n", told(f))
	}
	return b.String()
}

func told(f decision.Finding) string {
	name := ""
	if f.Field != nil {
		name = f.Field.Name
	}
	return fmt.Sprintf("%s %s %q", f.Code, name, f.Args)
}

// outcome is a field's value as JSON and the codes of what was found; a rejected record has codes
// alone.
func outcome(r *Record, field string) string {
	var out []string
	if r.Reject != nil {
		out = append(out, string(r.Reject.Code))
	} else {
		for i, f := range r.Type.Fields {
			if f.Name != field || f.Compute != nil || f.System != 0 {
				continue
			}
			v := r.Layout.Value(&r.Slots, i)
			if v.Kind == value.Ref {
				v = value.Value{Kind: value.Ref, S: r.Refs[i]}
			}
			out = append(out, value.Style{Zone: zone}.JSON(v))
		}
	}
	for _, f := range r.Findings {
		out = append(out, string(f.Code))
	}
	return strings.Join(out, " ")
}
