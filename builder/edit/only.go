package edit

import (
	"slices"
	"strings"

	"github.com/throughline/throughline/dsl/source"
)

// Settle says that the text is in force now: what stands of it is what changes count from. Where by
// is somebody, only what they did is.
func (j *Journal) Settle(by string) {
	for i := range j.steps {
		if s := &j.steps[i]; by == "" || s.by == by {
			s.settled = s.stands
		}
	}
}

// Only are the files as they were settled, with what somebody did since and without what others
// did. The error is an *InTheWay where somebody wrote into, or took out, what another had written.
// That goes for a file that another made, and for a name that another gave up.
func (j *Journal) Only(by string) ([]source.File, error) {
	counts := func(k int) bool {
		if j.steps[k].by == by {
			return j.steps[k].stands
		}
		return j.steps[k].settled
	}
	mine := func(k int) bool {
		return j.steps[k].by == by && j.steps[k].stands && !j.steps[k].settled
	}
	var out []source.File
	for n := range j.pieces {
		name, there := j.state(n, counts)
		if made := j.fates[n][0].step; made >= 0 && !counts(made) {
			if j.standing(made) && slices.ContainsFunc(j.stepsOf(n), mine) {
				return nil, j.way(made)
			}
			continue
		}
		text, err := j.only(n, counts, mine)
		if err != nil {
			return nil, err
		}
		if there {
			out = append(out, source.File{Name: name, Text: text})
		}
	}
	if err := j.soundOnly(out, counts); err != nil {
		return nil, err
	}
	slices.SortStableFunc(out, func(a, b source.File) int { return comparePlaces(a.Name, b.Name) })
	return out, nil
}

// stepsOf are the steps that did something to a file or to its text.
func (j *Journal) stepsOf(n int) []int {
	var out []int
	for _, f := range j.fates[n] {
		out = append(out, f.step)
	}
	for _, p := range j.pieces[n] {
		out = append(append(out, p.put), p.gone...)
	}
	return slices.DeleteFunc(out, func(k int) bool { return k < 0 })
}

// soundOnly is a change by somebody else without which some files cannot be those of a policy.
func (j *Journal) soundOnly(files []source.File, counts func(int) bool) error {
	ok := slices.ContainsFunc(files, func(f source.File) bool { return isPolicy(f.Name) })
	for i, f := range files {
		ok = ok && !slices.ContainsFunc(files[:i],
			func(o source.File) bool { return clash(o.Name, f.Name) })
	}
	if ok {
		return nil
	}
	for _, all := range slices.Backward(j.fates) {
		for _, f := range slices.Backward(all) {
			if f.step >= 0 && counts(f.step) != j.standing(f.step) {
				return j.way(f.step)
			}
		}
	}
	return &Refused{Why: LastFile} // it has none as a whole either
}

// only is the text of a file as it was settled, with what somebody did since.
func (j *Journal) only(n int, counts, mine func(int) bool) (string, error) {
	var b strings.Builder
	foreign, inside := -1, false // the step of somebody else that was just passed; ours behind it
	for _, p := range j.pieces[n] {
		put, gone := p.put < 0 || counts(p.put), -1
		for _, k := range p.gone {
			if counts(k) {
				gone = k
			}
			if !put && mine(k) && j.steps[p.put].stands {
				return "", j.way(p.put)
			}
		}
		if put && gone < 0 {
			b.WriteString(p.text)
		}
		switch {
		case p.put >= 0 && !put && j.steps[p.put].stands:
			if inside && p.put == foreign {
				return "", j.way(p.put)
			}
			foreign, inside = p.put, false
		case p.put >= 0 && mine(p.put) && gone < 0:
			inside = foreign >= 0
		case put && gone < 0:
			foreign, inside = -1, false
		}
	}
	return b.String(), nil
}

func (j *Journal) way(k int) *InTheWay {
	return &InTheWay{By: j.steps[k].by, Name: j.steps[k].name}
}
