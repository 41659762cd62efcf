package decision

import "github.com/throughline/throughline/dsl/value"

// AppendValue appends the canonical bytes of a value: equal values give equal bytes.
func AppendValue(dst []byte, v value.Value) []byte { return appendValue(dst, v) }

// CloneValue copies a value with everything that it shares with a record's buffer.
func CloneValue(v value.Value) value.Value { return cloneValue(v) }

// ReadValue reads what AppendValue wrote and returns the bytes after it.
func ReadValue(b []byte) (value.Value, []byte, error) {
	r := reader{b: b}
	v := r.value()
	return v, r.b, r.err
}
