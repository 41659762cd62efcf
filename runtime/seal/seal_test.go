package seal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"github.com/throughline/throughline/runtime/seal"
	"github.com/throughline/throughline/runtime/store"
	"github.com/throughline/throughline/runtime/store/mem"
	"github.com/throughline/throughline/templates/pack"
)

// logOf makes a log of some entries.
func logOf(t rapid.TB, n int) *mem.Log {
	log := new(mem.Log)
	epoch, err := log.Claim()
	if err != nil {
		t.Fatal(err)
	}
	var chain store.Chain
	b := &store.Batch{Epoch: epoch}
	for i := range n {
		r := store.Row{Decision: fmt.Appendf(chain.Salt(nil), "decision %d", i),
			Payload: fmt.Appendf(chain.Salt(nil), `{"n":%d}`, i)}
		chain.Seal(&store.Entry{Kind: 1, Moment: int64(i)}, &r, nil)
		b.Rows = append(b.Rows, r)
	}
	if err := log.Append(b); err != nil {
		t.Fatal(err)
	}
	return log
}

// naive is the tree of RFC 6962 as it is defined.
func naive(leaves [][]byte) tlog.Hash {
	if len(leaves) == 1 {
		return tlog.RecordHash(leaves[0])
	}
	k := 1
	for 2*k < len(leaves) {
		k *= 2
	}
	return tlog.NodeHash(naive(leaves[:k]), naive(leaves[k:]))
}

