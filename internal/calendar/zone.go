package calendar

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// zones is the IANA time zone database, in the public domain, as Go ships it. The program reads no
// other, so that the same log gives the same decisions on any machine (decision D11).
//
//go:embed zoneinfo.zip
var zones []byte

// errZone is what an unknown zone gives.
var errZone = errors.New("no such time zone; names look like Asia/Shanghai")

// tables are the zones by name. The archive's directory is read once: it has hundreds of entries.
var tables = sync.OnceValue(func() *zip.Reader {
	z, err := zip.NewReader(bytes.NewReader(zones), int64(len(zones)))
	if err != nil {
		panic(fmt.Sprintf("calendar: the zone tables in the binary: %v", err))
	}
	return z
})

// Zone returns a time zone by its IANA name, from the tables in the binary alone.
func Zone(name string) (*time.Location, error) {
	if name == "UTC" {
		return time.UTC, nil
	}
	f, err := tables().Open(name)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, errZone)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", name, errZone)
	}
	return time.LoadLocationFromTZData(name, data)
}
