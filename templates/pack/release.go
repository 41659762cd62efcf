package pack

import (
	"fmt"
	"slices"
	"strings"
)

// Release is one published version of a package: what a line of thru.lock, or of a source's list
// of versions, says.
type Release struct {
	ID
	Hash   string // h1: over names and contents of its files
	Signed []Signature
}

// The limits of a list of releases.
const (
	mostReleases   = 10_000
	mostSignatures = 20 // of one release
)

// parseReleases reads NAME VERSION HASH [SIGNATURE…], a release a line; lines that begin with #
// are comments. Two lines of one version are refused: nobody could say which one holds.
func parseReleases(text []byte) ([]Release, error) {
	var out []Release
	met := map[ID]bool{}
	line := 0
	for one := range strings.SplitSeq(string(text), "\n") {
		line++
		one = strings.TrimSpace(one)
		if one == "" || one[0] == '#' {
			continue
		}
		r, err := parseRelease(one)
		switch {
		case err != nil:
			return nil, fmt.Errorf("line %d: %w", line, err)
		case met[r.ID]:
			return nil, fmt.Errorf("line %d: %w: %s", line, ErrClash, r.ID)
		case len(out) == mostReleases:
			return nil, fmt.Errorf("line %d: %w: more than %d versions", line, ErrTooLarge, mostReleases)
		}
		met[r.ID] = true
		out = append(out, r)
	}
	return out, nil
}

func parseRelease(line string) (Release, error) {
	f := strings.Fields(line)
	if len(f) < 3 || !hashForm.MatchString(f[2]) {
		return Release{}, fmt.Errorf("not NAME VERSION h1:HASH: %.200q", line)
	}
	r := Release{ID: ID{f[0], f[1]}, Hash: f[2]}
	if err := r.Check(); err != nil {
		return Release{}, err
	}
	if len(f) > 3+mostSignatures {
		return Release{}, fmt.Errorf("%w: more than %d signatures", ErrTooLarge, mostSignatures)
	}
	for _, text := range f[3:] {
		s := Signature(text)
		if err := s.check(); err != nil {
			return Release{}, err
		}
		r.Signed = append(r.Signed, s)
	}
	return r, nil
}

// appendReleases writes a list of releases by name and version.
func appendReleases(dst []byte, list []Release) []byte {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Release) int {
		if a.Name != b.Name {
			return strings.Compare(a.Name, b.Name)
		}
		return newer(a.Version, b.Version)
	})
	for _, r := range list {
		dst = fmt.Appendf(dst, "%s %s %s", r.Name, r.Version, r.Hash)
		for _, s := range r.Signed {
			dst = append(append(dst, ' '), s...)
		}
		dst = append(dst, '\n')
	}
	return dst
}

// is refuses a package that is not the one that the release tells of, and gives it the signatures.
func (r Release) is(p *Package) error {
	if p.ID != r.ID || p.Hash != r.Hash {
		return fmt.Errorf("%w: %s with %s came, %s with %s was told",
			ErrLies, p.ID, p.Hash, r.ID, r.Hash)
	}
	p.Signed = r.Signed
	return nil
}
