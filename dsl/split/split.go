// Package split makes of two policies one under which some subjects are decided on by the new one's
// rules and the others by the old one's. The result is text like any other: one policy, one log,
// one engine, so that explanations, replay and going back need nothing of their own.
package split

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/dsl/diff"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/dsl/syntax"
	"github.com/throughline/throughline/dsl/value"
)

// By says whose subjects are under the new rules.
type By struct {
	Of    string  // entity whose records are parted, as policies call it
	Share float64 // percent of them, by their ids; 0: When counts
	When  string  // condition over the entity
	Field string  // name of the field that says who is in; it also seeds the share
}

// Pair is a declaration that stands twice.
type Pair struct {
	Name string // of the old one; "": the new policy has it alone
	New  string // "": the old policy has it alone
}

// Split is the policy that has both.
type Split struct {
	Files []source.File
	Pairs []Pair
}

// Refused says why two policies cannot be one.
type Refused struct{ En, Zh string }

// Error is the refusal in English.
func (r *Refused) Error() string { return r.En }

func refused(en, zh string, args ...any) *Refused {
	return &Refused{fmt.Sprintf(en, args...), fmt.Sprintf(zh, args...)}
}

// suffix is what the name of a new rule ends with that stands beside the old one.
const suffix = "Canary"

// Policies makes one policy of two. They may differ in rules and alerts that watch one subject;
// what else differs would be two truths about one record, and is refused.
func Policies(old, new *policy.Policy, by By) (*Split, error) {
	if (by.Share > 0) == (by.When != "") || by.Share < 0 || by.Share >= 100 {
		return nil, refused("a share between 0 and 100 percent, or a condition: one of them",
			"请给出 0 到 100 之间的比例或一个条件，二者选一")
	}
	s := &splitter{old: old, new: new, by: by, edits: map[string][]edit{}}
	for _, g := range diff.Of(old, new).Groups {
		for i := range g.Changes {
			if err := s.change(g.Kind, &g.Changes[i]); err != nil {
				return nil, err
			}
		}
	}
	if len(s.out.Pairs) == 0 {
		return nil, refused("the two decide alike", "两个策略的决定没有不同")
	}
	s.finish()
	return &s.out, nil
}

// edit replaces a part of a file.
type edit struct {
	off, end int32
	text     string
}

type splitter struct {
	old, new *policy.Policy
	by       By
	edits    map[string][]edit // of the new policy's files
	last     string            // the file that was edited last
	out      Split
}

func (s *splitter) change(kind string, c *diff.Change) error {
	switch {
	case kind == "test" || kind == "settings" && c.Name == "package":
		return nil
	case kind != "rule" && kind != "alert" || c.What == diff.Renamed || c.Was != "":
		return refused("%s %s differs, which cannot stand twice; publish it, or run it as a shadow",
			"%s %s 有改动，无法对不同对象各用一套；请直接发布或作为影子试运行", kind, c.Name)
	}
	was, is := decl(s.old, kind, c.Name), decl(s.new, kind, c.Name)
	var texts []string
	var pair Pair
	if was != nil {
		text, err := s.guarded(s.old, was, false, "")
		if err != nil {
			return err
		}
		texts, pair.Name = append(texts, text), was.head.Name
	}
	if is != nil {
		name := is.head.Name
		if was != nil {
			name += suffix
		}
		text, err := s.guarded(s.new, is, true, name)
		if err != nil {
			return err
		}
		texts, pair.New = append(texts, text), name
	}
	s.out.Pairs = append(s.out.Pairs, pair)
	s.put(was, is, strings.Join(texts, "\n"))
	return nil
}

// put writes declarations where the new one stands; of one that is gone, at the end of its file.
func (s *splitter) put(was, is *declared, text string) {
	if is != nil {
		l := lineOf(s.new, is)
		whole := l.Whole()
		s.last = l.File().Name
		s.edits[s.last] = append(s.edits[s.last], edit{whole.Off, whole.End, text})
		return
	}
	name := s.old.Files[was.head.Span.File].Name
	i := slices.IndexFunc(s.new.Files, func(f source.File) bool { return f.Name == name })
	if i < 0 {
		gone := slices.IndexFunc(s.out.Files, func(f source.File) bool { return f.Name == name })
		if gone < 0 {
			gone = len(s.out.Files)
			s.out.Files = append(s.out.Files, source.File{Name: name})
		}
		s.out.Files[gone].Text += text + "\n"
		return
	}
	s.last = name
	s.atEnd(i, "\n"+text+"\n")
}

func (s *splitter) atEnd(file int, text string) {
	f := &s.new.Files[file]
	end := int32(len(f.Text))
	s.edits[f.Name] = append(s.edits[f.Name], edit{end, end, text})
}

