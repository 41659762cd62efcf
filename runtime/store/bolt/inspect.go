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
	metaRootAt  = 16
	metaFreeAt  = 32
	metaPagesAt = 40
	metaTxAt    = 48
	noList      = 1<<64 - 1 // where the page of the list would be
	kindHead    = 4
)

// inspect refuses what bbolt would fill with a new database, take for one, or crash on. Every page
// is looked at where bbolt would do so as well: it looks for free ones where a file was not closed,
// in a goroutine of its own, where a damaged page ends the whole program.
func inspect(path string, info os.FileInfo, always bool) error {
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
	h, sound, known := headOf(f)
	if !known {
		return nil // bbolt tells what is wrong with it
	}
	// The size is read after the heads: a writer makes the file longer before it says so there.
	if info, err = f.Stat(); err != nil {
		return err
	}
	if needs := int64(max(h.pages, fewestPages)) * h.size; info.Size() < needs {
		return fmt.Errorf("%w: it has %d of %d bytes", store.ErrTruncated, info.Size(), needs)
	}
	if always && sound < 2 {
		// Only a power cut in the middle of a commit leaves it so, and the next commit mends it.
		return fmt.Errorf("%w: one of its two heads is; the last commit may be lost", store.ErrDamaged)
	}
	if always || h.free == noList {
		all, done := mapped(f, int64(h.pages)*h.size)
		defer done()
		return guard((&pages{f: f, all: all, head: h}).sound)
	}
	return nil
}

// fewestPages is what a new file has.
const fewestPages = 4

// head is what one of the two first pages says.
type head struct {
	size              int64  // of a page
	pages             uint64 // in use or free
	root, free, stamp uint64
}

// headOf reads the newer head, and how many of the two are sound.
func headOf(f io.ReaderAt) (newest head, sound int, known bool) {
	size := int64(os.Getpagesize())
	for i := range int64(2) {
		var b [metaAt + metaSize]byte
		n, _ := f.ReadAt(b[:], i*size)
		m := b[metaAt:]
		if binary.NativeEndian.Uint32(m) != metaMagic {
			continue
		}
		if n < len(b) {
			return head{size: size, pages: 2}, 0, true
		}
		if !summed(m) || binary.NativeEndian.Uint64(b[:]) != uint64(i) ||
			binary.NativeEndian.Uint16(b[8:]) != kindHead {
			continue
		}
		sound++
		size = int64(binary.NativeEndian.Uint32(m[8:]))
		h := head{size: size, pages: binary.NativeEndian.Uint64(m[metaPagesAt:]),
			root:  binary.NativeEndian.Uint64(m[metaRootAt:]),
			free:  binary.NativeEndian.Uint64(m[metaFreeAt:]),
			stamp: binary.NativeEndian.Uint64(m[metaTxAt:])}
		if !known || h.stamp > newest.stamp {
			newest, known = h, true
		}
	}
	return newest, sound, known
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
