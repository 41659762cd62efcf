package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"oras.land/oras-go/v2"
	"oras.land/oras-go/v2/content"
	"oras.land/oras-go/v2/errdef"
	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/errcode"

	"github.com/throughline/throughline/templates/pack"
)

// The form of a package in a registry: an artifact whose one layer is the archive. A package is a
// repository below the place, a version is a tag.
const (
	ArtifactType = "application/vnd.throughline.package.v1"
	LayerType    = "application/vnd.throughline.package.v1+zip"

	noteHash   = "org.throughline.hash"       // annotations of the manifest
	noteSigned = "org.throughline.signatures" // parted by blanks
)

const (
	mostManifest = 1 << 20
	mostTagPages = 100
)

// registry is an OCI registry.
type registry struct {
	*client
	base string // HOST/PATH
	told map[string][]string
}

func (g *registry) repository(name string) (*remote.Repository, error) {
	if err := (pack.ID{Name: name, Version: "0.0.0"}).Check(); err != nil {
		return nil, err
	}
	r, err := remote.NewRepository(g.base + "/" + name)
	if err != nil {
		return nil, fmt.Errorf("%w: %s/%s: %w", ErrLocation, g.base, name, err)
	}
	r.Client = g.asking()
	r.PlainHTTP = g.PlainHTTP
	r.TagListMaxPages = mostTagPages
	r.MaxMetadataBytes = mostVersions
	r.SkipReferrersGC = true
	return r, nil
}

// fault is an error of the registry in our words.
func (g *registry) fault(err error) error {
	var answer *errcode.ErrorResponse
	switch {
	case err == nil:
		return nil
	case errors.As(err, &answer) && (answer.StatusCode == http.StatusUnauthorized ||
		answer.StatusCode == http.StatusForbidden):
		return g.login()
	case errors.As(err, &answer) && answer.StatusCode >= 500:
		err = fmt.Errorf("%w: %w", ErrServer, err)
	case errors.Is(err, content.ErrMismatchedDigest), errors.Is(err, content.ErrTrailingData),
		errors.Is(err, content.ErrInvalidDescriptorSize):
		err = fmt.Errorf("%w: %w", pack.ErrLies, err)
	case errors.Is(err, errdef.ErrSizeExceedsLimit):
		err = fmt.Errorf("%w: %w", pack.ErrTooLarge, err)
	}
	return g.client.told(err)
}

// gone reports whether a registry has no such thing.
func gone(err error) bool {
	var answer *errcode.ErrorResponse
	return errors.Is(err, errdef.ErrNotFound) ||
		errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound
}

// Versions implements pack.Source. Tags that are no versions are somebody else's.
func (g *registry) Versions(ctx context.Context, name string) ([]string, error) {
	if out, ok := g.told[name]; ok {
		return out, nil
	}
	r, err := g.repository(name)
	if err != nil {
		return nil, err
	}
	ctx, cancel := g.within(ctx)
	defer cancel()
	var out []string
	err = r.Tags(ctx, "", func(tags []string) error {
		for _, tag := range tags {
			if (pack.ID{Name: name, Version: tag}).Check() == nil {
				out = append(out, tag)
			}
		}
		return nil
	})
	if err != nil && !gone(err) {
		return nil, g.fault(err)
	}
	slices.SortFunc(out, func(a, b string) int {
		switch {
		case pack.Newer(a, b):
			return 1
		case pack.Newer(b, a):
			return -1
		}
		return 0
	})
	out = slices.Compact(out)
	if g.told == nil {
		g.told = map[string][]string{}
	}
	g.told[name] = out
	return out, nil
}

// Fetch implements pack.Source.
func (g *registry) Fetch(ctx context.Context, id pack.ID) (*pack.Package, error) {
	r, err := g.repository(id.Name)
	if err != nil {
		return nil, err
	}
	ctx, cancel := g.within(ctx)
	defer cancel()
	p, _, err := g.fetch(ctx, r, id)
	if gone(err) {
		return nil, fmt.Errorf("%w: %s", pack.ErrUnknown, id)
	}
	return p, g.fault(err)
}

