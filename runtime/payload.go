package runtime

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
)

// stepFormat is the first byte of a step's payload.
const stepFormat = 1

// appendStep packs what a step set. A rebuild under another policy applies steps as facts.
func appendStep(dst []byte, s *engine.StepChange) []byte {
	dst = append(dst, stepFormat)
	typ, field := "", ""
	if s.Type != nil {
		typ, field = s.Type.Full, s.Field.Name
	}
	for _, t := range [...]string{typ, s.ID, field, s.Rule} {
		dst = binary.AppendUvarint(dst, uint64(len(t)))
		dst = append(dst, t...)
	}
	return decision.AppendValue(dst, s.Value)
}

var errStep = errors.New("stored step cannot be read")

// readStep unpacks a step. A type or field that the policy no longer has is no error: it is nil,
// and the step sets nothing.
func readStep(b []byte, p *policy.Policy) (*engine.StepChange, error) {
	if len(b) == 0 || b[0] != stepFormat {
		return nil, errStep
	}
	b = b[1:]
	var t [4]string
	for i := range t {
		n, k := binary.Uvarint(b)
		if k <= 0 || n > uint64(len(b)-k) {
			return nil, errStep
		}
		t[i], b = string(b[k:k+int(n)]), b[k+int(n):]
	}
	v, rest, err := decision.ReadValue(b)
	if err != nil || len(rest) > 0 {
		return nil, fmt.Errorf("%w: %w", errStep, err)
	}
	s := &engine.StepChange{ID: t[1], Rule: t[3], Value: v}
	for _, r := range p.Records {
		if r.Full != t[0] {
			continue
		}
		for _, f := range r.Fields {
			if f.Name == t[2] {
				s.Type, s.Field = r, f
			}
		}
	}
	return s, nil
}

// outbox lists the effects that have to be carried out in the world: kind, and the effect's index
// in the decision, which holds the rest.
func outbox(d *decision.Decision) (out [][]byte) {
	for i := range d.Effects {
		switch e := &d.Effects[i]; {
		case e.Shadow:
		case e.Kind == decision.Task, e.Kind == decision.Notify, e.Kind == decision.Call:
			out = append(out, binary.AppendUvarint([]byte{byte(e.Kind)}, uint64(i)))
		}
	}
	return out
}
