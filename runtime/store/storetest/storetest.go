// Package storetest is the contract of a log as tests: every store passes them.
package storetest

import (
	"context"

	"github.com/throughline/throughline/runtime/store"
)

// Log is everything that a store can do.
type Log interface {
	writer
	reader
	snapshots
	Close() error
}

type writer interface {
	Claim() (uint64, error)
	Append(*store.Batch) error
}

type reader interface {
	Last() uint64
	Read(from, to uint64, parts store.Parts, each func(*store.Row) error) error
	Policy(store.Hash) ([]byte, error)
	Watch(ctx context.Context, seq uint64) (uint64, error)
}

type snapshots interface {
	saver
	runs
	Snapshots() ([]store.Snapshot, error)
	Section(seq uint64, i int) ([]byte, error)
}

type saver interface {
	PutSection(seq uint64, i int, b []byte) error
	PutPages(run uint64, from int, list [][]byte) error
	Save(s *store.Snapshot, r *store.Run, erase []uint64) error
	SaveRun(*store.Run) error
}

type runs interface {
	Runs() ([]store.Run, error)
	Page(run uint64, i int) ([]byte, error)
}

// A Place is where a log outlives whoever has it open.
type Place interface {
	// Open opens the log of this place, as a new process would.
	Open() (Log, error)
}
