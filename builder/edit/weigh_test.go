package edit_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/throughline/throughline/builder/edit"
	"github.com/throughline/throughline/dsl/source"
)

// TestWeigh: the weights alone are other ones; comments, blanks and order stay, in both
// vocabularies.
func TestWeigh(t *testing.T) {
	const text = `// who gets a lead
allocate Lead.owner to Rep {
  weigh {
    idle 60%  = 1 - candidate.load // how free
    "忙" 40% = candidate.skill == industry
  }
}
分配 Lead.helper 分给 Rep {
  权衡 { 空闲 60% = 1; 专长 40% = 0 }
}
`
	files := []source.File{{Name: "a.thru", Text: strings.ReplaceAll(text, `"忙"`, "fit")}}
	for _, c := range []struct {
		of      string
		weights map[string]string
		want    [2]string // what stands where; "": it is refused
	}{
		{"Lead.owner", map[string]string{"idle": "35%", "fit": "65%"}, [2]string{"idle 35%  = 1", "fit 65% ="}},
		{"Lead.owner", map[string]string{"idle": "60%"}, [2]string{"idle 60%  = 1", "fit 40% ="}},
		{"Lead.helper", map[string]string{"空闲": "5%", "专长": "95%"}, [2]string{"空闲 5% =", "专长 95% ="}},
		{"Lead.owner", map[string]string{"none": "60%"}, [2]string{}},
		{"Lead.none", map[string]string{"idle": "60%"}, [2]string{}},
	} {
		edits, err := edit.Read(files).Weigh(c.of, c.weights)
		if refused := new(edit.Refused); c.want[0] == "" {
			if !errors.As(err, &refused) {
				t.Errorf("%s %v: %v", c.of, c.weights, err)
			}
			continue
		}
		after := edit.Apply(files, edits)[0].Text
		if err != nil || !strings.Contains(after, c.want[0]) || !strings.Contains(after, c.want[1]) ||
			strings.Count(after, "\n") != strings.Count(text, "\n") || !strings.Contains(after, "// how free") {
			t.Errorf("%s %v: %v\n%s", c.of, c.weights, err, after)
		}
	}
}
