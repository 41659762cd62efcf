package bolt

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"strings"

	"github.com/throughline/throughline/runtime/store"
)

// What bbolt's two head pages hold, as far as it takes to see that a file is cut short. bbolt
// itself maps the file and dies of a fault where a page is missing.
const (
	metaAt      = 16 // after the page's own head
	metaSize    = 64
	metaMagic   = 0xED0CDAED
	metaSumAt   = 56
	metaPagesAt = 40
	metaTxAt    = 48
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
	needs, known := sizeOf(f)
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
	return nil
}

// sizeOf reads from the newer head how long the file has to be.
func sizeOf(f io.ReaderAt) (size int64, known bool) {
	newest := uint64(0)
	page := int64(os.Getpagesize())
	for _, at := range [...]int64{0, page} {
		var b [metaAt + metaSize]byte
		if n, _ := f.ReadAt(b[:], at); n < len(b) {
			if at == 0 && n >= metaAt+4 && binary.NativeEndian.Uint32(b[metaAt:]) == metaMagic {
				return 2 * page, true
			}
			continue
		}
		m := b[metaAt:]
		if binary.NativeEndian.Uint32(m) != metaMagic || !summed(m) {
			continue
		}
		if at == 0 {
			page = int64(binary.NativeEndian.Uint32(m[8:]))
		}
		if tx := binary.NativeEndian.Uint64(m[metaTxAt:]); !known || tx > newest {
			newest = tx
			size = int64(binary.NativeEndian.Uint64(m[metaPagesAt:])) * int64(page)
			known = true
		}
	}
	return max(size, 4*page), known
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
