// Command codedocs writes the pages of all codes as documents: codedocs DIR.
package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/throughline/throughline/dsl/source/pages"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: codedocs DIR")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "codedocs:", err)
		os.Exit(1)
	}
}

// write makes the folder hold the pages and nothing else.
func write(dir string) error {
	docs, err := pages.Documents()
	if err != nil {
		return err
	}
	there, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil {
		return err
	}
	for _, file := range there {
		if _, ok := docs[filepath.Base(file)]; ok {
			continue
		}
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(docs)) {
		err := os.WriteFile(filepath.Join(dir, name), []byte(docs[name]), 0o644)
		if err != nil {
			return err
		}
	}
	return nil
}