// TestTree holds roots and proofs of any length against the definition; a proof shows no other
// entry, no other length and no other past.
func TestTree(t *testing.T) {
	const most = 1200
	log := logOf(t, most)
	var leaves [][]byte
	err := log.Read(1, most, 0, func(r *store.Row) error {
		leaves = append(leaves, bytes.Clone(r.Entry))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	tree := seal.New(log)
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Uint64Range(1, most).Draw(t, "entries")
		root, err := tree.Root(size)
		if err != nil || root != naive(leaves[:size]) {
			t.Fatalf("root of %d: %v", size, err)
		}
		c := &seal.Checkpoint{Entries: size, Root: root}
		seq := rapid.Uint64Range(1, size).Draw(t, "seq")
		proof, err := tree.Inclusion(seq, size)
		if err != nil || seal.Included(c, seq, leaves[seq-1], proof) != nil {
			t.Fatalf("%d in %d: %v", seq, size, err)
		}
		if other := rapid.Uint64Range(1, size).Draw(t, "other"); other != seq &&
			seal.Included(c, other, leaves[other-1], proof) == nil {
			t.Fatalf("the proof of %d proves %d", seq, other)
		}
		fewer := rapid.Uint64Range(1, size).Draw(t, "fewer")
		was, err := tree.Root(fewer)
		if err != nil {
			t.Fatal(err)
		}
		grew, err := tree.Consistency(size, fewer)
		if err != nil || seal.Continues(c, &seal.Checkpoint{Entries: fewer, Root: was}, grew) != nil {
			t.Fatalf("%d after %d: %v", size, fewer, err)
		}
		was[3]++
		if seal.Continues(c, &seal.Checkpoint{Entries: fewer, Root: was}, grew) == nil {
			t.Fatalf("%d went on from another past of %d", size, fewer)
		}
	})
	for _, bad := range [][2]uint64{{0, 5}, {6, 5}} {
		if _, err := tree.Inclusion(bad[0], bad[1]); !errors.Is(err, seal.ErrProof) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func key(t testing.TB, name string) *seal.Key {
	t.Helper()
	text, err := pack.NewKey(name)
	if err != nil {
		t.Fatal(err)
	}
	k, err := seal.ReadKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestCheckpoint signs a checkpoint: it is read again by whoever has the key, and by nobody who
// has another; no changed byte of it makes another.
func TestCheckpoint(t *testing.T) {
	k, stranger := key(t, "acme.example"), key(t, "acme.example")
	tree := seal.New(logOf(t, 300))
	at := time.Date(2026, 3, 2, 9, 30, 0, 5, time.UTC)
	c, err := tree.Checkpoint("east", 300, at)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := k.Sign(c)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(signed), "throughline/east\n300\n") {
		t.Errorf("%s", signed)
	}
	got, err := seal.Open(signed, stranger.Public(), k.Public())
	if err != nil || *got != *c {
		t.Errorf("%+v is not %+v: %v", got, c, err)
	}
	if _, err := seal.Open(signed, stranger.Public()); !errors.Is(err, seal.ErrSignature) {
		t.Errorf("with another key: %v", err)
	}
	for i := range signed {
		bad := bytes.Clone(signed)
		bad[i] ^= 1
		if got, err := seal.Open(bad, k.Public()); err == nil && *got != *c {
			t.Errorf("byte %d changed: %+v", i, got)
		}
	}
	for _, name := range []string{"", "a\nb", "a\r"} {
		if _, err := tree.Checkpoint(name, 3, at); err == nil {
			t.Errorf("the name %q was signed", name)
		}
	}
	for _, bad := range []string{"", "# nothing", "PRIVATE+KEY+x", k.Public()} {
		if _, err := seal.ReadKey([]byte(bad)); !errors.Is(err, seal.ErrKey) {
			t.Errorf("key file %q: %v", bad, err)
		}
	}
}

// TestProof takes a proof away from its log: it shows the entry by itself, with what came or
// without, and nothing in it can be changed.
func TestProof(t *testing.T) {
	k := key(t, "acme.example")
	tree := seal.New(logOf(t, 20))
	c, err := tree.Checkpoint("east", 20, time.Unix(1e9, 0))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := k.Sign(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, show := range []bool{true, false} {
		p, err := tree.Prove(7, c, signed, show)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		got, err := seal.ReadProof(b, k.Public())
		if err != nil || got.Seq != 7 || got.Moment != 6 || (string(got.Payload) == `{"n":6}`) != show {
			t.Errorf("%+v: %v", got, err)
		}
		for name, spoil := range map[string]func(*seal.Proof){
			"seq":        func(p *seal.Proof) { p.Seq++ },
			"entry":      func(p *seal.Proof) { p.Entry[20] ^= 1 },
			"payload":    func(p *seal.Proof) { p.Payload = append(p.Payload, 'x') },
			"decision":   func(p *seal.Proof) { p.Decision = append(p.Decision, 'x') },
			"path":       func(p *seal.Proof) { p.Path[1][0] ^= 1 },
			"checkpoint": func(p *seal.Proof) { p.Checkpoint = strings.Replace(p.Checkpoint, "20", "21", 1) },
		} {
			var bad seal.Proof
			if err := json.Unmarshal(b, &bad); err != nil {
				t.Fatal(err)
			}
			spoil(&bad)
			spoilt, err := json.Marshal(bad)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := seal.ReadProof(spoilt, k.Public()); err == nil {
				t.Errorf("changed %s was taken", name)
			}
		}
	}
}

// TestGrowth takes a proof that a log went on away from it: it holds for the checkpoint that was
// kept, and for no other past, also not for one of a log that was forked after it.
func TestGrowth(t *testing.T) {
	k := key(t, "acme.example")
	tree, fork := seal.New(logOf(t, 300)), seal.New(logOf(t, 300)) // salts make it another
	of := func(tree *seal.Tree, n uint64) (*seal.Checkpoint, []byte) {
		t.Helper()
		c, err := tree.Checkpoint("east", n, time.Unix(1e9, 0))
		if err != nil {
			t.Fatal(err)
		}
		signed, err := k.Sign(c)
		if err != nil {
			t.Fatal(err)
		}
		return c, signed
	}
	now, signed := of(tree, 300)
	for _, n := range []uint64{1, 7, 256, 299, 300} {
		kept, _ := of(tree, n)
		p, err := tree.Grow(n, now, signed)
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := seal.ReadGrowth(b, kept, k.Public()); err != nil || *got != *now {
			t.Errorf("since %d: %+v, %v", n, got, err)
		}
		other, _ := of(fork, n)
		if _, err := seal.ReadGrowth(b, other, k.Public()); !errors.Is(err, seal.ErrProof) {
			t.Errorf("a fork at %d went on: %v", n, err)
		}
		if _, err := seal.ReadGrowth(b, kept, key(t, "acme.example").Public()); err == nil {
			t.Errorf("since %d: anybody's signature counts", n)
		}
		if !seal.IsGrowth(b) {
			t.Errorf("%s", b)
		}
	}
	for _, n := range []uint64{0, 301} {
		if _, err := tree.Grow(n, now, signed); !errors.Is(err, seal.ErrProof) {
			t.Errorf("since %d: %v", n, err)
		}
	}
}
