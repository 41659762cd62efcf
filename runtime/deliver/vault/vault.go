// Package vault keeps secrets in a file, each sealed under a key that is not in it.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/throughline/throughline/internal/disk"
)

// KeySize is how many bytes a key has.
const KeySize = 32

// A Vault is open as long as the program runs. All methods may be called from any goroutine.
type Vault struct {
	file string
	aead cipher.AEAD

	mu     sync.Mutex
	sealed map[string][]byte
}

// ErrKey says that a key is not the one that the file was sealed under, or none.
var ErrKey = errors.New("the key is not the one that the secrets are sealed under")

// lock is the name under which a word is kept that says whether the key fits.
const lock = "\x00lock"

// Open opens a file of secrets, or begins one.
func Open(file string, key []byte) (*Vault, error) {
	if len(key) != KeySize {
		return nil, fmt.Errorf("%w: it has %d bytes, not %d", ErrKey, len(key), KeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	v := &Vault{file: file, aead: aead, sealed: map[string][]byte{}}
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return v, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &v.sealed)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	if _, err := v.open(lock); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return v, nil
}

// open unseals. What is sealed is bound to its name: nobody swaps two of them.
func (v *Vault) open(name string) ([]byte, error) {
	b, ok := v.sealed[name]
	if !ok {
		return nil, fmt.Errorf("%w: nothing is kept as %q", ErrKey, name)
	}
	text, err := v.aead.Open(nil, nil, b, []byte(name))
	if err != nil {
		return nil, ErrKey
	}
	return text, nil
}

// Get reads a secret into what it was made of; false: there is none of this name.
func (v *Vault) Get(name string, into any) (bool, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.sealed[name] == nil {
		return false, nil
	}
	b, err := v.open(name)
	if err != nil {
		return false, err
	}
	return true, json.Unmarshal(b, into)
}

// Has reports whether there is a secret of a name.
func (v *Vault) Has(name string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.sealed[name] != nil
}

// Put keeps a secret, in place of the one of this name.
func (v *Vault) Put(name string, x any) error {
	b, err := json.Marshal(x)
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	next := maps.Clone(v.sealed)
	next[lock] = v.aead.Seal(nil, nil, nil, []byte(lock))
	next[name] = v.aead.Seal(nil, nil, b, []byte(name))
	return v.write(next)
}

// Drop forgets a secret.
func (v *Vault) Drop(name string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.sealed[name] == nil {
		return nil
	}
	next := maps.Clone(v.sealed)
	delete(next, name)
	return v.write(next)
}

// write puts the file in place of the one before, durably.
func (v *Vault) write(next map[string][]byte) error {
	b, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if err := disk.Replace(v.file, b); err != nil {
		return err
	}
	v.sealed = next
	return nil
}

// Names lists what is kept, in order.
func (v *Vault) Names() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	names := slices.Sorted(maps.Keys(v.sealed))
	return slices.DeleteFunc(names, func(n string) bool { return n == lock })
}

// Key reads a key: 32 bytes in base64.
func Key(text string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(b) != KeySize {
		return nil, fmt.Errorf("%w: it is %d bytes in base64, as openssl rand -base64 %d makes them",
			ErrKey, KeySize, KeySize)
	}
	return b, nil
}

// KeyFile reads a key from a file, or makes both where there is no such file.
func KeyFile(file string) ([]byte, error) {
	b, err := os.ReadFile(file)
	if err == nil {
		return Key(string(b))
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	key := make([]byte, KeySize)
	_, _ = rand.Read(key) // never fails
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	return key, errors.Join(err, f.Sync(), f.Close())
}
