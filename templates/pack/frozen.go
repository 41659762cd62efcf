package pack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/throughline/throughline/dsl"
)

// ErrStale is the error of a thru.lock that is not what thru.toml comes to.
var ErrStale = errors.New("thru.lock is not what thru.toml requires")

// Verify compares a workspace's thru.lock with what its thru.toml requires: every package is there,
// with the bytes of the lock and signed as it must be; none is missing and none too many. Nothing
// is fetched and nothing written.
func Verify(ctx context.Context, workspace fs.FS) error {
	m, diags, err := dsl.ReadManifest(workspace, ".")
	if err != nil {
		return err
	}
	if dsl.HasErrors(diags) {
		return fmt.Errorf("%w: see thru check", ErrManifest)
	}
	if _, err := Open(workspace); err != nil {
		return err
	}
	locked, err := ReadLock(workspace)
	if err != nil {
		return err
	}
	list, err := Select(ctx, kept(workspace, locked, Trust{}), m.Requires)
	if errors.Is(err, ErrUnknown) {
		return fmt.Errorf("%w: %w; complete it with: thru add", ErrStale, err)
	}
	if err != nil {
		return err
	}
	for _, r := range locked {
		if !slices.ContainsFunc(list, func(p *Package) bool { return p.ID == r.ID }) {
			return fmt.Errorf("%w: nobody requires %s; mend it with: thru add", ErrStale, r.ID)
		}
	}
	for _, p := range list {
		if !slices.ContainsFunc(locked, func(r Release) bool { return p.ID == r.ID }) {
			return fmt.Errorf("%w: it lacks %s; complete it with: thru add", ErrStale, p.ID)
		}
	}
	return nil
}
