// Package draft keeps the text that the authors of a workspace are changing. Every change is on
// disk before anybody is told of it, so nobody saves and nothing is lost: what a draft is, is what
// its log says, and reading the log again gives the same text, the same revisions and the same
// things to undo.
package draft

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/throughline/throughline/builder/edit"
	"github.com/throughline/throughline/builder/wire"
	"github.com/throughline/throughline/dsl/source"
)

// Draft is a policy's text in the making. One goroutine at a time uses it.
type Draft struct {
	file    string
	log     *os.File
	size    int64                // of the log, as far as it is whole
	sync    func(*os.File) error // waits until the log is on disk
	id      string               // of this beginning; revisions count from it
	base    string               // hash of the text it comes from, or was last published as
	text    *edit.Text
	journal *edit.Journal
	past    map[int][]wire.Change // by the number of the file
	changed map[string]bool       // who changed something since base
	steps   int                   // how many there were
}

// entry is one line of the log.
type entry struct {
	Do    string        `json:"do"` // begin, do, extend, undo, redo, base
	ID    string        `json:"id,omitempty"`
	Base  string        `json:"base,omitempty"`
	Files []source.File `json:"files,omitempty"`
	By    string        `json:"by,omitempty"`   // who
	Name  string        `json:"name,omitempty"` // what undo says
	From  string        `json:"from,omitempty"` // which editor
	At    int64         `json:"at,omitempty"`   // when, in seconds
	Edits []source.Edit `json:"edits,omitempty"`
	File  *edit.FileOp  `json:"file,omitempty"` // of do: no edits then
}

// A Beginning is what a draft begins with: the policy in force.
type Beginning struct {
	Files []source.File
	Base  string // the hash of its text
}

// Open opens the draft in a file. Where there is none it begins one.
func Open(file string, begin func() (Beginning, error)) (*Draft, error) {
	return openWith(file, begin, (*os.File).Sync)
}

func openWith(
	file string, begin func() (Beginning, error), sync func(*os.File) error,
) (*Draft, error) {
	d := &Draft{file: file, sync: sync}
	err := d.read()
	if errors.Is(err, os.ErrNotExist) {
		var b Beginning
		if b, err = begin(); err == nil {
			err = d.Begin(b)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("draft: %w", err)
	}
	return d, nil
}

// Begin puts what the draft was aside and begins anew. What it was stays in a file beside it, whose
// name ends with its id, if anything was changed in it.
func (d *Draft) Begin(b Beginning) error {
	if err := os.MkdirAll(filepath.Dir(d.file), 0o700); err != nil {
		return err
	}
	files := slices.Clone(b.Files)
	for i := range files { // the editor counts a line end as one
		files[i].Text = strings.ReplaceAll(files[i].Text, "\r\n", "\n")
	}
	e := entry{Do: "begin", ID: rand.Text(), Base: b.Base, Files: files}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	made := d.file + ".new"
	if err := d.writeWhole(made, append(line, '\n')); err != nil {
		return err
	}
	if err := d.Close(); err != nil {
		return err
	}
	if d.steps > 0 {
		if err := os.Rename(d.file, d.file+"."+d.id); err != nil {
			return err
		}
	}
	if err := os.Rename(made, d.file); err != nil {
		return err
	}
	return d.read()
}

// writeWhole writes a file and waits until it is on disk.
func (d *Draft) writeWhole(name string, text []byte) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = d.sync(f)
	}
	return errors.Join(err, f.Close())
}

