package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/throughline/throughline/templates/pack"
)

// web is an index of plain files on a web server (see pack.Index). Reading needs nothing but GET.
// Publishing needs PUT, and a server that heeds If-Match and If-None-Match: of two who publish at
// once it then refuses one, who looks again.
type web struct {
	*client
	base *url.URL
	told map[string]versions
}

// versions is a list of releases with what a server calls its form.
type versions struct {
	list  []pack.Release
	stamp string // its ETag; "" where there is none
	there bool
}

// mostVersions is how large a list of versions may be.
const mostVersions = 1 << 20

// errNotThere is the error of a file that a server does not have.
var errNotThere = errors.New("not there")

func (w *web) at(name string) string { return w.base.JoinPath(name).String() }

// answer is what came for a GET.
type answer struct {
	body     []byte
	stamp    string // ETag
	modified string // Last-Modified
	same     bool   // as it was, says the server; there is no body
}

// get asks for a file of at most a size. One that breaks off is asked for again.
func (w *web) get(ctx context.Context, name string, most int64, since *cached) (answer, error) {
	ctx, cancel := w.within(ctx)
	defer cancel()
	var a answer
	var err error
	for range attempts {
		a, err = w.attempt(ctx, name, most, since)
		if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			break
		}
	}
	if err != nil && !errors.Is(err, errNotThere) {
		err = w.client.told(err)
	}
	return a, err
}

func (w *web) attempt(ctx context.Context, name string, most int64, since *cached) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.at(name), nil)
	if err != nil {
		return answer{}, err
	}
	if since != nil && since.Stamp != "" {
		r.Header.Set("If-None-Match", since.Stamp)
	}
	if since != nil && since.Modified != "" {
		r.Header.Set("If-Modified-Since", since.Modified)
	}
	got, err := w.asking().Do(r)
	if err != nil {
		return answer{}, err
	}
	defer got.Body.Close()
	a := answer{stamp: got.Header.Get("ETag"), modified: got.Header.Get("Last-Modified")}
	switch got.StatusCode {
	case http.StatusOK:
	case http.StatusNotModified:
		a.same = since != nil
		return a, nil
	case http.StatusNotFound, http.StatusGone:
		return a, errNotThere
	default:
		return a, w.status(name, got.StatusCode)
	}
	a.body, err = io.ReadAll(io.LimitReader(got.Body, most+1))
	if err == nil && int64(len(a.body)) > most {
		err = fmt.Errorf("%w: %s has more than %d bytes", pack.ErrTooLarge, name, most)
	}
	return a, err
}

// status is the error of an answer that was not wanted.
func (w *web) status(name string, code int) error {
	switch code {
	case http.StatusUnauthorized, http.StatusForbidden:
		return w.login()
	}
	return fmt.Errorf("%w: %d %s for %s", ErrServer, code, http.StatusText(code), name)
}

// releases is the list of versions of a package, asked for once a run and, where it is known from
// an earlier one, only if it has changed.
func (w *web) releases(ctx context.Context, name string) (versions, error) {
	if v, ok := w.told[name]; ok {
		return v, nil
	}
	if err := (pack.ID{Name: name, Version: "0.0.0"}).Check(); err != nil {
		return versions{}, err
	}
	at := pack.VersionsAt(name)
	old := w.recall(at)
	var known []pack.Release
	if old != nil {
		var err error
		if known, err = pack.ParseVersions(name, old.Body); err != nil {
			old = nil // a damaged copy is as good as none
		}
	}
	a, err := w.get(ctx, at, mostVersions, old)
	v := versions{list: known, there: true, stamp: a.stamp}
	switch {
	case errors.Is(err, errNotThere):
		if err := w.isIndex(ctx); err != nil {
			return versions{}, err
		}
		v = versions{}
	case err != nil:
		return versions{}, err
	case !a.same:
		if v.list, err = pack.ParseVersions(name, a.body); err != nil {
			return versions{}, w.client.told(err)
		}
		w.keep(at, cached{a.stamp, a.modified, a.body})
	}
	if w.told == nil {
		w.told = map[string]versions{}
	}
	w.told[name] = v
	return v, nil
}

// isIndex tells a package that is not there from an address that is not an index.
func (w *web) isIndex(ctx context.Context) error {
	a, err := w.get(ctx, pack.IndexMark, int64(len(pack.IndexText)), nil)
	if errors.Is(err, errNotThere) || errors.Is(err, pack.ErrTooLarge) ||
		err == nil && string(a.body) != pack.IndexText {
		return fmt.Errorf("%w: %s has no %s; thru publish writes one", pack.ErrIndex, w.base,
			pack.IndexMark)
	}
	return err
}

// Versions implements pack.Source.
func (w *web) Versions(ctx context.Context, name string) (out []string, err error) {
	v, err := w.releases(ctx, name)
	for _, r := range v.list {
		out = append(out, r.Version)
	}
	return out, err
}

