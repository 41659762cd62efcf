package builder

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/throughline/throughline/builder/doc"
	"github.com/throughline/throughline/builder/edit"
	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/lsp"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/policy/kind"
	"github.com/throughline/throughline/dsl/policy/say"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/runtime/access"
)

// rulesScreen is every declaration of the draft, with an inspector beside it.
func rulesScreen() Screen {
	return Screen{Path: "rules", Name: words.Rules, Icon: "rules", Group: words.Authoring,
		Needs: access.Read, Roles: authors(), Wide: true, Show: showRules,
		Serve: map[string]func(*Visit){"live": (*Visit).sit}}
}

func showRules(v *Visit) (view.Component, error) {
	d, err := v.desk()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	may := mayChange(v.Who, v.Workspace)
	look := lookOf(v.R.URL.Query())
	p := view.RulesPage{May: may, Live: v.In("rules/live") + "?rules&seen=" + escape(d.stamp()),
		Bar: d.bar(&v.Viewer, v.Who.ID(), may, ""), Groups: d.rules(&v.Viewer, look)}
	p.Bar.Title = v.Say(words.Rules)
	p.News, p.File = d.news(v.Lang)
	if look.path != nil {
		p.Look = d.inspected(&v.Viewer, look, may)
		if l, err := d.checked.text.Find(look.path, look.file); err == nil {
			sees := v.Who.View(access.Draft, v.Workspace)
			p.Look.Fired = d.firedIn(l, sees.Whole(), v.Lang)
			p.Look.Size = d.sizeOf(&v.Viewer, look, sees.Whole())
		}
	}
	return view.Rules(&v.Viewer, p), nil
}

// A looking is what a page's inspector shows: a line, by its path.
type looking struct {
	path edit.Path
	file string
}

// lookOf is what an address asks to look at.
func lookOf(q interface{ Get(string) string }) looking {
	p, ok := pathOf(q.Get("what"))
	if !ok {
		return looking{}
	}
	return looking{p, q.Get("of")}
}

// books are answers about the text, kept between questions: they share what was parsed.
type books struct {
	mu   sync.Mutex
	book *lsp.Book
}

// open calls f with a book of some files.
func (b *books) open(files []source.File, lang string, f func(*lsp.Book)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.book == nil {
		b.book = lsp.NewBook()
	}
	b.book.Open(files, lang)
	f(b.book)
}

// rules are all declarations of the text by kind, also those that the checker makes nothing of.
func (d *desk) rules(v *view.Viewer, look looking) []view.RuleGroup {
	by := map[string]*view.RuleGroup{}
	var order []string
	speak := say.In(v.Lang)
	heads := headsOf(d.checked.policy)
	for i, f := range d.checked.text.Files() {
		lines := d.checked.text.Lines(i)
		for k, key := range edit.Keys(lines) {
			l := lines[k]
			word := declares(l)
			if word == "" {
				continue
			}
			g := by[word]
			if g == nil {
				g = &view.RuleGroup{ID: "g-" + word, Title: titleOf(word, v.Lang)}
				by[word] = g
				order = append(order, word)
			}
			r := view.RuleLink{ID: "r-" + short(word) + "-" + strconv.Itoa(i) + "-" + strconv.Itoa(k),
				Name: key, Code: key, Path: pathText(edit.Path{key}), File: f.Name,
				Here: len(look.path) > 0 && look.path[0] == key}
			if h := heads[key]; h != nil && word != "test" {
				r.Name, r.Mode = speak.Label(h), modeName(h.Mode, v.Lang)
			}
			if word == "test" {
				r.Name = strings.Trim(strings.TrimPrefix(strings.TrimPrefix(key, "test"), "测试"), " \"")
				r.Code = r.Name
			}
			r.Find = findable(r.Name, key)
			if h := heads[key]; h != nil {
				r.Find = findable(r.Name, key, h.Label.Main, h.Label.En, h.Label.Zh)
			}
			r.Href = v.In("rules") + "?what=" + escape(r.Path) + "&of=" + escape(f.Name)
			r.Wrong = d.told(f.Name, l.Whole())
			g.Rules = append(g.Rules, r)
		}
	}
	slices.SortStableFunc(order, func(a, b string) int {
		return slices.Index(kindOrder(), a) - slices.Index(kindOrder(), b)
	})
	var out []view.RuleGroup
	for _, w := range order {
		out = append(out, *by[w])
	}
	return out
}

