package floor

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"go.etcd.io/bbolt"
)

// Records are n JSON records of about 300 bytes.
func Records(n int) [][]byte {
	r := random(5)
	regions, stages := Regions(), Stages()
	out := make([][]byte, n)
	for i := range out {
		// The order of the draws is the order of the lines; the order in the record is by name.
		out[i], _ = json.Marshal(map[string]any{
			"type": "visit", "tenant": "t-0017",
			"customer": r.below(10000),
			"rep":      r.below(200),
			"ts":       1767225600000 + int64(i)*777,
			"amount":   float64(r.below(1000000)) / 4,
			"stage":    stages[r.below(6)],
			"region":   regions[r.below(6)],
			"gps":      []float64{float64(r.below(9000)) / 100, float64(r.below(18000)) / 100},
			"note":     strings.Repeat("note text ", 8+r.below(5)),
			"id":       fmt.Sprintf("%016x", r.next()),
			"score":    r.below(101),
			"photo":    r.below(2) == 0,
		})
	}
	return out
}

// most is how many records one transaction takes.
const most = 1024

// A Committer appends records to a bbolt file under growing keys. One goroutine takes what is
// queued, commits it with one sync and tells the callers: the fastest honest use of bbolt as a log.
type Committer struct {
	db    *bbolt.DB
	queue chan request
	done  []chan error // by worker
	last  uint64
	wg    sync.WaitGroup
}

type request struct {
	record []byte
	worker int
}

// OpenCommitter makes a new file for that many workers, each with one record in flight.
func OpenCommitter(file string, workers int) (*Committer, error) {
	db, err := bbolt.Open(file, 0o644, &bbolt.Options{
		NoFreelistSync: true, FreelistType: bbolt.FreelistMapType,
	})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", file, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("log"))
		return err
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make log in %s: %w", file, err), db.Close())
	}
	c := &Committer{db: db, queue: make(chan request, workers+1), done: make([]chan error, workers)}
	for i := range c.done {
		c.done[i] = make(chan error, 1)
	}
	c.wg.Go(c.run)
	return c, nil
}

// Append returns when the record is on disk. A worker is one goroutine.
func (c *Committer) Append(worker int, record []byte) error {
	c.queue <- request{record, worker}
	return <-c.done[worker]
}

// Close waits for the writer. No Append may be under way.
func (c *Committer) Close() error {
	close(c.queue)
	c.wg.Wait()
	return c.db.Close()
}

func (c *Committer) run() {
	batch := make([]request, 0, most)
	for first := range c.queue {
		batch = append(batch[:0], first)
		for more := true; more && len(batch) < most; {
			select {
			case next, open := <-c.queue:
				if more = open; open {
					batch = append(batch, next)
				}
			default:
				more = false
			}
		}
		err := c.commit(batch)
		for _, r := range batch {
			c.done[r.worker] <- err
		}
	}
}

func (c *Committer) commit(batch []request) error {
	return c.db.Update(func(tx *bbolt.Tx) error {
		log := tx.Bucket([]byte("log"))
		log.FillPercent = 1 // keys only grow: a page is never filled later
		for _, r := range batch {
			c.last++
			if err := log.Put(binary.BigEndian.AppendUint64(nil, c.last), r.record); err != nil {
				return err
			}
		}
		return nil
	})
}
