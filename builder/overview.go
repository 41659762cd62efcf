package builder

import (
	"slices"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/runtime/access"
)

// overviewScreen says what the policy in force is made of.
func overviewScreen() Screen {
	return Screen{Path: "overview", Name: words.Overview, Icon: "home", Group: words.Governing,
		Needs: access.Read, Show: showOverview}
}

func showOverview(v *Visit) (view.Component, error) {
	p, err := v.Policy()
	if err != nil {
		return nil, err
	}
	sp := say.In(v.Lang)
	o := view.OverviewPage{Title: p.Settings.Title, Version: p.Settings.Version}
	for _, k := range kind.Kinds() {
		part := view.Part{Name: sp.Text(k.Label)}
		for _, d := range k.Of(p) {
			name := view.Named{Name: d.Head.Name, Label: sp.Text(d.Head.Label)}
			if d.Own && !slices.Contains(part.Names, name) { // an alert by action is one for each
				part.Names = append(part.Names, name)
			}
		}
		if len(part.Names) > 0 {
			o.Parts = append(o.Parts, part)
		}
	}
	return view.Overview(&v.Viewer, o), nil
}