// findable is what a search goes through: names, and the initials of what is Chinese in them.
func findable(names ...string) string {
	var all []string
	for _, n := range names {
		all = append(all, n, syntax.Initials(n))
	}
	return strings.ToLower(strings.Join(slices.Compact(all), " "))
}

// kindOrder is the order in which people look for declarations.
func kindOrder() []string {
	return []string{"journey", "action", "alert", "rule", "segment", "allocate", "score", "metric",
		"goal", "remedy", "entity", "event", "extend", "choice", "let", "calendar", "extern", "use",
		"test"}
}

// declares is the word that a declaration begins with, "" of a line that declares nothing.
func declares(l *syntax.Line) string {
	word := l.Written(0)
	if en := english()[word]; en != "" {
		word = en
	}
	if !slices.Contains(kindOrder(), word) {
		return ""
	}
	return word
}

func titleOf(word, lang string) string {
	t, ok := map[string]words.Text{"journey": words.KindJourneys, "action": words.KindActions,
		"alert": words.KindAlerts, "rule": words.KindRules, "segment": words.KindSegments,
		"allocate": words.KindAllocations, "score": words.KindScores, "metric": words.KindMetrics,
		"goal": words.KindGoals, "remedy": words.KindRemedies, "entity": words.KindEntities,
		"event": words.KindEvents, "extend": words.KindExtends, "choice": words.KindChoices,
		"let": words.KindLets, "calendar": words.KindCalendars, "extern": words.KindExterns,
		"use": words.KindUses, "test": words.KindTests}[word]
	if !ok {
		return word
	}
	return t.In(lang)
}

func modeName(m policy.Mode, lang string) string {
	switch m {
	case policy.Off:
		return words.ModeOff.In(lang)
	case policy.Shadow:
		return words.ModeShadow.In(lang)
	case policy.Warn:
		return words.ModeWarn.In(lang)
	}
	return ""
}

// headsOf are the declarations of a policy by the name that the text gives them.
func headsOf(p *policy.Policy) map[string]*policy.Head {
	out := map[string]*policy.Head{}
	for _, d := range kind.All(p) {
		out[d.Head.Name] = d.Head
		out[d.Head.Full] = d.Head
	}
	return out
}

// told reports whether the checker says something of a piece of a file that is more than a note.
func (d *desk) told(file string, at source.Span) bool {
	return slices.ContainsFunc(d.checked.diags, func(x source.Diagnostic) bool {
		return d.fileAt(x.Span) == file && at.Off <= x.Span.Off && x.Span.Off < at.End &&
			x.Code.Severity() != source.Note
	})
}

// fileAt is the file of a place in the checked policy.
func (d *desk) fileAt(at source.Span) string {
	if files := d.checked.policy.Files; !at.IsZero() && int(at.File) < len(files) {
		return files[at.File].Name
	}
	return ""
}

// news are the declarations that can be begun, in the vocabulary of the file that they go into.
func (d *desk) news(lang string) (list []view.Add, file string) {
	files := d.checked.text.Files()
	for _, f := range files {
		if strings.HasSuffix(f.Name, ".thru") && f.Text != "" {
			file = f.Name
			break
		}
	}
	if file == "" {
		return nil, ""
	}
	at := slices.IndexFunc(files, func(f source.File) bool { return f.Name == file })
	taken := map[string]bool{}
	for i := range files {
		for _, key := range edit.Keys(d.checked.text.Lines(i)) {
			taken[key] = true
		}
	}
	name := "New"
	for n := 2; taken[name]; n++ {
		name = "New" + strconv.Itoa(n)
	}
	d.books.open(files, lang, func(b *lsp.Book) {
		for _, s := range b.Complete(file, int32(len(files[at].Text))) {
			if s.Kind != "word" || !strings.Contains(s.Text, "\n") && !strings.Contains(s.Text, " = ") {
				continue
			}
			word, _, _ := strings.Cut(s.Text, " ")
			code := name
			list = append(list, view.Add{Name: strings.TrimSuffix(s.Label, " …"), Code: code,
				Kind: s.Detail, Text: strings.Replace(s.Text, word+" Name", word+" "+code, 1)})
		}
	})
	return list, file
}

