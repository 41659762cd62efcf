// Command index writes what `thru search` looks through: every template of the library with its
// texts, so that nothing has to be parsed to find one.
package main

import (
	"log"
	"os"

	"github.com/throughline/throughline/templates/internal/measure"
)

func main() {
	l, err := measure.Load()
	if err != nil {
		log.Fatal(err)
	}
	b, err := l.Index()
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("index.json", b, 0o644); err != nil {
		log.Fatal(err)
	}
}
