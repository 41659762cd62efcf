package seal_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/throughline/throughline/runtime/seal"
)

// FuzzProof holds any entry, any way and any place under a checkpoint that is truly signed: only the
// entry that is in the log, at its place, is proved.
func FuzzProof(f *testing.F) {
	k := key(f, "acme.example")
	tree := seal.New(logOf(f, 20))
	c, err := tree.Checkpoint("east", 20, time.Unix(1e9, 0))
	if err != nil {
		f.Fatal(err)
	}
	signed, err := k.Sign(c)
	if err != nil {
		f.Fatal(err)
	}
	p, err := tree.Prove(7, c, signed, true)
	if err != nil {
		f.Fatal(err)
	}
	var way []byte
	for _, h := range p.Path {
		way = append(way, h[:]...)
	}
	f.Add(p.Seq, p.Entry, p.Payload, way, []byte("{}"))
	f.Add(uint64(0), []byte{}, []byte{}, []byte{}, []byte(`{"since":1,"path":["AA=="],"checkpoint":"x\n"}`))
	f.Add(^uint64(0), p.Entry[:9], []byte{1}, way[:40], signed)
	f.Fuzz(func(t *testing.T, seq uint64, entry, payload, way, other []byte) {
		bad := seal.Proof{Seq: seq, Entry: entry, Payload: payload, Checkpoint: string(signed)}
		for ; len(way) >= len(seal.Hash{}); way = way[len(seal.Hash{}):] {
			bad.Path = append(bad.Path, seal.Hash(way[:len(seal.Hash{})]))
		}
		b, err := json.Marshal(bad)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := seal.ReadProof(b, k.Public()); err == nil && (seq != p.Seq ||
			!bytes.Equal(entry, p.Entry) || len(payload) > 0 && !bytes.Equal(payload, p.Payload)) {
			t.Errorf("proved: %d %x", seq, entry)
		}
		if _, err := seal.ReadProof(other, k.Public()); err == nil {
			t.Errorf("proved: %s", other)
		}
		seal.IsGrowth(other)
		if _, err := seal.ReadGrowth(other, c, k.Public()); err == nil {
			t.Errorf("went on: %s", other)
		}
		if _, err := seal.Open(other, k.Public()); err == nil && !bytes.Equal(other, signed) {
			t.Errorf("signed: %q", other)
		}
	})
}
