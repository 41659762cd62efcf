package lsp

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
)

const (
	kindQuickFix = "quickfix"
	kindFixAll   = "source.fixAll.thru"
)

// format lays the whole document out.
func (s *server) format(_ context.Context, p documentParams) (any, error) {
	d := s.docs[pathOf(p.TextDocument.URI)]
	if d == nil || filepath.Ext(d.path) != ".thru" {
		return nil, nil
	}
	return d.lineEdits(syntax.Format(d.s, syntax.Options{}), nil), nil
}

// formatRange lays the whole document out and keeps what touches the range: how a line is laid out
// depends on those around it.
func (s *server) formatRange(_ context.Context, p rangeParams) (any, error) {
	d := s.docs[pathOf(p.TextDocument.URI)]
	if d == nil || filepath.Ext(d.path) != ".thru" {
		return nil, nil
	}
	return d.lineEdits(syntax.Format(d.s, syntax.Options{}), &p.Range), nil
}

// lineEdits are the edits that make a document another text that has the same lines, but for blank
// ones that were left out or in: an edit for each run of lines that differ.
func (d *document) lineEdits(to string, in *span) []textEdit {
	old, fresh := strings.SplitAfter(d.s, "\n"), strings.SplitAfter(to, "\n")
	out := []textEdit{}
	i, j := 0, 0
	for i < len(old) || j < len(fresh) {
		if i < len(old) && j < len(fresh) && old[i] == fresh[j] {
			i, j = i+1, j+1
			continue
		}
		from, at := i, j
		i, j = rejoin(old, fresh, i, j)
		e := textEdit{Range: span{d.lineStart(old, from), d.lineStart(old, i)},
			NewText: strings.Join(fresh[at:j], "")}
		if in == nil || e.Range.Start.Line <= in.End.Line && e.Range.End.Line >= in.Start.Line {
			out = append(out, e)
		}
	}
	return out
}

// rejoin finds the nearest pair of equal lines that are not blank behind two places.
func rejoin(old, fresh []string, i, j int) (int, int) {
	const reach = 64
	for sum := 1; sum < reach; sum++ {
		for a := 0; a <= sum; a++ {
			if x, y := i+a, j+sum-a; x < len(old) && y < len(fresh) && old[x] == fresh[y] &&
				strings.TrimSpace(old[x]) != "" {
				return x, y
			}
		}
	}
	return len(old), len(fresh)
}

// lineStart is where a line begins, counted in line feeds.
func (d *document) lineStart(lines []string, n int) position {
	off := 0
	for _, l := range lines[:n] {
		off += len(l)
	}
	return d.position(int32(off))
}

func (s *server) prepareRename(_ context.Context, p positionParams) (any, error) {
	h, r, ok := s.ref(p)
	if !ok {
		return nil, nil
	}
	if err := h.renamable(r); err != nil {
		return nil, err
	}
	return prepared{h.d.span(r.Span), r.To.Name}, nil
}

// renamable says why a name cannot be renamed.
func (h here) renamable(r dsl.Ref) error {
	say := h.s.say
	switch {
	case r.To.Span.IsZero():
		return errors.New(say("this is built in", "这是内置名称"))
	case strings.HasPrefix(h.files[r.To.Span.File].Name, "std/"):
		return errors.New(say("this belongs to the standard vocabulary", "这属于标准词汇"))
	case h.f.readOnly(h.files[r.To.Span.File]):
		return errors.New(say("this belongs to a required package", "这属于引入的程序包"))
	case h.written(r.Span) != r.To.Name:
		return errors.New(say("this is the label of ", "这是标签，名称为 ") + r.To.Name)
	}
	return nil
}

// written is a name as the text has it.
func (h here) written(at source.Span) string {
	return syntax.NameOf(h.files[at.File].Text[at.Off:at.End])
}

func (s *server) rename(_ context.Context, p renameParams) (any, error) {
	h, r, ok := s.ref(p.positionParams)
	if !ok {
		return nil, errors.New(s.say("there is no name here", "此处没有名称"))
	}
	if err := h.renamable(r); err != nil {
		return nil, err
	}
	fresh := syntax.NameOf(strings.TrimSpace(p.NewName))
	if !isName(fresh) {
		return nil, errors.New(s.say("a name is letters, digits and _, and begins with a letter",
			"名称由字母（汉字）、数字和下划线组成，不能以数字开头"))
	}
	if fresh == r.To.Name {
		return &workspaceEdit{Changes: map[string][]textEdit{}}, nil
	}
	var edits, was []source.Edit
	for _, ref := range h.x.RefsTo(r.To) {
		if h.written(ref.Span) == r.To.Name {
			edits = append(edits, source.Edit{Span: ref.Span, New: fresh})
		}
	}
	if r.To.Was && s.wasOn {
		end := source.Span{File: r.To.Span.File, Off: r.To.Span.End, End: r.To.Span.End}
		lang := h.x.Files[end.File].Lang()
		was = append(was, source.Edit{Span: end,
			New: " " + syntax.WordIn("was", "", lang) + " " + r.To.Name})
	}
	if err := h.breaks(append(slices.Clone(edits), was...)); err != nil {
		return nil, err
	}
	return h.edit(edits, was), nil
}

// isName reports whether a text can be a name; the words that no operand can be are none.
func isName(s string) bool {
	switch s {
	case "", "and", "or", "not", "then", "else", "if", "pick", "true", "false", "self", "now",
		"并且", "或者", "并非", "那么", "否则", "如果", "择一", "为真", "为假", "自身", "此刻":
		return false
	}
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r) && !unicode.IsMark(r)) {
			return false
		}
	}
	return true
}

