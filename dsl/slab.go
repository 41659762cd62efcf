package dsl

// slab hands out values of a type, which are made many at a time: a check makes tens of thousands
// of small ones that all live as long as its policy. What lives longer than others is not to be
// made by one slab with them, because a policy in use keeps all of them.
type slab[T any] struct{ rest []T }

// slabSize is how many values are made at a time.
const slabSize = 64

// put makes a value.
func (s *slab[T]) put(v T) *T {
	if len(s.rest) == 0 {
		s.rest = make([]T, slabSize)
	}
	x := &s.rest[0]
	s.rest = s.rest[1:]
	*x = v
	return x
}

// list makes a list of values, to which nothing is to be appended in place.
func (s *slab[T]) list(v ...T) []T {
	if len(s.rest) < len(v) {
		s.rest = make([]T, max(slabSize, len(v)))
	}
	out := s.rest[:len(v):len(v)]
	s.rest = s.rest[len(v):]
	copy(out, v)
	return out
}
