package syntax

import "reflect"

// wordRoles tells which words of a parsed line are words of the language, and in which role.
// A word is one if no node has taken it as a name: the grammar fixed it.
type wordRoles struct {
	l     *Line
	in    BlockKind      // of the declaration
	names map[int]bool   // tokens that nodes have taken
	roles map[int]string // roles that an expression has given
	calls map[int]bool   // taken tokens that are words all the same: functions and such
}

// rolesOf reads a line that parsed; in is the block of the declaration it stands in.
func rolesOf(l *Line, in BlockKind) *wordRoles {
	w := &wordRoles{l: l, in: in,
		names: map[int]bool{}, roles: map[int]string{}, calls: map[int]bool{}}
	w.walk(reflect.ValueOf(l.Node))
	return w
}

var tokType = reflect.TypeFor[Tok]()

// walk visits every token and expression of a node.
func (w *wordRoles) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return
		}
		if v.Kind() == reflect.Pointer {
			w.expression(v.Interface())
		}
		w.walk(v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			w.walk(v.Index(i))
		}
	case reflect.Struct:
		if v.Type() == tokType {
			if n := int(v.Field(0).Int()); n > 0 {
				w.names[n-1] = true
			}
			return
		}
		for i := range v.NumField() {
			w.walk(v.Field(i))
		}
	}
}

// context notes the bare names that are words in the place their line stands in: candidate in an
// allocation, overdue in the schedule of an action, value in an alert on a metric.
func (w *wordRoles) context(name *Name) {
	word := w.l.Word(name.Tok)
	is := false
	switch w.in {
	case AllocateBlock:
		is = word == "candidate"
	case ActionBlock:
		_, every := w.l.Node.(*Every) // elsewhere in an action it is a field
		is = word == "overdue" && (every || w.l.Block == EffectBlock)
	case MetricBlock: // of an alert on a metric; in a metric itself they are fields
		is = w.l.Block != MetricBlock && isMeasure(word)
	case RemedyBlock:
		_, verify := w.l.Node.(*Verify)
		is = verify && isMeasure(word)
	}
	if is {
		w.calls[name.Tok.at()] = true
	}
}

// isMeasure reports whether a word names what an alert on a metric looks at.
func isMeasure(word string) bool {
	switch word {
	case "value", "n", "previous", "last_year", "change", "spread", "chance", "band":
		return true
	}
	return false
}

// expression notes the roles of the words inside an expression or type. It is visited before the
// tokens below it, which are then noted as names; word undoes that where needed.
func (w *wordRoles) expression(x any) {
	switch x := x.(type) {
	case *Name:
		w.context(x)
	case *Binary:
		w.calls[x.OpAt.at()] = true
	case *Near:
		_, d := x.D.Range()
		of, _ := x.Of.Range()
		w.between(d, of, "of", roleOperator)
	case *Subject:
		_, d := x.X.Range()
		w.between(d, x.Of.at(), "of", roleSource)
	case *Call:
		w.calls[x.FnAt.at()] = true
		if x.Of != nil {
			from, _ := x.Of.Range()
			w.between(0, from, "of", roleSource)
			if name, ok := x.Of.(*Name); ok && w.l.Word(name.Tok) == "workspace" {
				w.calls[name.Tok.at()] = true
			}
		}
	case *Window:
		if x.Kind == InStage {
			from, to := x.Range()
			w.between(from, to, "stage", roleWindow)
		}
	case *Type:
		if x.Name != nil && len(x.Name.Names) == 1 && isTypeName(w.l.Word(x.Name.Names[0].Tok)) {
			w.calls[x.Name.Names[0].at()] = true
		}
	}
}

// between gives the last word `word` in [from, to) a role.
func (w *wordRoles) between(from, to int, word, role string) {
	for i := to - 1; i >= from; i-- {
		t := Tok{int32(i) + 1}
		if w.l.Kind(t) == KindWord && w.l.Word(t) == word {
			w.roles[i] = role
			return
		}
	}
}

// keyword reports whether a token of the line is a word of the language where it stands.
func (w *wordRoles) keyword(i int) bool {
	return w.l.Kind(Tok{int32(i) + 1}) == KindWord && (!w.names[i] || w.calls[i])
}

// role is the role of a keyword.
func (w *wordRoles) role(i int) string {
	if r, ok := w.roles[i]; ok {
		return r
	}
	word := w.l.Word(Tok{int32(i) + 1})
	switch word {
	case "of":
		switch w.l.Node.(type) {
		case *ExpectLine, *Require, *EffectLine:
			return roleSource
		}
		return roleDeclared
	case "for":
		return w.forRole()
	case "by":
		if w.l.Block == ActionBlock {
			return roleWho
		}
		return roleDimension
	case "is":
		if _, ok := w.l.Node.(*Step); ok {
			return roleStep
		}
		return roleStage
	case "stage":
		return roleDeclared
	case "open":
		if _, hold := w.l.Node.(*Hold); hold || w.l.Block == CalendarBlock {
			return roleHours
		}
		return roleTasks
	case "share", "lower", "workdays", "month":
		return w.functionRole(i, word)
	}
	return ""
}

// forRole: in an alert `for` begins a duration, and behind `pool`; elsewhere it says for whom.
func (w *wordRoles) forRole() string {
	switch n := w.l.Node.(type) {
	case *For, *Until:
		return roleDuration
	case *EffectLine:
		if n.Do.Pool != nil {
			return roleDuration
		}
	case *Else:
		if n.Do.Pool != nil {
			return roleDuration
		}
	}
	return roleWhom
}

func (w *wordRoles) functionRole(i int, word string) string {
	switch {
	case w.calls[i]:
		return roleFunction
	case word == "share":
		return roleGoal
	case word == "lower":
		return roleBetter
	case word == "month":
		return rolePeriod
	}
	return roleSpan
}