// breaks tells the first error that edits would bring.
func (h here) breaks(edits []source.Edit) error {
	files := slices.Clone(h.f.files)
	for i := range files {
		at := slices.IndexFunc(h.files, func(f source.File) bool { return f.Name == files[i].Name })
		files[i].Text = edited(files[i].Text, int32(at), edits)
	}
	_, diags := h.f.checker.Diagnose(files, h.f.set)
	before := map[source.Code]int{}
	for _, d := range h.x.Diags {
		before[d.Code]++
	}
	for _, d := range diags {
		if before[d.Code]--; before[d.Code] < 0 && d.Code.Severity() == source.Error {
			return errors.New(source.Render(d, h.s.lang))
		}
	}
	return nil
}

// edited is a file's text after the edits that are of it.
func edited(text string, file int32, edits []source.Edit) string {
	var own []source.Edit
	for _, e := range edits {
		if e.Span.File == file {
			own = append(own, e)
		}
	}
	slices.SortStableFunc(own, func(a, b source.Edit) int { return int(b.Span.Off - a.Span.Off) })
	for _, e := range own {
		text = text[:e.Span.Off] + e.New + text[e.Span.End:]
	}
	return text
}

// edit is edits as the protocol has them. Those that keep identity can be left out by who asked,
// where the client lets him choose.
func (h here) edit(edits, was []source.Edit) *workspaceEdit {
	const keep = "keep-identity"
	out := &workspaceEdit{}
	choose := len(was) > 0 && h.s.can.Workspace.WorkspaceEdit.ChangeAnnotationSupport != nil &&
		h.s.can.Workspace.WorkspaceEdit.DocumentChanges
	byURI := map[string][]textEdit{}
	var order []string
	add := func(e source.Edit, id string) {
		at := h.s.located(h.f, h.files, e.Span)
		if byURI[at.URI] == nil {
			order = append(order, at.URI)
		}
		byURI[at.URI] = append(byURI[at.URI], textEdit{at.Range, e.New, id})
	}
	for _, e := range edits {
		add(e, "")
	}
	for _, e := range was {
		if choose {
			add(e, keep)
		} else {
			add(e, "")
		}
	}
	if !h.s.can.Workspace.WorkspaceEdit.DocumentChanges {
		out.Changes = byURI
		return out
	}
	if choose {
		out.ChangeAnnotations = map[string]annotation{keep: {
			Label: h.s.say("Keep its identity with `was`", "用 曾名 保留原来的身份"),
			Description: h.s.say("Running state stays with the new name.",
				"运行中的状态会延续到新名称。")}}
	}
	for _, uri := range order {
		v := versioned{URI: uri}
		if d := h.s.docs[pathOf(uri)]; d != nil {
			v.Version = &d.version
		}
		out.DocumentChanges = append(out.DocumentChanges, documentEdit{v, byURI[uri]})
	}
	return out
}

// actions are the fixes of what is wrong in a range, and one for all that is certain in the file.
func (s *server) actions(_ context.Context, p actionParams) (any, error) {
	h, ok := s.at(p.TextDocument.URI)
	if !ok {
		return nil, nil
	}
	from, to := h.d.offset(p.Range.Start), h.d.offset(p.Range.End)
	out := []codeAction{}
	var all []source.Edit
	fixes := 0
	for _, d := range h.f.all() {
		if d.Span.File != h.file {
			continue
		}
		fix := fixOf(d)
		if fix == nil {
			continue
		}
		if d.Fix != nil && !overlap(all, fix) {
			all = append(all, fix...)
			fixes++
		}
		if d.Span.Off <= to && d.Span.End >= from && wants(p.Context.Only, kindQuickFix) {
			out = append(out, codeAction{Title: h.title(fix), Kind: kindQuickFix,
				IsPreferred: d.Fix != nil, Edit: h.edit(fix, nil),
				Diagnostics: []diagnostic{s.diagnostic(h.f, h.files, d)}})
		}
	}
	asked := slices.ContainsFunc(p.Context.Only, func(k string) bool {
		return strings.HasPrefix(kindFixAll, k)
	})
	if fixes > 1 || fixes > 0 && asked {
		if wants(p.Context.Only, kindFixAll) {
			out = append(out, codeAction{Kind: kindFixAll, Edit: h.edit(all, nil),
				Title: s.say("Fix all that is certain", "修正全部可确定的问题")})
		}
	}
	return out, nil
}

// wants reports whether a kind of action was asked for.
func wants(only []string, kind string) bool {
	return len(only) == 0 || slices.ContainsFunc(only, func(k string) bool {
		return kind == k || strings.HasPrefix(kind, k+".")
	})
}

// fixOf is a diagnostic's certain fix, else its nearest right name in place of what was found.
func fixOf(d source.Diagnostic) []source.Edit {
	switch {
	case d.Fix != nil:
		return d.Fix.Edits
	case d.Near != "" && d.Span.End > d.Span.Off:
		return []source.Edit{{Span: d.Span, New: d.Near}}
	}
	return nil
}

func overlap(all, more []source.Edit) bool {
	for _, a := range all {
		for _, b := range more {
			if a.Span.File == b.Span.File && a.Span.Off <= b.Span.End && b.Span.Off <= a.Span.End {
				return true
			}
		}
	}
	return false
}

// title says what a fix does.
func (h here) title(edits []source.Edit) string {
	say := h.s.say
	if len(edits) != 1 {
		return say("Correct the line", "修正此行")
	}
	old, e := h.written(edits[0].Span), edits[0]
	switch {
	case e.New == "":
		return say("Remove the blank", "删除空格")
	case old == "":
		return say("Insert ", "插入 ") + "`" + e.New + "`"
	}
	return say("Change to ", "改为 ") + "`" + e.New + "`"
}
