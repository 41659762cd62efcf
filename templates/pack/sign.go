package pack

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/mod/sumdb/note"
)

// What can be wrong with signatures and keys.
var (
	ErrKey       = errors.New("not a key")
	ErrUnsigned  = errors.New("not signed by anybody whom [trust] of thru.toml names for it")
	ErrSignature = errors.New("not a signature")
	ErrForged    = errors.New("the signature is of something else")
)

// Signature is what somebody says of a release: that this name, version and hash belong together.
// It is a signature of a note (golang.org/x/mod/sumdb/note, Ed25519), written SIGNER+BASE64.
type Signature string

// Signer is the name of the key that has signed.
func (s Signature) Signer() string {
	name, _, _ := strings.Cut(string(s), "+")
	return name
}

// line is the signature as it stands below a note.
func (s Signature) line() string {
	name, sig, _ := strings.Cut(string(s), "+")
	return "— " + name + " " + sig + "\n"
}

func (s Signature) check() error {
	name, sig, ok := strings.Cut(string(s), "+")
	raw, err := base64.StdEncoding.DecodeString(sig)
	// A note's signature begins with four bytes that tell keys of one name apart.
	if !ok || name == "" || strings.ContainsFunc(name, odd) || err != nil ||
		len(raw) != 4+ed25519.SignatureSize {
		return fmt.Errorf("%w: %.200q is not SIGNER+BASE64", ErrSignature, string(s))
	}
	return nil
}

// odd reports whether a rune has no place in a signer's name.
func odd(r rune) bool { return !unicode.IsPrint(r) }

// said is the text that is signed.
func said(id ID, hash string) string {
	return "throughline package\n" + id.Name + " " + id.Version + "\n" + hash + "\n"
}

// Key is a private key that signs packages.
type Key struct {
	signer note.Signer
	public string
}

const keyHead = "# A private key that signs packages of Throughline. Show it to nobody.\n" +
	"# Public key: "

// NewKey makes a key of a name, such as the domain of whoever it belongs to. It comes as the text
// of a key file.
func NewKey(name string) ([]byte, error) {
	if strings.HasPrefix(name, "#") || strings.ContainsFunc(name, odd) {
		return nil, fmt.Errorf("%w: a name such as acme.example is wanted, not %q", ErrKey, name)
	}
	private, public, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return nil, err
	}
	if _, err := note.NewVerifier(public); err != nil {
		return nil, fmt.Errorf("%w: a name such as acme.example is wanted, not %q", ErrKey, name)
	}
	return []byte(keyHead + public + "\n" + private + "\n"), nil
}

// ReadKey reads the text of a key file.
func ReadKey(text []byte) (*Key, error) {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		signer, err := note.NewSigner(string(line))
		if err != nil {
			return nil, fmt.Errorf("%w: no private key PRIVATE+KEY+NAME+HASH+BASE64 in it", ErrKey)
		}
		// PRIVATE+KEY+NAME+HASH+BASE64 of an algorithm's byte and the seed; the signer has seen to it.
		seed, err := base64.StdEncoding.DecodeString(strings.SplitN(string(line), "+", 5)[4])
		if err != nil || len(seed) != 1+ed25519.SeedSize {
			return nil, fmt.Errorf("%w: no Ed25519 key", ErrKey)
		}
		pub := ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey)
		public, err := note.NewEd25519VerifierKey(signer.Name(), pub)
		return &Key{signer, public}, err
	}
	return nil, fmt.Errorf("%w: nothing in it", ErrKey)
}

// Public is the key that others check signatures with: what stands in [trust] of thru.toml.
func (k *Key) Public() string { return k.public }

// Sign adds this key's signature to a package, in place of one that is there.
func (k *Key) Sign(p *Package) error {
	text, err := note.Sign(&note.Note{Text: said(p.ID, p.Hash)}, k.signer)
	if err != nil {
		return err
	}
	_, line, _ := strings.Cut(string(text), "\n\n")
	name, sig, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "— "), " ")
	p.Signed = merge(p.Signed, []Signature{Signature(name + "+" + sig)})
	return nil
}

// merge puts signatures together, each once, in order. Ed25519 signs one text always alike.
func merge(a, b []Signature) []Signature {
	out := append(slices.Clone(a), b...)
	slices.Sort(out)
	return slices.Compact(out)
}

// Trust says whose signatures packages need, by what their names begin with.
type Trust struct {
	keys  map[string]note.Verifiers
	names map[string]string // the signers, for messages
}

// NewTrust reads [trust] of a thru.toml: public keys by a package's name or by the first words of
// it. The longest that fits holds, so that acme.pilot may have keys of its own beside acme.
func NewTrust(table map[string][]string) (Trust, error) {
	t := Trust{map[string]note.Verifiers{}, map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(table)) {
		if !nameForm.MatchString(name) {
			return t, fmt.Errorf("[trust] of thru.toml: %w: %q", ErrName, name)
		}
		var list []note.Verifier
		var names []string
		for _, text := range table[name] {
			v, err := note.NewVerifier(strings.TrimSpace(text))
			if err != nil {
				return t, fmt.Errorf("[trust] of thru.toml, %s: %w: %.200q; a public key is "+
					"NAME+HASH+BASE64", name, ErrKey, text)
			}
			list, names = append(list, v), append(names, v.Name())
		}
		t.keys[name] = note.VerifierList(list...)
		t.names[name] = strings.Join(names, ", ")
	}
	return t, nil
}

// Check returns whose trusted signatures a package has. It is an error where keys are named for it
// and none of them has signed, or where a signature by one of them is of something else.
func (t Trust) Check(r Release) ([]string, error) {
	key, ok := Under(t.keys, r.Name)
	if !ok {
		return nil, nil
	}
	text := said(r.ID, r.Hash) + "\n"
	for _, s := range r.Signed {
		text += s.line()
	}
	var forged *note.InvalidSignatureError
	n, err := note.Open([]byte(text), t.keys[key])
	switch {
	case errors.As(err, &forged):
		return nil, fmt.Errorf("%s: %w: %s has signed other bytes", r.ID, ErrForged, forged.Name)
	case err != nil:
		return nil, fmt.Errorf("%s: %w: %s", r.ID, ErrUnsigned, t.names[key])
	}
	var by []string
	for _, s := range n.Sigs {
		by = append(by, s.Name)
	}
	return by, nil
}

// Under finds the key of a table that a package's name is, or lies under: of fmcg.listing those of
// fmcg.listing, else of fmcg.
func Under[V any](table map[string]V, name string) (string, bool) {
	for {
		if _, ok := table[name]; ok {
			return name, true
		}
		i := strings.LastIndexByte(name, '.')
		if i < 0 {
			return "", false
		}
		name = name[:i]
	}
}
