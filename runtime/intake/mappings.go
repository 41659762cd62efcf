package intake

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/throughline/throughline/internal/disk"
	"github.com/throughline/throughline/runtime/ingest"
)

// ErrMapping says that there is no mapping of a name, or that one cannot be called that.
var ErrMapping = errors.New("there is no such mapping")

// mappingName is how a mapping may be called: it is a file's name.
var mappingName = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} _-]{0,59}$`)

// A Mapping is one that is kept under a name.
type Mapping struct {
	Name string `json:"name"`
	Text string `json:"text" doc:"As TOML: what thru run --map reads"`
}

// mappings is the folder of a workspace's mappings: files that thru run --map reads.
func (d *Desk) mappings(workspace string) string {
	return filepath.Join(d.o.Dir, workspace+".mappings")
}

// Mappings are those of a workspace, by name.
func (d *Desk) Mappings(workspace string) ([]Mapping, error) {
	list, err := os.ReadDir(d.mappings(workspace))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var out []Mapping
	for _, f := range list {
		name, is := strings.CutSuffix(f.Name(), ".toml")
		if !is || !mappingName.MatchString(name) {
			continue
		}
		m, bad := d.Mapping(workspace, name)
		if bad != nil {
			return nil, bad
		}
		out = append(out, *m)
	}
	return out, err
}

// Mapping is one by its name.
func (d *Desk) Mapping(workspace, name string) (*Mapping, error) {
	if !mappingName.MatchString(name) {
		return nil, ErrMapping
	}
	b, err := os.ReadFile(filepath.Join(d.mappings(workspace), name+".toml"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMapping
	}
	return &Mapping{name, string(b)}, err
}

// SaveMapping keeps a mapping, in place of one of the same name. One that cannot be read is not.
func (d *Desk) SaveMapping(workspace string, m Mapping) error {
	if !mappingName.MatchString(m.Name) {
		return ErrMapping
	}
	if _, err := ingest.ReadMapping(m.Text); err != nil {
		return err
	}
	if err := os.MkdirAll(d.mappings(workspace), 0o700); err != nil {
		return err
	}
	return disk.Replace(filepath.Join(d.mappings(workspace), m.Name+".toml"), []byte(m.Text))
}

// DropMapping takes a mapping away.
func (d *Desk) DropMapping(workspace, name string) error {
	if _, err := d.Mapping(workspace, name); err != nil {
		return err
	}
	return os.Remove(filepath.Join(d.mappings(workspace), name+".toml"))
}

// refusedTable makes what is wrong with a table the reason why it goes back, in both languages:
// nobody said which is read.
func refusedTable(err error) error {
	var f *ingest.Fault
	if errors.As(err, &f) {
		return &refusal{f.In("en") + "\n" + f.In("zh")}
	}
	return err
}

// unsure reports whether somebody would have to look at a mapping that was suggested.
func unsure(x *Looked) bool {
	for _, g := range x.Guesses {
		if g.Field != "" && g.Confidence < ingest.Sure {
			return true
		}
	}
	return false
}
