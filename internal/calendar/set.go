package calendar

import "github.com/throughline/throughline/dsl/policy"

// Set holds a policy's calendars beside the built-in one.
type Set struct {
	workspace *Calendar
	named     map[string]*Calendar
}

// NewSet builds a policy's calendars. A calendar may be built on another of the policy, in any
// order; what names none is built on CN, and so is what would be built on itself.
func NewSet(all []*policy.Calendar, settings policy.Settings) *Set {
	s := &Set{named: map[string]*Calendar{"CN": CN()}}
	byName := map[string]*policy.Calendar{}
	for _, p := range all {
		byName[p.Full] = p
	}
	for _, p := range all {
		s.build(p, byName)
	}
	if s.workspace = s.named[settings.Calendar]; s.workspace == nil {
		s.workspace = s.named["CN"]
	}
	return s
}

// build makes a calendar after the one it is built on. Taking the name out first ends a cycle.
func (s *Set) build(p *policy.Calendar, byName map[string]*policy.Calendar) *Calendar {
	if c := s.named[p.Full]; c != nil {
		return c
	}
	delete(byName, p.Full)
	base := s.named[p.From]
	if base == nil {
		base = s.named["CN"]
		if from := byName[p.From]; from != nil {
			base = s.build(from, byName)
		}
	}
	c := From(p, base)
	s.named[p.Full] = c
	return c
}

// For returns the calendar of a declaration; nil is the workspace's.
func (s *Set) For(p *policy.Calendar) *Calendar {
	if p == nil {
		return s.workspace
	}
	return s.named[p.Full]
}
