// Command embed runs a policy inside a Go program: the program supplies a function that the policy
// declares, and carries the effects out itself.
package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"strings"

	"github.com/throughline/throughline"
)

//go:embed policy
var files embed.FS

// risk is the policy's `extern risk(note text) number`: pure, and the same for the same text.
func risk(note string) float64 { return float64(strings.Count(note, "!")) / 4 }

func main() {
	// In a file instead of in memory, the log outlives the program: Open("visits.db", …).
	if err := run(context.Background(), "", os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, path string, out io.Writer) error {
	folder, err := fs.Sub(files, "policy")
	if err != nil {
		return err
	}
	p, err := throughline.LoadFS(folder)
	if err != nil {
		return err
	}
	ws, err := throughline.Open(path, throughline.Config{Policy: p, Engine: throughline.Options{
		Externs: []throughline.Extern{{Name: "risk", Go: risk}}}})
	if err != nil {
		return err
	}
	defer ws.Close()
	for _, line := range []string{`{"type":"Rep","id":"li","name":"Li"}`,
		`{"type":"Visit","id":"v1","rep":"li","note":"all fine"}`,
		`{"type":"Visit","id":"v2","rep":"li","note":"never again!!"}`} {
		if _, err := ws.Submit(ctx, []byte(line)); err != nil {
			return err
		}
	}
	// Everything that was answered is in the log: a program that remembers how far it came carries
	// every effect out at least once.
	return throughline.Effects(ws, 0, func(seq uint64, e *throughline.Effect, text string) error {
		_, err := fmt.Fprintf(out, "%d: %s to %s: %s\n", seq, e.Rule, e.For[0].ID, text)
		return err
	})
}
