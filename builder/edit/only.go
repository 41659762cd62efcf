package edit

import (
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
	out := make([]source.File, len(j.names))
	for i, name := range j.names {
		var b strings.Builder
		foreign, inside := -1, false // the step of somebody else that was just passed; ours behind it
		for _, p := range j.pieces[i] {
			put, gone := p.put < 0 || counts(p.put), -1
			for _, k := range p.gone {
				if counts(k) {
					gone = k
				}
				if !put && mine(k) && j.steps[p.put].stands {
					return nil, j.way(p.put)
				}
			}
			if put && gone < 0 {
				b.WriteString(p.text)
			}
			switch {
			case p.put >= 0 && !put && j.steps[p.put].stands:
				if inside && p.put == foreign {
					return nil, j.way(p.put)
				}
				foreign, inside = p.put, false
			case p.put >= 0 && mine(p.put) && gone < 0:
				inside = foreign >= 0
			case put && gone < 0:
				foreign, inside = -1, false
			}
		}
		out[i] = source.File{Name: name, Text: b.String()}
	}
	return out, nil
}

func (j *Journal) way(k int) *InTheWay {
	return &InTheWay{By: j.steps[k].by, Name: j.steps[k].name}
}
