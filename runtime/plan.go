package runtime

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/throughline/throughline/dsl"
	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/dsl/source"
	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/engine/record"
	"github.com/throughline/throughline/internal/calendar"
	"github.com/throughline/throughline/runtime/store"
)

// plan is a policy with what reading and writing its log takes. It never changes.
type plan struct {
	policy   *policy.Policy
	hash     store.Hash // that its entries name, and its text is stored under
	calendar store.Hash // of every table of working time that the policy reads
	zone     *time.Location
	codec    *decision.Codec
}

func newPlan(p *policy.Policy, hash store.Hash) (*plan, error) {
	zone, err := calendar.Zone(p.Settings.Timezone)
	if err != nil {
		return nil, fmt.Errorf("time zone %q of thru.toml: %w", p.Settings.Timezone, err)
	}
	return &plan{policy: p, hash: hash, calendar: calendarHash(p), zone: zone,
		codec: decision.NewCodec(p)}, nil
}

func (p *plan) decoder() *record.Decoder { return record.NewDecoder(p.policy, p.zone) }

func calendarHash(p *policy.Policy) store.Hash {
	set := calendar.NewSet(p.Calendars, p.Settings)
	sum := sha256.New()
	for _, c := range append([]*policy.Calendar{nil}, p.Calendars...) {
		h := set.For(c).Hash()
		sum.Write(h[:])
	}
	return store.Hash(sum.Sum(nil))
}

// plans finds the plan of every policy that a log names: the one given on opening, else the one
// whose source was stored when it was activated. The first text of a meaning goes by the hash of
// that, and every other one by its own: what people are shown stands in no hash of a meaning.
type plans struct {
	log reader

	current atomic.Pointer[plan] // in force, for those who decode ahead of the applier

	mu    sync.Mutex
	given *policy.Policy
	known map[store.Hash]*plan
}

func newPlans(log reader, cfg *Config) *plans {
	return &plans{log: log, given: cfg.Policy, known: map[store.Hash]*plan{}}
}

// of returns the plan of a policy by the hash that entries name. The text that was stored counts,
// not another of the same meaning: decisions say places in it.
func (s *plans) of(hash store.Hash) (*plan, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.known[hash]; p != nil {
		return p, nil
	}
	p, err := s.stored(hash)
	if err != nil {
		if s.given == nil || store.Hash(s.given.Hash) != hash {
			return nil, err
		}
		p = s.given
	}
	return s.keep(p, hash)
}

// add makes a policy known that is about to be activated. Where the log has its very text, or the
// text is the first of its meaning, it goes by what it means.
func (s *plans) add(p *policy.Policy) (*plan, error) {
	files, err := packSources(p)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	hash := store.Hash(p.Hash)
	was, err := s.log.Policy(hash)
	switch {
	case err != nil:
		return nil, err
	case was == nil:
		return s.keep(p, hash)
	case !bytes.Equal(was, files):
		hash = sha256.Sum256(files)
	}
	if made := s.known[hash]; made != nil {
		return made, nil
	}
	return s.keep(p, hash)
}

func (s *plans) keep(p *policy.Policy, hash store.Hash) (*plan, error) {
	made, err := newPlan(p, hash)
	if err == nil {
		s.known[made.hash] = made
	}
	return made, err
}

// sources is the stored form of a policy: what it takes to check it again.
type sources struct {
	Settings policy.Settings `json:"settings"`
	Files    []source.File   `json:"files"`
}

func packSources(p *policy.Policy) ([]byte, error) {
	return json.Marshal(sources{p.Settings, p.Files})
}

// SourceOf is the hash of a policy's text, with the files beside it and its settings.
func SourceOf(p *policy.Policy) (store.Hash, error) {
	files, err := packSources(p)
	return sha256.Sum256(files), err
}

// ErrPolicyLost is the error of a log whose policy cannot be had any more.
var ErrPolicyLost = errors.New("the policy is not the one that was stored")

func (s *plans) stored(hash store.Hash) (*policy.Policy, error) {
	b, err := s.log.Policy(hash)
	if err != nil {
		return nil, err
	}
	if b == nil {
		return nil, fmt.Errorf("policy %x: %w: its source is missing", hash[:6], ErrPolicyLost)
	}
	var from sources
	if err := json.Unmarshal(b, &from); err != nil {
		return nil, fmt.Errorf("policy %x: %w: %w", hash[:6], ErrPolicyLost, err)
	}
	p := from.check()
	if store.Hash(p.Hash) != hash && sha256.Sum256(b) != hash {
		return nil, fmt.Errorf("policy %x: %w: checked again it means %x", hash[:6], ErrPolicyLost,
			p.Hash[:6])
	}
	return p, nil
}

// check checks a stored policy again. What is beside its text, such as thru.toml, stands behind it
// as it does where a folder is loaded, so that places point into the same files.
func (f *sources) check() *policy.Policy {
	var text, beside []source.File
	for _, file := range f.Files {
		if strings.HasSuffix(file.Name, ".thru") {
			text = append(text, file)
		} else {
			beside = append(beside, file)
		}
	}
	p, _ := dsl.Check(text, f.Settings)
	p.Files = append(p.Files, beside...)
	return p
}
