package throughline_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

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
