package deliver

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/throughline/throughline/engine/decision"
	"github.com/throughline/throughline/runtime"
)

// A Key names an effect: the entry whose decision has it, and its place there.
type Key struct {
	Seq uint64
	N   int
}

// String is the key as people and commands write it.
func (k Key) String() string { return strconv.FormatUint(k.Seq, 10) + "/" + strconv.Itoa(k.N) }

// MarshalText is String.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what String writes.
func (k *Key) UnmarshalText(b []byte) error {
	seq, n, ok := strings.Cut(string(b), "/")
	var err, bad error
	k.Seq, err = strconv.ParseUint(seq, 10, 64)
	k.N, bad = strconv.Atoi(n)
	if !ok || err != nil || bad != nil || k.Seq == 0 || k.N < 0 {
		return fmt.Errorf("%q is no effect: it is SEQ/N", b)
	}
	return nil
}

func (k Key) compare(o Key) int {
	return cmp.Or(cmp.Compare(k.Seq, o.Seq), cmp.Compare(k.N, o.N))
}

// everybody is the recipient of what all recipients share, such as a group's robot.
const everybody = -1

// A Part is what one channel does of an effect for one recipient, by their place among those of
// the effect.
type Part struct {
	Effect  Key    `json:"effect"`
	Channel string `json:"channel"`
	To      int    `json:"to"` // -1: all of them; -2 and below: the deputy of the first and so on
}

// deputyOf is the place of a recipient's deputy.
func deputyOf(to int) int { return everybody - 1 - to }

// stead is who stands in for a recipient that was away when something was decided.
type stead struct {
	who   string // "": nobody, or they were there
	until int64  // when the recipient is back
}

// waiting is an effect that is not carried out in full.
type waiting struct {
	Key    Key                 `json:"key"`
	Kind   decision.EffectKind `json:"kind"`
	At     int64               `json:"at"`
	From   int64               `json:"from,omitempty"` // when somebody wanted it sent again; 0: never
	Via    string              `json:"via,omitempty"`  // the channel, or what is called
	Rule   string              `json:"rule"`
	Of     string              `json:"of,omitempty"`
	For    []string            `json:"for,omitempty"`
	Urgent bool                `json:"urgent,omitempty"` // it was done as an alert opened
	Done   []Part              `json:"done,omitempty"`
	Only   []Part              `json:"only,omitempty"` // of one that is sent again: these alone

	stead []stead // of each recipient; nil: nobody was away, or it was not looked at yet
	seen  bool    // it was
}

// to is the recipient of a part; "": all, or nobody.
func (x *waiting) to(place int) string {
	if place >= 0 && place < len(x.For) {
		return x.For[place]
	}
	if i := deputyOf(place); i >= 0 && i < len(x.stead) {
		return x.stead[i].who
	}
	return ""
}

// letter is a part that could not be delivered.
type letter struct {
	Part  Part    `json:"part"`
	Died  int64   `json:"died"`
	Why   string  `json:"why"`
	Tries int     `json:"tries"`
	Of    waiting `json:"of"`
	For   string  `json:"for,omitempty"` // the deputy whom it was for
}

// sent is a part that was.
type sent struct {
	Part Part   `json:"part"`
	At   int64  `json:"at"`
	For  string `json:"for,omitempty"`
}

// state is what the log says of effects: a fold over its entries, the same whenever it is made.
type state struct {
	Seq     uint64             `json:"seq"` // entries up to this one are in it
	Waiting []*waiting         `json:"waiting"`
	Dead    []letter           `json:"dead"`
	Sent    []sent             `json:"sent"`           // the last ones
	Paced   map[string][]int64 `json:"paced"`          // when messages went, by channel and by recipient
	Counts  map[string]counted `json:"counts"`         // by channel
	Lost    int                `json:"lost,omitempty"` // dead letters that are not kept any more

	woken bool // an effect has come that an end of its alert would cancel
}

// counted is what a channel has done since the log began.
type counted struct {
	Sent      uint64 `json:"sent"`
	Messages  uint64 `json:"messages"`
	Dead      uint64 `json:"dead"`
	Cancelled uint64 `json:"cancelled,omitempty"`
}

