package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// What a password's hash costs: 19 MiB, gone over twice, which is OWASP's least for argon2id and
// about 30 ms. Who comes in waits for that once.
const (
	hashMemory = 19 << 10 // KiB
	hashTimes  = 2
	hashBytes  = 32
	saltBytes  = 16
)

// Bounds of a password, in characters. There are no rules about what it is made of.
const (
	leastPassword = 10
	mostPassword  = 200
)

// ErrPassword says that something cannot be a password.
var ErrPassword = fmt.Errorf(
	"a password has %d to %d characters, the login in it not counted, "+
		"and is not one letter over and over",
	leastPassword, mostPassword)

func soundPassword(login, password string) error {
	rest := strings.ToLower(password)
	if login != "" { // a login of two letters stands in many a good password by chance
		rest = strings.ReplaceAll(rest, strings.ToLower(login), "")
	}
	first, _ := utf8.DecodeRuneInString(password)
	switch {
	case utf8.RuneCountInString(rest) < leastPassword,
		utf8.RuneCountInString(password) > mostPassword || !utf8.ValidString(password),
		strings.Trim(password, string(first)) == "":
		return ErrPassword
	}
	return nil
}

// hash is how a password is stored, in the form that other programs write it in too.
func (g *guard) hash(ctx context.Context, login, password string) (string, error) {
	if err := soundPassword(login, password); err != nil {
		return "", err
	}
	var salt [saltBytes]byte
	_, _ = rand.Read(salt[:]) // never fails
	leave, err := g.turn(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	sum := argon2.IDKey([]byte(password), salt[:], hashTimes, hashMemory, 1, hashBytes)
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, hashMemory, hashTimes,
		b64(salt[:]), b64(sum)), nil
}

var errHash = errors.New("the password's hash cannot be read")

// matches reports whether a password is the one of a hash. Where there is no hash it takes as long
// as where there is one, so that nobody learns from the time who exists.
func (g *guard) matches(ctx context.Context, hash, password string) (bool, error) {
	if len(password) > 4*mostPassword {
		password = ""
	}
	var memory, times uint32 = hashMemory, hashTimes
	salt, want := make([]byte, saltBytes), make([]byte, hashBytes)
	if hash != "" {
		var version int
		var rest string
		_, err := fmt.Sscanf(hash, "$argon2id$v=%d$m=%d,t=%d,p=1$%s", &version, &memory, &times, &rest)
		s, h, _ := strings.Cut(rest, "$")
		var errs [2]error
		salt, errs[0] = base64.RawStdEncoding.DecodeString(s)
		want, errs[1] = base64.RawStdEncoding.DecodeString(h)
		// What is in the log we wrote ourselves; a damaged one must not take all memory.
		if errors.Join(err, errs[0], errs[1]) != nil || version != argon2.Version ||
			memory > 1<<20 || times == 0 || times > 100 || len(want) != hashBytes {
			return false, errHash
		}
	}
	leave, err := g.turn(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	got := argon2.IDKey([]byte(password), salt, times, memory, 1, hashBytes)
	return subtle.ConstantTimeCompare(got, want) == 1 && hash != "", nil
}
