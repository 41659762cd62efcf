package throughline_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"testing/fstest"

	"github.com/throughline/throughline"
)

// A program submits records to a workspace and reads what was decided.
func Example() {
	dir, err := os.MkdirTemp("", "throughline")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	text := `entity Deal { name text; amount money }
rule Big on Deal { when amount >= 100万; do { note "big: {name}" } }
`
	if err := os.WriteFile(filepath.Join(dir, "deals.thru"), []byte(text), 0o644); err != nil {
		log.Fatal(err)
	}
	p, err := throughline.Load(dir)
	if err != nil {
		log.Fatal(err)
	}
	ws, err := throughline.Open(filepath.Join(dir, "deals.db"), throughline.Config{Policy: p})
	if err != nil {
		log.Fatal(err)
	}
	defer ws.Close()
	line := `{"type":"Deal","id":"d1","at":"2026-03-02T09:30","name":"Harbour","amount":1200000}`
	answer, err := ws.Submit(context.Background(), []byte(line))
	if err != nil {
		log.Fatal(err)
	}
	d, err := answer.Decision()
	if err != nil {
		log.Fatal(err)
	}
	for _, x := range d.Effects {
		fmt.Println(x.Rule, x.Subject.ID)
	}
	// Output: Big d1
}

// A policy that is embedded in the program, with a function of the program's own.
func ExampleLoadFS() {
	files := fstest.MapFS{"deals.thru": {Data: []byte(`extern rate(city text) money
entity Deal { city text; worth money = rate(city) }
rule Big on Deal { when worth >= 100; do { notify self "worth {worth}" } }
`)}}
	p, err := throughline.LoadFS(files)
	if err != nil {
		log.Fatal(err)
	}
	rate := func(city string) int64 { return int64(len(city)) * 20 * 10_000 } // money: 1/10 000
	ws, err := throughline.Open("", throughline.Config{Policy: p, Engine: throughline.Options{
		Externs: []throughline.Extern{{Name: "rate", Go: rate}}}})
	if err != nil {
		log.Fatal(err)
	}
	defer ws.Close()
	for _, line := range []string{`{"type":"Deal","id":"d1","city":"Suzhou"}`,
		`{"type":"Deal","id":"d2","city":"Xi'an"}`, `{"type":"Deal","id":"d3","city":"Wuxi"}`} {
		if _, err := ws.Submit(context.Background(), []byte(line)); err != nil {
			log.Fatal(err)
		}
	}
	err = throughline.Effects(ws, 0, func(_ uint64, e *throughline.Effect, text string) error {
		fmt.Println(e.Subject.ID, text)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// d1 worth 120.00
	// d2 worth 100.00
}

// What is wrong with a policy is data: each mistake with its place, in either language.
func ExampleMistakesError() {
	_, err := throughline.LoadFS(fstest.MapFS{"a.thru": {Data: []byte("entity Rep { name txt }\n")}})
	var wrong *throughline.MistakesError
	if errors.As(err, &wrong) {
		fmt.Println(len(wrong.Diagnostics), wrong.Diagnostics[0].Code)
	}
	// Output: 1 T0204
}
