package bolt

import (
	"io"

	"go.etcd.io/bbolt"
)

// Copy writes the whole database as it is at one moment. Others go on writing meanwhile.
func (l *Log) Copy(to io.Writer) error {
	return l.view(func(tx *bbolt.Tx) error {
		_, err := tx.WriteTo(to)
		return err
	})
}
