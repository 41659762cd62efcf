package templates

import (
	"embed"
	"io/fs"
	"testing"
)

// most is what the library may add to the program.
const most = 3_000_000

// TestEmbeddedSize holds what the program carries of the library to its limit: the files' bytes,
// and what embed keeps of each beside them.
func TestEmbeddedSize(t *testing.T) {
	packages, n := embedded(t, Files)
	begun, m := embedded(t, starters)
	t.Logf("%d packages' files with %d bytes, %d of starters with %d, the index with %d: %d in all",
		n, packages, m, begun, len(index), packages+begun+len(index))
	if n < len(Folders()) || m < len(Starters()) || len(index) == 0 {
		t.Error("less is embedded than the library has")
	}
	if all := packages + begun + len(index); all > most {
		t.Errorf("the library adds %d bytes to the program, more than %d", all, most)
	}
}

// embedded is how many bytes a file system adds to a program, and how many files it has.
func embedded(t *testing.T, in embed.FS) (bytes, files int) {
	t.Helper()
	const entry = 48 // two strings and a hash
	err := fs.WalkDir(in, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		bytes += len(name) + entry
		if e.IsDir() {
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		bytes += int(info.Size())
		files++
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return bytes, files
}