// declared is a rule or an alert.
type declared struct {
	head  *policy.Head
	of    *policy.Record
	whole bool // it is about more than one subject at once
}

func decl(p *policy.Policy, kind, full string) *declared {
	for _, r := range p.Rules {
		if kind == "rule" && r.Full == full {
			return &declared{&r.Head, r.On, r.Every != nil || r.Top != nil}
		}
	}
	for _, a := range p.Alerts {
		if kind == "alert" && a.Full == full {
			return &declared{&a.Head, a.Of, a.Metric != nil}
		}
	}
	return nil
}

func lineOf(p *policy.Policy, d *declared) *syntax.Line {
	at := d.head.Span
	return syntax.Parse(at.File, p.Files[at.File]).LineAt(at.Off)
}

// guarded is the text of a declaration that is for those who are in, or for the others; name "": as
// it is called.
func (s *splitter) guarded(p *policy.Policy, d *declared, in bool, name string) (string, error) {
	path, err := s.path(d)
	if err != nil {
		return "", err
	}
	// Who is not known to be in is not in: each subject has one rule, never none.
	guard := "(" + path + " ?? false)"
	if !in {
		guard = "not " + guard
	}
	l := lineOf(p, d)
	text, whole := l.File().Text, l.Whole()
	var edits []edit
	if name != "" {
		edits = append(edits, edit{d.head.Span.Off, d.head.Span.End, name})
	}
	i := slices.IndexFunc(l.Body, func(l *syntax.Line) bool {
		c, ok := l.Node.(*syntax.Cond)
		return ok && c.Kind == "when"
	})
	switch {
	case i >= 0:
		x := l.Body[i].ExprSpan(l.Body[i].Node.(*syntax.Cond).X)
		edits = append(edits, edit{x.Off, x.Off, "("}, edit{x.End, x.End, ") and " + guard})
	case l.HasBlock():
		brace := l.Span().End + int32(strings.IndexByte(text[l.Span().End:], '{')) + 1
		edits = append(edits, edit{brace, brace, "\n  when " + guard + "\n"})
	default:
		return "", refused("%s has no block", "%s 没有内容", d.head.Full)
	}
	return apply(text, whole, edits), nil
}

// path leads from the subject of a declaration to the field that says who is in.
func (s *splitter) path(d *declared) (string, error) {
	if d.whole {
		return "", refused("%s is about many subjects at once, which cannot be parted; "+
			"run it as a shadow",
			"%s 同时涉及多个对象，无法拆分；请作为影子试运行", d.head.Full)
	}
	if d.head.Full != d.head.Name {
		return "", refused("%s is of a package; publish it, or run it as a shadow",
			"%s 属于程序包；请直接发布或作为影子试运行", d.head.Full)
	}
	if d.of.Full == s.by.Of || d.of.Name == s.by.Of {
		return s.by.Field, nil
	}
	var ways []string
	for _, f := range d.of.Fields {
		if f.Type.Kind == value.Ref && f.Type.Record != nil &&
			(f.Type.Record.Full == s.by.Of || f.Type.Record.Name == s.by.Of) {
			ways = append(ways, f.Name)
		}
	}
	if len(ways) != 1 {
		return "", refused("%s is of %s, which leads to %s by %d fields, not one",
			"%s 面向 %s，它有 %[4]d 个字段指向 %[3]s，应恰好一个", d.head.Full, d.of.Full, s.by.Of, len(ways))
	}
	return ways[0] + "." + s.by.Field, nil
}

// finish writes the field that says who is in, and the files.
func (s *splitter) finish() {
	x := s.by.When
	if s.by.Share > 0 {
		x = "bucket(10000) < " + strconv.Itoa(int(math.Round(s.by.Share*100)))
	}
	field := fmt.Sprintf("\nextend %s {\n  %s bool = %s\n}\n", s.by.Of, s.by.Field, x)
	if s.last == "" {
		s.out.Files[0].Text += field
	}
	for i, f := range s.new.Files {
		if f.Name == s.last {
			s.atEnd(i, field)
		}
		f.Text = apply(f.Text, source.Span{End: int32(len(f.Text))}, s.edits[f.Name])
		s.out.Files = append(s.out.Files, f)
	}
}

// apply is a part of a text with its edits, which do not overlap.
func apply(text string, part source.Span, edits []edit) string {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.off, b.off) })
	var b strings.Builder
	at := part.Off
	for _, e := range edits {
		b.WriteString(text[at:e.off] + e.text)
		at = e.end
	}
	b.WriteString(text[at:part.End])
	return b.String()
}
