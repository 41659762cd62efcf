package templates_test

import (
	"io/fs"
	"strconv"
	"strings"
	"testing"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/value"
	"github.com/throughline/throughline/engine"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/templates"
)

// TestPackagesCanBeUsed imports every package into a workspace that has nothing else: alone, with a
// use of every template, and with a use of one template after the other. What a package needs must
// be in it, and not be what its sample journey gives.
func TestPackagesCanBeUsed(t *testing.T) {
	for _, dir := range templates.Folders() {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()
			p, _, err := dsl.Load(templates.Files, dir)
			if err != nil {
				t.Fatal(err)
			}
			files := importable(t, dir)
			head, all := "package acme\n\nimport sales.*\nimport "+p.Package+" as lib\n\n", ""
			var k dsl.Checker
			sound(t, &k, files, head)
			for _, a := range p.Actions {
				if int(a.Span.File) < p.Own {
					use := "use lib." + a.Name + " as " + a.Name + "Here\n"
					sound(t, &k, files, head+use)
					all += use
				}
			}
			q := sound(t, &k, files, head+all)
			if !t.Failed() {
				exercised(t, p, q)
			}
		})
	}
}

// TestPackagesTogether imports all packages into one workspace: what one adds to a record is no
// other's, and none is told of more than it is alone.
func TestPackagesTogether(t *testing.T) {
	var files []source.File
	var text strings.Builder
	text.WriteString("package acme\n\n")
	for _, dir := range templates.Folders() {
		files = append(files, importable(t, dir)...)
		name := strings.ReplaceAll(dir, "/", ".")
		text.WriteString("import " + name + " as " + strings.ReplaceAll(name, ".", "_") + "\n")
	}
	files = append(files, source.File{Name: "all.thru", Text: text.String()})
	p, diags := dsl.Check(files, policy.Settings{})
	for _, d := range diags {
		if d.Code.Severity() != source.Note {
			t.Error(source.Text(p.Files, d, "en"))
		}
	}
}

// sound checks a workspace of one file that imports a package.
func sound(t *testing.T, k *dsl.Checker, files []source.File, text string) *policy.Policy {
	p, diags := k.Check(append(files, source.File{Name: "use.thru", Text: text}), policy.Settings{})
	for _, d := range diags {
		if d.Code.Severity() == source.Error {
			t.Errorf("%s\nwith\n%s", source.Text(p.Files, d, "en"), text)
		}
	}
	return p
}

// exercised gives the records of the package's own tests to a workspace that uses all of its
// templates: every one is decided on, and some complete what the uses made of the templates.
func exercised(t *testing.T, p, q *policy.Policy) {
	e, err := engine.New(q, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]*policy.Record{}
	for _, r := range q.Records {
		types[r.Name] = r
	}
	d := record.NewDecoder(q, e.Zone())
	fed, taken, completed := 0, 0, 0
	at := int64(0)
	for _, x := range p.Tests {
		for _, s := range x.Steps {
			if s.Kind == policy.StepAt {
				at = max(at, s.At)
			}
			if s.Kind != policy.StepGiven && s.Kind != policy.StepRecord || types[s.Type.Name] == nil {
				continue
			}
			var r record.Record
			id := s.ID + strconv.Itoa(fed)
			if s.Kind == policy.StepGiven {
				id = s.ID
			}
			d.Decode(s.JSON, &record.Defaults{Type: types[s.Type.Name], ID: id, At: at, HasAt: true}, &r)
			in := engine.Entry{Kind: decision.Record, Moment: max(r.Received, e.Now()), Record: &r}
			e.Apply(&in, func(_ *engine.Entry, d *decision.Decision) {
				if d.Kind == decision.Record && d.Outcome == decision.Accepted {
					taken++
				}
				for _, c := range d.Actions {
					if c.Counted == value.True {
						completed++
					}
				}
			})
			fed++
		}
	}
	if fed == 0 || taken*2 < fed || completed == 0 {
		t.Errorf("of %d records %d were accepted, with %d completions", fed, taken, completed)
	}
}

func importable(t *testing.T, dir string) (out []source.File) {
	names, err := fs.Glob(templates.Files, dir+"/*.thru")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(templates.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, source.File{Name: name, Text: string(text)})
	}
	return out
}
