package bolt

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/throughline/throughline/runtime/store"
)

// What bbolt's two head pages hold, as far as it takes to see that a file is cut short. bbolt
// itself maps the file and dies of a fault where a page is missing.
const (
	metaAt      = 16 // after the page's own head
	metaSize    = 64
	metaMagic   = 0xED0CDAED
	metaSumAt   = 56
	metaFreeAt  = 32
	metaPagesAt = 40
	metaTxAt    = 48
	noList      = 1<<64 - 1 // where the page of the list would be
)

// inspect refuses what bbolt would fill with a new database, take for one, or crash on.
func inspect(path string, info os.FileInfo) error {
	if info.IsDir() {
		return fmt.Errorf("%w: it is a folder", store.ErrForeign)
	}
	if info.Size() == 0 {
		return fmt.Errorf("%w: it is empty", store.ErrTruncated)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	needs, listed, known := headOf(f)
	if !known {
		return nil // bbolt tells what is wrong with it
	}
	// The size is read after the heads: a writer makes the file longer before it says so there.
	if info, err = f.Stat(); err != nil {
		return err
	}
	if info.Size() < needs {
		return fmt.Errorf("%w: it has %d of %d bytes", store.ErrTruncated, info.Size(), needs)
	}
	if listed {
		return nil
	}
	return walk(path)
}

// walk reads every page of a file that was not closed. bbolt does so too, to find the free ones,
// but in a goroutine of its own, where a damaged page ends the whole program.
func walk(path string) error {
	db, err := load(path, Options{ReadOnly: true})
	if err != nil {
		return err
	}
	err = guard(func() error {
		return db.View(func(tx *bbolt.Tx) error {
			return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
				b.Stats()
				last := byte(0)
				return b.ForEach(func(k, _ []byte) error {
					last ^= k[0] ^ k[len(k)-1] // a key may lie outside the file
					return nil
				})
			})
		})
	})
	return errors.Join(err, db.Close())
}

// headOf reads from the newer head how long the file has to be, and whether it lists free pages.
func headOf(f io.ReaderAt) (size int64, listed, known bool) {
	newest := uint64(0)
	page := int64(os.Getpagesize())
	for i := range int64(2) {
		var b [metaAt + metaSize]byte
		n, _ := f.ReadAt(b[:], i*page)
		m := b[metaAt:]
		if binary.NativeEndian.Uint32(m) != metaMagic {
			continue
		}
		if n < len(b) {
			return 2 * page, true, true
		}
		if !summed(m) {
			continue
		}
		page = int64(binary.NativeEndian.Uint32(m[8:]))
		if tx := binary.NativeEndian.Uint64(m[metaTxAt:]); !known || tx > newest {
			newest, known = tx, true
			size = int64(binary.NativeEndian.Uint64(m[metaPagesAt:])) * page
			listed = binary.NativeEndian.Uint64(m[metaFreeAt:]) != noList
		}
	}
	return max(size, 4*page), listed, known
}

func summed(m []byte) bool {
	h := fnv.New64a()
	h.Write(m[:metaSumAt])
	return h.Sum64() == binary.NativeEndian.Uint64(m[metaSumAt:])
}

// holder names the process that has the file locked, where the system tells.
func holder(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	inode, ok := inodeOf(info)
	if !ok {
		return ""
	}
	f, err := os.Open("/proc/locks")
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		// 1: FLOCK ADVISORY WRITE 4711 fe:00:1234 0 EOF
		w := strings.Fields(lines.Text())
		if len(w) > 5 && w[1] == "FLOCK" && strings.HasSuffix(w[5], fmt.Sprintf(":%d", inode)) {
			return "process " + w[4]
		}
	}
	return ""
}
