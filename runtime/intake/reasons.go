package intake

import (
	"cmp"
	"errors"
	"time"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
	"github.com/throughline/throughline/runtime/ingest"
)

// reasons tells why rows were not taken in to whoever asks. What is wrong with a row stands in the
// log, as a code with its values: a sentence is made of it when somebody reads it, in their
// language, and is gone with what is erased.
type reasons struct {
	zone *time.Location
	lang string // "": the policy's

	told map[*policy.Policy]*ingest.Teller
}

// teller tells by the policy that decided.
func (x *reasons) teller(p *policy.Policy) *ingest.Teller {
	t := x.told[p]
	if t == nil {
		t = ingest.NewTeller(p, decision.Options{Zone: x.zone, Lang: x.lang})
		if x.told == nil {
			x.told = map[*policy.Policy]*ingest.Teller{}
		}
		x.told[p] = t
	}
	return t
}

// of is why a record was not accepted; "": it was.
func (x *reasons) of(p *policy.Policy, d *decision.Decision) string {
	if d.Outcome != decision.Rejected && d.Outcome != decision.Held || len(d.Findings) == 0 {
		return ""
	}
	return x.teller(p).Told(&d.Findings[len(d.Findings)-1])
}

func (x *reasons) missing(file string) string {
	return x.say("a file that is not here: ", "文件不在服务器上：") + file
}

func (x *reasons) say(en, zh string) string {
	if x.lang == "zh" {
		return zh
	}
	return en
}

// logged tells of the rows of a file that were not taken in why, by their number. What an older
// version wrote down as a sentence is told as it is where the log does not say it.
func (x *reasons) logged(w *runtime.Workspace, file string, to map[int]string) error {
	at := map[uint64]int{} // rows by their entries
	var seqs []uint64
	err := eachRow(file, func(r *Row, _ int64) error {
		switch r.Outcome {
		case refused, decision.Rejected.String(), decision.Held.String():
		default:
			return nil
		}
		if to[r.Row] = r.Why; r.Missing != "" {
			to[r.Row] = x.missing(r.Missing)
		}
		if r.Seq != 0 {
			at[r.Seq], seqs = r.Row, append(seqs, r.Seq)
		}
		return nil
	})
	for i := 0; i < len(seqs) && err == nil; {
		next := i + 1 // those behind each other are read at once
		for next < len(seqs) && seqs[next] == seqs[next-1]+1 {
			next++
		}
		err = w.Entries(seqs[i], seqs[next-1], false, func(l *runtime.Logged) error {
			row := at[l.Seq]
			why, err := x.entry(l)
			var gone *runtime.ErasedError
			if errors.As(err, &gone) {
				to[row] = cmp.Or(to[row], x.say("what stood here was erased", "此处内容已被删除"))
				return nil
			}
			to[row] = cmp.Or(why, to[row])
			return err
		})
		i = next
	}
	return err
}

// entry is why the record of an entry was not accepted.
func (x *reasons) entry(l *runtime.Logged) (string, error) {
	var d decision.Decision
	if err := l.Decode(&d); err != nil {
		return "", err
	}
	return x.of(l.Policy(), &d), nil
}
