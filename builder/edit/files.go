package edit

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/throughline/throughline/templates/pack"
)

// What can be done to a file of the policy, rather than to its text.
const (
	MakeFile    = "make"
	RenameFile  = "rename"
	RemoveFile  = "remove"
	RestoreFile = "restore" // whoever removed it
)

// FileOp does something to a file. Files have numbers, which they keep whatever becomes of them:
// the first are those that the journal began with, and each that is made has the next.
type FileOp struct {
	Do   string `json:"do"`
	File int    `json:"file"`           // which; of make, none
	Name string `json:"name,omitempty"` // of make and rename
}

// fate is what a step did to a file. The last that stands is what is true of it.
type fate struct {
	step       int    // -1: it was there
	name       string // "": as before
	here, gone bool   // neither: as before
}

// state is what a file is called and whether it is there, where only some steps count.
func (j *Journal) state(n int, counts func(step int) bool) (name string, there bool) {
	for _, f := range j.fates[n] {
		if f.step >= 0 && !counts(f.step) {
			continue
		}
		if f.name != "" {
			name = f.name
		}
		there = f.here || there && !f.gone
	}
	return name, there
}

// arrange puts the files that are there in the order in which a policy is read, so that it means
// the same when it is published.
func (j *Journal) arrange() {
	j.order = j.order[:0]
	names := make([]string, len(j.fates))
	acted := false
	for n, all := range j.fates {
		var there bool
		if names[n], there = j.state(n, j.standing); there {
			j.order = append(j.order, n)
		}
		acted = acted || len(all) > 1 || all[0].step >= 0
	}
	if !acted {
		return // they are in the order in which they came
	}
	slices.SortStableFunc(j.order, func(a, b int) int { return comparePlaces(names[a], names[b]) })
}

func comparePlaces(a, b string) int {
	if isPolicy(a) != isPolicy(b) { // the settings come last
		if isPolicy(a) {
			return -1
		}
		return 1
	}
	return slices.Compare(strings.Split(a, "/"), strings.Split(b, "/"))
}

func isPolicy(name string) bool { return path.Ext(name) == ".thru" }

// Shown are the numbers of the files that are there, in the order of Files.
func (j *Journal) Shown() []int { return j.order }

// Named is the number of the file that has a name, else of the one that had it last; -1: none ever
// did. There says whether it has.
func (j *Journal) Named(name string) (n int, there bool) {
	n = -1
	for k, all := range j.fates {
		if now, is := j.state(k, j.standing); is && now == name {
			return k, true
		}
		if slices.ContainsFunc(all, func(f fate) bool { return f.name == name }) {
			n = k
		}
	}
	return n, false
}

// FileOf is what a file is called, or was last, and whether it is there; where somebody removed it,
// who did. There never was one without a name.
func (j *Journal) FileOf(n int) (name string, there bool, by string) {
	if n < 0 || n >= len(j.fates) {
		return "", false, ""
	}
	name, there = j.state(n, j.standing)
	if there {
		return name, true, ""
	}
	for _, f := range j.fates[n] {
		if f.gone && j.standing(f.step) {
			by = j.steps[f.step].by
		}
		if name == "" {
			name = f.name // nobody made it, any longer
		}
	}
	return name, false, by
}

// May is why something cannot be done to a file, a *Refused; nil: it can.
func (j *Journal) May(op FileOp) error {
	if op.Do == MakeFile {
		return j.fits(op.Name, -1)
	}
	name, there, by := j.FileOf(op.File)
	switch {
	case op.Do == RestoreFile && !there && by != "":
		return j.fits(name, -1)
	case op.Do != RestoreFile && !there:
		return &Refused{Why: NoSuchFile, What: name}
	case op.Do == RenameFile && isPolicy(name):
		return j.fits(op.Name, op.File)
	case op.Do == RemoveFile && isPolicy(name):
		if j.policies(func(n int) bool { return n != op.File }) == 0 {
			return &Refused{Why: LastFile, What: name}
		}
		return nil
	case op.Do == RenameFile || op.Do == RemoveFile:
		return &Refused{Why: NotPolicy, What: name}
	}
	return &Refused{Why: Unknown, What: op.Do}
}

