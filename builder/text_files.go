package builder

import (
	"slices"

	"github.com/throughline/throughline/builder/draft"
	"github.com/throughline/throughline/builder/edit"
	"github.com/throughline/throughline/builder/view"
	"github.com/throughline/throughline/builder/wire"
	"github.com/throughline/throughline/builder/words"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/runtime/ask"
)

// An editor names its file by a key, which stays while the file is called otherwise: whoever writes
// in it goes on writing. Everything else goes by names.

// named gives a command the name of the file that it has the key of. The key of one that is gone
// stays, and no file is called so.
func (d *desk) named(c *wire.Command) {
	if n, there := d.draft.File(c.File); there {
		c.File, _, _ = d.draft.Called(n)
	}
}

// indexOf is the index of a file by its name; below 0: there is none.
func (d *desk) indexOf(name string) int {
	return slices.IndexFunc(d.draft.Files(), func(f source.File) bool { return f.Name == name })
}

// keyOf is the key of a file by its name; "": it is none of the draft.
func (d *desk) keyOf(name string) string {
	if n, there := d.draft.File(name); there {
		return draft.Key(n)
	}
	return ""
}

// nameIn is the name of a file that a command names.
func (d *desk) nameIn(file string) string {
	if n, _ := d.draft.File(file); n >= 0 {
		file, _, _ = d.draft.Called(n)
	}
	return file
}

// lead leads a page whose file is gone to where that is said.
func (d *desk) lead(s *seat, n int) {
	name, _, _ := d.draft.Called(n)
	to := s.view.In("text") + "?file="
	if s.page == "board" {
		to = s.view.In("board") + "?text="
	}
	s.tell(&wire.Update{Go: &wire.Go{Href: to + escape(name)}})
}

// tabs are the files of the draft, for a page that shows one of them.
func (d *desk) tabs(v *view.Viewer, shown int) []view.Link {
	var out []view.Link
	for i, f := range d.draft.Files() {
		out = append(out, view.Link{Name: f.Name, Here: d.draft.Number(i) == shown,
			Href: v.In("text") + "?file=" + escape(f.Name)})
	}
	return out
}

// doText does something to a file of the draft.
func doText(v *Visit) (view.Component, error) {
	d, err := v.b.desk(v.Context(), v.Workspace)
	if err != nil {
		return nil, err
	}
	again, err := v.doFile(d)
	if again == nil && err == nil {
		d.check() // the page that comes shows what is said of it
	}
	return again, err
}

// doFile does it; where it is refused, the page is asked again.
func (v *Visit) doFile(d *desk) (view.Component, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	do := v.R.FormValue("do")
	if do == writeFile {
		return v.writeFile(d)
	}
	n, _ := d.draft.File(v.R.FormValue("file"))
	was, _, _ := d.draft.Called(n)
	op := edit.FileOp{Do: do, File: n, Name: v.R.FormValue(do + "-name")}
	about := was
	switch do {
	case edit.MakeFile:
		about = op.Name
	case edit.RenameFile:
		about = was + " → " + op.Name
	}
	refused := func(why string) (view.Component, error) {
		p := d.text(v, was, true)
		if p == nil {
			return nil, &ask.NoRecordError{}
		}
		p.Form = view.FileForm{Do: do, Name: op.Name, Wrong: why}
		return view.Source(&v.Viewer, *p), nil
	}
	if v.R.FormValue("draft") != d.draft.ID() {
		return refused(v.Say(words.FileOtherOne))
	}
	before := d.state()
	err := d.draft.Do(draft.Step{By: v.Who.ID(), Name: do + "-file|" + about, File: &op})
	if err != nil {
		return refused(d.excuse(err, v.Lang))
	}
	d.tellSince(before, v.Who.ID(), v.Name)
	to := op.Name
	switch do {
	case edit.RestoreFile:
		to = was
	case edit.RemoveFile:
		to = d.draft.Files()[0].Name
	}
	v.Go(v.In("text") + "?file=" + escape(to))
	return nil, nil
}
