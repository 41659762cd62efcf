package store

import "fmt"

// Check refuses a batch that does not continue a log: every store asks it before anything else.
func (b *Batch) Check(epoch, last uint64) error {
	if b.Epoch != epoch || b.After != last {
		return &ConflictError{After: b.After, Last: last, Epoch: b.Epoch, Wants: epoch}
	}
	for i := range b.Rows {
		r := &b.Rows[i]
		if r.Seq != b.After+1+uint64(i) || len(r.Entry) != EntrySize || r.Decision == nil {
			return fmt.Errorf("row %d of a batch after seq %d is no whole entry", i, b.After)
		}
	}
	for i := range b.Redact {
		x := &b.Redact[i]
		if x.Seq == 0 || x.Seq > b.After || len(x.Kept) < SaltSize {
			return fmt.Errorf("redact seq %d: the log ends at %d", x.Seq, b.After)
		}
	}
	return nil
}