// policies is how many files of the policy's text are there, of some.
func (j *Journal) policies(of func(n int) bool) int {
	count := 0
	for _, n := range j.order {
		if name, _ := j.state(n, j.standing); isPolicy(name) && of(n) {
			count++
		}
	}
	return count
}

// fits is why a file cannot have a name: a *Refused; but is the file itself.
func (j *Journal) fits(name string, but int) error {
	switch {
	case name == "":
		return &Refused{Why: NoName}
	case !isPolicy(name) || path.Base(name) == ".thru":
		return &Refused{Why: NotThru, What: name}
	case !fs.ValidPath(name) || !pack.Portable(name) || strings.HasPrefix(name, "std/"):
		return &Refused{Why: NoPlace, What: name}
	}
	for _, n := range j.order {
		if o, _ := j.state(n, j.standing); n != but && clash(o, name) {
			return &Refused{Why: NameTaken, What: o}
		}
	}
	return nil
}

// clash reports whether some system would take two names for one, or one for a folder of the other.
func clash(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	return a == b || strings.HasPrefix(a, b+"/") || strings.HasPrefix(b, a+"/")
}

// Act does something to a file that May allows, as a step of somebody's under a name that undo will
// say. The text of a file that is removed stays, and comes again with it.
func (j *Journal) Act(by, name string, op FileOp) {
	j.begin(by, name)
	f := fate{step: j.latest, name: op.Name, here: op.Do == MakeFile || op.Do == RestoreFile,
		gone: op.Do == RemoveFile}
	if op.Do == MakeFile {
		j.fates, j.pieces = append(j.fates, []fate{f}), append(j.pieces, nil)
	} else {
		j.fates[op.File] = append(j.fates[op.File], f)
	}
	j.arrange()
}

// acts reports whether a step did something to a file.
func (j *Journal) acts(i int) bool {
	return slices.ContainsFunc(j.fates, func(all []fate) bool {
		return slices.ContainsFunc(all, func(f fate) bool { return f.step == i })
	})
}

// overtaken is a step that stands and did something since to a file that a step is about, so that
// to turn it would change what is no longer there, or nothing, or take away what others wrote; nil:
// none did.
func (j *Journal) overtaken(i int) *step {
	other := func(k int) bool { return k >= 0 && j.steps[k].stands && j.steps[k].by != j.steps[i].by }
	for n, all := range j.fates {
		at := slices.IndexFunc(all, func(f fate) bool { return f.step == i })
		if at >= 0 {
			for _, f := range all[at+1:] {
				if other(f.step) {
					return &j.steps[f.step]
				}
			}
		}
		if _, there := j.state(n, j.standing); !there && at < 0 && j.wrote(n, i) {
			cause := all[0].step // its making, which was undone
			for _, f := range all {
				if f.gone && j.standing(f.step) {
					cause = f.step
				}
			}
			return &j.steps[cause]
		}
		if at == 0 && j.steps[i].stands {
			for k := range j.steps {
				if other(k) && j.wrote(n, k) {
					return &j.steps[k]
				}
			}
		}
	}
	return nil
}

// wrote reports whether a step put something into a file, or took something out of it.
func (j *Journal) wrote(n, step int) bool {
	return slices.ContainsFunc(j.pieces[n], func(p run) bool {
		return p.put == step || slices.Contains(p.gone, step)
	})
}

// sound is why the files cannot be as they are: a *Refused.
func (j *Journal) sound() error {
	var names []string
	for _, n := range j.order {
		name, _ := j.state(n, j.standing)
		if slices.ContainsFunc(names, func(o string) bool { return clash(o, name) }) {
			return &Refused{Why: NameTaken, What: name}
		}
		names = append(names, name)
	}
	if !slices.ContainsFunc(names, isPolicy) {
		return &Refused{Why: LastFile}
	}
	return nil
}