// Bounds of what is kept in memory. All of it is in the log.
const (
	mostWaiting = 50_000
	mostDead    = 10_000
	mostSent    = 1_000
	mostPaced   = 2_000 // moments of one channel
)

func newState() *state {
	return &state{Paced: map[string][]int64{}, Counts: map[string]counted{}}
}

// report is the payload of a command that says what became of effects.
type report struct {
	Do      string   `json:"do"` // deliver, redeliver or discard
	Results []result `json:"results,omitempty"`
	Parts   []Part   `json:"parts,omitempty"` // of redeliver and discard
	By      string   `json:"by,omitempty"`
}

// result is what became of a part. There is nobody's address in it and no text.
type result struct {
	Part
	As    string `json:"as"` // sent or dead
	Why   string `json:"why,omitempty"`
	Tries int    `json:"tries,omitempty"`
	With  bool   `json:"with,omitempty"` // it went in the message of the one before
	Last  bool   `json:"last,omitempty"` // nothing of the effect is left

	Through string `json:"through,omitempty"` // the channel that took over; none did
	For     string `json:"for,omitempty"`     // the deputy that was told; none was
}

// What a report may do.
const (
	doDeliver   = "deliver"
	doRedeliver = "redeliver"
	doDiscard   = "discard"
	asSent      = "sent"
	asDead      = "dead"
)

// take takes in an entry. D is for unpacking.
func (s *state) take(l *runtime.Logged, d *decision.Decision) error {
	s.Seq = l.Seq
	if decision.Kind(l.Kind) == decision.Command {
		var r report
		if json.Unmarshal(l.Payload, &r) == nil {
			s.apply(&r, l.Moment)
		}
		return nil
	}
	sends := l.Sends()
	if len(sends) == 0 && len(s.Waiting) == 0 {
		return nil
	}
	var gone *runtime.ErasedError
	switch err := l.Decode(d); {
	case errors.As(err, &gone): // what waited of it is found out when it is sent
		return nil
	case err != nil:
		return err
	}
	s.cancel(d)
	for _, n := range sends {
		if n < len(d.Effects) {
			s.add(waitingOf(d, n))
		}
	}
	return nil
}

func waitingOf(d *decision.Decision, n int) *waiting {
	e := &d.Effects[n]
	x := &waiting{Key: Key{d.Seq, n}, Kind: e.Kind, At: d.Moment, Rule: strings.Clone(e.Rule),
		Urgent: alerts(d, e, decision.Open)}
	if e.Subject.Type != nil {
		x.Of = e.Subject.String()
	}
	for _, r := range e.For {
		if r.Type != nil && r.ID != "" {
			x.For = append(x.For, r.String())
		}
	}
	if p := e.Effect; p != nil {
		x.Via = p.Via
		if e.Kind == decision.Call {
			x.Via = p.Name
		}
	}
	return x
}

// alerts reports whether an effect was done with an alert of its rule and subject in some state.
func alerts(d *decision.Decision, e *decision.Effect, is ...decision.State) bool {
	return slices.ContainsFunc(d.Effects, func(a decision.Effect) bool {
		return a.Kind == decision.Alert && slices.Contains(is, a.State) && a.Rule == e.Rule &&
			a.Subject == e.Subject
	})
}

// cancel lets go of what was to tell that an alert is open, where it is not any more and nobody was
// told.
func (s *state) cancel(d *decision.Decision) {
	for i := range d.Effects {
		e := &d.Effects[i]
		if e.Kind != decision.Alert || e.State != decision.Resolved && e.State != decision.Withdrawn ||
			e.Subject.Type == nil {
			continue
		}
		of := e.Subject.String()
		s.Waiting = slices.DeleteFunc(s.Waiting, func(x *waiting) bool {
			gone := x.cancellable() && x.Rule == e.Rule && x.Of == of
			if gone {
				c := s.Counts[x.Via]
				c.Cancelled++
				s.Counts[x.Via] = c
			}
			return gone
		})
	}
}

// cancellable reports whether an effect is let go of where its alert is over.
func (x *waiting) cancellable() bool {
	return x.Urgent && x.Kind == decision.Notify && len(x.Done) == 0
}

// urgent reports whether there is such an effect.
func (s *state) urgent() bool { return slices.ContainsFunc(s.Waiting, (*waiting).cancellable) }