// fetch gets a version and its layer. Digests are compared on the way, the hash after it.
func (g *registry) fetch(ctx context.Context, r *remote.Repository, id pack.ID) (*pack.Package,
	ocispec.Descriptor, error) {
	var m ocispec.Manifest
	none := ocispec.Descriptor{}
	_, text, err := oras.FetchBytes(ctx, r, id.Version, oras.FetchBytesOptions{MaxBytes: mostManifest})
	if err != nil {
		return nil, none, err
	}
	if err := json.Unmarshal(text, &m); err != nil || m.ArtifactType != ArtifactType ||
		len(m.Layers) != 1 || m.Layers[0].MediaType != LayerType {
		return nil, none, fmt.Errorf("%w: %s is no package of this program", pack.ErrLies, id)
	}
	layer := m.Layers[0]
	if layer.Size < 0 || layer.Size > pack.MostArchive {
		return nil, none, fmt.Errorf("%w: %s has %d bytes", pack.ErrTooLarge, id, layer.Size)
	}
	archive, err := content.FetchAll(ctx, r, layer)
	if gone(err) {
		return nil, none, fmt.Errorf("%w: it lists %s, whose archive is not there", pack.ErrLies, id)
	}
	if err != nil {
		return nil, none, err
	}
	line := strings.Join([]string{id.Name, id.Version, m.Annotations[noteHash],
		m.Annotations[noteSigned]}, " ")
	list, err := pack.ParseVersions(id.Name, []byte(line))
	if err != nil || len(list) != 1 {
		return nil, none, fmt.Errorf("%w: %s does not say what its hash is", pack.ErrLies, id)
	}
	p, err := list[0].Open(archive)
	return p, layer, err
}

// Publish implements Place. Registries know no conditions: of two who publish one version at once
// the second would win, so that the tag is read again. Better ones can hold tags fast.
func (g *registry) Publish(ctx context.Context, p *pack.Package) (pack.Outcome, error) {
	r, err := g.repository(p.Name)
	if err != nil {
		return "", err
	}
	ctx, cancel := g.within(ctx)
	defer cancel()
	var there []pack.Release
	q, layer, err := g.fetch(ctx, r, p.ID)
	switch {
	case err == nil:
		there = []pack.Release{{ID: q.ID, Hash: q.Hash, Signed: q.Signed}}
	case !gone(err):
		return "", g.fault(err)
	}
	list, out, err := pack.Publishing(there, p)
	if err != nil || out == pack.There {
		return out, g.client.told(err)
	}
	if out == pack.Published {
		if layer, err = oras.PushBytes(ctx, r, LayerType, p.Archive()); err != nil {
			return "", g.fault(err)
		}
	}
	if err := g.tag(ctx, r, layer, list[0]); err != nil {
		return "", g.fault(err)
	}
	delete(g.told, p.Name)
	q, _, err = g.fetch(ctx, r, p.ID)
	if err == nil && q.Hash != p.Hash {
		err = fmt.Errorf("%s: %w", p.ID, pack.ErrPublished)
	}
	return out, g.fault(err)
}

// tag writes the manifest of a release and gives it its version as a tag.
func (g *registry) tag(ctx context.Context, r *remote.Repository, layer ocispec.Descriptor,
	x pack.Release) error {
	var signed []string
	for _, s := range x.Signed {
		signed = append(signed, string(s))
	}
	notes := map[string]string{
		ocispec.AnnotationCreated: "1970-01-01T00:00:00Z", // equal packages make equal manifests
		ocispec.AnnotationTitle:   x.Name, ocispec.AnnotationVersion: x.Version,
		noteHash: x.Hash,
	}
	if len(signed) > 0 {
		notes[noteSigned] = strings.Join(signed, " ")
	}
	m, err := oras.PackManifest(ctx, r, oras.PackManifestVersion1_1, ArtifactType,
		oras.PackManifestOptions{Layers: []ocispec.Descriptor{layer}, ManifestAnnotations: notes})
	if err != nil {
		return err
	}
	return r.Tag(ctx, m, x.Version)
}
