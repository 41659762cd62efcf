package edit

import (
	"slices"

	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

// Weigh writes the weights of an allocation's terms anew, each as it is given, such as 60%. Nothing
// else of its lines is touched. The error is a *Refused.
func (t *Text) Weigh(allocation string, weights map[string]string) ([]source.Edit, error) {
	l, err := t.Find(Path{allocation}, "")
	if err != nil {
		return nil, err
	}
	var edits []source.Edit
	found := 0
	for _, block := range l.Lines() {
		for _, line := range block.Lines() {
			n, ok := line.Node.(*syntax.Term)
			if !ok {
				continue
			}
			text, ok := weights[line.Name(n.Name.Tok)]
			if !ok || !n.Weight.Ok() {
				continue
			}
			found++
			if line.Text(n.Weight.Tok) != text {
				edits = append(edits, source.Edit{Span: line.TokSpan(n.Weight.Tok), New: text})
			}
		}
	}
	if found < len(weights) {
		return nil, &Refused{Why: NotThere, What: allocation}
	}
	slices.SortFunc(edits, func(a, b source.Edit) int { return int(a.Span.Off - b.Span.Off) })
	return edits, nil
}