// read takes the log in. A last line that was not written to its end was told to nobody: it goes.
func (d *Draft) read() error {
	f, err := os.OpenFile(d.file, os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	whole := int64(0)
	in := bufio.NewReader(f)
	for n := 1; err == nil; n++ {
		var line []byte
		if line, err = in.ReadBytes('\n'); err != nil {
			break
		}
		var e entry
		if err = json.Unmarshal(line, &e); err != nil {
			err = fmt.Errorf("line %d: %w", n, err)
		} else if err = d.take(&e); err != nil {
			err = fmt.Errorf("line %d: %w", n, err)
		}
		whole += int64(len(line))
	}
	if errors.Is(err, io.EOF) {
		err = f.Truncate(whole)
	}
	if err == nil && d.text == nil {
		err = errors.New("it has no beginning")
	}
	if err == nil {
		_, err = f.Seek(whole, io.SeekStart)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	d.log, d.size = f, whole
	return nil
}

// errLog says that a log is none of a draft.
var errLog = errors.New("the draft's log does not fit itself")

// take does what an entry says.
func (d *Draft) take(e *entry) error {
	if e.Do == "begin" {
		d.id, d.base = e.ID, e.Base
		d.text, d.journal = edit.Read(e.Files), edit.NewJournal(e.Files)
		d.past, d.changed, d.steps = map[int][]wire.Change{}, map[string]bool{}, 0
		return nil
	}
	if d.text == nil || !d.fits(e.Edits) {
		return errLog
	}
	d.steps++
	edits := e.Edits
	switch e.Do {
	case "do":
		if e.File != nil {
			if !d.knows(e.File) {
				return errLog
			}
			d.journal.Act(e.By, e.Name, *e.File)
		} else {
			d.journal.Do(e.By, e.Name, edits)
		}
		d.journal.Stamp(e.At)
	case "extend":
		d.journal.Extend(e.By, e.Name, edits)
		d.journal.Stamp(e.At)
	case "undo":
		var err error
		if _, edits, err = d.journal.Undo(e.By); err != nil {
			return err
		}
	case "redo":
		var err error
		if _, edits, err = d.journal.Redo(e.By); err != nil {
			return err
		}
	case "base":
		d.base = e.Base
		d.journal.Settle(e.By)
		if e.By == "" {
			clear(d.changed)
		}
		delete(d.changed, e.By)
		return nil
	default:
		return errLog
	}
	d.changed[e.By] = true
	if len(edits) == 0 { // what is there may be another file
		d.text = d.text.Now(d.journal.Files())
	} else {
		d.step(e.From, edits)
	}
	return nil
}

// knows reports whether there is, or was, the file that something is done to.
func (d *Draft) knows(op *edit.FileOp) bool {
	if op.Do == edit.MakeFile {
		return op.Name != ""
	}
	name, _, _ := d.journal.FileOf(op.File)
	return name != ""
}

// fits reports whether edits lie in the text.
func (d *Draft) fits(edits []source.Edit) bool {
	at := source.Span{}
	for _, e := range edits {
		s := e.Span
		if s.File < 0 || int(s.File) >= len(d.Files()) || s.Off < 0 || s.End < s.Off ||
			int(s.End) > len(d.Files()[s.File].Text) ||
			s.File < at.File || s.File == at.File && s.Off < at.End {
			return false
		}
		at = s
	}
	return true
}

// step makes edits part of the text and of each file's revisions.
func (d *Draft) step(from string, edits []source.Edit) {
	for i, f := range d.text.Files() {
		var own []source.Edit
		for _, e := range edits {
			if int(e.Span.File) == i {
				own = append(own, e)
			}
		}
		if n := d.journal.Shown()[i]; len(own) > 0 {
			d.past[n] = append(d.past[n],
				wire.Change{File: f.Name, By: from, Set: wire.SetOf(f.Text, own)})
		}
	}
	d.text = d.text.Apply(edits)
}

// add makes an entry durable, and then true.
func (d *Draft) add(e *entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if bytes.IndexByte(line, '\n') >= 0 {
		return errLog
	}
	if d.log == nil {
		return fmt.Errorf("draft: %w", os.ErrClosed)
	}
	n, err := d.log.Write(append(line, '\n'))
	if err == nil {
		err = d.sync(d.log)
	}
	if err != nil { // what is there of the line must not stand before the next
		if d.log.Truncate(d.size) != nil {
			err = errors.Join(err, d.Close())
		} else if _, seek := d.log.Seek(d.size, io.SeekStart); seek != nil {
			err = errors.Join(err, d.Close())
		}
		return fmt.Errorf("draft: %w", err)
	}
	d.size += int64(n)
	return d.take(e)
}

// A Step is a change by somebody.
type Step struct {
	By    string // who
	Name  string // what undo will say
	From  string // which editor typed it; "": it is a gesture
	More  bool   // it goes on with the step before, where that is theirs and of this name
	Edits []source.Edit
	File  *edit.FileOp // what it does to a file; it has no edits then
}

// Do does a step. What a file's part is in it may be refused: an *edit.Refused.
func (d *Draft) Do(s Step) error {
	if s.File != nil {
		if err := d.journal.May(*s.File); err != nil {
			return err
		}
		return d.add(&entry{Do: "do", By: s.By, Name: s.Name, At: time.Now().Unix(), File: s.File})
	}
	if len(s.Edits) == 0 {
		return nil
	}
	if !d.fits(s.Edits) {
		return errLog
	}
	e := &entry{Do: "do", By: s.By, Name: s.Name, From: s.From, At: time.Now().Unix(), Edits: s.Edits}
	if s.More {
		e.Do = "extend"
	}
	return d.add(e)
}

// Undo takes back the last thing that somebody did; its name is "" where there is none. The error
// is an *edit.InTheWay where others have changed the same text or file since, and an *edit.Refused
// where another file has the name by now.
func (d *Draft) Undo(by string) (string, error) {
	name, _ := d.journal.Next(by)
	if name == "" {
		return "", nil
	}
	if err, _ := d.journal.Blocked(by); err != nil {
		return name, err
	}
	return name, d.add(&entry{Do: "undo", By: by})
}

// Redo does again what somebody took back last. Its errors are those of Undo.
func (d *Draft) Redo(by string) (string, error) {
	_, name := d.journal.Next(by)
	if name == "" {
		return "", nil
	}
	if _, err := d.journal.Blocked(by); err != nil {
		return name, err
	}
	return name, d.add(&entry{Do: "redo", By: by})
}

// Published says that the text is in force now, under a hash; where by is somebody, only what they
// changed of it.
func (d *Draft) Published(hash, by string) error {
	return d.add(&entry{Do: "base", Base: hash, By: by})
}

// Only are the files with what is in force and what somebody changed since. The error is an
// *edit.InTheWay where that cannot be told apart from what others changed.
func (d *Draft) Only(by string) ([]source.File, error) { return d.journal.Only(by) }

// Close ends the use of the file.
func (d *Draft) Close() error {
	if d.log == nil {
		return nil
	}
	err := d.log.Close()
	d.log = nil
	return err
}

// ID is of this beginning of the draft: revisions of another mean nothing.
func (d *Draft) ID() string { return d.id }

// Base is the hash of the text that the draft comes from, or that was last published of it.
func (d *Draft) Base() string { return d.base }

// Files are the files as they now are.
func (d *Draft) Files() []source.File { return d.text.Files() }

// Text is the files with their lines.
func (d *Draft) Text() *edit.Text { return d.text }

// Next are the names of what Undo and Redo would do for somebody; "": nothing.
func (d *Draft) Next(by string) (undo, redo string) { return d.journal.Next(by) }

// Steps is how many steps there were: another number, another state of the draft.
func (d *Draft) Steps() int { return d.steps }

// Key names a file whatever it is called, and whether it is there or not.
func Key(number int) string { return "#" + strconv.Itoa(number) }

// File is the number of the file that a key or a name means; -1: none. There says whether it is one
// of Files; else it is gone, or called otherwise by now.
func (d *Draft) File(keyOrName string) (number int, there bool) {
	text, isKey := strings.CutPrefix(keyOrName, "#")
	if !isKey {
		return d.journal.Named(keyOrName)
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1, false
	}
	name, there, _ := d.journal.FileOf(n)
	if name == "" {
		return -1, false
	}
	return n, there
}

// Called is what a file is called, or was last; where somebody removed it, by is who.
func (d *Draft) Called(number int) (name string, there bool, by string) {
	return d.journal.FileOf(number)
}

// Number is the number of the i-th of Files.
func (d *Draft) Number(i int) int { return d.journal.Shown()[i] }

// Revs are the revisions of all files that have any, by number.
func (d *Draft) Revs() map[int]int {
	out := map[int]int{}
	for n, all := range d.past {
		out[n] = len(all)
	}
	return out
}

// Rev is the revision of a file, by its number.
func (d *Draft) Rev(file int) int { return len(d.past[file]) }

// Since are the changes of a file from a revision on; false: there is no such revision.
func (d *Draft) Since(file, rev int) ([]wire.Change, bool) {
	past := d.past[file]
	if rev < 0 || rev > len(past) {
		return nil, false
	}
	return past[rev:], true
}

// Touched are the changes that stand of a piece of a file: the latest first.
func (d *Draft) Touched(file string, off, end int32) []edit.Touch {
	i := slices.IndexFunc(d.Files(), func(f source.File) bool { return f.Name == file })
	if i < 0 {
		return nil
	}
	return d.journal.Touched(i, off, end)
}

// Authors are those who changed something since the policy in force, in order.
func (d *Draft) Authors() []string {
	var out []string
	for who := range d.changed {
		out = append(out, who)
	}
	slices.Sort(out)
	return out
}
