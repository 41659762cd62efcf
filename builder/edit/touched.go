package edit

import "slices"

// A Touch is a step that changed a piece of the text.
type Touch struct {
	By   string
	Name string
	At   int64 // seconds since 1970; 0: not known
}

// Stamp says when the latest step was done.
func (j *Journal) Stamp(at int64) {
	if j.latest >= 0 {
		j.steps[j.latest].at = at
	}
}

// Touched are the steps that stand and put something into a piece of a file's text as it is seen,
// or took something out of it: the latest first.
func (j *Journal) Touched(file int, off, end int32) []Touch {
	var steps []int
	add := func(k int) {
		if k >= 0 && j.steps[k].stands && !slices.Contains(steps, k) {
			steps = append(steps, k)
		}
	}
	at := int32(0)
	for _, p := range j.pieces[j.order[file]] {
		if !j.seen(p) {
			if at > off && at < end {
				for _, k := range p.gone {
					add(k)
				}
			}
			continue
		}
		next := at + int32(len(p.text))
		if at < end && next > off {
			add(p.put)
		}
		at = next
	}
	slices.Sort(steps)
	slices.Reverse(steps)
	out := make([]Touch, len(steps))
	for i, k := range steps {
		out[i] = Touch{j.steps[k].by, j.steps[k].name, j.steps[k].at}
	}
	return out
}
