package record

import (
	"encoding/json"

	"github.com/throughline/throughline/dsl/policy"
)

// Without writes a record without some of its fields and without what its type does not know, which
// nobody can say anything about. It reports the names of the fields that were there; false: the
// line is no record of a known type.
func (d *Decoder) Without(line []byte, drop func(*policy.Field) bool) (
	kept []byte, gone []string, ok bool,
) {
	root, _ := parseTree(line, 0)
	if root == nil || root.at("type") == nil {
		return nil, nil, false
	}
	sh := d.byName[root.at("type").text]
	if sh == nil {
		return nil, nil, false
	}
	kept = append(kept, '{')
	for i, name := range root.keys {
		at, known := sh.byName[name]
		switch {
		case !known && name != "by" && name != "why":
			gone = append(gone, name)
			continue
		case known && sh.keys[at].field != nil && drop(sh.keys[at].field):
			gone = append(gone, sh.keys[at].field.Name)
			continue
		}
		if len(kept) > 1 {
			kept = append(kept, ',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, nil, false // a text is always written
		}
		kept = append(append(append(kept, key...), ':'), root.list[i].raw...)
	}
	return append(kept, '}'), gone, true
}