func (s *state) add(x *waiting) {
	s.woken = s.woken || x.cancellable()
	if len(s.Waiting) >= mostWaiting {
		s.bury(letter{Part: Part{x.Key, x.Via, everybody}, Died: x.At, Why: "too many wait", Of: *x})
		return
	}
	s.Waiting = append(s.Waiting, x)
}

func (s *state) bury(l letter) {
	s.Dead = append(s.Dead, l)
	if n := len(s.Dead) - mostDead; n > 0 {
		s.Lost += n
		s.Dead = append(s.Dead[:0], s.Dead[n:]...)
	}
	c := s.Counts[l.Part.Channel]
	c.Dead++
	s.Counts[l.Part.Channel] = c
}

// find returns the effect of a key that waits, and its place; nil: it does not.
func (s *state) find(k Key) (*waiting, int) {
	i, ok := slices.BinarySearchFunc(s.Waiting, k, func(x *waiting, k Key) int {
		return x.Key.compare(k)
	})
	if !ok {
		return nil, i
	}
	return s.Waiting[i], i
}

func (s *state) apply(r *report, at int64) {
	switch r.Do {
	case doDeliver:
		for i := range r.Results {
			s.settle(&r.Results[i], at)
		}
	case doRedeliver:
		for _, p := range r.Parts {
			s.again(p, at)
		}
	case doDiscard:
		for _, p := range r.Parts {
			s.Dead = slices.DeleteFunc(s.Dead, func(l letter) bool { return l.Part == p })
		}
	}
}

func (s *state) settle(r *result, at int64) {
	x, i := s.find(r.Effect)
	if x == nil {
		if r.As == asSent { // cancelled meanwhile, and told all the same
			s.note(r, r.For, at)
		}
		return
	}
	x.Done = append(x.Done, r.Part)
	to := cmp.Or(r.For, x.to(r.To))
	if r.As == asDead {
		of := *x
		of.Done, of.Only = nil, nil
		s.bury(letter{Part: r.Part, Died: at, Why: r.Why, Tries: r.Tries, Of: of, For: r.For})
	} else {
		s.note(r, to, at)
	}
	if r.Last {
		s.Waiting = slices.Delete(s.Waiting, i, i+1)
	}
}

// note keeps that something was sent, and when for whoever must not send too much.
func (s *state) note(r *result, to string, at int64) {
	s.Sent = append(s.Sent, sent{r.Part, at, to})
	if n := len(s.Sent) - mostSent; n > 0 {
		s.Sent = append(s.Sent[:0], s.Sent[n:]...)
	}
	c := s.Counts[r.Channel]
	if c.Sent++; !r.With {
		c.Messages++
		by := cmp.Or(r.Through, r.Channel)
		s.pace(by, at)
		if to != "" {
			s.pace(by+" "+to, at)
		}
	}
	s.Counts[r.Channel] = c
}

func (s *state) pace(who string, at int64) {
	list := append(s.Paced[who], at)
	if n := len(list) - mostPaced; n > 0 {
		list = append(list[:0], list[n:]...)
	}
	s.Paced[who] = list
}

// forget drops moments that limit nothing any more.
func (s *state) forget(now int64) {
	for who, list := range s.Paced { //tidy:order each by itself
		i := 0
		for i < len(list) && list[i] < now-day {
			i++
		}
		if i == len(list) {
			delete(s.Paced, who)
		} else {
			s.Paced[who] = list[i:]
		}
	}
}

// again makes a dead letter wait.
func (s *state) again(p Part, at int64) {
	i := slices.IndexFunc(s.Dead, func(l letter) bool { return l.Part == p })
	if i < 0 {
		return
	}
	l := s.Dead[i]
	s.Dead = slices.Delete(s.Dead, i, i+1)
	x, n := s.find(p.Effect)
	if x == nil {
		of := l.Of
		of.From = at
		of.Only = []Part{p}
		s.woken = s.woken || of.cancellable()
		s.Waiting = slices.Insert(s.Waiting, n, &of)
		return
	}
	x.From = at
	x.Done = slices.DeleteFunc(x.Done, func(d Part) bool { return d == p })
	if x.Only != nil {
		x.Only = append(x.Only, p)
	}
}
