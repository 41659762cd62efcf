// Command quality prints how good the template library is as a whole, and fails where it is beyond
// the limits.
package main

import (
	"fmt"
	"os"

	"github.com/throughline/throughline/templates/internal/measure"
)

func main() {
	l, err := measure.Load()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	f := l.Measure()
	fmt.Print(f.String())
	faults := append(l.Faults, f.Faults()...)
	for _, x := range faults {
		fmt.Println(x)
	}
	if len(faults) > 0 {
		os.Exit(1)
	}
}
