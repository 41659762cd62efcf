package builder

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/builder/draft"
	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/runtime/access"
	"github.com/throughline/throughline/runtime/deliver/channel"
	"github.com/throughline/throughline/templates"
	"github.com/throughline/throughline/templates/pack"
)

//go:embed starts
var starts embed.FS

// startScreen is the ways to begin in a workspace, and what the chosen one comes to.
func startScreen() Screen {
	return Screen{Path: "start", Name: words.Start, Needs: access.Draft,
		Show: func(v *Visit) (view.Component, error) { return v.startPage("", "") }, Do: doStart}
}

// startedScreen is what people get by the draft.
func startedScreen() Screen {
	return Screen{Path: "started", Name: words.StartMade, Needs: access.Draft, Show: showStarted}
}

func (v *Visit) startPage(way, wrong string) (view.Component, error) {
	d, err := v.desk()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	changed := len(d.draft.Authors()) > 0
	d.mu.Unlock()
	p := view.StartPage{Kinds: v.kinds(), Tell: v.R.FormValue("tell"), Week: [2]int{8, 10}, Stay: 15,
		Changed: changed, Way: way, Wrong: wrong}
	have := templates.Starters()
	for _, i := range templates.Industries {
		if slices.Contains(have, i.ID) {
			name := i.Label.En
			if v.Lang == "zh" {
				name = i.Label.Zh
			}
			p.Trades = append(p.Trades, [2]string{i.ID, name})
		}
	}
	return view.Start(&v.Viewer, p), nil
}

// doStart makes the draft of what was chosen. A draft that has changes is put aside.
func doStart(v *Visit) (view.Component, error) {
	way := v.R.FormValue("way")
	begun, wrong, err := v.chosen(way)
	switch {
	case err != nil:
		return nil, err
	case wrong != "":
		return v.startPage(way, wrong)
	}
	now, err := v.Policy()
	if err != nil {
		return nil, err
	}
	begun.own.entitle(now.Settings.Title)
	files, err := begun.files(v.Context())
	if err != nil {
		return nil, err
	}
	var k dsl.Checker
	if _, diags := v.b.checkFiles(&k, files); dsl.HasErrors(diags) {
		return nil, fmt.Errorf("start %s: %s", way, source.Render(diags[0], "en"))
	}
	d, err := v.b.desk(v.Context(), v.Workspace)
	if err != nil {
		return nil, err
	}
	b, err := v.b.beginning(v.Context(), v.Workspace)
	if err != nil {
		return nil, err
	}
	if err := d.again(draft.Beginning{Base: b.Base, Files: files}); err != nil {
		return nil, err
	}
	v.Go(v.In("started?" + url.Values{"way": {way}, "tell": {v.R.FormValue("tell")}}.Encode()))
	return nil, nil
}

// begun is a workspace to begin with: as it is in the program, and with somebody's answers in it.
type begun struct {
	base fs.FS
	own  memory
}

// chosen is the workspace that somebody chose, or what is wrong with their answers.
func (v *Visit) chosen(way string) (b begun, wrong string, err error) {
	number := func(key string) string {
		n, err := strconv.Atoi(strings.TrimSpace(v.R.FormValue(key)))
		if err != nil || n < 1 || n > 100 {
			wrong = v.Say(words.StartNumber)
		}
		return strconv.Itoa(n)
	}
	ok := true
	switch way {
	case "goal":
		b.base, ok = templates.Starter(v.R.FormValue("trade"))
	case "proof", "review":
		b.base, err = fs.Sub(starts, "starts/"+way)
	default:
		ok = false
	}
	if !ok || err != nil {
		return b, v.Say(words.StartTrade), err
	}
	if b.own, err = read(b.base); err != nil {
		return b, "", err
	}
	in := b.own
	switch way { // with the answers
	case "goal":
		in.change("actions.thru", `target \d+ per week`, "target "+number("week")+" per week")
	case "proof":
		in.change("policy.thru", `target \d+ per week`, "target "+number("week-proof")+" per week")
		in.change("policy.thru", `stay: \d+min`, "stay: "+number("stay")+"min")
	case "review":
		in.change("policy.thru", `"over budget"`, `"over budget"`+painWords(v.R.FormValue("pains")))
	}
	if kind := v.R.FormValue("tell"); slices.Contains(channel.Kinds(), channel.Kind(kind)) {
		in.tell(kind)
	}
	return b, wrong, nil
}

// forManagers is a task for somebody's manager: what it says, and for whom it is.
var forManagers = regexp.MustCompile(
	`task ("[^"]*"(?: (?:zh|en) "[^"]*")?) for ((?:owner\.)?manager)\b`)

// tell lets a channel say to managers what they get a task for.
func (m memory) tell(kind string) {
	for name, text := range m {
		if path.Ext(name) == ".thru" && !strings.HasPrefix(path.Base(name), "tests") {
			m[name] = forManagers.ReplaceAllString(text, "notify $2 via "+kind+" $1; $0")
		}
	}
}

