package edit_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/throughline/throughline/builder/edit"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/internal/golden"
)

// TestOperations: each archive is an operation, and the text after it or why it was refused.
func TestOperations(t *testing.T) {
	golden.Run(t, "testdata", func(t *testing.T, c *golden.Case) golden.Outputs {
		files := []source.File{{Name: "policy.thru", Text: c.Input(t, "policy.thru")}}
		var op edit.Op
		if err := json.Unmarshal([]byte(c.Input(t, "op.json")), &op); err != nil {
			t.Fatal(err)
		}
		edits, err := edit.Read(files).Do(op)
		if refused := new(edit.Refused); errors.As(err, &refused) {
			return golden.Outputs{"refused": refused.In("en") + "\n" + refused.In("zh") + "\n"}
		}
		after := edit.Apply(files, edits)
		if back := edit.Apply(after, invert(files, edits)); back[0].Text != files[0].Text {
			t.Errorf("the way back leads to:\n%s", back[0].Text)
		}
		return golden.Outputs{"after.thru": strings.TrimPrefix(after[0].Text, "\uFEFF")}
	})
}
