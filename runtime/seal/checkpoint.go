package seal

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/throughline/throughline/runtime/store"
)

// What can be wrong with checkpoints and keys.
var (
	ErrCheckpoint = errors.New("not a checkpoint")
	ErrKey        = errors.New("not a key")
	ErrSignature  = errors.New("not signed by any of the keys given")
)

// Checkpoint is what is signed of a log: its name, how many entries it had, and the root of the
// tree over them (the text form of C2SP tlog-checkpoint). When it was signed and the end of the
// chain stand below as further lines.
type Checkpoint struct {
	Log     string // name of the log, such as the workspace's
	Entries uint64
	Root    Hash
	At      time.Time  // whole seconds, UTC
	Head    store.Hash // of the last entry, as the next one names it
}

// Text is what is signed.
func (c *Checkpoint) Text() string {
	return fmt.Sprintf("throughline/%s\n%d\n%s\nat %s\nhead %s\n", c.Log, c.Entries, c.Root,
		c.At.UTC().Format(time.RFC3339), base64.StdEncoding.EncodeToString(c.Head[:]))
}

// read reads what was signed.
func (c *Checkpoint) read(text string) error {
	lines := strings.Split(text, "\n")
	if len(lines) != 6 {
		return ErrCheckpoint
	}
	log, named := strings.CutPrefix(lines[0], "throughline/")
	n, err := strconv.ParseUint(lines[1], 10, 63)
	root, bad := tlog.ParseHash(lines[2])
	at, late := time.Parse("at "+time.RFC3339, lines[3])
	coded, _ := strings.CutPrefix(lines[4], "head ")
	head, wrong := base64.StdEncoding.DecodeString(coded)
	if !named || errors.Join(err, bad, late, wrong) != nil || len(head) != store.HashSize {
		return ErrCheckpoint
	}
	*c = Checkpoint{Log: log, Entries: n, Root: root, At: at.UTC(), Head: store.Hash(head)}
	if c.Text() != text {
		return ErrCheckpoint
	}
	return nil
}

// Checkpoint makes the checkpoint of a log's first entries.
func (t *Tree) Checkpoint(log string, entries uint64, at time.Time) (*Checkpoint, error) {
	if log == "" || strings.ContainsAny(log, "\n\r") {
		return nil, fmt.Errorf("%w: a log is not called %q", ErrCheckpoint, log)
	}
	root, err := t.Root(entries)
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{Log: log, Entries: entries, Root: root, At: at.UTC().Truncate(time.Second)}
	err = t.log.Read(entries, entries, 0, func(r *store.Row) error {
		c.Head = store.HashEntry(r.Entry)
		return nil
	})
	return c, err
}

// Key is a private key that signs checkpoints (Ed25519).
type Key struct {
	signer note.Signer
	public string
}

// NewKey makes a private key, as text.
func NewKey(name string) ([]byte, error) {
	private, _, err := note.GenerateKey(rand.Reader, name)
	return []byte(private + "\n"), err
}

// ReadKey reads the text of a key file as `thru keys new` makes it.
func ReadKey(text []byte) (*Key, error) {
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		signer, err := note.NewSigner(line)
		if err != nil {
			return nil, fmt.Errorf("%w: no private key PRIVATE+KEY+NAME+HASH+BASE64 in it", ErrKey)
		}
		// The signer has seen to it that there are five parts, and that the last is coded well.
		seed, err := base64.StdEncoding.DecodeString(strings.SplitN(line, "+", 5)[4])
		if err != nil || len(seed) != 1+ed25519.SeedSize {
			return nil, fmt.Errorf("%w: no Ed25519 key", ErrKey)
		}
		pub := ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey)
		public, err := note.NewEd25519VerifierKey(signer.Name(), pub)
		return &Key{signer, public}, err
	}
	return nil, fmt.Errorf("%w: nothing in it", ErrKey)
}

// Public is the key that others check signatures with.
func (k *Key) Public() string { return k.public }

// Sign signs a checkpoint.
func (k *Key) Sign(c *Checkpoint) ([]byte, error) {
	return note.Sign(&note.Note{Text: c.Text()}, k.signer)
}

// Open reads a signed checkpoint that at least one of some public keys has signed.
func Open(signed []byte, keys ...string) (*Checkpoint, error) {
	var list []note.Verifier
	for _, k := range keys {
		v, err := note.NewVerifier(strings.TrimSpace(k))
		if err != nil {
			return nil, fmt.Errorf("%w: %.200q; a public key is NAME+HASH+BASE64", ErrKey, k)
		}
		list = append(list, v)
	}
	n, err := note.Open(signed, note.VerifierList(list...))
	var none *note.UnverifiedNoteError
	var forged *note.InvalidSignatureError
	switch {
	case errors.As(err, &none), errors.As(err, &forged):
		return nil, ErrSignature
	case err != nil:
		return nil, ErrCheckpoint
	}
	c := new(Checkpoint)
	return c, c.read(n.Text)
}