// inspected is the inspector of what is looked at, as the text was when it was checked last.
func (d *desk) inspected(v *view.Viewer, look looking, may bool) *view.Inspector {
	x := &view.Inspector{Path: pathText(look.path), File: look.file, May: may,
		Name: look.path[len(look.path)-1]}
	l, err := d.checked.text.Find(look.path, look.file)
	if err != nil {
		x.Gone = true
		return x
	}
	x.File = l.File().Name
	x.Text = v.In("text") + "?file=" + escape(x.File) + "&what=" + escape(x.Path)
	x.Kind = kindOf(l, look.path, v.Lang)
	decl, is := d.declared(l)
	speak := say.In(v.Lang)
	if is {
		x.Name, x.Code, x.Doc = speak.Name(decl.Head), look.path[len(look.path)-1], decl.Head.Doc
		for _, t := range doc.Tell(d.checked.policy, &decl, v.Lang) {
			x.Told = append(x.Told, view.Told(t))
		}
		if acts(decl.Kind.Word) {
			x.Mode, x.Modes = modeOf(decl.Head.Mode), modes(v.Lang)
		}
		for _, h := range doc.Users(d.checked.policy, decl.Head) {
			x.Uses = append(x.Uses, d.use(v, h))
		}
	}
	d.books.open(d.checked.text.Files(), v.Lang, func(b *lsp.Book) {
		x.Line = d.draftingOf(b, l, v.Lang, &decl).line(l, look.path, 0)
		x.Renames = syntax.HeadOf(l.Node) != nil || nodeNamed(l)
		if !is {
			x.Uses = d.references(v, b, l)
		}
	})
	x.Line.Name, x.Line.Fixed, x.Line.Says = "", len(look.path) < 3, ""
	if len(look.path) > 1 {
		x.Code = look.path[len(look.path)-1]
	}
	x.Opens = d.opens(v, l, look)
	x.Problems = problemsOf(v, d.checked.policy.Files, d.within(x.File, l.Whole()))
	full := ""
	if is {
		full = decl.Head.Full
	}
	x.Past, x.Cases = d.pastOf(v, l, full), d.casesOf(v, look)
	return x
}

// within is what the checker says of a piece of a file.
func (d *desk) within(file string, at source.Span) []source.Diagnostic {
	var out []source.Diagnostic
	for _, x := range d.checked.diags {
		if d.fileAt(x.Span) == file && at.Off <= x.Span.Off && x.Span.Off < at.End {
			out = append(out, x)
		}
	}
	return out
}

func kindOf(l *syntax.Line, path edit.Path, lang string) string {
	if len(path) > 1 {
		return strings.Join(path[:len(path)-1], " › ")
	}
	word := l.Written(0)
	if en := english()[word]; en != "" {
		word = en
	}
	return kind.Named(word, lang)
}

// declared is the checked declaration that a line is.
func (d *desk) declared(l *syntax.Line) (kind.Decl, bool) {
	s := l.Whole()
	for _, x := range kind.All(d.checked.policy) {
		at := x.Head.Span
		if d.fileAt(at) == l.File().Name && s.Off <= at.Off && at.Off < s.End &&
			l.Span().Off <= at.Off && at.Off < l.Span().End {
			return x, true
		}
	}
	return kind.Decl{}, false
}

// acts reports whether declarations of a kind have a mode.
func acts(word string) bool {
	return slices.Contains([]string{"action", "alert", "rule", "segment", "allocate", "journey",
		"score"}, word)
}

func modeOf(m policy.Mode) string {
	return [...]string{policy.Enforce: "enforce", policy.Off: "off", policy.Shadow: "shadow",
		policy.Warn: "warn"}[m]
}

func modes(lang string) []view.Option {
	return []view.Option{{Value: "enforce", Name: words.ModeEnforce.In(lang)},
		{Value: "warn", Name: words.ModeWarn.In(lang)},
		{Value: "shadow", Name: words.ModeShadow.In(lang)},
		{Value: "off", Name: words.ModeOff.In(lang)}}
}

// use leads to a declaration that says something by another.
func (d *desk) use(v *view.Viewer, h *policy.Head) view.Use {
	u := view.Use{Name: say.In(v.Lang).Name(h), File: d.fileAt(h.Span)}
	path := edit.Path{h.Name}
	if l := d.lineAt(u.File, h.Span.Off); l != nil {
		path = d.checked.text.PathOf(l)
		u.Kind = kindOf(l, path[:1], v.Lang)
	}
	u.Path = pathText(path)
	u.Href = v.In("rules") + "?what=" + escape(u.Path) + "&of=" + escape(u.File)
	return u
}

