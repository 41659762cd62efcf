package builder

import (
	"strings"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/ask"
)

// helpScreen is what a page is for, and what can be done there.
func helpScreen() Screen {
	return Screen{Path: "help/{page}", Name: words.Help, Needs: access.Read, Show: showHelp}
}

// helps are the pages that have help, and of which page others are a part.
func helps() (of map[string]words.Text, part map[string]string) {
	return map[string]words.Text{
			"today": words.HelpToday, "board": words.HelpBoard, "rules": words.HelpRules,
			"text": words.HelpText, "bench": words.HelpBench, "publish": words.HelpPublish,
			"versions": words.HelpVersions, "start": words.HelpStart, "health": words.HelpHealth,
			"alerts": words.HelpAlerts, "reviews": words.HelpReviews, "coaching": words.HelpCoaching,
			"allocation": words.HelpAllocation, "import": words.HelpImport, "people": words.HelpPeople,
			"channels": words.HelpChannels, "overview": words.HelpOverview, "log": words.HelpLog,
		}, map[string]string{"hand-in": "today", "started": "start", "alert": "alerts",
			"case": "coaching", "channel": "channels", "record": "log"}
}

// help is the address of a screen's help; "": it has none.
func (v *Visit) help(s *Screen) string {
	page, _, _ := strings.Cut(s.Path, "/")
	of, part := helps()
	if whole := part[page]; whole != "" {
		page = whole
	}
	if of[page].En == "" {
		return ""
	}
	return v.In("help/" + page)
}

func showHelp(v *Visit) (view.Component, error) {
	page := v.R.PathValue("page")
	of, _ := helps()
	if of[page].En == "" {
		return nil, &ask.NoRecordError{Type: "help", ID: page}
	}
	p := view.HelpPage{Back: v.In(page)}
	p.For, p.Can, _ = strings.Cut(v.Say(of[page]), "\n")
	for i := range v.b.screens {
		s := &v.b.screens[i]
		if s.Path == page {
			p.Name = v.Say(s.Name)
		} else if of[s.Path].En != "" && s.Group != (words.Text{}) && v.has(s) {
			p.Others = append(p.Others, [2]string{v.In("help/" + s.Path), v.Say(s.Name)})
		}
	}
	return view.Help(&v.Viewer, p), nil
}