// painWords are words of a form as they go on in a list of the policy.
func painWords(text string) (out string) {
	for _, w := range strings.FieldsFunc(text, func(c rune) bool {
		return strings.ContainsRune(",，、;；\n", c)
	}) {
		if w = strings.TrimSpace(strings.Map(plainSign, w)); w != "" {
			out += ", \"" + w + "\""
		}
	}
	return out
}

// plainSign leaves out what would end a text of the policy, or put something else into it.
func plainSign(r rune) rune {
	if strings.ContainsRune("\"“”`\\{}\r\n\t", r) {
		return -1
	}
	return r
}

// memory is a workspace's files by name.
type memory map[string]string

func read(in fs.FS) (memory, error) {
	out := memory{}
	err := fs.WalkDir(in, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := fs.ReadFile(in, name)
		out[name] = string(b)
		return err
	})
	return out, err
}

// change puts a text in the place of the first that fits.
func (m memory) change(file, what, with string) {
	if at := regexp.MustCompile(what).FindStringIndex(m[file]); at != nil {
		m[file] = m[file][:at[0]] + with + m[file][at[1]:]
	}
}

// files are the files of the workspace with those of the packages that it requires, which
// become its own: they can be read and changed like all else.
func (b *begun) files(ctx context.Context) (out []source.File, err error) {
	library, err := pack.Library()
	if err != nil {
		return nil, err
	}
	change, err := pack.Prepare(ctx, b.base, library, pack.Want{})
	if err != nil {
		return nil, err
	}
	all, err := read(change.Alone())
	if err != nil {
		return nil, err
	}
	for name, text := range b.own {
		if name == "thru.toml" {
			text, _, _ = strings.Cut(text, "\n[requires]") // they are here
			text = strings.TrimRight(text, "\n") + "\n"
		}
		out = append(out, source.File{Name: name, Text: text})
	}
	for name, text := range all {
		// Tests of a package were run when it was published.
		if path.Ext(name) == ".thru" && !strings.HasPrefix(path.Base(name), "tests") {
			out = append(out, source.File{Name: name, Text: text})
		}
	}
	slices.SortFunc(out, func(a, b source.File) int {
		deep := strings.Count(a.Name, "/") - strings.Count(b.Name, "/")
		if deep != 0 {
			return deep
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out, nil
}

// showStarted says what people will get by the draft, as it is.
func showStarted(v *Visit) (view.Component, error) {
	d, err := v.desk()
	if err != nil {
		return nil, err
	}
	d.check() // it may have begun this moment
	d.mu.Lock()
	pol := d.checked.policy
	d.mu.Unlock()
	sp := say.In(v.Lang)
	p := view.StartedPage{Close: v.R.FormValue("way") == "proof",
		MayPeople: v.Who.May(access.Admin, ""), MayPublish: v.May(access.Publish)}
	if kind := channel.Kind(v.R.FormValue("tell")); slices.Contains(channel.Kinds(), kind) {
		q := url.Values{"kind": {string(kind)}, "name": {string(kind)}}
		p.Channel, p.ChannelName = v.In("channel?"+q.Encode()), v.Say(kindWord(kind))
	}
	for i := range v.b.screens {
		if s := &v.b.screens[i]; s.Path == "import" && v.May(s.Needs) {
			p.Import = v.In("import")
		}
	}
	for _, j := range pol.Journeys {
		var stages []string
		for _, s := range j.Stages {
			stages = append(stages, sp.Text(s.Label))
		}
		p.Way = append(p.Way, sp.Name(&j.Head)+v.Say(words.Colon)+strings.Join(stages, " → "))
	}
	for _, a := range pol.Actions {
		if a.Target == nil || a.Mode == policy.Off {
			continue
		}
		x := view.StartedAction{Name: sp.Name(&a.Head)}
		if a.Target.Per == policy.Weekly {
			x.Often = v.Sayf(words.StartTimes, a.Target.N)
		}
		if a.Why != nil {
			x.Why = sp.Message(a.Why).String()
		}
		for _, s := range a.Steps {
			x.Steps = append(x.Steps, sp.Text(s.Text))
		}
		p.Actions = append(p.Actions, x)
	}
	for _, a := range pol.Alerts {
		p.Told = append(p.Told, sp.Name(&a.Head)+v.Say(words.Colon)+v.alertSentence(a))
	}
	for _, r := range pol.Rules {
		if int(r.Span.File) < len(pol.Files) && !strings.HasPrefix(pol.Files[r.Span.File].Name, "std/") {
			p.Told = append(p.Told, sp.Name(&r.Head))
		}
	}
	for _, a := range pol.Allocations {
		p.Gives = append(p.Gives, sp.Name(&a.Head))
	}
	force, err := v.Policy()
	p.InForce = err == nil && force.Hash == pol.Hash
	return view.Started(&v.Viewer, p), err
}
