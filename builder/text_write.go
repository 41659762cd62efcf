package builder

import (
	"strconv"
	"strings"

	"github.com/throughline/throughline/builder/draft"
	"github.com/throughline/throughline/builder/edit"
	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/runtime/ask"
)

// writeFile is what a form does that sends a file's whole text: where no script runs, that is how
// one writes.
const writeFile = "write"

// writeFile takes what differs from the text as a step like any that is typed. Where others changed
// the file since the form was shown nothing is done: what was typed comes back beside theirs.
func (v *Visit) writeFile(d *desk) (view.Component, error) {
	name, inDraft := v.R.FormValue("write-name"), v.R.FormValue("draft") == d.draft.ID()
	n, there := d.draft.File(v.R.FormValue("file"))
	if !inDraft { // keys are of one draft
		n, there = d.draft.File(name)
	}
	if there {
		name, _, _ = d.draft.Called(n)
	}
	text := strings.ReplaceAll(v.R.FormValue("text"), "\r\n", "\n") // as forms send line ends
	refused := func(why string) (view.Component, error) {
		p := d.text(v, name, true)
		if p == nil {
			return nil, &ask.NoRecordError{}
		}
		p.Form = view.FileForm{Do: writeFile, Name: name, Key: draft.Key(n), Text: text, Wrong: why}
		return view.Source(&v.Viewer, *p), nil
	}
	switch {
	case !there:
		return refused(d.excuse(&edit.Refused{Why: edit.NoSuchFile, What: name}, v.Lang))
	case !inDraft:
		return refused(v.Say(words.FileOtherOne))
	case v.R.FormValue("rev") != strconv.Itoa(d.draft.Rev(n)):
		return refused(v.Say(words.FileTextOther))
	}
	before := d.state()
	edits := rewritten(d.indexOf(name), d.draft.Files()[d.indexOf(name)].Text, text)
	err := errLarge
	if d.room(edits) {
		err = d.draft.Do(draft.Step{By: v.Who.ID(), Name: "type|" + name, Edits: edits})
	}
	if err != nil {
		return refused(d.excuse(err, v.Lang))
	}
	d.tellSince(before, v.Who.ID(), v.Name)
	v.Go(v.In("text") + "?file=" + escape(name) + "&form=" + writeFile)
	return nil, nil
}

// rewritten makes a file's text another one, by the lines that differ. Line ends stay as they are.
func rewritten(file int, was, is string) []source.Edit {
	if strings.Contains(was, "\r\n") {
		is = strings.ReplaceAll(is, "\n", "\r\n")
	}
	if was == is {
		return nil
	}
	from, to := strings.SplitAfter(was, "\n"), strings.SplitAfter(is, "\n")
	h := hunkOf(from, to)
	off := len(strings.Join(from[:h.from], ""))
	end := off + len(strings.Join(from[h.from:h.end], ""))
	return []source.Edit{{Span: source.Span{File: int32(file), Off: int32(off), End: int32(end)},
		New: strings.Join(h.put, "")}}
}
