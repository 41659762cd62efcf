package builder

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	textdiff "github.com/rogpeppe/go-internal/diff"

	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/api"
	"github.com/throughline/throughline/runtime/ask"
)

// versionsScreen is every policy that was put in force.
func versionsScreen() Screen {
	return Screen{Path: "versions", Name: words.VersionsName, Icon: "versions",
		Group: words.Authoring, Needs: access.Read, Does: access.Tune, Roles: authors(), Wide: false,
		Show: showVersions, Do: doVersions}
}

// How many versions the page lists, and how many lines of what each changed.
const (
	mostVersions = 100
	mostChanged  = 4
)

func showVersions(v *Visit) (view.Component, error) { return v.versions(nil) }

// versions is the page, with why a version was not put in force again.
func (v *Visit) versions(wrong error) (view.Component, error) {
	all, err := v.Ask().Versions(mostVersions)
	if err != nil {
		return nil, err
	}
	var zone *time.Location
	if err := v.Ask().Look(func(e *engine.Engine, _ *ask.Sight) { zone = e.Zone() }); err != nil {
		return nil, err
	}
	p := view.VersionsPage{Older: all.Before, Done: v.R.URL.Query().Has("done")}
	if wrong != nil {
		x := v.problem(wrong)
		p.Wrong, p.More = x.Title, x.Detail
	}
	list := all.Versions
	at := len(list) - 1
	for i, x := range list {
		if strconv.FormatUint(x.Seq, 10) == v.R.URL.Query().Get("at") {
			at = i
		}
	}
	for i, x := range list {
		one := v.versionOf(x, zone)
		one.Here, one.Now = i == at, i == len(list)-1
		if i == 0 && all.Before == 0 {
			one.How, one.Same = v.Say(words.VersionFirst), false
		}
		p.List = append(p.List, one)
	}
	if at >= 0 {
		if p.One, err = v.versionIn(list, at, p.List[at]); err != nil {
			return nil, err
		}
	}
	slices.Reverse(p.List)
	return view.Versions(&v.Viewer, p), nil
}

func (v *Visit) versionOf(x api.Version, zone *time.Location) view.Version {
	out := view.Version{Href: v.In("versions") + "?at=" + strconv.FormatUint(x.Seq, 10),
		When: stamp(x.At.UnixMicro(), zone), Who: x.Name, Why: x.Why, How: v.how(x.How)}
	out.Changed = x.Changed[:min(len(x.Changed), mostChanged)]
	out.Rest, out.Same = len(x.Changed)-len(out.Changed), len(x.Changed) == 0
	return out
}

// how is how a version came in force.
func (v *Visit) how(word string) string {
	t, ok := map[string]words.Text{"publish": words.HowPublish, "rollback": words.HowRollback,
		"canary": words.HowCanary, "promote": words.HowPromote, "stop": words.HowStop}[word]
	if !ok {
		return word
	}
	return v.Say(t)
}

// versionIn is one version in full.
func (v *Visit) versionIn(
	list []api.Version, at int, head view.Version,
) (*view.VersionFull, error) {
	x, err := v.Ask().Version(list[at].Seq)
	if err != nil {
		return nil, err
	}
	out := &view.VersionFull{Version: head, Seq: strconv.FormatUint(x.Seq, 10), Hash: x.Hash,
		Source: x.Source, Expect: list[len(list)-1].Source,
		May: v.May(access.Publish) || v.May(access.Tune)}
	if len(x.Changed) > 0 {
		out.Meaning = x.Text
	}
	if x.Blast != nil && x.Blast.Differ > 0 {
		out.Blast = v.Sayf(words.VersionRecent, x.Blast.Differ)
	}
	if at > 0 {
		was, err := v.Ask().Version(list[at-1].Seq)
		if err != nil {
			return nil, err
		}
		out.Lines = linesOf(was.Files, x.Files)
		out.Compared = true
		out.Board = boardDiff(&v.Viewer, boardOf(v.b.checkedOf(was.Files), v.Lang),
			boardOf(v.b.checkedOf(x.Files), v.Lang))
	}
	if !head.Now {
		out.Differs, err = v.Ask().Back(x.Seq)
	}
	return out, err
}

// linesOf compares the texts of two policies, without what comes with the program.
func linesOf(old, now []api.File) (out []view.DiffLine) {
	was, is := textsOf(old), textsOf(now)
	names := slices.Sorted(maps.Keys(is))
	var gone, came []string
	for name := range was {
		if _, there := is[name]; !there {
			gone = append(gone, name)
		}
	}
	for _, name := range names {
		if _, there := was[name]; !there {
			came = append(came, name)
		}
	}
	slices.Sort(gone)
	names = append(names, gone...)
	slices.Sort(names)
	from := map[string]string{} // those that are called otherwise
	for _, old := range gone {
		for _, name := range came {
			only := len(gone) == 1 && len(came) == 1
			if from[name] == "" && (only || was[old] == is[name]) {
				from[name] = old
				names = slices.DeleteFunc(names, func(n string) bool { return n == old })
				break
			}
		}
	}
	for _, name := range names {
		before, title := name, name
		if other := from[name]; other != "" {
			before, title = other, other+" → "+name
		}
		text, there := was[before]
		body := textdiff.Diff(name, []byte(text), name, []byte(is[name]))
		if there && before == name && len(body) == 0 {
			continue
		}
		out = append(out, view.DiffLine{Kind: "file", Text: title})
		head := 3 // lines that name the files
		for line := range bytes.Lines(body) {
			l := strings.TrimRight(string(line), "\n")
			switch head--; {
			case head >= 0:
			case strings.HasPrefix(l, "@@"):
				out = append(out, view.DiffLine{Kind: "at", Text: l})
			case strings.HasPrefix(l, "+"):
				out = append(out, view.DiffLine{Kind: "add", Text: l})
			case strings.HasPrefix(l, "-"):
				out = append(out, view.DiffLine{Kind: "cut", Text: l})
			default:
				out = append(out, view.DiffLine{Text: l})
			}
		}
	}
	return out
}

func textsOf(files []api.File) map[string]string {
	out := map[string]string{}
	for _, f := range files {
		if !strings.HasPrefix(f.Name, "std/") {
			out[f.Name] = f.Text
		}
	}
	return out
}

func doVersions(v *Visit) (view.Component, error) {
	err := v.b.doors.Rollback(v.Context(), v.Who, v.Workspace, api.Back{Hash: v.R.FormValue("hash"),
		Expect: v.R.FormValue("expect"), Why: v.R.FormValue("why")})
	if err != nil {
		return v.versions(err)
	}
	v.Go(v.In("versions") + "?done")
	return nil, nil
}