// Fetch implements pack.Source.
func (w *web) Fetch(ctx context.Context, id pack.ID) (*pack.Package, error) {
	v, err := w.releases(ctx, id.Name)
	if err != nil {
		return nil, err
	}
	r, err := pack.FindRelease(v.list, id)
	if err != nil {
		return nil, err
	}
	a, err := w.get(ctx, pack.ArchiveAt(id), pack.MostArchive, nil)
	if errors.Is(err, errNotThere) {
		return nil, w.client.told(fmt.Errorf("%w: it lists %s, whose archive is not there",
			pack.ErrLies, id))
	}
	if err != nil {
		return nil, err
	}
	p, err := r.Open(a.body)
	return p, w.client.told(err)
}

// races is how often one who publishes looks again after another was faster.
const races = 5

// Publish implements Place. The archive is there before the list tells of it.
func (w *web) Publish(ctx context.Context, p *pack.Package) (pack.Outcome, error) {
	if err := w.mark(ctx); err != nil {
		return "", err
	}
	for range races {
		delete(w.told, p.Name)
		v, err := w.releases(ctx, p.Name)
		if err != nil {
			return "", err
		}
		list, out, err := pack.Publishing(v.list, p)
		if err != nil || out == pack.There {
			return out, w.client.told(err)
		}
		if out == pack.Published {
			if err := w.archive(ctx, p); err != nil {
				return "", err
			}
		}
		won, err := w.put(ctx, pack.VersionsAt(p.Name), pack.AppendVersions(nil, list), condition(v))
		if err != nil {
			return "", err
		}
		if won {
			delete(w.told, p.Name)
			return out, nil
		}
	}
	return "", w.client.told(pack.ErrBusy)
}

// condition is the header under which a list may be replaced: nobody has meanwhile. A server that
// gives its files no stamps cannot say that.
func condition(v versions) http.Header {
	switch {
	case !v.there:
		return http.Header{"If-None-Match": {"*"}}
	case v.stamp != "":
		return http.Header{"If-Match": {v.stamp}}
	}
	return nil
}

// mark makes the place an index where it is none yet.
func (w *web) mark(ctx context.Context) error {
	a, err := w.get(ctx, pack.IndexMark, int64(len(pack.IndexText)), nil)
	switch {
	case err == nil && string(a.body) == pack.IndexText:
		return nil
	case err == nil || errors.Is(err, pack.ErrTooLarge):
		return w.client.told(fmt.Errorf("%w: it has another %s", pack.ErrIndex, pack.IndexMark))
	case !errors.Is(err, errNotThere):
		return err
	}
	_, err = w.put(ctx, pack.IndexMark, []byte(pack.IndexText), http.Header{"If-None-Match": {"*"}})
	return err
}

// archive puts an archive in place. One that is there is compared: it is of somebody who stopped
// half-way, or of somebody else.
func (w *web) archive(ctx context.Context, p *pack.Package) error {
	at := pack.ArchiveAt(p.ID)
	there, err := w.get(ctx, at, pack.MostArchive, nil)
	if errors.Is(err, errNotThere) {
		var won bool
		won, err = w.put(ctx, at, p.Archive(), http.Header{"If-None-Match": {"*"}})
		if won || err != nil {
			return err
		}
		there, err = w.get(ctx, at, pack.MostArchive, nil)
	}
	if err != nil && !errors.Is(err, errNotThere) {
		return err
	}
	q, err := pack.Unpack(there.body)
	if err != nil || q.ID != p.ID || q.Hash != p.Hash {
		return w.client.told(fmt.Errorf("%s: %w", p.ID, pack.ErrPublished))
	}
	return nil
}

// put sends a file. It answers false where the condition does not hold.
func (w *web) put(ctx context.Context, name string, b []byte, when http.Header) (bool, error) {
	ctx, cancel := w.within(ctx)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, w.at(name), bytes.NewReader(b))
	if err != nil {
		return false, err
	}
	for k, v := range when { //tidy:order one header at most
		r.Header[k] = v
	}
	r.Header.Set("Content-Type", "application/octet-stream")
	got, err := w.asking().Do(r)
	if err != nil {
		return false, w.client.told(err)
	}
	defer got.Body.Close()
	switch {
	case got.StatusCode >= 200 && got.StatusCode < 300:
		return true, nil
	case got.StatusCode == http.StatusPreconditionFailed || got.StatusCode == http.StatusConflict:
		return false, nil
	case got.StatusCode == http.StatusMethodNotAllowed || got.StatusCode == http.StatusNotImplemented:
		return false, w.client.told(fmt.Errorf("%w: it takes no files (%d); publish to a folder and "+
			"copy that there", ErrServer, got.StatusCode))
	}
	return false, w.client.told(w.status(name, got.StatusCode))
}
