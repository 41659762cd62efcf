package deliver

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"

	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/internal/disk"
	"github.com/throughline/throughline/runtime"
)

// kept is a state in a file beside the log, which spares reading the log from its beginning. It is
// a cache: the hash of the entry it ends with says whether it is of this log.
type kept struct {
	Format int    `json:"format"`
	Head   string `json:"head"`
	State  *state `json:"state"`
}

// cacheFormat is raised when a fold changes.
const cacheFormat = 1

// load makes the state that a log ends with.
func load(w *runtime.Workspace, file string) (*state, error) {
	s := newState()
	b, err := os.ReadFile(file)
	var k kept
	if err == nil && json.Unmarshal(b, &k) == nil && k.Format == cacheFormat && k.State != nil {
		head, err := w.Head(k.State.Seq)
		if err == nil && k.State.Seq <= w.Last() && hex.EncodeToString(head[:]) == k.Head {
			s = k.State
		}
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if s.Paced == nil || s.Counts == nil {
		s = newState()
	}
	return s, s.follow(w, w.Last())
}

// errUrgent ends a look at the entries that have something to be carried out: from here on all
// count.
var errUrgent = errors.New("somebody waits to be told of an alert")

// follow takes in the log's entries up to one. Most have nothing to be carried out and are not
// fetched; only where somebody waits to be told of an alert may any of them be the end of that.
func (s *state) follow(w *runtime.Workspace, to uint64) error {
	var d decision.Decision
	for s.Seq < to {
		all := s.urgent()
		s.woken = false
		err := w.Outgoing(s.Seq+1, to, all, func(l *runtime.Logged) error {
			err := s.take(l, &d)
			if err == nil && s.woken && !all {
				err = errUrgent
			}
			return err
		})
		if errors.Is(err, errUrgent) {
			continue
		}
		if err != nil {
			return err
		}
		s.Seq = to
	}
	return nil
}

// save keeps a state for the next time.
func (s *state) save(w *runtime.Workspace, file string) error {
	head, err := w.Head(s.Seq)
	if err != nil {
		return err
	}
	b, err := json.Marshal(kept{cacheFormat, hex.EncodeToString(head[:]), s})
	if err != nil {
		return err
	}
	return disk.Replace(file, b)
}