// lineAt is the declaration that stands at a place of a file; nil: none does.
func (d *desk) lineAt(file string, off int32) *syntax.Line {
	for i, f := range d.checked.text.Files() {
		if f.Name != file {
			continue
		}
		for _, l := range d.checked.text.Lines(i) {
			if s := l.Whole(); s.Off <= off && off < s.End {
				return l
			}
		}
	}
	return nil
}

// opens are what stands in a line and is looked at by itself: a journey's stages, what a
// requirement names.
func (d *desk) opens(v *view.Viewer, l *syntax.Line, look looking) []view.Use {
	var out []view.Use
	if _, ok := l.Node.(*syntax.Journey); ok {
		for i, key := range edit.Keys(l.Lines()) {
			path := append(look.path[:len(look.path):len(look.path)], key)
			u := view.Use{Name: short(written(l.Lines()[i], false)), Path: pathText(path),
				File: l.File().Name}
			if n, ok := l.Lines()[i].Node.(*syntax.Stage); ok {
				u.Name = newDrawing(d.checked.text, d.checked.policy, v.Lang).
					label(l.Lines()[i], n.Label, key)
				u.Kind = kind.Named("stage", v.Lang)
			}
			u.Href = v.In("rules") + "?what=" + escape(u.Path) + "&of=" + escape(u.File)
			out = append(out, u)
		}
	}
	if n, ok := l.Node.(*syntax.Require); ok && n.Count != nil {
		if h := headsOf(d.checked.policy)[l.Dotted(n.Count.Name)]; h != nil {
			out = append(out, d.use(v, h))
		}
	}
	return out
}

// nodeNamed reports whether a line that is no declaration has a name of its own.
func nodeNamed(l *syntax.Line) bool {
	switch l.Node.(type) {
	case *syntax.Stage, *syntax.FieldLine, *syntax.Term:
		return true
	}
	return false
}

// nameAt is where the name that a line gives stands; -1: it gives none.
func nameAt(l *syntax.Line) int32 {
	if h := syntax.HeadOf(l.Node); h != nil {
		return l.TokSpan(h.Name.Tok).Off
	}
	switch n := l.Node.(type) {
	case *syntax.Stage:
		return l.TokSpan(n.Name.Tok).Off
	case *syntax.FieldLine:
		return l.TokSpan(n.Name.Tok).Off
	case *syntax.Term:
		return l.TokSpan(n.Name.Tok).Off
	}
	return -1
}

// references are the declarations that name what a line declares.
func (d *desk) references(v *view.Viewer, b *lsp.Book, l *syntax.Line) []view.Use {
	at := nameAt(l)
	if at < 0 {
		return nil
	}
	var out []view.Use
	for _, s := range b.References(l.File().Name, at) {
		o := d.lineAt(s.File, s.Off)
		if o == nil {
			continue
		}
		path := d.checked.text.PathOf(o)
		u := view.Use{Name: path[0], Kind: kindOf(o, path[:1], v.Lang), Path: pathText(path),
			File: s.File, Href: v.In("rules") + "?what=" + escape(pathText(path)) + "&of=" +
				escape(s.File)}
		if !slices.Contains(out, u) {
			out = append(out, u)
		}
	}
	return out
}

// draftingOf prepares the lines of an inspector.
func (d *desk) draftingOf(b *lsp.Book, l *syntax.Line, lang string, of *kind.Decl) *drafting {
	x := &drafting{lang: lang, in: l.File().Lang(), refs: map[int32]dsl.Ref{},
		values: map[string][]*choice{}, file: -1}
	if x.in == "" {
		x.in = "en"
	}
	index := b.Index()
	file := slices.IndexFunc(index.Texts, func(f source.File) bool { return f.Name == l.File().Name })
	if file >= 0 {
		for _, r := range index.Refs(int32(file)) {
			x.refs[r.Span.Off] = r
		}
	}
	for _, s := range index.Symbols() {
		switch s.Kind {
		case "value", "stage", "action":
			label := say.In(lang).Text(s.Label)
			if label == "" {
				label = s.Name
			}
			x.values[s.Kind+" "+s.In] = append(x.values[s.Kind+" "+s.In], &choice{s.Name, label})
		}
	}
	if of.Head != nil {
		x.pieces = doc.Pieces(d.checked.policy, of, lang)
		x.file, x.of, x.policy = of.Head.Span.File, of, d.checked.policy
	}
	return x
}
