package decision

import (
	"reflect"
	"testing"

	"github.com/throughline/throughline/dsl/policy"
	"github.com/throughline/throughline/engine/slots"
)

// fillAll puts something into every field of a struct.
func fillAll(v reflect.Value) {
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.Int, reflect.Int32, reflect.Int64:
			f.SetInt(1)
		case reflect.Uint8, reflect.Uint32, reflect.Uint64:
			f.SetUint(1)
		case reflect.Float64:
			f.SetFloat(1)
		case reflect.String:
			f.SetString("x")
		case reflect.Bool:
			f.SetBool(true)
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 1, 1))
		case reflect.Pointer:
			f.Set(reflect.New(f.Type().Elem()))
		case reflect.Struct:
			fillAll(f)
		case reflect.Interface:
			f.Set(reflect.ValueOf(1))
		default:
			panic(f.Kind())
		}
	}
}

// left are the fields of a struct that are neither zero nor an empty slice.
func left(v reflect.Value) (names []string) {
	for i := range v.NumField() {
		if f := v.Field(i); !f.IsZero() && (f.Kind() != reflect.Slice || f.Len() > 0) {
			names = append(names, v.Type().Field(i).Name)
		}
	}
	return names
}

// What is used again is as good as new, whatever fields it will have one day.
func TestNothingIsLeft(t *testing.T) {
	var d Decision
	fillAll(reflect.ValueOf(&d).Elem())
	fillAll(reflect.ValueOf(&d.Effects[0]).Elem())
	fillAll(reflect.ValueOf(&d.Findings[0]).Elem())
	fillAll(reflect.ValueOf(&d.Scores[0]).Elem())
	d.Record.Type, d.InHand = &policy.Record{}, &slots.Slots{}
	d.Reset()
	if l := left(reflect.ValueOf(d)); l != nil {
		t.Errorf("a decision keeps %v", l)
	}
	for _, x := range []any{*d.AddEffect(), *d.AddFinding(), *d.AddScore()} {
		if l := left(reflect.ValueOf(x)); l != nil {
			t.Errorf("%T keeps %v", x, l)
		}
	}
}
